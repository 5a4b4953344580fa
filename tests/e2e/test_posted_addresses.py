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


def test_a_session_that_ended_meanwhile_leads_back_to_the_case(market: Marketplace) -> None:
    case_id: str = market.ask(market.order("LATE-1"))["case_id"]
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    page = phone.open(f"/cases/{case_id}")
    phone.cookies.clear()
    asked = phone.submit(page, f"/cases/{case_id}/approve")
    assert asked.headers["location"] == f"/sign-in?next=/cases/{case_id}/approve"
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
