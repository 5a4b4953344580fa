"""Payments told as facts: what arrived, late or corrected, is what may go back, and no more."""

from typing import Any

import msgspec
import pytest

from chalicelib.domain.orders.body import Line
from chalicelib.workflow.orders import UNEXPLAINED
from infra.sandbox.builders import a_body
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_pages import Phone

TWO = (Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),)
AT = "2026-11-23T03:00:00Z"


def tell(market: Marketplace, order_id: str, state: str, amount: int, **more: Any) -> Answer:
    body = {"event_id": f"{state}-{amount}", "tender_id": "virtual_account", "state": state, "amount": amount, "at": AT}
    return market.oms("POST", f"/v1/orders/{order_id}/payments", {**body, **more})


def an_unpaid_order(market: Marketplace, order_id: str, **more: Any) -> None:
    paid_by = more.pop("tenders", {"virtual_account": 100_000})
    market.order(order_id, lines=TWO, status="unpaid", paid=False, tenders=paid_by, **more)


def push(market: Marketplace, order_id: str, version: int, **more: Any) -> Any:
    body = msgspec.to_builtins(a_body(order_id=order_id, version=version, **more))
    return market.oms("PUT", f"/v1/orders/{order_id}", body).json


def options(market: Marketplace, order_id: str, lines: str = "") -> Any:
    query = f"?lines={lines}" if lines else ""
    return market.buyer("GET", f"/v1/orders/{order_id}/cancellation-options{query}").json["quote"]


def the_cases(market: Marketplace, order_id: str) -> list[Any]:
    return [market.case(case_id) for case_id in market.support("GET", f"/v1/orders/{order_id}").json["cases"]]


def test_money_that_comes_after_a_cancellation_goes_back_in_full_and_the_buyer_hears_of_it(market: Marketplace) -> None:
    an_unpaid_order(market, "P-1")
    asked = market.ask("P-1")
    assert (asked["outcome"], asked["quote"]["refund_total"]) == ("cancelled", 0)
    assert tell(market, "P-1", "collected", 100_000).json["applied"]
    _, late = the_cases(market, "P-1")
    assert (late["kind"], late["state"], late["reason"]["code"]) == ("correction", "refunding", "late_money")
    assert [(part["tender_id"], part["amount"]) for part in late["refund"]["parts"]] == [("virtual_account", 100_000)]
    market.all_goes_out(late["case_id"])
    mail, *_ = [each for each in market.mails() if each.subject.startswith("Pembayaran Anda dikembalikan: ")]
    assert "Rp100.000" in mail.text
    assert "masuk setelah pesanan itu dibatalkan" in mail.text
    assert not tell(market, "P-1", "collected", 100_000, event_id="again").json["applied"]
    assert len(the_cases(market, "P-1")) == 2


def test_money_for_a_part_that_was_cancelled_goes_back_beside_what_else_is_asked(market: Marketplace) -> None:
    an_unpaid_order(market, "P-2")
    market.ask("P-2", lines=[{"line_id": "1", "quantity": 1}])
    market.status("P-2", "processing")
    # The order stood: what was still due counts as paid.
    open_case = market.ask("P-2")
    assert open_case["quote"]["refund_total"] == 50_000
    assert tell(market, "P-2", "collected", 100_000).json["applied"]
    cases = the_cases(market, "P-2")
    assert [case["kind"] for case in cases] == ["cancellation", "cancellation", "correction"]
    assert cases[2]["refund"]["total"] == 50_000
    assert market.case(open_case["case_id"])["quote"]["refund_total"] == 50_000
    granted = market.say("seller", open_case["case_id"], "approve")
    assert granted["refund"]["total"] == 50_000


def test_a_case_of_which_nothing_is_to_go_back_is_read_by_staff(market: Marketplace) -> None:
    """Its refund has no parts, so nothing can be said of one."""
    an_unpaid_order(market, "P-0")
    case_id = market.ask("P-0")["case_id"]
    for role, who in (("support", "sari"), ("operator", "omar"), ("buyer", "budi")):
        answer = market.as_(role, who, "GET", f"/v1/cases/{case_id}")
        assert answer.status == 200
        assert not {each["action"] for each in answer.json["available_actions"]} & {"retry-part", "redirect-part"}
        phone = Phone(market)
        phone.sign_in(who, role)
        assert phone.open(f"/cases/{case_id}").status == 200


def test_what_was_told_replaces_what_was_inferred(market: Marketplace) -> None:
    market.order("P-3", lines=TWO, paid=False, tenders={"virtual_account": 100_000})
    assert options(market, "P-3")["refund_total"] == 100_000
    assert tell(market, "P-3", "collected", 60_000).json["applied"]
    assert options(market, "P-3")["refund_total"] == 60_000
    assert not tell(market, "P-3", "collected", 40_000).json["applied"]
    assert tell(market, "P-3", "collected", 100_000).json["applied"]
    assert options(market, "P-3")["refund_total"] == 100_000


def test_a_payment_that_will_never_come_brings_nothing_back(market: Marketplace) -> None:
    market.order("P-4", lines=TWO, paid=False, tenders={"virtual_account": 100_000})
    assert tell(market, "P-4", "void", 0).json["applied"]
    assert options(market, "P-4")["refund_total"] == 0
    tell(market, "P-4", "collected", 100_000)
    assert tell(market, "P-4", "void", 0).status == 422


def test_two_persons_correct_what_was_told_wrongly_and_one_alone_changes_nothing(market: Marketplace) -> None:
    market.order("P-5", lines=TWO, paid=False, tenders={"virtual_account": 100_000})
    tell(market, "P-5", "collected", 100_000)
    body = {"event_id": "c", "tender_id": "virtual_account", "state": "corrected", "amount": 80_000, "at": AT}
    path = "/v1/orders/P-5/payments"
    assert market.oms("POST", path, {**body, "note": "seen"}).json["errors"][0]["field"] == "state"
    assert market.support("POST", path, body).json["code"] == "note_required"
    assert market.support("POST", path, {**body, "note": "seen at the bank"}).json["applied"]
    assert options(market, "P-5")["refund_total"] == 100_000
    assert market.support("POST", path, {**body, "note": "really"}).json["code"] == "same_person"
    assert market.operator("POST", path, {**body, "note": "seen, too"}).json["applied"]
    assert options(market, "P-5")["refund_total"] == 80_000
    # What the system repeats of before it takes nothing back.
    assert not tell(market, "P-5", "collected", 80_000, event_id="again").json["applied"]


@pytest.mark.parametrize(
    ("state", "amount", "more"),
    [
        ("collected", -1, {}),
        ("collected", 1, {"tender_id": "card"}),
        ("paid", 1, {}),
        ("refunded", 100_001, {}),
        ("corrected", 1, {}),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    market: Marketplace, state: str, amount: int, more: dict[str, Any]
) -> None:
    market.order("P-6", lines=TWO, paid=False, tenders={"virtual_account": 100_000})
    before = market.support("GET", "/v1/orders/P-6").json
    assert tell(market, "P-6", state, amount, **more).status in (403, 422)
    assert market.support("GET", "/v1/orders/P-6").json == before


def test_an_open_request_of_an_order_told_cheaper_brings_what_it_now_costs_and_withdrawing_is_free(
    market: Marketplace, caplog: pytest.LogCaptureFixture
) -> None:
    one = (Line(line_id="1", name="Kemeja", quantity=1, unit_price=113_000),)
    cheaper = (Line(line_id="1", name="Kemeja", quantity=1, unit_price=63_000),)
    market.order("P-7", lines=one)
    case_id = market.ask("P-7")["case_id"]
    assert push(market, "P-7", 2, lines=cheaper)["applied"]
    assert market.case(case_id)["quote"]["refund_total"] == 63_000
    entry = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"][-1]
    assert (entry["command"], entry["facts"]["refund_before"]) == ("amended", 113_000)
    market.all_goes_out(case_id)
    assert {("budi", "amended"), ("toko-baju", "amended")} <= set(market.kinds_mailed())
    shown = market.support("GET", "/v1/orders/P-7").json
    assert shown["money"]["unexplained"] == {"wallet": 50_000}
    told = [vars(each) for each in caplog.records if each.msg == UNEXPLAINED]
    assert [each["order_id"] for each in told] == ["P-7"]
    assert shown["attempts"] == 1
    market.say("buyer", case_id, "withdraw")
    assert market.support("GET", "/v1/orders/P-7").json["attempts"] == 0
    again = market.ask("P-7")["case_id"]
    assert market.say("seller", again, "approve")["refund"]["total"] == 63_000


def test_a_quantity_that_the_order_system_lowers_after_us_is_no_second_cancellation(market: Marketplace) -> None:
    market.order("P-8", lines=TWO)
    case_id = market.ask("P-8", lines=[{"line_id": "1", "quantity": 1}])["case_id"]
    market.say("seller", case_id, "approve")
    push(market, "P-8", 2, lines=(Line(line_id="1", name="Kemeja", quantity=1, unit_price=50_000),))
    shown = market.support("GET", "/v1/orders/P-8").json
    assert shown["status"] == "processing"
    assert options(market, "P-8")["refund_total"] == 50_000


def test_customer_service_takes_less_of_a_fee_or_none_and_says_why(market: Marketplace) -> None:
    one = (Line(line_id="1", name="Kemeja", quantity=1, unit_price=100_000),)
    market.order("P-9", lines=one, status="ready_to_ship")
    case_id = market.ask("P-9")["case_id"]
    assert market.case(case_id)["quote"]["fees_total"] == 2_000
    path = f"/v1/cases/{case_id}/approve"
    assert market.seller("POST", path, {"fee": 0}).json["code"] == "fee_not_allowed"
    assert market.support("POST", path, {"fee": 2_000, "note": "?"}).json["code"] == "fee_too_high"
    assert market.support("POST", path, {"fee": 500}).json["code"] == "note_required"
    granted = market.support("POST", path, {"fee": 500, "note": "the shop was slow"}).json
    assert (granted["refund"]["total"], granted["quote"]["fees_total"]) == (99_500, 500)
    entry = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"][-1]
    assert (entry["facts"]["fee"], entry["facts"]["fee_before"]) == (500, 2_000)
    account = market.support("GET", "/v1/orders/P-9").json["money"]["accounts"]["wallet"]
    assert (account["collected"], account["taken"], account["kept"]) == (100_000, 99_500, 500)


def test_of_several_requests_a_waived_fee_is_not_charged_by_the_next(market: Marketplace) -> None:
    market.order("P-10", lines=TWO, status="ready_to_ship")
    first = market.ask("P-10", lines=[{"line_id": "1", "quantity": 1}])["case_id"]
    market.support("POST", f"/v1/cases/{first}/approve", {"fee": 0, "note": "goodwill"})
    assert options(market, "P-10")["fees_total"] == 1_000, "the second piece's own, and nothing for the first"
