"""The law leaves no policy less than two working days for sending goods back."""

from dataclasses import replace

import pytest

from chalicelib.adapters.policies import shipped
from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.law import check_law
from chalicelib.domain.policies.spans import Span
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
