"""A request's way, its money and what its end leaves to the seller: walked over every way that short stories can go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import Alternative, GoodsFault, ParcelWord
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Appeal,
    Approve,
    Command,
    ContestGoods,
    DeclineOffer,
    Expire,
    GoodsReceived,
    MakeOffer,
    OrderMoved,
    ParcelAnswered,
    RefundSucceeded,
    Reopen,
    Said,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.endings import LeftToSeller, left_to_seller
from chalicelib.domain.cases.milestones import Coming, Milestone, Stage, Standing, coming, milestones, standing
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import BatalError
from chalicelib.domain.money.refund import PartState, RefundPart, Report, Told
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import SEES_ALL, Actor, Role
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.locales import has
from infra.sandbox.builders import (
    BUDI,
    NO,
    NOW,
    SELLER,
    SUPPORT,
    SYSTEM,
    a_context,
    an_act,
    an_asking,
    an_order,
)

WORDS: tuple[tuple[Said, Actor], ...] = (
    (Approve(), SELLER),
    (Approve(note="looked into it"), SUPPORT),
    (NO, SELLER),
    (replace(NO, note="looked into it"), SUPPORT),
    (MakeOffer(alternative=Alternative.CHANGE_ADDRESS), SELLER),
    (MakeOffer(fee=10_000), SELLER),
    (AcceptOffer(), BUDI),
    (DeclineOffer(), BUDI),
    (Withdraw(), BUDI),
    (Expire(), SYSTEM),
    (OrderMoved(order_status=OrderStatus.SHIPPED), SYSTEM),
    (OrderMoved(order_status=OrderStatus.CANCELLED), SYSTEM),
    (ParcelAnswered(word=ParcelWord.INTERCEPTED), SYSTEM),
    (ParcelAnswered(word=ParcelWord.PICKED_UP), SYSTEM),
    (ParcelAnswered(word=ParcelWord.DELIVERED), SYSTEM),
    (ShippedBack(tracking_number="JNE-9"), BUDI),
    (ContestGoods(fault=GoodsFault.NOT_ARRIVED), SELLER),
    (GoodsReceived(), SELLER),
    (RefundSucceeded(event_id="p-1", amount=150_000), SYSTEM),
    (Appeal(comment="please look again"), BUDI),
    (Reopen(note="looked into it"), SUPPORT),
)


@dataclass(frozen=True)
class Story:
    """A case and its timeline, at a moment of it."""

    case: Case
    order: Order
    entries: tuple[Entry, ...]
    now: datetime = NOW

    def say(self, what: Said, actor: Actor = SELLER, now: datetime | None = None) -> "Story":
        at = now or self.now
        change = advance(self.case, an_act(what, actor, now=at), a_context(order=self.order))
        assert change.case
        assert change.entry
        return replace(self, case=change.case, entries=(*self.entries, change.entry), now=at)

    def silence(self) -> "Story":
        assert self.case.deadline_at
        return self.say(Expire(), SYSTEM, self.case.deadline_at)

    @property
    def way(self) -> list[Milestone]:
        return milestones(self.case, self.entries, self.now)

    def told(self, stage: Stage = Stage.DONE) -> list[str]:
        return [each.what for each in self.way if each.stage is stage]


def asked(kind: Kind = Kind.CANCELLATION, status: str = "processing", method: str = "wallet") -> Story:
    order = replace(an_order(status=status, tenders={method: 150_000}), status_at=NOW - timedelta(days=1))
    change = an_asking(order, kind=kind, reason_code="damaged" if kind is Kind.RETURN else "wrong_size")
    assert change.case
    assert change.entry
    return Story(change.case, replace(order, cases=(change.case.case_id,)), (change.entry,))


STARTS: dict[str, Callable[[], Story]] = {
    "wallet": asked,
    "card": lambda: asked(method="card"),
    "shipped": lambda: asked(status="shipped"),
    "return": lambda: asked(Kind.RETURN, "delivered"),
    "goods on their way": lambda: (
        asked(Kind.RETURN, "delivered").say(Approve()).say(ShippedBack(tracking_number="JNE-9"), BUDI)
    ),
    "silence approves": lambda: replace(asked(), case=replace(asked().case, if_silent=Silence.APPROVE)),
}


def walks(start: Story, steps: int) -> Iterator[Story]:
    """Every story of at most so many further words."""
    yield start
    for what, actor in WORDS if steps else ():
        at = start.case.deadline_at if isinstance(what, Expire) else start.now
        try:
            after = start.say(what, actor, at)
        except BatalError:
            continue
        yield from walks(after, steps - 1)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", STARTS)
def test_on_every_way_what_is_told_happened_and_what_happened_is_told(name: str) -> None:
    seen = set()
    for story in walks(STARTS[name](), 2 if name == "goods on their way" else 3):
        case, way = story.case, story.way
        seen.add((case.state, case.outcome))
        commands = {(each.command, each.actor.role in SEES_ALL, each.actor.role) for each in story.entries}
        for what, command in (("approved", Command.APPROVE), ("rejected", Command.REJECT), ("offered", Command.OFFER)):
            told = f"{what}.seller" in story.told()
            assert told == ((command, False, Role.SELLER) in commands), (story.told(), commands)
        silent = {each.came_from for each in story.entries if each.command is Command.EXPIRE}
        assert {each for each in story.told(Stage.MISSED) if each.startswith("silent")} == {
            f"silent.{state}" for state in silent - {State.AWAITING_GOODS, State.REFUNDING}
        }
        parts = case.refund.going if case.refund else ()
        money = [each for each in way if each.part]
        assert [each.stage is Stage.DONE for each in money] == [
            each.state in (PartState.PAID, PartState.GIVEN_BACK) for each in parts
        ]
        waited = [each for each in way if each.stage is Stage.NOW and not each.part]
        assert len(waited) == int(case.state not in (State.REFUNDING, State.CLOSED))
        if case.outcome:
            assert not story.told(Stage.AHEAD)
            assert ("no_money" in story.told(Stage.MISSED)) == (case.refund is None)
            assert left_to_seller(case) in LeftToSeller
        assert (coming(case, story.now) is None) == (not parts)
        for each in way:
            assert each.part or any(has(f"page.case.way.{each.what}{viewer}", "id") for viewer in ("", ".staff")), each
            assert each.at or each.what in ("no_money", "earlier") or each.stage is Stage.AHEAD
        times = [each.at for each in way if each.stage in (Stage.DONE, Stage.MISSED) and each.at and not each.part]
        assert times == sorted(times)
    assert len(seen) > 3, "the walk leads somewhere"


def test_a_seller_who_never_answered_is_said_to_have_missed_it_and_not_to_have_agreed() -> None:
    silent = STARTS["silence approves"]().silence()
    assert silent.case.outcome is Outcome.CANCELLED
    assert silent.told(Stage.MISSED) == ["silent.awaiting_seller"]
    assert silent.told() == ["asked", "granted_by_silence", "money"]


def test_goods_that_a_carrier_speaks_of_twice_travel_once() -> None:
    sent = asked(Kind.RETURN, "delivered").say(Approve()).say(ShippedBack(tracking_number="JNE-9"), BUDI)
    heard = sent.say(ShippedBack(tracking_number="JNE-10"), BUDI)
    for _ in range(2):
        heard = heard.say(ParcelAnswered(word=ParcelWord.DELIVERED), SYSTEM)
    assert heard.told() == ["asked", "approved.seller", "shipped_back", "goods_arrived"]
    assert heard.told(Stage.NOW) == ["waits.check"]


def a_part(state: PartState, method: Method = Method.BANK, told: Told | None = None) -> RefundPart:
    report = Report(event_id="p-1", part="1", told=told, amount=150_000, at=NOW) if told else None
    return RefundPart(method=method, amount=150_000, state=state, arrives_by=NOW + timedelta(days=3), report=report)


def test_a_part_of_a_refund_stands_as_was_heard_of_it() -> None:
    case = asked(method="card").say(Approve()).case
    assert case.refund
    late = NOW + timedelta(days=3)
    for part, now, expected, word in (
        (a_part(PartState.DUE), NOW, Standing.DUE, Coming.ON_WAY),
        (a_part(PartState.PENDING), late, Standing.LATE, Coming.LATE),
        (a_part(PartState.PAID, told=Told.SUCCEEDED), late, Standing.ARRIVED, Coming.THERE),
        (a_part(PartState.PAID, Method.CARD, Told.SUCCEEDED), NOW, Standing.SENT, Coming.SENT),
        (a_part(PartState.PAID, Method.CARD, Told.SUCCEEDED), late, Standing.SHOULD_BE_THERE, Coming.SENT),
        (a_part(PartState.HELD), NOW, Standing.HELD, Coming.STUCK),
        (a_part(PartState.NEEDS_ACCOUNT), NOW, Standing.NEEDS_ACCOUNT, Coming.ACCOUNT),
    ):
        of = replace(case, refund=replace(case.refund, parts=(part,)))
        assert (standing(of, part, now=now), coming(of, now)) == (expected, word)
    overdue = replace(case, refund=replace(case.refund, overdue=True))
    assert coming(overdue, NOW) is Coming.LATE, "asked for again, its day was moved"
    waits = {each.tender_id for each in case.refund.parts}
    assert coming(case, NOW, waits) is Coming.FROZEN


def test_what_needs_somebody_is_said_before_what_goes_well() -> None:
    case = asked(method="card").say(Approve()).case
    assert case.refund
    parts = (a_part(PartState.PAID, told=Told.SUCCEEDED), a_part(PartState.DUE), a_part(PartState.FAILED))
    for count, expected in ((1, Coming.THERE), (2, Coming.ON_WAY), (3, Coming.STUCK)):
        assert coming(replace(case, refund=replace(case.refund, parts=parts[:count])), NOW) is expected


def test_what_an_end_leaves_to_the_seller_goes_by_where_the_goods_are() -> None:
    agreed = asked(Kind.RETURN, "delivered").say(Approve()).say(ShippedBack(tracking_number="JNE-9"), BUDI)
    not_there = agreed.say(ContestGoods(fault=GoodsFault.NOT_ARRIVED))
    settled = asked().say(MakeOffer(alternative=Alternative.CHANGE_ADDRESS)).say(AcceptOffer(), BUDI)
    for story, expected in (
        (asked().say(Approve()), LeftToSeller.GONE),
        (asked().say(NO), LeftToSeller.GOES_ON),
        (asked().say(Withdraw(), BUDI), LeftToSeller.GOES_ON),
        (settled, LeftToSeller.GOES_ON),
        (asked(status="shipped").say(NO), LeftToSeller.NOTHING),
        (agreed.say(GoodsReceived()), LeftToSeller.BACK),
        (not_there.say(Approve(note="lost on the way"), SUPPORT), LeftToSeller.EXPECTED),
        (asked(Kind.RETURN, "delivered").say(NO), LeftToSeller.NOTHING),
    ):
        assert story.case.outcome, story.told()
        assert left_to_seller(story.case) is expected, story.told()
    gone = asked().say(Approve())
    late = replace(gone.case, late_parcel=OrderStatus.SHIPPED)
    assert left_to_seller(late) is LeftToSeller.LEFT
