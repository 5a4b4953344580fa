"""Rows of one piece become lines, texts become minor units: no money and no piece is lost on the way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.mappings.checking import due
from examples.mappings.pushing import folded, pieces, priced, status_of_all
from examples.mappings.reading import EXPONENTS, Json, MappingError, major, minor, moment

AMOUNTS = st.integers(0, 10**6)
CURRENCIES = st.sampled_from(["IDR", "VND", "USD", "SGD", "KWD", "CLF", "JPY"])


@st.composite
def rows(draw: st.DrawFn) -> list[Json]:
    """Rows of few kinds, so that some are the same."""
    made = []
    for number in range(draw(st.integers(1, 8))):
        price, off = draw(st.sampled_from([(100, 0), (100, 30), (250, 7)]))
        discounts = [{"code": "D", "amount": off, "funded_by": "seller"}] if off else []
        row: Json = {"line_id": str(number), "name": "A", "quantity": 1, "unit_price": price, "discounts": discounts}
        row |= draw(st.sampled_from([{}, {"tax": 11}, {"tax": 11, "shipping": 5}]))
        made.append({**row, "package": draw(st.sampled_from(["P", "Q"]))})
    return made


@given(rows())
def test_folding_keeps_every_sum_and_every_piece(told: list[Json]) -> None:
    lines, line_of = folded(told)
    assert due({"lines": lines}) == due({"lines": told})
    for figure in ("quantity", "tax", "shipping"):
        assert sum(line.get(figure, 0) for line in lines) == sum(row.get(figure, 0) for row in told)
    assert set(line_of) == {row["line_id"] for row in told}
    counted = {each["line_id"]: each["quantity"] for each in pieces([row["line_id"] for row in told], line_of)}
    assert counted == {line["line_id"]: line["quantity"] for line in lines}


@given(rows())
def test_folding_twice_is_folding_once(told: list[Json]) -> None:
    lines, _ = folded(told)
    assert folded(lines)[0] == lines


@given(AMOUNTS, CURRENCIES)
def test_money_comes_back_as_it_was_written(units: int, currency: str) -> None:
    written = major(units, currency).split()[0]
    assert minor(written, currency, "x") == units
    assert minor(Decimal(written), currency, "x") == units
    assert minor(float(written), currency, "x") == units
    assert minor({"amount": written, "currency": currency}, None, "x") == units
    assert minor(f"-{written}", currency, "x") == -units


@pytest.mark.parametrize(
    ("value", "currency"),
    [("21.3", "IDR"), ("0.001", "USD"), ("1,234.50", "USD"), ("Rp 10.000", "IDR"), (True, "USD"), ("NaN", "USD")],
)
def test_what_is_no_whole_number_of_units_is_refused_by_its_place(value: object, currency: str) -> None:
    with pytest.raises(MappingError, match=r"^payment\.tax: "):
        minor(value, currency, "payment.tax")


def test_money_of_no_currency_is_refused_unless_it_is_nothing() -> None:
    assert minor("0.00", None, "x") == 0
    with pytest.raises(MappingError, match="which currency"):
        minor("1.00", None, "x")
    assert EXPONENTS["VND"] == 0


@given(AMOUNTS, st.integers(1, 1000))
def test_a_line_that_does_not_divide_costs_what_it_costs(whole: int, quantity: int) -> None:
    price = priced(whole, quantity)
    assert price["unit_price"] * quantity - sum(each["amount"] for each in price["discounts"]) == whole


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (1603698638, "2020-10-26T07:50:38Z"),
        ("1603698638", "2020-10-26T07:50:38Z"),
        (1603766859530, "2020-10-27T02:47:39.530Z"),
        ("2018-02-09 22:44:30 +0800", "2018-02-09T14:44:30Z"),
        ("2008-01-10T11:00:00-05:00", "2008-01-10T16:00:00Z"),
        ("2020-11-22T03:16:26.000Z", "2020-11-22T03:16:26Z"),
        ("0001-01-01T00:00:00Z", None),
        (0, None),
        (None, None),
    ],
)
def test_a_moment_is_read_however_it_is_written(told: object, at: str | None) -> None:
    assert moment(told, "x") == at


@pytest.mark.parametrize("told", ["2018-02-09 22:44:30", "yesterday", "2018-02-31T00:00:00Z", 10**15])
def test_a_moment_without_a_zone_or_sense_is_refused(told: object) -> None:
    with pytest.raises(MappingError):
        moment(told, "x")


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        (["cancelled", "cancelled"], "cancelled"),
        (["cancelled", "processing"], "processing"),
        (["placed", "shipped"], "partly_shipped"),
        (["shipped", "delivered"], "shipped"),
        (["ready_to_ship", "processing"], "processing"),
    ],
)
def test_an_order_stands_where_the_last_of_its_lines_stands(statuses: list[str], whole: str) -> None:
    assert status_of_all(statuses) == whole
