"""What only customer service does, and how a closed case comes back to it."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.change import Slot
from chalicelib.domain.cases.claiming import still_on_it
from chalicelib.domain.cases.commands import Appeal, Claim, Confirm, Extend, Reopen
from chalicelib.domain.cases.effects import MailKind, Promised, to_both
from chalicelib.domain.cases.events import CaseReopened, OrderHoldShipment
from chalicelib.domain.cases.outbox import without_reminders
from chalicelib.domain.cases.step import Act, Step, StepContext, attempts, decision_of, pieces, wait
from chalicelib.domain.cases.steps.amendments import brought_up_to_date
from chalicelib.domain.cases.steps.answers import grant, silence_of_support
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.order import Order, status_for
from chalicelib.domain.orders.statuses import ARRIVED, PARCEL_LEFT
from chalicelib.domain.orders.statuses import OrderStatus as S
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind

# Ends that a buyer may appeal against: somebody else's no, or nobody's word.
APPEALABLE = (Outcome.REJECTED, Outcome.EXPIRED)


def extend(case: Case, act: Act[Extend], context: StepContext) -> Step:
    """A later deadline, at most so much later and so often in one wait by policy.

    Raises Invalid `until_not_allowed`, Refused `extended_enough`.
    """
    if case.extensions >= context.policy.extensions:
        raise Refused("extended_enough", at_most=context.policy.extensions)
    latest = context.after(act.now, context.policy.extend_at_most)
    until = act.said.until
    if case.deadline_at is None or not case.deadline_at < until <= latest:
        raise Invalid("until_not_allowed", after=case.deadline_at, at_most=latest)
    outbox = without_reminders(case.outbox)
    later = replace(case, deadline_at=until, extensions=case.extensions + 1, outbox=outbox)
    later = still_on_it(later, act.actor, act.now)
    return Step(case=later, effects=to_both(MailKind.DEADLINE_EXTENDED), facts={"until": until.isoformat()})


def claim(case: Case, act: Act[Claim], context: StepContext) -> Step:
    """One of customer service takes the case, also from a colleague."""
    return Step(case=replace(case, claimed_by=act.actor.id, claimed_at=act.now))


def confirm(case: Case, act: Act[Confirm], context: StepContext) -> Step:
    """The second yes, by somebody else than the first. Raises Refused `nothing_to_confirm`, `same_person`."""
    if case.first_yes is None:
        raise Refused("nothing_to_confirm")
    if case.first_yes == act.actor.id:
        raise Refused("same_person")
    return grant(case, act, context)


def appeal(case: Case, act: Act[Appeal], context: StepContext) -> Step:
    """The buyer asks customer service to look again: once, in time, against a refusal or a silence.

    Raises Invalid `comment_required`, Refused `not_appealable`, `appeal_too_late`, and as reopening does.
    """
    if not act.said.comment.strip():
        raise Invalid("comment_required")
    if case.outcome not in APPEALABLE or case.appeals:
        raise Refused("not_appealable")
    if case.closed_at is None or act.now >= appeal_until(case, context):
        raise Refused("appeal_too_late")
    return _new_run(replace(case, appeals=case.appeals + 1), act, context)


def reopen(case: Case, act: Act[Reopen], context: StepContext) -> Step:
    """Customer service looks again at a case of which no refund was ever sent (I2).

    Raises Refused `already_decided` after a refund, `case_open` or `superseded` where the order has a later case,
    `already_cancelled` where nothing is left to decide.
    """
    return _new_run(case, act, context)


def appeal_until(case: Case, context: StepContext) -> datetime:
    """Until when the buyer may appeal."""
    return context.after(case.closed_at or case.updated_at, context.policy.appeal_within)


def may_appeal_still(case: Case, order: Order) -> bool:
    """Whether an appeal would find a case that can be looked at again, were it in time."""
    if case.outcome not in APPEALABLE or case.appeals or case.closed_at is None or case.refund is not None:
        return False
    if order.open_case or order.standing is S.CANCELLED or order.cases[-1:] not in ((), (case.case_id,)):
        return False
    return not (status_for(order, case.lines) in ARRIVED and case.quote.leaves_cash_out)


def _new_run(case: Case, act: Act[Appeal | Reopen], context: StepContext) -> Step:
    order = with_books(_still_its_own(case, context.order), context.policy.refund_order)
    support = context.policy.support
    status = status_for(order, case.lines, returning=case.kind is Kind.RETURN)
    moved = status in PARCEL_LEFT and status != case.order_status and case.kind is Kind.CANCELLATION
    again = replace(
        case,
        run=case.run + 1,
        turn=0,
        outcome=None,
        closed_at=None,
        decision=decision_of(act),
        first_yes=None,
        claimed_by=act.actor.id if act.actor.role is Role.SUPPORT else None,
        claimed_at=act.now if act.actor.role is Role.SUPPORT else None,
        rounds=0,
        agreed=False,
        ran_out=None,
        given_back=0,
        # A fee was agreed to, or a deduction reckoned, in the run that is over.
        quote=case.full_quote,
        quoted=None,
        dismissed={},
        # What was sent back already need not be sent again.
        goods=case.goods if case.goods and case.goods.sent_at else None,
        # What somebody refused after the buyer had agreed to it is agreed no more.
        offer=None if case.partial_refund_agreed is not None else case.offer,
        moved_to=status if moved else case.moved_to,
        order_status=status if moved else case.order_status,
    )
    again = brought_up_to_date(again, order, context, act.now)
    # More of the order may be gone, or told dearer, than when it was asked for.
    rest = order.remaining
    still = {line_id: min(count, rest.get(line_id, 0)) for line_id, count in case.lines.items()}
    again = replace(again, worth=order.worth(still).amount)
    waiting = wait(
        again, State.AWAITING_SUPPORT, context.deadline(act.now, support), silence_of_support(again, context)
    )
    effects: tuple[Promised, ...] = (*to_both(MailKind.REOPENED), CaseReopened(decide_by=waiting.deadline_at))
    if not moved and status not in PARCEL_LEFT:
        effects = (*effects, OrderHoldShipment(lines=pieces(case.lines), until=waiting.deadline_at))
    slot = Slot(
        order_id=case.order_id,
        case_id=case.case_id,
        seen=order,
        retakes=True,
        **attempts(case.kind, _given_back(case, context)),
    )
    return Step(case=waiting, effects=context.with_run(effects), slot=slot)


def _given_back(case: Case, context: StepContext) -> int:
    """The attempts that the case's end gave back. Of rows from before that was kept, only withdrawals did."""
    old = case.outcome is Outcome.WITHDRAWN and case.kind is Kind.CANCELLATION and not context.policy.withdrawal_counts
    return case.given_back or int(old)


def _still_its_own(case: Case, order: Order | None) -> Order:
    """The order, if this case may take its slot again."""
    if case.refund is not None or order is None:
        raise Refused("already_decided")
    if order.open_case:
        raise Refused("case_open", case_id=order.open_case)
    beside = order.books.beside if order.books else ()
    later = [each for each in order.cases[order.cases.index(case.case_id) + 1 :] if each not in beside]
    if later:
        raise Refused("superseded", case_id=later[-1])
    if order.standing is S.CANCELLED:
        raise Refused("already_cancelled")
    if status_for(order, case.lines) in ARRIVED and case.quote.leaves_cash_out:
        # The cash has been handed over since; a return asks anew, for all of it.
        raise Refused("not_appealable")
    return order
