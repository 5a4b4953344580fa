"""Shopee: `get_order_detail` with, where there is one, the `order_income` of `get_escrow_detail`; returns; pushes.

Only the income says who paid for which discount, and what coins and vouchers took off; without it the prices are those
after the item's own promotion, and what is missing is a gap.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .paying import chosen, way
from .pushing import charge, discount, paid_at, person, priced, push, refund, settled, status_post
from .reading import Json, MappingError, Told, currency_of, major, ours, unwrapped, version_of, without_nothing

STATUSES: Mapping[str, str] = {
    "UNPAID": "unpaid",
    "PENDING": "payment_review",
    "INVOICE_PENDING": "placed",
    "READY_TO_SHIP": "processing",
    "PROCESSED": "ready_to_ship",
    "RETRY_SHIP": "ready_to_ship",
    "SHIPPED": "shipped",
    "TO_CONFIRM_RECEIVE": "delivered",
    "TO_RETURN": "delivered",
    "IN_CANCEL": "processing",
    "CANCELLED": "cancelled",
    "COMPLETED": "completed",
}

PACKAGES: Mapping[str, str] = {
    "LOGISTICS_NOT_START": "processing",
    "LOGISTICS_PENDING_ARRANGE": "processing",
    "LOGISTICS_READY": "processing",
    "LOGISTICS_REQUEST_CREATED": "ready_to_ship",
    "LOGISTICS_PICKUP_RETRY": "ready_to_ship",
    "LOGISTICS_PICKUP_FAILED": "cancelled",
    "LOGISTICS_REQUEST_CANCELED": "cancelled",
    "LOGISTICS_INVALID": "cancelled",
    "LOGISTICS_PICKUP_DONE": "shipped",
    "LOGISTICS_DELIVERY_FAILED": "failed_delivery",
    "LOGISTICS_COD_REJECTED": "failed_delivery",
    "LOGISTICS_LOST": "lost",
    "LOGISTICS_DELIVERY_DONE": "delivered",
}

# How far a return or a refund without one is.
RETURNS: Mapping[str, str] = {
    "REQUESTED": "requested",
    "PROCESSING": "requested",
    "JUDGING": "requested",
    "SELLER_DISPUTE": "requested",
    "ACCEPTED": "refunded",
    "COMPLETED": "refunded",
    "REFUND_PAID": "refunded",
    "CANCELLED": "withdrawn",
    "CLOSED": "refused",
}

REASONS: Mapping[str, str] = {
    "out_of_stock": "out_of_stock",
    "undeliverable_area": "cannot_ship_there",
    "customer_request": "changed_mind",
    "need to change delivery address": "wrong_address",
    "need to modify order": "wrong_item",
    "found cheaper elsewhere": "found_cheaper",
    "payment procedure too troublesome": "change_payment",
    "don't want to buy anymore": "changed_mind",
    "seller is not responsive to my inquiries": "seller_slow",
}

# Words in the names of carriers, and the service that they mean: the instant window of Shopee's profile knows these.
SERVICES: Mapping[str, str] = {
    "same day": "same_day",
    "sameday": "same_day",
    "instant": "instant",
    "next day": "next_day",
    "regular": "regular",
    "reguler": "regular",
    "hemat": "economy",
    "economy": "economy",
    "kargo": "cargo",
    "cargo": "cargo",
}

# What a discount of the whole order is called, who pays for it, and what Shopee calls it.
_DISCOUNTS = (
    ("seller_discount", "seller", ("seller_discount",)),
    ("shopee_discount", "platform", ("shopee_discount",)),
    ("voucher_from_seller", "seller", ("voucher_from_seller",)),
    ("voucher_from_shopee", "platform", ("voucher_from_shopee",)),
    ("credit_card_promotion", "bank", ("credit_card_promotion",)),
    ("payment_promotion", "bank", ("payment_promotion", "buyer_payment_promotion")),
)
_SHIPPING = (
    ("shipping_seller", "seller", ("seller_shipping_discount",)),
    ("shipping_shopee", "platform", ("shopee_shipping_rebate",)),
)


def order(
    payload: Mapping[str, Any],
    *,
    escrow: Mapping[str, Any] | None = None,
    method: str | None = None,
    gap: str | None = None,
    buyer: Mapping[str, Any] | None = None,
    seller: Mapping[str, Any] | None = None,
    **told: Any,
) -> Json:
    """The push of an order; `escrow` is what Shopee says of its money in another answer."""
    whole = unwrapped(payload, "response", "order_list")
    income = unwrapped(escrow, "response", "order_income") if escrow else whole.part("order_income")
    income = income if income.values else whole if whole.get("order_original_price") is not None else income
    currency = currency_of(told.get("currency") or whole.text("currency") or income.text("currency"))
    whole, income = whole.paid_in(currency), income.paid_in(currency)
    cod = whole.flag("cod")
    paid_by = {"method": "cod"} if cod else way(whole.text("payment_method"))
    method, more = chosen(method, paid_by, "card")
    lines = _lines(whole, income)
    ids = [line["line_id"] for line in lines]
    word, place = whole.find("order_status", "status")
    standing = ours(STATUSES, word, place) if word else None
    coins, placed_at = income.money("coins"), whole.moment("create_time")
    paid = paid_at(told.get("status") or standing, method, whole.moment("pay_time"), placed_at)
    body = {
        "order_id": whole.text("order_sn", "ordersn") or income.text("order_sn"),
        "platform": "shopee",
        "version": version_of(*(whole.moment(name) for name in ("update_time", "create_time", "pay_time"))),
        "status": standing,
        "buyer": person(
            buyer,
            contact="proxy",
            id=whole.text("buyer_user_id"),
            name=whole.text("buyer_username", "recipient_address.name"),
        ),
        "seller": person(seller, id=whole.text("shop_id")),
        "placed_at": placed_at,
        # Coins are paid when the order is placed, whatever is paid at the door.
        "paid_at": placed_at if coins and method == "cod" else paid,
        "currency": currency,
        "lines": lines,
        **(_money_of(income) if income.values else {"shipping_fee": _shipping_of(whole, lines)}),
        "fulfilment": "platform" if whole.text("fulfillment_flag") == "fulfilled_by_shopee" else "seller",
        "cancel_reason": whole.text("buyer_cancel_reason", "cancel_reason"),
        "shipping_service": _service(whole.text("checkout_shipping_carrier", "shipping_carrier")),
        "packages": _packages(whole, ids),
        **told,
    }
    total = whole.money_if_told("total_amount", "buyer_total_amount")
    if total is None:
        total = income.money_if_told("buyer_total_amount")
    total = None if total is None else total + coins
    place = whole.place("total_amount") if whole.get("total_amount") is not None else income.place("buyer_total_amount")
    return push(settled(body, total=total, path=place, method=method, known=more, parts={"coins": coins}, gap=gap))


def status(payload: Mapping[str, Any], **told: Any) -> Json:
    """A push of an order's status or its parcel's, or an order itself."""
    whole = unwrapped(payload, "data")
    at = told.pop("at", None) or whole.moment("update_time") or Told(payload).moment("timestamp")
    word, place = whole.find("order_status", "status")
    more = {"version": version_of(at), "tracking_number": whole.text("tracking_no", "tracking_number")}
    return status_post(ours(STATUSES, word, place), at, **{**more, **told})


def cancellation(payload: Mapping[str, Any]) -> Json:
    """Why an order was cancelled and by whom; Shopee cancels whole orders, and does not say here what went back."""
    whole = unwrapped(payload, "response", "order_list")
    reason = whole.text("buyer_cancel_reason", "cancel_reason")
    by = (whole.text("cancel_by") or "buyer").lower()
    word, place = whole.find("order_status", "status")
    standing = ours(STATUSES, word, place) if word else None
    return without_nothing(
        {
            "order_id": whole.text("order_sn", "ordersn"),
            "state": "granted" if standing == "cancelled" else "requested",
            "by": by if by in ("buyer", "seller") else "platform",
            "reason_code": REASONS.get((reason or "").strip().lower(), "other"),
            "comment": reason,
            "lines": [
                {"line_id": line_id, "quantity": _quantity(row)}
                for line_id, row in _named(whole.rows("item_list", "items"))
            ],
        }
    )


def refunds(payload: Mapping[str, Any], *, currency: str = "", **told: Any) -> list[Json]:
    """What went back for a return, as the push tells it; nothing before Shopee or the seller has accepted it."""
    whole = unwrapped(payload, "response", "return_list", "return")
    word, place = whole.find("status", "return_status")
    if ours(RETURNS, word, place) != "refunded":
        return []
    amount = whole.paid_in(whole.text("currency") or currency or None).money("refund_amount")
    bundled = [row for bundle in whole.rows("activity") for row in bundle.rows("items")]
    rows = [*whole.rows("item", "items"), *bundled]
    counted: dict[str, int] = {}
    for row in rows:
        if row.get("item_id") is not None:
            counted[_line_id(row)] = counted.get(_line_id(row), 0) + _quantity(row)
    at = told.get("at") or whole.moment("refund_time", "update_time")
    lines = [{"line_id": line_id, "quantity": count} for line_id, count in counted.items()]
    return [refund(told.get("refund_id") or whole.text("return_sn"), amount, at, by="shopee", lines=lines)]


def _lines(whole: Told, income: Told) -> list[Json]:
    rows = whole.rows("item_list")
    if not income.values:
        if not rows:
            raise MappingError(whole.place("item_list"), "an order without items")
        return [_related(_line(row, line_id, row.money(*_PRICES)), row, rows) for line_id, row in _named(rows)]
    priced_rows = income.rows("items") or rows
    named = dict(_named(rows))
    made = []
    for line_id, row in _named(priced_rows):
        whole_price = row.money(*_LIST_PRICES) * (1 if _told_by_line(priced_rows, income) else _quantity(row))
        detail = named.get(line_id, row)
        line = {**_line(detail, line_id, 0, _quantity(row)), **priced(whole_price, _quantity(row))}
        made.append(_related(line, detail, rows))
    return made


def _related(line: Json, row: Told, rows: Sequence[Told]) -> Json:
    """What was added to another article for nothing goes with it."""
    deal = row.text("add_on_deal_id")
    if line["unit_price"] or deal in (None, "0") or row.flag("main_item"):
        return line
    main = [line_id for line_id, each in _named(rows) if each.text("add_on_deal_id") == deal and each.flag("main_item")]
    return {**line, "parent_line_id": main[0], "relation": "gift"} if main else line


_PRICES = ("model_discounted_price", "discounted_price", "model_original_price", "original_price")
_LIST_PRICES = ("original_price", "model_original_price")


def _told_by_line(rows: Sequence[Told], income: Told) -> bool:
    """Whether the income's prices are those of all pieces of a line: it says what all of them come to."""
    whole = income.money_if_told("order_original_price", "original_price")
    by_line = sum(row.money(*_LIST_PRICES) for row in rows)
    by_piece = sum(row.money(*_LIST_PRICES) * _quantity(row) for row in rows)
    if whole is not None and whole not in (by_line, by_piece):
        currency = income.currency or "XXX"
        told = f"the items come to {major(by_piece, currency)}, told is {major(whole, currency)}"
        raise MappingError(income.place("order_original_price"), told)
    return whole is None or whole == by_line


def _line(row: Told, line_id: str, price: int, quantity: int | None = None) -> Json:
    return without_nothing(
        {
            "line_id": line_id,
            "name": row.text("item_name", "model_name", "model_sku", "item_sku") or line_id,
            "quantity": quantity or _quantity(row),
            "unit_price": price,
            "sku": row.text("model_sku", "item_sku"),
            "variant": row.text("model_name"),
            "image_url": row.text("image_info.image_url"),
        }
    )


def _service(carrier: str | None) -> str | None:
    """The service that a carrier's name means; the name itself where it says none."""
    words = (carrier or "").lower().replace("-", " ")
    return next((service for word, service in SERVICES.items() if word in words), carrier)


def _shipping_of(whole: Told, lines: Sequence[Json]) -> int:
    """Without an income: the fee that makes the whole add up, or else what the buyer was told."""
    goods = sum(line["quantity"] * line["unit_price"] for line in lines)
    fees = [whole.money_if_told(name) for name in ("estimated_shipping_fee", "actual_shipping_fee")]
    rest = (whole.money_if_told("total_amount") or 0) - goods
    return rest if rest in (*fees, 0) else fees[0] or fees[1] or 0


def _money_of(income: Told) -> Json:
    """Discounts by who pays; of shipping what the buyer paid and, on top, what others paid for it."""
    shipping = [each for code, by, names in _SHIPPING for each in discount(code, income.money(*names), by)]
    buyer_paid, told = income.money_if_told("buyer_paid_shipping_fee"), income.money("actual_shipping_fee")
    before = told if buyer_paid is None else buyer_paid + sum(each["amount"] for each in shipping)
    goods = [each for code, by, names in _DISCOUNTS for each in discount(code, income.money(*names), by)]
    return {
        "shipping_fee": before,
        "discounts": goods + [{**each, "scope": "shipping"} for each in shipping],
        "service_fee": income.money("buyer_transaction_fee"),
        "charges": charge("insurance", income.money("final_product_protection", "insurance_premium")),
    }


def _packages(whole: Told, line_ids: Sequence[str]) -> list[Json]:
    made = []
    for package in whole.rows("package_list"):
        word, place = package.find("logistics_status")
        inside = [
            {"line_id": _line_id(row), "quantity": _quantity(row)}
            for row in package.rows("item_list")
            if _line_id(row) in line_ids
        ]
        if not word or not inside or package.text("package_number") is None:
            continue
        if ours(PACKAGES, word, place) == "cancelled":
            # It was called off and is packed anew: its pieces are still to be sent.
            continue
        made.append(
            without_nothing(
                {
                    "package_id": package.text("package_number"),
                    "status": ours(PACKAGES, word, place),
                    "lines": inside,
                    "tracking_number": package.text("tracking_number"),
                    "carrier": package.text("shipping_carrier"),
                }
            )
        )
    return made


def _named(rows: Sequence[Told]) -> list[tuple[str, Told]]:
    """Each row with the id of its line; of an article that stands twice the second is known by its place."""
    seen: dict[str, int] = {}
    made = []
    for row in rows:
        line_id = _line_id(row)
        seen[line_id] = seen.get(line_id, 0) + 1
        made.append((line_id if seen[line_id] == 1 else f"{line_id}.{seen[line_id]}", row))
    return made


def _line_id(row: Told) -> str:
    item, model = row.text("item_id"), row.text("model_id")
    if item is None:
        return model or row.text("model_sku", "item_sku") or "1"
    return item if model in (None, "0") else f"{item}.{model}"


def _quantity(row: Told) -> int:
    return row.count("model_quantity_purchased", "quantity_purchased", "model_quantity", "amount", default=1)
