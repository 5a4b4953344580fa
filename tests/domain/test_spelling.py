"""A name is found whoever typed it how: composed or in pieces, with accents or without, in any script."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.people.clues import clues_of, readings
from chalicelib.domain.spelling import beginning, folded
from tests.domain.test_clues import BUYER, bought_by, opened

WORDS = st.text(st.characters(categories=["L", "M"]), min_size=1, max_size=12)
FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])
# As address books and mail programs put them around what is copied.
AROUND = st.sampled_from(["", "\u202a", "\u200e", "\u2069", "\ufeff"])


def finds(typed: str, **known: str) -> bool:
    """Whether what is typed finds the case of a buyer of whom this is known."""
    order = bought_by(replace(BUYER, **known))  # type: ignore[arg-type]
    noted = clues_of(order, opened(order))
    return any(set(reading.clues) <= noted for reading in readings(typed))


@given(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), FORMS, st.sampled_from([str, str.lower]), AROUND)
def test_whatever_form_a_name_is_typed_in_finds_it(name: str, form: Any, written: Any, around: str) -> None:
    typed = f"{around}{written(unicodedata.normalize(form, name))}{around}"
    assert finds(typed, name=name) or not any(map(str.isalpha, folded(name)))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王 小明", "王小明"),
        ("王小明", "王 小明"),
        ("山田　太郎", "山田太郎"),
        ("김 철수", "김철수"),
        ("ﾀﾅｶ", "タナカ"),
        ("王", "王"),
        ("O", "o"),
        ("Đặng Thị Đào", "dang dao"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("مُحَمَّد", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("สมชาย ใจดี", "ใจดี"),
        ("می‌خواهم", "میخواهم"),
        ("Ж" * 66, "ж" * 66),
        ("👩🏽‍🚀 Ani", "ani"),
    ],
)
def test_a_name_is_found_as_people_write_it(name: str, typed: str) -> None:
    assert finds(typed, name=name)


@pytest.mark.parametrize(("name", "typed"), [("王小明", "王 小红"), ("Budi S", "s"), ("12-A", "b"), ("Ani", "an")])
def test_another_name_does_not_find_it(name: str, typed: str) -> None:
    assert not finds(typed, name=name, email="x@example.com", phone="")


@pytest.mark.parametrize("around", ["\u202a{}\u202c", "\u2066{}\u2069", "\ufeff{}", "{}\u200b"])
def test_unseen_signs_around_a_number_or_an_address_are_none(around: str) -> None:
    for typed in ("+62 812-3456-789", "budi@example.com"):
        assert finds(around.format(typed))
        assert finds(typed, phone=around.format("+62 812-3456-789"), email=around.format("budi@example.com"))


@pytest.mark.parametrize(
    ("text", "most", "left"),
    [
        ("กำลังใจ", 3, "กำ"),
        ("กำลังใจ", 4, "กำลั"),
        ("ab👩🏽\u200d🚀", 3, "ab"),
        ("ab👩🏽\u200d🚀", 5, "ab"),
        ("a❤\ufe0f", 2, "a"),
        ("e\u0301e\u0301", 3, "e\u0301"),
    ],
)
def test_no_letter_loses_its_marks_where_a_text_is_cut(text: str, most: int, left: str) -> None:
    assert beginning(text, most) == left


@given(st.text(max_size=30), st.integers(0, 40))
def test_what_is_cut_is_the_beginning_and_not_longer(text: str, most: int) -> None:
    assert text.startswith(beginning(text, most))
    assert len(beginning(text, most)) <= most
    assert beginning(text, len(text)) == text
