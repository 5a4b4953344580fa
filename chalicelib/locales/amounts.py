"""Amounts of money as people type them. What could mean two things is refused: a guess would be somebody's money."""

import re
from decimal import Decimal

from chalicelib.domain.errors import Invalid
from chalicelib.locales.formats import digits_of

# Far above any order; the same bound as the API's.
_MOST = Decimal(10**13)
_THOUSANDS = {"rb": 3, "ribu": 3, "k": 3, "jt": 6, "juta": 6}
_AMOUNT = re.compile(
    r"""
    (?P<sign>rp\.?|idr|[a-z]{3}|us\$|\$)?\s*
    (?P<number>[0-9][0-9.,]*?|[0-9]{1,3}(?:[ '’][0-9]{3})+)\s*
    (?P<many>rb|ribu|k|jt|juta)?
    (?:[.,](?:-{1,2}|=))?               # Rp20.000,- and Rp20.000,= are how price tags are written
    (?:\s*(?P<after>rupiah|[a-z]{3}))?
    """,
    re.VERBOSE,
)
# One kind of sign groups, the other one is before what is less than one.
_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<by>[., '’])[0-9]{3}(?:(?P=by)[0-9]{3})*)(?:(?!(?P=by))[.,](?P<part>[0-9]+))?"
)
_THREE_AFTER_ONE_SIGN = re.compile(r"(?P<whole>[0-9]{1,3})[.,][0-9]{3}")
_PLAIN = re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<part>[0-9]+))?")


def read_amount(typed: str, currency: str) -> int:
    """The amount in minor units: `20.000`, `Rp20.000,-`, `20 000`, `20.000,00`, `20rb`, `1,5 jt`; `15,50` where money
    has cents.

    Raises Invalid `amount_not_understood` for everything else, words and second meanings among it.
    """
    found = _AMOUNT.fullmatch(" ".join(typed.split()).lower())
    if found is None or not (_is_of(found["sign"], currency) and _is_of(found["after"], currency)):
        raise Invalid("amount_not_understood")
    value = _many(found["number"], found["many"]) if found["many"] else _exact(found["number"], digits_of(currency))
    minor = value.scaleb(digits_of(currency))
    if minor != minor.to_integral_value() or minor > _MOST:
        raise Invalid("amount_not_understood")
    return int(minor)


def _is_of(sign: str | None, currency: str) -> bool:
    names = {"rp": "IDR", "rp.": "IDR", "rupiah": "IDR", "$": "USD", "us$": "USD"}
    return sign is None or names.get(sign, sign.upper()) == currency


def _many(number: str, many: str) -> Decimal:
    """So many thousands or millions; `1.250 jt` could be two amounts, so at most two figures may follow a sign."""
    plain = _PLAIN.fullmatch(number)
    if plain is None or len(plain["part"] or "") > 2:
        raise Invalid("amount_not_understood")
    return Decimal(f"{plain['whole']}.{plain['part'] or 0}").scaleb(_THOUSANDS[many])


def _exact(number: str, digits: int) -> Decimal:
    # Where money has thousandths, 1.234 is more than a thousand to some and less than two to others; 0.500 is but half.
    thousandths = _THREE_AFTER_ONE_SIGN.fullmatch(number) if digits >= 3 else None
    if thousandths and thousandths["whole"] != "0":
        raise Invalid("amount_not_understood")
    if thousandths is None and (grouped := _GROUPED.fullmatch(number)):
        whole, part = re.sub(r"[., '’]", "", grouped["whole"]), grouped["part"]
        if whole.startswith("0"):
            raise Invalid("amount_not_understood")
    else:
        plain = _PLAIN.fullmatch(number)
        if plain is None:
            raise Invalid("amount_not_understood")
        whole, part = plain["whole"], plain["part"]
    if part is None:
        return Decimal(whole)
    # Whole rupiah may be written with two zeros; `20,00` alone is too short to be sure that it is not 20,000.
    fits = len(part) <= digits if digits else part == "00" and len(whole) > 3
    if not fits:
        raise Invalid("amount_not_understood")
    return Decimal(f"{whole}.{part}")
