"""A mail once more, for a party that lost it or never had it."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.effects import Mail, MailKind
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Role
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.pages.cases import show
from chalicelib.pages.page import FORM, Form, Visit, go_instead, page
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.workflow import access
from chalicelib.workflow.sending_again import mail_again

bp = Blueprint(__name__)


@bp.route("/cases/{case_id}/mail-again", methods=["POST"], content_types=[FORM])
@page(bp)
def send(visit: Visit, case_id: str) -> Response:
    """Send the chosen mail once more; refused, the page says why and keeps what was typed."""
    actor, form = visit.signed_in(), visit.form()
    found = access.case_for(wiring.ports(), case_id, actor)
    try:
        mail, note = _chosen(form), form.text("note") or ""
        return act_once(
            key_in(visit, form, actor),
            lambda keep: mail_again(wiring.ports(), case_id, mail, note, actor, keep),
            lambda case: f"/cases/{case.case_id}?did={case.decision_id}",
        )
    except (Refused, Invalid) as refused:
        status = PROBLEMS[refused.code][0]
        return show(visit, actor, found, refused=refused, status=status, typed=form, pressed="mail-again")


@bp.route("/cases/{case_id}/mail-again", methods=READ)
@page(bp)
def instead(visit: Visit, case_id: str) -> Response:
    """The form stands on the case's page."""
    return go_instead(visit, f"/cases/{case_id}")


def _chosen(form: Form) -> Mail:
    """Which mail, to whom. Raises Invalid `validation_failed`."""
    kind, _, to = form.get("mail", "").partition(" ")
    if kind not in set(MailKind) or to not in (Role.BUYER, Role.SELLER):
        raise Invalid("validation_failed", errors=[{"field": "mail", "message": "no such mail"}])
    return Mail(MailKind(kind), Role(to))
