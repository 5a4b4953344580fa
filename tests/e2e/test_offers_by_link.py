"""An offer made where the mail leads to: its amount is said back before it counts, and is no more than may be kept."""

from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import DrawnForm, forms_of
from tests.e2e.test_pages import Phone
from tests.e2e.test_stories import decision_link


def opened(market: Marketplace) -> tuple[str, Phone, str]:
    case_id = market.ask(market.order("OFFER-1"))["case_id"]
    market.waits_in(case_id)
    phone = Phone(market)
    return case_id, phone, phone.follow(decision_link(market, case_id))


def offering(page: Answer) -> DrawnForm:
    return next(form for form in forms_of(page) if ("answer", "offer") in form.buttons)


def test_an_amount_is_said_back_and_offered_once_it_is_sure(market: Marketplace) -> None:
    case_id, phone, place = opened(market)
    page = phone.open(place)
    filled = offering(page).fields | {"answer": "offer", "what": "fee", "fee": "20rb", "comment": "sudah dipotong"}
    said = phone.press(place, filled)
    assert said.status == 200
    assert market.row(case_id).offer is None, "it was only said back"
    total = market.row(case_id).quote.refund_total
    assert f"Rp{total - 20_000:,}".replace(",", ".") in said.text.replace("\xa0", "")
    sure = next(form for form in forms_of(said) if "sure" in form.fields)
    made = phone.press(place, sure.fields)
    assert made.status == 303
    offer = market.row(case_id).offer
    assert offer
    assert (offer.fee, offer.comment) == (20_000, "sudah dipotong")
    after = phone.open(urlsplit(made.headers["location"])._replace(scheme="", netloc="").geturl())
    assert "Jawaban Anda sudah tercatat" in after.text


@pytest.mark.parametrize("fee", ["0", "9999999", "seratus", ""])
def test_what_cannot_be_offered_is_refused_and_stays_filled_in(market: Marketplace, fee: str) -> None:
    case_id, phone, place = opened(market)
    refused = phone.press(place, offering(phone.open(place)).fields | {"answer": "offer", "what": "fee", "fee": fee})
    assert refused.status == 422
    assert f'name="fee" maxlength="20" autocomplete="off" value="{fee}"' in refused.text
    assert market.row(case_id).offer is None


def test_a_link_that_is_used_up_offers_nothing(market: Marketplace) -> None:
    case_id, phone, place = opened(market)
    filled = offering(phone.open(place)).fields | {"answer": "offer", "what": "fee", "fee": "20000", "sure": "20000"}
    market.say("seller", case_id, "reject", reason_code="already_packed")
    assert phone.press(place, filled).status == 409
    assert "data-slide" not in phone.open(place).text


def test_a_slider_goes_no_further_than_what_may_be_kept(market: Marketplace) -> None:
    case_id, phone, place = opened(market)
    seller = Phone(market)
    seller.sign_in("toko-baju", "seller")
    most = market.row(case_id).quote.refund_total
    for page in (phone.open(place), seller.open(f"/cases/{case_id}")):
        assert f'<input type="range" min="1" max="{most}"' in page.text
