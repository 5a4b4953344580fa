"""Operators add days off; deadlines leave them out."""

from datetime import date

import pytest

from chalicelib import wiring
from tests.e2e.conftest import Marketplace


def test_a_day_that_an_operator_added_is_left_out_of_deadlines(market: Marketplace) -> None:
    assert market.operator("GET", "/v1/days-off").json["items"] == []
    days = [{"day": "2026-11-27", "name": "Pilkada"}, {"day": "2026-11-27", "name": "Pilkada serentak"}]
    kept = market.operator("PUT", "/v1/days-off", {"items": days})
    assert kept.json["items"] == [{"day": "2026-11-27", "name": "Pilkada serentak"}]
    assert market.operator("GET", "/v1/days-off").json["items"] == kept.json["items"]
    wiring.ports.cache_clear()
    assert date(2026, 11, 27) in wiring.ports().calendar.holidays(market.world.clock())


@pytest.mark.parametrize("day", ["27-11-2026", "2026-02-30", "", 5])
def test_a_day_that_is_none_is_refused(market: Marketplace, day: object) -> None:
    refused = market.operator("PUT", "/v1/days-off", {"items": [{"day": day, "name": "x"}]})
    assert (refused.status, refused.json["code"]) == (422, "validation_failed")
