"""Deadlines: absolute, fixed when the wait begins, in clock time or in working days of an Indonesian zone."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
    stretch: one working day after Saturday is the end of Monday (Tuesday 00:00) in the zone.
    """
    if span.unit != "working_days":
        return start + timedelta(seconds=span.amount * _SECONDS[span.unit])
    local = start.astimezone(zone.offset)
    if _off(local.date(), holidays):
        local = _next_working_day(local, holidays).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(span.amount):
        local += timedelta(days=1)
        local = (
            _next_working_day(local, holidays) if local.time() != _MIDNIGHT else _skip_from_midnight(local, holidays)
        )
    return local.astimezone(start.tzinfo)


def earlier(moment: datetime, span: Span) -> datetime:
    """The moment `span` before `moment`; working days count as days."""
    return moment - timedelta(seconds=span.amount * _SECONDS.get(span.unit, 86400))


def seconds_until(deadline: datetime, now: datetime) -> int:
    """Whole seconds for a timer that must not fire before `deadline`: rounded up, two for the road, at least one."""
    return max(1, math.ceil((deadline - now).total_seconds()) + 2)


_MIDNIGHT = datetime.min.time()


def _skip_from_midnight(moment: datetime, holidays: Collection[date]) -> datetime:
    """Midnight ends the day before it, so it moves on only when that day was off."""
    while _off(moment.date() - timedelta(days=1), holidays):
        moment += timedelta(days=1)
    return moment


def _next_working_day(moment: datetime, holidays: Collection[date]) -> datetime:
    while _off(moment.date(), holidays):
        moment += timedelta(days=1)
    return moment


def _off(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() >= 5 or day in holidays
