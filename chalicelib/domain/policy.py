"""A policy profile: everything a platform may decide differently, as data. Shipped profiles lie in profiles/*.json.

Every figure is a default that an operator may change; product.md 1.5 names the public source of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deadline import Span, Zone, later
from chalicelib.domain.order import Fulfilment, Order, OrderStatus


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


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantWindow:
    """While it lasts the buyer cancels without anybody's approval. No `span` means: until the status changes."""

    statuses: tuple[OrderStatus, ...]
    anchor: Anchor = Anchor.PAID
    span: Span | None = None
    fulfilment: Fulfilment | None = None


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

    basis_points of the goods (1/100 of a percent), at most `at_most` minor units where given; what the buyer paid for
    shipping stays with the seller or the carrier where `keep_shipping`; the platform keeps its service fee where
    `keep_service_fee`.
    """

    basis_points: int = 0
    at_most: int | None = None
    keep_shipping: bool = False
    keep_service_fee: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of one profile. A running case keeps the version it began with."""

    name: str
    version: int
    answers: Mapping[OrderStatus, Answer]
    instant: tuple[InstantWindow, ...] = ()
    fees: Mapping[OrderStatus, Fee] = field(default_factory=dict)
    support: Answer = SUPPORT_ANSWERS
    refund_check: Span = REFUND_CHECK
    parcel_moves: ParcelMoves = ParcelMoves.CONTINUE
    max_attempts: int = 1
    reason_required: bool = True
    excluded_categories: tuple[str, ...] = ()
    refund_order: tuple[str, ...] = (
        "card",
        "bank",
        "virtual_account",
        "paylater",
        "wallet",
        "cod",
        "coins",
        "voucher",
    )
    refund_times: Mapping[str, Span] = field(default_factory=dict)
    zone: Zone = Zone.WIB
    currency_of_figures: str = "IDR"
    sources: Mapping[str, str] = field(default_factory=dict)

    def instant_until(self, order: Order, now: datetime) -> datetime | None:
        """The end of the instant window that is open at `now`; `datetime.max` where only the status ends it."""
        for window in self.instant:
            if order.standing not in window.statuses:
                continue
            if window.fulfilment and window.fulfilment is not order.body.fulfilment:
                continue
            if window.span is None:
                return datetime.max.replace(tzinfo=now.tzinfo)
            start = order.body.placed_at if window.anchor is Anchor.PLACED else order.body.paid_at
            if start and now < (end := later(start, window.span, self.zone)):
                return end
        return None
