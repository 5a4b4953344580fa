"""Customer service's desk: search, the queues with their owners and deadlines, and the next case to work on."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.claiming import claimed_since, holder
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.parties import Actor
from chalicelib.domain.reference import is_mistyped
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_TYPED_ID
from chalicelib.locales import say
from chalicelib.pages.desk_filter import address_of, chosen_in, rows_of
from chalicelib.pages.page import FORM, Visit, go_instead, page
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.workflow import search
from chalicelib.workflow.claiming import claim_next, is_free
from chalicelib.workflow.desk import Queue, desk, needs_a_person

bp = Blueprint(__name__)

_MANY = 50


@bp.route("/support", methods=READ)
@page(bp)
def show_desk(visit: Visit) -> Response:
    """What waits for customer service, by deadline; or what was searched for."""
    actor = visit.signed_in()
    if actor.role not in search.SEARCHERS:
        raise Forbidden(actor.role, "see_desk")
    wanted = visit.query.get("q", "").strip()[:LONGEST_TYPED_ID]
    if wanted:
        return _show_found(visit, actor, wanted)
    tab = Queue(named) if (named := visit.query.get("tab", "")) in set(Queue) else Queue.OURS
    on_it, chosen = desk(wiring.ports(), actor, tab), chosen_in(visit.query)
    rows = rows_of(on_it.cases.get(tab, ()), chosen, visit.query.get("page", ""))
    return visit.page(
        "desk.html.j2",
        query="",
        mistyped=False,
        tab=tab,
        tabs=list(Queue),
        desk=on_it,
        chosen=chosen,
        rows=rows,
        cases=rows.cases,
        place=address_of,
        free=sum(is_free(wiring.ports(), case, actor) for case in on_it.cases[Queue.OURS]),
        nothing_next="next" in visit.query,
        **_of_rows(),
    )


@bp.route("/support/next", methods=["POST"], content_types=[FORM])
@page(bp)
def take_next(visit: Visit) -> Response:
    """Take the most urgent case that nobody has, and open it; pressed once more it is the same one."""
    actor, form = visit.signed_in(), visit.form()
    note = say("page.desk.next.note", visit.locale)
    return act_once(
        key_in(visit, form, actor),
        lambda keep: claim_next(wiring.ports(), actor, note, keep),
        lambda mine: f"/cases/{mine.case_id}?did={mine.decision_id}" if mine else "/support?next=none",
    )


@bp.route("/support/next", methods=READ)
@page(bp)
def next_on(visit: Visit) -> Response:
    """The button stands on the desk."""
    return go_instead(visit, "/support")


def _show_found(visit: Visit, actor: Actor, wanted: str) -> Response:
    finds = search.find(wiring.ports(), actor, wanted, _MANY)
    return visit.page(
        "desk.html.j2",
        query=wanted,
        mistyped=is_mistyped(wanted),
        tab=Queue.OURS,
        orders=finds.orders,
        cases=finds.cases,
        finds=finds,
        most=_MANY,
        desk=None,
        **_of_rows(),
    )


def _of_rows() -> dict[str, Any]:
    now = wiring.now()
    return {
        "has_it": lambda case: holder(case, now),
        "claimed_since": claimed_since,
        "needs_a_person": needs_a_person,
    }
