"""The buyer's pages: my orders, one order, cancelling it, the case."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.asking import Wish
from chalicelib.domain.case import Case, Channel, Kind, Role
from chalicelib.domain.errors import Refused
from chalicelib.domain.order import OrderStatus
from chalicelib.domain.transitions import TABLE, Command
from chalicelib.handlers.cors import READ
from chalicelib.web.pages import FORM, Visit, go, page
from chalicelib.workflow import asking, deciding, seeing

bp = Blueprint(__name__)


@bp.route("/orders", methods=READ)
@page(bp)
def my_orders(visit: Visit) -> Response:
    """Pesanan Saya."""
    actor = visit.signed_in()
    status = visit.query.get("status")
    status = status if status in set(OrderStatus) else None
    found = seeing.orders_of(wiring.house(), actor, status, 20, visit.query.get("cursor"))
    return visit.page("orders.html.j2", orders=found.items, next_cursor=found.next_cursor, chosen=status or "")


@bp.route("/orders/{order_id}", methods=READ)
@page(bp)
def order(visit: Visit, order_id: str) -> Response:
    """One order, with the chance to cancel it."""
    actor = visit.signed_in()
    found = seeing.order_for(wiring.house(), order_id, actor)
    options = asking.options(wiring.house(), order_id, Kind.CANCELLATION, actor)
    return visit.page("order.html.j2", order=found, options=options)


@bp.route("/orders/{order_id}/cancel", methods=READ)
@page(bp)
def before_asking(visit: Visit, order_id: str) -> Response:
    """Odds, price and wait, before anything is asked. Choosing a reason shows the money for that reason."""
    actor = visit.signed_in()
    reason = visit.query.get("reason_code") or None
    found = seeing.order_for(wiring.house(), order_id, actor)
    options = asking.options(wiring.house(), order_id, Kind.CANCELLATION, actor, reason)
    chosen = reason if any(each.code == reason for each in options.reasons) else None
    return visit.page("cancel.html.j2", order=found, options=options, chosen=chosen)


@bp.route("/orders/{order_id}/cancel", methods=["POST"], content_types=[FORM])
@page(bp)
def ask(visit: Visit, order_id: str) -> Response:
    """Konfirmasi. Pressed twice it leads to the same case."""
    actor = visit.signed_in()
    fields = visit.form()
    wish = Wish(
        reason_code=fields.get("reason_code") or None,
        comment=fields.get("comment", "")[:2000] or None,
        channel=Channel.WEB,
        accept_terms=fields.get("accept_terms") == "yes",
        quote_id=fields.get("quote_id") or None,
    )
    try:
        case = asking.ask(wiring.house(), order_id, wish, actor)
    except Refused as refused:
        open_case = seeing.order_for(wiring.house(), order_id, actor).open_case
        if refused.code != "case_open" or open_case is None:
            raise
        return go(f"/cases/{open_case}")
    return go(f"/cases/{case.case_id}")


@bp.route("/cases/{case_id}", methods=READ)
@page(bp)
def case(visit: Visit, case_id: str) -> Response:
    """Where the case stands, for whichever party looks."""
    actor = visit.signed_in()
    found = seeing.case_for(wiring.house(), case_id, actor)
    entries = seeing.timeline_for(wiring.house(), case_id, actor)
    return visit.page(
        "case.html.j2",
        case=found,
        order=seeing.order_for(wiring.house(), found.order_id, actor),
        entries=entries,
        may_withdraw=actor.role is Role.BUYER and _can(found, Command.WITHDRAW),
    )


@bp.route("/cases/{case_id}/withdraw", methods=["POST"], content_types=[FORM])
@page(bp)
def withdraw(visit: Visit, case_id: str) -> Response:
    """The buyer takes the request back."""
    actor = visit.signed_in()
    visit.form()
    deciding.say(wiring.house(), case_id, Command.WITHDRAW, actor)
    return go(f"/cases/{case_id}")


def _can(found: Case, command: Command) -> bool:
    in_time = found.deadline_at is None or wiring.now() < found.deadline_at
    return in_time and (found.state, command) in TABLE
