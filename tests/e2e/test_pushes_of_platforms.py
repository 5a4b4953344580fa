"""What the mappings make of platforms' own payloads is taken over HTTP, shown, and worth what they say."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from examples.mappings import lazada, shopify, tiktok
from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Marketplace, marketplace
from tests.examples.told import (
    PLACED,
    PUSHES,
    SELLER,
    lazada_row,
    payload,
    shopify_discount,
    woocommerce_processing,
)


@pytest.fixture(scope="module")
def market() -> Iterator[Marketplace]:
    """One whose operator has added profiles for platforms that none is shipped for."""
    plain = a_policy(fees={}, instant=())
    added = tuple(replace(plain, name=name) for name in ("shopify", "woocommerce", "tiktok"))
    with marketplace(policies=added) as made:
        yield made


def pushed(market: Marketplace, push: Any) -> Any:
    """An order, pushed as it came from its mapping; gives what the operator's people read of it."""
    answer = market.oms("PUT", f"/v1/orders/{push['order_id']}", push)
    assert answer.status in (200, 201), answer
    assert answer.json["applied"], answer
    return market.support("GET", f"/v1/orders/{push['order_id']}").json


@pytest.mark.parametrize("name", ["tiktok_cod", "tokopedia_bundle", "shopee_escrow", "lazada_shipping"])
def test_a_push_from_a_mapping_is_taken_and_shown(market: Marketplace, name: str) -> None:
    push = PUSHES[name]()
    shown = pushed(market, push)
    assert [line["line_id"] for line in shown["lines"]] == [line["line_id"] for line in push["lines"]]
    paid = [[(tender["method"], tender["amount"]) for tender in each["tenders"]] for each in (shown, push)]
    assert paid[0] == paid[1]


def quote(market: Marketplace, order_id: str, who: str, lines: str = "") -> Any:
    path = f"/v1/orders/{order_id}/cancellation-options{lines and '?lines='}{lines}"
    answer = market.buyer("GET", path, who=who)
    assert answer.status == 200, answer
    return answer.json["quote"]


def test_one_of_three_lines_is_cancelled_for_what_shopify_calculates(market: Marketplace) -> None:
    pushed(market, {**shopify_discount(), "status": "processing"})
    assert quote(market, "900000001", "b1", "12:1")["refund_total"] == 199_65
    told = payload("shopify", "refund_less_than_calculated")
    (back,) = shopify.refunds(told, currency="USD", refund_id="r", at=PLACED)
    pushed(market, {**shopify_discount(), "status": "processing", "version": 2**50, "refunds": [back]})
    assert quote(market, "900000001", "b1")["refund_total"] == 598_94 - 199_65


def test_an_amount_that_a_shop_gave_back_leaves_the_rest(market: Marketplace) -> None:
    back = [{"refund_id": "726", "amount": 10_00, "at": PLACED}]
    pushed(market, woocommerce_processing(refunds=back))
    assert quote(market, "727", "guest-727")["refund_total"] == 19_35


def test_the_status_of_an_order_follows_its_platforms(market: Marketplace) -> None:
    told = payload("tiktok", "order_cod_tax_included")
    pushed(market, tiktok.order(told, seller=SELLER, order_id="T-moves"))
    word = tiktok.status({"data": {"order_id": "T-moves", "order_status": "IN_TRANSIT", "update_time": 1787999000}})
    assert market.oms("POST", "/v1/orders/T-moves/status", word).json["applied"]
    assert market.support("GET", "/v1/orders/T-moves").json["status"] == "shipped"


def test_a_row_of_lazadas_with_an_id_of_blanks_is_an_order(market: Marketplace) -> None:
    push = lazada.order([lazada_row(order_id="L-1")], buyer={"name": "B"})
    assert pushed(market, push)["seller"]["id"] == "shop with blank"


def test_pieces_of_one_line_are_sent_and_cancelled_by_their_rows(market: Marketplace) -> None:
    rows = [lazada_row(order_id="L-2", order_item_id=str(number), package_id=f"P{number}") for number in (1, 2, 3)]
    shown = pushed(market, lazada.order(rows, buyer={"id": "budi", "name": "B"}))
    assert [(line["line_id"], line["quantity"]) for line in shown["lines"]] == [("1", 3)]
    for row_id, word in (("1", "shipped"), ("2", "canceled")):
        data = {"trade_order_id": "L-2", "trade_order_line_id": row_id, "order_status": word}
        said = lazada.status({"data": {**data, "status_update_time": 1795316400}}, items=rows)
        assert market.oms("POST", "/v1/orders/L-2/status", said).json["applied"], said
    assert market.support("GET", "/v1/orders/L-2").json["status"] == "partly_shipped"
    # Of a piece that is on its way Lazada's profile keeps a fee.
    two = quote(market, "L-2", "budi", "1:2")
    assert two["refund_total"] + two["fees_total"] == 2 * 99_00
    told = market.buyer("GET", "/v1/orders/L-2/cancellation-options?lines=1:3", who="budi")
    assert told.json["errors"] == [{"field": "lines.1", "message": "not that many"}]
