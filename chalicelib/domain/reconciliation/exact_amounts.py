"""Amounts as files write them, read exactly: none becomes a float, and what is no whole minor unit is refused."""

import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers are written: the sign before decimals, and what may stand between thousands; empty: nothing may."""

    decimal: str = "."
    thousands: str = ","


# One sign, three digits behind it, at most three before: to half of the world thousands, to the other decimals.
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")


@cache
def _shape(numbers: NumberFormat) -> re.Pattern[str]:
    by, point = re.escape(numbers.thousands), re.escape(numbers.decimal)
    grouped = rf"[0-9]{{1,3}}(?:{by}[0-9]{{3}})+" if numbers.thousands else r"[0-9]+"
    return re.compile(rf"([+-]?)({grouped}|[0-9]+)(?:{point}([0-9]+))?")


def minor_units(written: str, unit: Unit, digits: int, numbers: NumberFormat) -> int:
    """So many minor units of a currency that has so many `digits` after the point. Raises ValueError for what is no
    amount in that format, could be two amounts, is beyond MOST, or is not exact: half a rupiah cannot be had."""
    found = _shape(numbers).fullmatch(written) if len(written) <= _LONGEST else None
    if found is None:
        raise ValueError("not an amount")
    sign, whole, part = found[1], found[2], found[3]
    # Of a currency with three digits such an amount has decimals, of any other thousands: where the format says
    # otherwise, whoever wrote it wrote another format.
    if _EITHER.fullmatch(written) and (part is not None) is not (digits == 3):
        raise ValueError("it could have thousands or decimals")
    if numbers.thousands:
        whole = whole.replace(numbers.thousands, "")
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
    """A number of JSON as digits, without zeros that say nothing, since its point is never between thousands. Raises
    ValueError where it is written with an exponent that no amount has."""
    if isinstance(number, int):
        return str(number)
    if not number.is_finite() or not -12 < number.adjusted() < 24:
        raise ValueError("not an amount")
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written
