"""A buyer's orders, or those of a seller's shop: the list, and one order with what may be asked about it."""

from collections.abc import Sequence
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import as_id
from chalicelib.domain.money.value import prices_of
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.reasons import REQUESTS, Kind
from chalicelib.domain.ports import PAGE
from chalicelib.domain.spelling import folded
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_TYPED_ID
from chalicelib.pages.page import Visit, page
from chalicelib.pages.undelivered import undelivered
from chalicelib.workflow import access, asking, checkouts

bp = Blueprint(__name__)

_FILTERS = ("processing", "ready_to_ship", "shipped", "delivered", "cancelled")


@bp.route("/orders", methods=READ)
@page(bp)
def my_orders(visit: Visit) -> Response:
    """Pesanan Saya; for sellers the orders in their shop. Of a status, page by page, or the one of a number."""
    actor = visit.signed_in()
    status = visit.query.get("status")
    status = status if status in set(OrderStatus) else None
    cursor = visit.query.get("cursor")
    wanted = visit.query.get("q", "").strip()[:LONGEST_TYPED_ID]
    facts: dict[str, Any] = {"chosen": status or "", "filters": _FILTERS, "wanted": wanted, "onward": None}
    if wanted:
        found = _of_number(wanted, actor)
        return visit.page("orders.html.j2", orders=found, begun=False, **facts, **_late(found, actor))
    listed = access.orders_of(wiring.ports(), actor, status, PAGE, cursor)
    facts |= {"onward": listed.next_cursor, "begun": cursor is not None}
    return visit.page("orders.html.j2", orders=listed.items, **facts, **_late(listed.items, actor))


@bp.route("/orders/{order_id}", methods=READ)
@page(bp)
def order(visit: Visit, order_id: str) -> Response:
    """One order, with what may be asked about it."""
    actor = visit.signed_in()
    ports = wiring.ports()
    found = access.order_for(ports, order_id, actor)
    options = {kind: asking.options(ports, order_id, kind, actor) for kind in REQUESTS}
    return visit.page(
        "order.html.j2",
        order=found,
        prices=prices_of(found.body),
        options=options[Kind.CANCELLATION],
        returning=options[Kind.RETURN],
        cases=access.cases_of_order(ports, found, actor),
        together=checkouts.together_with(ports, found, actor),
        undelivered=undelivered(found, actor),
    )


def _of_number(wanted: str, actor: Actor) -> Sequence[Order]:
    """The order that is meant by this number: by its id, else, among the latest, by the number that people know."""
    ports = wiring.ports()
    known = as_id(wanted)
    if known:
        try:
            return [access.order_for(ports, known, actor)]
        except NotFound:
            pass
    latest = access.orders_of(ports, actor, None, PAGE, None).items
    return [each for each in latest if folded(each.name_for_people) == folded(wanted).strip()]


def _late(orders: Sequence[Order], actor: Actor) -> dict[str, Any]:
    """Which of these a seller may yet say that they cannot deliver."""
    return {"deliverable": {each.order_id for each in orders if undelivered(each, actor).reasons}}
