"""Outages of days: what waits, in which order it goes out, what is held and how it goes out again."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Approve, Reject, Reopen, Withdraw
from chalicelib.domain.cases.effects import encode
from chalicelib.domain.errors import Forbidden, Unavailable
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.held import Which, held_effects, not_sent, release
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.waiting import enter
from infra.sandbox.builders import BUDI, OPERATOR, SELLER, SUPPORT, an_ask, an_order, outbox_of
from tests.fakes.ports import Neighbourhood, a_neighbourhood

REFUSAL = Reject(reason_code=RefusingReason.ALREADY_PACKED)


def asked(around: Neighbourhood, order_id: str = "O-1") -> str:
    around.push(an_order(order_id=order_id))
    return ask(around.ports, order_id, an_ask(), BUDI).case_id


def hours(around: Neighbourhood, count: float) -> None:
    """So many hours, a sweep in each minute of the first and every half hour after it."""
    for _ in range(int(count * 2)):
        around.clock.advance(1800)
        sweep(around.ports)


def everything_is_away(around: Neighbourhood) -> None:
    around.outbox.refuses = lambda mail: True
    around.bus.down = True


def everything_is_back(around: Neighbourhood) -> None:
    around.outbox.refuses = lambda mail: False
    around.bus.down = False


def test_what_is_decided_during_an_outage_of_three_days_is_told_in_order_when_it_ends() -> None:
    around = a_neighbourhood(orchestrated=False)
    everything_is_away(around)
    case_id = asked(around)
    hours(around, 10)
    say(around.ports, case_id, REFUSAL, SELLER)
    hours(around, 20)
    say(around.ports, case_id, Reopen(note="a mistake"), SUPPORT)
    hours(around, 20)
    say(around.ports, case_id, Approve(note="granted"), SUPPORT)
    hours(around, 21.5)
    everything_is_back(around)
    hours(around, 2)
    assert outbox_of(around.case(case_id)) == {}
    assert around.outbox.kinds == ["approved:buyer", "approved:seller"]
    told = [event.name for event in around.bus.published]
    assert len(told) == len({event.event_id for event in around.bus.published})
    assert told.index("case.opened") < told.index("case.reopened") < told.index("order.cancelled")
    sequences = [event.detail["sequence"] for event in around.bus.published]
    assert sequences == sorted(sequences)


def test_a_mail_waits_behind_one_that_its_reader_was_to_get_before_it() -> None:
    around = a_neighbourhood(orchestrated=False)
    around.outbox.refuses = lambda mail: True
    case_id = asked(around)
    hours(around, 5)
    say(around.ports, case_id, Approve(), SELLER)
    # SES is back for a moment, in which only the later mails are due.
    around.outbox.refuses = lambda mail: False
    sweep(around.ports)
    sent = [f"{mail.kind}:{mail.to}" for mail in around.outbox.sent if mail.to == "buyer"]
    assert sent == ["approved:buyer"]


def test_a_mail_that_ses_refuses_for_itself_keeps_no_other_waiting() -> None:
    around = a_neighbourhood(orchestrated=False)

    def poisoned(mail: Any) -> bool:
        if mail.kind == "request_received":
            raise ValueError("this mail cannot be")
        return False

    around.outbox.refuses = poisoned
    case_id = asked(around)
    around.push(an_order(order_id="O-2"))
    sweep(around.ports)
    say(around.ports, case_id, REFUSAL, SELLER)
    sweep(around.ports)
    assert around.outbox.kinds == ["decision_needed:seller", "rejected:buyer", "rejected:seller"]


def test_a_sweep_leaves_a_service_alone_that_is_away() -> None:
    around = a_neighbourhood(orchestrated=False)
    calls = []

    def counted(case_id: str) -> bool:
        calls.append(case_id)
        return True

    around.outbox.refuses = lambda mail: counted(mail.case_id)
    for number in range(12):
        asked(around, f"O-{number}")
    sweep(around.ports)
    assert len(calls) == 3, "three in a row say enough"
    assert len(around.bus.published) == 24, "the bus is not kept waiting"
    around.outbox.refuses = lambda mail: False
    around.clock.advance(31)
    sweep(around.ports)
    assert len(around.outbox.sent) == 24


def held_after_days(around: Neighbourhood) -> str:
    everything_is_away(around)
    case_id = asked(around)
    say(around.ports, case_id, Approve(), SELLER)
    hours(around, 80)
    everything_is_back(around)
    return case_id


def test_after_three_days_an_effect_is_held_and_listed_though_its_case_is_closed() -> None:
    around = a_neighbourhood(orchestrated=False)
    case_id = held_after_days(around)
    case = around.case(case_id)
    assert not case.open
    assert case.wake_at is None
    listed = held_effects(around.ports, OPERATOR, Which()).items
    assert {encode(one.promise) for one in listed} == set(outbox_of(case))
    assert all(one.since - case.created_at >= timedelta(days=3) for one in listed)
    assert (around.outbox.sent, around.bus.published) == ([], [])


def test_an_operator_lets_go_out_one_a_kind_or_all_of_a_span_and_the_timeline_keeps_it() -> None:
    around = a_neighbourhood(orchestrated=False)
    case_id = held_after_days(around)
    one = release(around.ports, OPERATOR, Which(ids=[f"{case_id}:2:mail:approved:buyer"]), "SES is back")
    assert (one.delivering, one.no_longer_help, one.more) == ([f"{case_id}:2:mail:approved:buyer"], [], False)
    sweep(around.ports)
    assert around.outbox.kinds == ["approved:buyer"]
    kind = release(around.ports, OPERATOR, Which(kind="event"), "the bus is back")
    assert all(":event:" in each for each in kind.delivering)
    none = release(around.ports, OPERATOR, Which(until=around.case(case_id).created_at), "too early")
    assert none.delivering == []
    rest = release(around.ports, OPERATOR, Which(since=around.case(case_id).created_at), "the rest")
    assert len(rest.delivering) == 1
    sweep(around.ports)
    assert around.outbox.kinds == ["approved:buyer", "approved:seller"]
    assert "order.cancelled" in around.bus.names
    assert held_effects(around.ports, OPERATOR, Which()).items == []
    entries = [entry for entry in around.store.timeline(case_id) if entry.command == "deliver_again"]
    assert [entry.note for entry in entries] == ["SES is back", "the bus is back", "the rest"]
    assert {entry.speaker for entry in entries} == {OPERATOR}
    again = release(around.ports, OPERATOR, Which(kind="mail"), "once more")
    assert again.delivering == again.no_longer_help == []


def test_what_no_longer_helps_says_so_and_is_dropped() -> None:
    around = a_neighbourhood(orchestrated=False, max_tries=3)
    around.outbox.refuses = lambda mail: True
    case_id = asked(around)
    hours(around, 2)
    assert len(held_effects(around.ports, OPERATOR, Which(kind="mail")).items) == 2
    say(around.ports, case_id, Withdraw(), BUDI)
    around.outbox.refuses = lambda mail: False
    assert held_effects(around.ports, OPERATOR, Which()).items == [], "the answer took the plea along"
    assert around.outbox.sent == []
    sweep(around.ports)
    assert around.outbox.kinds == ["withdrawn:buyer", "withdrawn:seller"]


def test_a_reminder_of_a_deadline_that_passed_while_it_was_held_no_longer_helps() -> None:
    around = a_neighbourhood(orchestrated=False, max_tries=1)
    case_id = asked(around)
    sweep(around.ports)
    around.outbox.refuses = lambda mail: True
    hours(around, 21)
    (reminder,) = held_effects(around.ports, OPERATOR, Which(kind="reminder")).items
    assert encode(reminder.promise) == "1:mail:reminder:seller:1"
    around.outbox.refuses = lambda mail: False
    hours(around, 28)
    assert held_effects(around.ports, OPERATOR, Which(kind="reminder")).items == []
    assert around.case(case_id).state is State.AWAITING_SUPPORT


@pytest.mark.parametrize("actor", [BUDI, SELLER, SUPPORT])
def test_only_operators_see_and_deliver_what_is_held(actor: Any) -> None:
    around = a_neighbourhood()
    with pytest.raises(Forbidden):
        held_effects(around.ports, actor, Which())
    with pytest.raises(Forbidden):
        release(around.ports, actor, Which(kind="mail"), "please")


def test_a_wake_up_that_was_held_wakes_its_execution() -> None:
    around = a_neighbourhood(max_tries=2)
    around.executions.down = True
    case_id = asked(around)
    hours(around, 2)
    (start,) = held_effects(around.ports, OPERATOR, Which(kind="wake_up")).items
    assert encode(start.promise) == "1:start"
    around.executions.down = False
    release(around.ports, OPERATOR, Which(kind="wake_up"), "Step Functions are back")
    sweep(around.ports)
    assert len(around.executions.started) == 1
    enter(around.ports, case_id, 1, 1, "token")


def test_a_mail_that_was_never_sent_is_held_only_after_whoever_handed_it_over_struck_it() -> None:
    around = a_neighbourhood()
    around.push(an_order(order_id="O-1"))
    case = ask(around.ports, "O-1", an_ask(), BUDI)
    with pytest.raises(Unavailable):
        not_sent(around.ports, "ses-1", case.case_id, "1:mail:request_received:buyer")
    enter(around.ports, case.case_id, 1, 1, "token")
    assert not_sent(around.ports, "ses-1", case.case_id, "1:mail:request_received:buyer")
    assert not not_sent(around.ports, "ses-1", case.case_id, "1:mail:request_received:buyer")
    (held,) = held_effects(around.ports, OPERATOR, Which()).items
    assert encode(held.promise) == "1:mail:request_received:buyer"
    release(around.ports, OPERATOR, Which(kind="mail"), "again")
    around.clock.advance(100)
    sweep(around.ports)
    assert around.outbox.kinds.count("request_received:buyer") == 2
    assert not not_sent(around.ports, "ses-2", "no-such-case", "1:mail:request_received:buyer")
