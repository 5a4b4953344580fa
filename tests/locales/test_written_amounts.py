"""What formats.py writes, and that alone, is read back to the same amount."""

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.locales import languages
from chalicelib.locales.formats import _EXPONENTS, digits_of, money
from chalicelib.locales.written_amounts import amount_written

CURRENCIES = sorted({*list_currencies(), *_EXPONENTS, "QQQ"})


@given(st.integers(0, 10**13), st.sampled_from(CURRENCIES), st.sampled_from(languages()))
def test_every_amount_of_every_currency_is_read_as_it_was_meant(minor: int, currency: str, locale: str) -> None:
    written = money(minor, currency, locale)
    assert amount_written(written, currency, locale) == minor
    # All its figures are shown, so that without the signs between them they are the minor units.
    assert int("".join(sign for sign in written if sign.isdecimal())) == minor


def test_there_are_currencies_with_none_two_and_three_figures_after_the_point() -> None:
    assert {digits_of(currency) for currency in CURRENCIES} >= {0, 2, 3}


@pytest.mark.parametrize(
    ("text", "currency", "locale"),
    [
        ("Rp1,000", "IDR", "id"),
        ("Rp1.00", "IDR", "id"),
        ("Rp01.000", "IDR", "id"),
        ("Rp1000", "IDR", "id"),
        ("-Rp1.000", "IDR", "id"),
        ("Rp 1.000", "IDR", "id"),
        ("1.000", "IDR", "id"),
        ("$15,00", "USD", "en"),
        ("$15", "USD", "en"),
        ("US$15.00", "USD", "id"),
        ("KWD1.50", "KWD", "en"),
        ("Rp1.000", "USD", "id"),
        ("Rp\N{ARABIC-INDIC DIGIT ONE}", "IDR", "id"),
        ("", "IDR", "id"),
    ],
)
def test_what_is_written_otherwise_is_no_amount(text: str, currency: str, locale: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        amount_written(text, currency, locale)
