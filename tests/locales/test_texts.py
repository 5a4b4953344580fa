"""Every text keeps to docs/texts.md, as far as a test can hold it; and every rule finds what it is for."""

import re

import pytest

from chalicelib.locales import languages, texts
from infra.stages import ROOT
from tests.locales import style
from tests.locales.style import RULES, WORDS, Rule, begins_with_a_verb, buttons


def wrong(rule: Rule, locale: str) -> list[str]:
    return [
        f"{key}: {why} ({text})" for key, text in texts(locale).items() if (why := rule(key, text, locale)) is not None
    ]


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_text_keeps_to_the_rule(rule: Rule, locale: str) -> None:
    assert wrong(rule, locale) == []


@pytest.mark.parametrize("locale", languages())
def test_every_button_says_what_it_does(locale: str) -> None:
    ours = texts(locale)
    pressed = buttons(ours)
    assert {
        "page.case.approve",
        "page.part.retry",
        "mail.decision_needed.seller.button",
        "page.decide.reject",
    } <= pressed
    assert [each for key in sorted(pressed) if (each := begins_with_a_verb(key, ours[key], locale))] == []


def test_both_languages_end_alike() -> None:
    ends = {key: (text[-1], texts("en")[key][-1]) for key, text in texts("id").items()}
    assert {key: pair for key, pair in ends.items() if pair[0] != pair[1] and set(pair) & set(".?:")} == {}


@pytest.mark.parametrize("locale", languages())
def test_who_must_answer_is_not_told_of_somebody_else(locale: str) -> None:
    ours = texts(locale)
    others = {"id": ("jawaban penjual", "jawaban pembeli"), "en": ("the seller's answer", "the buyer's answer")}.get(
        locale, ()
    )
    for role, state in (("seller", "awaiting_seller"), ("buyer", "awaiting_buyer")):
        spoken_to = [
            ours[f"state.{state}.{role}"],
            ours[f"page.case.now.{state}.{role}"],
            ours[f"mail.reminder.{'answer' if role == 'seller' else 'offer'}.lead"],
        ]
        assert not [text for text in spoken_to if any(each in text.lower() for each in others)]
    assert ours["state.awaiting_seller"] != ours["state.awaiting_seller.seller"]


PLANTED: tuple[tuple[Rule, str, str, str], ...] = (
    (style.says_our_words, "page.x", "Uang Anda kembali.", "id"),
    (style.says_our_words, "page.x", "Uang tunai dan uang lain.", "id"),
    (style.says_our_words, "page.x", "Jika Anda diam, kami yang memutuskan.", "id"),
    (style.says_our_words, "page.x", "The case is closed.", "en"),
    (style.speaks_of_returning, "mail.return.approved.buyer.lead.x", "Pembatalan disetujui.", "id"),
    (style.speaks_of_returning, "page.case.end.expired.return", "The order is cancelled.", "en"),
    (style.is_short, "page.x", " ".join(["kata"] * 25) + ".", "id"),
    (style.is_spaced, "page.x", "Dua  spasi.", "id"),
    (style.is_spaced, "page.x", "Spasi .", "id"),
    (style.ends_well, "refusal.x", "Belum bisa", "id"),
    (style.ends_well, "mail.x.buyer.lead", "Pesanan dibatalkan", "id"),
    (style.ends_well, "mail.x.buyer.subject", "Pesanan {goods} dibatalkan.", "id"),
    (style.has_our_signs, "page.x", 'Aturan "ini".', "id"),
    (style.has_our_signs, "page.x", "Tunggu...", "id"),
    (style.has_our_signs, "page.x", "Berhasil!", "id"),
    (style.has_our_signs, "page.x", "The 'rule'.", "en"),
    (style.says_anda, "page.x", "Pesanan anda dibatalkan.", "id"),
    (style.writes_money, "page.x", "Rp 150.000", "id"),
    (style.writes_money, "page.x", "Rp150000", "id"),
    (style.writes_money, "page.x", "150.000 rupiah", "en"),
    (style.is_a_subject, "mail.x.buyer.subject", "Ada kabar untuk Anda", "id"),
    (style.is_a_subject, "mail.x.buyer.subject", "x" * 56 + " · {reference}", "id"),
    (style.begins_with_a_verb, "page.x", "Persetujuan", "id"),
    (style.begins_with_a_verb, "page.x", "OK", "en"),
)


@pytest.mark.parametrize(("rule", "key", "text", "locale"), PLANTED)
def test_every_rule_finds_what_it_is_for(rule: Rule, key: str, text: str, locale: str) -> None:
    assert rule(key, text, locale) is not None


def test_no_rule_is_without_a_fault_that_it_finds() -> None:
    assert {rule for rule, *_ in PLANTED} == {*RULES, begins_with_a_verb}


@pytest.mark.parametrize(
    ("text", "locale"),
    [("Mata uang pesanan ini.", "id"), ("Uang tunai.", "id"), ("Keadaannya sekarang:", "id"), ("Support desk", "en")],
)
def test_a_word_is_right_where_the_page_says_so(text: str, locale: str) -> None:
    assert style.says_our_words("page.x", text, locale) is None


def test_a_printed_apostrophe_and_a_joined_word_are_no_fault() -> None:
    assert style.has_our_signs("page.x", "The buyer's refund", "en") is None
    assert style.says_our_words("page.x", "An e-mail, please.", "en") is None


@pytest.mark.parametrize("locale", languages())
def test_what_is_never_said_is_not_what_is_said_instead(locale: str) -> None:
    """And no word is in the tables twice."""
    never = [word.never for word in WORDS[locale]]
    assert len(never) == len(set(never)) > 10
    assert all(word.never and word.say for word in WORDS[locale])
    for word in WORDS[locale]:
        assert not re.search(rf"(?<![\w-]){re.escape(word.never)}(?![\w-])", word.say)


def test_who_works_on_batal_finds_the_page() -> None:
    assert "docs/texts.md" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
