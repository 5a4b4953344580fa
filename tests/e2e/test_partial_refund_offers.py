"""Money back for goods that are kept: by HTTP, on the pages, in what others hear, and in what goes back later."""

from typing import Any

import pytest

from chalicelib.domain.cases.case import State
from chalicelib.domain.orders.body import Line
from chalicelib.locales import say
from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

TWO = (Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),)


def asked(market: Marketplace, order_id: str, tenders: dict[str, int] | None = None, **more: Any) -> str:
    market.order(order_id, lines=TWO, tenders=tenders or {"wallet": 100_000}, **more)
    return str(market.ask(order_id)["case_id"])


def test_it_is_offered_agreed_to_and_paid_and_the_order_goes_on(market: Marketplace) -> None:
    case_id = asked(market, "P-1")
    offered = market.say("seller", case_id, "offer", partial_refund=30_000, comment="Kancingnya kurang satu")
    assert offered["offer"] == {
        "fee": None,
        "alternative": None,
        "partial_refund": 30_000,
        "comment": "Kancingnya kurang satu",
        "by": "seller",
        "accepted": None,
    }
    assert (offered["state"], offered["waiting_for"]) == ("awaiting_buyer", "buyer")
    market.all_goes_out(case_id)
    agreed = market.say("buyer", case_id, "accept-offer")
    assert (agreed["state"], agreed["outcome"], agreed["refund"]["total"]) == ("closed", "settled", 30_000)
    assert agreed["refund"]["refund_id"] == f"rf_{case_id}"
    order = market.support("GET", "/v1/orders/P-1").json
    assert (order["status"], order["open_case"], order["money"]["goodwill"]) == ("processing", None, 30_000)
    assert [line["cancelled_quantity"] for line in order["lines"]] == [0]
    refund = market.support("GET", f"/v1/refunds/rf_{case_id}").json
    assert refund["to_book"]["payout_reversal"] == 30_000
    assert "30.000" in refund["explanation"][0]
    market.all_goes_out(case_id)
    told = {(mail.to.split("@")[0], mail.kind): mail.text for mail in market.mails()}
    assert "Rp30.000" in told["budi", "offer_made"]
    assert "Anda menyimpan barangnya dan Rp30.000 dikembalikan" in told["budi", "settled"]
    assert "lanjutkan pesanan ini seperti biasa" in told["toko-baju", "settled"]
    assert ("budi", "money_returned") not in told, "the one mail tells of the money as well"


def test_a_later_cancellation_adds_up_and_says_what_was_given(market: Marketplace) -> None:
    case_id = asked(market, "P-2")
    market.say("seller", case_id, "offer", partial_refund=30_000)
    market.say("buyer", case_id, "accept-offer")
    quote = market.buyer("GET", "/v1/orders/P-2/cancellation-options").json["quote"]
    told = {line["label"]: line["amount"] for line in quote["lines"]}
    assert told == {"Kemeja": 100_000, say("quote.goodwill_before", "id"): -30_000}
    assert quote["refund_total"] == 70_000
    again = market.support(
        "POST",
        "/v1/orders/P-2/cancellations",
        {"reason_code": "fraud", "channel": "phone", "accept_terms": True, "on_behalf_of": "budi"},
    )
    assert again.status == 201, again
    granted = market.say("seller", again.json["case_id"], "approve")
    assert granted["refund"]["total"] == 70_000
    assert market.support("GET", "/v1/wallets/budi?currency=IDR").json["balance"] == 100_000


def test_a_card_that_is_still_paid_holds_nothing_up(market: Marketplace) -> None:
    case_id = asked(market, "P-4", {"card": 100_000})
    market.waits_in(case_id)
    market.say("seller", case_id, "offer", partial_refund=30_000)
    market.waits_in(case_id, turn=2)
    agreed = market.say("buyer", case_id, "accept-offer")
    assert (agreed["state"], agreed["outcome"]) == ("refunding", None)
    assert market.status("P-4", "shipped").status == 200
    assert market.case(case_id)["state"] == "refunding"
    market.waits_in(case_id, turn=3)
    word = {"event_id": "e1", "status": "succeeded", "amount": 30_000, "at": market.world.clock().isoformat()}
    assert market.oms("POST", f"/v1/refunds/rf_{case_id}/events", word).status == 200
    assert market.ended(case_id)[-1] == "Closed"
    assert (market.case(case_id)["outcome"], market.case(case_id)["refund"]["state"]) == ("settled", "succeeded")
    assert market.kinds_mailed().count(("budi", "settled")) == 1


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        ({"partial_refund": 0}, "partial_refund_too_high"),
        ({"partial_refund": 100_001}, "partial_refund_too_high"),
        ({"partial_refund": 1, "fee": 1}, "offer_needs_one"),
        ({"partial_refund": "1"}, "validation_failed"),
        ({"partial_refund": -1}, "validation_failed"),
    ],
)
def test_what_cannot_be_offered_is_refused_and_changes_nothing(
    market: Marketplace, offer: dict[str, Any], code: str
) -> None:
    case_id = asked(market, "P-5")
    refused = market.seller("POST", f"/v1/cases/{case_id}/offer", offer)
    assert (refused.status, refused.json["code"]) == (422, code)
    row = market.row(case_id)
    assert (row.state, row.offer, row.entries) == (State.AWAITING_SELLER, None, 1)


def test_of_an_order_that_nobody_has_begun_with_nothing_is_kept(open_marketplace: Any) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, instant=()))
    case_id = asked(market, "P-6", status="placed")
    refused = market.seller("POST", f"/v1/cases/{case_id}/offer", {"partial_refund": 1})
    assert refused.json["code"] == "partial_refund_not_allowed"


def test_what_was_given_back_meanwhile_is_not_promised_twice(market: Marketplace) -> None:
    case_id = asked(market, "P-7")
    market.say("seller", case_id, "offer", partial_refund=80_000)
    gone = {"event_id": "g1", "tender_id": "wallet", "state": "refunded", "amount": 30_000}
    market.oms("POST", "/v1/orders/P-7/payments", {**gone, "at": market.world.clock().isoformat()})
    refused = market.buyer("POST", f"/v1/cases/{case_id}/accept-offer", {})
    assert (refused.status, refused.json["code"], refused.json["at_most"]) == (409, "offer_superseded", 70_000)
    phone = Phone(market)
    phone.sign_in("budi")
    page = phone.open(f"/cases/{case_id}")
    assert "tidak bisa dipenuhi lagi" in page.text
    actions = [form.action for form in forms_of(page)]
    assert f"/cases/{case_id}/decline-offer" in actions
    assert f"/cases/{case_id}/accept-offer" not in actions


def test_one_of_many_decisions_may_offer_it(market: Marketplace) -> None:
    case_id = asked(market, "P-8")
    decisions = [{"case_id": case_id, "action": "offer", "partial_refund": 5_000}]
    (item,) = market.seller("POST", "/v1/cases/bulk-decisions", {"decisions": decisions}).json["items"]
    assert (item["status"], item["case"]["offer"]["partial_refund"]) == (200, 5_000)


def test_customer_service_offers_much_only_by_two(open_marketplace: Any) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, second_person_above=20_000))
    case_id = asked(market, "P-9")
    market.say("support", case_id, "offer", partial_refund=25_000, note="seen")
    waiting = market.say("buyer", case_id, "accept-offer")
    assert (waiting["state"], waiting["needs_second_person"], waiting["refund"]) == ("awaiting_support", True, None)
    same = market.support("POST", f"/v1/cases/{case_id}/confirm", {"note": "again"})
    assert same.json["code"] == "same_person"
    done = market.say("support", case_id, "confirm", who="rini", note="seen too")
    assert (done["outcome"], done["refund"]["total"]) == ("settled", 25_000)


@pytest.fixture
def at_the_page(market: Marketplace) -> tuple[Phone, str]:
    market.push("LZD-1001")
    case_id: str = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    return phone, case_id


@pytest.mark.parametrize("typed", ["Rp20.000,00", "20rb", "20.000", "Rp 20.000,-"])
def test_an_amount_on_the_page_is_shown_as_understood_and_counts_when_said_again(
    market: Marketplace, at_the_page: tuple[Phone, str], typed: str
) -> None:
    phone, case_id = at_the_page
    place = f"/cases/{case_id}"
    filled = {"what": "partial_refund", "partial_refund": typed, "comment": "Sudah dibungkus"}
    shown = phone.submit(phone.open(place), f"{place}/offer", **filled)
    assert shown.status == 200
    assert "pembeli menyimpan barangnya, dan Rp20.000 dikembalikan" in shown.text
    assert market.row(case_id).offer is None, "nothing counts yet"
    assert phone.submit(shown, f"{place}/offer").status == 303
    row = market.row(case_id)
    assert row.state is State.AWAITING_BUYER
    assert row.offer
    assert (row.offer.partial_refund, row.offer.fee, row.offer.comment) == (20_000, None, "Sudah dibungkus")
    buyer = Phone(market)
    buyer.sign_in("budi")
    page = buyer.open(place)
    assert "Rp20.000 dikembalikan, dan pesanan tetap berjalan" in page.text
    assert buyer.submit(page, f"{place}/accept-offer").status == 303
    settled = buyer.open(place).text
    assert "Barang disimpan, sebagian dana dikembalikan" in settled
    assert "Disepakati karena barang disimpan" in settled


@pytest.mark.parametrize("typed", ["sedikit", "", "1.000.000.000", "0"])
def test_an_amount_that_will_not_do_is_refused_and_stays_in_its_field(
    market: Marketplace, at_the_page: tuple[Phone, str], typed: str
) -> None:
    phone, case_id = at_the_page
    place = f"/cases/{case_id}"
    filled = {"what": "partial_refund", "partial_refund": typed, "comment": "Sudah dibungkus"}
    refused = phone.submit(phone.open(place), f"{place}/offer", **filled)
    assert refused.status == 422
    assert market.row(case_id).offer is None
    drawn = next(form for form in forms_of(refused) if form.action == f"{place}/offer")
    assert {name: drawn.fields[name] for name in filled} == filled
