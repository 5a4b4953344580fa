"""Instant windows: for which orders, from when, until when."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.asking import options
from chalicelib.domain.cases.steps.offers import answer_of_seller
from chalicelib.domain.orders.body import Preorder
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import Answer, InstantWindow, Policy, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.spans import Span
from infra.sandbox.builders import NOW, a_context, a_policy, an_asking, an_order

LONG_AGO, JUST_NOW = NOW - timedelta(days=1), NOW - timedelta(minutes=59)
SHIPS_BY = NOW + timedelta(days=14)
PREORDER: dict[str, Any] = {"preorder": Preorder(ships_by=SHIPS_BY)}


def an_order_of(platform: str = "shopee", **more: Any) -> Order:
    return an_order(**{"platform": platform, "status": "processing", "paid_at": LONG_AGO, **more})


def is_instant(order: Order, policy: Policy | None = None) -> bool:
    verdict = options(order, policy or a_policy(order.body.platform), Kind.CANCELLATION, NOW).verdict
    return verdict.eligible and not verdict.needs_seller


@pytest.mark.parametrize("service", ["regular", "Reguler", "ECONOMY", "Next Day", "next-day", "pick_up", "Cargo"])
def test_shopee_cancels_at_once_until_the_seller_arranges_shipment(service: str) -> None:
    assert is_instant(an_order_of(shipping_service=service))
    assert is_instant(an_order_of(shipping_service=service, shipment_arranged_at=NOW + timedelta(minutes=1)))
    for status in ("placed", "processing"):
        arranged = an_order_of(shipping_service=service, shipment_arranged_at=NOW, paid_at=JUST_NOW, status=status)
        assert not is_instant(arranged)
    assert not is_instant(an_order_of(shipping_service=service, status="ready_to_ship"))


@pytest.mark.parametrize(
    "order",
    [{"shipping_service": "Instant"}, {"shipping_service": "Same Day"}, {"shipping_service": "regular", **PREORDER}],
)
def test_shopee_cancels_instant_same_day_and_pre_orders_at_once_for_an_hour(order: dict[str, Any]) -> None:
    assert is_instant(an_order_of(paid_at=JUST_NOW, **order))
    assert not is_instant(an_order_of(paid_at=NOW - timedelta(hours=1), **order))


def test_where_nobody_told_the_service_the_hour_holds_as_before() -> None:
    assert is_instant(an_order_of(status="placed", paid_at=JUST_NOW))
    assert not is_instant(an_order_of(status="placed"))
    assert not is_instant(an_order_of(paid_at=JUST_NOW))


def test_tokopedia_cancels_at_once_what_the_platform_ships_until_it_moves() -> None:
    for status, instant in (("placed", True), ("processing", True), ("ready_to_ship", True), ("shipped", False)):
        assert is_instant(an_order_of("tokopedia", status=status, fulfilment="platform")) is instant
        assert not is_instant(an_order_of("tokopedia", status=status))


def test_tiktok_shop_holds_an_order_for_an_hour() -> None:
    assert is_instant(an_order_of("tiktok", status="placed", paid_at=JUST_NOW))
    assert not is_instant(an_order_of("tiktok", status="placed"))
    assert not is_instant(an_order_of("tiktok", paid_at=JUST_NOW))


def test_an_hour_ends_sooner_where_the_shipment_is_arranged_within_it() -> None:
    window = InstantWindow(
        statuses=(OrderStatus.PROCESSING,), span=Span(amount=1, unit="hours"), until_arranged=True, preorder=False
    )
    policy = a_policy(instant=(window,))
    at = NOW + timedelta(seconds=30)
    assert policy.instant_until(an_order_of(paid_at=JUST_NOW, shipment_arranged_at=at), NOW, ()) == at
    assert policy.instant_until(an_order_of(paid_at=JUST_NOW), NOW, ()) == NOW + timedelta(minutes=1)
    assert policy.instant_until(an_order_of(paid_at=JUST_NOW, **PREORDER), NOW, ()) is None


def test_a_pre_order_has_answer_times_of_its_own_and_says_by_when_it_is_sent() -> None:
    slow = Answer(within=Span(amount=5, unit="days"), if_silent=Silence.EXPIRE)
    policy = a_policy(preorder_answers={OrderStatus.PROCESSING: slow})
    ordinary = options(an_order_of(), policy, Kind.CANCELLATION, NOW)
    told = options(an_order_of(**PREORDER), policy, Kind.CANCELLATION, NOW)
    assert (ordinary.ships_by, told.ships_by) == (None, SHIPS_BY)
    assert told.verdict.answer_by == NOW + timedelta(days=5)
    assert ordinary.verdict.answer_by != told.verdict.answer_by
    packed = an_order_of(status="ready_to_ship", **PREORDER)
    assert options(packed, policy, Kind.CANCELLATION, NOW).verdict.answer_by == ordinary.verdict.answer_by


def test_a_pre_orders_own_time_holds_after_a_declined_offer_too() -> None:
    slow = Answer(within=Span(amount=5, unit="days"), if_silent=Silence.EXPIRE)
    policy = a_policy(preorder_answers={OrderStatus.PROCESSING: slow})
    case = an_asking(an_order_of("lazada", **PREORDER), policy=policy).case
    assert case
    assert answer_of_seller(case, a_context(policy)) == slow
    assert answer_of_seller(replace(case, preorder=False), a_context(policy)) != slow
