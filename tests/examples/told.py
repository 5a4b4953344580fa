"""What platforms tell, as the tests of the mappings read it, and the pushes that the mappings make of it.

The payloads are small: structure, meaning and amounts of public documentation and samples, with ids and names of ours.
"""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.sums import check_body
from chalicelib.edge.order_bodies import OrderPut
from chalicelib.edge.reading import read_json
from examples.mappings import lazada, shopee, shopify, tiktok, tokopedia, woocommerce
from examples.mappings.reading import Json

PAYLOADS = Path(__file__).parent / "payloads"
SELLER = {"id": "toko-baju", "name": "Toko Baju", "email": "toko-baju@example.com"}
BUYER = {"id": "budi", "name": "Budi", "email": "budi@example.com"}
PLACED = "2026-11-22T03:00:00Z"


def payload(platform: str, name: str) -> Any:
    """A payload of a platform, the test's own to change."""
    told = json.loads((PAYLOADS / f"{platform}.json").read_text(encoding="utf-8"))
    return copy.deepcopy(told[name]["payload"])


def body_of(push: Json) -> OrderBody:
    """The order that Batal makes of a push over HTTP, checked as it checks it."""
    body = msgspec.convert(read_json(json.dumps(push), OrderPut), OrderBody, from_attributes=True)
    check_body(body)
    return body


def order_of(push: Json) -> Order:
    """And as Batal keeps it, with what went back elsewhere."""
    body = body_of(push)
    return Order(body=body, status=body.status, status_version=body.version, status_at=body.placed_at)


def lazada_row(**more: Any) -> Json:
    """A row of a living order."""
    row: Json = payload("lazada", "order_items_cancelled")
    row |= {"status": "pending", "is_cancel_pending": "false", "reason": "", "cancel_trigger_time": ""}
    return {**row, "name": "Shirt", "created_at": "2026-11-22 11:00:00 +0800", **more}


def lazada_cod() -> Json:
    rows = [
        {"order_item_id": str(n), "name": "Shirt", "sku": "S", "item_price": "53.00", "paid_price": "53.00"}
        for n in (1, 2)
    ]
    head = payload("lazada", "order_cod")
    return lazada.order(head, items=rows, buyer=BUYER, seller=SELLER, currency="SGD")


def lazada_shipping() -> Json:
    row = {**payload("lazada", "line_pricing_aggregator"), "item_price": "100000.0", "status": "pending"}
    told: Json = {"order_id": "L3", "placed_at": PLACED, "paid_at": PLACED, "currency": "IDR"}
    return lazada.order([row], buyer=BUYER, seller=SELLER, **told)


def shopee_escrow() -> Json:
    told: Json = {"order_id": "S2", "placed_at": PLACED, "paid_at": PLACED, "version": 1, "status": "processing"}
    escrow = payload("shopee", "adjustments_via_aggregator")
    return shopee.order(escrow, buyer=BUYER, seller=SELLER, currency="IDR", **told)


def shopee_cod() -> Json:
    detail = payload("shopee", "order_detail_cod")
    return shopee.order(detail, seller=SELLER, buyer=BUYER, gap="other_discount")


def tiktok_row() -> Json:
    told: Json = {"order_id": "T3", "placed_at": PLACED, "paid_at": PLACED, "version": 1, "currency": "VND"}
    return tiktok.order(payload("tiktok", "order_item_failed_delivery"), buyer=BUYER, seller=SELLER, **told)


def tiktok_cancelled() -> Json:
    return tiktok.order(payload("tiktok", "order_cancelled_eur"), buyer={"id": "b"}, seller=SELLER)


def tiktok_cod() -> Json:
    return tiktok.order(payload("tiktok", "order_cod_tax_included"), seller=SELLER)


def tokopedia_single() -> Json:
    single = payload("tokopedia", "order_single_auto_cancelled")
    return tokopedia.order(single, buyer=BUYER, seller=SELLER, placed_at=PLACED, paid_at=PLACED, version=1)


def tokopedia_bundle() -> Json:
    told: Json = {"order_id": "43000001", "placed_at": PLACED, "paid_at": PLACED, "version": 1, "status": "placed"}
    notification = payload("tokopedia", "webhook_request_cancellation_and_bundle")
    return tokopedia.order(notification, buyer=BUYER, seller=SELLER, **told)


def shopify_discount(**more: Any) -> Json:
    return shopify.order(
        payload("shopify", "order_discount_code_three_lines") | more, buyer={"id": "b1", "name": "B"}, seller=SELLER
    )


def shopify_tax() -> Json:
    return shopify.order(payload("shopify", "order_tax_23_percent"), buyer={"id": "b3", "name": "B"}, seller=SELLER)


def shopify_given_back() -> Json:
    told = payload("shopify", "refund_amount_only_discrepancy")
    back = {"id": 1, "created_at": PLACED, **told["refund"]}
    whole = {**told["order"], "created_at": PLACED, "refunds": [back]}
    return shopify.order(whole, buyer=BUYER, seller=SELLER)


def shopify_two_cards() -> Json:
    whole = {
        "id": 900000001,
        "currency": "CAD",
        "created_at": PLACED,
        "financial_status": "paid",
        "total_price": "266.62",
        "line_items": [{"id": 1, "title": "A", "quantity": 1, "price": "266.62"}],
    }
    cards = payload("shopify", "tender_transactions_two_cards")["tender_transactions"]
    return shopify.order(whole, tender_transactions=cards, buyer=BUYER, seller=SELLER)


def woocommerce_processing(**more: Any) -> Json:
    whole = payload("woocommerce", "order_processing")
    return woocommerce.order(whole, buyer={"id": "guest-727", "name": "Guest"}, seller=SELLER, **more)


def lazada_cancelled() -> Json:
    return lazada.order(payload("lazada", "order_items_cancelled"), buyer=BUYER, seller=SELLER)


PUSHES: Mapping[str, Callable[[], Json]] = {
    made.__name__: made
    for made in (
        lazada_cod,
        lazada_cancelled,
        lazada_shipping,
        shopee_cod,
        shopee_escrow,
        tiktok_cod,
        tiktok_cancelled,
        tiktok_row,
        tokopedia_single,
        tokopedia_bundle,
        shopify_discount,
        shopify_tax,
        shopify_given_back,
        shopify_two_cards,
        woocommerce_processing,
    )
}
