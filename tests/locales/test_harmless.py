"""What others said is shown without signs that nobody sees or that turn words around, on every channel."""

import csv
import io
import json
import unicodedata
from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.card import card_of
from chalicelib.domain.cases.card_words import CardWords
from chalicelib.domain.cases.effects import decode
from chalicelib.domain.zones import Zone
from chalicelib.edge.boundary import json_of
from chalicelib.locales.harmless import as_told, harmless, on_one_line, shown
from chalicelib.mail.composing import compose, templates
from chalicelib.mail.mime import as_bytes
from chalicelib.pages import page
from chalicelib.pages.inbox_file import written
from infra.sandbox.builders import a_case
from infra.sandbox.specimens import order_of
from tests.mail.conftest import LINKS

# Said in full and apart from what harmless() goes by, so that both would have to be wrong.
TURNING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
TAGS = [*range(0xE0000, 0xE0080)]
CONTROLS = [each for each in range(0xA0) if unicodedata.category(chr(each)) == "Cc" and each not in (9, 10, 13)]
# Signs of format that are seen: numbers of Arabic and Syriac are written upon them, and Kaithi's.
_SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
JOINERS = {0x200C, 0x200D}
FORMATS = [
    each
    for each in range(0x110000)
    if unicodedata.category(chr(each)) == "Cf" and each not in _SEEN and each not in JOINERS
]
EVIL = sorted({*TURNING, *TAGS, *CONTROLS, *FORMATS})
signs = st.sampled_from(EVIL).map(chr)
others = st.sampled_from("Abu ب ש 漢 😀\u200d\u200c\ufe0f\n\r\u2028\u2029\x85=")
sentences = st.lists(st.one_of(signs, others), max_size=30).map("".join)


def evil_in(text: str) -> list[str]:
    return sorted({f"U+{ord(sign):04X}" for sign in text if ord(sign) in _EVIL})


_EVIL = frozenset(EVIL)


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦",
        "❤️‍🔥 1️⃣ ☺️",
        "👩🏽‍⚕️",
        "می‌خواهم",
        "क्‍ष",
        "مرحبا بكم",
        "שלום",
        "Kemeja — ukuran L, “biru”",
        "two\nlines\tof words",
        "漢字かな",
    ],
)
def test_letters_of_every_script_and_pictures_stay_whole(text: str) -> None:
    assert harmless(text) == text


def test_every_single_sign_that_deceives_is_gone() -> None:
    assert [f"U+{each:04X}" for each in EVIL if evil_in(harmless(f"Bu{chr(each)}di"))] == []


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("foto\u202egpj.exe", "fotogpj.exe"),
        ("Bu\u200ddi", "Budi"),
        ("😀\u200d\u200d\u200d😀", "😀\u200d😀"),
        ("a\ufe0f\ufe0e\ufe0fb", "ab"),
        ("OK\U000e0041\U000e0042", "OK"),
        ("half \ud800 a sign", "half \ufffd a sign"),
        ("one\r\ntwo\u2028three\x85four", "one\ntwo\nthree\nfour"),
    ],
    ids=ascii,
)
def test_what_was_hidden_is_gone_and_the_rest_stands_in_its_order(said: str, seen: str) -> None:
    assert harmless(said) == seen


@given(sentences)
def test_showing_twice_shows_the_same(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once
    assert evil_in(once) == []
    assert "\n" not in on_one_line(text)
    once.encode()


@given(sentences)
def test_pages_write_nothing_that_deceives_not_even_in_attributes(text: str) -> None:
    template = page._environment().from_string('<p title="{{ told }}">{{ told }}{{ told|upper }}{{ [told]|join }}</p>')
    assert evil_in(template.render(told=text)) == []


@given(sentences)
def test_fields_that_nobody_sees_come_back_as_they_were(text: str) -> None:
    assert page._environment().from_string("{{ told|as_told }}").render(told=text) == str(as_told(text))


@given(sentences)
def test_answers_of_the_api_say_what_was_told_and_show_what_is_hidden_in_it(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    document = json_of({"text": text, "many": [text]})
    assert evil_in(document) == []
    assert json.loads(document) == {"text": text, "many": [text]}


@given(sentences)
def test_mails_carry_nothing_that_deceives(text: str) -> None:
    plain = order_of(locale="en")
    body = replace(
        plain.body,
        buyer=replace(plain.body.buyer, name=text),
        lines=tuple(replace(line, name=text) for line in plain.body.lines),
    )
    mail = compose(decode("1:mail:request_received:buyer"), a_case(plain), replace(plain, body=body), links=LINKS)
    assert evil_in(mail.subject + mail.text + mail.html) == []
    assert "\n" not in mail.subject
    message = message_from_bytes(as_bytes(mail, "batal@example.com"), policy=policy.default)
    assert evil_in(str(message["Subject"])) == []


@given(sentences)
def test_cells_of_a_table_carry_nothing_that_deceives_and_are_no_formula(text: str) -> None:
    card = replace(card_of(a_case()), display_id=text, tracking_number=text, words=CardWords(buyer=text, goods=text))
    rows = list(csv.reader(io.StringIO(written([card], "en", Zone.WIB).lstrip("\ufeff"))))
    cells: list[Any] = rows[1]
    assert evil_in("".join(cells)) == []
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_whatever_writes_for_people_writes_so() -> None:
    assert page._environment().finalize is shown
    assert templates().finalize is shown
