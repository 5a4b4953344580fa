"""Telling webhooks: nothing is lost, whatever the receiver, the clocks or we do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.cases.commands import Withdraw
from chalicelib.domain.cases.webhooks import (
    AWAY_AFTER,
    MOST_WAITING,
    MOST_WEBHOOKS,
    OFF_AFTER,
    WAITS,
    OffWhy,
    Reply,
    Webhook,
)
from chalicelib.domain.errors import Forbidden, Invalid, NotFound, Refused
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Event, Ports
from chalicelib.workflow import telling, webhooks
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.feed import events_of
from infra.sandbox.builders import BUDI, SELLER, an_ask, an_order
from tests.fakes.ports import Listener, Neighbourhood, a_neighbourhood
from tests.proofs.figures import FULL

OPERATOR = Actor(role=Role.OPERATOR, id="op")
OK, BROKEN = Reply(status=200), Reply(status=500)
DAYS = 86_400.0


class Street:
    """A house, a receiver, and the real time by which the log is written."""

    def __init__(self, *types: str, horizon: int = 0) -> None:
        self.around: Neighbourhood = a_neighbourhood()
        self.listener = Listener()
        horizon_is = timedelta(microseconds=horizon)
        self.ports: Ports = replace(self.around.ports, receivers=self.listener, horizon=horizon_is)
        self.numbers, self.at = count(1), 1_000_000_000
        self.around.store.clock = lambda: self.at
        made = webhooks.create(self.ports, OPERATOR, "https://shop.example/hooks", types or ("*",), "ops@shop.example")
        self.id = made.webhook_id

    @property
    def webhook(self) -> Webhook:
        found = self.around.store.webhook(self.id)
        assert found
        return found

    def asked(self, times: int = 1) -> str:
        """So many cases, each of an order of its own; the last one's id."""
        last = ""
        for _ in range(times):
            self.at += 10
            order = self.around.push(an_order(order_id=f"O-{next(self.numbers)}"))
            last = ask(self.ports, order.order_id, an_ask(), BUDI).case_id
        self.at += 10
        return last

    def withdrawn(self, case_id: str) -> None:
        self.at += 10
        say(self.ports, case_id, Withdraw(), BUDI)
        self.at += 10

    def tell_webhook(self, seconds: float = 0) -> None:
        self.around.clock.advance(seconds)
        self.at += 10 + int(seconds * 1_000_000)
        telling.tell_webhook(self.ports, self.id)

    @property
    def events(self) -> list[Event]:
        items = sorted(self.around.store.log_rows.items())
        return [event for _, item in items for _, event in events_of(item)]

    @property
    def ids(self) -> list[str]:
        return [event.event_id for event in self.events]


def broken(_: str) -> Reply:
    return BROKEN


def test_everything_that_was_decided_is_told_once_in_its_order() -> None:
    street = Street()
    street.withdrawn(street.asked())
    street.tell_webhook()
    street.asked(30)
    street.tell_webhook()
    street.tell_webhook()
    assert sorted(street.listener.took) == sorted(street.ids)
    assert street.listener.took[:3] == street.ids[:3]
    assert street.webhook.leased_until is None


def test_only_the_types_that_were_asked_for_are_told() -> None:
    street = Street("case.opened")
    street.asked(3)
    street.tell_webhook()
    opened = [event.event_id for event in street.events if event.name == "case.opened"]
    assert street.listener.took == opened
    assert len(opened) == 3


def test_a_webhook_is_told_nothing_from_before_it_was_made() -> None:
    street = Street()
    street.asked()
    made = webhooks.create(street.ports, OPERATOR, "https://other.example", ("*",))
    street.asked()
    street.tell_webhook()
    telling.tell_webhook(street.ports, made.webhook_id)
    assert len(street.listener.took) == 4 + 2


def test_what_failed_is_tried_again_by_its_schedule_and_holds_up_no_other_order() -> None:
    street = Street()
    case_id = street.asked()
    street.listener.answers = lambda id: BROKEN if id.startswith(case_id) else OK
    street.asked()
    street.tell_webhook()
    assert len(street.listener.took) == 2
    (first, second) = street.webhook.waiting
    assert (first.tries, second.tries) == (1, 0)
    tried = len(street.listener.asked)
    street.tell_webhook(4)
    assert len(street.listener.asked) == tried
    street.listener.answers = lambda id: OK
    street.tell_webhook(1)
    assert street.webhook.waiting == ()
    assert street.listener.took[-2:] == street.ids[:2]


def test_a_later_event_of_an_order_waits_for_an_earlier_one() -> None:
    street = Street()
    case_id = street.asked()
    street.listener.answers = broken
    street.tell_webhook()
    street.listener.answers = lambda id: OK
    street.withdrawn(case_id)
    street.tell_webhook()
    assert street.listener.took == []
    street.tell_webhook(5)
    assert street.listener.took == street.ids


def test_a_receiver_that_is_away_costs_a_row_and_one_attempt_at_a_time() -> None:
    street = Street()
    street.listener.answers = broken
    street.asked(40)
    for _ in range(200):
        street.tell_webhook(60)
    assert street.webhook.away
    assert len(street.webhook.waiting) <= MOST_WAITING
    # One batch found out that it is away; its events alone are tried, by their schedule, one at a time.
    assert len(set(street.listener.asked)) == 8
    assert len(street.listener.asked) <= 40


def test_a_receiver_that_was_away_for_three_days_gets_all_of_it_once_it_answers() -> None:
    street = Street()
    street.listener.answers = broken
    for _ in range(72):
        street.asked(2)
        street.tell_webhook(3600)
    assert not street.webhook.off
    street.listener.answers = lambda id: OK
    for _ in range(24):
        street.tell_webhook(3600)
    assert sorted(street.listener.took) == sorted(street.ids)
    assert (street.webhook.waiting, street.webhook.dead, street.webhook.failures) == ((), 0, 0)


def test_an_event_that_is_refused_for_days_is_given_up_and_goes_out_once_another_was_taken() -> None:
    street = Street()
    bad = street.asked()
    street.listener.answers = lambda id: BROKEN if id.startswith(bad) else OK
    hours = 0
    while not street.webhook.dead and hours < 100:
        hours += 1
        street.asked()
        street.tell_webhook(3600)
    assert 70 < hours < 100
    assert street.webhook.off is None
    street.listener.answers = lambda id: OK
    street.asked()
    street.tell_webhook(3600)
    street.tell_webhook(0)
    assert set(street.ids) <= set(street.listener.took)
    assert street.around.store.dead_letters(street.id, limit=9) == []


def test_after_five_days_of_silence_it_is_switched_off_with_a_mail_and_goes_on_where_it_stopped() -> None:
    street = Street()
    street.listener.answers = broken
    for _ in range(24 * 7):
        street.asked()
        street.tell_webhook(3600)
    assert street.webhook.off is OffWhy.SILENT
    assert OFF_AFTER <= street.webhook.off_since - street.webhook.failing_since < OFF_AFTER + timedelta(days=1)  # type: ignore[operator]
    assert [(mail.kind, mail.to) for mail in street.around.outbox.sent] == [("webhook_off", "ops@shop.example")]
    asked = len(street.listener.asked)
    street.tell_webhook(3600)
    assert len(street.listener.asked) == asked
    assert telling.with_work(street.ports) == []
    street.listener.answers = lambda id: OK
    webhooks.switch_on(street.ports, OPERATOR, street.id)
    street.tell_webhook()
    street.tell_webhook()
    assert sorted(set(street.listener.took)) == sorted(street.ids)


def test_a_receiver_that_says_it_is_gone_is_asked_no_more() -> None:
    street = Street()
    street.listener.answers = lambda id: Reply(status=410)
    street.asked()
    street.tell_webhook()
    assert street.webhook.off is OffWhy.GONE
    street.listener.answers = lambda id: OK
    webhooks.switch_on(street.ports, OPERATOR, street.id)
    street.tell_webhook()
    assert street.listener.took == street.ids


def test_a_receiver_that_wants_to_be_left_alone_is_for_so_long() -> None:
    street = Street()
    street.listener.answers = lambda id: Reply(status=429, wait=timedelta(seconds=600))
    street.asked()
    street.tell_webhook()
    asked = len(street.listener.asked)
    street.tell_webhook(599)
    assert len(street.listener.asked) == asked
    street.tell_webhook(1)
    assert len(street.listener.asked) > asked


def test_a_decision_that_becomes_visible_late_is_told_all_the_same() -> None:
    street = Street(horizon=1_000)
    first = street.asked()
    late = street.around.store.log_rows.popitem()
    street.asked()
    street.tell_webhook()
    assert not any(id.startswith(first) for id in street.listener.took)
    street.around.store.log_rows[late[0]] = late[1]
    street.tell_webhook()
    assert sorted(street.listener.took) == sorted(street.ids)
    street.at += 5_000
    street.tell_webhook()
    assert street.webhook.ahead == ()


def test_two_who_hand_over_at_once_tell_nothing_twice() -> None:
    street = Street()
    street.asked(3)

    def in_between(_: str) -> Reply:
        street.listener.answers = lambda id: OK
        telling.tell_webhook(street.ports, street.id)
        return OK

    street.listener.answers = in_between
    street.tell_webhook()
    assert sorted(street.listener.took) == sorted(street.ids)


def test_what_an_operator_changes_while_events_go_out_stands() -> None:
    street = Street()
    street.asked(2)

    def in_between(_: str) -> Reply:
        street.listener.answers = lambda id: OK
        webhooks.rotate(street.ports, OPERATOR, street.id, timedelta(hours=1))
        return OK

    street.listener.answers = in_between
    street.tell_webhook()
    assert street.webhook.generation == 2
    assert set(street.listener.took) == set(street.ids)
    assert street.webhook.leased_until is None


def test_a_webhook_that_is_removed_while_events_go_out_stays_away() -> None:
    street = Street()
    street.asked(2)

    def in_between(_: str) -> Reply:
        street.around.store.drop_webhook(street.id)
        return OK

    street.listener.answers = in_between
    street.tell_webhook()
    assert street.around.store.webhook(street.id) is None
    with pytest.raises(NotFound):
        webhooks.attempts(street.ports, OPERATOR, street.id, 5)


def test_two_secrets_sign_while_one_is_changed() -> None:
    street = Street()
    signed: list[tuple[str, ...]] = []
    street.listener.secret = lambda webhook_id, generation: f"s{generation}"  # type: ignore[method-assign]

    def post(url: str, secrets: list[str], message_id: str, body: bytes) -> Reply:
        signed.append(tuple(secrets))
        return OK

    street.listener.post = post  # type: ignore[method-assign,assignment]
    webhooks.rotate(street.ports, OPERATOR, street.id, timedelta(hours=1))
    street.asked()
    street.tell_webhook()
    street.asked()
    street.tell_webhook(3600)
    assert set(signed[:2]) == {("s2", "s1")}
    assert set(signed[2:]) == {("s2",)}


@pytest.mark.parametrize("since", ["moment", "event", "one"])
def test_what_was_told_is_told_again(since: str) -> None:
    street = Street()
    street.asked(2)
    street.tell_webhook()
    street.around.clock.advance(60)
    street.at += 60_000_000
    moment = street.around.clock()
    street.asked(2)
    street.tell_webhook()
    street.listener.took.clear()
    third = street.ids[4]
    if since == "moment":
        webhooks.replay_since(street.ports, OPERATOR, street.id, moment)
    elif since == "event":
        webhooks.replay_from(street.ports, OPERATOR, street.id, third)
    else:
        webhooks.replay_one(street.ports, OPERATOR, street.id, third)
    street.tell_webhook()
    assert street.listener.took == ([third] if since == "one" else street.ids[4:])


def test_an_event_that_there_is_not_cannot_be_told_again() -> None:
    street = Street()
    for event_id in ("nonsense", "c1:9:event:case.opened", f"{street.asked()}:9:event:case.opened"):
        with pytest.raises(NotFound):
            webhooks.replay_one(street.ports, OPERATOR, street.id, event_id)
    with pytest.raises(Invalid):
        webhooks.replay_since(street.ports, OPERATOR, street.id, street.around.clock() + timedelta(seconds=1))


def test_trying_out_a_receiver_that_is_back_lets_everything_go_on() -> None:
    street = Street()
    street.listener.answers = broken
    street.asked(AWAY_AFTER + 3)
    street.tell_webhook()
    assert street.webhook.away
    street.listener.answers = lambda id: OK
    assert webhooks.try_out(street.ports, OPERATOR, street.id).reply.taken
    street.tell_webhook()
    assert set(street.ids) <= set(street.listener.took)


def test_only_operators_have_to_do_with_webhooks_and_there_are_not_too_many() -> None:
    street = Street()
    for of in (
        lambda: webhooks.create(street.ports, SELLER, "https://a.example", ("*",)),
        lambda: webhooks.webhooks(street.ports, SELLER),
        lambda: webhooks.webhook(street.ports, SELLER, street.id),
        lambda: webhooks.try_out(street.ports, SELLER, street.id),
    ):
        with pytest.raises(Forbidden):
            of()
    with pytest.raises(Invalid):
        webhooks.create(street.ports, OPERATOR, "http://a.example", ("*",))
    for _ in range(MOST_WEBHOOKS - 1):
        webhooks.create(street.ports, OPERATOR, "https://a.example", ("*",))
    with pytest.raises(Refused):
        webhooks.create(street.ports, OPERATOR, "https://a.example", ("*",))


def test_the_schedule_is_the_one_that_is_told() -> None:
    assert [int(wait.total_seconds()) for wait in WAITS] == [5, 300, 1800, 7200, 18000, 36000, 36000, 86400, 86400]


Mood = Callable[[str], Reply]
_MOODS: dict[str, Mood] = {
    "well": lambda id: OK,
    "broken": broken,
    "busy": lambda id: Reply(status=503, wait=timedelta(seconds=90)),
    "unreachable": lambda id: Reply(problem="not_reached"),
    "picky": lambda id: BROKEN if id.endswith("order.hold_shipment") else OK,
}


@settings(max_examples=60 if FULL else 15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(_MOODS)), st.integers(0, 4), st.sampled_from([1, 60, 7200, 90_000]))))
def test_whatever_a_receiver_goes_through_it_gets_everything_in_the_end(
    days: list[tuple[str, int, int]],
) -> None:
    street = Street(horizon=500)
    for mood, decisions, seconds in days:
        street.listener.answers = _MOODS[mood]
        if decisions:
            street.asked(decisions)
        street.tell_webhook(seconds)
    street.listener.answers = _MOODS["well"]
    webhooks.switch_on(street.ports, OPERATOR, street.id)
    street.asked()
    for _ in range(12):
        street.tell_webhook(60)
    assert set(street.listener.took) == set(street.ids)
    assert (street.webhook.waiting, street.webhook.dead, street.webhook.ahead) == ((), 0, ())
    # Without crashes nothing that was taken is told again.
    assert len(street.listener.took) == len(street.ids)


class Died(BaseException):
    """The process that handed over died."""


_WRITES = ("put_webhook", "note_attempts", "bury_letters", "forget_letters", "log", "dead_letters", "webhook")


@settings(max_examples=60 if FULL else 15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["well", "broken", "picky"]),
            st.integers(0, 3),
            st.sampled_from([60, 90_000]),
            st.tuples(st.sampled_from(_WRITES), st.integers(0, 3), st.booleans()),
        ),
        max_size=12,
    )
)
def test_whoever_dies_while_telling_loses_nothing(
    days: list[tuple[str, int, int, tuple[str, int, bool]]],
) -> None:
    street = Street(horizon=500)
    store = street.around.store

    def dying(name: str, countdown: int, *, behind: bool) -> Callable[..., object]:
        whole, left = getattr(type(store), name), [countdown]

        def call(*given: object, **named: object) -> object:
            left[0] -= 1
            if left[0] < 0 and not behind:
                raise Died
            found = whole(store, *given, **named)
            if left[0] < 0:
                raise Died
            return found

        return call

    for mood, decisions, seconds, (name, countdown, behind) in days:
        street.listener.answers = _MOODS[mood]
        if decisions:
            street.asked(decisions)
        setattr(store, name, dying(name, countdown, behind=behind))
        try:
            street.tell_webhook(seconds)
        except Died:
            pass
        finally:
            store.__dict__.pop(name)
    street.listener.answers = _MOODS["well"]
    street.around.clock.advance(120)
    webhooks.switch_on(street.ports, OPERATOR, street.id)
    street.asked()
    for _ in range(12):
        street.tell_webhook(120)
    assert set(street.listener.took) == set(street.ids)
    assert (street.webhook.waiting, street.webhook.dead, street.webhook.leased_until) == ((), 0, None)
