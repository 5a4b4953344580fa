"""A profile as somebody writes it: an amount means nothing without its currency, and one that goes without saying is
rupiah, which is no amount of another currency."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

from chalicelib.domain.amounts import is_currency
from chalicelib.domain.policies.policy import Policy

# The fields of a policy and its parts that are amounts, in minor units of its currency.
AMOUNTS = frozenset(
    {"flat", "at_most", "quick_at_most", "second_person_above", "second_person_above_a_day", "link_at_most"}
)
CURRENCY_FIELD = "currency_of_figures"
_UNSAID: Mapping[str, Any] = {each.name: each.default for each in fields(Policy) if each.default is not MISSING}


def faults_of(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the amounts of a profile as it was written, its types being right: each field, and why."""
    currency, amounts = given.get(CURRENCY_FIELD), dict(_amounts(given))
    faults = [(place, "an amount of zero or more") for place, amount in amounts.items() if amount < 0]
    if currency is not None and not is_currency(currency):
        return [*faults, (CURRENCY_FIELD, "three capital letters, as in ISO 4217")]
    named = [place for place, amount in amounts.items() if amount]
    if currency is None and named:
        return [*faults, (CURRENCY_FIELD, f"say of which currency these amounts are: {', '.join(named)}")]
    if currency in (None, _UNSAID[CURRENCY_FIELD]):
        return faults
    unsaid = [name for name, usual in _UNSAID.items() if name in AMOUNTS and usual and name not in given]
    told = [f"say it in {currency}: unsaid it is {_UNSAID[name]} of {_UNSAID[CURRENCY_FIELD]}" for name in unsaid]
    return [*faults, *zip(unsaid, told, strict=True)]


def _amounts(given: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, int]]:
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from _amounts(value, f"{place}{name}.")
        elif name in AMOUNTS and isinstance(value, int):
            yield f"{place}{name}", value
