"""Two conversations about one order become one, and two again."""

from collections.abc import Callable

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.pages.cases import show
from chalicelib.pages.page import FORM, Form, Visit, go_instead, page
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.workflow import access
from chalicelib.workflow.committing import Remember
from chalicelib.workflow.joining import join_into, take_apart

bp = Blueprint(__name__)


@bp.route("/cases/{case_id}/join", methods=["POST"], content_types=[FORM])
@page(bp)
def join(visit: Visit, case_id: str) -> Response:
    """The conversation goes on in the case that was chosen; refused, the page says why and keeps what was typed."""
    actor, form = visit.signed_in(), visit.form()

    def joined(keep: Remember | None) -> Case:
        return join_into(wiring.ports(), case_id, form.text("into") or "", form.text("note") or "", actor, keep)

    return _done(visit, form, case_id, "join", joined)


@bp.route("/cases/{case_id}/separate", methods=["POST"], content_types=[FORM])
@page(bp)
def separate(visit: Visit, case_id: str) -> Response:
    """The conversation goes on by itself."""
    actor, form = visit.signed_in(), visit.form()

    def separated(keep: Remember | None) -> Case:
        return take_apart(wiring.ports(), case_id, form.text("note") or "", actor, keep)

    return _done(visit, form, case_id, "separate", separated)


@bp.route("/cases/{case_id}/join", methods=READ)
@page(bp)
def instead_of_join(visit: Visit, case_id: str) -> Response:
    """The form stands on the case's page."""
    return go_instead(visit, f"/cases/{case_id}")


@bp.route("/cases/{case_id}/separate", methods=READ)
@page(bp)
def instead_of_separate(visit: Visit, case_id: str) -> Response:
    """The form stands on the case's page."""
    return go_instead(visit, f"/cases/{case_id}")


def _done(visit: Visit, form: Form, case_id: str, pressed: str, act: Callable[[Remember | None], Case]) -> Response:
    actor = visit.signed_in()
    try:
        return act_once(key_in(visit, form, actor), act, lambda case: f"/cases/{case.case_id}?did={case.decision_id}")
    except (Refused, Invalid) as refused:
        found = access.case_for(wiring.ports(), case_id, actor)
        status = PROBLEMS[refused.code][0]
        return show(visit, actor, found, refused=refused, status=status, typed=form, pressed=pressed)
