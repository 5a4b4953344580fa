"""Zones by IANA's names, and what a day is where clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.orders.body import Person
from chalicelib.domain.policies.spans import Span, later
from chalicelib.domain.zones import Zone
from chalicelib.locales import formats

# South and north, half an hour (Lord Howe), leaps over midnight (Beirut, Cairo), midnight twice (Havana), none at all.
ZONES = [
    *("Australia/Sydney", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"),
    *("Asia/Beirut", "Africa/Cairo", "America/Havana", "Asia/Bangkok", "Asia/Kathmandu", "WIB"),
]
moments = st.integers(0, 3 * 365 * 24 * 4).map(
    lambda quarters: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarters)
)
zones = st.sampled_from(ZONES).map(Zone)
# Sydney's clocks go back on 5 April and ahead on 4 October 2026, New York's ahead on 8 March and back on 1 November.
BACK, AHEAD = datetime(2026, 4, 3, 5, tzinfo=UTC), datetime(2026, 10, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    [
        *("", "wib", "Asia/jakarta", "asia/Bangkok", "UTC+7", "+07:00", "posixrules", "Factory", "localtime", "Asia"),
        *(
            "../etc/passwd",
            "/etc/localtime",
            "Asia/../Asia/Bangkok",
            "right/UTC",
            "Asia/Bangkok\0",
            " WIB",
            "x" * 10**6,
        ),
    ],
    ids=lambda name: repr(name[:30]),
)
def test_what_is_no_name_of_ianas_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="valid Zone"):
        Zone(name)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Asia/Jakarta", Zone.WIB),
        ("Asia/Pontianak", Zone.WIB),
        ("Asia/Makassar", Zone.WITA),
        ("Asia/Ujung_Pandang", Zone.WITA),
        ("Asia/Jayapura", Zone.WIT),
    ],
)
def test_indonesias_zones_are_kept_by_their_short_names_as_ever(name: str, zone: Zone) -> None:
    """So the release before reads what this one writes."""
    person = msgspec.convert({"id": "budi", "name": "Budi", "zone": name}, Person)
    assert person.zone is zone
    assert msgspec.to_builtins(person)["zone"] == zone.value
    assert set(Zone) == {Zone.WIB, Zone.WITA, Zone.WIT}


@pytest.mark.parametrize(
    ("name", "zone"), [("WIB", "Asia/Jakarta"), ("WITA", "Asia/Makassar"), ("WIT", "Asia/Jayapura")]
)
def test_what_was_stored_means_what_it_meant(name: str, zone: str) -> None:
    stored = msgspec.json.decode(f'{{"id": "budi", "name": "Budi", "zone": "{name}"}}', type=Person)
    at = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)
    assert stored.zone
    assert at.astimezone(stored.zone.clock).replace(tzinfo=None) == at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def test_any_zone_is_kept_and_read_back() -> None:
    person = Person(id="mali", name="มาลี", zone=Zone("Asia/Bangkok"))
    assert msgspec.json.decode(msgspec.json.encode(person), type=Person) == person


@pytest.mark.parametrize(
    ("zone", "short"),
    [
        ("WIT", "WIT"),
        ("Asia/Bangkok", "UTC+7"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("America/Bogota", "UTC-5"),
        ("America/Noronha", "UTC-2"),
        ("Australia/Sydney", "AEDT"),
        ("UTC", "UTC"),
    ],
)
def test_times_carry_the_name_of_their_zone(zone: str, short: str) -> None:
    at = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)
    assert formats.moment(at, "en", Zone(zone)).split()[-1] == short
    assert Zone("Australia/Sydney").short(datetime(2026, 6, 1, tzinfo=UTC)) == "AEST"


@given(moments, st.integers(1, 20), st.sets(st.dates(date(2026, 1, 1), date(2029, 2, 1)), max_size=30), zones)
@example(BACK, 1, set(), Zone("Australia/Sydney"))
@example(AHEAD, 1, set(), Zone("Australia/Sydney"))
@example(datetime(2026, 4, 22, 22, 30, tzinfo=UTC), 1, set(), Zone("Africa/Cairo"))
def test_working_days_grow_and_end_on_one_wherever_clocks_change(
    start: datetime, days: int, off: set[date], zone: Zone
) -> None:
    end, one_more = (later(start, Span(amount=n, unit="working_days"), zone, off) for n in (days, days + 1))
    assert start < end < one_more
    day = (end - timedelta(microseconds=1)).astimezone(zone.clock).date()
    assert day.weekday() < 5
    assert day not in off


@given(moments, st.integers(1, 400), zones)
@example(BACK, 2, Zone("Australia/Sydney"))
@example(AHEAD, 2, Zone("Australia/Sydney"))
def test_days_are_never_less_than_24_hours_nor_end_before_the_same_time_of_day(
    start: datetime, days: int, zone: Zone
) -> None:
    end = later(start, Span(amount=days, unit="days"), zone, ())
    local, began = end.astimezone(zone.clock), start.astimezone(zone.clock)
    assert end >= start + timedelta(days=days)
    assert (local.date() - began.date()).days >= days
    assert local.replace(tzinfo=None) >= began.replace(tzinfo=None) + timedelta(days=days)
    assert end - start <= timedelta(days=days, hours=1)


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), zones)
@example(date(2026, 4, 24), Zone("Africa/Cairo"))
@example(date(2026, 3, 29), Zone("Asia/Beirut"))
@example(date(2026, 11, 1), Zone("America/Havana"))
def test_a_day_begins_once_and_as_a_deadline_it_is_the_last_minute_of_the_day_before(day: date, zone: Zone) -> None:
    begins = zone.begins(day)
    assert begins.astimezone(zone.clock).date() == day
    assert (begins - timedelta(microseconds=1)).astimezone(zone.clock).date() == day - timedelta(days=1)
    assert formats.deadline(begins, "en", zone).startswith(formats.weekday(day - timedelta(days=1), "en") + " 23:59 ")
    assert formats.short_deadline(begins, "id", zone).split()[-2] == "23.59"


@given(moments, zones)
@example(datetime(2026, 11, 1, 5, 0, tzinfo=UTC), Zone("America/Havana"))
def test_no_deadline_is_told_as_midnight_or_later_than_it_is(at: datetime, zone: Zone) -> None:
    said = formats.deadline(at, "en", zone)
    assert " 00:00 " not in said
    told = {formats.moment(at - timedelta(minutes=minutes), "en", zone) for minutes in (0, 1)}
    assert said in told


@given(moments, zones)
def test_a_time_of_day_comes_once_a_day_and_never_early(at: datetime, zone: Zone) -> None:
    local = at.astimezone(zone.clock)
    found = zone.at(local.date(), local.time())
    if local.time() != time():
        assert found >= at
    assert found.astimezone(zone.clock).date() == local.date()
