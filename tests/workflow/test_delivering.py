"""What is promised is delivered: once without trouble, again after it, never lost, never before its commit."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Approve, Reject, Withdraw
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.ports import Mail
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.delivering import deliver
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.waiting import enter
from infra.sandbox.builders import BUDI, SELLER, a_policy, an_ask, outbox_now
from tests.fakes.ports import Neighbourhood, a_neighbourhood

ASKED = ["decision_needed:seller", "request_received:buyer"]


def asked(around: Neighbourhood) -> Case:
    around.push()
    return ask(around.ports, "LZD-1", an_ask(), BUDI)


def test_asking_pays_only_the_wake_up() -> None:
    around = a_neighbourhood()
    case = asked(around)
    assert [ticket["next"] for ticket in around.executions.started] == ["AwaitSeller"]
    assert (around.outbox.sent, around.bus.published) == ([], [])
    assert {key.partition(":")[2] for key in outbox_now(case)} == {
        "start",
        "clues",
        "mail:request_received:buyer",
        "mail:decision_needed:seller",
        "event:case.opened",
        "event:order.hold_shipment",
    }


def test_a_failed_wake_up_never_fails_the_request_and_the_sweep_repeats_it() -> None:
    around = a_neighbourhood()
    around.executions.down = True
    case = asked(around)
    around.executions.down = False
    around.clock.advance(91)
    sweep(around.ports)
    assert len(around.executions.started) == 1
    assert around.outbox.kinds == ASKED
    assert outbox_now(around.case(case.case_id)) == {}


def test_the_execution_pays_each_effect_once_and_strikes_it() -> None:
    around = a_neighbourhood()
    case = asked(around)
    for _ in range(2):
        enter(around.ports, case.case_id, 1, 1, "token")
    assert around.outbox.kinds == ASKED
    assert around.bus.names == ["case.opened", "order.hold_shipment"]
    assert outbox_now(around.case(case.case_id)) == {}


def test_while_the_lease_holds_the_sweep_leaves_the_row_to_its_execution() -> None:
    around = a_neighbourhood()
    asked(around)
    around.clock.advance(89)
    assert sweep(around.ports).seen == 0
    assert around.outbox.sent == []


def test_a_payer_that_dies_before_striking_pays_again_after_its_lease() -> None:
    around = a_neighbourhood()
    case = asked(around)
    around.store.save_outbox = lambda before, after: True  # type: ignore[method-assign]  # the write never reaches the table
    deliver(around.ports, around.case(case.case_id), executing=True)
    del around.store.save_outbox
    assert around.outbox.kinds == ASKED
    around.clock.advance(91)
    sweep(around.ports)
    assert around.outbox.kinds == sorted(ASKED * 2)
    around.clock.advance(91)
    sweep(around.ports)
    assert around.outbox.kinds == sorted(ASKED * 2), "at most twice"


def test_of_two_sweeps_only_one_pays() -> None:
    around = a_neighbourhood()
    case = asked(around)
    around.clock.advance(91)
    stale = around.case(case.case_id)
    deliver(around.ports, stale)
    deliver(around.ports, stale)
    assert around.outbox.kinds == ASKED


def test_a_decision_in_the_middle_of_paying_loses_nothing_and_repeats_nothing() -> None:
    around = a_neighbourhood()
    case = asked(around)

    def decide_now(mail: Mail) -> None:
        if mail.kind == "request_received":
            say(around.ports, case.case_id, Approve(), SELLER)

    around.outbox.while_sending = decide_now
    ticket = enter(around.ports, case.case_id, 1, 1, "token")
    assert ticket["next"] == "Closed"
    around.outbox.while_sending = lambda mail: None
    enter(around.ports, case.case_id, 1, ticket["turn"], None)
    assert around.outbox.kinds == sorted([*ASKED, "approved:buyer", "approved:seller"])
    assert outbox_now(around.case(case.case_id)) == {}


def test_a_decision_before_the_token_is_stored_is_answered_by_enter_itself() -> None:
    around = a_neighbourhood()
    case = asked(around)

    def decide_now(mail: Mail) -> None:
        if mail.kind == "decision_needed":
            say(around.ports, case.case_id, Reject(reason_code=RefusingReason.OTHER), SELLER)

    around.outbox.while_sending = decide_now
    enter(around.ports, case.case_id, 1, 1, "token")
    (answer,) = around.executions.answered
    assert (answer[0].token, answer[1]["next"]) == ("token", "Closed")


def test_a_late_enter_of_an_earlier_turn_only_answers() -> None:
    around = a_neighbourhood()
    case = asked(around)
    say(around.ports, case.case_id, Withdraw(), BUDI)
    enter(around.ports, case.case_id, 1, 1, "old")
    assert around.outbox.sent == []
    assert around.store.token(case.case_id) is None
    assert [(token.token, ticket["next"]) for token, ticket in around.executions.answered] == [("old", "Closed")]


def test_a_plea_that_nobody_needs_any_more_is_dropped() -> None:
    around = a_neighbourhood()
    case = asked(around)
    say(around.ports, case.case_id, Withdraw(), BUDI)
    around.clock.advance(91)
    sweep(around.ports)
    assert around.outbox.kinds == ["request_received:buyer", "withdrawn:buyer", "withdrawn:seller"]


def test_a_mail_that_fails_is_tried_again_later_and_later_and_then_held() -> None:
    around = a_neighbourhood(max_tries=3)
    case = asked(around)
    around.outbox.refuses = lambda mail: mail.kind == "decision_needed"
    waits = []
    for _ in range(3):
        row = around.case(case.case_id)
        assert row.wake_at
        waits.append((row.wake_at - around.clock.at).total_seconds())
        around.clock.at = row.wake_at
        sweep(around.ports)
    assert waits == [90, 30, 60]
    (pending,) = outbox_now(around.case(case.case_id)).values()
    assert (pending.tries, pending.held) == (3, True)
    assert around.outbox.kinds == ["request_received:buyer"], "it starved nobody"
    assert case.deadline_at
    assert around.case(case.case_id).wake_at == case.deadline_at - timedelta(hours=4), "held, it wakes nobody"


def test_a_dead_bus_keeps_no_mail_from_going_out() -> None:
    around = a_neighbourhood()
    case = asked(around)
    around.bus.down = True
    enter(around.ports, case.case_id, 1, 1, "token")
    assert around.outbox.kinds == ASKED
    around.bus.down = False
    around.clock.advance(3600)
    sweep(around.ports)
    assert around.bus.names == ["case.opened", "order.hold_shipment"]


def test_nothing_is_paid_for_a_change_that_was_not_committed() -> None:
    around = a_neighbourhood()
    case = asked(around)
    stale = around.case(case.case_id)
    say(around.ports, case.case_id, Withdraw(), BUDI)
    around.clock.advance(91)
    deliver(around.ports, replace(stale, wake_at=around.clock.at))
    assert "approved:buyer" not in around.outbox.kinds
    assert around.outbox.sent == [], "a deliverer with an old row takes no lease"


def test_without_step_functions_the_next_sweep_pays_everything() -> None:
    around = a_neighbourhood(orchestrated=False)
    case = asked(around)
    assert around.executions.started == []
    sweep(around.ports)
    assert around.outbox.kinds == ASKED
    assert case.deadline_at
    assert around.case(case.case_id).wake_at == case.deadline_at - timedelta(hours=4), "to remind"


def test_a_decision_while_the_sweep_pays_waits_for_its_strike_and_doubles_nothing() -> None:
    around = a_neighbourhood()
    case = asked(around)
    around.clock.advance(91)

    def decide_now(mail: Mail) -> None:
        if mail.kind == "decision_needed":
            decided = say(around.ports, case.case_id, Approve(), SELLER)
            enter(around.ports, case.case_id, 1, decided.turn, None)

    around.outbox.while_sending = decide_now
    sweep(around.ports)
    around.outbox.while_sending = lambda mail: None
    sweep(around.ports)
    assert around.outbox.kinds == sorted([*ASKED, "approved:buyer", "approved:seller"])
    assert outbox_now(around.case(case.case_id)) == {}


def test_silence_met_by_the_sweep_while_an_execution_pays_doubles_nothing() -> None:
    around = a_neighbourhood()
    around.store.put_policy(a_policy(version=2, within=Span(amount=5, unit="seconds")))
    case = asked(around)
    swept = []  # type: ignore[var-annotated]

    def time_flies(mail: Mail) -> None:
        if not swept:
            swept.append(True)
            around.clock.advance(66)
            sweep(around.ports)

    around.outbox.while_sending = time_flies
    enter(around.ports, case.case_id, 1, 1, "token")
    around.outbox.while_sending = lambda mail: None
    for _ in range(2):
        around.clock.advance(91)
        sweep(around.ports)
    counts = {kind: around.outbox.kinds.count(kind) for kind in around.outbox.kinds}
    assert counts == dict.fromkeys([*ASKED, "escalated:buyer", "escalated:seller"], 1)


def test_an_execution_that_comes_late_leaves_the_sweep_alone() -> None:
    around = a_neighbourhood()
    case = asked(around)
    around.clock.advance(91)

    def enter_late(mail: Mail) -> None:
        if mail.kind == "decision_needed":
            enter(around.ports, case.case_id, 1, 1, "token")

    around.outbox.while_sending = enter_late
    sweep(around.ports)
    assert around.outbox.kinds == ASKED
    assert around.store.token(case.case_id) is not None, "it waits all the same"
