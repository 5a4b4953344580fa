"""Cases: options before asking, asking, and what the parties see of them. What they are told: `decisions`."""

from urllib.parse import unquote

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.cases.asking import ASKERS, SEES_OPTIONS
from chalicelib.domain.parties import SEES_ORDERS
from chalicelib.domain.people.uses import Counted
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.ports import Filter
from chalicelib.edge.answer_types import CaseAnswer, CaseFileAnswer, EntryAnswer, Listed, OptionsAnswer
from chalicelib.edge.available import actions_of
from chalicelib.edge.bodies import AskPost, Pieces
from chalicelib.edge.case_file import case_file
from chalicelib.edge.commands import ask_of
from chalicelib.edge.queries import CaseFileQuery, CasesQuery, OptionsQuery, PageQuery
from chalicelib.edge.reading import id_of, taken
from chalicelib.edge.route import Answer, Call, route
from chalicelib.edge.shapes import case_shape, entry_shape, explained_case, options_shape, page_shape
from chalicelib.workflow import access, asking, decisions
from chalicelib.workflow.mail_stops import stopped_parties

bp = Blueprint(__name__)

_CASE = "/v1/cases/{case_id}"


@route(bp, "GET", "/v1/orders/{order_id}/cancellation-options", roles=SEES_OPTIONS)
def get_options(call: Call, order_id: str, query: OptionsQuery) -> OptionsAnswer:
    """What the buyer should know before asking. Changes nothing; 200 also where one may not ask."""
    lines = _lines(query.lines)
    found = asking.options(wiring.ports(), order_id, Kind(query.kind), call.actor, query.reason_code, lines)
    return options_shape(found, call.locale)


@route(
    bp,
    "POST",
    "/v1/orders/{order_id}/cancellations",
    roles=ASKERS[Kind.CANCELLATION],
    status=201,
    counted=Counted.ASKS,
    made_at=_CASE,
)
def post_cancellation(call: Call, order_id: str, body: AskPost) -> CaseAnswer:
    """Ask to cancel."""
    return _ask(call, order_id, Kind.CANCELLATION, body)


@route(
    bp,
    "POST",
    "/v1/orders/{order_id}/returns",
    roles=ASKERS[Kind.RETURN],
    status=201,
    counted=Counted.ASKS,
    made_at=_CASE,
)
def post_return(call: Call, order_id: str, body: AskPost) -> CaseAnswer:
    """Ask to return the goods."""
    return _ask(call, order_id, Kind.RETURN, body)


def _ask(call: Call, order_id: str, kind: Kind, body: AskPost) -> CaseAnswer:
    said = ask_of(kind, body)
    return call.once(
        lambda keep: asking.ask(wiring.ports(), order_id, said, call.actor, keep),
        lambda case: case_shape(case, call.locale, staff=call.staff),
    )


@route(bp, "GET", "/v1/cases", roles=SEES_ORDERS)
def list_cases(call: Call, query: CasesQuery) -> Listed[CaseAnswer]:
    """Cases that the caller may see: a buyer's own, a seller's inbox, a queue for staff."""
    wanted = Filter(
        buyer_id=query.buyer_id,
        seller_id=query.seller_id,
        order_id=query.order_id,
        state=query.state,
        outcome=query.outcome,
        kind=query.kind,
        due_before=query.due_before,
        updated_since=query.updated_since,
    )
    page = access.cases_of(
        wiring.ports(), call.actor, wanted, query.limit, query.cursor, by_deadline=query.sort == "deadline_at"
    )
    return page_shape(page, lambda case: case_shape(case, call.locale, staff=call.staff))


def _lines(given: str | None) -> dict[str, int] | None:
    """`1:2,3:1` as quantities per line id; the pattern of the query has looked at its form."""
    if given is None:
        return None
    lines: dict[str, int] = {}
    for part in given.split(","):
        escaped, _, quantity = part.rpartition(":")
        line_id = id_of(unquote(escaped), "lines")
        lines[line_id] = lines.get(line_id, 0) + taken(quantity, Pieces, typed=True, named="lines")
    return lines


@route(bp, "GET", _CASE, roles=SEES_ORDERS)
def get_case(call: Call, case_id: str) -> CaseAnswer:
    """One case, with what the caller may say to it right now."""
    case = access.case_for(wiring.ports(), case_id, call.actor)
    order = access.order_for(wiring.ports(), case.order_id, call.actor)
    answer = explained_case(case, order, call.locale, staff=call.staff)
    if call.staff:
        answer["mail_stopped"] = stopped_parties(wiring.ports(), order)
    may = decisions.may_say(wiring.ports(), case, order, call.actor)
    answer["available_actions"] = actions_of(may, case, call.actor)
    return answer


@route(bp, "GET", "/v1/cases/{case_id}/timeline", roles=SEES_ORDERS)
def get_timeline(call: Call, case_id: str, query: PageQuery) -> Listed[EntryAnswer]:
    """All that happened to a case, oldest first."""
    page = access.timeline_page(wiring.ports(), case_id, call.actor, query.limit, query.cursor)
    return page_shape(page, lambda entry: entry_shape(entry, call.actor.role))


@route(bp, "GET", "/v1/cases/{case_id}/file", roles=SEES_ORDERS)
def get_case_file(call: Call, case_id: str, query: CaseFileQuery) -> Answer[CaseFileAnswer]:
    """The whole case, sealed, for a dispute: what its hash chain says can be checked without us."""
    document = case_file(wiring.ports(), case_id, call.actor, wiring.settings().link_secret, query.cursor)
    return Answer(document, headers={"Content-Disposition": f'attachment; filename="case-{case_id}.json"'})
