"""The money of a request, told before asking and kept as told: every line names the rule that made it.

The value of what is cancelled is the difference of two cumulative values, before and after. Shares of discounts and
tax, which do not divide evenly, therefore add up to the whole over any sequence of part cancellations.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.orders.body import Funding, Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee, Policy
from chalicelib.domain.policies.spans import Span, later

_DEDUCTION, _AGREED_FEE = "deduction", "offered_fee"


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

    method: Method
    amount: int
    arrives_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Lines add up to `refund_total`, and so do tenders; `paid`, what was collected for these lines, is `refund_total`
    + `fees_total`."""

    quote_id: str
    currency: str
    paid: int
    refund_total: int
    fees_total: int
    lines: tuple[QuoteLine, ...]
    tenders: tuple[QuoteTender, ...]

    @property
    def deducted(self) -> int:
        """What customer service keeps for the state of goods that came back, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == _DEDUCTION)

    @property
    def agreed_fee(self) -> int:
        """The fee that the buyer agreed to in an offer, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == _AGREED_FEE)

    @property
    def leaves_cash_out(self) -> bool:
        """Whether something was not collected yet when this was quoted, such as cash on delivery."""
        return any(line.label == "not_collected" for line in self.lines)


DEFAULT_REFUND_TIME = Span(amount=14, unit="working_days")


def quote(
    order: Order,
    policy: Policy,
    fault: Fault,
    now: datetime,
    holidays: Collection[date] = (),
    *,
    wanted: Mapping[str, int] | None = None,
    fee: Fee | None = None,
) -> Quote:
    """What the buyer gets back if `wanted` (quantities per line id; all that remains unless said) is cancelled now.

    Shipping and service fee belong to the order as a whole and come back with its last piece. Fees fall only on a buyer
    who cancels by choice and after the instant window: where seller, platform or carrier are at fault everything goes
    back. `fee` replaces the one of the order's status (returns have their own). Nothing is refunded that was never
    collected (unpaid orders, cash on delivery before delivery): a part cancellation first lessens what is still to be
    collected. Never more than is left per payment method (I4).
    """
    lines, not_collected = _value(order, order.remaining if wanted is None else wanted)
    lines += _line("not_collected", -not_collected, "only_what_was_collected")
    paid = sum(line.amount for line in lines)

    if fault is Fault.BUYER and (fee is not None or not policy.instant_until(order, now, holidays)):
        lines += _fees(lines, fee or policy.fees.get(order.standing, Fee()), paid)
    refund_total = sum(line.amount for line in lines)
    tenders = tuple(
        QuoteTender(method=method, amount=amount, arrives_by=arrival(policy, method, now, holidays))
        for method, amount in _spread(refund_total, _collected(order), policy.refund_order)
    )
    made = Quote(
        quote_id="",
        currency=order.body.currency,
        paid=paid,
        refund_total=refund_total,
        fees_total=paid - refund_total,
        lines=tuple(lines),
        tenders=tenders,
    )
    return replace(made, quote_id=_id(made, f"{policy.name} v{policy.version}"))


def less_fee(offered: Quote, fee: int) -> Quote:
    """The quote when the buyer agrees to a further `fee` (minor units, at most `refund_total`); the payment methods
    that come first in the policy's order are refunded first."""
    return _less(offered, *_line(_AGREED_FEE, -fee, "fee_agreed_with_seller"))


def less_deduction(told: Quote, deduction: int) -> Quote:
    """The quote when customer service keeps a `deduction` (minor units, at most `refund_total`) for the state of goods
    that came back; otherwise as `less_fee`."""
    return _less(told, *_line(_DEDUCTION, -deduction, "deducted_for_goods"))


def _less(offered: Quote, kept: QuoteLine) -> Quote:
    lines, fee = (*offered.lines, kept), -kept.amount
    total = offered.refund_total - fee
    tenders, rest = [], total
    for tender in offered.tenders:
        amount = min(rest, tender.amount)
        rest -= amount
        if amount:
            tenders.append(replace(tender, amount=amount))
    made = replace(
        offered, lines=lines, refund_total=total, fees_total=offered.fees_total + fee, tenders=tuple(tenders)
    )
    return replace(made, quote_id=_id(made, offered.quote_id))


def _id(made: Quote, basis: str) -> str:
    content = [
        basis,
        made.currency,
        [[x.label, x.detail, x.amount, x.rule] for x in made.lines],
        [[t.method, t.amount] for t in made.tenders],
    ]
    return "q_" + hashlib.sha256(json.dumps(content).encode()).hexdigest()[:20]


def _line(label: str, amount: int, rule: str, detail: str | None = None) -> list[QuoteLine]:
    return [QuoteLine(label=label, amount=amount, rule=rule, detail=detail)] if amount else []


def _value(order: Order, wanted: Mapping[str, int]) -> tuple[list[QuoteLine], int]:
    """What the wanted lines were worth, item by item, and how much of that was never collected."""
    body = order.body
    before = dict(order.gone)
    after = {line_id: quantity + wanted.get(line_id, 0) for line_id, quantity in before.items()}
    goods = [body.goods_of(before), body.goods_of(after)]
    last = all(after[line.line_id] >= line.quantity for line in body.lines)

    lines = [
        QuoteLine(label="goods", detail=x.name, amount=wanted[x.line_id] * x.unit_price, rule="goods_paid")
        for x in body.lines
        if wanted.get(x.line_id)
    ]
    if last:
        lines += _line("shipping", body.shipping_fee, "shipping_paid")
        lines += _line("service_fee", body.service_fee, "service_fee_paid")
    lines += _line("tax", _share(body.tax, goods, body.goods), "tax_paid")
    for discount in body.discounts:
        whose = "seller_discount" if discount.funded_by is Funding.SELLER else "platform_discount"
        share = _share(discount.amount, goods, body.goods)
        lines += _line(whose, -share, "discount_was_not_paid", discount.code)

    worth = sum(line.amount for line in lines)
    worth_before = body.goods_of(before) + _so_far(body.tax, goods[0], body.goods)
    worth_before -= sum(_so_far(discount.amount, goods[0], body.goods) for discount in body.discounts)
    # Below zero where discounts are larger than goods; then the money comes back with the shipping, at the end.
    uncollected = body.paid - sum(_paid_by(order).values())
    collected = max(0, worth_before + worth - uncollected) - max(0, worth_before - uncollected)
    return lines, worth - min(collected, sum(_collected(order).values()))


def _share(amount: int, goods: list[int], whole: int) -> int:
    """The part of `amount` that falls on the goods between two cumulative values."""
    return _so_far(amount, goods[1], whole) - _so_far(amount, goods[0], whole)


def _so_far(amount: int, goods: int, whole: int) -> int:
    """The part of `amount` that falls on goods worth `goods`, rounded down; all of it on all of them."""
    return amount * goods // whole if whole else (amount if goods == whole else 0)


def _collected(order: Order) -> Mapping[Method, int]:
    """What was really paid and is still left, per payment method."""
    left = order.left_to_refund
    return {method: min(amount, left.get(method, 0)) for method, amount in _paid_by(order).items()}


def _paid_by(order: Order) -> Mapping[Method, int]:
    """What was really paid, per payment method."""
    if order.standing is OrderStatus.UNPAID or (order.body.paid_at is None and _prepaid(order)):
        return {}
    handed_over = order.standing in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
    return {t.method: t.amount for t in order.body.tenders if t.method is not Method.COD or handed_over}


def _prepaid(order: Order) -> bool:
    return any(tender.method is not Method.COD for tender in order.body.tenders)


def _fees(value: list[QuoteLine], fee: Fee, paid: int) -> list[QuoteLine]:
    """What is kept, never more than was paid: each line takes what the ones before it have left."""
    worth = {line.label: 0 for line in value}
    for line in value:
        worth[line.label] += line.amount
    percentage = worth.get("goods", 0) * fee.basis_points // 10_000
    if fee.at_most is not None:
        percentage = min(percentage, fee.at_most)
    lines: list[QuoteLine] = []
    for label, wanted, rule in (
        ("cancellation_fee", percentage, "cancellation_fee_by_status"),
        ("shipping_kept", worth.get("shipping", 0) if fee.keep_shipping else 0, "parcel_already_travelling"),
        ("service_fee_kept", worth.get("service_fee", 0) if fee.keep_service_fee else 0, "service_fee_not_refundable"),
    ):
        amount = min(wanted, paid)
        paid -= amount
        lines += _line(label, -amount, rule)
    return lines


def _spread(total: int, left: Mapping[Method, int], order: tuple[str, ...]) -> list[tuple[Method, int]]:
    """Refund methods in the policy's order, each up to what was paid by it; methods the policy forgot come last."""
    ranked = sorted(left, key=lambda method: (order.index(method) if method in order else len(order), method))
    parts = []
    for method in ranked:
        amount = min(total, left[method])
        total -= amount
        if amount:
            parts.append((method, amount))
    return parts


def arrival(policy: Policy, method: str, now: datetime, holidays: Collection[date]) -> datetime:
    """The latest moment at which money that goes back `now` by this method is there."""
    return later(now, policy.refund_times.get(method, DEFAULT_REFUND_TIME), policy.zone, holidays)
