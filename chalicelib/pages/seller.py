"""The seller's inbox: requests by deadline, answered one by one or many at once; and what their own figures say."""

from collections.abc import Mapping

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.errors import BatalError, Forbidden
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.ports import Filter
from chalicelib.edge.commands import command_in
from chalicelib.edge.cors import READ
from chalicelib.edge.keys import Key
from chalicelib.edge.limits import LONGEST_OWN_ID
from chalicelib.locales import has, say
from chalicelib.pages.page import FORM, Form, Visit, page
from chalicelib.pages.pressing import key_in, made_once
from chalicelib.workflow import access, decisions, figures

bp = Blueprint(__name__)

# The tabs of the inbox, each the state that it lists.
TABS: Mapping[str, tuple[State, ...]] = {
    "answer": (State.AWAITING_SELLER,),
    "waiting": (State.AWAITING_BUYER, State.AWAITING_SUPPORT, State.REFUNDING),
    "goods": (State.AWAITING_GOODS,),
    "closed": (State.CLOSED,),
}
_MANY = 50
_TOGETHER = {"approve": Command.APPROVE, "reject": Command.REJECT}


@bp.route("/seller", methods=READ)
@page(bp)
def inbox(visit: Visit) -> Response:
    """What waits for an answer, the most urgent first."""
    return _inbox(visit, seller(visit))


@bp.route("/seller", methods=["POST"], content_types=[FORM])
@page(bp)
def answer_many(visit: Visit) -> Response:
    """The same answer to all that were selected; one that fails does not stop the rest."""
    actor = seller(visit)
    form = visit.form()
    command, chosen = _TOGETHER.get(form.get("answer", "")), form.many.get("case_id", [])[:_MANY]
    if command is None or not chosen:
        return _inbox(visit, actor, note=say("page.seller.bulk.nothing", visit.locale), status=422)
    key = key_in(visit, form, actor)
    answers = ((case_id, key.part(case_id) if key else None) for case_id in chosen)
    answered = (_answer(visit, actor, case_id, command, form, part) for case_id, part in answers)
    failed = [why for why in answered if why is not None]
    told = say("page.seller.bulk.done", visit.locale, done=len(chosen) - len(failed), count=len(chosen))
    return _inbox(visit, actor, note=told, failed=failed)


@bp.route("/seller/figures", methods=READ)
@page(bp)
def own_figures(visit: Visit) -> Response:
    """How this shop answers, and what of it counts."""
    actor = seller(visit)
    return visit.page("figures.html.j2", figures=figures.figures_of_seller(wiring.ports(), actor, actor.id))


def seller(visit: Visit) -> Actor:
    """The seller who is signed in. Raises Forbidden for everyone else."""
    actor = visit.signed_in()
    if actor.role is not Role.SELLER:
        raise Forbidden(actor.role, "see_inbox")
    return actor


def _inbox(
    visit: Visit, actor: Actor, *, note: str | None = None, failed: list[str] | None = None, status: int = 200
) -> Response:
    tab = visit.query.get("tab", "answer")
    tab = tab if tab in TABS else "answer"
    ports = wiring.ports()
    found: list[Case] = []
    for state in TABS[tab]:
        found += access.cases_of(ports, actor, Filter(state=state), _MANY, None).items
    orders = {case.order_id: access.order_for(ports, case.order_id, actor) for case in found}
    return visit.page(
        "inbox.html.j2",
        status,
        tab=tab,
        tabs=list(TABS),
        cases=found,
        orders=orders,
        refusing=[code for code in RefusingReason if code is not RefusingReason.ALREADY_SHIPPED],
        note=note,
        failed=failed or [],
    )


def _answer(visit: Visit, actor: Actor, case_id: str, command: Command, form: Form, key: Key | None) -> str | None:
    """What went wrong with one of many, in words; None where it was taken."""
    # Both buttons stand in one form, so that the reason comes along with a yes as well.
    fields = form.filled("answer", "case_id", *(["reason_code"] if command is Command.APPROVE else []))
    try:
        said = command_in(command, fields)
        made_once(
            key, lambda keep: decisions.say(wiring.ports(), case_id, said, actor, keep), lambda case: case.case_id
        )
    except BatalError as error:
        text = f"refusal.{error.code}" if has(f"refusal.{error.code}", visit.locale) else "page.error.422"
        return f"{_order_of(actor, case_id)}: {say(text, visit.locale)}"
    return None


def _order_of(actor: Actor, case_id: str) -> str:
    try:
        return access.case_for(wiring.ports(), case_id, actor).name_for_people
    except BatalError:
        return case_id[:LONGEST_OWN_ID]
