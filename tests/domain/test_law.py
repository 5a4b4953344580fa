"""The law leaves no policy less than two working days for sending goods back."""

from dataclasses import replace

import msgspec
import pytest

from chalicelib.adapters.policies import shipped
from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.law import check_law
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.zones import Zone
from chalicelib.workflow.policies import publish_policy
from infra.sandbox.builders import OPERATOR, a_policy
from tests.fakes.ports import a_neighbourhood


@pytest.mark.parametrize("name", ["lazada", "shopee", "tiktok", "tokopedia"])
def test_no_shipped_profile_gives_less(name: str) -> None:
    policy = shipped(name)
    assert policy
    check_law(policy)


@pytest.mark.parametrize(
    "short", [(1, "working_days"), (3, "days"), (95, "hours"), (86_400, "seconds")], ids=lambda each: f"{each}"
)
def test_an_operator_cannot_keep_a_shorter_window(short: tuple[int, str]) -> None:
    policy = a_policy("shopee", version=2)
    assert policy.returns
    window = Span(amount=short[0], unit=short[1])  # type: ignore[arg-type]
    around = a_neighbourhood()
    with pytest.raises(Invalid) as refused:
        publish_policy(around.ports, OPERATOR, replace(policy, returns=replace(policy.returns, window=window)))
    assert "returns.window" in str(refused.value.details)
    assert around.store.policy("shopee", 2) is None


@pytest.mark.parametrize("enough", [Span(amount=2, unit="working_days"), Span(amount=4, unit="days")])
def test_the_laws_own_time_is_enough(enough: Span) -> None:
    policy = a_policy("shopee", version=2)
    assert policy.returns
    check_law(replace(policy, returns=replace(policy.returns, window=enough)))


SHORT = Span(amount=1, unit="days")


def with_window(**more: object) -> Policy:
    policy = a_policy("shopee", version=2)
    assert policy.returns
    return replace(policy, returns=replace(policy.returns, window=SHORT), **more)  # type: ignore[arg-type]


def test_another_countrys_profile_is_not_held_to_indonesias_law() -> None:
    thai = with_window(zone=Zone("Asia/Bangkok"), country="TH")
    around = a_neighbourhood()
    assert publish_policy(around.ports, OPERATOR, thai).country == "TH"


@pytest.mark.parametrize(
    "more",
    [
        {"country": "ID"},
        {"country": "TH"},  # a zone of Indonesia's says enough
        {"country": "ID", "zone": Zone("Asia/Bangkok")},
        {"zone": Zone.WIT},
        {"zone": Zone("Asia/Pontianak")},
    ],
    ids=str,
)
def test_whatever_is_indonesian_is_held_to_it(more: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        publish_policy(a_neighbourhood().ports, OPERATOR, with_window(**more))
    assert "returns.window" in str(refused.value.details)


@pytest.mark.parametrize("country", [None, "", "id", "XX", "../TH", "Thailand", "TH\0", "x" * 5_000])
def test_outside_indonesias_zones_a_profile_names_its_country(country: str | None) -> None:
    policy = replace(a_policy("shopee", version=2), zone=Zone("Asia/Bangkok"), country=country)
    around = a_neighbourhood()
    with pytest.raises(Invalid) as refused:
        publish_policy(around.ports, OPERATOR, policy)
    assert "'field': 'country'" in str(refused.value.details)
    assert around.store.policy("shopee", 2) is None


def test_profiles_from_before_countries_were_named_are_indonesias() -> None:
    stored = msgspec.to_builtins(a_policy("shopee", version=2))
    del stored["country"]
    assert msgspec.convert(stored, Policy).home == "ID"
