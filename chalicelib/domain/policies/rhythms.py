"""How often a seller has what waits for them told in one mail, a digest, and when the next one is."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

from chalicelib.domain.zones import Zone


class Rhythm(StrEnum):
    """How often; SINGLE is a mail about each thing."""

    SINGLE = "single"
    HOURLY = "hourly"
    TWICE_A_DAY = "twice_a_day"
    DAILY = "daily"


# By the clocks of whoever reads: as a shop opens, and after lunch.
_CLOCK: Mapping[Rhythm, tuple[time, ...]] = {
    Rhythm.TWICE_A_DAY: (time(8), time(14)),
    Rhythm.DAILY: (time(8),),
}


def next_digest(rhythm: Rhythm, now: datetime, zone: Zone) -> datetime:
    """The first moment after `now` at which a digest goes out, in UTC; `zone` is the reader's. Raises KeyError for
    SINGLE."""
    local = now.astimezone(zone.clock)
    if rhythm is Rhythm.HOURLY:
        begun = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return now + timedelta(hours=1) - begun
    days = (local.date(), local.date() + timedelta(days=1))
    return next(at for day in days for each in _CLOCK[rhythm] if (at := zone.at(day, each)) > now)
