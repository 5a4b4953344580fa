"""Days off of a country, and those that operators add."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from chalicelib.adapters.calendar import COUNTRIES, KnownDaysOff, calendar_of
from chalicelib.domain.policies.days_off import SETTING
from chalicelib.domain.policies.spans import Span, later
from chalicelib.domain.zones import Zone
from tests.fakes.memory_store import MemoryStore

WIB = timezone(timedelta(hours=7))
ONE_DAY = Span(amount=1, unit="working_days")


def a_calendar() -> KnownDaysOff:
    return KnownDaysOff(store=MemoryStore())


def test_joint_holidays_are_no_working_days() -> None:
    asked = datetime(2026, 3, 17, 15, tzinfo=WIB)  # a Tuesday; Nyepi, Idulfitri and their joint holidays follow
    end = later(asked, ONE_DAY, Zone.WIB, a_calendar().holidays(asked, "ID"))
    assert end.astimezone(WIB) == datetime(2026, 3, 25, 15, tzinfo=WIB)


@pytest.mark.parametrize("day", [date(2025, 12, 25), date(2025, 12, 26), date(2026, 8, 17), date(2027, 1, 1)])
def test_january_knows_last_years_holidays_and_december_the_next_ones(day: date) -> None:
    assert day in a_calendar().holidays(datetime(2026, 1, 2, tzinfo=UTC), "ID")


def test_each_public_day_has_a_name_in_both_languages_and_stands_once() -> None:
    calendar = a_calendar()
    named = {locale: calendar.public_days(2026, locale, "ID") for locale in ("id", "en")}
    assert [each.day for each in named["id"]] == sorted({each.day for each in named["en"]})
    natal = {locale: {each.name: each.joint for each in days if each.day.month == 12} for locale, days in named.items()}
    assert natal["id"] == {"Cuti Bersama Hari Raya Natal": True, "Hari Raya Natal": False}
    assert natal["en"] == {"Christmas Joint Holiday": True, "Christmas Day": False}
    assert {each.day for each in named["id"]} <= set(calendar.holidays(datetime(2026, 1, 2, tzinfo=UTC), "ID"))


def test_each_country_has_its_own_days_and_none_has_those_of_another() -> None:
    calendar, now = a_calendar(), datetime(2026, 6, 1, tzinfo=UTC)
    songkran, independence = date(2026, 4, 14), date(2026, 8, 17)
    assert songkran in calendar.holidays(now, "TH")
    assert songkran not in calendar.holidays(now, "ID")
    assert independence in calendar.holidays(now, "ID")
    assert independence not in calendar.holidays(now, "TH")
    assert not calendar.holidays(now, None)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_that_may_be_named_rests_at_weekends_and_names_its_days(country: str) -> None:
    """What working days leave out is Saturday and Sunday, so a country that rests on others has no place there."""
    calendar = a_calendar()
    assert calendar_of(country)(years=2026).weekend == {5, 6}
    named = [calendar.public_days(2026, locale, country) for locale in ("id", "en")]
    assert len(named[0]) == len(named[1]) > 5
    assert all(each.name for days in named for each in days)


def test_an_operators_days_count_and_are_read_again_after_a_while() -> None:
    store, clock = MemoryStore(), [0.0]
    calendar = KnownDaysOff(store=store, real_time=lambda: clock[0])
    now, added = datetime(2026, 11, 23, tzinfo=UTC), date(2026, 11, 27)
    assert added not in calendar.holidays(now, None)
    store.put_setting(SETTING, {"items": [{"day": "2026-11-27", "name": "Pilkada"}]})
    assert added not in calendar.holidays(now, None), "not asked for at every deadline"
    clock[0] += 301
    assert added in calendar.holidays(now, None)
