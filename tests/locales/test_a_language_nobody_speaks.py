"""All that people read comes from a catalogue: in a language that nobody speaks nothing is left on any page or in any
mail but data. And a language is one file: who drops one in has pages and mails speak it."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.locales import formats, known, languages, say, texts
from infra.sandbox.builders import BUDI, NOW
from infra.sandbox.specimens import EVERY
from tests.benchmarks.links import every_other_page, opened
from tests.benchmarks.pages import cookie_of, every_page, furnished
from tests.e2e.test_page_weight import NOT_WEIGHED
from tests.locales.pseudo import CLOSES, OPENS, PSEUDO, also_spoken, in_pseudo, pseudo_catalogue
from tests.locales.said_by_catalogues import calendar_words, hard_wired, in_page, words_of
from tests.mail.conftest import written

# What no catalogue has, and none must: names, numbers and addresses of the two houses that are walked.
DATA = calendar_words("en") | words_of(
    "Budi Sari Omar Fitri Toko Baju Gudang Bandung Kemeja Batik Topi PAID DELIVERED LZD JNE",
    "Lazada Shopee Tokopedia TikTok Pesan Satu kancing hilang Sudah dikemas Kancingnya lepas",
    "Kemejanya lebih murah masih layak dijual Belum dikirim Braga Apakah paketnya utuh",
    "https batal example com api cases payout signed token English Indonesia Asia Jakarta",
)


@pytest.fixture
def in_strange_words(tmp_path: Path) -> Iterator[None]:
    with also_spoken(PSEUDO, pseudo_catalogue(), tmp_path):
        yield


@pytest.mark.usefixtures("in_strange_words")
def test_no_page_says_a_word_that_is_in_no_catalogue() -> None:
    left = {}
    with furnished() as cases, Client(app) as client:
        for path, actor in every_page(cases):
            html = client.http.get(path, headers={**cookie_of(actor), "Accept-Language": PSEUDO}).body.decode()
            assert f'<html lang="{PSEUDO}"' in html
            assert OPENS in html
            data = DATA
            if path.startswith("/operations/policies/"):
                # A policy is shown as it is written, with where its figures come from.
                data |= words_of(msgspec.json.encode(wiring.ports().policies.current("lazada")).decode())
            if path.endswith("/change"):
                # Its sentences, and with them their brackets, are cut where there is a blank.
                html = html.replace(OPENS, "").replace(CLOSES, "")
                data |= words_of(*pseudo_catalogue().values())
            left[path] = in_page(html, data)
    assert {path: found for path, found in left.items() if found} == {}
    assert len(left) > 40


@pytest.mark.usefixtures("in_strange_words")
def test_no_page_behind_a_link_does_either() -> None:
    left = {}
    with furnished() as cases, Client(app) as client:
        for path, actor in every_other_page(cases):
            html = opened(client, path, actor, **{"Accept-Language": PSEUDO})
            assert OPENS in html, path
            left[path] = in_page(html, DATA | words_of("midtrans csv"))
    for route in NOT_WEIGHED:
        form = re.compile(re.sub(r"\{\w+\}", "[^/]+", route))
        assert any(form.fullmatch(path.partition("?")[0]) for path in left), route
    assert {path: found for path, found in left.items() if found} == {}


@pytest.mark.usefixtures("in_strange_words")
def test_no_mail_says_a_word_that_is_in_no_catalogue() -> None:
    left = {}
    for story, effect in EVERY:
        mail = written(story, effect, PSEUDO)
        assert all(OPENS in part for part in (mail.subject, mail.text, mail.html))
        left[story, effect] = [*in_page(mail.html, DATA), *hard_wired([mail.text, mail.subject], DATA)]
    assert {mail: found for mail, found in left.items() if found} == {}


def test_a_word_that_is_in_no_catalogue_is_seen() -> None:
    """The control: what stands beside the brackets, in an attribute, on a button."""
    html = f"<p>{in_pseudo('Your order')} Order</p><img alt='Goods'><input type=submit value=Send><p title=Why></p>"
    assert in_page(html, DATA) == ["Goods", "Order", "Send", "Why"]
    within = in_pseudo("from {shop} to you").format(shop=in_pseudo("our shop"))
    assert list(hard_wired([within], frozenset())) == []


def test_a_language_is_one_file(tmp_path: Path) -> None:
    """Somebody translates the catalogue, and drops it in."""
    thai = {**texts("en"), "language.name": "ไทย", "language.numbers": "th", "page.sign_in": "เข้าสู่ระบบ"}
    with also_spoken("th", thai, tmp_path), furnished() as cases, Client(app) as client:
        assert languages() == ("id", "en", "th")
        assert (known("th-TH"), known("fr"), known("")) == ("th", "en", "id")
        page = client.http.get("/", headers={"Accept-Language": "th-TH,th;q=0.9"}).body.decode()
        assert '<html lang="th"' in page
        assert "เข้าสู่ระบบ" in page
        # Who reads another page finds it among the languages, by its own name.
        other = client.http.get(f"/cases/{cases['waiting']}", headers=cookie_of(BUDI)).body.decode()
        assert 'lang="th" hreflang="th">ไทย</a>' in other
        assert "=th;" in str(client.http.get("/?lang=th").headers["Set-Cookie"])
        # Days and months come with it, and mails are written in it.
        assert formats.weekday(NOW.date(), "th").startswith("วัน")
        assert '<html lang="th"' in written("asked", "request_received:buyer", "th").html
    assert languages() == ("id", "en")
    assert say("page.sign_in", "th") == texts("en")["page.sign_in"]
