"""The zones that people in Indonesia live in."""

from datetime import timedelta, timezone
from enum import StrEnum


class Zone(StrEnum):
    """Indonesia's three zones; none of them knows summer time, so a fixed offset says it all."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"

    @property
    def offset(self) -> timezone:
        """The zone as a fixed offset from UTC."""
        return timezone(timedelta(hours={"WIB": 7, "WITA": 8, "WIT": 9}[self]), self.value)
