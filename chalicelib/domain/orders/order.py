"""An order as the OMS tells it, and what Batal itself keeps about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.body import PROMO, OrderBody, RefundElsewhere
from chalicelib.domain.orders.statuses import ARRIVED, MOVES, OrderStatus
from chalicelib.domain.orders.sums import pieces_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The OMS's order beside Batal's own guard fields, which no push ever writes (I7).

    open_case   the case that holds the order's slot (I1)
    cases       every case the order ever had, oldest first
    attempts    how often the buyer asked to cancel; return_attempts: to return
    left        what may still be refunded per payment method, in minor units; None until the first case
    given       what the marketplace says that it gave back itself, all told, per payment method
    settled_elsewhere   how much of what was given back elsewhere earlier requests took into account
    cancelled   quantities cancelled by Batal, per line id; returned: sent back after delivery
    told        the status that the OMS told last, where it is not one that the order could move to
    late_parcel where a parcel of it came to after it was cancelled
    moments     when the order first came to a status, by the OMS's clock, never later than we heard of it
    """

    body: OrderBody
    status: OrderStatus
    status_version: int
    status_at: datetime
    rev: int = 1
    tracking_number: str | None = None
    carrier: str | None = None
    open_case: str | None = None
    cases: tuple[str, ...] = ()
    attempts: int = 0
    return_attempts: int = 0
    left: Mapping[str, int] | None = None
    given: Mapping[str, int] = field(default_factory=dict)
    settled_elsewhere: int = 0
    cancelled: Mapping[str, int] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)
    told: OrderStatus | None = None
    late_parcel: OrderStatus | None = None
    moments: Mapping[OrderStatus, datetime] = field(default_factory=dict)

    @property
    def delivered_at(self) -> datetime | None:
        """When it was first delivered; None where it was not."""
        # Rows from before moments were kept know only of their last change.
        known = self.status_at if self.status is OrderStatus.DELIVERED else None
        return self.moments.get(OrderStatus.DELIVERED, known)

    @property
    def order_id(self) -> str:
        """The OMS's id of the order."""
        return self.body.order_id

    @property
    def name_for_people(self) -> str:
        """What people read instead of its id."""
        return self.body.name_for_people

    @property
    def fully_cancelled(self) -> bool:
        """Whether every piece of every line was cancelled through Batal."""
        return all(self.cancelled.get(line.line_id, 0) >= line.quantity for line in self.body.lines)

    @property
    def gone(self) -> Mapping[str, int]:
        """Quantities that were cancelled or returned, here or elsewhere, per line id."""
        elsewhere = pieces_in(refund.lines for refund in self.refunds_elsewhere)
        lines = [line.line_id for line in self.body.lines]
        ours = {line_id: self.cancelled.get(line_id, 0) + self.returned.get(line_id, 0) for line_id in lines}
        # They may be the same pieces: what Batal cancelled, refunded by the marketplace.
        return {line_id: max(count, elsewhere.get(line_id, 0)) for line_id, count in ours.items()}

    @property
    def remaining(self) -> Mapping[str, int]:
        """Quantities that are neither cancelled nor returned, per line id; lines that are gone whole are left out."""
        gone = self.gone
        rest = {line.line_id: line.quantity - gone[line.line_id] for line in self.body.lines}
        return {line_id: quantity for line_id, quantity in rest.items() if quantity > 0}

    def worth(self, wanted: Mapping[str, int]) -> int:
        """The list price of these quantities with all that is gone already, in minor units: what limits look at."""
        return self.body.goods_of(self.gone) + self.body.goods_of(wanted)

    @property
    def standing(self) -> OrderStatus:
        """The status to show and to decide on: what Batal cancelled stays cancelled whatever the OMS still says."""
        return OrderStatus.CANCELLED if self.fully_cancelled else self.status

    @property
    def refunds_elsewhere(self) -> tuple[RefundElsewhere, ...]:
        """Refunds that the order's system tells of and that are none of Batal's own, told back to it."""
        ours = {refund_id_of(case_id) for case_id in self.cases}
        return tuple(refund for refund in self.body.refunds if refund.refund_id not in ours)

    @property
    def given_elsewhere(self) -> Mapping[str, int]:
        """What went back without Batal, in minor units per payment method; money told in two ways counts once."""
        by_refund = dict.fromkeys((tender.method.value for tender in self.body.tenders), 0)
        unsaid = 0
        for refund in self.refunds_elsewhere:
            if refund.tender_id:
                by_refund[refund.tender_id] = by_refund.get(refund.tender_id, 0) + refund.amount
            else:
                unsaid += refund.amount
        given = {method: max(amount, self.given.get(method, 0)) for method, amount in by_refund.items()}
        # Where nobody says by which way: money first, in the order in which it was paid.
        for tender in sorted(self.body.tenders, key=lambda each: each.method in PROMO):
            part = min(unsaid, max(0, tender.amount - given[tender.method]))
            given[tender.method] += part
            unsaid -= part
        return given

    @property
    def left_of_tenders(self) -> Mapping[str, int]:
        """What Batal itself may still refund per payment method, in minor units, but for what was given elsewhere."""
        return {t.method: t.amount for t in self.body.tenders} if self.left is None else self.left

    @property
    def left_to_refund(self) -> Mapping[str, int]:
        """What may still be refunded per payment method, in minor units."""
        given = self.given_elsewhere
        return {method: max(0, amount - given.get(method, 0)) for method, amount in self.left_of_tenders.items()}


# What the id of a case's one refund begins with.
REFUND = "rf_"


def refund_id_of(case_id: str) -> str:
    """The id of the one refund of a case."""
    return f"{REFUND}{case_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPush:
    """A change of status from the OMS; `version` orders the changes, `at` is the OMS's time in UTC."""

    status: OrderStatus
    version: int
    at: datetime
    tracking_number: str | None = None
    carrier: str | None = None
    cancel_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """What the marketplace says that it gave back itself by one payment method, all told, in minor units; `refund_id`
    where it says which refund brought that about."""

    method: str
    amount: int
    refund_id: str | None = None


def with_given_back(order: Order, told: GivenBack) -> Order | None:
    """The order after that word; None where it is no news: the largest amount told stays, and a refund of Batal's own
    that is told back is none of the marketplace's.

    Raises Invalid `validation_failed` for a payment method that the order was not paid by, or more than it paid.
    """
    paid = {tender.method.value: tender.amount for tender in order.body.tenders}
    if told.amount > paid.get(told.method, -1):
        message = f"{told.amount} of {paid[told.method]}" if told.method in paid else "no such tender"
        raise Invalid("validation_failed", errors=[{"field": "tender_id", "message": message}])
    ours = told.refund_id in {refund_id_of(case_id) for case_id in order.cases}
    if ours or told.amount <= order.given.get(told.method, 0):
        return None
    return replace(order, given={**order.given, told.method: told.amount})


def with_body(order: Order | None, body: OrderBody, now: datetime) -> Order | None:
    """The order after a whole push, or None where the push is no newer than what is known.

    A push carries a status too; body and status are ordered apart, so that a late body never takes the status back.
    Raises Invalid `identity_changed` where the order would change hands, platform or currency.
    """
    if order is None:
        # Nobody told when an order came to where it already stands: not before it was placed, and no window opens late.
        at = now if body.status not in ARRIVED else min(body.delivered_at or body.placed_at, now)
        moments = {body.status: at}
        return Order(body=body, status=body.status, status_version=body.version, status_at=at, moments=moments)
    if _identity(order.body) != _identity(body):
        raise Invalid("identity_changed", order_id=body.order_id)
    if body.version <= order.body.version:
        return None
    after = replace(order, body=body)
    if body.version <= order.status_version:
        return after
    at = min(body.delivered_at or now, now) if body.status is OrderStatus.DELIVERED else now
    return replace(_moved(after, body.status, at), status_version=body.version)


def with_status(order: Order, push: StatusPush, now: datetime) -> Order | None:
    """The order after a change of status, or None where the change is no newer than what is known.

    A status that the order could not move to is kept as told, with what came along, and moves nothing.
    """
    if push.version <= order.status_version:
        return None
    # An order leaves `unpaid` by being paid; the push that says so has no other word for it.
    paid = order.status is OrderStatus.UNPAID and push.status not in (OrderStatus.UNPAID, OrderStatus.CANCELLED)
    body = replace(order.body, paid_at=push.at) if paid and order.body.paid_at is None else order.body
    if push.cancel_reason and push.cancel_reason != body.cancel_reason:
        body = replace(body, cancel_reason=push.cancel_reason)
    return replace(
        _moved(order, push.status, min(push.at, now)),
        body=body,
        status_version=push.version,
        tracking_number=push.tracking_number or order.tracking_number,
        carrier=push.carrier or order.carrier,
    )


def _moved(order: Order, to: OrderStatus, at: datetime) -> Order:
    """The order at its new status; where it is at already, or could not have come to, it stays as it is."""
    if to is order.status:
        return replace(order, told=None)
    if to not in MOVES[order.status]:
        return replace(order, told=to)
    moments = {**order.moments, to: order.moments.get(to, at)}
    return replace(order, status=to, status_at=at, told=None, moments=moments)


def _identity(body: OrderBody) -> tuple[str, str, str, str]:
    return (body.platform, body.buyer.id, body.seller.id, body.currency)
