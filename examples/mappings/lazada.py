"""Lazada: an order of `/orders/get`, its rows of `/order/items/get` (one a piece), trade pushes, reverse orders.

Money and flags come as texts, tax is inside the prices, and there is no version: a push's is its update time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .paying import chosen, way
from .pushing import (
    came_so_far,
    discount,
    folded,
    is_sent,
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
    "unpaid": "unpaid",
    "pending": "placed",
    "topack": "processing",
    "packed": "processing",
    "repacked": "processing",
    "toship": "ready_to_ship",
    "ready_to_ship": "ready_to_ship",
    "ready_to_ship_pending": "ready_to_ship",
    "shipped": "shipped",
    "shipping": "shipped",
    "delivered": "delivered",
    "confirmed": "completed",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "failed": "failed_delivery",
    "failed_delivery": "failed_delivery",
    "shipped_back": "returning_to_seller",
    "shipped_back_failed": "returning_to_seller",
    "shipped_back_success": "returned_to_seller",
    "returned": "returned_to_seller",
    "lost": "lost",
    "lost_by_3pl": "lost",
    "damaged_by_3pl": "lost",
    "package_scrapped": "lost",
}

# How far a reverse order is: of a cancellation, of goods on their way back (to the seller or a warehouse), of a refund.
REVERSALS: Mapping[str, str] = {
    "REQUEST_INITIATE": "requested",
    "CANCEL_INIT": "requested",
    "CANCEL_SUCCESS": "granted",
    "CANCEL_REFUND_ISSUED": "refunded",
    "RTM_INIT": "requested",
    "RTM_CANCELED": "withdrawn",
    "RTM_SHIPPING_BACK": "coming_back",
    "RTM_RECEIVE_ITEM": "back",
    "RTW_INIT": "requested",
    "RTW_CANCELED": "withdrawn",
    "RTW_SHIPPING_BACK": "coming_back",
    "RTW_REJECT": "refused",
    "RTW_REFUND_PENDING": "granted",
    "REFUND_INIT": "requested",
    "REFUND_PENDING": "granted",
    "REFUND_SUCCESS": "refunded",
    "REFUND_REJECTED": "refused",
}

# Words of the payment methods of its own, in small letters and without blanks, and ours.
METHODS: Mapping[str, str] = {
    "cod": "cod",
    "cashondelivery": "cod",
    "mixedcard": "card",
    "creditcard": "card",
    "debitcard": "card",
    "banktransfer": "bank",
    "virtualaccount": "virtual_account",
    "lazpaylater": "paylater",
    "lazadawallet": "wallet",
    "wallet": "wallet",
}

REASONS: Mapping[str, str] = {
    "out of stock": "out_of_stock",
    "incorrect pricing": "price_mistake",
    "pricing error": "price_mistake",
    "change of mind": "changed_mind",
    "found cheaper elsewhere": "found_cheaper",
    "duplicate order": "ordered_twice",
    "change of delivery address": "wrong_address",
    "change payment method": "change_payment",
    "delivery time is too long": "seller_slow",
}

_VOUCHERS = (
    ("voucher_seller", "seller", ("voucher_seller", "seller_voucher_amount")),
    ("voucher_platform", "platform", ("voucher_platform", "platform_voucher_amount")),
    ("seller_discount", "seller", ("seller_discount",)),
    ("platform_discount", "platform", ("platform_discount",)),
)
_INSTALMENTS = (
    ("voucher_seller_lpi", "seller", ("voucher_seller_lpi",)),
    ("voucher_platform_lpi", "platform", ("voucher_platform_lpi",)),
)
_SHIPPING = (
    ("shipping_seller", "seller", ("shipping_fee_discount_seller", "shipping_fee_seller_discount")),
    ("shipping_platform", "platform", ("shipping_fee_discount_platform", "shipping_fee_platform_discount")),
)


def order(
    payload: Mapping[str, Any] | Sequence[Any],
    *,
    items: Mapping[str, Any] | Sequence[Any] | None = None,
    method: str | None = None,
    gap: str | None = None,
    buyer: Mapping[str, Any] | None = None,
    seller: Mapping[str, Any] | None = None,
    **told: Any,
) -> Json:
    """The push of an order, with its rows as `items`; rows alone do, where everything else is told by name."""
    head = _head(payload)
    rows = [row.paid_in(told.get("currency") or head.text("currency")) for row in _rows(payload, items)]
    rows = [row.paid_in(row.currency or row.text("currency")) for row in rows]
    if not rows:
        raise MappingError("items", "Lazada tells an order's rows apart from it: hand in those of /order/items/get")
    first, currency = rows[0], currency_of(rows[0].currency)
    head = head.paid_in(currency)
    _check_rows(head, rows)
    lines, line_of = folded([_line(row, number, gap) for number, row in enumerate(rows, start=1)])
    placed = head.moment("created_at") or first.moment("created_at", "payment_time")
    updated = [x.moment("updated_at", "cancel_trigger_time") for x in (head, *rows)]
    paid = next(filter(None, (row.moment("payment_time") for row in rows)), None)
    words = [word for row in rows if (word := row.text("status"))] or head.texts("statuses")
    standing = status_of_all([ours(STATUSES, word, "items.status") for word in words]) if words else None
    word = told.pop("payment_method", None) or head.text("payment_method") or ""
    own = "".join(filter(str.isalnum, word.lower()))
    paid_by = way(own if own in METHODS else word, METHODS)
    method, more = chosen(method, paid_by, "card")
    body = {
        "order_id": first.text("order_id") or head.text("order_id"),
        "platform": "lazada",
        "version": version_of(*updated, placed, paid),
        "status": standing,
        "buyer": person(buyer, id=first.text("buyer_id") or head.text("buyer_id"), name=_name(head)),
        "seller": person(seller, id=first.text("shop_id", "seller_id"), shop_name=first.text("shop_id")),
        "placed_at": placed,
        "paid_at": paid_at(told.get("status") or standing, method, paid, placed),
        "currency": currency,
        "lines": lines,
        "shipping_fee": 0 if any(line.get("shipping") for line in lines) else head.money("shipping_fee"),
        "discounts": _shipping_discounts(rows) + _vouchers_of_the_order(head, lines),
        "tax_included": True,
        "display_id": _other_than(head.text("order_number"), first.text("order_id") or head.text("order_id")),
        "cancel_reason": next(filter(None, (row.text("reason", "reason_detail") for row in rows)), None),
        "fulfilment": "platform" if all(row.flag("is_fbl") for row in rows) else "seller",
        "shipping_service": first.text("shipping_provider_type", "shipment_provider"),
        "packages": _packages(rows, line_of),
        **told,
    }
    credits = sum(row.money("wallet_credits") for row in rows)
    return push(
        settled(
            body, total=None, path="items.paid_price", method=method, known=more, parts={"wallet": credits}, gap=gap
        )
    )


def status(payload: Mapping[str, Any], *, items: Sequence[Any] | None = None, **told: Any) -> Json:
    """A trade push: a word about one row. Before its parcel leaves it is one about the order; after, about the row's
    parcel, which `items` name; a row that is cancelled while others are not is a parcel by itself."""
    whole = unwrapped(payload, "data")
    row_id, word = whole.text("trade_order_line_id"), whole.text("order_status", "status")
    standing = ours(STATUSES, word, whole.place("order_status"))
    at = told.pop("at", None) or whole.moment("status_update_time", "update_time")
    event = [whole.text("trade_order_id", "order_id"), row_id, word, at]
    about = _parcel_of(row_id, items, cancelled=standing == "cancelled") if row_id and _apart(standing) else {}
    return status_post(standing, at, **{"event_id": "/".join(filter(None, event)), **about, **told})


def _apart(standing: str) -> bool:
    return standing == "cancelled" or is_sent(standing)


def _parcel_of(row_id: str, items: Sequence[Any] | None, *, cancelled: bool) -> Json:
    """The parcel that a row is in, with all its pieces; one of its own where nobody says which."""
    rows = {_row_id(row, number): row for number, row in enumerate(_rows({}, items) if items else [], start=1)}
    name = rows[row_id].text("package_id") if row_id in rows and not cancelled else None
    inside = [each for each, row in rows.items() if name and row.text("package_id") == name] or [row_id]
    return {"package_id": name or row_id, "lines": pieces(inside, line_ids(items))}


def cancellation(payload: Mapping[str, Any], *, items: Sequence[Any] | None = None, currency: str = "") -> Json:
    """What a reverse order says, or a row that was cancelled: which pieces, why, and what goes back for them."""
    whole = unwrapped(payload, "data", "result").paid_in(currency or None)
    rows = whole.rows("lines", "reverseOrderLineDTOList") or [whole]
    rows = [row.paid_in(row.currency or row.text("currency")) for row in rows]
    row_ids = [row.text("trade_order_line_id", "order_item_id") for row in rows]
    reason = rows[0].text("reason_text", "reason")
    states = {_state(row) for row in rows}
    asked = rows[0].text("cancel_return_initiator") or ""
    refunded = [row.money_if_told("refund_amount") for row in rows]
    return without_nothing(
        {
            "order_id": whole.text("trade_order_id", "order_id"),
            "cancel_id": whole.text("reverse_order_id"),
            "state": states.pop() if len(states) == 1 else "in_parts",
            "by": "seller" if "seller" in asked else "platform" if "system" in asked else "buyer",
            "reason_code": REASONS.get((reason or "").strip().lower(), "other"),
            "comment": reason,
            "lines": pieces([row_id for row_id in row_ids if row_id], line_ids(items)),
            "refunded": None if None in refunded else sum(filter(None, refunded)),
        }
    )


def refunds(
    payload: Mapping[str, Any], *, items: Sequence[Any] | None = None, currency: str = "", at: str | None = None
) -> list[Json]:
    """What went back by itself, as the push tells it: one for each row of a reverse order whose refund was issued."""
    whole = unwrapped(payload, "data", "result")
    made = []
    for row in whole.rows("lines", "reverseOrderLineDTOList"):
        if _state(row) != "refunded" or (row.get("is_need_refund") is not None and not row.flag("is_need_refund")):
            continue
        row_id = row.text("trade_order_line_id", "order_item_id")
        name = [whole.text("reverse_order_id"), row.text("reverse_order_line_id") or row_id]
        amount = row.paid_in(currency or row.text("currency")).money("refund_amount")
        lines = pieces([row_id], line_ids(items)) if row_id else None
        when = row.moment("refund_time", "return_order_line_gmt_modified", "gmt_modified") or at
        made.append(refund("-".join(filter(None, name)) or None, amount, when, by="lazada", lines=lines))
    return made


def line_ids(items: Mapping[str, Any] | Sequence[Any] | None) -> dict[str, str]:
    """The line that each row of an order is in, by the row's id."""
    rows = _rows({}, items) if items else []
    known = [row.paid_in(row.text("currency") or "XXX") for row in rows]
    return folded([_line(row, number, "gap") for number, row in enumerate(known, start=1)])[1]


def _head(payload: Mapping[str, Any] | Sequence[Any]) -> Told:
    return unwrapped(payload, "data") if isinstance(payload, Mapping) else Told({})


def _rows(payload: Mapping[str, Any] | Sequence[Any], items: Mapping[str, Any] | Sequence[Any] | None) -> list[Told]:
    if items is not None:
        listed = items.get("data", items) if isinstance(items, Mapping) else items
        return Told({"items": list(listed) if isinstance(listed, (list, tuple)) else listed}).rows("items")
    if not isinstance(payload, Mapping):
        return Told({"items": list(payload)}).rows("items")
    head = _head(payload)
    return head.rows("order_items", "items") or ([head] if head.text("order_item_id", "item_price") else [])


def _check_rows(head: Told, rows: Sequence[Told]) -> None:
    """All rows of the order are there, as far as it says how many and what they cost: before vouchers or after them,
    with or without shipping."""
    if (count := head.count("items_count")) and count != len(rows):
        raise MappingError("items", f"{len(rows)} rows of {count}")
    price, listed = head.money_if_told("price"), sum(row.money("item_price") for row in rows)
    if price is None or head.values is rows[0].values:
        return
    vouchers = head.money("voucher") or head.money("voucher_seller") + head.money("voucher_platform")
    shipping = head.money("shipping_fee") or sum(row.money("shipping_amount") for row in rows)
    paid = sum(row.money("paid_price", "item_price") for row in rows)
    if price not in {sums + sent for sums in (listed, listed - vouchers, paid) for sent in (0, shipping)}:
        currency = head.currency or "XXX"
        raise MappingError(head.place("price"), f"rows of {major(listed, currency)}, told is {major(price, currency)}")


def _row_id(row: Told, number: int) -> str:
    return row.text("order_item_id", "line_item_id", "trade_order_line_id") or str(number)


def _line(row: Told, number: int, gap: str | None) -> Json:
    price, shipping = row.money_if_told("item_price"), row.money_if_told("shipping_fee_original", "shipping_amount")
    if price is None:
        raise MappingError(row.place("item_price"), "a row without a price")
    line_id = _row_id(row, number)
    return without_nothing(
        {
            "line_id": line_id,
            "name": row.text("name", "sku", "shop_sku") or line_id,
            "quantity": 1,
            "unit_price": price,
            "sku": row.text("sku", "shop_sku"),
            "variant": row.text("variation"),
            "image_url": row.text("product_main_image"),
            "discounts": _vouchers(row, price, gap),
            "tax": row.money_if_told("tax_amount"),
            "shipping": shipping,
            "package": row.text("package_id"),
            "quantities": came_so_far(_status(row)),
        }
    )


def _vouchers(row: Told, price: int, gap: str | None) -> list[Json]:
    """What lowered the price, by who pays. Subsidies of instalments are a part of the vouchers, or come on top of them:
    what was paid says which."""
    vouchers = [each for code, by, names in _VOUCHERS for each in discount(code, row.money(*names), by)]
    instalments = [each for code, by, names in _INSTALMENTS for each in discount(code, row.money(*names), by)]
    paid, lowered = row.money_if_told("paid_price"), sum(each["amount"] for each in vouchers)
    both = lowered + sum(each["amount"] for each in instalments)
    if paid is None or price - both == paid:
        return vouchers + instalments
    if price - lowered == paid:
        return vouchers
    if gap and price - lowered > paid:
        return [*vouchers, *discount(gap, price - lowered - paid, "platform")]
    currency = row.currency or "XXX"
    told = f"the price less its discounts is {major(price - lowered, currency)}, paid were {major(paid, currency)}"
    raise MappingError(row.place("paid_price"), told)


def _shipping_discounts(rows: Sequence[Told]) -> list[Json]:
    made = []
    for code, by, names in _SHIPPING:
        # Where only the shipping that was paid is told, what was taken off it is off already.
        amount = sum(row.money(*names) for row in rows if row.get("shipping_fee_original") is not None)
        made += discount(code, amount, by, scope="shipping")
    return made


def _vouchers_of_the_order(head: Told, lines: Sequence[Json]) -> list[Json]:
    """Vouchers that the order tells and no row does."""
    if any(line.get("discounts") for line in lines):
        return []
    by_funder = [
        *discount("voucher_seller", head.money("voucher_seller"), "seller"),
        *discount("voucher_platform", head.money("voucher_platform"), "platform"),
    ]
    return by_funder or discount("voucher", head.money("voucher"), "platform")


def _packages(rows: Sequence[Told], line_of: Mapping[str, str]) -> list[Json]:
    told = [
        {
            "package_id": row.text("package_id"),
            "tracking_number": row.text("tracking_code"),
            "carrier": row.text("shipment_provider"),
        }
        for row in rows
    ]
    ids = [_row_id(row, number) for number, row in enumerate(rows, start=1)]
    return packages(zip(ids, map(_status, rows), told, strict=True), line_of)


def _status(row: Told) -> str:
    word, place = row.find("status")
    return "placed" if word is None else ours(STATUSES, word, place)


def _state(row: Told) -> str:
    word, place = row.find("reverse_status", "status")
    return "granted" if word == "canceled" else ours(REVERSALS, word, place)


def _name(head: Told) -> str | None:
    first = head.text("customer_first_name", "address_shipping.first_name")
    last = head.text("customer_last_name", "address_shipping.last_name")
    return " ".join(filter(None, (first, last))) or None


def _other_than(number: str | None, order_id: str | None) -> str | None:
    return None if number == order_id else number
