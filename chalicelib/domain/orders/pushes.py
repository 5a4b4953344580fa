"""What the order system tells of an order: all of it, a change of status, money it gave back; and the order after."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.orders.body import OrderBody, Package, Pieces, Tender
from chalicelib.domain.orders.erased import as_told_of
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.parcels import Claim, may_move, of_lines, status_by, told_of, told_of_all
from chalicelib.domain.orders.statuses import ARRIVED, MOVES, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPush:
    """A change of status from the OMS, of the order or of one of its parcels; `at` is the OMS's time in UTC.

    version     orders the changes; None where the platform has no version: then `event_id` says which word this is
    package_id, lines   the parcel that it is about; of one without an id, its lines
    """

    status: OrderStatus
    at: datetime
    version: int | None = None
    event_id: str | None = None
    package_id: str | None = None
    lines: tuple[Pieces, ...] = ()
    tracking_number: str | None = None
    carrier: str | None = None
    cancel_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """What the marketplace says that it gave back itself by one tender, all told, in minor units; `refund_id` where it
    says which refund brought that about."""

    tender_id: str
    amount: int
    refund_id: str | None = None


def with_given_back(order: Order, told: GivenBack, at_most: int | None = None) -> Order | None:
    """The order after that word; None where it is no news: the largest amount told stays, and a refund of Batal's own
    that is told back is none of the marketplace's.

    Raises Invalid `validation_failed` for a tender that the order was not paid by, or more than it paid (`at_most`
    where more is known than its amount).
    """
    paid = {tender.tender_id: tender.amount for tender in order.body.tenders}
    most = paid.get(told.tender_id, -1) if at_most is None else at_most
    if told.amount > most:
        message = "no such tender" if most < 0 else f"{told.amount} of {most}"
        raise Invalid("validation_failed", errors=[{"field": "tender_id", "message": message}])
    if told.refund_id in order.own_refund_ids or told.amount <= order.given.get(told.tender_id, 0):
        return None
    return replace(order, given={**order.given, told.tender_id: told.amount})


def digest_of_told(body: OrderBody) -> str:
    """By which the same content is known again. What was not said is left out: fields that later versions add change
    nothing about what was said before."""
    said = json.dumps(_said(asdict(body)), sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _said(each) for name, each in value.items() if each not in (None, "", (), {}, False)}
    if isinstance(value, (list, tuple)):
        return [_said(each) for each in value]
    return value


def with_body(order: Order | None, body: OrderBody, now: datetime) -> Order | None:
    """The order after a whole push, or None where the push is no newer than what is known.

    A push carries a status too; body and status are ordered apart, so that a late body never takes the status back.
    Raises Invalid `identity_changed` where the order would change hands, platform or currency, `validation_failed`
    where money would become a voucher or coins, or they money, under one name; Refused `version_taken` where this very
    version said something else.
    """
    body = as_told_of(order, body)
    said = digest_of_told(body)
    if order is None:
        # Nobody told when an order came to where it already stands: not before it was placed, and no window opens late.
        at = now if body.status not in ARRIVED else min(body.delivered_at or body.placed_at, now)
        moments = {body.status: at}
        new = Order(
            body=body,
            status=body.status,
            status_version=body.version,
            status_at=at,
            moments=moments,
            body_told=said,
            status_told=body.status,
        )
        return _with_parcels(new, body.packages, now)
    if _identity(order.body) != _identity(body):
        raise Invalid("identity_changed", order_id=body.order_id)
    if body.version == order.body.version and order.body_told not in (None, said):
        raise Refused("version_taken", version=body.version)
    if body.version <= order.body.version:
        return None
    _check_families(order.body, body)
    after = replace(order, body=_with_known_facts(order.body, body), body_told=said)
    if body.version > order.status_version:
        at = min(body.delivered_at or now, now) if body.status is OrderStatus.DELIVERED else now
        after = replace(_moved(after, body.status, at), status_version=body.version, status_told=body.status)
        after = replace(after, parcels=told_of_all(after.parcels, body.status, at))
        return _with_parcels(after, body.packages, now)
    known = {each.package_id for each in order.parcels}
    return _with_parcels(after, [each for each in body.packages if each.package_id not in known], now)


def with_status(order: Order, push: StatusPush, now: datetime) -> Order | None:
    """The order after a change of status, or None where the change is no newer than what is known.

    A status that the order could not move to is kept as told, with what came along, and moves nothing. Raises Invalid
    `validation_failed` for lines that are not there, and for a package of which nobody said what is in it; Refused
    `version_taken` where this very version said another status.
    """
    if order.body.buyer.is_erased:
        push = replace(push, tracking_number=None, carrier=None, cancel_reason=None)
    if push.package_id or push.lines:
        # Words about one parcel are ordered among themselves: one about another may be newer and tell nothing of it.
        after = _of_parcel(order, push, now)
        return None if after == order else after
    if push.version == order.status_version and order.status_told not in (None, push.status):
        raise Refused("version_taken", version=push.version)
    if push.version is not None and push.version <= order.status_version:
        return None
    version = push.version if push.version is not None else order.status_version
    if push.version is None and not _is_news(order, push):
        return None
    # An order leaves `unpaid` by being paid; the push that says so has no other word for it.
    paid = order.status is OrderStatus.UNPAID and push.status not in (OrderStatus.UNPAID, OrderStatus.CANCELLED)
    body = replace(order.body, paid_at=push.at) if paid and order.body.paid_at is None else order.body
    if push.cancel_reason and push.cancel_reason != body.cancel_reason:
        body = replace(body, cancel_reason=push.cancel_reason)
    at = min(push.at, now)
    return replace(
        _moved(order, push.status, at),
        body=body,
        status_version=version,
        status_told=push.status if push.version is not None else order.status_told,
        parcels=told_of_all(order.parcels, push.status, at),
        tracking_number=push.tracking_number or order.tracking_number,
        carrier=push.carrier or order.carrier,
    )


def _check_families(before: OrderBody, body: OrderBody) -> None:
    """Money never turns into vouchers or coins, nor they into money, under one name."""
    known = {tender.tender_id: tender.is_promo for tender in before.tenders}
    for tender in body.tenders:
        if known.get(tender.tender_id, tender.is_promo) is not tender.is_promo:
            message = f"{tender.tender_id}: money and vouchers or coins are tenders of their own"
            raise Invalid("validation_failed", errors=[{"field": "tenders", "message": message}])


def _with_known_facts(before: OrderBody, body: OrderBody) -> OrderBody:
    """What was told once is a fact: a push that is silent about it takes it from nobody."""
    told = {refund.refund_id for refund in body.refunds}
    known = tuple(refund for refund in before.refunds if refund.refund_id not in told)
    quantities = {line.line_id: line.quantities for line in before.lines}
    tenders = {tender.tender_id: tender for tender in before.tenders}
    return replace(
        body,
        refunds=(*known, *body.refunds),
        tenders=tuple(_as_known(tender, tenders.get(tender.tender_id)) for tender in body.tenders),
        lines=tuple(replace(x, quantities=x.quantities or quantities.get(x.line_id)) for x in body.lines),
        paid_at=body.paid_at or before.paid_at,
        shipment_arranged_at=body.shipment_arranged_at or before.shipment_arranged_at,
        cancel_reason=body.cancel_reason or before.cancel_reason,
    )


def _as_known(tender: Tender, before: Tender | None) -> Tender:
    """A tender with what was told earlier of the same payment: by whom it was taken, and how they know it."""
    if before is None or before.method is not tender.method or tender.provider not in (None, before.provider):
        return tender
    return replace(
        tender,
        provider=before.provider,
        channel=tender.channel or before.channel,
        reference=tender.reference or before.reference,
        references=tender.references or before.references,
    )


def _is_news(order: Order, push: StatusPush) -> bool:
    """Whether a word without a version says anything new: words of one second come in any order, and again."""
    if push.status is order.status or push.status is order.told:
        return False
    if push.status in MOVES[order.status]:
        return may_move(order.status, push.status, order.status_at, push.at)
    return True


def _of_parcel(order: Order, push: StatusPush, now: datetime) -> Order:
    unknown = [pieces.line_id for pieces in push.lines if pieces.line_id not in {x.line_id for x in order.body.lines}]
    if unknown:
        raise Invalid("validation_failed", errors=[{"field": "lines", "message": f"there is no line {unknown[0]}"}])
    quantity = {line.line_id: line.quantity for line in order.body.lines}
    too_many = [pieces for pieces in push.lines if pieces.quantity > quantity[pieces.line_id]]
    if too_many:
        message = f"{too_many[0].quantity} pieces of {quantity[too_many[0].line_id]}"
        raise Invalid("validation_failed", errors=[{"field": "lines", "message": message}])
    package_id = push.package_id or of_lines(push.lines)
    known = next((each for each in order.parcels if each.package_id == package_id), None)
    if not push.lines and known is None:
        message = "nobody said what is in it: give its lines"
        raise Invalid("validation_failed", errors=[{"field": "package_id", "message": message}])
    if known and known.version is not None and push.version is not None and push.version <= known.version:
        if push.version == known.version and push.status is not known.status:
            raise Refused("version_taken", version=push.version)
        return order
    told = Package(
        package_id=package_id,
        version=push.version,
        status=push.status,
        lines=push.lines,
        tracking_number=push.tracking_number,
        carrier=push.carrier,
        at=min(push.at, now),
    )
    return _with_parcels(order, (told,), now)


def _with_parcels(order: Order, told: Sequence[Package], now: datetime) -> Order:
    """The order after words about parcels of it, and with the status that they make."""
    parcels = order.parcels
    for each in told:
        parcels = told_of(parcels, replace(each, at=min(each.at or now, now)))
    after = replace(order, parcels=parcels)
    if not told:
        return after
    status = status_by(after.pools)
    return after if status is None or status is after.status else _moved(after, status, _moment_of(after, status, now))


def _moment_of(order: Order, status: OrderStatus, now: datetime) -> datetime:
    """Since when the parcels say so: the last of them that came there."""
    return max((each.at for each in order.parcels if each.status is status and each.at), default=now)


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


def with_claim(order: Order, claim: Claim) -> Order:
    """The order after a warehouse said that a parcel is about to leave."""
    return replace(order, claims=(*order.claims, claim))
