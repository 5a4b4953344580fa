"""Cases: options before asking, asking, answering, and what the parties see of them."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.asking import Wish
from chalicelib.domain.case import Kind, Role, State
from chalicelib.domain.errors import Forbidden, Invalid
from chalicelib.domain.transitions import Command
from chalicelib.handlers.authorizer import authorize
from chalicelib.handlers.bodies import ApprovePost, AskPost, RejectPost, WithdrawPost
from chalicelib.handlers.boundary import answer_json, boundary, call, case_answer, once
from chalicelib.handlers.cors import CORS, READ
from chalicelib.handlers.orders import paging
from chalicelib.handlers.shapes import case_shape, entry_shape, options_shape, page_shape
from chalicelib.workflow import asking, deciding, seeing

bp = Blueprint(__name__)


@bp.route("/v1/orders/{order_id}/cancellation-options", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_options(order_id: str) -> Response:
    """What the buyer should know before asking. Changes nothing; 200 also when not eligible."""
    this = call(bp.current_request)
    actor = this.actor()
    if actor.role is Role.SELLER:
        raise Forbidden(actor.role, "see_options")
    kind = this.query.get("kind", Kind.CANCELLATION)
    if kind not in set(Kind):
        raise Invalid("validation_failed", errors=[{"field": "kind", "message": "cancellation or return"}])
    found = asking.options(wiring.house(), order_id, Kind(kind), actor, this.query.get("reason_code"))
    return answer_json(200, options_shape(found, this.locale))


@bp.route("/v1/orders/{order_id}/cancellations", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def post_cancellation(order_id: str) -> Response:
    """Ask to cancel."""
    return _ask(order_id, Kind.CANCELLATION)


@bp.route("/v1/orders/{order_id}/returns", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def post_return(order_id: str) -> Response:
    """Ask to return the goods."""
    return _ask(order_id, Kind.RETURN)


def _ask(order_id: str, kind: Kind) -> Response:
    this = call(bp.current_request)
    actor = this.actor()
    given = this.read(AskPost)
    wish = Wish(
        kind=kind,
        reason_code=given.reason_code,
        comment=given.comment,
        channel=given.channel,
        accept_terms=given.accept_terms,
        lines=None if given.lines is None else {line.line_id: line.quantity for line in given.lines},
        quote_id=given.quote_id,
        on_behalf_of=given.on_behalf_of,
    )
    return once(
        this,
        actor,
        lambda keep: asking.ask(wiring.house(), order_id, wish, actor, keep),
        case_answer(201, this.locale),
    )


@bp.route("/v1/cases", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def list_cases() -> Response:
    """Cases that the caller may see: a buyer's own, a seller's inbox, a queue for staff."""
    this = call(bp.current_request)
    actor = this.actor()
    limit, cursor = paging(this)
    wanted = {name: this.query.get(name) for name in ("state", "order_id", "buyer_id", "seller_id")}
    if wanted["state"] and wanted["state"] not in set(State):
        raise Invalid("validation_failed", errors=[{"field": "state", "message": "unknown state"}])
    page = seeing.cases_of(wiring.house(), actor, limit=limit, cursor=cursor, **wanted)
    return answer_json(200, page_shape(page, lambda case: case_shape(case, this.locale)))


@bp.route("/v1/cases/{case_id}", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_case(case_id: str) -> Response:
    """One case."""
    this = call(bp.current_request)
    return answer_json(200, case_shape(seeing.case_for(wiring.house(), case_id, this.actor()), this.locale))


@bp.route("/v1/cases/{case_id}/timeline", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_timeline(case_id: str) -> Response:
    """All that happened to a case, oldest first."""
    actor = call(bp.current_request).actor()
    entries = seeing.timeline_for(wiring.house(), case_id, actor)
    staff = actor.role in seeing.SEES_ALL
    return answer_json(200, {"items": [entry_shape(entry, staff=staff) for entry in entries], "next_cursor": None})


@bp.route("/v1/cases/{case_id}/approve", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def approve(case_id: str) -> Response:
    """The seller (or customer service, with a note) says yes."""
    return _say(case_id, Command.APPROVE, ApprovePost)


@bp.route("/v1/cases/{case_id}/reject", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def reject(case_id: str) -> Response:
    """The seller (or customer service, with a note) says no, and why."""
    return _say(case_id, Command.REJECT, RejectPost)


@bp.route("/v1/cases/{case_id}/withdraw", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def withdraw(case_id: str) -> Response:
    """The buyer takes the request back."""
    return _say(case_id, Command.WITHDRAW, WithdrawPost)


def _say(case_id: str, command: Command, shape: type[Any]) -> Response:
    this = call(bp.current_request)
    actor = this.actor()
    given = this.read(shape)
    said = {name: getattr(given, name) for name in given.__struct_fields__}
    return once(
        this,
        actor,
        lambda keep: deciding.say(wiring.house(), case_id, command, actor, keep=keep, **said),
        case_answer(200, this.locale),
    )
