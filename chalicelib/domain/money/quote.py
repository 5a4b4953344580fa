"""The money of a request, told before asking and kept as told: every line names the rule that made it.

What pieces are worth is net_worth.py's: whatever the sequence of part cancellations, together they are the whole.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.money.value import QuoteLine, Value, collected_left, line_of, value_of
from chalicelib.domain.orders.body import Method
from chalicelib.domain.orders.families import Gifts, gifts_that_stay
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee, Policy
from chalicelib.domain.policies.spans import Span, later

_GIVEN_ALREADY = "refunded_elsewhere_already"
_DEDUCTION, _AGREED_FEE, _ELSEWHERE = "deduction", "offered_fee", "refunded_elsewhere"


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
    def list_price(self) -> int:
        """What the pieces cost before anything came off, in minor units."""
        return sum(line.amount for line in self.lines if line.label == "goods")

    @property
    def deducted(self) -> int:
        """What customer service keeps for the state of goods that came back, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == _DEDUCTION)

    @property
    def agreed_fee(self) -> int:
        """The fee that the buyer agreed to in an offer, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == _AGREED_FEE)

    @property
    def refunded_elsewhere(self) -> int:
        """What is taken off since it went back elsewhere already, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == _ELSEWHERE)

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
    value = value_of(order, order.remaining if wanted is None else wanted)
    lines = [
        *value.lines,
        *line_of("not_collected", -value.not_collected, "only_what_was_collected"),
        *line_of(_ELSEWHERE, -value.elsewhere, _GIVEN_ALREADY),
    ]
    paid = sum(line.amount for line in lines)

    by_choice = fault is Fault.BUYER and (fee is not None or not policy.instant_until(order, now, holidays))
    gifts = _price_of_gifts(order, policy, wanted or {}) if fault is Fault.BUYER else 0
    charged = policy.fee_in(order.body.currency, fee or policy.fee_at(order.standing)) if by_choice else Fee()
    lines += _fees(value, charged, gifts, paid)
    refund_total = sum(line.amount for line in lines)
    tenders = tuple(
        QuoteTender(method=method, amount=amount, arrives_by=arrival(policy, method, now, holidays))
        for method, amount in _spread(refund_total, collected_left(order), policy.refund_order)
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
    """The quote when the buyer agrees to a further `fee` (minor units; of a fee above what goes back by now, as much as
    that); the payment methods that come first in the policy's order are refunded first."""
    kept = line_of(_AGREED_FEE, -min(fee, offered.refund_total), "fee_agreed_with_seller")
    return _less(offered, *kept) if kept else offered


def less_deduction(told: Quote, deduction: int) -> Quote:
    """The quote when customer service keeps a `deduction` (minor units, at most `refund_total`) for the state of goods
    that came back; otherwise as `less_fee`."""
    return _less(told, *line_of(_DEDUCTION, -deduction, "deducted_for_goods"))


def less_elsewhere(told: Quote, given: int, left: Mapping[str, int]) -> Quote:
    """The quote when so much more went back elsewhere (minor units) while it was open. `left` is what may still be
    refunded per payment method: no part exceeds it."""
    within = [replace(each, amount=min(each.amount, left.get(each.method, 0))) for each in told.tenders]
    total = max(0, min(told.refund_total - given, sum(each.amount for each in within)))
    if total == told.refund_total:
        return told
    less = _less(replace(told, tenders=tuple(within)), *line_of(_ELSEWHERE, total - told.refund_total, _GIVEN_ALREADY))
    # It is no fee: what went back elsewhere is not paid any more.
    return replace(less, paid=told.paid - (told.refund_total - total), fees_total=told.fees_total)


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


def _price_of_gifts(order: Order, policy: Policy, wanted: Mapping[str, int]) -> int:
    """What gifts cost that stay with the buyer though the goods they came with go, where policy keeps their price."""
    if policy.gifts is not Gifts.PRICE_KEPT:
        return 0
    return order.body.goods_of(gifts_that_stay(order.body, order.gone, wanted))


def _fees(value: Value, fee: Fee, gifts: int, paid: int) -> list[QuoteLine]:
    """What is kept, never more than was paid: each line takes what the ones before it have left."""
    goods = sum(line.amount for line in value.lines if line.label == "goods")
    percentage = goods * fee.basis_points // 10_000
    if fee.at_most is not None:
        percentage = min(percentage, fee.at_most)
    lines: list[QuoteLine] = []
    for label, wanted, rule in (
        ("charge_kept", value.stays, "charge_not_refundable"),
        ("gift_kept", gifts, "gift_stays_with_buyer"),
        ("cancellation_fee", percentage, "cancellation_fee_by_status"),
        ("shipping_kept", value.shipping if fee.keep_shipping else 0, "parcel_already_travelling"),
        ("service_fee_kept", value.service_fee if fee.keep_service_fee else 0, "service_fee_not_refundable"),
    ):
        amount = min(wanted, paid)
        paid -= amount
        lines += line_of(label, -amount, rule)
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
