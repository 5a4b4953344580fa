"""Orders in several parcels: pushed whole or by a word each, asked about apart, claimed before they leave."""

from typing import Any

import msgspec
import pytest

from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_body
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_pages import Phone

TWO = (
    Line(line_id="1", name="Kemeja", quantity=2, unit_price=100_000),
    Line(line_id="2", name="Celana", quantity=1, unit_price=50_000),
)
PACKAGES = [
    {"package_id": "P1", "status": "processing", "lines": [{"line_id": "1", "quantity": 2}]},
    {"package_id": "P2", "status": "processing", "lines": [{"line_id": "2", "quantity": 1}]},
]
LINE_2 = [{"line_id": "2", "quantity": 1}]


def pushed(market: Marketplace, order_id: str, **more: Any) -> str:
    body: dict[str, Any] = msgspec.to_builtins(a_body(order_id=order_id, lines=TWO))
    assert market.oms("PUT", f"/v1/orders/{order_id}", {**body, "packages": PACKAGES, **more}).status == 201
    return order_id


def word(market: Marketplace, order_id: str, status: str, **more: Any) -> Answer:
    body = {"status": status, "at": "2026-11-23T03:00:00Z", "event_id": "e1", **more}
    return market.oms("POST", f"/v1/orders/{order_id}/status", body)


def claim(market: Marketplace, order_id: str, event_id: str = "c1", **more: Any) -> Answer:
    return market.oms("POST", f"/v1/orders/{order_id}/shipping-claim", {"event_id": event_id, **more})


def order(market: Marketplace, order_id: str) -> Any:
    return market.support("GET", f"/v1/orders/{order_id}").json


def test_a_parcel_that_leaves_is_shown_and_the_other_is_cancelled_as_unshipped(market: Marketplace) -> None:
    pushed(market, "P-1")
    answer = word(market, "P-1", "shipped", package_id="P1", tracking_number="JNE-7", carrier="JNE")
    assert answer.json["applied"]
    seen = order(market, "P-1")
    assert (seen["status"], [each["status"] for each in seen["packages"]]) == (
        "partly_shipped",
        ["shipped", "processing"],
    )
    assert seen["packages"][0]["tracking_number"] == "JNE-7"
    options = market.buyer("GET", "/v1/orders/P-1/cancellation-options").json
    assert (options["refusal"]["code"], len(options["groups"])) == ("mixed_standing", 2)
    whole = market.buyer(
        "POST", "/v1/orders/P-1/cancellations", {"channel": "app", "accept_terms": True, "reason_code": "other"}
    )
    assert (whole.status, whole.json["code"], len(whole.json["groups"])) == (409, "mixed_standing", 2)
    case = market.ask("P-1", lines=LINE_2)
    assert (case["quote"]["fees_total"], case["quote"]["refund_total"]) == (0, 50_000)


def test_another_parcels_move_is_nothing_to_a_request_about_this_one(market: Marketplace) -> None:
    pushed(market, "P-2")
    word(market, "P-2", "shipped", package_id="P1")
    case_id = market.ask("P-2", lines=LINE_2)["case_id"]
    word(market, "P-2", "delivered", package_id="P1")
    entries = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    assert [entry["command"] for entry in entries] == ["ask"]
    word(market, "P-2", "shipped", package_id="P2")
    entries = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    assert [entry["command"] for entry in entries] == ["ask", "order_moved"]


def test_a_cancelled_part_that_leaves_all_the_same_is_noticed(market: Marketplace) -> None:
    pushed(market, "P-3")
    case_id = market.ask("P-3", lines=LINE_2)["case_id"]
    market.say("seller", case_id, "approve")
    word(market, "P-3", "shipped", package_id="P1")
    assert market.case(case_id)["late_parcel"] is None
    word(market, "P-3", "shipped", package_id="P2")
    assert market.case(case_id)["late_parcel"]["status"] == "shipped"


def test_words_without_a_version_may_come_again_and_need_a_name(market: Marketplace) -> None:
    pushed(market, "P-4")
    assert word(market, "P-4", "shipped", package_id="P1").json["applied"]
    assert not word(market, "P-4", "shipped", package_id="P1").json["applied"]
    nameless = market.oms("POST", "/v1/orders/P-4/status", {"status": "shipped", "at": "2026-11-23T03:00:00Z"})
    assert (nameless.status, nameless.json["code"]) == (422, "validation_failed")
    unknown = word(market, "P-4", "shipped", package_id="P9")
    assert (unknown.status, unknown.json["errors"][0]["field"]) == (422, "package_id")


def test_what_a_warehouse_claimed_is_negotiated_from_then_on(market: Marketplace) -> None:
    pushed(market, "P-5")
    first = claim(market, "P-5", package_id="P2")
    assert (first.status, first.json["lines"]) == (200, LINE_2)
    assert claim(market, "P-5", package_id="P2").json == first.json
    case = market.ask("P-5", lines=LINE_2)
    assert (case["state"], case["quote"]["fees_total"] > 0) == ("awaiting_seller", True)


def test_a_claim_is_refused_with_the_case_while_somebody_asks_and_once_it_is_granted(market: Marketplace) -> None:
    pushed(market, "P-6")
    case_id = market.ask("P-6", lines=LINE_2)["case_id"]
    refused = claim(market, "P-6", package_id="P2")
    assert (refused.status, refused.json["code"], refused.json["case"]["case_id"]) == (409, "case_open", case_id)
    assert claim(market, "P-6", "c2", package_id="P1").status == 200
    market.say("seller", case_id, "approve")
    granted = claim(market, "P-6", "c3", package_id="P2")
    assert (granted.status, granted.json["code"], granted.json["case"]["case_id"]) == (409, "case_granted", case_id)
    whole = claim(market, "P-6", "c4")
    assert (whole.status, whole.json["lines"]) == (200, [{"line_id": "1", "quantity": 2}])


@pytest.mark.parametrize("package_id", ["P9", "P1"])
def test_only_what_is_known_is_claimed(market: Marketplace, package_id: str) -> None:
    market.order("P-7")
    assert claim(market, "P-7", package_id=package_id).status == 422
    assert claim(market, "P-8").json["code"] == "order_unknown_yet"


def test_pages_show_parcels_and_let_the_buyer_choose_the_part(market: Marketplace) -> None:
    pushed(market, "P-9")
    word(market, "P-9", "shipped", package_id="P1", tracking_number="JNE-7")
    phone = Phone(market)
    phone.sign_in()
    page = phone.open("/orders/P-9")
    assert "JNE-7" in page.text
    assert "Dikirim Sebagian" in page.text
    choice = phone.open("/orders/P-9/cancel")
    assert "Sebagian barang sudah dikirim" in choice.text
    assert 'href="/orders/P-9/cancel?line-2=1"' in choice.text
    part = phone.open("/orders/P-9/cancel?line-2=1&reason_code=wrong_size")
    assert part.status == 200
    assert "Rp50.000" in part.text


def test_a_seller_who_cannot_deliver_the_rest_cancels_the_rest(market: Marketplace) -> None:
    pushed(market, "P-10")
    word(market, "P-10", "shipped", package_id="P1")
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    page = phone.open("/orders/P-10")
    assert "Bagian yang belum dikirim" in page.text
    sure = phone.submit(page, "/orders/P-10/cancel", reason_code="out_of_stock")
    phone.submit(sure, "/orders/P-10/cancel")
    (case_id,) = order(market, "P-10")["cases"]
    case = market.case(case_id)
    assert (case["outcome"], case["lines"]) == ("cancelled", LINE_2)


def test_a_parcel_of_an_order_that_was_cancelled_whole_is_noticed_when_it_leaves(market: Marketplace) -> None:
    pushed(market, "P-11")
    case_id = market.ask("P-11")["case_id"]
    market.say("seller", case_id, "approve")
    word(market, "P-11", "shipped", package_id="P1")
    assert market.case(case_id)["late_parcel"]["status"] == "shipped"


def test_what_its_platform_cancelled_is_not_claimed(market: Marketplace) -> None:
    market.order("P-12")
    market.status("P-12", "cancelled")
    refused = claim(market, "P-12")
    assert (refused.status, refused.json["code"]) == (409, "already_cancelled")


def test_the_rest_of_a_line_may_leave_while_the_money_of_a_part_is_on_its_way(market: Marketplace) -> None:
    pushed(market, "P-13", tenders=[{"method": "card", "amount": 250_000}])
    case_id = market.ask("P-13", lines=[{"line_id": "1", "quantity": 1}])["case_id"]
    assert market.say("seller", case_id, "approve")["state"] == "refunding"
    assert claim(market, "P-13", package_id="P1").json["lines"] == [{"line_id": "1", "quantity": 1}]
