"""Days off that an operator added to the public ones, such as a holiday that was announced late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

# Under which name the store keeps them.
SETTING = "days_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOff:
    """A day that is no working day, in every zone, and what it is called."""

    day: date
    name: str


def days_off_in(kept: Mapping[str, Any] | None) -> tuple[DayOff, ...]:
    """The days that were kept; none at first."""
    items = kept["items"] if kept else ()
    return tuple(DayOff(day=date.fromisoformat(each["day"]), name=each["name"]) for each in items)
