"""A link from a mail is in no address that a browser keeps: it is swapped for a cookie of that one page."""

import re

from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone
from tests.e2e.test_stories import decision_link


def mailed(market: Marketplace, order_id: str) -> tuple[str, str]:
    case_id: str = market.ask(market.order(order_id))["case_id"]
    market.waits_in(case_id)
    return case_id, market.path(decision_link(market, case_id))


def test_the_page_behind_a_link_stands_at_an_address_that_opens_nothing_by_itself(market: Marketplace) -> None:
    _, link = mailed(market, "SWAP-1")
    token = link.rpartition("/")[2]
    left = market.call("GET", link + "?lang=en")
    place = left.headers["location"].partition("?")[0]
    assert (left.status, left.headers["location"], left.text) == (303, f"{place}?lang=en", "")
    assert left.headers["referrer-policy"] == "no-referrer"
    name, _, rest = left.headers["set-cookie"].partition("=")
    assert (name, rest.partition(";")[0]) == ("batal_link", token)
    assert f"Path={place};" in rest
    assert "HttpOnly" in rest
    page = market.behind(link)
    assert page.status == 200
    assert token not in page.text
    assert market.call("GET", place).status == 404
    assert market.call("GET", place, headers={"Cookie": f"batal_link={token[:-2]}xx"}).status == 404
    assert "e-mail kami" in market.call("GET", place, headers={"Accept-Language": "id"}).text


def test_a_link_works_again_and_in_another_browser_until_it_is_used(market: Marketplace) -> None:
    case_id, link = mailed(market, "SWAP-2")
    first, second = Phone(market), Phone(market)
    place = first.follow(link)
    assert first.follow(link) == place
    page = second.open(second.follow(link))
    form = next(form for form in forms_of(page) if ("answer", "approve") in form.buttons)
    assert form.action == place
    done = second.press(form.action, form.fields | {"answer": "approve"})
    assert done.status == 303
    assert re.fullmatch(re.escape(place) + r"\?did=.+", done.headers["location"])
    assert "tercatat" in second.open(done.headers["location"]).text
    assert first.open(place).status == 200
    assert market.case(case_id)["outcome"]


def test_scanners_of_mail_change_nothing(market: Marketplace) -> None:
    case_id, link = mailed(market, "SWAP-3")
    before = market.row(case_id)
    for method in ("HEAD", "GET", "HEAD"):
        assert market.call(method, link, headers={"Purpose": "prefetch"}).status == 303
    market.behind(link)
    assert market.row(case_id) == before


def test_a_page_that_was_drawn_under_the_whole_link_still_answers(market: Marketplace) -> None:
    case_id, link = mailed(market, "SWAP-4")
    assert market.press(link, answer="approve").status == 303
    assert market.case(case_id)["outcome"]
