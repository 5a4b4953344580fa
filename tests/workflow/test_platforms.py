"""By which policy an order lives, and what becomes of one that would live by none."""

from dataclasses import replace

import pytest

from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.errors import Invalid
from chalicelib.workflow.asking import ask
from chalicelib.workflow.orders import News, upsert
from infra.sandbox.builders import BUDI, SYSTEM, a_body, a_policy, an_ask, an_order
from tests.fakes.ports import a_neighbourhood


def test_a_new_order_of_a_platform_without_a_policy_is_refused_with_those_that_are_known() -> None:
    around = a_neighbourhood()
    with pytest.raises(Invalid) as refused:
        upsert(around.ports, a_body(platform="blibli"), SYSTEM)
    assert refused.value.code == "unknown_platform"
    assert refused.value.details["known"] == ["lazada", "shopee", "tiktok", "tokopedia"]
    assert around.store.order("LZD-1") is None


def test_an_operators_profile_named_default_is_that_of_every_platform_without_one() -> None:
    around = a_neighbourhood()
    around.store.put_policy(replace(a_policy("shopee"), name="default"))
    assert upsert(around.ports, a_body(platform="blibli"), SYSTEM)[1] is News.CREATED
    case = ask(around.ports, "LZD-1", an_ask(), BUDI)
    assert (case.platform, case.policy.name, case.policy.version) == ("blibli", "default", 1)
    assert around.ports.policies.version("default", 1).name == "default"
    assert around.ports.policies.current("lazada").name == "lazada"


def test_an_operators_own_profile_makes_its_platform_known() -> None:
    around = a_neighbourhood()
    around.store.put_policy(replace(a_policy("shopee"), name="blibli"))
    assert upsert(around.ports, a_body(platform="blibli"), SYSTEM)[1] is News.CREATED


def test_an_order_that_was_known_before_goes_on_without_a_policy() -> None:
    around = a_neighbourhood()
    around.store.commit(Change(push=Push(before=None, after=an_order(platform="blibli"))))
    later = a_body(platform="blibli", version=2, status="shipped")
    assert upsert(around.ports, later, SYSTEM)[1] is News.APPLIED
