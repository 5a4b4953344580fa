"""Reasons with what follows from them: whose fault, whether photos are wanted, whether goods come back at all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.asking import options
from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import GoodsFault
from chalicelib.domain.cases.commands import (
    Approve,
    ContestGoods,
    DeclineOffer,
    Expire,
    GoodsReceived,
    MakeOffer,
    Said,
    ShippedBack,
)
from chalicelib.domain.cases.effects import Announcement
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import BatalError, Invalid
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Declined, MoneyBack, Silence
from chalicelib.domain.policies.reasons import ASKING, Kind, find_reason, reasons_for, wants_evidence
from infra.sandbox.builders import BUDI, NOW, SELLER, SUPPORT, SYSTEM, a_context, a_policy, an_act, an_asking, an_order

LATER = NOW + timedelta(days=30)


def delivered() -> Order:
    return replace(an_order(status="delivered", shipping_fee=12_000), status_at=NOW - timedelta(days=1))


def a_claim(**more: Any) -> Case:
    case = an_asking(delivered(), kind=Kind.RETURN, reason_code="not_received", **more).case
    assert case
    return case


def said(case: Case, what: Said, actor: Any = SELLER, now: Any = NOW, **policy: Any) -> Case:
    after = advance(case, an_act(what, actor, now=now), a_context(a_policy(**policy), order=delivered())).case
    assert after
    return after


@pytest.mark.parametrize(
    ("code", "status", "kind", "role", "fault"),
    [
        ("voucher_forgotten", "processing", "cancellation", "buyer", "buyer"),
        ("shipping_too_dear", "placed", "cancellation", "buyer", "buyer"),
        ("agreed_with_seller", "shipped", "cancellation", "buyer", "buyer"),
        ("parcel_lost", "shipped", "cancellation", "buyer", "carrier"),
        ("delivery_failed", "shipped", "cancellation", "buyer", "carrier"),
        ("fraud", "processing", "cancellation", "support", "platform"),
        ("payment_declined", "unpaid", "cancellation", "support", "platform"),
        ("counterfeit", "delivered", "return", "buyer", "seller"),
        ("not_received", "delivered", "return", "buyer", "carrier"),
    ],
)
def test_what_platforms_ask_for_has_a_reason(code: str, status: str, kind: str, role: str, fault: str) -> None:
    reason = find_reason(code, OrderStatus(status), Kind(kind), Role(role))
    assert reason
    assert reason.fault is Fault(fault)


def test_photos_are_wanted_of_goods_that_can_be_photographed() -> None:
    wanted = {reason.code for reason in ASKING if reason.evidence}
    assert wanted == {
        "damaged",
        "not_as_described",
        "wrong_item_sent",
        "parts_missing",
        "counterfeit",
        "damaged_in_transit",
    }
    assert wants_evidence("damaged", Kind.RETURN)
    assert not wants_evidence("not_received", Kind.RETURN)
    assert not wants_evidence(None, Kind.CANCELLATION)
    assert all(reason.goods_come_back for reason in ASKING if reason.evidence)


def test_what_only_customer_service_can_know_no_buyer_may_say() -> None:
    assert "fraud" not in {reason.code for reason in reasons_for(OrderStatus.PROCESSING)}
    for actor in (BUDI, SELLER):
        with pytest.raises(Invalid) as refused:
            an_asking(reason_code="fraud", actor=actor)
        assert refused.value.code == "reason_not_allowed"
    for actor in (SUPPORT, SYSTEM):
        case = an_asking(reason_code="fraud", actor=actor).case
        assert case
        assert (case.asked.fault, case.quote.fees_total) == (Fault.PLATFORM, 0)
        of_buyer = an_asking(reason_code="wrong_size", actor=actor).case
        assert of_buyer
        assert of_buyer.asked.fault is Fault.BUYER


def test_customer_service_sees_before_asking_what_it_alone_can_say_and_at_what_price() -> None:
    order = an_order(status="ready_to_ship")
    told = options(order, a_policy(), Kind.CANCELLATION, NOW, reason_code="fraud", asks=Role.SUPPORT)
    assert {"fraud", "wrong_size"} <= {reason.code for reason in told.reasons}
    assert told.quote.fees_total == 0
    assert an_asking(order, reason_code="fraud", actor=SUPPORT, quote_id=told.quote.quote_id).case
    of_buyer = options(order, a_policy(), Kind.CANCELLATION, NOW, reason_code="fraud")
    assert "fraud" not in {reason.code for reason in of_buyer.reasons}
    assert of_buyer.quote.fees_total


def test_before_asking_it_is_said_that_nothing_comes_back() -> None:
    told = options(delivered(), a_policy(), Kind.RETURN, NOW, reason_code="not_received")
    assert told.steps == ("choose_reason", "read_terms", "confirm", "seller_answers", "money_returns")
    assert "nothing_to_send_back" in told.consequences
    assert not [each for each in told.consequences if each.startswith("way_back")]


def test_before_asking_photos_are_asked_for() -> None:
    told = options(delivered(), a_policy(), Kind.RETURN, NOW, reason_code="counterfeit")
    assert "add_photos" in told.steps
    assert "send_goods_back" in told.steps


def test_a_yes_pays_at_once_where_no_goods_come_back() -> None:
    case = a_claim()
    assert case.way_back is None
    paid = said(case, Approve())
    assert (paid.state, paid.outcome, paid.goods, paid.ending) == (
        State.CLOSED,
        Outcome.RETURNED,
        None,
        "money_alone",
    )
    assert paid.refund
    assert paid.refund.total == 162_000


def test_the_order_system_is_told_that_there_is_nothing_to_put_on_sale() -> None:
    change = advance(a_claim(), an_act(Approve()), a_context())
    assert change.case
    assert change.entry
    assert any(promise.effect == Announcement(EventName.ORDER_RETURNED) for promise in change.case.outbox)
    assert (change.entry.events or {})["order.returned"]["goods_came_back"] is False


@pytest.mark.parametrize(
    "what",
    [
        ShippedBack(tracking_number="JNE-1"),
        GoodsReceived(),
        ContestGoods(fault=GoodsFault.NOT_ARRIVED),
        Approve(return_address="Gudang"),
        Approve(deduction=1),
    ],
)
def test_nothing_about_goods_may_be_said_where_none_come_back(what: Said) -> None:
    for actor in (BUDI, SELLER, SUPPORT):
        with pytest.raises(BatalError):
            said(a_claim(), what, actor)


@pytest.mark.parametrize("declined", [False, True])
def test_a_sellers_silence_alone_pays_nothing_that_nobody_saw(declined: bool) -> None:
    policy = a_policy()
    assert policy.returns
    silent = replace(policy.returns, answer=replace(policy.returns.answer, if_silent=Silence.APPROVE))
    trusting, asked_again = replace(policy, returns=silent), replace(policy.offers, declined=Declined.SELLER)
    case = a_claim(policy=trusting)
    if declined:
        case = said(said(case, MakeOffer(fee=1_000)), DeclineOffer(), BUDI, returns=silent, offers=asked_again)
    assert case.if_silent == "escalate"
    assert said(case, Expire(), SYSTEM, now=LATER, returns=silent).state is State.AWAITING_SUPPORT


def test_nobody_waits_for_a_parcel_that_is_lost() -> None:
    order = an_order(status="shipped")
    policy = a_policy(money_back=MoneyBack.ON_RECEIPT)
    lost = an_asking(order, policy=policy, reason_code="parcel_lost").case
    late = an_asking(order, policy=policy, reason_code="delivery_failed").case
    assert lost
    assert late
    assert said(lost, Approve(), money_back=MoneyBack.ON_RECEIPT).state is State.CLOSED
    assert said(late, Approve(), money_back=MoneyBack.ON_RECEIPT).state is State.AWAITING_GOODS
