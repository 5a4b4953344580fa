"""Money is an amount and its currency: what is of two currencies is neither added nor compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.amounts import Money, by_currency, is_currency

CODES = st.sampled_from(["IDR", "JPY", "USD", "EUR", "KWD", "BHD", "CLF"])
AMOUNTS = st.integers(0, 10**13)
MONEY = st.builds(Money, AMOUNTS, CODES)


@given(MONEY, MONEY)
def test_of_two_currencies_neither_is_within_the_other(one: Money, other: Money) -> None:
    assert one.is_within(other) is (one.currency == other.currency and one.amount <= other.amount)
    assert one.is_within(one)


@given(MONEY, MONEY)
def test_of_two_currencies_nothing_is_the_sum(one: Money, other: Money) -> None:
    if one.currency == other.currency:
        assert one + other == Money(one.amount + other.amount, one.currency)
        return
    with pytest.raises(ValueError, match=f"{other.currency} is not added to {one.currency}"):
        one + other


def test_there_is_no_other_way_to_compare() -> None:
    with pytest.raises(TypeError):
        assert Money(1, "IDR") < Money(2, "IDR")  # type: ignore[operator]
    with pytest.raises(TypeError):
        assert Money(1, "IDR") < 2  # type: ignore[operator]


@given(st.lists(MONEY))
def test_sums_are_kept_apart_by_currency(amounts: list[Money]) -> None:
    sums = by_currency(amounts)
    assert sums.keys() == {each.currency for each in amounts}
    for currency, total in sums.items():
        assert total == sum(each.amount for each in amounts if each.currency == currency)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("IDR", True), ("idr", False), ("Rp", False), ("US", False), ("USD ", False), ("", False), ("USD\n", False)],
)
def test_a_currency_is_three_capital_letters(text: str, is_one: bool) -> None:
    assert is_currency(text) is is_one
