"""Amounts as people type them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.locales import formats
from chalicelib.locales.amounts import read_amount


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("20000", 20_000),
        ("20.000", 20_000),
        ("20,000", 20_000),
        ("Rp20.000", 20_000),
        ("Rp 20.000", 20_000),
        ("rp. 20.000", 20_000),
        ("IDR 20000", 20_000),
        ("Rp20.000,-", 20_000),
        ("Rp20.000,00", 20_000),
        ("100.000,00", 100_000),
        ("1,000,000.00", 1_000_000),
        ("20000,00", 20_000),
        ("20rb", 20_000),
        ("Rp 20 000", 20_000),
        ("20\u00a0000", 20_000),
        ("1 250 000", 1_250_000),
        ("20'000", 20_000),
        ("20’000,-", 20_000),
        ("Rp20.000,=", 20_000),
        ("20.000.-", 20_000),
        ("20.000 rupiah", 20_000),
        ("20 ribu rupiah", 20_000),
        ("20.000 IDR", 20_000),
        ("20k", 20_000),
        ("20 ribu", 20_000),
        ("20K", 20_000),
        ("1,5jt", 1_500_000),
        ("1.5 juta", 1_500_000),
        ("2 jt", 2_000_000),
        ("  500 ", 500),
        ("0", 0),
    ],
)
def test_rupiah_as_people_type_them(typed: str, minor: int) -> None:
    assert read_amount(typed, "IDR") == minor


@pytest.mark.parametrize(("typed", "minor"), [("15,50", 1_550), ("15.5", 1_550), ("1.234,50", 123_450), ("$15", 1_500)])
def test_money_with_cents(typed: str, minor: int) -> None:
    assert read_amount(typed, "USD") == minor


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "seratus ribu",
        "1.5",
        "20,00",
        "20.00",
        "1.250 jt",
        "1.2.3",
        "20.000.00",
        "2.0000",
        "1,5,5 jt",
        "-5000",
        "20.000 - 25.000",
        "20rb5",
        "10%",
        "1e5",
        "٢٠٠٠٠",
        "US$20",
        "Rp",
        "0.500",
        "999999999999999",
        "20 rb jt",
        "2 0 0 0 0",
        "20 00",
        "20 0000",
        "20 000 rb",
        "20 000.000",
        "20.000 000",
        "20.000 usd",
        "20 rupee",
        "+20000",
        "Rp-20.000",
        "−5000",
        "２００００",
        "15rb-20rb",
        "1jt5",
        "1.000,50",
    ],
)
def test_what_could_mean_something_else_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_amount(typed, "IDR")
    assert refused.value.code == "amount_not_understood"


@given(st.integers(0, 10**12), st.sampled_from(("IDR", "USD", "KWD")), st.sampled_from(("id", "en")))
def test_what_we_write_ourselves_is_read_back(minor: int, currency: str, locale: str) -> None:
    written = formats.money(minor, currency, locale).replace("\xa0", " ")
    plain = "".join(sign for sign in written if sign.isascii() and (sign.isdigit() or sign in ".,"))
    if currency == "KWD" and 1_000 <= minor < 1_000_000:
        with pytest.raises(Invalid):  # 1.234 could be more than a thousand, or less than two
            read_amount(plain, currency)
        return
    assert read_amount(plain, currency) == minor


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("15", 15_000),
        ("1,5", 1_500),
        ("0.500", 500),
        ("1.234,500", 1_234_500),
        ("1234.500", 1_234_500),
        ("2k", 2_000_000),
    ],
)
def test_money_with_thousandths(typed: str, minor: int) -> None:
    assert read_amount(typed, "KWD") == minor


@pytest.mark.parametrize("typed", ["1.234", "12,500", "999.000", "00.500"])
def test_of_money_with_thousandths_one_sign_before_three_figures_could_be_either(typed: str) -> None:
    with pytest.raises(Invalid):
        read_amount(typed, "KWD")


@given(st.text(max_size=20))
def test_nothing_that_is_typed_is_an_error_of_ours(typed: str) -> None:
    with suppress(Invalid):
        assert read_amount(typed, "IDR") >= 0
