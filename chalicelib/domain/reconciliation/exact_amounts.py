"""Amounts as files write them, read exactly: none becomes a float, and what is no whole minor unit is refused."""

import re
from decimal import Decimal
from enum import StrEnum
from functools import cache

# In minor units; far above any payment, and far below what a Decimal or a database would round.
MOST = 10**15
_LONGEST = 32


class Unit(StrEnum):
    """What a file counts money in: whole ones with decimals, hundredths of whole ones, or the currency's minor units
    as Batal knows them (of rupiah: whole ones)."""

    MAJOR = "major"
    HUNDREDTHS = "hundredths"
    MINOR = "minor"


@cache
def _shape(decimal: str, thousands: str) -> re.Pattern[str]:
    by, point = re.escape(thousands), re.escape(decimal)
    grouped = rf"[0-9]{{1,3}}(?:{by}[0-9]{{3}})+" if thousands else r"[0-9]+"
    return re.compile(rf"([+-]?)({grouped}|[0-9]+)(?:{point}([0-9]+))?")


def minor_units(written: str, unit: Unit, digits: int, *, decimal: str = ".", thousands: str = ",") -> int:
    """So many minor units of a currency that has so many `digits` after the point. Raises ValueError for what is no
    amount, is beyond MOST, or is not exact: half a rupiah cannot be had."""
    found = _shape(decimal, thousands).fullmatch(written) if len(written) <= _LONGEST else None
    if found is None:
        raise ValueError("not an amount")
    sign, whole, part = found[1], found[2], found[3]
    if thousands:
        whole = whole.replace(thousands, "")
    shift = {Unit.MAJOR: digits, Unit.HUNDREDTHS: digits - 2, Unit.MINOR: 0}[unit]
    # At most 32 digits with a context of 28 could round: amounts with more than 20 before the point are refused first.
    if len(whole.lstrip("0")) > 20 or len(part or "") > 6:
        raise ValueError("too long for an amount")
    value = Decimal(f"{sign}{whole}.{part or 0}").scaleb(shift)
    if value != value.to_integral_value():
        raise ValueError("less than a minor unit")
    if abs(value) > MOST:
        raise ValueError("too large for an amount")
    return int(value)


def plainly(number: int | Decimal) -> str:
    """A number of JSON as digits. Raises ValueError where it is written with an exponent that no amount has."""
    if isinstance(number, int):
        return str(number)
    if not number.is_finite() or not -12 < number.adjusted() < 24:
        raise ValueError("not an amount")
    return format(number, "f")
