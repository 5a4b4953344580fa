"""Amounts of money as formats.py writes them, read back: the one form of each, or nothing.

What people type is read elsewhere (amounts.py), by other rules: they write amounts in many ways, we in one.
"""

import re
from functools import cache

from chalicelib.locales import numbers
from chalicelib.locales.formats import digits_of


@cache
def amount_pattern(currency: str, locale: str) -> str:
    """A pattern, without groups of its own, of every amount of a currency that is not below zero."""
    symbol, group, decimal = _signs(currency, locale)
    digits = digits_of(currency)
    part = rf"{re.escape(decimal)}[0-9]{{{digits}}}" if digits else ""
    return rf"{re.escape(symbol)}(?:0|[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})*){part}"


def amount_written(text: str, currency: str, locale: str) -> int:
    """The minor units of an amount. Raises ValueError where it is not written as we write it."""
    if not re.fullmatch(amount_pattern(currency, locale), text):
        raise ValueError("not an amount of ours")
    symbol, group, decimal = _signs(currency, locale)
    whole, _, part = text.removeprefix(symbol).replace(group, "").partition(decimal)
    return int(whole + part)


@cache
def _signs(currency: str, locale: str) -> tuple[str, str, str]:
    from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

    language = "id" if currency == "IDR" else numbers(locale)
    return get_currency_symbol(currency, language), get_group_symbol(language), get_decimal_symbol(language)
