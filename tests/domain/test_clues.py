"""What callers say, in one form whoever writes it how; and what is still to be noted of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.case import Case, Pending
from chalicelib.domain.cases.commands import Reject
from chalicelib.domain.cases.effects import NoteClues, Promise
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.orders.body import Person, Reach
from chalicelib.domain.orders.order import Order
from chalicelib.domain.people.clues import (
    NOTHING_NOTED,
    Clue,
    ClueKind,
    clues_of,
    email,
    name_words,
    noting,
    number,
    phone,
    readings,
    same_clues,
)
from chalicelib.domain.policies.reasons import RefusingReason
from infra.sandbox.builders import a_context, an_act, an_asking, an_order

# An Indonesian number as people know it, without 0 and +62: no area begins with 0, and none with 62.
NATIONAL = st.from_regex(r"[1-9][0-9]{7,11}", fullmatch=True).filter(lambda digits: not digits.startswith("62"))
BETWEEN = st.sampled_from(["", " ", "-", ".", " - ", "\u00a0", "\u2011"])
LETTERS = st.text(st.characters(categories=["Ll", "Lu"]), min_size=2, max_size=12)
SIGNS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=5, max_size=20).filter(
    lambda text: any(sign.isdigit() for sign in text)
)


@given(NATIONAL, st.sampled_from(["+62", "62", "0", "0062", "+62 (0)", "", "+62-"]), BETWEEN)
def test_a_phone_is_one_in_every_spelling(digits: str, begins: str, between: str) -> None:
    spelled = begins + between.join([digits[:3], digits[3:6], digits[6:]])
    assert phone(spelled) == digits
    assert phone(f"  {spelled} ") == digits


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("+1 (415) 555-0132", "14155550132"),
        ("001 415 555 0132", "14155550132"),
        ("0812-****-789", None),
        ("0812 call me", None),
        ("12345", None),
        ("1234567890123456", None),
        ("\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "812345678"),
        ("", None),
    ],
)
def test_a_phone_of_elsewhere_keeps_its_country_and_what_is_none_is_none(typed: str, known: str | None) -> None:
    assert phone(typed) == known


@given(st.emails())
def test_an_address_is_one_in_every_case(address: str) -> None:
    assert email(address.upper()) == email(address.lower())
    assert email(f" {address} ") == email(address)


@pytest.mark.parametrize("hidden", ["b***i@example.com", "nobody", "a@b, c@d", "@", ""])
def test_what_is_hidden_or_no_address_is_no_clue(hidden: str) -> None:
    assert email(hidden) is None


@given(LETTERS, LETTERS)
def test_a_name_is_its_words_however_they_are_written(one: str, other: str) -> None:
    words = set(name_words(f"{one} {other}"))
    assert words == set(name_words(f"{other.lower()}  {one.lower()}")) | set(name_words(f"{one.lower()}"))
    for word in words:
        assert name_words(word) == (word,)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Budi Santoso", ("budi", "santoso")),
        ("  BÚDI   santóso ", ("budi", "santoso")),
        ("Siti-Nur A. O'Brien, S.T.", ("siti", "nur", "obrien", "st")),
        ("B*** S***o Budi", ("budi",)),
        ("王小明", ("王小明",)),
        ("Straße", ("strasse",)),
        ("a 12 !", ()),
        ("", ()),
    ],
)
def test_words_of_names(typed: str, words: tuple[str, ...]) -> None:
    assert name_words(typed) == words


@given(SIGNS, st.sampled_from(["", " ", "-", "/", "."]))
def test_a_number_is_one_whatever_stands_between_its_signs(signs: str, between: str) -> None:
    assert number(between.join([signs[:2], signs[2:]]).upper()) == signs
    assert number(signs) == signs


@given(st.text(max_size=40))
def test_whatever_is_typed_is_understood_or_not_and_never_fails(typed: str) -> None:
    for reading in readings(typed):
        assert reading.clues
        assert all(clue.text and clue.kind is reading.kind for clue in reading.clues)


def opened(order: Order | None = None) -> Case:
    case = an_asking(order or an_order()).case
    assert case
    return case


def bought_by(buyer: Person, **body: Any) -> Order:
    order = an_order(**body)
    return replace(order, body=replace(order.body, buyer=buyer))


def of(buyer: Person, **body: Any) -> dict[str, set[str]]:
    order = bought_by(buyer, **body)
    found: dict[str, set[str]] = {}
    for clue in clues_of(order, opened(order)):
        found.setdefault(clue.kind.value, set()).add(clue.text)
    return found


BUYER = Person(id="budi", name="Budi Santoso", email="Budi@Example.com", phone="+62 812-3456-789")


def test_a_case_is_found_by_all_that_its_buyer_may_say() -> None:
    found = of(BUYER, order_id="2026-11-ABCDEF", display_id="INV/2026/XI/007")
    assert found == {
        "phone": {"8123456789"},
        "email": {"budi@example.com"},
        "name": {"budi", "santoso"},
        "order": {"inv2026xi007"},
        "ending": {"abcdef", "6xi007"},
    }


def test_whatever_is_noted_is_read_so_when_it_is_typed() -> None:
    order = bought_by(BUYER, order_id="2026-11-ABCDEF", display_id="INV/2026/XI/007")
    order = replace(order, tracking_number="JNE 00-12345")
    noted = clues_of(order, opened(order))
    for typed in ("0812 3456 789", "BUDI@example.com", "santoso", "inv 2026 xi 007", "ABC-DEF", "jne0012345"):
        meant = [set(reading.clues) for reading in readings(typed)]
        assert any(clues <= noted for clues in meant), typed
    assert not any(set(reading.clues) <= noted for reading in readings("Budi Hartono"))


def test_what_a_platform_hid_is_no_clue() -> None:
    hidden = replace(BUYER, name="B*** S***", email="b**i@example.com", phone="0812****789", contact=Reach.MASKED)
    assert set(of(hidden, order_id="LZD-1")) == set()


def test_a_push_that_tells_nothing_new_of_people_or_parcels_is_the_same() -> None:
    order = an_order()
    assert same_clues(order, replace(order, rev=9))
    assert not same_clues(order, replace(order, tracking_number="JNE-1"))
    moved = replace(order.body, buyer=replace(order.body.buyer, phone="0811111111"))
    assert not same_clues(order, replace(order, body=moved))


def test_a_new_case_promises_to_be_found_and_a_parcel_that_it_names_promises_it_again() -> None:
    case = opened()
    assert Promise(1, NoteClues()) in case.outbox
    said = Reject(reason_code=RefusingReason.ALREADY_SHIPPED, tracking_number="JNE-77")
    refused = advance(replace(case, outbox={}), an_act(said), a_context(order=an_order())).case
    assert refused
    assert Promise(2, NoteClues()) in refused.outbox
    assert Clue(ClueKind.TRACKING, "jne77") in clues_of(an_order(), refused)


FIRST, SECOND = Promise(1, NoteClues()), Promise(4, NoteClues())


def test_only_what_is_new_is_noted() -> None:
    case = replace(opened(), outbox={FIRST: Pending()})
    first = noting(NOTHING_NOTED, {"a", "b"}, FIRST, case)
    assert first
    assert first.begun == {"a", "b"}
    later = replace(case, outbox={SECOND: Pending()})
    assert noting(first, {"b", "a"}, SECOND, later) is None
    second = noting(first, {"b", "c"}, SECOND, later)
    assert second
    assert second.begun == {"c"}
    assert second.fingerprints == {"a", "b", "c"}


def test_what_an_attempt_that_broke_off_had_begun_is_noted_again() -> None:
    case = replace(opened(), outbox={FIRST: Pending()})
    broken = noting(NOTHING_NOTED, {"a"}, FIRST, case)
    assert broken
    again = noting(broken, {"a"}, FIRST, case)
    assert again
    assert again.begun == {"a"}
    overtaken = noting(broken, {"a", "b"}, SECOND, replace(case, outbox={FIRST: Pending(), SECOND: Pending()}))
    assert overtaken
    assert overtaken.begun == {"a", "b"}
