"""What an answer does to a case: yes, no, and silence. The table says when each may happen."""

from dataclasses import replace

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import Approve, Command, Expire, Reject, Said, Withdraw
from chalicelib.domain.cases.effects import MailKind, to_both
from chalicelib.domain.cases.events import CaseEscalated, Event, OrderRecallShipment, ReturnApproved
from chalicelib.domain.cases.goods import Goods
from chalicelib.domain.cases.limits import needs_second_person
from chalicelib.domain.cases.step import Act, Step, StepContext, decision_of, end, pieces, wait, with_facts
from chalicelib.domain.cases.steps.amendments import with_lower_fee
from chalicelib.domain.cases.steps.kept_goods import give_for_keeping
from chalicelib.domain.cases.steps.reckoning import reckoned, way_back_of, with_way_back
from chalicelib.domain.cases.steps.refunds import pay_back
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.quote import quote
from chalicelib.domain.orders.statuses import ON_ITS_WAY, OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.policy import MoneyBack, Silence
from chalicelib.domain.policies.reasons import Kind, RefusingReason, find_reason, reasons_for


def approve(case: Case, act: Act[Approve], context: StepContext) -> Step:
    """A yes, by the seller or by customer service. Above the policy's amount customer service needs a second person.

    Raises Refused `same_person` where the first of two says it again, Invalid `reason_not_allowed` where the seller
    names a reason that is none of theirs, `fee_not_allowed` where anybody else lowers a fee, and as `with_way_back`,
    `with_lower_fee` and `reckoned` do.
    """
    said = act.said
    case = with_way_back(case, said, context)
    if said.reason_code is not None:
        case = _cannot_deliver(case, said.reason_code, act, context)
    if said.fee is not None:
        if act.actor.role is not Role.SUPPORT or case.partial_refund_agreed is not None:
            raise Invalid("fee_not_allowed")
        # On other terms than the first of two persons had, it is a first yes again.
        before = case.quote.cancellation_fee
        case = replace(with_lower_fee(case, said.fee, context, act.now), first_yes=None)
        step = approve(case, replace(act, said=replace(said, fee=None)), context)
        return with_facts(step, {"fee": said.fee, "fee_before": before})
    if not said.reckons:
        return _approved(case, act, context)
    if act.actor.role is not Role.SUPPORT:
        raise Invalid("deduction_not_allowed")
    # On other terms than the first of two persons had, it is a first yes again.
    less = replace(reckoned(case, said, context, act.now), first_yes=None)
    facts = {"deduction": said.deduction or 0, "dismissed": dict(less.dismissed)}
    return with_facts(_approved(less, act, context), facts)


def _approved(case: Case, act: Act[Approve], context: StepContext) -> Step:
    if act.actor.role is not Role.SUPPORT or not needs_second_person(case, context):
        return grant(case, act, context)
    if case.first_yes is None:
        return first_yes(case, act.actor.id, act, context)
    if case.first_yes == act.actor.id:
        raise Refused("same_person")
    return grant(case, act, context)


def _cannot_deliver(case: Case, code: str, act: Act[Said], context: StepContext) -> Case:
    """The case, where the seller says that they cannot deliver: the fault is theirs, and nothing is kept."""
    reason = find_reason(code, case.order_status, case.kind, Role.SELLER) if act.actor.role is Role.SELLER else None
    if reason is None:
        allowed = [each.code for each in reasons_for(case.order_status, case.kind, Role.SELLER)]
        raise Invalid("reason_not_allowed", reason_code=code, allowed=allowed)
    if context.order is None:
        raise AssertionError("a fault that turns around needs the order, to quote anew")
    anew = quote(context.order, context.policy, reason.fault, act.now, context.holidays, wanted=case.lines)
    return replace(case, asked=replace(case.asked, fault=reason.fault), quote=anew)


def first_yes(case: Case, who: str, act: Act[Said], context: StepContext) -> Step:
    """The first of two yeses; the case waits in customer service's queue for the second."""
    marked = replace(case, first_yes=who, decision=decision_of(act))
    deadline = context.deadline(act.now, context.policy.support)
    if case.state is State.AWAITING_SUPPORT:
        # The second person has as long as the first had.
        until = max(deadline, case.deadline_at or deadline)
        return Step(case=wait(marked, case.state, until, silence_of_support(marked, context)))
    waiting = wait(marked, State.AWAITING_SUPPORT, deadline, silence_of_support(marked, context))
    return Step(case=waiting, effects=(*to_both(MailKind.ESCALATED), CaseEscalated(decide_by=deadline)))


def grant(case: Case, act: Act[Said], context: StepContext) -> Step:
    """The request is granted: the money goes back as quoted, or first the goods must come back.

    A parcel that moved after the case opened beats a seller's approval, spoken or silent: support decides (I5).
    Where it was agreed that the buyer keeps the goods, that is what is granted.
    """
    if case.partial_refund_agreed is not None:
        return give_for_keeping(case, act, context)
    by_support = act.actor.role is Role.SUPPORT
    if case.moved_to and case.kind is Kind.CANCELLATION and not by_support:
        spoken = act.command is not Command.EXPIRE
        return escalate(replace(case, agreed=case.agreed or spoken), act, context)
    if case.goods is None and goods_first(case, context):
        return _await_goods(case, act, context)
    return pay_back(case, act, context)


def refuse(case: Case, act: Act[Reject], context: StepContext) -> Step:
    """Reject: the order goes on. A seller whose parcel has left must prove it with its tracking number."""
    if act.said.reason_code is RefusingReason.ALREADY_SHIPPED and not act.said.tracking_number:
        raise Invalid("tracking_number_required")
    return end(case, Outcome.REJECTED, MailKind.REJECTED, act)


def withdraw(case: Case, act: Act[Withdraw], context: StepContext) -> Step:
    """The buyer takes the request back: the order goes on. By policy the attempt is given back as well, and
    always where its money changed meanwhile."""
    counts = (case.kind is Kind.RETURN or context.policy.withdrawal_counts) and not case.amended
    return end(case, Outcome.WITHDRAWN, MailKind.WITHDRAWN, act, gives_back=0 if counts else 1)


def lapse(case: Case, act: Act[Expire], context: StepContext) -> Step:
    """Nobody answered in time. What that means was fixed when the wait began: approve, expire or escalate.

    Customer service's silence never takes back what was promised, whatever an earlier version fixed. An attempt that
    ended in somebody else's silence is the buyer's again.
    """
    lapsed = replace(case, lapsed=case.lapsed or case.state is State.AWAITING_SELLER)
    means = case.if_silent
    if case.state is State.AWAITING_SUPPORT and means is Silence.EXPIRE:
        means = silence_of_support(case, context)
    if case.state is State.AWAITING_BUYER and case.goods is not None:
        # An earlier version let offers be made for goods on their way back.
        means = Silence.ESCALATE
    if means is Silence.APPROVE:
        kept = case.state is State.AWAITING_GOODS or (case.state is State.AWAITING_SUPPORT and case.is_promised)
        return pay_back(lapsed, act, context) if kept else grant(lapsed, act, context)
    if means is Silence.ESCALATE:
        return escalate(lapsed, act, context)
    others = case.waiting_for is not Role.BUYER
    ended = replace(lapsed, ran_out=case.state)
    return end(ended, Outcome.EXPIRED, MailKind.EXPIRED, act, gives_back=int(others))


def escalate(case: Case, act: Act[Said], context: StepContext) -> Step:
    """Customer service takes over, with a deadline of its own; its silence ends the case by policy, unless somebody has
    agreed already: then the case comes back to the queue until it is decided."""
    kept = case.first_yes if case.state is State.AWAITING_SUPPORT else None
    taken = replace(case, decision=decision_of(act), first_yes=kept, agreed=case.is_promised)
    deadline = context.deadline(act.now, context.policy.support)
    handed_over = wait(taken, State.AWAITING_SUPPORT, deadline, silence_of_support(taken, context))
    return Step(case=handed_over, effects=(*to_both(MailKind.ESCALATED), CaseEscalated(decide_by=deadline)))


def silence_of_support(case: Case, context: StepContext) -> Silence:
    """What customer service's silence means. It never takes back what was promised: goods on their way back, a first
    yes that waits for a second person, what both sides agreed on."""
    if case.goods or case.first_yes:
        return Silence.ESCALATE
    return context.policy.agreed_if_silent if case.is_promised else context.policy.support.if_silent


def unseen_silence(silence: Silence, *, goods_come_back: bool) -> Silence:
    """What a seller's silence means. Where nothing comes back that somebody could see, it alone pays no money: customer
    service looks."""
    return Silence.ESCALATE if silence is Silence.APPROVE and not goods_come_back else silence


def goods_first(case: Case, context: StepContext) -> bool:
    """Whether the goods must come back before the money goes: returns, and by policy parcels that had left, unless the
    carrier has said already what the policy waits for. Nobody waits for goods that are not there."""
    if not case.asked.goods_come_back:
        return False
    if case.kind is Kind.RETURN:
        return True
    turned = case.parcel is ParcelWord.INTERCEPTED or case.order_status is OrderStatus.RETURNING_TO_SELLER
    if turned and context.policy.money_back is MoneyBack.ON_INTERCEPTION:
        return False
    return context.policy.money_back is not MoneyBack.ON_APPROVAL and case.order_status in ON_ITS_WAY


def _await_goods(case: Case, act: Act[Said], context: StepContext) -> Step:
    """The buyer sends the goods back, or the seller has the parcel called back."""
    agreed = replace(case, goods=Goods(agreed_at=act.now), decision=decision_of(act), first_yes=None)
    returns = context.policy.returns
    if case.kind is Kind.RETURN and returns is not None:
        waiting = wait(agreed, State.AWAITING_GOODS, context.after(act.now, returns.ship_back), Silence.EXPIRE)
        paid_by = way_back_of(case, context).paid_by
        event: Event = ReturnApproved(lines=pieces(case.lines), send_by=waiting.deadline_at, way_back_paid_by=paid_by)
    else:
        deadline = context.after(act.now, context.policy.interception)
        waiting = wait(agreed, State.AWAITING_GOODS, deadline, Silence.ESCALATE)
        event = OrderRecallShipment(lines=pieces(case.lines), until=deadline)
    return Step(case=waiting, effects=(*to_both(MailKind.GOODS_AWAITED), event))
