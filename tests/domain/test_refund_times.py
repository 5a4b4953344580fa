"""How long a refund takes, by method and channel; and what is refused of a policy's names of payments."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.adapters.policies import shipped
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.quote import arrival
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.refund_times import RefundTime, check_names
from chalicelib.domain.policies.spans import Span
from chalicelib.edge.reading import policy_of
from infra.sandbox.builders import NOW, a_policy

HOURS = {"amount": 24, "unit": "hours"}
DAYS = {"amount": 3, "unit": "days"}
PROFILES = ("lazada", "shopee", "tiktok", "tokopedia")


def errors_of(refused: Invalid) -> list[dict[str, str]]:
    """What is wrong, field by field."""
    errors: Any = refused.details["errors"]
    return list(errors)


def a_profile(**changes: Any) -> Policy:
    """A profile as an operator writes it."""
    plain = msgspec.to_builtins(a_policy())
    return policy_of("lazada", {**plain, **changes})


def takes(policy: Policy, method: str, channel: str | None = None) -> timedelta:
    return arrival(policy, method, NOW, (), channel) - NOW


def test_a_channel_may_have_a_time_of_its_own() -> None:
    policy = a_profile(refund_times={"ewallet": {**HOURS, "channels": {"ovo": DAYS}}})
    assert takes(policy, "ewallet", "gopay") == takes(policy, "ewallet") == timedelta(hours=24)
    assert takes(policy, "ewallet", "ovo") == takes(policy, "ewallet", "ID_OVO") == timedelta(days=3)
    assert takes(policy, "ewallet", "nobody knows it") == timedelta(hours=24)


def test_a_method_of_which_the_policy_says_nothing_takes_as_long_as_the_slowest() -> None:
    assert takes(a_policy(refund_times={}), "qris", "gopay") == timedelta(days=18)


def test_policies_that_were_kept_before_there_were_channels_load_as_they_are() -> None:
    kept = {**msgspec.to_builtins(a_policy()), "refund_order": ["card", "wallet"], "refund_times": {"wallet": HOURS}}
    policy = msgspec.convert(kept, Policy)
    assert policy.refund_order == ("card", "wallet")
    assert policy.refund_times == {"wallet": RefundTime(amount=24, unit="hours")}
    assert takes(policy, "wallet") == timedelta(hours=24)


def test_a_kept_policy_loads_with_names_that_nobody_knows() -> None:
    kept = msgspec.to_builtins(a_policy()) | {"refund_order": ["cheque"], "refund_times": {"gopay": HOURS}}
    assert takes(msgspec.convert(kept, Policy), "ewallet", "gopay") == timedelta(days=18)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"refund_order": ["card", "cheque"]}, "refund_order", "no payment method cheque; known: wallet, card,"),
        ({"refund_order": ["card", "card"]}, "refund_order", "card stands twice"),
        ({"refund_times": {"gopay": HOURS}}, "refund_times.gopay", "no payment method gopay"),
        (
            {"refund_times": {"ewallet": {**HOURS, "channels": {"gopya": DAYS}}}},
            "refund_times.ewallet.channels.gopya",
            "no channel of ewallet; known: gopay, ovo,",
        ),
        (
            {"refund_times": {"card": {**HOURS, "channels": {"gopay": DAYS}}}},
            "refund_times.card.channels.gopay",
            "no channel of card; known: visa,",
        ),
    ],
)
def test_names_that_nobody_knows_are_refused_where_a_policy_is_written(
    changes: Mapping[str, Any], field: str, message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        a_profile(**changes)
    (error,) = errors_of(refused.value)
    assert error["field"] == field
    assert error["message"].startswith(message)


def test_all_that_is_wrong_is_told_at_once() -> None:
    times = {"a": RefundTime(amount=1, unit="hours"), "b": RefundTime(amount=1, unit="hours")}
    with pytest.raises(Invalid) as refused:
        check_names(("c", "c"), times)
    assert [each["field"] for each in errors_of(refused.value)] == [
        "refund_order",
        "refund_times.a",
        "refund_times.b",
    ]


@pytest.mark.parametrize(
    "wrong", [{"channels": {"ovo": DAYS}}, {**HOURS, "channel": {}}, {**HOURS, "channels": {"ovo": 3}}]
)
def test_a_time_of_another_shape_is_refused(wrong: Any) -> None:
    with pytest.raises(Invalid):
        a_profile(refund_times={"ewallet": wrong})


@pytest.mark.parametrize("name", PROFILES)
def test_a_shipped_profile_says_how_long_each_method_takes_and_no_order_of_them(name: str) -> None:
    policy = shipped(name)
    assert policy
    check_names(policy.refund_order, policy.refund_times)
    assert set(policy.refund_times) == set(Method)
    assert policy.refund_order is None
    assert "refund_times" in policy.sources


def test_times_hold_channels_beside_what_any_span_says() -> None:
    time = RefundTime(amount=2, unit="working_days", channels={"linkaja": Span(amount=5, unit="working_days")})
    assert time.through("linkaja") == Span(amount=5, unit="working_days")
    assert time.through(None) is time
    assert replace(time, channels={}).through("linkaja").amount == 2
