"""The number of a request: no wrong sign and no swap goes unnoticed, and it is understood however people write it."""

import random
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.reference import LENGTH, PREFIX, SIGNS, as_reference, drawn, for_older, is_mistyped, is_one

REFERENCES = st.integers(0, 2**32).map(lambda seed: drawn(random.Random(seed).randrange))


def test_it_looks_as_people_are_told() -> None:
    made = drawn(random.Random(7).randrange)
    assert (len(made), made[:4]) == (13, "BTL-")
    assert not set(made.removeprefix(PREFIX)) & set("01ILOSU"), "what is taken for one another"


@given(REFERENCES)
def test_every_one_is_one(made: str) -> None:
    assert is_one(made)
    assert as_reference(made) == made


@given(REFERENCES)
def test_one_wrong_sign_is_always_noticed(made: str) -> None:
    signs = made.removeprefix(PREFIX)
    for place in range(LENGTH):
        for other in SIGNS.replace(signs[place], ""):
            assert not is_one(PREFIX + signs[:place] + other + signs[place + 1 :])


@given(REFERENCES)
def test_two_swapped_signs_are_always_noticed(made: str) -> None:
    signs = list(made.removeprefix(PREFIX))
    for one in range(LENGTH):
        for other in range(one):
            swapped = signs.copy()
            swapped[one], swapped[other] = swapped[other], swapped[one]
            assert swapped == signs or not is_one(PREFIX + "".join(swapped))


@given(REFERENCES)
def test_it_is_understood_in_any_spelling(made: str) -> None:
    signs = made.removeprefix(PREFIX)
    for spelled in (
        made.lower(),
        signs,
        signs.lower(),
        f"btl {signs[:3]} {signs[3:6]} {signs[6:]}",
        f" BTL - {signs[:4]}-{signs[4:]} ",
        f"btl{signs}",
        f"BTL\u2013{signs}",
    ):
        assert as_reference(spelled) == made, spelled


def test_a_sign_that_was_misread_is_understood_where_it_can_only_have_been_one() -> None:
    made = next(each for seed in range(500) if "V" in (each := drawn(random.Random(seed).randrange)))
    assert as_reference(made.replace("V", "U")) == made
    understood = 0
    for seed in range(200):
        known = drawn(random.Random(seed).randrange)
        typed = known.replace("Q", "O").replace("5", "S")
        assert as_reference(typed) in (known, None), "never another one's"
        understood += as_reference(typed) == known
    assert understood > 150


@pytest.mark.parametrize("text", ["", "BTL-", "BTL-4F7K2M9Q", "LZD-1001", "budi", "0" * 9, "b" * 13, "BTL-4F7K2M9QX1"])
def test_what_is_none_is_none(text: str) -> None:
    assert as_reference(text) is None or text == "0" * 9
    assert not is_one(text)


@given(REFERENCES, st.text(min_size=1, max_size=64))
def test_older_cases_have_numbers_that_no_new_case_gets(made: str, case_id: str) -> None:
    numbers = list(islice(for_older(case_id), 5))
    assert numbers == list(islice(for_older(case_id), 5)), "always the same"
    assert len(set(numbers)) == 5
    assert all(is_one(number) and as_reference(number.lower()) == number for number in numbers)
    assert {number[4] for number in numbers} == {SIGNS[0]}
    assert made[4] != SIGNS[0]


def test_a_number_that_was_mistyped_is_told_from_what_is_none() -> None:
    made = drawn(random.Random(3).randrange)
    wrong = made[:-1] + ("2" if made[-1] != "2" else "3")
    assert is_mistyped(wrong)
    assert is_mistyped(wrong.lower())
    assert not is_mistyped(made)
    assert not is_mistyped("budi")
    assert not is_mistyped("LZD-1001")
