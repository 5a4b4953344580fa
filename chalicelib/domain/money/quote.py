"""The money of a request, told before asking and kept as told: every line names the rule that made it.

What pieces are worth is net_worth.py's, what is owed for them is books.py's: whatever the sequence of part
cancellations, together they are the whole.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.money import owing
from chalicelib.domain.money.books import accounts_of, books_of, gone_with, owed_by
from chalicelib.domain.money.dividing import apportion
from chalicelib.domain.money.promising import Promised
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.value import ELSEWHERE, GIVEN_ALREADY, QuoteLine, Value, line_of, value_of
from chalicelib.domain.orders.body import Scope
from chalicelib.domain.orders.books import Stays
from chalicelib.domain.orders.families import Gifts, gifts_that_stay
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee, LostPromotions, Policy
from chalicelib.domain.policies.spans import Span, later

_DEDUCTION, _AGREED_FEE = "deduction", "offered_fee"
_FEES = ("charge_kept", "gift_kept", "cancellation_fee", "shipping_kept", "service_fee_kept", "promotion_lost")
# Labels of lines that say what stays behind of the buyer's money.
KEPT = (*_FEES, _AGREED_FEE, _DEDUCTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteTender:
    """What goes back by one tender, in minor units, and the latest day it arrives. `channel` is its brand or bank."""

    method: Method
    amount: int
    arrives_by: datetime
    tender_id: str = ""
    channel: str | None = None

    def __post_init__(self) -> None:
        """Where several tenders cannot share a method, the method is its name."""
        if not self.tender_id:
            object.__setattr__(self, "tender_id", self.method.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Lines add up to `refund_total`, and so do tenders; `paid`, what was collected for these lines, is `refund_total`
    + `fees_total`.

    stays, shipping_kept, lost, fee_points, fee_charged   how the order's books go on if it is granted (recording.py)
    """

    quote_id: str
    currency: str
    paid: int
    refund_total: int
    fees_total: int
    lines: tuple[QuoteLine, ...]
    tenders: tuple[QuoteTender, ...]
    stays: tuple[Stays, ...] = ()
    shipping_kept: int = 0
    lost: tuple[str, ...] = ()
    fee_points: int = 0
    fee_charged: int = 0

    @property
    def promised(self) -> Promised:
        """What a refund by this quote promises, as the order's books take it in."""
        return Promised(
            parts={tender.tender_id: tender.amount for tender in self.tenders},
            stays=frozenset(self.stays),
            shipping_kept=self.shipping_kept,
            lost=frozenset(self.lost),
            fee_points=self.fee_points,
            fee_charged=self.fee_charged,
        )

    @property
    def money(self) -> int:
        """What of it is money, in minor units: fees are taken of that alone."""
        return sum(tender.amount for tender in self.tenders if not tender.method.is_promo)

    @property
    def list_price(self) -> int:
        """What the pieces cost before anything came off, in minor units."""
        return sum(line.amount for line in self.lines if line.label == "goods")

    @property
    def deducted(self) -> int:
        """What customer service keeps for the state of goods that came back, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == _DEDUCTION)

    @property
    def cancellation_fee(self) -> int:
        """What the buyer's own choice costs, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == "cancellation_fee")

    @property
    def agreed_fee(self) -> int:
        """The fee that the buyer agreed to in an offer, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == _AGREED_FEE)

    @property
    def refunded_elsewhere(self) -> int:
        """What is taken off since it went back elsewhere already, in minor units."""
        return -sum(line.amount for line in self.lines if line.label == ELSEWHERE)

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
    flat: int | None = None,
) -> Quote:
    """What the buyer gets back if `wanted` (quantities per line id; all that remains unless said) is cancelled now.

    Shipping and service fee belong to the order as a whole and come back with its last piece. Fees fall only on a buyer
    who cancels by choice and after the instant window: where seller, platform or carrier are at fault everything goes
    back. `fee` replaces the one of the order's status (returns have their own), and `flat` its amounts, in minor units
    of the order's own currency. Nothing is refunded that was never collected (unpaid orders, cash on delivery before
    delivery): a part cancellation first lessens what is still to be collected. Never more by any tender than was
    collected by it (I4).
    """
    if order.books is None:
        order = with_books(order, policy.refund_order)
    meant = order.remaining if wanted is None else wanted
    if any(meant.values()):
        # What stayed paid when an earlier last piece went is decided anew with this one.
        order = replace(order, books=replace(books_of(order), stays=frozenset()))
    value = value_of(order, meant)

    by_choice = is_by_choice(order, policy, fault, now, holidays, fee)
    rule = policy.fee_in(order.body.currency, fee or policy.fee_at(order.standing)) if by_choice else Fee()
    if by_choice and flat is not None:
        rule = replace(rule, basis_points=0, at_most=None, flat=flat)
    stays = books_of(order).stays | _stays(rule, value)
    line_shipping = value.line_shipping if rule.keep_shipping else 0
    lost = _lost(order, meant) if by_choice and policy.lost_promotions is LostPromotions.CHARGE else ()
    back = dict(value.back)
    if stays or line_shipping or lost:
        back = _keeping(order, meant, stays, line_shipping, lost)
    promo = {tender_id for tender_id, account in accounts_of(order).items() if account.promo}
    money = sum(amount for tender_id, amount in back.items() if tender_id not in promo)
    gifts = min(money, _price_of_gifts(order, policy, wanted or {}) if fault is Fault.BUYER else 0)
    points = rule.basis_points * value.goods_sent
    books = books_of(order)
    charged = 0
    if rule.flat or points:
        charged = owing.fee(
            flat=rule.flat,
            points=books.fee_points + points,
            at_most=rule.at_most,
            charged=books.fee_charged,
            money=money - gifts,
        )
    lines = [
        *value.lines,
        *line_of("charge_kept", -value.stays, "charge_not_refundable"),
        *line_of("gift_kept", -gifts, "gift_stays_with_buyer"),
        *line_of("cancellation_fee", -charged, "cancellation_fee_by_status"),
        *_kept_lines(sum(value.back.values()) - sum(back.values()), rule, value),
    ]
    parts = _less_of_money(back, gifts + charged, promo)
    refund_total = sum(parts.values())
    fees_total = -sum(line.amount for line in lines if line.label in _FEES)
    tenders = {tender.tender_id: tender for tender in order.body.tenders}
    made = Quote(
        quote_id="",
        currency=order.body.currency,
        paid=refund_total + fees_total,
        refund_total=refund_total,
        fees_total=fees_total,
        lines=tuple(lines),
        tenders=tuple(
            QuoteTender(
                method=tender.method,
                amount=parts[tender_id],
                arrives_by=arrival(policy, tender.method, now, holidays, tender.channel),
                tender_id=tender_id,
                channel=tender.channel,
            )
            for tender_id, tender in tenders.items()
            if parts.get(tender_id)
        ),
        stays=tuple(sorted(stays)),
        shipping_kept=line_shipping,
        lost=lost,
        fee_points=points,
        fee_charged=charged,
    )
    return replace(made, quote_id=id_of(made, f"{policy.name} v{policy.version}"))


def is_by_choice(
    order: Order, policy: Policy, fault: Fault, now: datetime, holidays: Collection[date], fee: Fee | None
) -> bool:
    """Whether a buyer loses something by their own choice: at fault, and not inside the instant window, which is for
    cancelling at the order's own `fee` alone."""
    return fault is Fault.BUYER and (fee is not None or not policy.instant_until(order, now, holidays))


def _stays(rule: Fee, value: Value) -> frozenset[Stays]:
    found = set()
    if rule.keep_shipping and value.shipping:
        found.add(Stays.SHIPPING)
    if rule.keep_service_fee and value.service_fee:
        found.add(Stays.SERVICE_FEE)
    return frozenset(found)


def _keeping(
    order: Order, wanted: Mapping[str, int], stays: frozenset[Stays], line_shipping: int, lost: tuple[str, ...]
) -> dict[str, int]:
    """What goes back by each tender where this stays paid: all of them keep their part of it."""
    books = books_of(order)
    kept = replace(
        books, stays=stays, shipping_kept=books.shipping_kept + line_shipping, lost=books.lost | frozenset(lost)
    )
    after = replace(order, books=kept)
    return owed_by(after, gone=gone_with(order, order.gone, wanted))


def _kept_lines(kept: int, rule: Fee, value: Value) -> list[QuoteLine]:
    """What of the money stays paid, by what for: each takes what the ones before it have left."""
    lines: list[QuoteLine] = []
    for label, wanted, why in (
        (
            "shipping_kept",
            value.shipping + value.line_shipping if rule.keep_shipping else 0,
            "parcel_already_travelling",
        ),
        ("service_fee_kept", value.service_fee if rule.keep_service_fee else 0, "service_fee_not_refundable"),
    ):
        amount = min(wanted, kept)
        kept -= amount
        lines += line_of(label, -amount, why)
    return [*lines, *line_of("promotion_lost", -kept, "promotion_lost_by_choice")]


def _lost(order: Order, wanted: Mapping[str, int]) -> tuple[str, ...]:
    """Codes of promotions that were given for more goods than would still stand, as long as anything stands."""
    gone = gone_with(order, order.gone, wanted)
    stands = {line.line_id: (line.quantity - gone[line.line_id]) * line.unit_price for line in order.body.lines}
    if all(gone[line.line_id] >= line.quantity for line in order.body.lines):
        return ()
    known = books_of(order).lost
    return tuple(
        discount.code
        for discount in order.body.discounts
        if discount.code not in known
        if discount.min_spend
        > sum(
            amount
            for line_id, amount in stands.items()
            if discount.scope is not Scope.LINES or line_id in discount.line_ids
        )
    )


def _less_of_money(back: Mapping[str, int], fee: int, promo: Collection[str]) -> dict[str, int]:
    """What goes back once a fee came off the money of it, each tender in proportion."""
    money = [tender_id for tender_id in back if tender_id not in promo]
    shares = dict(zip(money, apportion(fee, [back[x] for x in money]), strict=True))
    return {tender_id: amount - shares.get(tender_id, 0) for tender_id, amount in back.items()}


def less_fee(offered: Quote, fee: int) -> Quote:
    """The quote when the buyer agrees to a further `fee` (minor units; of a fee above the money that goes back by now,
    as much as that)."""
    kept = line_of(_AGREED_FEE, -min(fee, offered.money), "fee_agreed_with_seller")
    return _less(offered, *kept) if kept else offered


def less_deduction(told: Quote, deduction: int) -> Quote:
    """The quote when customer service keeps a `deduction` (minor units, at most `refund_total`) for the state of goods
    that came back; of vouchers and coins only what money does not cover."""
    return _less(told, *line_of(_DEDUCTION, -deduction, "deducted_for_goods"))


def less_elsewhere(told: Quote, left: Mapping[str, int]) -> Quote:
    """The quote where no more than this is left to go back by each tender id."""
    within = [replace(each, amount=min(each.amount, left.get(each.tender_id, 0))) for each in told.tenders]
    total = sum(each.amount for each in within)
    if total == told.refund_total:
        return told
    less = line_of(ELSEWHERE, total - told.refund_total, GIVEN_ALREADY)
    # It is no fee: what went back elsewhere is not paid any more.
    made = replace(
        told,
        lines=(*told.lines, *less),
        paid=told.paid - (told.refund_total - total),
        refund_total=total,
        tenders=tuple(each for each in within if each.amount),
    )
    return replace(made, quote_id=id_of(made, told.quote_id))


def _less(offered: Quote, kept: QuoteLine) -> Quote:
    lines, fee = (*offered.lines, kept), -kept.amount
    promo = {tender.tender_id for tender in offered.tenders if tender.method.is_promo}
    amounts = {tender.tender_id: tender.amount for tender in offered.tenders}
    of_money = min(fee, offered.money)
    parts = _less_of_money(amounts, of_money, promo)
    parts = _less_of_money(parts, fee - of_money, set(parts) - promo)
    made = replace(
        offered,
        lines=lines,
        refund_total=offered.refund_total - fee,
        fees_total=offered.fees_total + fee,
        tenders=tuple(replace(x, amount=parts[x.tender_id]) for x in offered.tenders if parts[x.tender_id]),
    )
    return replace(made, quote_id=id_of(made, offered.quote_id))


def id_of(made: Quote, basis: str) -> str:
    """The name of a quote, by what it says: the same words have the same name."""
    content = [
        basis,
        made.currency,
        [[x.label, x.detail, x.amount, x.rule] for x in made.lines],
        [[t.tender_id, t.amount] for t in made.tenders],
    ]
    return "q_" + hashlib.sha256(json.dumps(content).encode()).hexdigest()[:20]


def _price_of_gifts(order: Order, policy: Policy, wanted: Mapping[str, int]) -> int:
    """What gifts cost that stay with the buyer though the goods they came with go, where policy keeps their price."""
    if policy.gifts is not Gifts.PRICE_KEPT:
        return 0
    return order.body.goods_of(gifts_that_stay(order.body, order.gone, wanted))


def arrival(
    policy: Policy, method: str, now: datetime, holidays: Collection[date], channel: str | None = None
) -> datetime:
    """The latest moment at which money that goes back `now` by this method, through this channel, is there."""
    told = policy.refund_times.get(method)
    return later(now, told.through(channel) if told else DEFAULT_REFUND_TIME, policy.zone, holidays)
