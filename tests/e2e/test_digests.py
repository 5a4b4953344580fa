"""A seller chooses digests on their page, gets one mail, and answers from the page behind its one link."""

import logging
import re

import pytest

from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone


def with_digest(market: Marketplace) -> tuple[list[str], str]:
    """Three requests and the path behind the link in the one mail about them."""
    shop = Phone(market)
    shop.sign_in("toko-baju", "seller")
    drawn = next(each for each in forms_of(shop.open("/seller/rules")) if "digest" in each.fields)
    chosen = shop.press("/seller/rules", drawn.fields | {"what": "digest", "digest": "hourly"})
    assert 'value="hourly" checked' in chosen.text
    ids = []
    for number in range(3):
        market.order(f"O-{number}")
        ids.append(market.ask(f"O-{number}")["case_id"])
        market.waits_in(ids[-1])
    market.later(3600)
    (digest,) = [mail for mail in market.mails() if mail.kind == "digest"]
    return ids, market.path(re.search(r"https?://\S+/waiting/\S+", digest.text)[0])  # type: ignore[index]


def test_a_seller_answers_all_from_one_mail(market: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        ids, link = with_digest(market)
        page = market.behind(link)
        assert page.status == 200
        assert [page.text.count(f'value="{case_id}"') for case_id in ids] == [1, 1, 1]
        pressed = market.press(link, case=ids[1], answer="approve")
        assert pressed.status == 303
        after = market.behind(link)
    assert after.text.count('name="answer" value="approve"') == 2
    assert market.case(ids[1])["outcome"] == "cancelled"
    again = market.press(link, case=ids[1], answer="approve")
    assert again.status == 409
    assert market.case(ids[0])["state"] == "awaiting_seller"
    other = re.search(r'href="(http[^"]*/d/[^"]+)"', after.text)
    assert other
    assert market.press(market.path(other[1]), answer="reject", reason_code="other").status == 303
    secret = link.rpartition("/")[2]
    assert not [record for record in caplog.records if secret in str(vars(record)) or "/d/" in str(vars(record))]


def test_a_digests_link_opens_what_it_asked_about_and_nothing_else(market: Marketplace) -> None:
    _, link = with_digest(market)
    market.order("O-9")
    later = market.ask("O-9")["case_id"]
    assert later not in market.behind(link).text
    assert market.press(link, case=later, answer="approve").status == 422
    for forged in (link[:-2] + "xx", "/waiting/abc", link.replace("/waiting/", "/d/"), link.replace(".", "")):
        assert market.call("GET", forged).status == 404
        assert market.press(forged, case=later, answer="approve").status == 404
    assert market.case(later)["state"] == "awaiting_seller"


def test_the_choice_is_made_by_api_as_well(market: Marketplace) -> None:
    kept = market.seller("PUT", "/v1/sellers/toko-baju/policy", {"rules": [], "digest": "daily"})
    assert kept.json["digest"] == "daily"
    assert market.seller("PUT", "/v1/sellers/toko-baju/policy", {"rules": []}).json["digest"] == "daily"
    assert market.seller("PUT", "/v1/sellers/toko-baju/policy", {"rules": [], "digest": "weekly"}).status == 422
