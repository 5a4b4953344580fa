"""Returns: after delivery, in the window, first the goods and then the money."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.asking import options
from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import (
    Approve,
    Expire,
    GoodsReceived,
    OrderMoved,
    ParcelAnswered,
    Said,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Refused
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import MoneyBack, Silence
from chalicelib.domain.policies.reasons import Kind
from infra.sandbox.builders import BUDI, NOW, SELLER, SUPPORT, SYSTEM, a_context, a_policy, an_act, an_asking, an_order


def delivered(**more: Any) -> Order:
    order = an_order(status="delivered", shipping_fee=12_000, **more)
    return replace(order, status_at=NOW - timedelta(days=1))


def a_return(reason_code: str = "wrong_size", **more: Any) -> Case:
    case = an_asking(delivered(**more), kind=Kind.RETURN, reason_code=reason_code).case
    assert case
    return case


def said(case: Case, what: Said, actor: Any = SELLER, now: datetime = NOW) -> Case:
    after = advance(case, an_act(what, actor, now=now), a_context(order=delivered())).case
    assert after
    return after


def test_a_delivered_order_is_returned_not_cancelled() -> None:
    told = options(delivered(), a_policy(), Kind.CANCELLATION, NOW)
    assert (told.verdict.refusal, told.verdict.alternatives) == ("already_delivered", ("return",))
    assert options(delivered(), a_policy(), Kind.RETURN, NOW).verdict.eligible


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (an_order(status="shipped"), "not_delivered"),
        (an_order(status="completed"), "return_window_over"),
        (replace(delivered(), status_at=NOW - timedelta(days=15)), "return_window_over"),
        (replace(delivered(), return_attempts=2), "attempts_used_up"),
        (replace(delivered(), open_case="c0"), "case_open"),
        (an_order(status="cancelled"), "already_cancelled"),
    ],
)
def test_a_return_out_of_place_or_time_is_refused(order: Order, refusal: str) -> None:
    assert options(order, a_policy(), Kind.RETURN, NOW).verdict.refusal == refusal
    with pytest.raises(Refused) as refused:
        an_asking(order, kind=Kind.RETURN, reason_code="damaged")
    assert refused.value.code == refusal


def test_a_refused_cancellation_uses_up_no_return() -> None:
    assert an_asking(delivered(guard={"attempts": 9}), kind=Kind.RETURN, reason_code="damaged").case


def test_approving_asks_for_the_goods_first() -> None:
    agreed = said(a_return(), Approve())
    assert (agreed.state, agreed.refund, agreed.waiting_for) == (State.AWAITING_GOODS, None, "buyer")
    assert agreed.if_silent is Silence.EXPIRE


def test_the_money_goes_when_the_seller_has_the_goods() -> None:
    sent = said(said(a_return("damaged"), Approve()), ShippedBack(tracking_number="JNE-9"), BUDI)
    assert (sent.waiting_for, sent.if_silent) == ("seller", Silence.ESCALATE)
    change = advance(sent, an_act(GoodsReceived()), a_context(order=delivered()))
    assert change.case
    assert change.case.refund
    assert (change.case.outcome, change.case.refund.total) == (Outcome.RETURNED, 162_000)
    assert change.slot
    assert (change.slot.returned, change.slot.cancelled) == ({"1": 1}, {})


def test_who_returns_by_choice_bears_the_shipping() -> None:
    assert a_return("wrong_size").quote.refund_total == 150_000
    assert a_return("damaged").quote.refund_total == 162_000


def test_goods_that_never_come_end_the_return() -> None:
    agreed = said(a_return(), Approve())
    assert agreed.deadline_at
    assert said(agreed, Expire(), SYSTEM, now=agreed.deadline_at).outcome is Outcome.EXPIRED


def test_a_tracking_number_can_be_corrected_without_moving_the_deadline() -> None:
    sent = said(said(a_return(), Approve()), ShippedBack(tracking_number="JNE-9"), BUDI)
    again = said(sent, ShippedBack(tracking_number="JNE-10"), BUDI, now=NOW + timedelta(hours=3))
    assert again.goods
    assert (again.goods.tracking_number, again.deadline_at) == ("JNE-10", sent.deadline_at)


def test_goods_on_their_way_cannot_be_withdrawn() -> None:
    agreed = said(a_return(), Approve())
    assert said(agreed, Withdraw(), BUDI).outcome is Outcome.WITHDRAWN
    sent = said(agreed, ShippedBack(tracking_number="JNE-9"), BUDI)
    with pytest.raises(Refused) as refused:
        said(sent, Withdraw(), BUDI)
    assert refused.value.code == "not_now"


def test_an_order_that_completes_meanwhile_changes_nothing() -> None:
    after = said(a_return(), OrderMoved(order_status=OrderStatus.COMPLETED), SYSTEM)
    assert after.state is State.AWAITING_SELLER
    assert said(after, Approve()).state is State.AWAITING_GOODS


# --- parcels that had left: when the money goes back is policy


def called_back(money_back: MoneyBack) -> tuple[Case, Any]:
    policy = a_policy(money_back=money_back)
    case = an_asking(an_order(status="shipped"), policy=policy).case
    assert case
    return case, a_context(policy)


def test_on_approval_the_money_goes_at_once() -> None:
    case, by = called_back(MoneyBack.ON_APPROVAL)
    after = advance(case, an_act(Approve()), by).case
    assert after
    assert after.outcome is Outcome.CANCELLED


@pytest.mark.parametrize("money_back", [MoneyBack.ON_INTERCEPTION, MoneyBack.ON_RECEIPT])
def test_otherwise_the_parcel_comes_first(money_back: MoneyBack) -> None:
    case, by = called_back(money_back)
    waiting = advance(case, an_act(Approve()), by).case
    assert waiting
    assert (waiting.state, waiting.waiting_for, waiting.refund) == (State.AWAITING_GOODS, "seller", None)
    heard = advance(waiting, an_act(ParcelAnswered(word=ParcelWord.INTERCEPTED), SYSTEM), by).case
    assert heard
    paid = money_back is MoneyBack.ON_INTERCEPTION
    assert (heard.outcome or heard.state) == (Outcome.CANCELLED if paid else State.AWAITING_GOODS)
    received = advance(waiting, an_act(GoodsReceived()), by).case
    assert received
    assert received.outcome is Outcome.CANCELLED


def test_a_parcel_that_arrives_although_it_was_called_back_goes_to_support() -> None:
    case, by = called_back(MoneyBack.ON_RECEIPT)
    waiting = advance(case, an_act(Approve()), by).case
    assert waiting
    moved = advance(waiting, an_act(OrderMoved(order_status=OrderStatus.DELIVERED), SYSTEM), by).case
    assert moved
    assert (moved.state, moved.refund) == (State.AWAITING_SUPPORT, None)
    decided = advance(moved, an_act(Approve(), SUPPORT), by).case
    assert decided
    assert decided.outcome is Outcome.CANCELLED
