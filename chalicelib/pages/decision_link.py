"""Behind the link in a mail: opening shows the case and its buttons, only pressing one decides (docs/rules.md R21).

Mail scanners open every link, so GET changes nothing. The link itself says who may answer, until its deadline.
"""

from dataclasses import replace

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Command, Said
from chalicelib.domain.cases.step import StepContext
from chalicelib.domain.cases.steps.kept_goods import may_keep, most_for_keeping
from chalicelib.domain.cases.steps.offers import alternatives_for
from chalicelib.domain.cases.transitions import CaseRefused
from chalicelib.domain.errors import BatalError, Invalid
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.edge.commands import command_in
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.links import DecisionLink
from chalicelib.pages.case_forms import Echo, echo_of, said
from chalicelib.pages.cases import approving
from chalicelib.pages.link_cookies import is_whole, put_away, token_behind
from chalicelib.pages.notices import did
from chalicelib.pages.page import FORM, Form, Visit, named_in, page
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.workflow import access, decisions
from chalicelib.workflow.committing import Remember, context_for

bp = Blueprint(__name__)

_ANSWERS = {"approve": Command.APPROVE, "reject": Command.REJECT, "offer": Command.OFFER}


@bp.route("/d/{token}", methods=READ)
@page(bp)
def look(visit: Visit, token: str) -> Response:
    """The case and the two buttons; or, where the link is old or used, what became of the case."""
    link, case = _behind(visit, token)
    if is_whole(token):
        return put_away(visit, "/d/{}", token)
    made, seller = visit.query.get("did"), _seller_of(link)
    entries = access.latest_entries(wiring.ports(), case.case_id, seller).items if made else ()
    answered = did(made, entries, seller) in _ANSWERS.values()
    return _show(visit, token, case, _closed_because(link, case), answered=answered)


@bp.route("/d/{token}", methods=["POST"], content_types=[FORM])
@page(bp)
def decide(visit: Visit, token: str) -> Response:
    """The button was pressed."""
    link, case = _behind(visit, token)
    form = visit.form(ours=False)
    command = _ANSWERS.get(form.get("answer", ""))
    if command is None:
        raise Invalid("validation_failed")
    if _closed_because(link, case) is None and access.above_link(wiring.ports(), case):
        # What is worth so much is for somebody who is known: the page says so, and leads to the case.
        return _show(visit, token, case, None, 403)
    seller = replace(_seller_of(link), door=Door.LINK)

    def say(keep: Remember | None) -> Case:
        if closed := _closed_because(link, case):
            raise CaseRefused(closed, case)
        return decisions.say(wiring.ports(), case.case_id, _said(form, command, case), seller, keep)

    try:
        echo = (
            echo_of(_said(form, command, case), case, lambda: _with_order(case)) if command is Command.OFFER else None
        )
        if echo and form.get("sure") != str(echo.typed):
            return _show(visit, token, case, None, typed=form, echo=echo)
        key = key_in(visit, form, seller, by="link")
        return act_once(key, say, lambda case: f"/d/{token}?did={case.decision_id}")
    except CaseRefused as refused:
        return _show(visit, token, refused.case, refused.code, 409)
    except Invalid as invalid:
        return _show(visit, token, case, None, PROBLEMS[invalid.code][0], missing=invalid, typed=form)


def _said(form: Form, command: Command, case: Case) -> Said:
    """What was filled in. An offer's amount is typed as people write it, and counts when it was said back to them."""
    if command is not Command.OFFER:
        return command_in(command, form.filled("answer"))
    return said(Form({name: text for name, text in form.items() if name != "answer"}, form.many), command, case)


def _with_order(case: Case) -> StepContext:
    order = access.order_for(wiring.ports(), case.order_id, Actor(role=Role.SELLER, id=case.seller_id))
    return replace(context_for(wiring.ports(), case), order=order)


def _behind(visit: Visit, token: str) -> tuple[DecisionLink, Case]:
    link = wiring.links().read(token_behind(visit, token))
    return link, access.case_for(wiring.ports(), link.case_id, _seller_of(link))


def _seller_of(link: DecisionLink) -> Actor:
    """Whom the link was sent to: whoever holds it sees what that seller may see of this case."""
    return Actor(role=Role.SELLER, id=link.seller_id)


def _closed_because(link: DecisionLink, case: Case) -> str | None:
    """Why the link no longer decides; None while it does."""
    if (case.run, case.turn) != (link.run, link.turn):
        return "superseded" if case.open else "already_decided"
    # An extended deadline is on the row; the link's own is at most as late as the last one it was sent for.
    if case.deadline_at is None or wiring.now() >= case.deadline_at:
        return "deadline_passed"
    return None


def _show(
    visit: Visit,
    token: str,
    case: Case,
    closed: str | None,
    status: int = 200,
    *,
    missing: BatalError | None = None,
    answered: bool = False,
    typed: Form | None = None,
    echo: Echo | None = None,
) -> Response:
    seller = Actor(role=Role.SELLER, id=case.seller_id)
    order = access.order_for(wiring.ports(), case.order_id, seller)
    context = context_for(wiring.ports(), case)
    return visit.page(
        "decide.html.j2",
        status,
        case=case,
        order=order,
        token=token,
        closed=closed,
        lead=approving(case, context),
        too_dear=access.above_link(wiring.ports(), case),
        answered=answered,
        missing=missing.code if missing else None,
        wrong=named_in(missing),
        refusing=list(RefusingReason),
        may_offer=closed is None and Command.OFFER in decisions.may_say(wiring.ports(), case, order, seller),
        alternatives=alternatives_for(case.kind),
        most_for_keeping=most_for_keeping(with_books(order, context.policy.refund_order)) if may_keep(case) else 0,
        typed=typed or Form({}, {}),
        echo=echo,
    )
