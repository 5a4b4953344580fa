"""Moments as files write them, and the zone of those that name none."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from chalicelib.domain.errors import Invalid
from chalicelib.domain.zones import Zone

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?\s*(?:UTC|GMT)?", re.IGNORECASE)
# `2026-11-20 10:00:00 UTC`, `... +0700 UTC` and `... +0700`, which ISO writes without a blank.
_ENDING = re.compile(r"\s+(?:([+-]\d\d:?\d\d)\s*)?(?:UTC|GMT)$|\s+([+-]\d\d:?\d\d)$", re.IGNORECASE)


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo:
    """The zone of this name: `Asia/Jakarta`, `WIB`, `+07:00`, `+0700 UTC`, `UTC`. Raises Invalid `unknown_zone`."""
    name = name.strip()
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    if (found := _OFFSET.fullmatch(name)) and int(found[2]) <= 14 and int(found[3] or 0) < 60:
        away = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(-away if found[1] == "-" else away)
    try:
        return Zone(name).clock
    except ValueError:
        raise Invalid("unknown_zone", zone=name[:60]) from None


def moment(written: str, zone: tzinfo, forms: Sequence[str] = ()) -> datetime:
    """A moment in UTC: ISO 8601, or one of these forms of strptime; in this zone where it names none. Raises
    ValueError."""
    at = _of(written, forms)
    try:
        return (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)
    except OverflowError:
        raise ValueError("not a moment") from None


def _of(written: str, forms: Sequence[str]) -> datetime:
    if written[4:5] != "-":
        # `20211201 10:00:00` and `1/12/2021` are not read as ISO 8601, which has forms of its own without hyphens.
        for form in forms:
            try:
                return datetime.strptime(written, form)  # noqa: DTZ007 - its zone is added by whoever asks
            except ValueError:
                continue
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return datetime.fromisoformat(_ENDING.sub(lambda found: found[1] or found[2] or "+00:00", written))
