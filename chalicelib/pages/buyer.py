"""The buyer's way: my orders, one order, asking to cancel it or to return the goods. Customer service walks it for
buyers on the phone; sellers come here with orders that they cannot deliver."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.choices import Channel
from chalicelib.domain.cases.commands import Ask
from chalicelib.domain.errors import BatalError, Forbidden, Invalid, Refused
from chalicelib.domain.money.value import prices_of
from chalicelib.domain.orders.order import Order, seen_for
from chalicelib.domain.orders.parcels import Group
from chalicelib.domain.orders.statuses import ARRIVED, OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.reasons import REQUESTS, Kind, reasons_for
from chalicelib.domain.ports import PAGE
from chalicelib.edge.bodies import AskPost
from chalicelib.edge.commands import ask_of
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.edge.reading import taken
from chalicelib.pages.page import FORM, Form, Visit, named_in, page
from chalicelib.pages.pieces import fields_of, line_field, named, pieces_in
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.workflow import access, asking, checkouts
from chalicelib.workflow.committing import Remember

bp = Blueprint(__name__)


class _NotAsQuotedError(Exception):
    """What is on the screen is not what was worked out."""


_FILTERS = ("processing", "ready_to_ship", "shipped", "delivered", "cancelled")
# Through which doors customer service hears a buyer; everybody else is here on the web.
_HEARD_BY = (Channel.PHONE, Channel.CHAT, Channel.EMAIL)


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
    options = {kind: asking.options(ports, order_id, kind, actor) for kind in REQUESTS}
    cases = access.cases_of_order(ports, found, actor)
    return visit.page(
        "order.html.j2",
        order=found,
        prices=prices_of(found.body),
        options=options[Kind.CANCELLATION],
        returning=options[Kind.RETURN],
        cases=cases,
        together=checkouts.together_with(ports, found, actor),
        **_cannot_deliver(found, actor),
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
    """Konfirmasi. Pressed twice it leads to the same case; changed after the money was worked out, it asks again."""
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
    changed: bool = False,
    refused: BatalError | None = None,
    status: int = 200,
) -> Response:
    actor = visit.signed_in()
    if actor.role is Role.SELLER:
        raise Forbidden(actor.role, "see_options")
    given = given or visit.query
    found = access.order_for(wiring.ports(), order_id, actor)
    if found.open_case:
        return _open_already(visit, found, status)
    reason, lines = given.get("reason_code") or None, pieces_in(given, found.remaining)
    options = asking.options(wiring.ports(), order_id, kind, actor, reason, lines)
    chosen = reason if any(each.code == reason for each in options.reasons) else None
    return visit.page(
        "ask.html.j2",
        status,
        order=found,
        kind=kind,
        options=options,
        chosen=chosen,
        quoted=_wish(found, chosen, lines),
        given=given,
        changed=changed,
        lines=lines or dict(found.remaining),
        named_lines=lines is not None,
        parts=[_part(found, kind, group) for group in options.groups],
        channels=_HEARD_BY if actor.role is Role.SUPPORT else (),
        refused=refused.code if refused else None,
        wrong=named_in(refused),
    )


def _part(found: Order, kind: Kind, group: Group) -> dict[str, Any]:
    """Pieces that can be asked for together, and where one does: what has arrived is returned."""
    way = "return" if kind is Kind.RETURN or group.status in ARRIVED else "cancel"
    asked = urlencode({line_field(line_id): count for line_id, count in group.lines.items()})
    lines = [(line.name, group.lines[line.line_id]) for line in found.body.lines if line.line_id in group.lines]
    return {"status": group.status, "lines": lines, "way": way, "asked": asked}


def _ask(visit: Visit, order_id: str, kind: Kind) -> Response:
    """What is on the screen is asked for, or nothing is: where it is not what was quoted, the new quote is shown."""
    actor = visit.signed_in()
    form = visit.form()
    found = access.order_for(wiring.ports(), order_id, actor)
    if form.get("what") == "quote":
        return _before(visit, order_id, kind, given=form)

    def ask(keep: Remember | None) -> Case:
        lines = pieces_in(form, found.remaining)
        said = _said(form, kind, found, lines, actor)
        if actor.role is not Role.SELLER and form.get("quoted") != _wish(found, said.reason_code, lines):
            raise _NotAsQuotedError
        return asking.ask(wiring.ports(), order_id, said, actor, keep)

    try:
        key = key_in(visit, form, actor, said=_chosen(form))
        return act_once(key, ask, lambda case: f"/cases/{case.case_id}?did={case.decision_id}")
    except _NotAsQuotedError:
        return _before(visit, order_id, kind, given=form, changed=True)
    except (Refused, Invalid) as refused:
        status = PROBLEMS[refused.code][0]
        now = access.order_for(wiring.ports(), order_id, actor)
        if now.open_case:
            return _open_already(visit, now, status)
        if actor.role is Role.SELLER:
            raise
        return _before(visit, order_id, kind, given=form, refused=refused, status=status)


def _chosen(form: Form) -> str:
    """What was chosen, as it was typed. Words that were changed since make no second request."""
    return json.dumps(sorted(each for each in form.items() if each[0] == "reason_code" or each[0].startswith("line-")))


def _wish(found: Order, reason: str | None, lines: Mapping[str, int] | None) -> str:
    """Reason and quantities as one word, by which a form says what was quoted in it."""
    wished = json.dumps([reason or None, sorted((lines or found.remaining).items())])
    return hashlib.sha256(wished.encode()).hexdigest()


def _open_already(visit: Visit, found: Order, status: int) -> Response:
    """An order has one request at a time: what is in the one that is open, and the way to it."""
    actor = visit.signed_in()
    return visit.page(
        "open_already.html.j2",
        status,
        order=found,
        case=access.case_for(wiring.ports(), found.open_case or "", actor),
        sent=visit.request.method == "POST",
    )


def _said(form: Form, kind: Kind, found: Order, lines: Mapping[str, int] | None, actor: Actor) -> Ask:
    """What was filled in."""
    fields = form.filled("channel", "what", "quoted", *fields_of(found.remaining))
    fields |= {
        "channel": _channel(form, actor),
        "accept_terms": fields.get("accept_terms") == "yes",
        "lines": named(lines),
        "on_behalf_of": found.body.buyer.id if actor.role is Role.SUPPORT else None,
    }
    return ask_of(kind, taken(fields, AskPost))


def _channel(form: Form, actor: Actor) -> Channel:
    heard_by = form.get("channel", "")
    return Channel(heard_by) if actor.role is Role.SUPPORT and heard_by in _HEARD_BY else Channel.WEB


def _cannot_deliver(found: Order, actor: Actor) -> dict[str, Any]:
    """The reasons of a seller who cannot deliver, where the order still lets them; of an order of which a part has
    left, for the part that has not."""
    if found.open_case or actor.role is not Role.SELLER:
        return {"cannot_deliver": (), "undelivered": {}}
    seen, groups = seen_for(found, found.remaining)
    here = groups[0] if groups else None
    reasons = reasons_for(here.status if here else seen.standing, Kind.CANCELLATION, Role.SELLER)
    lines = {line_field(line_id): count for line_id, count in here.lines.items()} if here else {}
    return {"cannot_deliver": tuple(reason.code for reason in reasons), "undelivered": lines}
