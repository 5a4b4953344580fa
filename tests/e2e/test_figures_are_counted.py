"""Figures by API and page: the same whether they are taken from lists or counted, and fresh at once."""

from chalicelib.workflow import counting
from tests.e2e.conftest import Marketplace

SHOP = "/v1/sellers/toko-baju/metrics"


def test_what_is_counted_says_what_the_lists_said_and_goes_on_with_each_decision(market: Marketplace) -> None:
    first = market.ask(market.order("B-1"))["case_id"]
    market.ask(market.order("B-2"))
    market.seller("POST", f"/v1/cases/{first}/approve", {})
    listed = [market.seller("GET", SHOP).json, market.operator("GET", "/v1/metrics").json]
    counting.catch_up(market.world.ports)
    counted = [market.seller("GET", SHOP).json, market.operator("GET", "/v1/metrics").json]
    assert counted == listed
    market.ask(market.order("B-3"))
    found = market.seller("GET", SHOP).json
    assert (found["asked"], found["open"], found["closed"]) == (3, 2, 1)
    assert market.operator("GET", "/v1/metrics").json["asked"] == 3


def test_a_shop_of_which_nothing_is_counted_has_figures_all_the_same(market: Marketplace) -> None:
    counting.catch_up(market.world.ports)
    found = market.seller("GET", SHOP).json
    assert (found["asked"], found["outcomes"], found["refunded"]) == (0, {}, {})
    assert found["seconds_to_decision"] == {"p50": None, "p90": None}


def test_the_cancellation_rate_is_told_by_both_readings_from_lists_and_counters_alike(market: Marketplace) -> None:
    first = market.ask(market.order("B-1"))["case_id"]
    market.ask(market.order("B-2"))
    market.seller("POST", f"/v1/cases/{first}/approve", {})
    both = [
        {"reading": "marketplace", "cases": 0, "rate": 0.0},
        {"reading": "buyer-protection", "cases": 1, "rate": 1.0},
    ]
    assert market.seller("GET", SHOP).json["rating"] == both
    counting.catch_up(market.world.ports)
    assert market.seller("GET", SHOP).json["rating"] == both


def test_where_nothing_has_ended_there_is_no_rate(market: Marketplace) -> None:
    market.ask(market.order("B-1"))
    assert [each["rate"] for each in market.seller("GET", SHOP).json["rating"]] == [None, None]
