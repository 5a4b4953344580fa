"""Whoever opens an address that a form was posted to arrives somewhere: it stays in the browser after a refusal, the
language links lead to it, and so does signing in anew."""

from app import app
from chalicelib.pages.page import FORM
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone


def test_every_page_that_is_posted_to_can_be_opened() -> None:
    posted = {path for path, methods in app.routes.items() if FORM in getattr(methods.get("POST"), "content_types", ())}
    assert len(posted) > 10
    assert {path for path in posted if "GET" not in app.routes[path]} == set()


def test_who_signs_in_at_an_address_that_is_posted_to_is_led_to_its_page(market: Marketplace) -> None:
    case_id: str = market.ask(market.order("LATE-1"))["case_id"]
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    phone.cookies.clear()
    asked = phone.open(f"/cases/{case_id}/approve").headers["location"]
    assert asked == f"/cases/{case_id}"
    assert phone.open(asked).headers["location"] == f"/sign-in?next={asked}"
    phone.sign_in("toko-baju", "seller")
    assert phone.open(f"/cases/{case_id}/approve").headers["location"] == f"/cases/{case_id}"


def test_the_language_chosen_where_a_form_was_refused_is_kept(market: Marketplace) -> None:
    case_id: str = market.ask(market.order("LANG-1"))["case_id"]
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    place = f"/cases/{case_id}"
    refused = phone.submit(phone.open(place), f"{place}/offer", what="fee", fee="sedikit")
    assert f'href="{place}/offer?lang=en"' in refused.text
    onward = phone.open(f"{place}/offer?lang=en").headers["location"]
    assert "Cancellation request" in phone.open(onward).text
