"""Every status has its home: who must agree, what silence means, what it costs, what a move does to an open case."""

from dataclasses import replace

import pytest

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.commands import Approve, OrderMoved
from chalicelib.domain.cases.eligibility import judge
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.orders.statuses import HELD_UP, MOVES, OrderStatus
from chalicelib.domain.policies.policy import Answer, MoneyBack, ParcelMoves, Silence
from chalicelib.domain.policies.reasons import Kind, find_reason
from chalicelib.domain.policies.spans import Span
from infra.sandbox.builders import NOW, SYSTEM, a_case, a_context, a_policy, an_act, an_order

S = OrderStatus


@pytest.mark.parametrize("status", sorted(HELD_UP))
def test_an_order_that_is_held_up_is_cancelled_without_the_seller(status: OrderStatus) -> None:
    verdict = judge(an_order(status=status), a_policy(), Kind.CANCELLATION, NOW)
    assert (verdict.eligible, verdict.needs_seller) == (True, False)


def test_a_policy_may_ask_the_seller_all_the_same() -> None:
    answers = {**a_policy().answers, S.ON_HOLD: Answer(within=Span(amount=1, unit="hours"), if_silent=Silence.EXPIRE)}
    verdict = judge(an_order(status="on_hold"), replace(a_policy(), answers=answers), Kind.CANCELLATION, NOW)
    assert (verdict.needs_seller, verdict.if_silent) == (True, Silence.EXPIRE)


@pytest.mark.parametrize("status", ["returned_to_seller", "lost"])
def test_silence_approves_where_the_goods_are_back_or_lost(status: str) -> None:
    verdict = judge(an_order(status=status), a_policy(if_silent="expire"), Kind.CANCELLATION, NOW)
    assert (verdict.needs_seller, verdict.if_silent, verdict.warnings) == (True, Silence.APPROVE, ())
    assert find_reason("delivery_late", S(status))


@pytest.mark.parametrize("status", ["partly_shipped", "failed_delivery", "returning_to_seller"])
def test_a_parcel_between_seller_and_buyer_is_negotiated_as_a_shipped_one(status: str) -> None:
    policy = a_policy("tokopedia")
    assert policy.answer_at(S(status), preorder=False) == policy.answers[S.SHIPPED]
    assert policy.fee_at(S(status)) == policy.fees[S.SHIPPED]


def test_a_lost_parcel_costs_nothing() -> None:
    assert a_policy().fee_at(S.LOST).basis_points == 0
    assert not a_policy().fee_at(S.LOST).keep_shipping


def test_a_delivery_may_be_tried_again_and_nothing_comes_back_from_the_buyer() -> None:
    assert S.SHIPPED in MOVES[S.FAILED_DELIVERY]
    assert MOVES[S.DELIVERED] == {S.COMPLETED, S.CANCELLED}
    assert S.PLACED in MOVES[S.ON_HOLD]
    assert S.ON_HOLD not in MOVES[S.PROCESSING]


@pytest.mark.parametrize("status", ["failed_delivery", "returning_to_seller", "returned_to_seller", "lost"])
def test_a_parcel_that_does_not_arrive_ends_no_case_and_silences_the_seller(status: str) -> None:
    policy = a_policy("lazada", parcel_moves=ParcelMoves.END, if_silent="approve")
    case = a_case(an_order(status="shipped"), policy=policy)
    moved = advance(case, an_act(OrderMoved(order_status=S(status)), SYSTEM), a_context(policy)).case
    assert moved is not None
    assert (moved.state, moved.order_status, moved.if_silent) == (State.AWAITING_SELLER, status, Silence.ESCALATE)
    later = advance(moved, an_act(Approve()), a_context(policy)).case
    assert later is not None
    assert later.state is State.AWAITING_SUPPORT


@pytest.mark.parametrize(("status", "waits"), [("shipped", True), ("returned_to_seller", False), ("lost", False)])
def test_money_waits_for_no_goods_that_are_back_or_lost(status: str, waits: bool) -> None:
    policy = a_policy("shopee", money_back=MoneyBack.ON_RECEIPT)
    case = a_case(an_order(status=status), policy=policy)
    after = advance(case, an_act(Approve()), a_context(policy)).case
    assert after is not None
    assert (after.state is State.AWAITING_GOODS, after.outcome) == (waits, None if waits else Outcome.CANCELLED)


def test_goods_that_come_back_as_they_were_called_need_nobody_to_look() -> None:
    policy = a_policy("shopee", money_back=MoneyBack.ON_RECEIPT)
    called_back = advance(a_case(an_order(status="shipped"), policy=policy), an_act(Approve()), a_context(policy)).case
    assert called_back is not None
    for status, state in (("returning_to_seller", State.AWAITING_GOODS), ("lost", State.AWAITING_SUPPORT)):
        moved = advance(called_back, an_act(OrderMoved(order_status=S(status)), SYSTEM), a_context(policy)).case
        assert moved is not None
        assert moved.state is state
