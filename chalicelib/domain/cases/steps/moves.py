"""What it does to an open case when its order or its parcel moves, by the words of the order's own system."""

from dataclasses import replace

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import GOODS_WORDS, ParcelWord
from chalicelib.domain.cases.commands import OrderMoved, ParcelAnswered, Said, Whole
from chalicelib.domain.cases.effects import MailKind
from chalicelib.domain.cases.events import CaseParcelMoved
from chalicelib.domain.cases.step import Act, Step, StepContext, end
from chalicelib.domain.cases.steps.amendments import recalled, with_new_money
from chalicelib.domain.cases.steps.answers import escalate
from chalicelib.domain.cases.steps.late_parcels import marked_late
from chalicelib.domain.cases.steps.refunds import may_recall, pay_back, recall
from chalicelib.domain.cases.steps.returns import hear_of_goods
from chalicelib.domain.money.promising import still_listed
from chalicelib.domain.orders.statuses import ARRIVED, BOUND_FOR_BUYER, OrderStatus
from chalicelib.domain.policies.policy import MoneyBack, ParcelMoves, Silence
from chalicelib.domain.policies.reasons import Kind


def overtake(case: Case, act: Act[OrderMoved], context: StepContext) -> Step:
    """The order moved while the case was open: the case ends, goes to support, or goes on knowing it, by policy.

    What was promised comes first: an order that its own system cancels is cancelled as agreed, and a return that was
    agreed to goes on. Otherwise such an order leaves nothing to decide, and neither does one that was paid in cash at
    the door meanwhile: its buyer may return it, and is then quoted what they paid. After an approval, support decides
    as long as no money can have been sent; later a move only leaves its mark. A return expects its parcel to move.

    A parcel that was not delivered, is on its way back or is lost takes nothing from the buyer: it ends no case, and
    recalls no money. It is noted, and like every move it takes the word from silence (I5).
    """
    if act.said.amended and case.state is not State.REFUNDING:
        case = with_new_money(case, act.said.amended)
    unpaid = case.kind is Kind.CANCELLATION and case.state is not State.REFUNDING
    agreed_for_all = case.is_promised and not case.rest and case.partial_refund_agreed is None
    if act.said.whole and unpaid and not agreed_for_all:
        return _pay_whole(case, act.said.whole, act, context)
    return _move(case, act.said.order_status, act, context, act.said.tracking_number)


def _pay_whole(case: Case, whole: Whole, act: Act[OrderMoved], context: StepContext) -> Step:
    """The platform cancelled all of it, and Batal pays: the request is granted, for all that was still there."""
    status, before = act.said.order_status, case.quote.refund_total
    moved = replace(case, moved_to=status, order_status=status, lines=whole.lines, rest={}, quote=whole.quote)
    facts = {"order_status": status, "lines": dict(whole.lines), "refund_before": before}
    return replace(pay_back(replace(moved, quoted=None), act, context), facts=facts)


def _move(
    case: Case, to: OrderStatus, act: Act[Said], context: StepContext, tracking_number: str | None = None
) -> Step:
    moved = replace(case, moved_to=to, order_status=to)
    told = CaseParcelMoved(order_status=to, tracking_number=tracking_number)
    noted = Step(case=moved, effects=(told,), facts={"order_status": to})
    gone = to is OrderStatus.CANCELLED
    if case.partial_refund_agreed is not None:
        # The goods are to arrive, as agreed; of an order that is cancelled there is nothing to keep.
        ends = gone and case.kind is Kind.CANCELLATION and not case.keeps_goods
        return replace(end(moved, Outcome.OVERTAKEN, MailKind.OVERTAKEN, act), facts=noted.facts) if ends else noted
    if case.state is State.REFUNDING:
        if gone:
            # The order's system says after Batal what Batal told it.
            return Step(case=case, facts=noted.facts)
        if case.kind is Kind.RETURN or to not in BOUND_FOR_BUYER:
            return noted
        acknowledged = context.order is not None and not still_listed(context.order, case.granted_lines)
        if acknowledged or not may_recall(case):
            late = marked_late(moved, to, tracking_number)
            return replace(late, effects=(told, *late.effects))
        unpaid, slot = recall(moved, context)
        if context.order is not None:
            unpaid = recalled(unpaid, slot, context.order, context, act.now)
        step = escalate(replace(unpaid, agreed=True), act, context)
        # AwaitRefund leads only to the end, so a new run carries on from here.
        anew = replace(step.case, run=case.run + 1, turn=0)
        return replace(step, case=anew, effects=context.with_run(step.effects), slot=slot, facts=noted.facts)
    cancelling = case.kind is Kind.CANCELLATION
    cash_paid = cancelling and to in ARRIVED and case.quote.leaves_cash_out
    if gone and case.is_promised:
        return replace(pay_back(moved, act, context), facts=noted.facts) if cancelling else noted
    if gone and case.first_yes:
        return noted
    arrives = to in BOUND_FOR_BUYER - {OrderStatus.FAILED_DELIVERY}
    ends = cancelling and arrives and case.policy.parcel_moves is ParcelMoves.END and not case.is_promised
    if gone or cash_paid or ends:
        return replace(end(moved, Outcome.OVERTAKEN, MailKind.OVERTAKEN, act), facts=noted.facts)
    if case.state is State.AWAITING_SUPPORT or case.kind is Kind.RETURN:
        return noted
    # What was called back and comes back needs nobody to look.
    called_back = case.goods is not None and (to in BOUND_FOR_BUYER or to is OrderStatus.LOST)
    if called_back or (case.policy.parcel_moves is ParcelMoves.SUPPORT and case.goods is None):
        return replace(escalate(moved, act, context), facts=noted.facts)
    # From here on silence no longer approves (I5), so nobody may be told that it does.
    means = Silence.ESCALATE if case.if_silent is Silence.APPROVE else case.if_silent
    return replace(noted, case=replace(moved, if_silent=means))


def hear_of_parcel(case: Case, act: Act[ParcelAnswered], context: StepContext) -> Step:
    """What warehouse or carrier say about holding the parcel, or of goods on their way back.

    Too late is a parcel that moved, whatever the order's status still says. A parcel that was called back and is
    intercepted is what the money waited for, where policy does not wait for its arrival.
    """
    word = act.said.word
    if word in GOODS_WORDS:
        return hear_of_goods(case, act, context)
    heard = replace(case, parcel=word)
    facts = {"parcel": word}
    if word is ParcelWord.TOO_LATE and case.moved_to is None:
        return replace(_move(heard, OrderStatus.SHIPPED, act, context), facts=facts)
    waits_for_it = case.state is State.AWAITING_GOODS and case.kind is Kind.CANCELLATION
    if word is ParcelWord.INTERCEPTED and waits_for_it and context.policy.money_back is MoneyBack.ON_INTERCEPTION:
        return replace(pay_back(heard, act, context), facts=facts)
    return Step(case=heard, facts=facts)
