"""Why this amount: over HTTP and on pages, for whoever may read it; worked out anew each time and kept nowhere."""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.money import value
from chalicelib.domain.orders.body import Line, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.locales import texts
from chalicelib.locales.explanations import read_back
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_pages import Phone
from tests.mail.test_amounts_explained import listed

pytestmark = pytest.mark.dynamodb

SHIRTS = Line(line_id="1", name="Kemeja <b>Batik</b>", quantity=2, unit_price=56_500)
BY_CARD = "Card: Rp56.500 of the Rp113.000 paid this way."


def adds_up(sentences: Sequence[str], total: int, locale: str = "en") -> None:
    said = read_back("\n".join(sentences), "IDR", locale)
    assert said.add_up
    assert said.total == total


def of_one_shirt(market: Marketplace) -> Any:
    """A case about one of two shirts, paid by card."""
    market.order("W-1", lines=(SHIRTS,), tenders=(Tender(method=Method.CARD, amount=113_000),), status="processing")
    return market.ask("W-1", lines=[{"line_id": "1", "quantity": 1}])


def test_options_case_refund_and_file_explain_themselves_in_the_callers_language(market: Marketplace) -> None:
    case_id = of_one_shirt(market)["case_id"]
    market.order("W-2", lines=(SHIRTS,))
    for locale in ("id", "en"):
        options = market.buyer("GET", "/v1/orders/W-2/cancellation-options", Accept_Language=locale).json
        adds_up(options["quote"]["explanation"], 113_000, locale)
    for reader in (market.buyer, market.seller, market.support):
        case = reader("GET", f"/v1/cases/{case_id}", Accept_Language="en").json
        adds_up(case["quote"]["explanation"], 56_500)
        assert BY_CARD in case["quote"]["explanation"]
    market.say("seller", case_id, "approve")
    case = market.buyer("GET", f"/v1/cases/{case_id}", Accept_Language="en").json
    refund = market.buyer("GET", f"/v1/refunds/rf_{case_id}", Accept_Language="en").json
    assert refund["explanation"] == case["refund"]["explanation"] == case["quote"]["explanation"]
    adds_up(refund["explanation"], refund["total"])
    document = market.seller("GET", f"/v1/cases/{case_id}/file").json
    assert document["case"]["refund"]["explanation"] == refund["explanation"]


def test_lists_and_kept_answers_stay_as_small_as_they_were(market: Marketplace) -> None:
    market.order("W-1", lines=(SHIRTS,))
    body = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
    asked, again = (market.buyer("POST", "/v1/orders/W-1/cancellations", body, Idempotency_Key="k1") for _ in "12")
    assert asked.text == again.text
    assert "explanation" not in asked.text
    assert "explanation" not in market.seller("GET", "/v1/cases").text
    tables, _ = market.everything()
    assert "Jadi total yang dikembalikan" not in json.dumps(tables, default=str)


def explained_on(page: Answer) -> list[str]:
    """The sentences behind `Mengapa jumlah ini?`."""
    return texts_in(page, r'<details class="why">(.*?)</details>')


def texts_in(page: Answer, where: str) -> list[str]:
    (told,) = re.findall(where, page.text, re.DOTALL)
    return [html.unescape(each) for each in re.findall(r"<(?:li|p)[^>]*>(.*?)</(?:li|p)>", told, re.DOTALL)]


def page_adds_up(page: Answer, total: int) -> None:
    """The sentences come to the total, and so do the ways of payment that are listed above them."""
    said = read_back("\n".join(explained_on(page)), "IDR", "id")
    ways = listed(texts_in(page, r'<ul class="plain ways">(.*?)</ul>'), "id")
    assert replace(said, ways=ways).add_up
    assert said.total == total


def test_the_ask_page_the_case_page_and_the_printed_file_say_it(market: Marketplace) -> None:
    case = of_one_shirt(market)
    market.order("W-2", lines=(SHIRTS,))
    phone = Phone(market)
    phone.sign_in()
    page_adds_up(phone.open("/orders/W-2/cancel?reason_code=wrong_size"), 113_000)
    page = phone.open(f"/cases/{case['case_id']}")
    page_adds_up(page, 56_500)
    assert "Kartu: Rp56.500 dari Rp113.000 yang dibayar dengan cara ini" in page.text
    said = explained_on(page)
    assert "Kemeja <b>Batik</b>: Rp56.500. Harga barang ini ikut dihitung." in said
    assert "<b>Batik" not in page.text
    file = phone.open(f"/cases/{case['case_id']}/file").text
    assert all(html.escape(sentence) in file for sentence in said)


@pytest.mark.wrong_explanations
def test_what_does_not_add_up_is_told_to_be_looked_into_and_the_rest_goes_on(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault is planted: a rule of the money whose lines miss what was charged for shipping."""
    real = value._joined
    monkeypatch.setattr(
        value, "_joined", lambda lines: [line for line in real(lines) if not line.label.startswith("shipping")]
    )
    market.push("LZD-1001")
    options = market.buyer("GET", "/v1/orders/LZD-1001/cancellation-options").json
    assert options["quote"]["explanation"] == [texts("id")["why.looked_into"]]
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    phone = Phone(market)
    phone.sign_in()
    assert explained_on(phone.open(f"/cases/{case_id}")) == [texts("id")["why.looked_into"]]
    market.say("seller", case_id, "approve")
    market.ended(case_id)
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 163_000
    (told,) = [mail for mail in market.mails() if mail.kind == "approved" and mail.to.startswith("budi")]
    assert texts("id")["why.looked_into"] in told.text
