"""Orders move while a case is open: out of order, repeated, racing the seller's answer."""

from typing import Any

import pytest

from tests.e2e.conftest import Answer, Marketplace


def status(market: Marketplace, order_id: str, status: str, version: int, **more: Any) -> Answer:
    body = {"status": status, "version": version, "at": "2026-11-23T09:00:00Z", **more}
    return market.oms("POST", f"/v1/orders/{order_id}/status", body)


@pytest.fixture
def asked(market: Marketplace) -> tuple[Marketplace, str]:
    """Lazada: a parcel that moves lets the case go on, knowing it."""
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    return market, case_id


def test_a_parcel_that_left_after_asking_beats_a_later_approval(asked: tuple[Marketplace, str]) -> None:
    market, case_id = asked
    assert status(market, "LZD-1001", "shipped", 2, tracking_number="JNE-1").json["applied"]
    assert market.case(case_id)["state"] == "awaiting_seller"
    approved = market.seller("POST", f"/v1/cases/{case_id}/approve", {})
    assert (approved.status, approved.json["state"], approved.json["refund"]) == (200, "awaiting_support", None)
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 0
    market.waits_in(case_id, turn=2)
    decided = market.support("POST", f"/v1/cases/{case_id}/approve", {"note": "courier brings it back"})
    assert decided.json["outcome"] == "cancelled"
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 163_000
    assert market.ended(case_id) == ["AwaitSeller", "Route", "AwaitSupport", "Route", "Closed"]
    assert market.buyer("GET", "/v1/orders/LZD-1001").json["status"] == "cancelled"


def test_what_batal_cancelled_stays_cancelled_whatever_the_oms_says_later(asked: tuple[Marketplace, str]) -> None:
    market, case_id = asked
    market.seller("POST", f"/v1/cases/{case_id}/approve", {})
    market.ended(case_id)
    assert status(market, "LZD-1001", "shipped", 2).json["applied"]
    order = market.buyer("GET", "/v1/orders/LZD-1001").json
    assert (order["status"], order["lines"][0]["cancelled_quantity"]) == ("cancelled", 1)
    again = market.buyer("GET", "/v1/orders/LZD-1001/cancellation-options").json
    assert (again["eligible"], again["refusal"]["code"], again["odds"]["level"]) == (False, "already_cancelled", "none")


def test_an_order_that_its_own_system_cancelled_ends_the_case(asked: tuple[Marketplace, str]) -> None:
    market, case_id = asked
    status(market, "LZD-1001", "cancelled", 2)
    assert market.ended(case_id) == ["AwaitSeller", "Route", "Closed"]
    assert market.case(case_id)["outcome"] == "overtaken"
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 0


def test_where_the_policy_says_so_a_parcel_that_leaves_ends_the_case(market: Marketplace) -> None:
    market.push("SHP-2001")
    case_id = market.ask("SHP-2001")["case_id"]
    market.waits_in(case_id)
    status(market, "SHP-2001", "shipped", 2)
    assert market.ended(case_id) == ["AwaitSeller", "Route", "Closed"]
    assert market.case(case_id)["outcome"] == "overtaken"
    assert market.kinds_mailed().count(("budi", "overtaken")) == 1
    late = market.seller("POST", f"/v1/cases/{case_id}/approve", {})
    assert (late.status, late.json["code"]) == (409, "already_decided")


def test_packing_is_no_move(asked: tuple[Marketplace, str]) -> None:
    market, case_id = asked
    status(market, "LZD-1001", "ready_to_ship", 2)
    assert market.seller("POST", f"/v1/cases/{case_id}/approve", {}).json["outcome"] == "cancelled"


def test_news_may_be_repeated_and_overtake_each_other(asked: tuple[Marketplace, str]) -> None:
    market, _ = asked
    answers = [
        status(market, "LZD-1001", name, version).json["applied"]
        for name, version in (("delivered", 4), ("shipped", 3), ("delivered", 4), ("completed", 5))
    ]
    assert answers == [True, False, False, True]
    assert market.buyer("GET", "/v1/orders/LZD-1001").json["status"] == "completed"


def test_the_buyer_may_ask_again_after_withdrawing_while_the_policy_allows(market: Marketplace) -> None:
    market.push("LZD-1001")
    for attempt in (1, 2, 3):
        case = market.ask("LZD-1001")
        assert case["attempt"] == attempt
        withdrawn = market.buyer("POST", f"/v1/cases/{case['case_id']}/withdraw", {})
        assert withdrawn.json["outcome"] == "withdrawn"
    options = market.buyer("GET", "/v1/orders/LZD-1001/cancellation-options").json
    assert (options["eligible"], options["refusal"]["code"]) == (False, "attempts_used_up")


def test_an_order_inside_the_instant_window_is_cancelled_at_once(market: Marketplace) -> None:
    market.push("LZD-1003")
    options = market.buyer("GET", "/v1/orders/LZD-1003/cancellation-options").json
    assert (options["needs"], options["odds"]["level"], options["usual_time"]["p50_seconds"]) == (
        "none",
        "very_high",
        0,
    )
    case = market.ask("LZD-1003")
    assert (case["state"], case["outcome"]) == ("closed", "cancelled")
    assert market.ended(case["case_id"]) == ["AwaitSeller", "Route", "Closed"]
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 93_000
    assert market.kinds_mailed() == [("budi", "approved"), ("toko-baju", "approved")]
