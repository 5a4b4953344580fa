"""Days off that an operator added to the public ones, such as a holiday that was announced late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chalicelib.domain.errors import Invalid, Refused

# Under which name the store keeps them.
SETTING = "days_off"
# More than operators can oversee; announcements come by the year.
MOST_DAYS_OFF = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOff:
    """A day that is no working day, in every zone, what it is called, and on what that rests."""

    day: date
    name: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDay:
    """A day off that Batal knows by itself; `joint` for a joint holiday (cuti bersama)."""

    day: date
    name: str
    joint: bool


def days_off_in(kept: Mapping[str, Any] | None) -> tuple[DayOff, ...]:
    """The days that were kept; none at first."""
    items = kept["items"] if kept else ()
    return tuple(
        DayOff(day=date.fromisoformat(each["day"]), name=each["name"], note=each.get("note")) for each in items
    )


def with_day(days: Sequence[DayOff], added: DayOff, *, public: Sequence[PublicDay], today: date) -> Sequence[DayOff]:
    """The days and one more. What would change nothing is refused, since it is most likely a slip.

    Raises Invalid `day_gone`, and Refused `day_off_already`, `day_off_weekend` or `too_many_days_off`.
    """
    if added.day < today:
        raise Invalid("day_gone")
    if added.day in {each.day for each in days} | {each.day for each in public}:
        raise Refused("day_off_already")
    if added.day.weekday() >= _SATURDAY:
        raise Refused("day_off_weekend")
    if len(days) >= MOST_DAYS_OFF:
        raise Refused("too_many_days_off", most=MOST_DAYS_OFF)
    return [*days, added]


_SATURDAY = 5
