"""Sellers look through what the odds that buyers read rest on, and contest what seems wrong; buyers read how they come
about."""

import re

from chalicelib.workflow import counting
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

ODDS = "/seller/odds?kind=cancellation&status=processing&lang=en"


def a_shop(market: Marketplace, sub: str = "toko-baju") -> Phone:
    phone = Phone(market)
    phone.sign_in(sub, "seller")
    return phone


def test_each_request_behind_the_odds_is_shown_with_how_it_counts(market: Marketplace) -> None:
    cases = [market.ask(market.order(f"B-{number}"))["case_id"] for number in range(3)]
    market.seller("POST", f"/v1/cases/{cases[0]}/approve", {})
    market.seller("POST", f"/v1/cases/{cases[1]}/reject", {"reason_code": "already_packed"})
    counting.catch_up(market.world.ports)
    phone = a_shop(market)
    figures = phone.open("/seller/figures?lang=en").text
    assert "1 of 2 requests were approved." in figures
    assert "/seller/odds?kind=cancellation&amp;status=processing" in figures
    page = phone.open(ODDS).text
    rows = re.findall(r"<tr data-listed>.*?/cases/([^\"]+)\".*?data-label=\"Counted as\">([^<]+)<", page, re.DOTALL)
    assert dict(rows) == {
        cases[0]: "Yes",
        cases[1]: "No",
        cases[2]: "Still open, counts for the wait",
    }
    contested = phone.open(f"{ODDS}&contest={cases[1]}").text
    assert f"Request {cases[1]} of the shop toko-baju counts as “No”" in contested
    assert "How to reach us" in contested


def test_of_other_shops_nothing_is_shown_and_what_is_no_situation_is_not_found(market: Marketplace) -> None:
    theirs = market.ask(market.order("B-1"))["case_id"]
    other = a_shop(market, "toko-sepatu")
    page = other.open(f"{ODDS}&contest={theirs}").text
    assert theirs not in page.replace(f"contest={theirs}", "")
    assert other.open("/seller/odds").status == 404
    assert other.open("/seller/odds?kind=correction&status=processing").status == 404
    buyer = Phone(market)
    buyer.sign_in("budi", "buyer")
    assert buyer.open(ODDS).status == 403


def test_a_reversed_outcome_reverses_what_it_counts_as(market: Marketplace) -> None:
    case_id = market.ask(market.order("B-1"))["case_id"]
    market.seller("POST", f"/v1/cases/{case_id}/reject", {"reason_code": "already_packed"})
    market.buyer("POST", f"/v1/cases/{case_id}/appeal", {"comment": "Mereka salah"})
    market.support("POST", f"/v1/cases/{case_id}/approve", {"note": "Toko keliru"})
    assert 'data-label="Counted as">Yes<' in a_shop(market).open(ODDS).text


def test_buyers_read_how_the_odds_come_about_where_somebody_has_to_agree(market: Marketplace) -> None:
    market.order("B-1")
    buyer = Phone(market)
    buyer.sign_in("budi", "buyer")
    page = buyer.open("/orders/B-1/cancel?reason_code=wrong_size&lang=en").text
    assert "How do we know?" in page
    assert "fewer than 30 answers" in page
