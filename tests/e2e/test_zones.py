"""Zones as programs and people name them: taken as IANA writes them, or refused without that anything changes."""

from typing import Any

import msgspec
import pytest

from infra.sandbox.builders import a_body, a_policy
from tests.e2e.conftest import Marketplace

NO_ZONES = ["", "Asia/jakarta", "UTC+7", "posixrules", "../etc/passwd", "Asia/Bangkok\0", "x" * 5_000]


def pushed(market: Marketplace, order_id: str, **buyer: object) -> Any:
    body = msgspec.to_builtins(a_body(order_id=order_id, placed_at=market.world.clock()))
    return market.oms("PUT", f"/v1/orders/{order_id}", {**body, "buyer": {**body["buyer"], **buyer}})


def policy(version: int, **more: object) -> Any:
    made = msgspec.to_builtins(a_policy("shopee", version=version))
    return {name: value for name, value in {**made, **more}.items() if name != "published"}


@pytest.mark.parametrize("name", NO_ZONES, ids=lambda name: repr(name[:20]))
def test_a_zone_that_nobody_knows_is_refused_and_nothing_changes(market: Marketplace, name: str) -> None:
    refused = pushed(market, "Z-refused", zone=name)
    assert (refused.status, refused.json["code"]) == (422, "validation_failed")
    assert refused.json["errors"] == [{"field": "buyer.zone", "message": refused.json["errors"][0]["message"]}]
    assert "Asia/Bangkok" in refused.json["errors"][0]["message"]
    assert len(refused.text) < 1_000
    assert market.support("GET", "/v1/orders/Z-refused").status == 404

    before = market.operator("GET", "/v1/policies/shopee").json["version"]
    refused = market.operator("PUT", "/v1/policies/shopee", policy(before + 1, zone=name))
    assert (refused.status, [each["field"] for each in refused.json["errors"]]) == (422, ["zone"])
    assert len(refused.text) < 1_000
    assert market.operator("GET", "/v1/policies/shopee").json["version"] == before


@pytest.mark.parametrize(
    ("named", "kept"), [("Asia/Bangkok", "Asia/Bangkok"), ("Asia/Makassar", "WITA"), ("WIT", "WIT")]
)
def test_a_person_lives_in_the_zone_that_was_named(market: Marketplace, named: str, kept: str) -> None:
    order_id = f"Z-{kept.replace('/', '-')}"
    assert pushed(market, order_id, zone=named).status == 201
    assert market.support("GET", f"/v1/orders/{order_id}").json["buyer"]["zone"] == kept
