"""Deadlines: absolute, fixed when the wait begins, in clock time or in working days of a zone."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from chalicelib.domain.zones import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time as people agree on it; working days leave out weekends and public holidays."""

    amount: int
    unit: Literal["seconds", "hours", "days", "working_days"]

    def __post_init__(self) -> None:
        """Refuse what nobody can wait for. Raises ValueError."""
        if not 0 < self.amount <= FOREVER:
            raise ValueError(f"a span is 1 to {FOREVER} {self.unit}")


FOREVER = 100_000


_SECONDS = {"seconds": 1, "hours": 3600, "days": 86400}


def later(start: datetime, span: Span, zone: Zone, holidays: Collection[date]) -> datetime:
    """The moment `span` after `start` (both UTC). Zone and days off have no default: a working day needs both.

    One working day after Friday 15:00 is Monday 15:00. A wait that begins on a day off counts from the end of that
    stretch: one working day after Saturday is the end of Monday (Tuesday 00:00) in the zone. Where clocks change
    meanwhile, days end when they show the same time again, and never before as many times 24 hours are over.
    """
    if span.unit in ("seconds", "hours"):
        return start + timedelta(seconds=span.amount * _SECONDS[span.unit])
    local = start.astimezone(zone.clock)
    if span.unit == "days":
        same_time = zone.at(local.date() + timedelta(days=span.amount), local.time())
        return max(start + timedelta(days=span.amount), same_time).astimezone(start.tzinfo)
    day, clock_time = local.date(), local.time()
    if _off(day, holidays):
        day, clock_time = _next_working_day(day, holidays), time()
    for _ in range(span.amount):
        day += timedelta(days=1)
        # Midnight ends the day before it, so it moves on only when that day was off.
        day = _next_working_day(day, holidays) if clock_time != time() else _after_working_day(day, holidays)
    return zone.at(day, clock_time).astimezone(start.tzinfo)


def earlier(moment: datetime, span: Span) -> datetime:
    """The moment `span` before `moment`; working days count as days."""
    return moment - timedelta(seconds=span.amount * _SECONDS.get(span.unit, 86400))


def seconds_until(deadline: datetime, now: datetime) -> int:
    """Whole seconds for a timer that must not fire before `deadline`: rounded up, two for the road, at least one."""
    return max(1, math.ceil((deadline - now).total_seconds()) + 2)


def _after_working_day(day: date, holidays: Collection[date]) -> date:
    while _off(day - timedelta(days=1), holidays):
        day += timedelta(days=1)
    return day


def _next_working_day(day: date, holidays: Collection[date]) -> date:
    while _off(day, holidays):
        day += timedelta(days=1)
    return day


def _off(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() >= 5 or day in holidays
