"""What was granted or agreed is not undone by silence or by a word from outside; what a run agreed ends with it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Approve,
    Expire,
    Extend,
    MakeOffer,
    OrderMoved,
    Reject,
    Reopen,
    ShippedBack,
)
from chalicelib.domain.cases.step import Act, StepContext
from chalicelib.domain.cases.transitions import CaseRefused, advance
from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import StatusPush, with_body, with_status
from chalicelib.domain.orders.statuses import HELD_UP, MOVES, TRAVELLING, OrderStatus
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee, MoneyBack, ParcelMoves, Silence
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.workflow.decisions import CLOCK
from infra.sandbox.builders import (
    BUDI,
    NOW,
    SELLER,
    SUPPORT,
    SYSTEM,
    a_body,
    a_context,
    a_policy,
    an_act,
    an_asking,
    an_order,
)

GONE = OrderMoved(order_status=OrderStatus.CANCELLED)
LATER = NOW + timedelta(hours=1)


def after(case: Case, *said: Act) -> Case:  # type: ignore[type-arg]
    for act in said:
        change = advance(case, act, a_context())
        assert change.case
        case = change.case
    return case


def asked(**more: object) -> Case:
    case = an_asking(**more).case  # type: ignore[arg-type]
    assert case
    return case


def a_shipped_case() -> Case:
    case = asked(order=an_order(status="shipped"))
    return replace(case, order_status=OrderStatus.SHIPPED)


def context(**policy: Any) -> StepContext:
    return a_context(policy=a_policy(**policy))


def recalled() -> Case:
    """Approved while it was shipped: its parcel is called back, and the money waits for it."""
    policy = context(money_back=MoneyBack.ON_RECEIPT)
    change = advance(a_shipped_case(), an_act(Approve(), SELLER, now=LATER), policy)
    assert change.case
    assert change.case.state is State.AWAITING_GOODS
    return change.case


def test_a_recall_that_the_order_system_answers_with_cancelled_pays_as_agreed() -> None:
    change = advance(recalled(), an_act(GONE, SYSTEM, now=LATER), context(money_back=MoneyBack.ON_RECEIPT))
    assert change.case
    assert change.case.outcome is Outcome.CANCELLED
    assert change.case.refund
    assert change.case.refund.total == change.case.quote.refund_total > 0


def test_a_return_that_was_agreed_to_goes_on_when_its_order_is_cancelled() -> None:
    case = replace(asked(), kind=Kind.RETURN, order_status=OrderStatus.DELIVERED)
    agreed = after(case, an_act(Approve(), SELLER, now=LATER))
    sent = after(agreed, an_act(ShippedBack(tracking_number="JNE1"), BUDI, now=LATER))
    for on_its_way in (agreed, sent):
        assert after(on_its_way, an_act(GONE, SYSTEM, now=LATER)).state is State.AWAITING_GOODS


def agreed_but_moved(said: str) -> Case:
    """The seller said yes, or the buyer took an offer, after the parcel had moved: customer service has it."""
    case = replace(asked(), moved_to=OrderStatus.SHIPPED, order_status=OrderStatus.SHIPPED)
    if said == "approve":
        return after(case, an_act(Approve(), SELLER, now=LATER))
    offered = after(case, an_act(MakeOffer(fee=10_000), SELLER, now=LATER))
    return after(offered, an_act(AcceptOffer(), BUDI, now=LATER))


@pytest.mark.parametrize("said", ["approve", "accept_offer"])
@pytest.mark.parametrize("written_before", [False, True])
def test_what_two_sides_agreed_on_does_not_die_by_supports_silence(said: str, *, written_before: bool) -> None:
    case = agreed_but_moved(said)
    assert case.state is State.AWAITING_SUPPORT
    assert case.if_silent is Silence.ESCALATE
    if written_before:  # rows of version 0.1.0 know of no agreement, and say that silence ends the case
        case = replace(case, agreed=False, if_silent=Silence.EXPIRE)
    for _ in range(3):
        assert case.deadline_at
        case = after(case, an_act(Expire(), CLOCK, now=case.deadline_at))
        assert case.state is State.AWAITING_SUPPORT
    paid = after(case, an_act(GONE, SYSTEM, now=LATER))
    assert paid.outcome is Outcome.CANCELLED


def test_by_policy_supports_silence_grants_what_was_agreed() -> None:
    policy = context(agreed_if_silent=Silence.APPROVE)
    moved = replace(asked(), moved_to=OrderStatus.SHIPPED, order_status=OrderStatus.SHIPPED)
    change = advance(moved, an_act(Approve(), SELLER, now=LATER), policy)
    assert change.case
    assert change.case.deadline_at
    granted = advance(change.case, an_act(Expire(), CLOCK, now=change.case.deadline_at), policy)
    assert granted.case
    assert granted.case.outcome is Outcome.CANCELLED
    with pytest.raises(ValueError, match="never undoes"):
        a_policy(agreed_if_silent=Silence.EXPIRE)


def test_silence_of_others_gives_the_buyer_their_attempt_back_and_their_own_does_not() -> None:
    case = replace(asked(), if_silent=Silence.EXPIRE, deadline_at=LATER)
    change = advance(case, an_act(Expire(), CLOCK, now=LATER), a_context())
    assert change.slot
    assert (change.slot.attempts, change.case and change.case.ending) == (-1, "expired")
    offered = after(case, an_act(MakeOffer(fee=10_000), SELLER))
    unanswered = replace(offered, if_silent=Silence.EXPIRE, deadline_at=LATER)
    lapsed = advance(unanswered, an_act(Expire(), CLOCK, now=LATER), a_context())
    assert lapsed.slot
    assert (lapsed.slot.attempts, lapsed.case and lapsed.case.ending) == (0, "offer_lapsed")


def test_reopening_takes_the_attempt_again() -> None:
    case = replace(asked(), if_silent=Silence.EXPIRE)
    assert case.deadline_at
    expired = after(case, an_act(Expire(), CLOCK, now=case.deadline_at))
    order = replace(an_order(), cases=(case.case_id,))
    again = advance(expired, an_act(Reopen(note="x"), SUPPORT, now=case.deadline_at), a_context(order=order))
    assert again.slot
    assert again.slot.attempts == 1


def test_a_fee_that_was_agreed_to_ends_with_its_run_and_two_never_add() -> None:
    case = replace(asked(), moved_to=OrderStatus.SHIPPED)
    full = case.quote.refund_total
    once = after(case, an_act(MakeOffer(fee=10_000), SELLER, now=LATER), an_act(AcceptOffer(), BUDI, now=LATER))
    assert once.quote.refund_total == full - 10_000
    twice = after(
        once, an_act(MakeOffer(fee=5_000, note="x"), SUPPORT, now=LATER), an_act(AcceptOffer(), BUDI, now=LATER)
    )
    assert twice.quote.refund_total == full - 5_000
    assert twice.state is State.AWAITING_SUPPORT or twice.outcome is Outcome.CANCELLED
    refused = after(once, an_act(Reject(reason_code=RefusingReason.OTHER, note="x"), SUPPORT, now=LATER))
    order = replace(an_order(), cases=(case.case_id,))
    again = advance(refused, an_act(Reopen(note="x"), SUPPORT, now=LATER), a_context(order=order)).case
    assert again
    assert again.quote.refund_total == full


def test_support_makes_a_wait_longer_only_so_often() -> None:
    case = asked()
    for day in range(1, 4):
        assert case.deadline_at
        case = after(
            case, an_act(Extend(until=case.deadline_at + timedelta(days=1), note=f"{day}"), SUPPORT, now=LATER)
        )
    assert case.deadline_at
    with pytest.raises(CaseRefused) as refused:
        after(case, an_act(Extend(until=case.deadline_at + timedelta(days=1), note="x"), SUPPORT, now=LATER))
    assert refused.value.code == "extended_enough"


def test_a_seller_who_cannot_deliver_turns_the_fault_around() -> None:
    policy = a_policy(fees={OrderStatus.PROCESSING: Fee(basis_points=1_000)})
    order = an_order()
    case = an_asking(order, policy=policy).case
    assert case
    assert case.quote.fees_total > 0
    act = an_act(Approve(reason_code="out_of_stock"), SELLER, now=LATER)
    granted = advance(case, act, a_context(policy=policy, order=order)).case
    assert granted
    assert (granted.asked.fault, granted.quote.fees_total) == (Fault.SELLER, 0)
    assert granted.refund
    assert granted.refund.total == order.body.paid
    for wrong in ("changed_mind", "nonsense"):
        with pytest.raises(Invalid, match="reason_not_allowed"):
            advance(case, replace(act, said=Approve(reason_code=wrong)), a_context(policy=policy, order=order))
    with pytest.raises(Invalid, match="reason_not_allowed"):
        advance(case, replace(act, actor=SUPPORT, said=Approve(reason_code="out_of_stock", note="x")), a_context())


def test_once_the_parcel_moved_nobody_is_told_any_more_that_silence_approves() -> None:
    case = replace(asked(), if_silent=Silence.APPROVE)
    case = replace(case, policy=replace(case.policy, parcel_moves=ParcelMoves.CONTINUE))
    moved = after(case, an_act(OrderMoved(order_status=OrderStatus.SHIPPED), SYSTEM, now=LATER))
    assert (moved.state, moved.if_silent) == (State.AWAITING_SELLER, Silence.ESCALATE)


@pytest.mark.parametrize("status", [OrderStatus.DELIVERED, OrderStatus.COMPLETED])
def test_cash_that_was_paid_at_the_door_ends_the_request(status: OrderStatus) -> None:
    order = an_order(tenders={"cod": 150_000}, status="processing")
    case = asked(order=order)
    ended = after(case, an_act(OrderMoved(order_status=status), SYSTEM, now=LATER))
    assert ended.outcome is Outcome.OVERTAKEN


# --- the moments of an order


def moved(order: Order, status: str, version: int, at: object = NOW, now: object = NOW) -> Order:
    after = with_status(order, StatusPush(status=OrderStatus(status), version=version, at=at), now)  # type: ignore[arg-type]
    assert after
    return after


def test_the_first_delivery_counts() -> None:
    order = moved(an_order(status="shipped"), "delivered", 2, at=NOW)
    again = moved(order, "delivered", 3, at=NOW + timedelta(days=16), now=NOW + timedelta(days=16))
    assert again.delivered_at == order.delivered_at == NOW


def test_the_order_systems_moment_is_used_and_never_one_that_is_yet_to_come() -> None:
    order = an_order(status="shipped")
    assert moved(order, "delivered", 2, at=NOW - timedelta(days=9)).delivered_at == NOW - timedelta(days=9)
    assert moved(order, "delivered", 2, at=NOW + timedelta(days=9)).delivered_at == NOW


def test_a_delivered_order_that_is_imported_late_opens_no_window() -> None:
    long_ago = NOW - timedelta(days=200)
    old = with_body(None, a_body(status="delivered", placed_at=long_ago), NOW)
    assert old
    assert old.delivered_at == long_ago
    told = with_body(None, replace(a_body(status="delivered", placed_at=long_ago), delivered_at=NOW), NOW)
    assert told
    assert told.delivered_at == NOW


@pytest.mark.parametrize("back", ["placed", "processing", "shipped", "unpaid"])
def test_a_word_from_further_back_is_kept_and_moves_nothing(back: str) -> None:
    order = moved(an_order(status="shipped"), "delivered", 2)
    after = moved(order, back, 3)
    assert (after.status, after.told, after.status_version) == (OrderStatus.DELIVERED, OrderStatus(back), 3)
    pushed = with_body(order, replace(a_body(status=back), version=9), NOW)
    assert pushed
    assert (pushed.status, pushed.told) == (OrderStatus.DELIVERED, OrderStatus(back))


# Within these an order is held up and released again, or a parcel tried once more.
AND_BACK = (HELD_UP | {OrderStatus.PLACED}, TRAVELLING)


def test_moves_lead_on_and_never_back() -> None:
    assert set(MOVES) == set(OrderStatus)
    for before, places in MOVES.items():
        for place in places:
            alike = any({before, place} <= stage for stage in AND_BACK)
            assert alike or before not in MOVES[place], f"{before} and {place} lead to each other"
