"""A case's page, each party's view of it, and the buttons that may be pressed right now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case, Outcome
from chalicelib.domain.cases.choices import GoodsFault
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.eligibility import return_until
from chalicelib.domain.cases.endings import left_to_seller
from chalicelib.domain.cases.limits import needs_second_person
from chalicelib.domain.cases.milestones import coming, milestones
from chalicelib.domain.cases.step import StepContext
from chalicelib.domain.cases.steps.answers import goods_first
from chalicelib.domain.cases.steps.kept_goods import may_keep, most_for_keeping
from chalicelib.domain.cases.steps.late_parcels import may_yet_arrive
from chalicelib.domain.cases.steps.offers import alternatives_for
from chalicelib.domain.cases.steps.support import appeal_until
from chalicelib.domain.errors import BatalError, Invalid, NotFound, Refused
from chalicelib.domain.money.chargebacks import paid_as_well, waits_for
from chalicelib.domain.money.explanation import explanation, paid_by
from chalicelib.domain.money.quote import less_fee
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import PARCEL_LEFT
from chalicelib.domain.parties import SEES_ALL, Actor, Role
from chalicelib.domain.policies.reasons import Kind, RefusingReason, reasons_for, wants_evidence
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.pages import notices
from chalicelib.pages.answers import asked_for, filled_in, is_asked
from chalicelib.pages.case_forms import MOST_DAYS, TAKES_OVER, Echo, echo_of, said
from chalicelib.pages.cockpit import cockpit
from chalicelib.pages.joined import joined_conversations
from chalicelib.pages.page import FORM, Form, Visit, go_instead, named_in, page
from chalicelib.pages.pressing import act_once, key_in
from chalicelib.pages.tracker import asked_by_mail, mark_of
from chalicelib.workflow import access, asking, decisions, evidence, threads
from chalicelib.workflow.claiming import check_claim
from chalicelib.workflow.committing import context_for
from chalicelib.workflow.mail_stops import fate_of, stopped_parties
from chalicelib.workflow.search import case_named

bp = Blueprint(__name__)

# What people press, by the last part of its address.
ACTIONS: Mapping[str, Command] = {
    command.replace("_", "-"): command
    for command in (
        Command.APPROVE,
        Command.REJECT,
        Command.OFFER,
        Command.ACCEPT_OFFER,
        Command.DECLINE_OFFER,
        Command.WITHDRAW,
        Command.APPEAL,
        Command.EXTEND,
        Command.CLAIM,
        Command.CONFIRM,
        Command.REOPEN,
        Command.SHIPPED_BACK,
        Command.GOODS_RECEIVED,
        Command.SETTLE_PARCEL,
        Command.CONTEST_GOODS,
        Command.RETRY_PART,
        Command.REDIRECT_PART,
        Command.RESOLVE_PART,
    )
}


@bp.route("/cases/{case_id}", methods=READ)
@page(bp)
def case(visit: Visit, case_id: str) -> Response:
    """Where the case stands, for whichever party looks, and what they can do about it."""
    actor = visit.signed_in()
    try:
        found = access.case_for(wiring.ports(), case_id, actor)
    except NotFound:
        meant = case_named(wiring.ports(), case_id)
        if meant is None or meant.case_id == case_id:
            raise
        # Its number in another spelling, or the one that it was given later; whose it is not learns nothing of it.
        return go_instead(visit, f"/cases/{access.case_for(wiring.ports(), meant.case_id, actor).case_id}")
    return show(visit, actor, found, did=visit.query.get("did"))


@bp.route("/cases/{case_id}/{action}", methods=["POST"], content_types=[FORM])
@page(bp)
def press(visit: Visit, case_id: str, action: str) -> Response:
    """A button. Where it may no longer be pressed, the page says why and shows the case as it is."""
    actor = visit.signed_in()
    form = visit.form()
    command = ACTIONS.get(action)
    if command is None:
        raise NotFound("page")
    found = access.case_for(wiring.ports(), case_id, actor)
    asked = None
    if actor.role in SEES_ALL and is_asked(form):
        asked = filled_in(form, found, access.order_for(wiring.ports(), found.order_id, actor))
    if asked:
        return show(visit, actor, found, typed=asked[0], pressed=action, ask_about=asked[1])
    try:
        if command is not Command.CLAIM and TAKES_OVER not in form:
            check_claim(wiring.ports(), found, actor)
        words = said(form, command, found)
        echo = echo_of(words, found, lambda: _with_order(found, actor))
        if echo and form.get("sure") != str(echo.typed):
            return show(visit, actor, found, echo=echo, typed=form)
        return act_once(
            key_in(visit, form, actor),
            lambda keep: decisions.say(wiring.ports(), case_id, words, actor, keep),
            lambda case: f"/cases/{case_id}?did={case.decision_id}",
        )
    except (Refused, Invalid) as refused:
        now = access.case_for(wiring.ports(), case_id, actor)
        status = PROBLEMS[refused.code][0]
        return show(visit, actor, now, refused=refused, status=status, typed=form, pressed=action)


@bp.route("/cases/{case_id}/{action}", methods=READ)
@page(bp)
def pressed(visit: Visit, case_id: str, action: str) -> Response:
    """A button's address leads to its case."""
    if action not in ACTIONS:
        raise NotFound("page")
    return go_instead(visit, f"/cases/{case_id}")


def show(
    visit: Visit,
    actor: Actor,
    found: Case,
    *,
    did: str | None = None,
    refused: BatalError | None = None,
    status: int = 200,
    echo: Echo | None = None,
    typed: Form | None = None,
    pressed: str = "",
    ask_about: str = "",
) -> Response:
    """The page of a case. `echo` is an amount as it was understood from what was `typed`; it counts when said again.
    `ask_about` is the prepared answer that would take the place of what is typed."""
    ports = wiring.ports()
    order = access.order_for(ports, found.order_id, actor)
    may = decisions.may_say(ports, found, order, actor)
    rules = replace(context_for(ports, found, actor), order=order)
    entries = access.latest_entries(ports, found.case_id, actor)
    joins = joined_conversations(found, order, actor)
    messages = threads.latest_on_case(ports, found, actor, joined=joins["joined_ids"])
    files = evidence.evidence_of(ports, found.case_id, actor)
    left = (found.deadline_at - wiring.now()).total_seconds() if found.deadline_at else None
    stopped, fate = stopped_parties(ports, order), fate_of(ports, found)
    if typed is None and actor.role in SEES_ALL and (filled := filled_in(asked_for(visit), found, order)):
        typed, pressed = filled[0], "reject"
    fee = found.offer.fee if found.offer and found.offer.accepted is None else None
    return visit.page(
        "case.html.j2",
        status,
        case=found,
        order=order,
        viewer=_viewer(actor),
        entries=entries,
        messages=messages,
        files=files,
        may=may,
        left=left,
        way=milestones(found, entries.items, wiring.now(), waits_for(order)),
        mailed=asked_by_mail(found, order, fate, stopped),
        coming=coming(found, wiring.now(), waits_for(order)),
        mark=mark_of(visit, found, order, fate),
        agreed=found.offer.alternative if found.outcome is Outcome.SETTLED and found.offer else None,
        appeal_until=appeal_until(found, rules) if Command.APPEAL in may else None,
        done=notices.said(did, actor, entries.items, messages.items, files),
        refused_file=notices.refused_file(did, actor, files),
        refused=refused.code if refused else None,
        wrong=named_in(refused),
        refusing=list(RefusingReason),
        cannot=_cannot_deliver(found, actor),
        alternatives=alternatives_for(found.kind),
        echo=echo,
        typed=typed or Form({}, {}),
        pressed=pressed,
        reasons=explanation(found.quote, paid_by(order), found.refund),
        most_for_keeping=most_for_keeping(with_books(order, rules.policy.refund_order)) if may_keep(found) else 0,
        after_fee=less_fee(found.full_quote, fee).refund_total if fee else None,
        lead=approving(found, rules),
        may_yet_arrive=may_yet_arrive(found),
        second_person=actor.role is Role.SUPPORT and needs_second_person(found, rules),
        can_return=actor.role is Role.BUYER and not found.open and _can_return(order, actor),
        return_until=return_until(order, rules.policy, rules.holidays),
        left_to_seller=left_to_seller(found) if found.outcome else None,
        most_days=MOST_DAYS,
        wants_photos=_wants_photos(found, actor, files),
        goods_faults=list(GoodsFault),
        waits=waits_for(order) if actor.role in SEES_ALL else {},
        paid_as_well=paid_as_well(order) if actor.role in SEES_ALL else {},
        ask_about=ask_about,
        **joins,
        **cockpit(visit, actor, found, order, entries.items, messages.items, files),
        stopped=[role for role in stopped if _viewer(actor) in ("staff", role)],
    )


def _wants_photos(found: Case, actor: Actor, files: Sequence[evidence.File]) -> bool:
    """Whether the buyer is asked for photos: of a reason that wants them, until they showed something."""
    shown = any(each.evidence.by.role is Role.BUYER for each in files)
    return actor.role is Role.BUYER and found.open and not shown and wants_evidence(found.asked.reason_code, found.kind)


def _with_order(found: Case, actor: Actor) -> StepContext:
    order = access.order_for(wiring.ports(), found.order_id, actor)
    return replace(context_for(wiring.ports(), found), order=order)


def _cannot_deliver(case: Case, actor: Actor) -> list[str]:
    """Why a seller may say that they cannot deliver what the buyer wants cancelled."""
    if actor.role is not Role.SELLER or not case.open:
        return []
    return [reason.code for reason in reasons_for(case.order_status, case.kind, Role.SELLER)]


def approving(case: Case, context: StepContext) -> str:
    """What approving brings about, as the end of a text's name: who has to do something with the goods before, or
    because, the money goes."""
    if case.goods or not (goods_first(case, context) or case.order_status in PARCEL_LEFT):
        return "lead"
    if case.kind is Kind.RETURN:
        return "money_alone" if case.is_money_alone else "return"
    return "recall" if goods_first(case, context) else "shipped"


def _viewer(actor: Actor) -> str:
    return actor.role if actor.role in (Role.BUYER, Role.SELLER) else "staff"


def _can_return(order: Order, actor: Actor) -> bool:
    return asking.options(wiring.ports(), order.order_id, Kind.RETURN, actor).verdict.eligible
