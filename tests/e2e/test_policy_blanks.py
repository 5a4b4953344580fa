"""What is typed into a policy's sentences is read as it is shown, and leaves all else alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.policies import shipped
from chalicelib.edge.reading import policy_of
from chalicelib.locales import languages
from chalicelib.pages.policy_blanks import UNITS, Blank, Kind, drawn, filled_in, percent, plain_of
from chalicelib.pages.policy_changes import changed_sentences, differences, unsaid_differences
from chalicelib.pages.policy_sentences import sentences

NAMES = ("lazada", "shopee", "tiktok", "tokopedia")


def blanks_of(name: str) -> list[Blank]:
    policy = shipped(name)
    assert policy
    said = sentences(policy, "id").values()
    return [blank for each in said for sentence in each for blank in sentence.blanks.values()]


def plain(name: str) -> dict[str, Any]:
    policy = shipped(name)
    assert policy
    return plain_of(policy)


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("name", NAMES)
def test_what_nobody_touches_stays_as_it_is(name: str, locale: str) -> None:
    before = plain(name)
    shown = {field: text for blank in blanks_of(name) for field, text in drawn(blank, before, locale).items()}
    assert filled_in(before, blanks_of(name), shown, locale) == (before, {})


@pytest.mark.parametrize("name", NAMES)
def test_no_field_stands_twice(name: str) -> None:
    fields = [field for blank in blanks_of(name) for field in drawn(blank, plain(name), "id")]
    assert len(fields) == len(set(fields))


def another(blank: Blank, shown: dict[str, str]) -> dict[str, str]:
    """Something else for a blank."""
    first = next(iter(shown))
    match blank.kind:
        case Kind.SPAN:
            return shown | {first: str(int(shown[first]) + 1)}
        case Kind.CHOICE:
            return {first: next(each for each in blank.choices if each != shown[first])}
        case Kind.AMOUNT:
            return {first: "Rp777.000"}
        case Kind.PERCENT:
            return {first: "3,25"}
        case Kind.COUNT:
            return {first: str(int(shown[first]) + 1)}


@pytest.mark.parametrize("name", NAMES)
def test_each_blank_changes_its_setting_which_is_said_in_a_sentence_and_nothing_else(name: str) -> None:
    before, current = plain(name), shipped(name)
    assert current
    for blank in blanks_of(name):
        shown = {field: text for each in blanks_of(name) for field, text in drawn(each, before, "id").items()}
        typed = shown | another(blank, dict(drawn(blank, before, "id")))
        draft, wrong = filled_in(before, blanks_of(name), typed, "id")
        assert wrong == {}, blank.name
        after = policy_of(name, draft)
        changed = changed_sentences(current, after, "id")
        assert len(changed) == 1, blank.name
        assert changed[0].before != changed[0].after
        assert differences(current, after), blank.name
        assert unsaid_differences(current, after, "id") == [], blank.name


@given(st.integers(0, 10_000), st.sampled_from(languages()))
def test_percent_is_read_as_it_is_shown(points: int, locale: str) -> None:
    blank = Blank(path=("x",), kind=Kind.PERCENT)
    ground = {"x": -1, "currency_of_figures": "IDR"}
    assert filled_in(ground, [blank], {"x": percent(points, locale)}, locale)[0]["x"] == points


@given(st.text(max_size=12), st.sampled_from(list(Kind)))
def test_whatever_is_typed_is_read_or_said_to_be_wrong(typed: str, kind: Kind) -> None:
    ground = {"x": {"amount": 1, "unit": UNITS[0]} if kind is Kind.SPAN else 7, "currency_of_figures": "IDR"}
    blank = Blank(path=("x",), kind=kind, choices={"7": "a"}, values={"7": 7})
    field = next(iter(drawn(blank, ground, "id")))
    draft, wrong = filled_in(ground, [blank], {field: typed, "x.unit": "hours"}, "id")
    assert wrong or draft["x"] is not None
    assert not wrong or draft == ground
