"""The buyer's way: my orders, one order, asking to cancel it or to return the goods. Customer service walks it for
buyers on the phone; sellers come here with orders that they cannot deliver."""

from collections.abc import Mapping
from typing import Annotated

from chalice.app import Blueprint, Response
from msgspec import Meta

from chalicelib import wiring
from chalicelib.domain.cases.commands import Ask, Channel
from chalicelib.domain.errors import BatalError, Forbidden, Invalid, Refused
from chalicelib.domain.orders.order import Order, OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.reasons import Kind, reasons_for
from chalicelib.domain.ports import PAGE
from chalicelib.edge.bodies import AskPost
from chalicelib.edge.commands import ask_of
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import MOST_PIECES
from chalicelib.edge.problems import PROBLEMS
from chalicelib.edge.reading import taken
from chalicelib.pages.page import FORM, Form, Visit, go, named_in, page
from chalicelib.workflow import access, asking

bp = Blueprint(__name__)

_FILTERS = ("processing", "ready_to_ship", "shipped", "delivered", "cancelled")
# Through which doors customer service hears a buyer; everybody else is here on the web.
_HEARD_BY = (Channel.PHONE, Channel.CHAT, Channel.EMAIL)
Quantity = Annotated[int, Meta(ge=0, le=MOST_PIECES)]


@bp.route("/orders", methods=READ)
@page(bp)
def my_orders(visit: Visit) -> Response:
    """Pesanan Saya; for sellers the orders in their shop."""
    actor = visit.signed_in()
    status = visit.query.get("status")
    status = status if status in set(OrderStatus) else None
    found = access.orders_of(wiring.ports(), actor, status, PAGE, visit.query.get("cursor"))
    return visit.page(
        "orders.html.j2", orders=found.items, next_cursor=found.next_cursor, chosen=status or "", filters=_FILTERS
    )


@bp.route("/orders/{order_id}", methods=READ)
@page(bp)
def order(visit: Visit, order_id: str) -> Response:
    """One order, with what may be asked about it."""
    actor = visit.signed_in()
    ports = wiring.ports()
    found = access.order_for(ports, order_id, actor)
    options = {kind: asking.options(ports, order_id, kind, actor) for kind in Kind}
    cases = access.cases_of_order(ports, found, actor)
    return visit.page(
        "order.html.j2",
        order=found,
        options=options[Kind.CANCELLATION],
        returning=options[Kind.RETURN],
        cases=cases,
        cannot_deliver=_cannot_deliver(found) if actor.role is Role.SELLER else (),
    )


@bp.route("/orders/{order_id}/cancel", methods=READ)
@page(bp)
def before_cancelling(visit: Visit, order_id: str) -> Response:
    """Odds, price and wait, before anything is asked. Choosing a reason shows the money for that reason."""
    return _before(visit, order_id, Kind.CANCELLATION)


@bp.route("/orders/{order_id}/return", methods=READ)
@page(bp)
def before_returning(visit: Visit, order_id: str) -> Response:
    """The same for goods that were delivered."""
    return _before(visit, order_id, Kind.RETURN)


@bp.route("/orders/{order_id}/cancel", methods=["POST"], content_types=[FORM])
@page(bp)
def cancel(visit: Visit, order_id: str) -> Response:
    """Konfirmasi. Pressed twice it leads to the same case."""
    return _ask(visit, order_id, Kind.CANCELLATION)


@bp.route("/orders/{order_id}/return", methods=["POST"], content_types=[FORM])
@page(bp)
def give_back(visit: Visit, order_id: str) -> Response:
    """Konfirmasi, for a return."""
    return _ask(visit, order_id, Kind.RETURN)


def _before(
    visit: Visit,
    order_id: str,
    kind: Kind,
    *,
    given: Mapping[str, str] | None = None,
    refused: BatalError | None = None,
    status: int = 200,
) -> Response:
    actor = visit.signed_in()
    if actor.role is Role.SELLER:
        raise Forbidden(actor.role, "see_options")
    given = given or visit.query
    found = access.order_for(wiring.ports(), order_id, actor)
    reason, lines = given.get("reason_code") or None, _lines(found, given)
    options = asking.options(wiring.ports(), order_id, kind, actor, reason, lines)
    return visit.page(
        "ask.html.j2",
        status,
        order=found,
        kind=kind,
        options=options,
        chosen=reason if any(each.code == reason for each in options.reasons) else None,
        lines=lines or dict(found.remaining),
        parts=bool(lines),
        channels=_HEARD_BY if actor.role is Role.SUPPORT else (),
        refused=refused.code if refused else None,
        wrong=named_in(refused),
    )


def _ask(visit: Visit, order_id: str, kind: Kind) -> Response:
    actor = visit.signed_in()
    form = visit.form()
    found = access.order_for(wiring.ports(), order_id, actor)
    lines = _lines(found, form)
    try:
        case = asking.ask(wiring.ports(), order_id, _said(form, kind, found, lines, actor), actor)
    except Refused as refused:
        open_case = access.order_for(wiring.ports(), order_id, actor).open_case
        if refused.code == "case_open" and open_case:
            return go(f"/cases/{open_case}?done=asked")
        if actor.role is Role.SELLER:
            raise
        return _before(visit, order_id, kind, given=form, refused=refused, status=PROBLEMS[refused.code][0])
    except Invalid as invalid:
        if actor.role is Role.SELLER:
            raise
        return _before(visit, order_id, kind, given=form, refused=invalid, status=PROBLEMS[invalid.code][0])
    return go(f"/cases/{case.case_id}?done=asked")


def _said(form: Form, kind: Kind, found: Order, lines: Mapping[str, int] | None, actor: Actor) -> Ask:
    """What was filled in."""
    fields = form.filled("channel", *(f"line-{line}" for line in found.remaining))
    fields |= {
        "channel": _channel(form, actor),
        "accept_terms": fields.get("accept_terms") == "yes",
        "lines": None if lines is None else [{"line_id": line, "quantity": count} for line, count in lines.items()],
        "on_behalf_of": found.body.buyer.id if actor.role is Role.SUPPORT else None,
    }
    return ask_of(kind, taken(fields, AskPost))


def _channel(form: Form, actor: Actor) -> Channel:
    heard_by = form.get("channel", "")
    return Channel(heard_by) if actor.role is Role.SUPPORT and heard_by in _HEARD_BY else Channel.WEB


def _lines(found: Order, given: Mapping[str, str]) -> dict[str, int] | None:
    """The quantities that were filled in as `line-<id>`; None means all that is left.

    Raises Invalid `validation_failed` where one is no number, or all of them are nothing.
    """
    typed = {line: given.get(f"line-{line}") for line in found.remaining}
    if all(value is None for value in typed.values()):
        return None
    filled = {line: taken(value, Quantity, typed=True, named=f"line-{line}") for line, value in typed.items() if value}
    lines = {line: count for line, count in filled.items() if count}
    if not lines:
        raise Invalid("validation_failed", errors=[{"field": "lines", "message": "choose at least one"}])
    return None if lines == dict(found.remaining) else lines


def _cannot_deliver(found: Order) -> tuple[str, ...]:
    """The reasons of a seller who cannot deliver, where the order still lets them."""
    if found.open_case:
        return ()
    return tuple(reason.code for reason in reasons_for(found.standing, Kind.CANCELLATION, Role.SELLER))
