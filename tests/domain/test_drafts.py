"""A profile says of which currency its amounts are, and nobody's rupiah become dollars by being left unsaid."""

import dataclasses
from typing import Any, get_type_hints

import pytest

from chalicelib.domain.policies.drafts import AMOUNTS, faults_of
from chalicelib.domain.policies.learning import Learning
from chalicelib.domain.policies.policy import Fee, Frequent, Offers, Policy, Returns

# Numbers of a policy that are no money.
COUNTS = {"version", "max_attempts", "extensions", "basis_points", "rounds", "requests"}
COUNTS |= {"table_strength", "platform_strength", "half_life"}


@pytest.mark.parametrize("part", [Policy, Fee, Returns, Offers, Frequent, Learning])
def test_every_number_of_a_policy_is_known_as_an_amount_or_as_none(part: type) -> None:
    hints = get_type_hints(part)
    numbers = {each.name for each in dataclasses.fields(part) if hints[each.name] in (int, int | None)}
    assert numbers <= AMOUNTS | COUNTS
    assert not AMOUNTS & COUNTS


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"second_person_above": 1}, "second_person_above"),
        ({"second_person_above_a_day": 1}, "second_person_above_a_day"),
        ({"link_at_most": 1}, "link_at_most"),
        ({"returns": {"quick_at_most": 1}}, "returns.quick_at_most"),
        ({"returns": {"fee": {"at_most": 1}}}, "returns.fee.at_most"),
        ({"fees": {"shipped": {"basis_points": 200, "at_most": 1}}}, "fees.shipped.at_most"),
    ],
)
def test_an_amount_without_its_currency_is_refused_by_name(given: dict[str, Any], named: str) -> None:
    ((field, why),) = faults_of(given)
    assert (field, named in why) == ("currency_of_figures", True)
    ((field, why),) = faults_of(given | {"currency_of_figures": None})
    assert (field, named in why) == ("currency_of_figures", True)
    assert faults_of(given | {"currency_of_figures": "IDR"}) == []


@pytest.mark.parametrize("given", [{}, {"fees": {"shipped": {"basis_points": 200}}}, {"returns": {"quick_at_most": 0}}])
def test_where_there_is_no_amount_no_currency_is_missing(given: dict[str, Any]) -> None:
    assert faults_of(given) == []


def test_in_another_currency_every_limit_is_said() -> None:
    told = faults_of({"currency_of_figures": "USD", "second_person_above": 30_000})
    assert [field for field, _ in told] == ["second_person_above_a_day", "link_at_most"]
    assert all("USD" in why and "IDR" in why for _, why in told)
    none = {"second_person_above": None, "second_person_above_a_day": None, "link_at_most": 0}
    assert faults_of({"currency_of_figures": "USD", **none}) == []


@pytest.mark.parametrize("currency", ["idr", "Rp", "", "RUPIAH"])
def test_a_currency_is_one(currency: str) -> None:
    assert [field for field, _ in faults_of({"currency_of_figures": currency})] == ["currency_of_figures"]


def test_an_amount_is_zero_or_more() -> None:
    given = {"currency_of_figures": "IDR", "link_at_most": -1, "fees": {"shipped": {"at_most": -5}}}
    assert [field for field, _ in faults_of(given)] == ["link_at_most", "fees.shipped.at_most"]
