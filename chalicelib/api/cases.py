"""Cases: options before asking, asking, and what the parties see of them. What they answer is in answers.py."""

from collections.abc import Collection, Mapping
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api.orders import paging
from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.errors import Forbidden, Invalid
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.ports import Filter
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.bodies import AskPost
from chalicelib.edge.boundary import answer_json, boundary, call, case_answer, is_id, moment_of, once
from chalicelib.edge.case_file import case_file
from chalicelib.edge.commands import ask_of
from chalicelib.edge.cors import CORS, READ
from chalicelib.edge.shapes import case_shape, entry_shape, options_shape, page_shape
from chalicelib.workflow import access, asking
from chalicelib.workflow.mail_stops import stopped_parties

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
    lines = _lines(this.query.get("lines"))
    found = asking.options(wiring.ports(), order_id, Kind(kind), actor, this.query.get("reason_code"), lines)
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
    said = ask_of(kind, this.read(AskPost))
    return once(
        this,
        actor,
        lambda remember: asking.ask(wiring.ports(), order_id, said, actor, remember),
        case_answer(201, this.locale, actor),
    )


@bp.route("/v1/cases", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def list_cases() -> Response:
    """Cases that the caller may see: a buyer's own, a seller's inbox, a queue for staff."""
    this = call(bp.current_request)
    actor = this.actor()
    limit, cursor = paging(this)
    page = access.cases_of(wiring.ports(), actor, _filter(this.query), limit, cursor)
    staff = actor.role in access.SEES_ALL
    return answer_json(200, page_shape(page, lambda case: case_shape(case, this.locale, staff=staff)))


_CHOICES: Mapping[str, Collection[str]] = {
    "state": set(State),
    "outcome": set(Outcome),
    "kind": set(Kind),
    "sort": {"deadline_at"},
}
_MOMENTS = ("due_before", "updated_since")


def _filter(query: Mapping[str, str]) -> Filter:
    """The filter of a list. Raises Invalid `validation_failed` naming the parameter."""
    wanted: dict[str, Any] = {name: query.get(name) for name in ("order_id", "buyer_id", "seller_id")}
    for name, known in _CHOICES.items():
        if query.get(name) is not None and query[name] not in known:
            raise Invalid(
                "validation_failed", errors=[{"field": name, "message": f"one of {', '.join(sorted(known))}"}]
            )
    wanted |= {name: query.get(name) for name in _CHOICES if name != "sort"}
    for name in _MOMENTS:
        if query.get(name) is not None:
            # A plus sign in a query is a space once decoded; people write offsets with it.
            wanted[name] = moment_of(query[name].replace(" ", "+"), name)
    return Filter(**wanted)


def _lines(given: str | None) -> dict[str, int] | None:
    """`1:2,3:1` as quantities per line id. Raises Invalid `validation_failed`."""
    if given is None:
        return None
    lines: dict[str, int] = {}
    for part in given.split(","):
        line_id, _, quantity = part.rpartition(":")
        if not (is_id(line_id) and quantity.isascii() and quantity.isdigit() and int(quantity[:7]) > 0):
            raise Invalid("validation_failed", errors=[{"field": "lines", "message": "line_id:quantity, ..."}])
        lines[line_id] = lines.get(line_id, 0) + int(quantity[:7])
    return lines


@bp.route("/v1/cases/{case_id}", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_case(case_id: str) -> Response:
    """One case."""
    this = call(bp.current_request)
    actor = this.actor()
    case = access.case_for(wiring.ports(), case_id, actor)
    staff = actor.role in access.SEES_ALL
    answer = case_shape(case, this.locale, staff=staff)
    if staff and (order := wiring.ports().store.order(case.order_id)):
        answer["mail_stopped"] = stopped_parties(wiring.ports(), order)
    return answer_json(200, answer)


@bp.route("/v1/cases/{case_id}/timeline", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_timeline(case_id: str) -> Response:
    """All that happened to a case, oldest first."""
    actor = call(bp.current_request).actor()
    entries = access.timeline_for(wiring.ports(), case_id, actor)
    staff = actor.role in access.SEES_ALL
    return answer_json(200, {"items": [entry_shape(entry, staff=staff) for entry in entries], "next_cursor": None})


@bp.route("/v1/cases/{case_id}/file", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_case_file(case_id: str) -> Response:
    """The whole case, sealed, for a dispute: what its hash chain says can be checked without us."""
    actor = call(bp.current_request).actor()
    document = case_file(wiring.ports(), case_id, actor, wiring.settings().link_secret)
    headers = {"Content-Disposition": f'attachment; filename="case-{case_id}.json"'}
    return answer_json(200, document, headers)
