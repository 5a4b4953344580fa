"""A policy profile: everything a platform may decide differently, as data. Shipped profiles lie in profiles/*.json.

Every figure is a default that an operator may change; docs/rules.md R51 names the public source of each.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.amounts import Money
from chalicelib.domain.orders.body import Fulfilment, OrderBody
from chalicelib.domain.orders.families import Gifts
from chalicelib.domain.orders.methods import Method, code_of
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import HELD_UP, OrderStatus
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learning import Learning
from chalicelib.domain.policies.published import Published
from chalicelib.domain.policies.refund_times import RefundTime
from chalicelib.domain.policies.spans import Span, later
from chalicelib.domain.policies.urgency import MOST_URGES, Urge
from chalicelib.domain.zones import Zone


class Silence(StrEnum):
    """What it means when nobody answers in time."""

    APPROVE = "approve"
    EXPIRE = "expire"
    ESCALATE = "escalate"


class Anchor(StrEnum):
    """From when an instant window is counted."""

    PLACED = "placed"
    PAID = "paid"


class ParcelMoves(StrEnum):
    """What happens to an open case when the parcel leaves or arrives after the buyer asked."""

    END = "end"
    CONTINUE = "continue"
    SUPPORT = "support"


class MoneyBack(StrEnum):
    """When the money of an approved cancellation goes back, where the parcel has left already."""

    ON_APPROVAL = "on_approval"
    ON_INTERCEPTION = "on_interception"
    ON_RECEIPT = "on_receipt"


class Declined(StrEnum):
    """Where a case goes when the buyer declines an offer."""

    SELLER = "seller"
    SUPPORT = "support"
    END = "end"


class Payer(StrEnum):
    """Who pays for the way back of returned goods."""

    BUYER = "buyer"
    SELLER = "seller"
    PLATFORM = "platform"


class Rating(StrEnum):
    """Which cancellations count against a seller (docs/rules.md R47)."""

    MARKETPLACE = "marketplace"
    BUYER_PROTECTION = "buyer-protection"


class LostPromotions(StrEnum):
    """What becomes of a promotion that was given for more goods than stand after a part was cancelled."""

    KEEP = "keep"
    CHARGE = "charge"


class Elsewhere(StrEnum):
    """Who gives the money back of an order that the platform cancelled by itself."""

    PLATFORM_PAYS = "platform_pays"
    BATAL_PAYS = "batal_pays"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantWindow:
    """While it lasts the buyer cancels without anybody's approval. No `span` means: until the status changes.

    services        for orders sent by one of these shipping services alone, however platforms spell them; empty: by any
    other_services  the other way round: for all but these, those of which nobody told the service among them
    preorder        for pre-orders alone, or for all but them; None: for both
    until_arranged  it ends when the seller arranges the shipment, too
    """

    statuses: tuple[OrderStatus, ...]
    anchor: Anchor = Anchor.PAID
    span: Span | None = None
    fulfilment: Fulfilment | None = None
    services: tuple[str, ...] = ()
    other_services: tuple[str, ...] = ()
    preorder: bool | None = None
    until_arranged: bool = False

    def is_for(self, body: OrderBody) -> bool:
        """Whether orders such as this one have it, whatever the time."""
        service = _plain(body.shipping_service)
        return (
            self.fulfilment in (None, body.fulfilment)
            and (not self.services or service in map(_plain, self.services))
            and service not in map(_plain, self.other_services)
            and self.preorder in (None, body.preorder is not None)
        )


def _plain(service: str | None) -> str | None:
    """A shipping service as it is compared: `Next-Day` is `next_day`."""
    return code_of(service) if service else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How long the seller may take, and what silence means."""

    within: Span
    if_silent: Silence


# Customer service must answer too; a payment provider is asked again after this long.
SUPPORT_ANSWERS = Answer(within=Span(amount=2, unit="working_days"), if_silent=Silence.EXPIRE)
REFUND_CHECK = Span(amount=3, unit="working_days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What a buyer loses who cancels by their own choice.

    `flat` minor units per order and basis_points (1/100 of a percent) of the money that goes back for goods, together
    at most `at_most` minor units per order where given, in the policy's `currency_of_figures`: to orders in another
    currency no fee applies that names an amount. What the buyer paid for shipping stays with the seller or the carrier
    where `keep_shipping`; the platform keeps its service fee where `keep_service_fee`.
    """

    basis_points: int = 0
    flat: int = 0
    at_most: int | None = None
    keep_shipping: bool = False
    keep_service_fee: bool = False

    def __post_init__(self) -> None:
        """Refuse a fee that is more than everything. Raises ValueError."""
        if not 0 <= self.basis_points <= 10_000 or (self.at_most is not None and self.at_most < 0):
            raise ValueError("a fee is 0 to 10000 basis points, at most an amount of zero or more")

    @property
    def names_an_amount(self) -> bool:
        """Whether a part of it is an amount, which is money of one currency alone."""
        return self.at_most is not None or self.flat > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """How often a seller may offer in one run, how long the buyer may think, and what declining means.

    Raises ValueError where a buyer's silence would approve: silence never costs a buyer money.
    """

    rounds: int = 2
    answer: Answer = Answer(within=Span(amount=24, unit="hours"), if_silent=Silence.EXPIRE)
    declined: Declined = Declined.SELLER

    def __post_init__(self) -> None:
        """Refuse what would take money from somebody who said nothing."""
        if self.answer.if_silent is Silence.APPROVE:
            raise ValueError("a buyer's silence can end the case or escalate it, never accept an offer")


# A carrier's fault is the platform's to settle with the carrier.
_PAYS: Mapping[Fault, Payer] = {Fault.BUYER: Payer.BUYER, Fault.SELLER: Payer.SELLER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """Returning goods after delivery.

    window      how long after delivery the buyer may ask
    answer      the seller's time to agree, and what silence means
    ship_back   how long the buyer has to send the goods; silence ends the case
    transit     how long they may travel. If nobody has said by then that they arrived, `if_unseen`: customer service
                looks (a number typed by the buyer proves nothing), or the money goes
    receipt     how long the seller has to look at goods that the carrier has delivered; silence means all is well
    quick_at_most   the money goes as soon as the carrier has the goods, where these articles, with all that is gone of
                the order already, cost no more than this (list price, in minor units of `currency_of_figures`), and the
                buyer does not ask often; 0: never. What comes of the goods is then at the platform's risk
    way_back    who pays for the way back; None: whoever is at fault
    fee         what a buyer loses who returns by choice
    """

    window: Span = Span(amount=7, unit="days")
    answer: Answer = Answer(within=Span(amount=2, unit="working_days"), if_silent=Silence.ESCALATE)
    ship_back: Span = Span(amount=5, unit="working_days")
    transit: Span = Span(amount=10, unit="working_days")
    if_unseen: Silence = Silence.ESCALATE
    receipt: Span = Span(amount=5, unit="working_days")
    quick_at_most: int = 0
    way_back: Payer | None = None
    fee: Fee = Fee(keep_shipping=True, keep_service_fee=True)
    max_attempts: int = 1

    def __post_init__(self) -> None:
        """Refuse what would end a return whose goods are on their way. Raises ValueError."""
        if self.if_unseen is Silence.EXPIRE:
            raise ValueError("goods that were sent back are never lost to silence: escalate, or approve")
        if self.quick_at_most < 0:
            raise ValueError("quick_at_most is an amount of zero or more")

    def way_back_paid_by(self, fault: Fault) -> Payer:
        """Who pays for the way back of goods that come back by this party's fault."""
        return self.way_back or _PAYS.get(fault, Payer.PLATFORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequent:
    """A buyer who asked this many times within this time is flagged to those who answer (docs/rules.md R13)."""

    requests: int = 5
    within: Span = Span(amount=90, unit="days")


# At which status a policy's figures are looked up where it names none for this one, as policies did that were written
# before there was such a status. Goods that are with the seller again, or nowhere, are no reason to wait for anybody.
_NEIGHBOURS: Mapping[OrderStatus, OrderStatus] = {
    OrderStatus.PAYMENT_REVIEW: OrderStatus.PLACED,
    OrderStatus.ON_HOLD: OrderStatus.PLACED,
    OrderStatus.PARTLY_SHIPPED: OrderStatus.SHIPPED,
    OrderStatus.FAILED_DELIVERY: OrderStatus.SHIPPED,
    OrderStatus.RETURNING_TO_SELLER: OrderStatus.SHIPPED,
    OrderStatus.RETURNED_TO_SELLER: OrderStatus.SHIPPED,
    OrderStatus.LOST: OrderStatus.SHIPPED,
}
_SILENCE_APPROVES = (OrderStatus.RETURNED_TO_SELLER, OrderStatus.LOST)
_ANSWERED = (OrderStatus.PLACED, OrderStatus.PROCESSING, OrderStatus.READY_TO_SHIP, OrderStatus.SHIPPED)


INDONESIA = "ID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of one profile. A running case keeps the version it began with.

    preorder_answers      of pre-orders, where the seller's time to answer is another than `answers` says
    reminders             how long before a deadline whoever is waited for is reminded, once each
    urgency               how they are urged instead, step by step; None: by `reminders`
    money_back            when the money of an approved cancellation goes back where the parcel has left
    interception          how long a parcel that was called back may take, before customer service looks
    extensions            how often customer service may make one and the same wait longer
    agreed_if_silent      what customer service's silence means where both sides agreed already: escalate (the case
                          comes back to the queue until somebody decides) or approve
    withdrawal_counts     whether a withdrawn request uses up an attempt
    second_person_above   what is worth more than this (list price, in minor units of `currency_of_figures`, with all
                          that is gone of the order already) needs a second support person; None: nothing ever does
    second_person_above_a_day   and so does what one of them grants beyond this on one day (UTC)
    link_at_most          above this, and in any other currency, the seller's link leads to signing in
    packages_go_together  lines packed together are cancelled together once they are packed
    gifts                 whether gifts go back with the goods they came with, or stay and their price is kept
    bundles_may_be_split  whether parts of a bundle can be cancelled or returned without the rest
    cancelled_elsewhere   who gives the money back of an order that the platform cancelled by itself
    zone                  whose days and working days count
    country               whose public holidays they leave out, and whose law holds, by its code of ISO 3166; unsaid:
                          Indonesia where the zone is one of its three, and none elsewhere
    built_in_wallet       whether Batal's own wallet pays what comes back by wallet or as cash; else the marketplace is
                          asked to, as for any other payment method
    without_way_back      payment methods whose money cannot go back the way it came: the buyer is asked for an account
    appeal_within         how long after the end a buyer may appeal, once
    refund_order          payment methods that refunds fill one after the other, each up to what was paid by it; None:
                          all tenders in proportion
    refund_times          how long the money takes at the most, by payment method and, within it, by channel
    learning              how odds are learned: how strongly sellers lean on their platform, and how fast answers fade
    published             who made this version the current one; Batal says so itself, whatever a draft says
    """

    name: str
    version: int
    answers: Mapping[OrderStatus, Answer]
    instant: tuple[InstantWindow, ...] = ()
    fees: Mapping[OrderStatus, Fee] = field(default_factory=dict)
    support: Answer = SUPPORT_ANSWERS
    refund_check: Span = REFUND_CHECK
    parcel_moves: ParcelMoves = ParcelMoves.CONTINUE
    max_attempts: int = 1
    withdrawal_counts: bool = True
    offers: Offers = field(default_factory=Offers)
    returns: Returns | None = field(default_factory=Returns)
    preorder_answers: Mapping[OrderStatus, Answer] = field(default_factory=dict)
    money_back: MoneyBack = MoneyBack.ON_APPROVAL
    interception: Span = Span(amount=5, unit="working_days")
    appeal_within: Span = Span(amount=3, unit="days")
    extend_at_most: Span = Span(amount=14, unit="days")
    extensions: int = 3
    agreed_if_silent: Silence = Silence.ESCALATE
    second_person_above: int | None = 5_000_000
    second_person_above_a_day: int | None = 25_000_000
    link_at_most: int = 1_000_000
    reminders: tuple[Span, ...] = (Span(amount=6, unit="hours"),)
    urgency: tuple[Urge, ...] | None = None
    packages_go_together: bool = False
    gifts: Gifts = Gifts.BACK
    cancelled_elsewhere: Elsewhere = Elsewhere.PLATFORM_PAYS
    bundles_may_be_split: bool = False
    built_in_wallet: bool = True
    without_way_back: tuple[Method, ...] = ()
    rating: Rating = Rating.MARKETPLACE
    frequent: Frequent = field(default_factory=Frequent)
    learning: Learning = field(default_factory=Learning)
    reason_required: bool = True
    excluded_categories: tuple[str, ...] = ()
    refund_order: tuple[str, ...] | None = None
    lost_promotions: LostPromotions = LostPromotions.KEEP
    refund_times: Mapping[str, RefundTime] = field(default_factory=dict)
    zone: Zone = Zone.WIB
    country: str | None = None
    currency_of_figures: str = "IDR"
    sources: Mapping[str, str] = field(default_factory=dict)
    published: Published | None = None

    def __post_init__(self) -> None:
        """Refuse a profile that leaves a question open. Raises ValueError."""
        missing = {status.value for status in _ANSWERED} - {str(status) for status in self.answers}
        if missing:
            raise ValueError(f"answers are missing for {', '.join(sorted(missing))}")
        if self.max_attempts < 1 or self.version < 1 or self.offers.rounds < 0:
            raise ValueError("version and attempts are 1 or more, rounds of offers 0 or more")
        if self.agreed_if_silent is Silence.EXPIRE or self.extensions < 0:
            raise ValueError("silence never undoes what was agreed; extensions are 0 or more")
        after = [urge.basis_points for urge in self.urgency or ()]
        if len(after) > MOST_URGES or after != sorted(set(after)):
            raise ValueError(f"steps of urgency follow one another, {MOST_URGES} at most")

    def urge(self, number: int) -> Urge | None:
        """The step of urgency of this number, from 1; None where there is no such step, as with plain reminders."""
        steps = self.urgency or ()
        return steps[number - 1] if 0 < number <= len(steps) else None

    @property
    def home(self) -> str | None:
        """The country whose holidays count and whose law holds; Indonesia where nobody says and it is its zone."""
        return self.country or (INDONESIA if self.zone.is_indonesian else None)

    def answer_at(self, status: OrderStatus, *, preorder: bool) -> Answer | None:
        """How long the seller may take over cancelling an order that stands there, and what silence means; None where
        the policy does not let anybody ask."""
        answers = {**self.answers, **self.preorder_answers} if preorder else self.answers
        if status in answers or status not in _NEIGHBOURS:
            return answers.get(status)
        found = answers.get(_NEIGHBOURS[status])
        return replace(found, if_silent=Silence.APPROVE) if found and status in _SILENCE_APPROVES else found

    def fee_at(self, status: OrderStatus) -> Fee:
        """What a buyer loses who cancels by choice at this status."""
        # Of a parcel that nobody can find there is nothing to keep.
        neighbour = status if status is OrderStatus.LOST else _NEIGHBOURS.get(status, status)
        return self.fees.get(status, self.fees.get(neighbour, Fee()))

    def needs_nobody_at(self, status: OrderStatus) -> bool:
        """Whether cancelling needs nobody's yes for as long as the order stands there: nothing was paid, or nobody has
        begun and somebody holds it up, unless the policy names an answer for that."""
        return status is OrderStatus.UNPAID or (status in HELD_UP and status not in self.answers)

    def is_above(self, limit: int, worth: Money) -> bool:
        """Whether something worth so much (list price) goes beyond one of its limits; in a currency that they do not
        speak of it always does."""
        return not worth.is_within(Money(limit, self.currency_of_figures))

    def fee_in(self, currency: str, fee: Fee) -> Fee:
        """This fee as it applies to orders in a currency: where it names an amount of another one, nothing stays of it
        but what is kept of shipping and service fee."""
        if not fee.names_an_amount or currency == self.currency_of_figures:
            return fee
        return Fee(keep_shipping=fee.keep_shipping, keep_service_fee=fee.keep_service_fee)

    def instant_until(self, order: Order, now: datetime, holidays: Collection[date]) -> datetime | None:
        """The end of the instant window that is open at `now`; `datetime.max` where only the status ends it."""
        for window in self.instant:
            if order.standing not in window.statuses or not window.is_for(order.body):
                continue
            end = self._end_of(window, order.body, now, holidays)
            if window.until_arranged and order.body.shipment_arranged_at and end:
                end = min(end, order.body.shipment_arranged_at)
            if end and now < end:
                return end
        return None

    def _end_of(
        self, window: InstantWindow, body: OrderBody, now: datetime, holidays: Collection[date]
    ) -> datetime | None:
        """When the window's own time is over; None where nobody told from when it is counted."""
        if window.span is None:
            return datetime.max.replace(tzinfo=now.tzinfo)
        start = body.placed_at if window.anchor is Anchor.PLACED else body.paid_at
        return later(start, window.span, self.zone, holidays) if start else None
