"""Shopify: orders of the Admin REST API with their transactions, and refunds.

Discounts and taxes stand on the lines. The tax of shipping is told within the shipping fee, since it goes with it. What
was paid in the buyer's own currency is shown as `presentment`; all amounts are those of the shop's currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .checking import due
from .paying import chosen, known, way
from .pushing import charge, discount, person, push, refund, settled, status_post
from .reading import Json, MappingError, Told, currency_of, major, ours, unwrapped, version_of, without_nothing

# The fulfilment's status and ours; of an order that nobody has begun Shopify says none.
STATUSES: Mapping[str, str] = {
    "unfulfilled": "placed",
    "scheduled": "placed",
    "on_hold": "on_hold",
    "in_progress": "processing",
    "partial": "partly_shipped",
    "fulfilled": "shipped",
    "restocked": "cancelled",
}

# What the payment's status says of an order that nobody has begun: None where the fulfilment alone counts.
PAYMENTS: Mapping[str, str | None] = {
    "pending": "unpaid",
    "expired": "unpaid",
    "authorized": "payment_review",
    "voided": "cancelled",
    "partially_paid": None,
    "paid": None,
    "partially_refunded": None,
    "refunded": None,
}
_PAID = ("partially_paid", "paid", "partially_refunded", "refunded")

# What the carrier says of one fulfilment.
PACKAGES: Mapping[str, str] = {
    "label_printed": "ready_to_ship",
    "label_purchased": "ready_to_ship",
    "ready_for_pickup": "ready_to_ship",
    "confirmed": "shipped",
    "carrier_picked_up": "shipped",
    "in_transit": "shipped",
    "out_for_delivery": "shipped",
    "attempted_delivery": "shipped",
    "delayed": "shipped",
    "delivered": "delivered",
    "failure": "failed_delivery",
}

# Gateways of its own, beside the words and brands of paying.py. Any other is told as `card`: the money goes back
# through whoever took it.
METHODS: Mapping[str, str] = {
    "bogus": "card",
    "shopify_payments": "card",
    "manual": "bank",
    "bank_deposit": "bank",
    "bank deposit": "bank",
    "money order": "bank",
    "shop_pay_installments": "paylater",
}
# What is paid by these no provider took.
_BY_HAND = ("bank", "cod")

REASONS: Mapping[str, str] = {
    "customer": "changed_mind",
    "inventory": "out_of_stock",
    "fraud": "other",
    "declined": "change_payment",
    "staff": "other",
    "other": "other",
}


def order(
    payload: Mapping[str, Any],
    *,
    tender_transactions: Sequence[Mapping[str, Any]] = (),
    method: str | None = None,
    gap: str | None = None,
    buyer: Mapping[str, Any] | None = None,
    seller: Mapping[str, Any] | None = None,
    **told: Any,
) -> Json:
    """The push of an order, with its refunds; `tender_transactions` say more exactly how it was paid."""
    whole = unwrapped(payload, "order")
    currency = currency_of(told.get("currency") or whole.text("currency"))
    whole = whole.paid_in(currency)
    placed_at = whole.moment("created_at", "processed_at")
    total = whole.money_if_told("total_price", "total_price_set")
    ways = tenders(tender_transactions, currency, total) or _paid_ways(whole, total)
    gateway = whole.text("gateway") or next(iter(whole.texts("payment_gateway_names")), None)
    paid_by = {name: value for name, value in ways[0].items() if name != "amount"} if ways else way(gateway, METHODS)
    several = ways if len(ways) > 1 and method is None else []
    method, more = chosen(method, paid_by, "card")
    lines, on_shipping = _lines(whole), _shipping_discounts(whole)
    body = {
        "order_id": whole.text("id"),
        "platform": "shopify",
        "version": version_of(whole.moment("updated_at"), whole.moment("cancelled_at"), placed_at),
        "status": _status(whole),
        "buyer": person(
            buyer,
            id=whole.text("customer.id"),
            name=_name(whole),
            email=whole.text("email", "contact_email", "customer.email"),
            phone=whole.text("phone", "customer.phone"),
            locale=whole.text("customer_locale"),
        ),
        "seller": person(seller),
        "placed_at": placed_at,
        "paid_at": _paid_at(whole),
        "currency": currency,
        "lines": lines,
        "shipping_fee": sum(_with_tax(row, whole) for row in whole.rows("shipping_lines")),
        "discounts": on_shipping,
        "charges": [
            *charge("tip", whole.money("total_tip_received")),
            *charge("duties", whole.money("original_total_duties_set", "total_duties")),
        ],
        "tax_included": whole.flag("taxes_included"),
        "display_id": whole.text("name"),
        "cancel_reason": whole.text("cancel_reason"),
        "shipping_service": next((row.text("title", "code") for row in whole.rows("shipping_lines")), None),
        "packages": _packages(whole, {line["line_id"] for line in lines}),
        "refunds": refunds(whole.values, currency=currency) if whole.get("refunds") else [],
        "presentment": _presentment(whole, currency),
        **told,
    }
    if total is not None and due(body) > total:
        body["discounts"] = [*on_shipping, *_untold_discount(whole, body)]
    paid = sum(each["amount"] for each in several)
    if several and total is not None and paid != total and told.get("tenders") is None:
        raise MappingError("transactions", f"{major(paid, currency)} were paid of {major(total, currency)}")
    path = whole.place("total_price")
    return push(settled(body, total=total, path=path, method=method, known=more, tenders=several, gap=gap))


def status(payload: Mapping[str, Any], **told: Any) -> Json:
    """Where an order stands, from any webhook that holds it."""
    whole = unwrapped(payload, "order")
    at = told.pop("at", None) or whole.moment("updated_at", "cancelled_at", "created_at")
    shipped = next(iter(whole.rows("fulfillments")), Told({}))
    more = {
        "version": version_of(at),
        "tracking_number": shipped.text("tracking_number"),
        "carrier": shipped.text("tracking_company"),
        "cancel_reason": whole.text("cancel_reason"),
    }
    return status_post(_status(whole), at, **{**more, **told})


def cancellation(payload: Mapping[str, Any], *, currency: str | None = None) -> Json:
    """What a refund (made, or only calculated) or a cancelled order says: pieces, why, and what goes back for them."""
    whole, back = unwrapped(payload, "order"), unwrapped(payload, "refund")
    cancelled = whole.rows("line_items", "lines") if whole.get("cancelled_at") else []
    currency = currency or whole.text("currency") or back.text("currency")
    rows = back.paid_in(currency).rows("refund_line_items")
    worth = sum(row.money("subtotal") + row.money("total_tax") for row in rows)
    shipping = back.paid_in(currency).part("shipping")
    made = [] if cancelled else refunds(back.values, currency=currency or "", at="-", refund_id="-")
    reason = whole.text("cancel_reason") or back.text("note")
    return without_nothing(
        {
            "order_id": whole.text("id") or back.text("order_id"),
            "state": "granted" if cancelled or not made else "refunded",
            "by": "buyer" if reason == "customer" else "seller",
            "reason_code": REASONS.get(reason or "", "wrong_size" if reason == "wrong size" else "other"),
            "comment": reason,
            "lines": [{"line_id": row.text("id"), "quantity": row.count("quantity", default=1)} for row in cancelled]
            or _pieces(rows),
            "refundable": worth + shipping.money("amount") + shipping.money("tax") if rows else None,
            "refunded": sum(each["amount"] for each in made) if made else None,
        }
    )


def refunds(payload: Mapping[str, Any], *, currency: str = "", **told: Any) -> list[Json]:
    """What went back, as the push tells it, of a refund or of an order that holds several: the money of transactions
    that succeeded, whatever lines and adjustments come to."""
    alone = isinstance(payload.get("refund"), Mapping)
    whole = unwrapped(payload, "refund" if alone else "order")
    currency = currency or Told(payload).text("order.currency") or ""
    rows = whole.rows("refunds") if whole.get("refunds") else [whole]
    made = []
    for row in rows:
        known = currency or whole.text("currency") or row.text("currency")
        back = [x for x in row.rows("transactions") if x.text("kind") == "refund" and x.text("status") == "success"]
        amount = sum(x.paid_in(known or x.text("currency")).money("amount") for x in back)
        lines = _pieces(row.rows("refund_line_items"))
        if not amount and not lines:
            continue
        at = told.get("at") or row.moment("processed_at", "created_at")
        by = row.text("user_id")
        made.append(refund(told.get("refund_id") or row.text("id"), amount, at, by=by or "shopify", lines=lines))
    return made


def tenders(rows: Iterable[Mapping[str, Any]], currency: str, total: int | None = None) -> list[Json]:
    """Tender transactions as tenders. Where those that brought money are not the `total`, some of it went back before
    the rest was paid: then what is left by each method."""
    listed = Told({"tender_transactions": list(rows)}, "", currency).rows("tender_transactions")
    paid = [
        {**_way(row, "payment_method"), **known(reference=row.text("remote_reference"), tender_id=row.text("id"))}
        for row in listed
    ]
    return _tenders(list(zip(paid, (row.money("amount", signed=True) for row in listed), strict=True)), total)


def _paid_ways(whole: Told, total: int | None) -> list[Json]:
    took = [
        ({**_way(row, "gateway"), **_took(row)}, row.money("amount"))
        for row in whole.rows("transactions")
        if row.text("kind") in ("sale", "capture") and row.text("status") == "success"
    ]
    return _tenders(took, total)


def _tenders(rows: Sequence[tuple[Json, int]], total: int | None) -> list[Json]:
    """The first of each method has no name but the method, as in a push that knew no more; others have their own."""
    paid = [(told, amount) for told, amount in rows if amount > 0]
    if len(paid) > 1 and total is not None and sum(amount for _, amount in paid) != total:
        left: dict[str, int] = {}
        for told, amount in rows:
            left[told["method"]] = left.get(told["method"], 0) + amount
        paid = [({"method": method}, amount) for method, amount in left.items() if amount > 0]
    made: list[Json] = []
    for told, amount in paid:
        alike = sum(each["method"] == told["method"] for each in made)
        name = {"tender_id": told.get("tender_id", f"{told['method']}-{alike + 1}")} if alike else {"tender_id": None}
        made.append(without_nothing({**told, **name, "amount": amount}))
    return made


def _way(row: Told, name: str) -> Json:
    """How a transaction was paid; of a card, whose it is."""
    found = {"method": "card", **way(row.text(name), METHODS)}
    company = way(row.text("payment_details.credit_card_company")) if found["method"] == "card" else {}
    return {**found, **({"channel": company["channel"]} if "channel" in company else {})}


def _took(row: Told) -> Json:
    """Who took it, and by what they know it."""
    gateway = row.text("gateway")
    if way(gateway, METHODS).get("method") in _BY_HAND:
        return known(tender_id=row.text("id"))
    return known(provider=gateway, reference=row.text("authorization"), tender_id=row.text("id"))


def _lines(whole: Told) -> list[Json]:
    lines = []
    for row in whole.rows("line_items", "lines"):
        quantity = row.count("quantity", default=1)
        if not quantity:
            continue
        price = row.money_if_told("price", "price_set")
        if price is None:
            raise MappingError(row.place("price"), "a line without a price")
        line_id = row.text("id", "line_item_id")
        lines.append(
            {
                "line_id": line_id,
                "name": row.text("title", "name", "sku") or line_id,
                "quantity": quantity,
                "unit_price": price,
                "sku": row.text("sku"),
                "variant": row.text("variant_title"),
                "category": row.text("product_type"),
                "discounts": _allocated(row, whole),
                "tax": _tax(row),
            }
        )
    return lines


def _tax(row: Told) -> int | None:
    taxes = row.rows("tax_lines")
    return sum(tax.money("price", "price_set") for tax in taxes) if taxes else row.money_if_told("tax")


def _allocated(row: Told, whole: Told) -> list[Json]:
    """What of the order's discounts falls on this line, one for each code; else the line's own."""
    amounts: dict[str, int] = {}
    for part in row.rows("discount_allocations"):
        code = _code(part, whole)
        amounts[code] = amounts.get(code, 0) + part.money("amount", "amount_set")
    if not amounts:
        amounts = {"line_discount": row.money("total_discount")}
    return [each for code, amount in amounts.items() for each in discount(code, amount, "seller")]


def _code(part: Told, whole: Told) -> str:
    applications, codes = whole.rows("discount_applications"), whole.rows("discount_codes")
    number = part.count("discount_application_index")
    if number < len(applications):
        return applications[number].text("code", "title", "description") or f"discount-{number}"
    return (codes[0].text("code") if codes else None) or "discount"


def _with_tax(row: Told, whole: Told) -> int:
    return row.money("price", "price_set") + (0 if whole.flag("taxes_included") else _tax(row) or 0)


def _shipping_discounts(whole: Told) -> list[Json]:
    amounts: dict[str, int] = {}
    for row in whole.rows("shipping_lines"):
        parts = row.rows("discount_allocations")
        for part in parts:
            code = _code(part, whole)
            amounts[code] = amounts.get(code, 0) + part.money("amount", "amount_set")
        lowered = row.money_if_told("discounted_price")
        if not parts and lowered is not None and lowered != (price := row.money("price", "price_set")):
            amounts["shipping"] = amounts.get("shipping", 0) + price - lowered
    return [each for code, amount in amounts.items() for each in discount(code, amount, "seller", scope="shipping")]


def _untold_discount(whole: Told, body: Mapping[str, Any]) -> list[Json]:
    """What the order says of discounts beyond what its lines and its shipping say, as older versions tell it."""
    of_lines = [each for line in body["lines"] for each in line["discounts"]]
    rest = whole.money("total_discounts", "total_discounts_set")
    rest -= sum(each["amount"] for each in [*body["discounts"], *of_lines])
    row = next(iter(whole.rows("discount_codes")), Told({}))
    code, scope = row.text("code") or "discount", "shipping" if row.text("type") == "shipping" else "order"
    # The order's discount is the whole of its code, with what lines say of it.
    said = sum(each["amount"] for each in of_lines if each["code"] == code)
    return discount(code, rest + said, "seller", scope=scope) if rest > 0 else []


def _status(whole: Told) -> str:
    if whole.moment("cancelled_at"):
        return "cancelled"
    parcels = [_parcel(row) for row in whole.rows("fulfillments") if row.text("status") != "cancelled"]
    word, place = whole.find("fulfillment_status")
    standing = ours(STATUSES, str(word).lower() if word else "unfulfilled", place)
    if standing == "shipped" and parcels and set(parcels) == {"delivered"}:
        return "delivered"
    money, place = whole.find("financial_status")
    if money is None or standing not in ("placed", "on_hold"):
        return standing
    if (word := str(money).lower()) not in PAYMENTS:
        raise MappingError(place, f"{money!r} is none of {', '.join(PAYMENTS)}")
    return PAYMENTS[word] or standing


def _parcel(row: Told) -> str:
    word, place = row.find("shipment_status")
    return "shipped" if word is None else ours(PACKAGES, str(word), place)


def _packages(whole: Told, line_ids: set[str]) -> list[Json]:
    made = []
    for row in whole.rows("fulfillments"):
        inside = [x for x in row.rows("line_items") if x.text("id") in line_ids and x.count("quantity", default=1)]
        if row.text("status") == "cancelled" or row.text("id") is None or not inside:
            continue
        made.append(
            without_nothing(
                {
                    "package_id": row.text("id"),
                    "status": _parcel(row),
                    "lines": [{"line_id": x.text("id"), "quantity": x.count("quantity", default=1)} for x in inside],
                    "tracking_number": row.text("tracking_number"),
                    "carrier": row.text("tracking_company"),
                    "at": row.moment("updated_at", "created_at"),
                }
            )
        )
    return made


def _paid_at(whole: Told) -> str | None:
    if (whole.text("financial_status") or "").lower() not in _PAID:
        return None
    took = [x for x in whole.rows("transactions") if x.text("kind") in ("sale", "capture")]
    moments = [at for x in took if x.text("status") == "success" and (at := x.moment("processed_at", "created_at"))]
    return min(moments) if moments else whole.moment("processed_at", "created_at")


def _presentment(whole: Told, currency: str) -> Json | None:
    shown = whole.text("presentment_currency")
    if shown is None or shown == currency or len(shown) != 3 or not shown.isupper():
        return None
    amount = whole.paid_in(shown).money_if_told("total_price_set.presentment_money.amount")
    return None if amount is None else {"currency": shown, "amount": amount}


def _pieces(rows: Sequence[Told]) -> list[Json]:
    counted: dict[str, int] = {}
    for row in rows:
        if line_id := row.text("line_item_id"):
            counted[line_id] = counted.get(line_id, 0) + row.count("quantity", default=1)
    return [{"line_id": line_id, "quantity": count} for line_id, count in counted.items() if count]


def _name(whole: Told) -> str | None:
    known = [whole.text("customer.first_name"), whole.text("customer.last_name")]
    return " ".join(filter(None, known)) or whole.text("billing_address.name", "shipping_address.name")
