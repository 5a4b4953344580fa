"""A parcel that leaves although its order was cancelled: everybody hears of it, a person says what becomes of it."""

import pytest

from infra.sandbox.outage import events
from tests.e2e.conftest import Marketplace


def cancelled(market: Marketplace, order_id: str, **order: object) -> str:
    case_id: str = market.ask(market.order(order_id, **order))["case_id"]
    market.say("seller", case_id, "approve")
    market.money_is_sent(case_id)
    return case_id


def told(case_id: str, name: str) -> list[dict[str, object]]:
    return [event["data"] for event in events() if event["case_id"] == case_id and event["type"] == name]


LATE, SETTLED = "order.shipped_after_cancellation", "order.late_parcel_settled"


@pytest.mark.parametrize("method", ["wallet", "card"])
def test_a_parcel_that_leaves_after_the_money_is_said_and_marked(market: Marketplace, method: str) -> None:
    case_id = cancelled(market, "LATE-1", tenders={method: 150_000})
    assert market.status("LATE-1", "shipped").json["applied"]
    market.all_goes_out(case_id)
    assert market.case(case_id)["late_parcel"] == {"status": "shipped", "way": None}
    order = market.buyer("GET", "/v1/orders/LATE-1").json
    assert (order["status"], order["shipped_after_cancellation"]) == ("cancelled", True)
    (event,) = told(case_id, LATE)
    assert (event["order_status"], event["refund_total"]) == ("shipped", 150_000)
    assert [who for who, kind in market.kinds_mailed() if kind == "late_parcel"] == ["toko-baju"]
    desk = market.as_("support", "sari", "GET", f"/v1/cases/{case_id}").json
    assert desk["late_parcel"]["way"] is None


def test_delivered_after_it_is_news_too_and_told_again_is_none(market: Marketplace) -> None:
    case_id = cancelled(market, "LATE-2")
    market.status("LATE-2", "shipped", version=2)
    market.status("LATE-2", "shipped", version=3)
    market.status("LATE-2", "delivered", version=4)
    market.all_goes_out(case_id)
    assert [event["order_status"] for event in told(case_id, LATE)] == ["shipped", "delivered"]
    assert [kind for _, kind in market.kinds_mailed()].count("late_parcel") == 1


def test_a_cancelled_order_that_its_system_ships_after_all_is_seen(market: Marketplace) -> None:
    case_id = cancelled(market, "LATE-3")
    market.status("LATE-3", "cancelled", version=2)
    market.status("LATE-3", "shipped", version=3)
    market.all_goes_out(case_id)
    assert len(told(case_id, LATE)) == 1


@pytest.mark.parametrize("way", ["recall", "keeps", "returns"])
def test_support_says_what_becomes_of_it_once(market: Marketplace, way: str) -> None:
    case_id = cancelled(market, "LATE-4")
    path = f"/v1/cases/{case_id}/settle-parcel"
    body = {"way": way, "note": "seen"}
    assert market.support("POST", path, body).json["code"] == "not_now"
    market.status("LATE-4", "shipped")
    assert market.seller("POST", path, body).status == 403
    assert market.support("POST", path, {"way": "burn", "note": "x"}).status == 422
    assert market.support("POST", path, body).json["late_parcel"] == {"status": "shipped", "way": way}
    assert market.support("POST", path, body).json["code"] == "already_decided"
    market.all_goes_out(case_id)
    (event,) = told(case_id, SETTLED)
    assert (event["way"], event["amount"]) == (way, 150_000)
    mailed = [who for who, kind in market.kinds_mailed() if kind == "parcel_settled"]
    assert mailed == ["budi", "toko-baju"]
    assert market.world.ports.store.late_parcels().items == []


def test_an_order_cancelled_in_part_may_ship_the_rest(market: Marketplace) -> None:
    from chalicelib.domain.orders.body import Line

    two = (
        Line(line_id="1", name="Kemeja", quantity=1, unit_price=100_000),
        Line(line_id="2", name="Topi", quantity=1, unit_price=50_000),
    )
    case_id: str = market.ask(market.order("LATE-5", lines=two), lines=[{"line_id": "1", "quantity": 1}])["case_id"]
    market.say("seller", case_id, "approve")
    market.status("LATE-5", "shipped")
    market.all_goes_out(case_id)
    assert told(case_id, LATE) == []
    assert market.case(case_id)["late_parcel"] is None


def test_a_seller_without_stock_says_so_to_the_open_request(market: Marketplace) -> None:
    case_id: str = market.ask(market.order("STOCK-1", platform="tokopedia"))["case_id"]
    body = {"reason_code": "out_of_stock", "channel": "web"}
    answer = market.seller("POST", "/v1/orders/STOCK-1/cancellations", body)
    assert answer.status == 201, answer
    assert (answer.json["case_id"], answer.json["outcome"]) == (case_id, "cancelled")
    assert answer.json["reason"]["fault"] == "seller"
    assert answer.json["quote"]["fees_total"] == 0
