"""Tokopedia: a single order, order notifications, status notifications and requests of buyers to cancel.

Year 1 stands for "no date". A bundle has one price, which none of its parts has.
"""

from collections.abc import Mapping
from typing import Any

from .checking import due
from .paying import chosen, known, way
from .pushing import charge, discount, paid_at, person, push, refund, settled, status_post
from .reading import Json, MappingError, Told, ours, unwrapped, version_of, without_nothing

STATUSES: Mapping[str, str] = {
    "0": "cancelled",
    "3": "cancelled",
    "5": "cancelled",
    "6": "cancelled",
    "10": "cancelled",
    "15": "cancelled",
    "100": "unpaid",
    "103": "unpaid",
    "200": "payment_review",
    "220": "placed",
    "221": "on_hold",
    "400": "processing",
    "450": "ready_to_ship",
    "500": "shipped",
    "501": "shipped",
    "520": "shipped",
    "530": "shipped",
    "540": "shipped",
    "550": "returning_to_seller",
    "600": "delivered",
    "601": "delivered",
    "690": "payment_review",
    "691": "payment_review",
    "695": "payment_review",
    "700": "completed",
    "701": "completed",
}

# What a code of a cancelled order says of why.
REASONS: Mapping[str, str] = {"3": "out_of_stock", "6": "out_of_stock"}
# Who did it, by the words of the order's history.
ACTORS: Mapping[str, str] = {"buyer": "buyer", "seller": "seller"}

# Words of its own; brands and plain words are known to paying.py.
METHODS: Mapping[str, str] = {"installment payment": "card"}

_ENVELOPES = ("order_notification", "data")


def order(
    payload: Mapping[str, Any],
    *,
    method: str | None = None,
    gap: str | None = None,
    buyer: Mapping[str, Any] | None = None,
    seller: Mapping[str, Any] | None = None,
    **told: Any,
) -> Json:
    """The push of an order, from the answer of a single order or a notification. Money is rupiah unless told."""
    currency = told.get("currency") or "IDR"
    whole = unwrapped(payload, *_ENVELOPES).paid_in(currency)
    word, place = whole.text("order_status", "status"), whole.find("order_status", "status")[1]
    paid = whole.moment("payment_date", "payment_info.payment_date", "payment_info.verify_date")
    placed_at = whole.moment("create_time", "order_info.create_time", "payment_info.create_time") or paid
    ships_by = whole.moment("preorder.preorder_deadline")
    method, more = chosen(method, _paid_by(whole), "bank")
    standing = told.get("status") or (ours(STATUSES, word, place) if word is not None else None)
    order_id = told.get("order_id") or whole.text("order_id")
    body = {
        "order_id": order_id,
        "platform": "tokopedia",
        "version": version_of(whole.moment("update_time"), placed_at, paid),
        "status": standing,
        "buyer": person(
            buyer,
            id=whole.text("buyer_info.buyer_id", "customer.id", "buyer.id"),
            name=whole.text("buyer_info.buyer_fullname", "buyer_info.buyer_name", "customer.name", "buyer.name"),
            email=whole.text("buyer_info.buyer_email", "customer.email", "buyer.email"),
            phone=whole.text("buyer_info.buyer_phone", "customer.phone", "buyer.phone"),
        ),
        "seller": person(
            seller,
            id=whole.text("shop_info.shop_id", "shop_id"),
            name=whole.text("shop_info.shop_name", "shop_name"),
            shop_name=whole.text("shop_info.shop_name", "shop_name"),
            email=whole.text("shop_info.shop_owner_email"),
        ),
        "placed_at": placed_at,
        "paid_at": paid_at(standing, method, paid, placed_at),
        "currency": currency,
        "lines": _lines(whole),
        "shipping_fee": whole.money("shipping_info.shipping_price", "amt.shipping_cost"),
        "service_fee": whole.money("shipping_info.fee"),
        "discounts": discount("voucher", whole.money("amt.voucher_amount", "voucher_info.voucher_amount"), "platform"),
        "charges": charge("insurance", whole.money("shipping_info.insurance_price", "amt.insurance_cost")),
        "display_id": whole.text("invoice_number", "invoice_ref_num", "invoice_num"),
        "payment_id": whole.text("payment_id", "payment_info.payment_id"),
        "cancel_reason": _why(whole) if STATUSES.get(word or "") == "cancelled" else None,
        "shipping_service": whole.text("shipping_info.logistic_service", "logistics.service_type"),
        "preorder": {"ships_by": ships_by} if ships_by else None,
        **told,
    }
    total, coins = whole.money_if_told("open_amt", "amt.ttl_amount"), whole.money("amt.toppoints_amount")
    if total is not None and coins and due(body) - coins == total:
        # The total is what was left after the points.
        total += coins
    place = whole.place("open_amt") if whole.get("open_amt") is not None else whole.place("amt.ttl_amount")
    return push(settled(body, total=total, path=place, method=method, known=more, parts={"coins": coins}, gap=gap))


def status(payload: Mapping[str, Any], **told: Any) -> Json:
    """A notification of an order's status, or an order itself. Where it says no moment, hand it in as `at`."""
    whole = unwrapped(payload, *_ENVELOPES)
    word, place = whole.text("order_status", "status"), whole.find("order_status", "status")[1]
    at = told.pop("at", None) or whole.moment("update_time", "create_time")
    name = "/".join(filter(None, (whole.text("order_id"), word, at)))
    why = _why(whole) if STATUSES.get(word or "") == "cancelled" else None
    return status_post(ours(STATUSES, word, place), at, **{"event_id": name, "cancel_reason": why, **told})


def cancellation(payload: Mapping[str, Any]) -> Json:
    """A buyer's request, which names the order alone and so is about all of it; or an order that was cancelled."""
    request = Told(payload).part("order_request_cancellation")
    whole = request if request.values else unwrapped(payload, *_ENVELOPES)
    word = whole.text("order_status", "status")
    reason = whole.text("reason", "cancel_reason", "comment")
    actors = [step.text("action_by") or "" for step in whole.rows("order_history")]
    by = ACTORS.get(actors[0].split("-")[0], "platform") if actors else "buyer"
    out_of_time = "time limit" in (reason or "").lower() or "batas waktu" in (reason or "").lower()
    return without_nothing(
        {
            "order_id": whole.text("order_id"),
            "state": "granted" if word is not None and STATUSES.get(word) == "cancelled" else "requested",
            "by": by,
            "reason_code": REASONS.get(word or "", "seller_slow" if out_of_time else "other"),
            "comment": reason,
            "lines": [
                {"line_id": line["line_id"], "quantity": line["quantity"]}
                for line in (_lines(whole.paid_in("IDR")) if _rows(whole) else [])
                if line.get("relation") != "bundle"
            ],
        }
    )


def refunds(payload: Mapping[str, Any], *, amount: int | None = None, **told: Any) -> list[Json]:
    """What went back by itself: Tokopedia tells of none. Where you know how much went back for the pieces that the
    seller rejected (`amount`, in minor units), this names them; hand in `at` and `refund_id`, too."""
    whole = unwrapped(payload, *_ENVELOPES)
    if amount is None:
        return []
    rejected = [(line_id, row.count("quantity_reject")) for line_id, row in _rows(whole)]
    lines = [{"line_id": line_id, "quantity": count} for line_id, count in rejected if count]
    at = told.get("at") or whole.moment("update_time")
    return [refund(told.get("refund_id"), amount, at, by="tokopedia", lines=lines)]


def _rows(whole: Told) -> list[tuple[str, Told]]:
    """Every article with its line's id, those of bundles aside."""
    rows = [*whole.rows("order_detail", "products"), *whole.rows("bundle_detail.non_bundle")]
    inside = {_row_id(row) for bundle in _bundles(whole) for row in bundle.rows("order_detail")}
    named: dict[str, Told] = {}
    for number, row in enumerate(rows, start=1):
        # An article that stands in both lists is one.
        named.setdefault(_row_id(row) or str(number), row)
    return [(row_id, row) for row_id, row in named.items() if row_id not in inside]


def _bundles(whole: Told) -> list[Told]:
    return whole.rows("bundle_detail.bundle")


def _row_id(row: Told) -> str | None:
    return row.text("order_detail_id", "id", "order_dtl_id")


def _lines(whole: Told) -> list[Json]:
    lines = [_line(row, line_id) for line_id, row in _rows(whole)]
    for number, bundle in enumerate(_bundles(whole), start=1):
        lines += _of_bundle(bundle, number)
    if not lines:
        raise MappingError(whole.place("order_detail"), "an order without articles")
    return lines


def _line(row: Told, line_id: str) -> Json:
    quantity = row.count("quantity", "product_quantity", default=1)
    price = row.money_if_told("product_price", "price")
    if price is None:
        raise MappingError(row.place("product_price"), "an article without a price")
    rejected = row.count("quantity_reject")
    return without_nothing(
        {
            "line_id": line_id,
            "name": row.text("product_name", "name") or line_id,
            "quantity": quantity,
            "unit_price": price,
            "sku": row.text("sku", "product_sku"),
            "image_url": row.text("product_picture"),
            "quantities": {"rejected": min(rejected, quantity)} if rejected else None,
        }
    )


def _of_bundle(bundle: Told, number: int) -> list[Json]:
    """One line with the price, and the parts at nothing beside it: they go together."""
    parent = f"bundle-{bundle.text('bundle_id') or number}"
    quantity = bundle.count("bundle_quantity", default=1)
    whole, price = bundle.money_if_told("bundle_subtotal_price"), bundle.money_if_told("bundle_price")
    if whole is None and price is None:
        raise MappingError(bundle.place("bundle_price"), "a bundle without a price")
    each = price if price is not None and whole in (None, price * quantity) else (whole or 0) // quantity
    if whole is not None and each * quantity != whole:
        raise MappingError(bundle.place("bundle_subtotal_price"), f"{whole} is not {quantity} times a price")
    name = bundle.text("bundle_name") or parent
    parts = bundle.rows("order_detail")
    return [
        {"line_id": parent, "name": name, "quantity": quantity, "unit_price": each},
        *(
            {
                "line_id": _row_id(row) or f"{parent}.{part}",
                "name": row.text("product_name", "name") or _row_id(row) or name,
                "quantity": row.count("quantity", "product_quantity", default=quantity),
                "unit_price": 0,
                "parent_line_id": parent,
                "relation": "bundle",
            }
            for part, row in enumerate(parts, start=1)
        ),
    ]


def _paid_by(whole: Told) -> Json:
    """By the gateway's name, or the method's where that is no number; with Tokopedia's own number of the payment."""
    words = [whole.text(name) for name in ("payment_info.payment_method", "payment_info.gateway_name")]
    found = next(filter(None, (way(word, METHODS) for word in words)), {})
    return {**found, **known(reference=whole.text("payment_info.payment_ref_num"))}


def _why(whole: Told) -> str | None:
    return whole.text("reason", "cancel_reason", "comment")
