"""An order as the OMS tells it, and what Batal itself keeps about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.statuses import ARRIVED, MOVES, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The OMS's order beside Batal's own guard fields, which no push ever writes (I7).

    open_case   the case that holds the order's slot (I1)
    cases       every case the order ever had, oldest first
    attempts    how often the buyer asked to cancel; return_attempts: to return
    left        what may still be refunded per payment method, in minor units; None until the first case
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
        """Quantities that were cancelled or returned, per line id."""
        lines = [line.line_id for line in self.body.lines]
        return {line_id: self.cancelled.get(line_id, 0) + self.returned.get(line_id, 0) for line_id in lines}

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
    def left_to_refund(self) -> Mapping[str, int]:
        """What may still be refunded per payment method, in minor units."""
        return {t.method: t.amount for t in self.body.tenders} if self.left is None else self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPush:
    """A change of status from the OMS; `version` orders the changes, `at` is the OMS's time in UTC."""

    status: OrderStatus
    version: int
    at: datetime
    tracking_number: str | None = None
    carrier: str | None = None


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
