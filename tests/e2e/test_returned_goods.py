"""Goods that come back, over HTTP and on the pages: seen before they are paid, contested, and where they go."""

import re
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_body
from infra.sandbox.outage import events
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

SHIRTS = (
    Line(line_id="1", name="Kemeja", quantity=2, unit_price=100_000),
    Line(line_id="2", name="Topi", quantity=1, unit_price=50_000),
)


HOME = "Jl. Kenanga 5"


def form_with(page: Answer, field: str) -> dict[str, str]:
    """What the form of this page that has this field sends when nobody touches it."""
    return next(form.fields for form in forms_of(page) if field in form.fields)


def a_return(market: Marketplace, order_id: str, reason_code: str = "damaged") -> str:
    """A return that the seller agreed to, of two shirts and a cap."""
    market.order(order_id, status="shipped", lines=SHIRTS)
    market.status(order_id, "delivered")
    wish = {"reason_code": reason_code, "channel": "app", "accept_terms": True}
    case_id: str = market.buyer("POST", f"/v1/orders/{order_id}/returns", wish).json["case_id"]
    market.say("seller", case_id, "approve")
    return case_id


def sent_back(market: Marketplace, order_id: str) -> str:
    case_id = a_return(market, order_id)
    market.say("buyer", case_id, "shipped-back", tracking_number="FAKE-1")
    return case_id


def heard(market: Marketplace, case_id: str, word: str, **more: Any) -> Any:
    return market.oms("POST", f"/v1/cases/{case_id}/parcel", {"result": word, **more})


def told(market: Marketplace, case_id: str, name: str) -> list[dict[str, Any]]:
    """What was published of a case under this name, once all that it promised is out."""
    market.all_goes_out(case_id)
    return [event["data"] for event in events() if event["case_id"] == case_id and event["type"] == name]


def test_a_made_up_tracking_number_and_silence_pay_nothing(market: Marketplace) -> None:
    case_id = sent_back(market, "BACK-1")
    market.expire(case_id)
    case = market.case(case_id)
    assert (case["state"], case["refund"]) == ("awaiting_support", None)
    market.expire(case_id)
    assert market.case(case_id)["refund"] is None


def test_the_carriers_word_begins_the_sellers_time_and_its_end_pays(market: Marketplace) -> None:
    case_id = sent_back(market, "BACK-2")
    assert heard(market, case_id, "picked_up").status == 200
    arrived = heard(market, case_id, "delivered", at=market.world.clock().isoformat()).json
    assert arrived["goods"]["arrived_at"]
    assert (arrived["waiting_for"], arrived["if_silent"]) == ("seller", "approve")
    assert heard(market, case_id, "delivered").json["deadline_at"] == arrived["deadline_at"]
    market.all_goes_out(case_id)
    assert {("toko-baju", "goods_arrived"), ("budi", "goods_arrived")} <= set(market.kinds_mailed())
    market.expire(case_id)
    assert market.case(case_id)["outcome"] == "returned"


@pytest.mark.parametrize("fault", ["not_arrived", "damaged", "not_as_sent", "incomplete"])
def test_a_seller_contests_and_the_money_waits_for_customer_service(market: Marketplace, fault: str) -> None:
    case_id = sent_back(market, "BACK-3")
    body = {"fault": fault, "comment": "Lihat foto", "lines": [{"line_id": "1", "quantity": 1}]}
    case = market.seller("POST", f"/v1/cases/{case_id}/contest-goods", body).json
    assert case["state"] == "awaiting_support"
    assert case["goods"]["contested"] | {"at": None} == {**body, "at": None}
    event, *_ = told(market, case_id, "return.contested")
    assert (event["fault"], event["lines"]) == (fault, body["lines"])
    assert market.buyer("POST", f"/v1/cases/{case_id}/contest-goods", body).status == 403
    market.expire(case_id)
    assert market.case(case_id)["refund"] is None


def test_customer_service_deducts_and_dismisses(market: Marketplace) -> None:
    case_id = sent_back(market, "BACK-4")
    market.say("seller", case_id, "contest-goods", fault="incomplete", comment="Topinya tidak ada")
    accepted = [{"line_id": "1", "quantity": 2}]
    too_much = {"deduction": 200_001, "lines": accepted, "note": "x"}
    wrong = market.support("POST", f"/v1/cases/{case_id}/approve", too_much)
    assert (wrong.status, wrong.json["code"]) == (422, "deduction_too_high")
    assert market.case(case_id)["refund"] is None
    paid = market.say("support", case_id, "approve", deduction=20_000, lines=accepted, note="foto dilihat")
    assert (paid["outcome"], paid["refund"]["total"]) == ("returned", 180_000)
    assert paid["dismissed"] == [{"line_id": "2", "quantity": 1}]
    lines = market.buyer("GET", "/v1/orders/BACK-4").json["lines"]
    assert [line["returned_quantity"] for line in lines] == [2, 0]
    event, *_ = told(market, case_id, "order.returned")
    assert (event["lines"], event["refund_total"]) == (accepted, 180_000)


def test_a_label_and_an_address_reach_the_buyer(market: Marketplace) -> None:
    market.seller("PUT", "/v1/sellers/toko-baju/policy", {"rules": [], "return_address": "Gudang Toko\nBandung"})
    case_id = a_return(market, "BACK-5")
    assert market.case(case_id)["way_back"]["address"] == "Gudang Toko\nBandung"
    label = {"label_url": "https://labels.example/1.pdf", "pickup_code": "JNE-4711"}
    for wrong in ({"label_url": "javascript:alert(1)"}, {"label_url": "http://labels.example/1"}, {}):
        assert market.oms("POST", f"/v1/cases/{case_id}/return-label", wrong).status == 422
    assert market.seller("POST", f"/v1/cases/{case_id}/return-label", label).status == 403
    given = market.oms("POST", f"/v1/cases/{case_id}/return-label", label).json["way_back"]
    assert (given["label_url"], given["pickup_code"], given["paid_by"]) == (*label.values(), "seller")
    buyer = Phone(market)
    buyer.sign_in("budi", "buyer")
    page = buyer.open(f"/cases/{case_id}").text
    assert all(words in page for words in ("Gudang Toko", "JNE-4711", 'href="https://labels.example/1.pdf"'))
    assert "ditanggung penjual" in page


def test_a_sellers_rules_keep_their_address_when_a_rule_is_pushed_without_it(market: Marketplace) -> None:
    path = "/v1/sellers/toko-baju/policy"
    market.seller("PUT", path, {"rules": [], "return_address": "Gudang"})
    assert market.seller("PUT", path, {"rules": []}).json["return_address"] == "Gudang"
    assert market.seller("PUT", path, {"rules": [], "return_address": ""}).json["return_address"] is None


def test_the_order_itself_says_where_goods_go(market: Marketplace) -> None:
    seller = replace(a_body().seller, return_address="Jl. Melati 1")
    market.order("BACK-6", status="delivered", lines=SHIRTS)
    body = replace(a_body(order_id="BACK-6", version=2, status="delivered", lines=SHIRTS), seller=seller)
    assert market.oms("PUT", "/v1/orders/BACK-6", body).status == 200
    wish = {"reason_code": "damaged", "channel": "app", "accept_terms": True}
    case = market.buyer("POST", "/v1/orders/BACK-6/returns", wish).json
    assert case["way_back"] == {
        "paid_by": "seller",
        "address": "Jl. Melati 1",
        "label_url": None,
        "pickup_code": None,
        "carrier": None,
    }


# --- on the pages


def test_a_seller_reports_on_the_page_and_support_sees_what_it_decides(market: Marketplace) -> None:
    case_id = sent_back(market, "BACK-7")
    place = f"/cases/{case_id}"
    seller = Phone(market)
    seller.sign_in("toko-baju", "seller")
    empty = seller.submit(seller.open(place), f"{place}/contest-goods", fault="damaged")
    assert empty.status == 422
    assert seller.submit(seller.open(place), f"{place}/contest-goods", fault="damaged", comment="Sobek").status == 303
    buyer = Phone(market)
    buyer.sign_in("budi", "buyer")
    assert "Sobek" in buyer.open(place).text
    support = Phone(market)
    support.sign_in("sari", "support")
    page = support.open(place)
    assert "Sobek" in page.text
    typed = {"deduction": "50rb", "note": "foto dilihat", "line-1": "2", "line-2": "0"}
    shown = support.press(f"{place}/approve", form_with(page, "deduction") | typed)
    assert shown.status == 200
    assert "Rp150.000" in shown.text
    assert market.row(case_id).refund is None
    assert support.submit(shown, f"{place}/approve", note="foto dilihat").status == 303
    paid = market.row(case_id)
    assert paid.refund
    assert (paid.refund.total, dict(paid.dismissed)) == (150_000, {"2": 1})


def test_a_seller_keeps_a_return_address_on_the_page(market: Marketplace) -> None:
    seller = Phone(market)
    seller.sign_in("toko-baju", "seller")
    form = form_with(seller.open("/seller/rules"), "return_address")
    kept = seller.press("/seller/rules", form | {"what": "address", "return_address": HOME})
    assert kept.status == 200
    assert HOME in kept.text


def test_what_never_arrived_is_paid_at_the_sellers_yes(market: Marketplace) -> None:
    market.order("LZD-9", status="delivered")
    phone = Phone(market)
    phone.sign_in()
    before = phone.open("/orders/LZD-9/return?reason_code=not_received")
    assert "Anda tidak perlu mengirim apa pun" in before.text
    by_reason = dict(re.findall(r'value="(\w+)"[^>]*> <span>(.*?)</label>', before.text))
    assert "foto" not in by_reason["not_received"]
    assert "foto" in by_reason["counterfeit"]
    seen = market.buyer("GET", "/v1/orders/LZD-9/cancellation-options?kind=return&reason_code=not_received").json
    (reason,) = [each for each in seen["reasons"] if each["code"] == "not_received"]
    assert (reason["evidence"], reason["goods_come_back"]) == (False, False)
    wish = {"reason_code": "not_received", "channel": "app", "accept_terms": True}
    case_id = market.buyer("POST", "/v1/orders/LZD-9/returns", wish).json["case_id"]
    market.waits_in(case_id)
    market.say("seller", case_id, "approve")
    market.ended(case_id)
    case = market.case(case_id)
    assert (case["outcome"], case["goods"], case["reason"]["goods_come_back"]) == ("returned", None, False)
    assert "Dana dikembalikan" in phone.open(f"/cases/{case_id}").text
    (event,) = told(market, case_id, "order.returned")
    assert event["goods_came_back"] is False
