"""WooCommerce: orders and refunds of the REST API v3.

Amounts of lines never hold the tax, whatever `prices_include_tax` says of the shop's own prices. A refund is an amount,
with lines or without; the amount counts.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from .paying import chosen, known, provider_of, way
from .pushing import charge, discount, person, priced, push, refund, settled, status_post
from .reading import Json, Told, currency_of, ours, unwrapped, version_of, without_nothing

STATUSES: Mapping[str, str] = {
    "pending": "unpaid",
    "failed": "unpaid",
    "on-hold": "on_hold",
    "processing": "processing",
    "completed": "completed",
    "cancelled": "cancelled",
    "refunded": "cancelled",
    "trash": "cancelled",
}

# Payment methods of its own, beside the words and brands of paying.py. Any other is told as `card`: the money goes back
# through whoever took it.
METHODS: Mapping[str, str] = {"bacs": "bank", "cheque": "bank"}

# What a fee is called, and what kind of charge it is.
FEES: Mapping[str, str] = {
    "cash on delivery": "cod_fee",
    "cod": "cod_fee",
    "gift": "gift_wrap",
    "tip": "tip",
    "insurance": "insurance",
    "small order": "small_order",
}


def order(
    payload: Mapping[str, Any],
    *,
    method: str | None = None,
    gap: str | None = None,
    buyer: Mapping[str, Any] | None = None,
    seller: Mapping[str, Any] | None = None,
    **told: Any,
) -> Json:
    """The push of an order. A guest has no id in the shop: hand one in with the buyer."""
    whole = unwrapped(payload, "order")
    currency = currency_of(told.get("currency") or whole.text("currency"))
    whole = whole.paid_in(currency)
    method, more = chosen(method, _paid_by(whole), "card")
    placed_at = whole.moment("date_created_gmt", "date_created", zone=UTC if whole.get("date_created_gmt") else None)
    paid_at = whole.moment("date_paid_gmt", zone=UTC)
    word, place = whole.find("status")
    customer = whole.text("customer_id")
    body = {
        "order_id": whole.text("id"),
        "platform": "woocommerce",
        "version": version_of(_gmt(whole, "date_modified_gmt"), placed_at, paid_at),
        "status": ours(STATUSES, str(word).removeprefix("wc-"), place) if word else None,
        "buyer": person(
            buyer,
            id=None if customer in (None, "0") else customer,
            name=" ".join(filter(None, (whole.text("billing.first_name"), whole.text("billing.last_name")))) or None,
            email=whole.text("billing.email"),
            phone=whole.text("billing.phone"),
        ),
        "seller": person(seller),
        "placed_at": placed_at,
        "paid_at": None if method == "cod" else paid_at,
        "currency": currency,
        "lines": _lines(whole),
        "shipping_fee": whole.money("shipping_total") + whole.money("shipping_tax"),
        "charges": _fees(whole),
        "discounts": _negative_fees(whole),
        "tax_included": False,
        "display_id": whole.text("number"),
        "shipping_service": next((row.text("method_title", "method_id") for row in whole.rows("shipping_lines")), None),
        "refunds": _refunds_inside(whole),
        **told,
    }
    total = whole.money_if_told("total")
    return push(settled(body, total=total, path=whole.place("total"), method=method, known=more, gap=gap))


def status(payload: Mapping[str, Any], **told: Any) -> Json:
    """Where an order stands, from any webhook that holds it."""
    whole = unwrapped(payload, "order")
    at = told.pop("at", None) or _gmt(whole, "date_modified_gmt", "date_created_gmt")
    word, place = whole.find("status")
    standing = ours(STATUSES, str(word).removeprefix("wc-"), place)
    return status_post(standing, at, **{"version": version_of(at), **told})


def cancellation(payload: Mapping[str, Any], *, currency: str | None = None) -> Json:
    """What a refund says, or an order that was cancelled: its pieces, where it names them, and what went back."""
    whole, back = unwrapped(payload, "order"), unwrapped(payload, "refund")
    known = currency or whole.text("currency") or back.text("currency")
    amount = back.paid_in(known).money_if_told("amount")
    cancelled = [] if amount is not None else whole.rows("line_items")
    reason = back.text("reason")
    return without_nothing(
        {
            "order_id": whole.text("id") if cancelled else back.text("parent_id"),
            "state": "granted" if amount is None else "refunded",
            "by": "seller",
            "reason_code": "other",
            "comment": reason,
            "lines": [{"line_id": row.text("id"), "quantity": row.count("quantity", default=1)} for row in cancelled]
            or _pieces(back),
            "refunded": amount,
        }
    )


def refunds(payload: Mapping[str, Any], *, currency: str = "", **told: Any) -> list[Json]:
    """What went back, as the push tells it. The amount stands also where its lines come to another; `refunded_payment`
    only says through whom."""
    whole = unwrapped(payload, "refund")
    known = currency or whole.text("currency")
    amount = whole.paid_in(known).money("amount")
    at = told.get("at") or _gmt(whole, "date_created_gmt")
    by = "gateway" if whole.flag("refunded_payment") else "shop"
    name = told.get("refund_id") or whole.text("id")
    return [refund(name, amount, at, by=by, lines=_pieces(whole))] if amount else []


def _paid_by(whole: Told) -> Json:
    """By the id of the method, which plug-ins make of their own name and the brand's; where it says nothing, by the
    title that the buyer read. What took the money knows it by the transaction's id."""
    method = whole.text("payment_method")
    words = (method, whole.text("payment_method_title"))
    found = next(filter(None, (way(word, METHODS) for word in words)), {})
    provider = provider_of(method)
    return {**found, **known(provider=provider, reference=whole.text("transaction_id") if provider else None)}


def _refunds_inside(whole: Told) -> list[Json]:
    """The refunds that an order lists: without lines, and with a moment of their own seldom."""
    made = []
    for row in whole.rows("refunds"):
        amount = abs(row.money("total", "amount", signed=True))
        at = _gmt(row, "date_created_gmt") or _gmt(whole, "date_modified_gmt", "date_paid_gmt", "date_created_gmt")
        made += [refund(row.text("id"), amount, at, by="shop")] if amount else []
    return made


def _lines(whole: Told) -> list[Json]:
    """Before coupons, with what coupons took off each; the tax is that of what was paid."""
    coupons = [code for row in whole.rows("coupon_lines") if (code := row.text("code"))]
    code = coupons[0] if len(coupons) == 1 else "coupons"
    lines = []
    for row in whole.rows("line_items"):
        quantity = row.count("quantity", default=1)
        if not quantity:
            continue
        paid, before = row.money_if_told("total"), row.money_if_told("subtotal")
        if before is None:
            before = paid if paid is not None else row.money("price") * quantity
        price = priced(before, quantity)
        paid = before if paid is None else paid
        if paid > before:
            # A price that was raised by hand: what was paid is the price.
            price, before = priced(paid, quantity), paid
        lines.append(
            {
                "line_id": row.text("id"),
                "name": row.text("name", "sku") or row.text("id"),
                "quantity": quantity,
                "sku": row.text("sku"),
                "image_url": row.text("image.src"),
                "tax": row.money_if_told("total_tax"),
                **price,
                "discounts": [*price["discounts"], *discount(code, before - paid, "seller")],
            }
        )
    return lines


def _fees(whole: Told) -> list[Json]:
    made: dict[str, int] = {}
    for row in whole.rows("fee_lines"):
        amount = row.money("total", signed=True) + row.money("total_tax", signed=True)
        name = (row.text("name") or "").lower()
        known = [kind for word, kind in FEES.items() if word in name]
        kind = known[0] if known else re.sub(r"[^a-z0-9]+", "_", name).strip("_0123456789")[:32] or "fee"
        if amount > 0:
            made[kind] = made.get(kind, 0) + amount
    return [each for kind, amount in made.items() for each in charge(kind, amount)]


def _negative_fees(whole: Told) -> list[Json]:
    lowered = 0
    for row in whole.rows("fee_lines"):
        lowered += min(0, row.money("total", signed=True) + row.money("total_tax", signed=True))
    return discount("fees", -lowered, "seller")


def _pieces(back: Told) -> list[Json]:
    """The pieces that a refund names: its rows are copies with quantities below nothing, which say whose they are."""
    counted: dict[str, int] = {}
    for row in back.rows("line_items"):
        of = [meta.text("value") for meta in row.rows("meta_data") if meta.text("key") == "_refunded_item_id"]
        quantity = abs(row.number("quantity"))
        if of and of[0] and quantity:
            counted[of[0]] = counted.get(of[0], 0) + quantity
    return [{"line_id": line_id, "quantity": count} for line_id, count in counted.items()]


def _gmt(whole: Told, *names: str) -> str | None:
    return whole.moment(*names, zone=UTC)
