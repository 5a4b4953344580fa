"""The money of a cancellation, told before asking and kept as told: every line names the rule that made it."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.deadline import Span, later
from chalicelib.domain.order import Funding, Method, Order, OrderStatus
from chalicelib.domain.policy import Fee, Policy
from chalicelib.domain.reasons import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One signed amount in minor units. `label` is a text key, `detail` what it speaks of (an article, a code)."""

    label: str
    amount: int
    rule: str
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteTender:
    """What goes back by one payment method, in minor units, and the latest day it arrives."""

    method: str
    amount: int
    arrives_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Lines add up to `refund_total`, and so do tenders; `paid` = `refund_total` + `fees_total`."""

    quote_id: str
    currency: str
    paid: int
    refund_total: int
    fees_total: int
    lines: tuple[QuoteLine, ...]
    tenders: tuple[QuoteTender, ...]


DEFAULT_REFUND_TIME = Span(amount=14, unit="working_days")


def quote(order: Order, policy: Policy, fault: Fault, now: datetime, holidays: Collection[date] = ()) -> Quote:
    """What the buyer gets back for the whole order if it is cancelled now.

    Fees fall only on a buyer who cancels by choice and after the instant window: where seller, platform or carrier are
    at fault everything goes back. Nothing is refunded that was never collected (unpaid orders, cash on delivery before
    delivery), and never more than is left per payment method (I4).
    """
    body = order.body
    lines = [QuoteLine(label="goods", detail=x.name, amount=x.amount, rule="goods_paid") for x in body.lines]
    lines += _line("shipping", body.shipping_fee, "shipping_paid")
    lines += _line("service_fee", body.service_fee, "service_fee_paid")
    lines += _line("tax", body.tax, "tax_paid")
    for discount in body.discounts:
        whose = "seller_discount" if discount.funded_by is Funding.SELLER else "platform_discount"
        lines += _line(whose, -discount.amount, "discount_was_not_paid", discount.code)

    collectable = _collected(order)
    lines += _line("not_collected", sum(collectable.values()) - body.paid, "only_what_was_collected")
    paid = sum(collectable.values())

    if fault is Fault.BUYER and not policy.instant_until(order, now):
        lines += _fees(order, policy.fees.get(order.standing, Fee()), paid)
    refund_total = sum(line.amount for line in lines)
    tenders = tuple(
        QuoteTender(method=method, amount=amount, arrives_by=_arrival(policy, method, now, holidays))
        for method, amount in _spread(refund_total, collectable, policy.refund_order)
    )
    content = [
        body.currency,
        [[x.label, x.detail, x.amount, x.rule] for x in lines],
        [[t.method, t.amount] for t in tenders],
    ]
    return Quote(
        quote_id="q_" + hashlib.sha256(json.dumps([policy.name, policy.version, *content]).encode()).hexdigest()[:20],
        currency=body.currency,
        paid=paid,
        refund_total=refund_total,
        fees_total=paid - refund_total,
        lines=tuple(lines),
        tenders=tenders,
    )


def _line(label: str, amount: int, rule: str, detail: str | None = None) -> list[QuoteLine]:
    return [QuoteLine(label=label, amount=amount, rule=rule, detail=detail)] if amount else []


def _collected(order: Order) -> Mapping[str, int]:
    """What was really paid and is still left, per payment method."""
    if order.standing is OrderStatus.UNPAID or (order.body.paid_at is None and _prepaid(order)):
        return {}
    handed_over = order.standing in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
    return {
        tender.method: min(tender.amount, order.left_to_refund.get(tender.method, 0))
        for tender in order.body.tenders
        if tender.method is not Method.COD or handed_over
    }


def _prepaid(order: Order) -> bool:
    return any(tender.method is not Method.COD for tender in order.body.tenders)


def _fees(order: Order, fee: Fee, paid: int) -> list[QuoteLine]:
    """What is kept, never more than was paid: each line takes what the ones before it have left."""
    body = order.body
    percentage = body.goods * fee.basis_points // 10_000
    if fee.at_most is not None:
        percentage = min(percentage, fee.at_most)
    lines: list[QuoteLine] = []
    for label, wanted, rule in (
        ("cancellation_fee", percentage, "cancellation_fee_by_status"),
        ("shipping_kept", body.shipping_fee if fee.keep_shipping else 0, "parcel_already_travelling"),
        ("service_fee_kept", body.service_fee if fee.keep_service_fee else 0, "service_fee_not_refundable"),
    ):
        amount = min(wanted, paid)
        paid -= amount
        lines += _line(label, -amount, rule)
    return lines


def _spread(total: int, left: Mapping[str, int], order: tuple[str, ...]) -> list[tuple[str, int]]:
    """Refund methods in the policy's order, each up to what was paid by it; methods the policy forgot come last."""
    ranked = sorted(left, key=lambda method: (order.index(method) if method in order else len(order), method))
    parts = []
    for method in ranked:
        amount = min(total, left[method])
        total -= amount
        if amount:
            parts.append((method, amount))
    return parts


def _arrival(policy: Policy, method: str, now: datetime, holidays: Collection[date]) -> datetime:
    return later(now, policy.refund_times.get(method, DEFAULT_REFUND_TIME), policy.zone, holidays)
