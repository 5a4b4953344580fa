"""What is told of single parts of a refund, and what people in charge do with one that is stuck."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.commands import PartTold, RedirectPart, ResolvePart, RetryPart
from chalicelib.domain.cases.effects import Mail, MailKind, Promised
from chalicelib.domain.cases.events import RefundPartChanged
from chalicelib.domain.cases.step import Act, Step, StepContext, with_facts
from chalicelib.domain.cases.steps.refunds import all_gone, arrives, asked_for, credit_of, did_not_go, part_told
from chalicelib.domain.errors import NotFound, Refused
from chalicelib.domain.money.refund import (
    OPEN_PARTS,
    FirstYes,
    PartState,
    Refund,
    RefundPart,
    WayOn,
    asked_again,
    heard,
)
from chalicelib.domain.orders.methods import Method, PaidBackBy
from chalicelib.domain.parties import Role


def tell_part(case: Case, act: Act[PartTold], context: StepContext) -> Step:
    """Whoever pays a part says how it goes: it counts, or is kept as something that changed nothing.

    Raises Refused `not_now` where nothing was granted, NotFound.
    """
    report = act.said.report
    refund, part = _part_of(case, report.part)
    after = heard(refund, report, by_batal=_by_batal(case, part.method))
    facts = {"part": report.part, "told": report.told, "amount": report.amount}
    if after.parts == refund.parts:
        seen = replace(case, refund=after, money_sent=True)
        return Step(case=seen, facts={**facts, "not_taken": after.not_taken[-1].not_taken})
    return with_facts(_changed(case, after, report.part, act.now), facts)


def retry_part(case: Case, act: Act[RetryPart], context: StepContext) -> Step:
    """The part is asked for again: one that failed at a further try, one that nobody answered of under the same key."""
    refund, part = _open_part(case, act.said.part)
    agreed = _agreed(case, refund, act, WayOn.RETRY, context)
    if agreed is not None:
        return agreed
    arrives_by = arrives(part, act.now, context)
    if part.is_stuck and not part.is_in_doubt:
        again = asked_again(part, act.now, arrives_by)
    else:
        again = replace(part, state=PartState.DUE, arrives_by=max(arrives_by, part.arrives_by), first_yes=None)
    after = refund.with_part(act.said.part, again)
    step = _changed(case, after, act.said.part, act.now)
    asked = asked_for(after, [act.said.part])
    return with_facts(replace(step, effects=(*asked, *step.effects)), {"part": act.said.part})


def redirect_part(case: Case, act: Act[RedirectPart], context: StepContext) -> Step:
    """A part that failed goes to the buyer's wallet instead. Vouchers and coins never become money.

    Raises Refused `part_not_stuck` for one that may still go the way it was sent, `part_is_no_money`.
    """
    refund, part = _open_part(case, act.said.part)
    if part.method.is_promo:
        raise Refused("part_is_no_money")
    if not part.is_stuck or part.is_in_doubt or part.method is Method.WALLET:
        raise Refused("part_not_stuck")
    agreed = _agreed(case, refund, act, WayOn.REDIRECT, context)
    if agreed is not None:
        return agreed
    by_batal = _by_batal(case, Method.WALLET)
    instead = RefundPart(
        method=Method.WALLET,
        amount=part.amount,
        state=PartState.PAID if by_batal else PartState.DUE,
        arrives_by=act.now,
        tender_id=part.tender_id,
        asked_at=act.now,
        instead_of=act.said.part,
    )
    instead = replace(instead, arrives_by=arrives(instead, act.now, context))
    gone = refund.with_part(act.said.part, replace(part, state=PartState.REDIRECTED, first_yes=None))
    after = replace(gone, parts=(*gone.parts, instead))
    step = _changed(case, after, act.said.part, act.now)
    name = str(len(after.parts))
    credits = (credit_of(case, after, instead, act.now),) if by_batal else ()
    step = replace(step, effects=(*step.effects, _event(after, name), *asked_for(after, [name])), credits=credits)
    return with_facts(step, {"part": act.said.part, "to": Method.WALLET})


def resolve_part(case: Case, act: Act[ResolvePart], context: StepContext) -> Step:
    """A part went by hand, under this reference."""
    refund, part = _open_part(case, act.said.part)
    agreed = _agreed(case, refund, act, WayOn.RESOLVE, context, act.said.reference)
    if agreed is not None:
        return agreed
    paid = replace(part, state=PartState.PAID, reference=act.said.reference, first_yes=None)
    after = refund.with_part(act.said.part, paid)
    step = _changed(case, after, act.said.part, act.now)
    return with_facts(step, {"part": act.said.part, "reference": act.said.reference})


def _changed(case: Case, refund: Refund, name: str, now: datetime) -> Step:
    """The case once a part stands elsewhere: it closes with the last one that was open, and stays closed whatever
    becomes of one later."""
    case, part, told = replace(case, refund=refund, money_sent=True), refund.by_name[name], _event(refund, name)
    if case.state is not State.CLOSED and not refund.due:
        step = all_gone(case, now)
        return replace(step, effects=(told, *step.effects))
    effects: tuple[Promised, ...] = (told,)
    if part.state in (PartState.FAILED, PartState.HELD):
        effects = (*effects, *did_not_go(refund))
    elif part.state is PartState.REVERSED:
        effects = (*effects, Mail(MailKind.MONEY_BOUNCED, Role.BUYER))
    elif case.state is State.CLOSED and not refund.due and not part.method.is_promo:
        effects = (*effects, Mail(MailKind.MONEY_RETURNED, Role.BUYER))
    return Step(case=case, effects=effects)


def _agreed(
    case: Case,
    refund: Refund,
    act: Act[RetryPart] | Act[RedirectPart] | Act[ResolvePart],
    way: WayOn,
    context: StepContext,
    reference: str | None = None,
) -> Step | None:
    """The step that only notes the first of two yeses; None where one is enough, or this is the second.

    Raises Refused `same_person`.
    """
    name, policy = act.said.part, context.policy
    part, limit = refund.by_name[name], policy.second_person_above
    if limit is None or not policy.is_above(limit, Money(part.amount, refund.currency)):
        return None
    first = part.first_yes
    if first is not None and (first.way, first.reference) == (way, reference):
        if first.by == act.actor.id:
            raise Refused("same_person")
        return None
    agreed_by_one = replace(part, first_yes=FirstYes(way=way, by=act.actor.id, reference=reference))
    return Step(
        case=replace(case, refund=refund.with_part(name, agreed_by_one)), facts={"part": name, "first_yes": way}
    )


def _event(refund: Refund, name: str) -> RefundPartChanged:
    part = refund.by_name[name]
    return RefundPartChanged(
        refund_id=refund.refund_id,
        currency=refund.currency,
        part=part_told(refund, name),
        part_state=part.state.word,
        reference=part.reference,
    )


def _by_batal(case: Case, method: Method) -> bool:
    """Whether the built-in wallet pays it."""
    return case.policy.paid_back_by(method) is PaidBackBy.WALLET


def _part_of(case: Case, name: str) -> tuple[Refund, RefundPart]:
    if case.refund is None:
        raise Refused("not_now")
    part = case.refund.by_name.get(name)
    if part is None:
        raise NotFound("part")
    return case.refund, part


def _open_part(case: Case, name: str) -> tuple[Refund, RefundPart]:
    refund, part = _part_of(case, name)
    if part.state not in OPEN_PARTS:
        raise Refused("part_is_done", state=part.state.word)
    return refund, part
