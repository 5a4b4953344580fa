"""Money that the marketplace gave back itself: told by a push or by itself, shown, and never given twice."""

from typing import Any

import msgspec
import pytest

from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_body
from tests.e2e.conftest import Answer, Marketplace

TWO = (
    Line(line_id="1", name="Kemeja", quantity=1, unit_price=100_000),
    Line(line_id="2", name="Celana", quantity=1, unit_price=50_000),
)


def gave(market: Marketplace, order_id: str, amount: int, **more: Any) -> Answer:
    body = {"event_id": f"e{amount}", "tender_id": "wallet", "state": "refunded", "amount": amount, **more}
    return market.oms("POST", f"/v1/orders/{order_id}/payments", {"at": "2026-11-23T03:00:00Z", **body})


def pushed(market: Marketplace, order_id: str, version: int, *refunds: Any, **more: Any) -> Answer:
    return market.oms("PUT", f"/v1/orders/{order_id}", as_json(order_id, version, refunds, **more))


def as_json(order_id: str, version: int, refunds: Any, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(a_body(order_id=order_id, lines=TWO, version=version, **more))
    return {**body, "refunds": list(refunds)}


def a_refund(amount: int, refund_id: str = "r1", **more: Any) -> dict[str, Any]:
    return {"refund_id": refund_id, "amount": amount, "at": "2026-11-23T03:00:00Z", **more}


def options(market: Marketplace, order_id: str) -> Any:
    return market.buyer("GET", f"/v1/orders/{order_id}/cancellation-options").json["quote"]


def test_a_refund_in_a_push_is_not_offered_again_and_says_so(market: Marketplace) -> None:
    market.order("G-1", lines=TWO)
    assert options(market, "G-1")["refund_total"] == 150_000
    assert pushed(market, "G-1", 2, a_refund(10_000)).json["applied"]
    quote = options(market, "G-1")
    assert (quote["refund_total"], quote["lines"][-1]["amount"]) == (140_000, -10_000)
    assert market.buyer("GET", "/v1/orders/G-1").json["given_elsewhere"] == {"wallet": 10_000}


def test_a_push_that_is_silent_about_a_refund_takes_it_from_nobody(market: Marketplace) -> None:
    market.order("G-8", lines=TWO)
    pushed(market, "G-8", 2, a_refund(10_000))
    pushed(market, "G-8", 3)
    pushed(market, "G-8", 4, a_refund(5_000, "r2"))
    assert options(market, "G-8")["refund_total"] == 135_000


def test_an_open_request_brings_less_from_that_moment_and_both_tables_agree(market: Marketplace) -> None:
    market.order("G-2", lines=TWO)
    case_id = market.ask("G-2")["case_id"]
    assert gave(market, "G-2", 30_000).json["applied"]
    case = market.case(case_id)
    assert (case["state"], case["quote"]["refund_total"]) == ("awaiting_seller", 120_000)
    assert sum(line["amount"] for line in case["quote"]["lines"]) == 120_000
    entry = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"][-1]
    assert (entry["command"], entry["facts"]["refund_before"]) == ("amended", 150_000)
    market.say("seller", case_id, "approve")
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 120_000


def test_the_same_money_told_twice_counts_once(market: Marketplace) -> None:
    market.order("G-3", lines=TWO)
    gave(market, "G-3", 30_000)
    assert not gave(market, "G-3", 30_000).json["applied"]
    assert not gave(market, "G-3", 20_000, event_id="late").json["applied"]
    pushed(market, "G-3", 2, a_refund(30_000, tender_id="wallet"))
    assert options(market, "G-3")["refund_total"] == 120_000


def test_pieces_that_were_refunded_elsewhere_leave_an_open_request(market: Marketplace) -> None:
    market.order("G-4", lines=TWO)
    case_id = market.ask("G-4")["case_id"]
    pushed(market, "G-4", 2, a_refund(50_000, lines=[{"line_id": "2", "quantity": 1}]))
    market.say("seller", case_id, "approve")
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 100_000


def test_money_and_a_move_in_one_push_are_both_taken_in(market: Marketplace) -> None:
    market.order("G-5", lines=TWO)
    case_id = market.ask("G-5")["case_id"]
    pushed(market, "G-5", 2, a_refund(10_000), status="shipped")
    case = market.case(case_id)
    assert (case["parcel"], case["quote"]["refund_total"]) == (None, 140_000)
    assert market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"][-1]["command"] == "order_moved"


def test_batals_own_refund_told_back_is_recognised(market: Marketplace) -> None:
    market.order("G-6", lines=TWO)
    case_id = market.ask("G-6", lines=[{"line_id": "2", "quantity": 1}])["case_id"]
    market.say("seller", case_id, "approve")
    told_back = a_refund(50_000, f"rf_{case_id}", lines=[{"line_id": "2", "quantity": 1}])
    pushed(market, "G-6", 2, told_back)
    assert not gave(market, "G-6", 50_000, refund_id=f"rf_{case_id}").json["applied"]
    assert options(market, "G-6")["refund_total"] == 100_000


@pytest.mark.parametrize(
    ("amount", "tender", "said"), [(1, "card", "no such tender"), (150_001, "wallet", "150001 of 150000")]
)
def test_what_cannot_be_is_refused(market: Marketplace, amount: int, tender: str, said: str) -> None:
    market.order("G-7", lines=TWO)
    answer = gave(market, "G-7", amount, tender_id=tender)
    assert (answer.status, answer.json["errors"][0]["message"]) == (422, said)
