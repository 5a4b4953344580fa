"""Orders that the platform cancels by itself, with money collected: where policy says so, Batal gives it back."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.orders.body import Line
from chalicelib.domain.policies.policy import Elsewhere
from infra.sandbox.builders import a_body, a_policy
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

TWO = (
    Line(line_id="1", name="Kemeja", quantity=1, unit_price=100_000),
    Line(line_id="2", name="Celana", quantity=1, unit_price=50_000),
)


@pytest.fixture
def paying(open_marketplace: Callable[..., Marketplace]) -> Marketplace:
    return open_marketplace(policy=a_policy(version=9, cancelled_elsewhere=Elsewhere.BATAL_PAYS))


def cancelled(market: Marketplace, order_id: str, version: int = 2, **more: Any) -> Any:
    body = {"status": "cancelled", "version": version, "at": "2026-11-23T03:00:00Z", **more}
    return market.oms("POST", f"/v1/orders/{order_id}/status", body)


def balance(market: Marketplace) -> int:
    found: int = market.buyer("GET", "/v1/wallets/budi").json["balance"]
    return found


def only_case(market: Marketplace, order_id: str) -> Any:
    (case_id,) = market.support("GET", f"/v1/orders/{order_id}").json["cases"]
    return market.case(case_id)


def test_the_money_goes_back_by_a_case_of_its_own_and_the_buyer_hears_why(paying: Marketplace) -> None:
    paying.order("X-1", lines=TWO)
    cancelled(paying, "X-1", cancel_reason="out_of_stock")
    case = only_case(paying, "X-1")
    assert (case["kind"], case["state"], case["outcome"]) == ("correction", "closed", "cancelled")
    assert (case["reason"]["code"], case["reason"]["fault"], case["channel"]) == ("out_of_stock", "seller", None)
    assert balance(paying) == 150_000
    paying.ended(case["case_id"])
    mails = [mail for mail in paying.mails() if "X-1" in mail.text]
    assert {mail.to for mail in mails} == {"budi@example.com"}
    assert any("Penjual kehabisan" in mail.text or "stok" in mail.text.lower() for mail in mails)


def test_a_reason_that_nobody_knows_is_told_in_the_platforms_own_words(paying: Marketplace) -> None:
    paying.order("X-2", lines=TWO, tenders={"card": 150_000})
    cancelled(paying, "X-2", cancel_reason="parcel could not be delivered")
    case = only_case(paying, "X-2")
    assert (case["state"], case["refund"]["state"]) == ("refunding", "pending")
    assert (case["reason"]["code"], case["reason"]["comment"]) == (None, "parcel could not be delivered")
    assert case["reason"]["fault"] == "platform"


def test_what_the_platform_gives_back_itself_is_left_to_it(market: Marketplace) -> None:
    market.order("X-3", lines=TWO)
    cancelled(market, "X-3")
    assert market.support("GET", "/v1/orders/X-3").json["cases"] == []
    assert balance(market) == 0


def test_what_was_never_collected_or_went_back_already_opens_nothing(paying: Marketplace) -> None:
    paying.order("X-4", lines=TWO, status="unpaid", paid=False)
    cancelled(paying, "X-4")
    paying.order("X-5", lines=TWO, tenders={"cod": 150_000})
    cancelled(paying, "X-5")
    paying.order("X-6", lines=TWO)
    given = {"event_id": "e", "tender_id": "wallet", "state": "refunded", "amount": 150_000}
    paying.oms("POST", "/v1/orders/X-6/payments", {**given, "at": "2026-11-23T03:00:00Z"})
    cancelled(paying, "X-6")
    cases = [paying.support("GET", f"/v1/orders/{order_id}").json["cases"] for order_id in ("X-4", "X-5", "X-6")]
    assert cases == [[], [], []]


def test_the_same_word_again_gives_nothing_again(paying: Marketplace) -> None:
    paying.order("X-7", lines=TWO)
    cancelled(paying, "X-7")
    cancelled(paying, "X-7")
    cancelled(paying, "X-7", version=3)
    paying.order("X-7", lines=TWO, version=4, status="cancelled")
    assert balance(paying) == 150_000
    assert only_case(paying, "X-7")["outcome"] == "cancelled"


def test_an_open_request_for_a_part_is_granted_for_the_whole(paying: Marketplace) -> None:
    paying.order("X-8", lines=TWO)
    case_id = paying.ask("X-8", lines=[{"line_id": "2", "quantity": 1}])["case_id"]
    cancelled(paying, "X-8")
    case = paying.case(case_id)
    assert (case["outcome"], len(case["lines"])) == ("cancelled", 2)
    assert balance(paying) == 150_000
    order = paying.support("GET", "/v1/orders/X-8").json
    assert [line["cancelled_quantity"] for line in order["lines"]] == [1, 1]


def test_what_batal_had_given_back_of_it_before_is_not_given_again(paying: Marketplace) -> None:
    paying.order("X-9", lines=TWO)
    case_id = paying.ask("X-9", lines=[{"line_id": "2", "quantity": 1}])["case_id"]
    paying.say("seller", case_id, "approve")
    cancelled(paying, "X-9")
    assert balance(paying) == 150_000
    assert len(paying.support("GET", "/v1/orders/X-9").json["cases"]) == 2


def test_an_order_that_comes_to_us_cancelled_opens_nothing(paying: Marketplace) -> None:
    assert a_body().status == "processing"
    paying.order("X-10", lines=TWO, status="cancelled")
    assert paying.support("GET", "/v1/orders/X-10").json["cases"] == []


def test_its_pages_say_what_it_is(paying: Marketplace) -> None:
    paying.order("X-11", lines=TWO)
    cancelled(paying, "X-11", cancel_reason="fraud check")
    phone = Phone(paying)
    phone.sign_in()
    page = phone.open(f"/cases/{only_case(paying, 'X-11')['case_id']}")
    assert page.status == 200
    assert "Pengembalian dana tanpa permintaan" in page.text
    assert "Pengembalian dana tanpa permintaan" in phone.open("/orders/X-11").text
