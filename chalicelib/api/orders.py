"""Orders: pushed by the marketplace's order system, read by their parties."""

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.order import Order, OrderBody, OrderStatus, StatusPush
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge.answer_types import AppliedAnswer, OrderAnswer
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.bodies import OrderPut, StatusPost
from chalicelib.edge.boundary import Call, answer_json, boundary, call, once
from chalicelib.edge.cors import CORS, READ
from chalicelib.edge.shapes import order_for_seller, order_shape, page_shape
from chalicelib.workflow import access, orders

bp = Blueprint(__name__)


@bp.route("/v1/orders/{order_id}", methods=["PUT"], cors=CORS)
@boundary
def put_order(order_id: str) -> Response:
    """Take in a whole order."""
    this = call(bp.current_request)
    actor = this.actor(signed=True)
    given = this.read(OrderPut)
    if given.order_id != order_id:
        raise Invalid("validation_failed", errors=[{"field": ".order_id", "message": "must be the one in the path"}])
    order, news = orders.upsert(wiring.ports(), msgspec.convert(given, OrderBody, from_attributes=True), actor)
    return answer_json(201 if news is orders.News.CREATED else 200, _applied(order, news))


@bp.route("/v1/orders/{order_id}/status", methods=["POST"], cors=CORS)
@boundary
def post_status(order_id: str) -> Response:
    """Take in a change of status."""
    this = call(bp.current_request)
    actor = this.actor(signed=True)
    push = msgspec.convert(this.read(StatusPost), StatusPush, from_attributes=True)
    return once(
        this,
        actor,
        lambda remember: orders.change_status(wiring.ports(), order_id, push, actor, remember),
        lambda result: (200, _applied(*result)),
    )


@bp.route("/v1/orders", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def list_orders() -> Response:
    """The caller's own orders, newest first; staff name a buyer or a seller."""
    this = call(bp.current_request)
    actor = this.actor()
    limit, cursor = paging(this)
    status = this.query.get("status")
    if status is not None and status not in set(OrderStatus):
        raise Invalid("validation_failed", errors=[{"field": "status", "message": "unknown status"}])
    named = {name: this.query.get(name) for name in ("buyer_id", "seller_id")}
    page = access.orders_of(wiring.ports(), actor, status, limit, cursor, **named)
    return answer_json(200, page_shape(page, lambda order: seen_by(actor, order)))


@bp.route("/v1/orders/{order_id}", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_order(order_id: str) -> Response:
    """One order."""
    actor = call(bp.current_request).actor()
    return answer_json(200, seen_by(actor, access.order_for(wiring.ports(), order_id, actor)))


def seen_by(actor: Actor, order: Order) -> OrderAnswer:
    """The order as this actor may see it."""
    return order_for_seller(order) if actor.role is Role.SELLER else order_shape(order)


def paging(this: Call) -> tuple[int, str | None]:
    """`limit` (1 to 100, default 20) and `cursor`. Raises Invalid `validation_failed`."""
    given = this.query.get("limit", "20")
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:4]) <= 100):
        raise Invalid("validation_failed", errors=[{"field": "limit", "message": "1 to 100"}])
    return int(given), this.query.get("cursor") or None


def _applied(order: Order, news: orders.News) -> AppliedAnswer:
    return {"applied": False} if news is orders.News.OLD else {"applied": True, "order": order_shape(order)}
