"""Ranges of whole days: their moments, the range before, and what is counted in both."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.figures.figures import Figure, counted_in, figures
from chalicelib.domain.figures.ranges import LONGEST, DateRange, columns, compared_in, last_days, made_in, range_between
from chalicelib.domain.zones import Zone
from infra.sandbox.builders import NOW, a_case

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2020, 1, 1), TODAY)


@given(DAYS, DAYS, st.sampled_from(list(Zone)))
def test_the_range_before_ends_where_this_one_begins_and_is_as_long(one: date, other: date, zone: Zone) -> None:
    dates = DateRange(first=min(one, other), last=max(one, other), zone=zone)
    assert dates.before.until == dates.since
    assert dates.before.days == dates.days
    assert dates.until - dates.since == timedelta(days=dates.days)
    assert dates.holds(dates.since)
    assert not dates.holds(dates.until)


@given(st.lists(st.integers(0, 100)), st.sampled_from([7, 28, 90]))
def test_columns_hold_every_request_of_the_range_once(hours: list[int], days: int) -> None:
    cases = [replace(a_case(), created_at=NOW - timedelta(hours=37 * each)) for each in hours]
    dates = last_days(days, TODAY, Zone.WIB)
    drawn = columns(dates, cases)
    assert sum(sum(counts.values()) for _, counts in drawn) == len(made_in(dates, cases))
    assert all(dates.first <= day <= dates.last for day, _ in drawn)
    assert len(drawn) == (days if days < 32 else 13)


def test_a_request_is_counted_on_its_day_in_the_readers_zone() -> None:
    # 23.30 in Jakarta is the next day in Jayapura.
    late = replace(a_case(), created_at=NOW.replace(day=22, hour=16, minute=30))
    by_day = {zone: dict(columns(last_days(7, TODAY, zone), [late])) for zone in (Zone.WIB, Zone.WIT)}
    assert by_day[Zone.WIB][date(2026, 11, 22)] == {"waits": 1}
    assert by_day[Zone.WIT][date(2026, 11, 23)] == {"waits": 1}


def test_requests_are_compared_with_those_of_the_range_before() -> None:
    cases = [replace(a_case(), created_at=NOW - timedelta(days=day)) for day in range(10)]
    dates = last_days(7, TODAY, Zone.WIB)
    told = compared_in(dates, cases, NOW, before_known=True)
    assert told.before
    assert (told.figures.asked, told.before.asked) == (7, 3)
    assert compared_in(dates, cases, NOW, before_known=False).before is None
    assert compared_in(dates, cases[:7], NOW, before_known=True).before is None, "there is nothing to compare with"


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("2026-11-20", "2026-11-19", [("to", "turned_round")]),
        ("salah", "2026-11-19", [("from", "no_day")]),
        ("", "", [("from", "no_day"), ("to", "no_day")]),
        ("2026-11-24", "2026-11-25", [("from", "to_come")]),
        ("2020-01-01", "2026-11-23", [("from", "too_long")]),
        ("0001-01-01", "2026-11-23", [("from", "no_day")]),
    ],
)
def test_a_range_that_cannot_be_says_why(first: str, last: str, wrong: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as refused:
        range_between(first, last, TODAY, Zone.WIB)
    assert refused.value.details["errors"] == [{"field": name, "message": why} for name, why in wrong]


def test_a_range_that_runs_on_ends_today() -> None:
    assert range_between("2026-11-20", "2026-12-31", TODAY, Zone.WIB).last == TODAY
    longest = range_between((TODAY - timedelta(days=LONGEST - 1)).isoformat(), TODAY.isoformat(), TODAY, Zone.WIB)
    assert longest.days == LONGEST


def test_each_number_is_as_long_as_the_list_it_is_taken_from() -> None:
    cases = [replace(a_case(), lapsed=bool(number % 2), created_at=NOW - timedelta(days=number)) for number in range(9)]
    told = figures(cases, NOW)
    counts = Counter({each: len(counted_in(each, cases)) for each in Figure})
    assert (told.asked, told.open, told.lapsed, told.counted) == (
        counts[Figure.ASKED],
        counts[Figure.OPEN],
        counts[Figure.LAPSED],
        counts[Figure.COUNTED],
    )
