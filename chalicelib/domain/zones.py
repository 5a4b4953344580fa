"""The zones that people live in: Indonesia's three, and every other one by the name that IANA gives it."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

# Whoever asks for more than this asks for no zone.
LONGEST_ZONE = 64

# None of them knows summer time, so a fixed offset says it all.
_HOURS = {"WIB": 7, "WITA": 8, "WIT": 9}
_BY_IANA = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
}
# A name of IANA's that means "nobody has set one".
_UNSET = "Factory"


class Zone(StrEnum):
    """A zone by its name. Indonesia's three are its members, and what its cities are called at IANA leads to them:
    `Zone("Asia/Jakarta")` is `Zone.WIB`, which is how it was always stored. Any other name of IANA's, exactly as it is
    written there, makes a zone as well: `Zone("Asia/Bangkok")`. Whatever else raises ValueError."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"

    @classmethod
    def _missing_(cls, value: object) -> "Zone | None":
        return _of_iana(value) if isinstance(value, str) and len(value) <= LONGEST_ZONE else None

    @classmethod
    def named(cls, name: str | None) -> "Zone | None":
        """The zone of this name; None where there is none."""
        try:
            return cls(name or "")
        except ValueError:
            return None

    @property
    def is_indonesian(self) -> bool:
        """Whether it is one of Indonesia's three."""
        return self.value in _HOURS

    @property
    def clock(self) -> tzinfo:
        """By which its people read moments."""
        hours = _HOURS.get(self.value)
        return ZoneInfo(self.value) if hours is None else timezone(timedelta(hours=hours), self.value)

    def short(self, at: datetime) -> str:
        """What its time is called at this moment: `WIB`, `AEDT`, `UTC+7` where it has no letters of its own."""
        local = at.astimezone(self.clock)
        name, offset = local.tzname() or "", local.utcoffset() or timedelta()
        if name[:1] not in ("+", "-"):
            return name
        hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
        return f"UTC{'-' if offset < timedelta() else '+'}{hours}{f':{minutes:02}' if minutes else ''}"

    def begins(self, day: date) -> datetime:
        """The first moment of a day, in UTC: midnight, or where clocks leap over it the moment after the leap."""
        return datetime.combine(day, time(), self.clock).astimezone(UTC)

    def is_first_of_day(self, at: datetime) -> bool:
        """Whether a moment lies within the first minute of its day, so that people take it for the day before."""
        return timedelta() <= at - self.begins(at.astimezone(self.clock).date()) < timedelta(minutes=1)

    def at(self, day: date, clock_time: time) -> datetime:
        """When clocks show this time on this day, in UTC. Of two such moments it is the later one, and where they leap
        over it as long after the leap as it would have been: whoever waits for it never has less than they were told.
        Midnight is when the day begins."""
        if clock_time == time():
            return self.begins(day)
        told = datetime.combine(day, clock_time, self.clock)
        return max(told.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


@lru_cache(maxsize=1024)
def _of_iana(name: str) -> Zone | None:
    if name in _BY_IANA:
        return Zone(_BY_IANA[name])
    if name not in _iana():
        return None
    made = str.__new__(Zone, name)
    made._name_ = made._value_ = name
    return made


@lru_cache(maxsize=1)
def _iana() -> frozenset[str]:
    """Every name there is. A list and not a look at files: those differ from machine to machine, some heed no capitals,
    and some (`posixrules`, `right/UTC`) are no zones of anybody's."""
    listed = (resources.files("tzdata") / "zones").read_text("ascii")
    return frozenset(listed.split()) - {_UNSET}
