"""Digests say what single mails would: what is to be done, how much, by when; most urgent first, and one button."""

import re

import pytest

from chalicelib.locales import say
from infra.sandbox.digests import DIGESTS, digest_specimen
from tests.mail.conftest import LINKS, pieces

_LINK = "https://batal.example/api/waiting/signed-token"


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("story", DIGESTS)
def test_text_and_html_say_the_same_and_fit_into_a_mail(story: str, locale: str) -> None:
    mail = digest_specimen(story, locale, LINKS)
    assert len(mail.html.encode()) < 100_000, "Gmail cuts what is longer than 102 KB"
    assert mail.locale == locale
    assert (mail.case_id, mail.effect_id, mail.reply_to) == ("", "", None)
    told, only_html = " ".join(mail.text.split()), say("mail.or_link", locale)
    assert [
        each for each in pieces(mail.html) if (plain := " ".join(each.split())) not in told and plain != only_html
    ] == []
    assert re.search(r"\{\w*\}|None", mail.text) is None


@pytest.mark.parametrize("locale", ["id", "en"])
def test_what_waits_has_one_signed_link_and_no_decision_link(locale: str) -> None:
    mail = digest_specimen("a digest", locale, LINKS)
    assert mail.html.count(f'href="{_LINK}"') == 2
    assert "/d/" not in mail.html + mail.text
    assert "/cases/" not in mail.html + mail.text


def test_the_most_urgent_comes_first_and_each_says_what_how_much_and_by_when() -> None:
    mail = digest_specimen("a digest", "id", LINKS)
    waiting = mail.text.split("Menunggu Anda\n")[1].split("\n\n")[0].splitlines()
    assert (
        waiting[0] == "- Jawab sebelum Sel 24 Nov 10.00: batal 2x Kemeja Batik dan 1 lainnya, Rp337.000 · BTL-000000000"
    )
    assert [line.split()[1] for line in waiting if line.startswith("- ")] == ["Jawab", "Jawab", "Konfirmasi", "Tarik"]


def test_news_alone_asks_for_nothing_and_leads_to_the_inbox() -> None:
    mail = digest_specimen("a digest of news alone", "id", LINKS)
    assert mail.subject == "Kabar tentang 3 permintaan di toko Anda"
    assert _LINK not in mail.html + mail.text
    assert "https://batal.example/api/seller\n" in mail.text
