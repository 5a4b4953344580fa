"""Orders: pushed by the marketplace's order system, read by their parties."""

from time import monotonic

import msgspec
from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.money.chargebacks import ChargebackOf
from chalicelib.domain.money.payments import PaymentTold
from chalicelib.domain.orders.chargebacks import ChargebackWord
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.parties import SEES_ORDERS, Actor, Role
from chalicelib.edge.answer_types import AppliedAnswer, ClaimAnswer, LineAnswer, Listed, OrderAnswer
from chalicelib.edge.batches import NDJSON, BatchItem, taken_in
from chalicelib.edge.limits import MOST_BATCH_BYTES
from chalicelib.edge.order_bodies import ChargebackPost, ClaimPost, OrderPut, PaymentPost, StatusPost
from chalicelib.edge.pushed import order_of
from chalicelib.edge.queries import OrdersQuery
from chalicelib.edge.refunds import first_wish_shape
from chalicelib.edge.route import Answer, Call, route
from chalicelib.edge.shapes import order_seen_by, page_shape
from chalicelib.edge.signatures import Sender
from chalicelib.workflow import access, chargebacks, claims, orders

bp = Blueprint(__name__)

_ORDER = "/v1/orders/{order_id}"

# What a batch may take: a function of the API ends after 25 seconds.
_BATCH_SECONDS = 18.0


@route(bp, "PUT", _ORDER, roles=orders.PUSHERS, status=(200, 201), signed=(Sender.ORDERS,), made_at=_ORDER)
def put_order(call: Call, order_id: str, body: OrderPut) -> Answer[AppliedAnswer]:
    """Push a whole order; an older version changes nothing. 201 where it is new."""
    pushed = order_of(body)

    def answer(result: tuple[Order, orders.News]) -> Answer[AppliedAnswer]:
        return Answer(_applied(result), status=201 if result[1] is orders.News.CREATED else 200)

    return call.once(lambda keep: orders.upsert(wiring.ports(), pushed, call.actor, keep), answer)


@route(
    bp,
    "POST",
    "/v1/orders/batch",
    roles=orders.PUSHERS,
    signed=(Sender.ORDERS,),
    takes=OrderPut,
    most_bytes=MOST_BATCH_BYTES,
    media=NDJSON,
)
def post_batch(call: Call) -> Listed[BatchItem]:
    """Push up to 500 whole orders, one a line (NDJSON), each as PUT takes it: an answer for each in order. One that is
    refused does not stop the rest; what the time is not enough for is answered 503 `not_reached`, to be sent again."""
    until = monotonic() + _BATCH_SECONDS
    items = taken_in(wiring.ports(), call.actor, call.raw, lambda: monotonic() < until)
    return {"items": items, "next_cursor": None}


@route(bp, "POST", "/v1/orders/{order_id}/status", roles=orders.PUSHERS, signed=(Sender.ORDERS,))
def post_status(call: Call, order_id: str, body: StatusPost) -> AppliedAnswer:
    """Push a change of status."""
    push = msgspec.convert(body, StatusPush, from_attributes=True)
    return call.once(lambda keep: orders.change_status(wiring.ports(), order_id, push, call.actor, keep), _applied)


@route(bp, "POST", "/v1/orders/{order_id}/payments", roles=orders.PUSHERS | orders.CORRECTORS, signed=tuple(Sender))
def post_payment(call: Call, order_id: str, body: PaymentPost) -> AppliedAnswer:
    """Tell what became of a payment; repeated and late words are harmless. Only support and operators correct."""
    told = PaymentTold(
        tender_id=body.tender_id,
        payment=body.state,
        amount=body.amount,
        at=body.at,
        refund_id=body.refund_id,
        references=body.references,
        note=body.note,
    )
    return call.once(lambda keep: orders.hear_of_payment(wiring.ports(), order_id, told, call.actor, keep), _applied)


@route(bp, "POST", "/v1/orders/{order_id}/chargebacks", roles=orders.PUSHERS, signed=(Sender.PAYMENTS,))
def post_chargeback(call: Call, order_id: str, body: ChargebackPost) -> AppliedAnswer:
    """Tell of a chargeback. While it is open nothing goes back by its tender; what was lost counts as given back. An
    event counts once; what leads back is kept and changes nothing."""
    ports = wiring.ports()
    word = ChargebackWord(
        event_id=body.event_id, state=body.state, amount=body.amount, due_by=body.due_by, at=ports.now()
    )
    told = ChargebackOf(tender_id=body.tender_id, chargeback_id=body.chargeback_id, word=word)
    return _applied(chargebacks.hear_of_chargeback(ports, order_id, told, call.actor))


@route(bp, "POST", "/v1/orders/{order_id}/shipping-claim", roles=orders.PUSHERS, signed=(Sender.ORDERS,))
def post_shipping_claim(call: Call, order_id: str, body: ClaimPost) -> ClaimAnswer:
    """Ask before a parcel leaves: 200 with the pieces that may, 409 where they are cancelled, or may yet be."""
    order, pieces = claims.claim(wiring.ports(), order_id, body.event_id, body.package_id, call.actor)
    lines: list[LineAnswer] = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in pieces.items()]
    return {"claimed": True, "order_id": order.order_id, "package_id": body.package_id, "lines": lines}


@route(bp, "GET", "/v1/orders", roles=access.LISTS_ORDERS)
def list_orders(call: Call, query: OrdersQuery) -> Listed[OrderAnswer]:
    """Own orders, newest first; staff name a buyer or a seller."""
    page = access.orders_of(
        wiring.ports(),
        call.actor,
        query.status,
        query.limit,
        query.cursor,
        buyer_id=query.buyer_id,
        seller_id=query.seller_id,
    )
    return page_shape(page, lambda order: _seen_by(call.actor, order))


@route(bp, "GET", _ORDER, roles=SEES_ORDERS)
def get_order(call: Call, order_id: str) -> OrderAnswer:
    """One order."""
    order = access.order_for(wiring.ports(), order_id, call.actor)
    answer = _seen_by(call.actor, order)
    if call.staff:
        answer["goodwill_waits"] = first_wish_shape(order.books.wish if order.books else None)
    return answer


def _seen_by(actor: Actor, order: Order) -> OrderAnswer:
    return order_seen_by(actor.role, order)


def _applied(result: tuple[Order, orders.News]) -> AppliedAnswer:
    order, news = result
    return (
        {"applied": False} if news is orders.News.OLD else {"applied": True, "order": order_seen_by(Role.SYSTEM, order)}
    )
