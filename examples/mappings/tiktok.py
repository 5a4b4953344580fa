"""TikTok Shop: orders, cancellations and refunds of the API 202309, and its webhooks.

Money comes as texts, a row is one piece, moments are seconds. Prices hold the tax or do not, country by country: what
was paid says which.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .checking import due
from .paying import chosen, way
from .pushing import (
    as_gift,
    came_so_far,
    charge,
    discount,
    folded,
    packages,
    paid_at,
    person,
    pieces,
    push,
    refund,
    settled,
    status_of_all,
    status_post,
)
from .reading import Json, MappingError, Told, currency_of, major, ours, unwrapped, version_of, without_nothing

STATUSES: Mapping[str, str] = {
    "UNPAID": "unpaid",
    "ON_HOLD": "on_hold",
    "AWAITING_SHIPMENT": "processing",
    "PARTIALLY_SHIPPING": "partly_shipped",
    "AWAITING_COLLECTION": "ready_to_ship",
    "IN_TRANSIT": "shipped",
    "DELIVERED": "delivered",
    "COMPLETED": "completed",
    "CANCELLED": "cancelled",
}

PACKAGES: Mapping[str, str] = {
    "TO_FULFILL": "processing",
    "PROCESSING": "ready_to_ship",
    "FULFILLING": "shipped",
    "COMPLETED": "delivered",
    "CANCELLED": "cancelled",
}

# How far a cancellation or a refund is.
CANCELLATIONS: Mapping[str, str] = {
    "CANCELLATION_REQUEST_PENDING": "requested",
    "CANCELLATION_REQUEST_SUCCESS": "granted",
    "CANCELLATION_REQUEST_CANCEL": "refused",
    "CANCELLATION_REQUEST_COMPLETE": "refunded",
    "COMPLETED": "refunded",
    "RETURN_OR_REFUND_REQUEST_PENDING": "requested",
    "REFUND_OR_RETURN_REQUEST_REJECT": "refused",
    "AWAITING_BUYER_RESPONSE": "requested",
    "AWAITING_BUYER_SHIP": "granted",
    "BUYER_SHIPPED_ITEM": "coming_back",
    "REJECT_RECEIVE_PACKAGE": "refused",
    "RETURN_OR_REFUND_REQUEST_SUCCESS": "granted",
    "RETURN_OR_REFUND_REQUEST_CANCEL": "withdrawn",
    "RETURN_OR_REFUND_REQUEST_COMPLETE": "refunded",
}

# What the reasons' codes end with, and ours.
REASONS: Mapping[str, str] = {
    "no_longer_needed": "changed_mind",
    "need_to_change_address": "wrong_address",
    "wrong_address": "wrong_address",
    "change_payment_method": "change_payment",
    "better_price_available": "found_cheaper",
    "product_price_changed": "found_cheaper",
    "out_of_stock": "out_of_stock",
    "pricing_error": "price_mistake",
    "unable_to_deliver_to_buyer_address": "cannot_ship_there",
    "seller_not_shipped_in_time": "seller_slow",
    "shipped_late": "seller_slow",
}

# Words of its own; brands and plain words are known to paying.py.
METHODS: Mapping[str, str] = {"ccdc": "card"}

# Fees beside the goods, and what kind of charge each is.
_CHARGES = (
    ("small_order", ("small_order_fee",)),
    ("retail_delivery_fee", ("retail_delivery_fee",)),
    ("insurance", ("item_insurance_fee", "shipping_insurance_fee")),
    ("handling_fee", ("handling_fee",)),
)


def order(
    payload: Mapping[str, Any],
    *,
    method: str | None = None,
    gap: str | None = None,
    buyer: Mapping[str, Any] | None = None,
    seller: Mapping[str, Any] | None = None,
    **told: Any,
) -> Json:
    """The push of an order; a row of one alone does, where everything else is told by name."""
    whole = unwrapped(payload, "data", "orders", "order")
    payment = whole.part("payment")
    currency = currency_of(
        told.get("currency") or payment.text("currency") or whole.text("currency"), path="payment.currency"
    )
    rows, payment = _rows(whole, currency), payment.paid_in(currency)
    lines, line_of = _lines(rows)
    cod = whole.flag("is_cod")
    word = whole.text("payment_method_name", "payment.payment_method_name")
    method, more = chosen(method, {"method": "cod"} if cod else way(word, METHODS), "card")
    moments = [whole.moment(name) for name in ("create_time", "paid_time", "cancel_time", "delivery_time")]
    words = [word for row in rows if (word := row.text("display_status"))]
    word = whole.text("status", "order_status")
    standing = ours(STATUSES, word, whole.place("status")) if word else _standing(rows) if words else None
    placed_at = whole.moment("create_time")
    preorder = any(row.text("sku_type") == "PRE_ORDER" for row in rows)
    ships_by = whole.moment("rts_sla_time", "shipping_due_time") if preorder else None
    body = {
        "order_id": whole.text("id", "order_id") if whole.get("line_items") else None,
        "platform": "tiktok",
        "version": version_of(whole.moment("update_time"), *moments),
        "status": standing,
        "buyer": person(
            buyer,
            contact="proxy",
            id=whole.text("user_id", "buyer_uid"),
            name=whole.text("recipient_address.name", "buyer_nickname"),
            email=whole.text("buyer_email"),
        ),
        "seller": person(seller, id=whole.text("shop_id", "seller_id"), name=whole.text("shop_name")),
        "placed_at": placed_at,
        "paid_at": paid_at(told.get("status") or standing, method, whole.moment("paid_time"), placed_at),
        "delivered_at": whole.moment("delivery_time"),
        "currency": currency,
        "lines": lines,
        **_shipping(payment),
        "service_fee": payment.money("buyer_service_fee"),
        "charges": [each for kind, names in _CHARGES for name in names for each in charge(kind, payment.money(name))],
        "tax": payment.money("tax"),
        "tax_included": True,
        "fulfilment": "platform" if whole.text("fulfillment_type") == "FULFILLMENT_BY_TIKTOK" else "seller",
        "cancel_reason": whole.text("cancel_reason"),
        "shipping_service": whole.text("delivery_option_name", "shipping_type"),
        "shipment_arranged_at": whole.moment("rts_time"),
        "preorder": {"ships_by": ships_by} if ships_by else None,
        "packages": _packages(rows, line_of),
        **told,
    }
    total = payment.money_if_told("total_amount")
    body |= _tax(body, total, payment)
    path = payment.place("total_amount")
    return push(settled(body, total=total, path=path, method=method, known=more, gap=gap))


def status(payload: Mapping[str, Any], **told: Any) -> Json:
    """A webhook of an order's status, or an order itself."""
    whole = unwrapped(payload, "data")
    at = told.pop("at", None) or whole.moment("update_time") or Told(payload).moment("timestamp")
    word, place = whole.find("order_status", "status")
    event = None if whole.get("update_time") else Told(payload).text("tts_notification_id")
    version = None if event else version_of(at)
    cancelled = whole.text("cancel_reason")
    return status_post(
        ours(STATUSES, word, place), at, version=version, event_id=event, cancel_reason=cancelled, **told
    )


def cancellation(payload: Mapping[str, Any], *, line_items: Sequence[Any] | None = None, currency: str = "") -> Json:
    """What a cancellation says: which pieces, why, and what goes back. With the order's rows the pieces of a line that
    was folded are found; a cancellation that names none is about the whole order, and so is an order or row itself."""
    whole = unwrapped(payload, "data", "cancellations", "return_orders")
    whole = whole.paid_in(whole.text("refund_amount.currency") or currency or None)
    of_order = whole.rows("line_items")
    rows = whole.rows("cancel_line_items", "return_line_items")
    # Of an order itself all rows, or those that are cancelled while it goes on.
    all_of_it = whole.text("status", "order_status") == "CANCELLED"
    rows = rows or [row for row in of_order if all_of_it or row.text("display_status") in (None, "CANCELLED")]
    row_ids = [row.text("order_line_item_id", "id") for row in rows]
    if not rows and whole.text("display_status"):
        row_ids = [whole.text("id")]
    reason = whole.text("cancel_reason", "return_reason", "cancel_reason_text")
    word, place = whole.find("cancel_status", "return_status")
    by = (whole.text("role", "cancellation_initiator", "cancel_user") or "buyer").lower()
    return without_nothing(
        {
            "order_id": whole.text("order_id") or (whole.text("id") if of_order else None),
            "cancel_id": whole.text("cancel_id", "return_id"),
            "state": ours(CANCELLATIONS, word, place) if word else "granted",
            "by": by if by in ("buyer", "seller") else "platform",
            "reason_code": _reason(reason),
            "comment": reason,
            "lines": pieces([row_id for row_id in row_ids if row_id], line_ids(line_items or whole.get("line_items"))),
            "refunded": whole.money_if_told("refund_amount.refund_total", "refund_amount.amount"),
        }
    )


def refunds(
    payload: Mapping[str, Any], *, line_items: Sequence[Any] | None = None, currency: str = "", **told: Any
) -> list[Json]:
    """What TikTok gave back itself, as the push tells it: nothing before the cancellation or return is complete."""
    whole = unwrapped(payload, "data", "cancellations", "return_orders")
    said = cancellation(payload, line_items=line_items, currency=currency)
    if said["state"] != "refunded" or said.get("refunded") is None:
        return []
    at = told.get("at") or whole.moment("update_time", "create_time")
    refund_id = told.get("refund_id") or said.get("cancel_id")
    return [refund(refund_id, said["refunded"], at, by="tiktok", lines=said.get("lines"))]


def line_ids(line_items: Sequence[Any] | None) -> dict[str, str]:
    """The line that each row of an order is in, by the row's id."""
    rows = Told({"line_items": list(line_items or ())}).rows("line_items")
    return _lines([row.paid_in(row.text("currency") or "XXX") for row in rows])[1]


def _rows(whole: Told, currency: str) -> list[Told]:
    rows = whole.rows("line_items") or ([whole] if whole.get("sale_price", "original_price") is not None else [])
    if not rows:
        raise MappingError(whole.place("line_items"), "an order without rows")
    return [row.paid_in(currency) for row in rows]


def _lines(rows: Sequence[Told]) -> tuple[list[Json], dict[str, str]]:
    lines, line_of = folded([_line(row, number) for number, row in enumerate(rows, start=1)])
    gifts = {line_of[_row_id(row, n)] for n, row in enumerate(rows, start=1) if row.flag("is_gift")}
    bought = [line["line_id"] for line in lines if line["line_id"] not in gifts]
    parent = bought[0] if len(bought) == 1 else None
    return [as_gift(line, parent) if line["line_id"] in gifts else line for line in lines], line_of


def _row_id(row: Told, number: int) -> str:
    return row.text("id") or str(number)


def _line(row: Told, number: int) -> Json:
    gift = row.flag("is_gift")
    price = row.money_if_told("original_price", "sale_price") or (row.money("gift_retail_price") if gift else None)
    if price is None:
        raise MappingError(row.place("original_price"), "a row without a price")
    lowered = [
        *discount("seller_discount", row.money("seller_discount"), "seller"),
        *discount("platform_discount", row.money("platform_discount"), "platform"),
    ]
    sale, comes_to = row.money_if_told("sale_price"), price - sum(each["amount"] for each in lowered)
    if not gift and sale is not None and sale != comes_to:
        currency = row.currency or "XXX"
        told = f"the price less its discounts is {major(comes_to, currency)}, told is {major(sale, currency)}"
        raise MappingError(row.place("sale_price"), told)
    word = row.text("display_status")
    return without_nothing(
        {
            "line_id": _row_id(row, number),
            "name": row.text("product_name", "sku_name", "seller_sku", "sku_id") or _row_id(row, number),
            "quantity": 1,
            "unit_price": price,
            "sku": row.text("seller_sku", "sku_id"),
            "variant": row.text("sku_name"),
            "image_url": row.text("sku_image"),
            "discounts": [] if gift and comes_to <= 0 else lowered,
            "tax": sum(tax.money("tax_amount") for tax in row.rows("item_tax")) or None,
            "package": row.text("package_id"),
            "quantities": came_so_far(ours(STATUSES, word, row.place("display_status"))) if word else {},
        }
    )


def _shipping(payment: Told) -> Json:
    """The shipping before its discounts, and those by who pays; TikTok says no shares of one that several pay."""
    paid, before = payment.money("shipping_fee"), payment.money_if_told("original_shipping_fee")
    if before is None:
        return {"shipping_fee": paid}
    lowered = [
        *discount("shipping_seller", payment.money("shipping_fee_seller_discount"), "seller", scope="shipping"),
        *discount("shipping_platform", payment.money("shipping_fee_platform_discount"), "platform", scope="shipping"),
        *discount(
            "shipping_cofunded",
            payment.money("shipping_fee_cofunded_discount"),
            {"seller": 1, "platform": 1},
            scope="shipping",
        ),
    ]
    comes_to = before - sum(each["amount"] for each in lowered)
    if comes_to != paid:
        currency = payment.currency or "XXX"
        told = f"the shipping less its discounts is {major(comes_to, currency)}, told is {major(paid, currency)}"
        raise MappingError(payment.place("shipping_fee"), told)
    return {"shipping_fee": before, "discounts": lowered}


def _tax(body: Json, total: int | None, payment: Told) -> Json:
    """Whether the prices hold the tax: the total says so. On top of them, and where rows and shipping say all of it,
    each tax comes back with what it is for. Rows that say more than the payment does are not believed."""
    lines, whole, told = body["lines"], body["tax"], sum(line.get("tax", 0) for line in body["lines"])
    if whole and told > whole:
        lines = [{name: value for name, value in line.items() if name != "tax"} for line in lines]
        told = 0
    if total is None or not body["tax_included"] or due(body) == total or due(body) + (whole or told) != total:
        return {"lines": lines}
    of_shipping = payment.money("shipping_fee_tax")
    if told and told + of_shipping == whole:
        shipping = body["shipping_fee"] + of_shipping
        return {"lines": lines, "tax_included": False, "tax": 0, "shipping_fee": shipping}
    return {"lines": lines, "tax_included": False}


def _standing(rows: Sequence[Told]) -> str:
    return status_of_all(
        [ours(STATUSES, row.text("display_status"), row.place("display_status")) for row in rows],
    )


def _packages(rows: Sequence[Told], line_of: Mapping[str, str]) -> list[Json]:
    found = []
    for number, row in enumerate(rows, start=1):
        word, place = row.find("package_status")
        told = {
            "package_id": row.text("package_id"),
            "tracking_number": row.text("tracking_number"),
            "carrier": row.text("shipping_provider_name"),
            "at": row.moment("rts_time"),
        }
        gone = row.text("display_status") == "CANCELLED"
        if word is not None:
            found.append((_row_id(row, number), "cancelled" if gone else ours(PACKAGES, word, place), told))
    return packages(found, line_of)


def _reason(reason: str | None) -> str:
    word = (reason or "").strip().lower()
    named = [ours_ for ending, ours_ in REASONS.items() if word.endswith(ending) or word == ending.replace("_", " ")]
    return named[0] if named else "other"
