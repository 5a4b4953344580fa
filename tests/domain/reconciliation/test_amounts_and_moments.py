"""Amounts are read exactly or not at all, and moments in the zone that they are meant in."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.reconciliation.exact_amounts import MOST, NumberFormat, Unit, minor_units, plainly
from chalicelib.domain.reconciliation.moments import moment, zone_of

POINT, COMMA, DIGITS = NumberFormat(), NumberFormat(decimal=",", thousands="."), NumberFormat(thousands="")


@pytest.mark.parametrize(
    ("written", "unit", "digits", "amount"),
    [
        ("10000.00", Unit.MAJOR, 0, 10000),
        ("-25,000.00", Unit.MAJOR, 0, -25000),
        ("+12.5", Unit.MAJOR, 2, 1250),
        ("0.10", Unit.MAJOR, 2, 10),
        ("1.234", Unit.MAJOR, 3, 1234),
        ("1000000", Unit.HUNDREDTHS, 0, 10000),
        ("1000050", Unit.HUNDREDTHS, 2, 1000050),
        ("1000050", Unit.MINOR, 0, 1000050),
        ("0", Unit.MAJOR, 0, 0),
        ("00000000000000000000000012", Unit.MAJOR, 0, 12),
    ],
)
def test_amounts_are_whole_minor_units(written: str, unit: Unit, digits: int, amount: int) -> None:
    assert minor_units(written, unit, digits, POINT) == amount


@pytest.mark.parametrize(
    ("written", "unit", "digits"),
    [
        ("0.001", Unit.MAJOR, 2),
        ("1000050", Unit.HUNDREDTHS, 0),
        ("0.5", Unit.MINOR, 2),
        ("1,00", Unit.MAJOR, 2),
        ("1,0000", Unit.MAJOR, 2),
        (",100", Unit.MAJOR, 2),
        ("1.000.000", Unit.MAJOR, 0),
        ("Rp1000", Unit.MAJOR, 0),
        ("(100)", Unit.MAJOR, 0),
        ("--1", Unit.MAJOR, 0),
        ("1_000", Unit.MAJOR, 0),
        ("1e3", Unit.MAJOR, 0),
        ("１０", Unit.MAJOR, 0),
        ("nan", Unit.MAJOR, 0),
        ("", Unit.MAJOR, 0),
        (str(MOST + 1), Unit.MINOR, 0),
    ],
)
def test_what_is_no_exact_amount_is_refused(written: str, unit: Unit, digits: int) -> None:
    with pytest.raises(ValueError):
        minor_units(written, unit, digits, POINT)


@pytest.mark.parametrize(
    ("written", "digits", "numbers", "amount"),
    [
        # What people in Indonesia write for ten thousand.
        ("10.000", 0, COMMA, 10_000),
        ("10.000", 0, POINT, None),
        ("10.000", 0, DIGITS, None),
        ("-10.000", 2, POINT, None),
        ("10.000,00", 0, COMMA, 10_000),
        ("10.000,00", 0, POINT, None),
        ("10,000", 0, POINT, 10_000),
        ("10,000", 0, COMMA, None),
        ("10,000", 0, DIGITS, None),
        ("1.234.567", 0, COMMA, 1_234_567),
        ("1.234.567", 0, POINT, None),
        ("1,234,567.00", 0, POINT, 1_234_567),
        ("1,234,567.00", 0, COMMA, None),
        # Of three digits behind one sign nobody can say whether they are decimals where the currency has three.
        ("10.000", 3, POINT, 10_000),
        ("10,000", 3, POINT, None),
        ("10.000", 3, COMMA, None),
        ("10,000", 3, COMMA, 10_000),
        ("10,000.000", 3, POINT, 10_000_000),
        # No thousands begin with a zero, or have four digits before them.
        ("0.000", 0, POINT, 0),
        ("5000.000", 0, POINT, 5_000),
        ("10.00", 0, POINT, 10),
        ("10 000", 0, POINT, None),
        ("10'000", 0, POINT, None),
        ("1.00.000", 0, COMMA, None),
    ],
)
def test_an_amount_is_read_in_the_format_of_its_file_or_not_at_all(
    written: str, digits: int, numbers: NumberFormat, amount: int | None
) -> None:
    if amount is not None:
        assert minor_units(written, Unit.MAJOR, digits, numbers) == amount
        return
    with pytest.raises(ValueError):
        minor_units(written, Unit.MAJOR, digits, numbers)


@given(st.integers(-MOST, MOST), st.sampled_from((0, 2, 3)), st.sampled_from((POINT, COMMA, DIGITS)), st.booleans())
def test_no_amount_is_read_as_another_by_a_format_that_it_was_not_written_in(
    amount: int, digits: int, numbers: NumberFormat, grouped: bool
) -> None:
    for wrote in (POINT, COMMA):
        plain = f"{Decimal(amount).scaleb(-digits):{',' if grouped else ''}.{digits}f}"
        written = plain.translate(str.maketrans(",.", wrote.thousands + wrote.decimal))
        try:
            read = minor_units(written, Unit.MAJOR, digits, numbers)
        except ValueError:
            continue
        # Three digits of a currency that has them look as thousands do, and each format takes its own for them.
        assert read == amount or (digits == 3 and wrote != numbers)


@given(st.integers(-MOST, MOST), st.sampled_from((0, 2, 3)), st.booleans())
def test_whatever_is_written_with_its_decimals_is_read_back(amount: int, digits: int, grouped: bool) -> None:
    value = Decimal(amount).scaleb(-digits)
    written = f"{value:,.{digits}f}" if grouped else f"{value:.{digits}f}"
    assert minor_units(written, Unit.MAJOR, digits, POINT) == amount
    assert minor_units(plainly(Decimal(written.replace(",", ""))), Unit.MAJOR, digits, POINT) == amount


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("2026-11-10T03:00:00Z", "Asia/Jakarta"),
        ("2026-11-10T03:00:00.000000000Z", "Asia/Jakarta"),
        ("2026-11-10 03:00:00 UTC", "Asia/Jakarta"),
        ("2026-11-10 10:00:00 +0700 UTC", "UTC"),
        ("2026-11-10 10:00:00 +07:00", "UTC"),
        ("2026-11-10T10:00:00+07:00", "UTC"),
        ("2026-11-10 10:00:00", "WIB"),
        ("2026-11-10 11:00", "Asia/Makassar"),
        ("2026-11-10 12:00:00", "+09:00"),
        ("2026-11-10 10:00:00", "+0700 UTC"),
        ("10/11/2026 10:00:00", "Asia/Pontianak"),
    ],
)
def test_moments_are_read_in_their_zone(written: str, zone: str) -> None:
    assert moment(written, zone_of(zone), ("%d/%m/%Y %H:%M:%S",)) == datetime(2026, 11, 10, 3, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "soon", "10/11/2026", "2026-13-01", "9999-12-31T23:59:59-14:00", "12:00"])
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        moment(written, UTC)


@pytest.mark.parametrize("name", ["", "Mars", "+15:00", "../../etc/passwd", "Asia", "Asia/Jakarta\0"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        zone_of(name)
    assert refused.value.code == "unknown_zone"
