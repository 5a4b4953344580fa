"""What each transition does to a case. The table in transitions.py says when each of these may happen."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from chalicelib.domain.case import (
    Actor,
    Case,
    Decision,
    Outcome,
    PartState,
    Payer,
    Refund,
    RefundPart,
    Role,
    State,
)
from chalicelib.domain.change import Credit, Slot
from chalicelib.domain.deadline import later
from chalicelib.domain.effects import Pace
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.order import Method, OrderStatus
from chalicelib.domain.policy import Answer, ParcelMoves, Policy, Silence
from chalicelib.domain.reasons import REFUSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One command with everything said along with it. `now` is UTC; `order_status` and `event_*` come with pushes."""

    command: str
    actor: Actor
    now: datetime
    decision_id: str
    reason_code: str | None = None
    comment: str | None = None
    note: str | None = None
    tracking_number: str | None = None
    order_status: OrderStatus | None = None
    event_id: str | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a step needs to know of the world: the case's policy version, the public holidays, the house's pace, and
    who will pay what the step owes."""

    policy: Policy
    holidays: Collection[date] = ()
    pace: Pace = field(default_factory=Pace)
    payer: Payer = Payer.EXECUTION

    def deadline(self, now: datetime, answer: Answer) -> datetime:
        """The absolute deadline of a wait that begins now."""
        return later(now, answer.within, self.policy.zone, self.holidays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The case after a step, what it owes, and what goes with it into the same transaction."""

    case: Case
    owes: tuple[str, ...] = ()
    slot: Slot | None = None
    credits: tuple[Credit, ...] = ()


StepFunction = Callable[[Case, Act, Rules], Step]

# The built-in wallet pays these in the deciding transaction; cash comes back into the wallet as well.
PAID_AT_ONCE = frozenset({Method.WALLET, Method.COD})
GIVEN_BACK = frozenset({Method.VOUCHER, Method.COINS})


def grant(case: Case, act: Act, rules: Rules) -> Step:
    """Approve: the goods are cancelled and the money goes back as quoted.

    A parcel that moved after the case opened beats a seller's approval, spoken or silent: support decides (I5).
    """
    if case.moved_to and act.actor.role is not Role.SUPPORT:
        return escalate(case, act, rules)
    refund = Refund(
        refund_id=case.refund_id,
        currency=case.quote.currency,
        total=case.quote.refund_total,
        parts=tuple(
            RefundPart(method=t.method, amount=t.amount, state=_how(t.method), arrives_by=t.arrives_by)
            for t in case.quote.tenders
        ),
    )
    slot = Slot(
        order_id=case.order_id,
        case_id=case.case_id,
        take={part.method: part.amount for part in refund.parts},
        cancelled=case.lines,
        releases=not refund.due,
    )
    owes = ["mail:approved:buyer", "mail:approved:seller", "event:order.cancelled"]
    if any(part.state is PartState.GIVEN_BACK for part in refund.parts):
        owes.append("event:refund.give_back")
    approved = replace(case, refund=refund, decision=_decision(act))
    if refund.due:
        owes.append("event:refund.requested")
        waiting = replace(
            approved,
            state=State.REFUNDING,
            if_silent=None,
            deadline_at=later(act.now, rules.policy.refund_check, rules.policy.zone, rules.holidays),
        )
        return Step(case=waiting, owes=tuple(owes), slot=slot, credits=_credits(case, refund, act.now))
    closed = _close(approved, Outcome.CANCELLED, act.now)
    return Step(case=closed, owes=(*owes, *_closing(refund)), slot=slot, credits=_credits(case, refund, act.now))


def refuse(case: Case, act: Act, rules: Rules) -> Step:
    """Reject: the order goes on. A seller whose parcel has left must prove it with its tracking number."""
    if act.reason_code not in REFUSING:
        raise Invalid("reason_not_allowed", reason_code=act.reason_code, allowed=list(REFUSING))
    if act.reason_code == "already_shipped" and not act.tracking_number:
        raise Invalid("tracking_number_required")
    return _end(replace(case, decision=_decision(act)), Outcome.REJECTED, "rejected", act)


def withdraw(case: Case, act: Act, rules: Rules) -> Step:
    """The buyer takes the request back: the order goes on."""
    return _end(replace(case, decision=_decision(act)), Outcome.WITHDRAWN, "withdrawn", act)


def lapse(case: Case, act: Act, rules: Rules) -> Step:
    """Nobody answered in time. What that means was fixed when the wait began: approve, expire or escalate."""
    if case.if_silent is Silence.APPROVE:
        return grant(case, act, rules)
    if case.if_silent is Silence.ESCALATE:
        return escalate(case, act, rules)
    return _end(replace(case, decision=_decision(act)), Outcome.EXPIRED, "expired", act)


def escalate(case: Case, act: Act, rules: Rules) -> Step:
    """Customer service takes over, with a deadline of its own; its silence ends the case by policy."""
    support = rules.policy.support
    handed_over = replace(
        case,
        state=State.AWAITING_SUPPORT,
        decision=_decision(act),
        deadline_at=rules.deadline(act.now, support),
        if_silent=support.if_silent,
    )
    owes = ("mail:escalated:buyer", "mail:escalated:seller", "event:case.escalated")
    return Step(case=handed_over, owes=owes)


def overtake(case: Case, act: Act, rules: Rules) -> Step:
    """The order moved while the case was open: the case ends, goes to support, or goes on knowing it, by policy.

    An order that its own system cancelled leaves nothing to decide. Once a refund was requested a move only leaves
    its mark.
    """
    moved = replace(case, moved_to=act.order_status, order_status=str(act.order_status))
    if case.state is State.REFUNDING:
        return Step(case=moved, owes=("event:case.parcel_moved",))
    if act.order_status is OrderStatus.CANCELLED or case.policy.parcel_moves is ParcelMoves.END:
        return _end(replace(moved, decision=_decision(act)), Outcome.OVERTAKEN, "overtaken", act)
    if case.policy.parcel_moves is ParcelMoves.SUPPORT and case.state is not State.AWAITING_SUPPORT:
        return escalate(moved, act, rules)
    return Step(case=moved, owes=("event:case.parcel_moved",))


def settle(case: Case, act: Act, rules: Rules) -> Step:
    """The payment provider says that the money has gone: the case closes."""
    refund = _taken_in(case, act)
    paid = {PartState.DUE: PartState.PAID, PartState.FAILED: PartState.PAID}
    refund = replace(refund, overdue=False, parts=_in_states(refund, paid))
    closed = _close(replace(case, refund=refund), Outcome.CANCELLED, act.now)
    slot = Slot(order_id=case.order_id, case_id=case.case_id, releases=True)
    return Step(case=closed, owes=_closing(refund), slot=slot)


def fall_through(case: Case, act: Act, rules: Rules) -> Step:
    """The payment provider says that the money did not go: the refund stays owed and people are told."""
    refund = _taken_in(case, act)
    refund = replace(refund, parts=_in_states(refund, {PartState.DUE: PartState.FAILED}))
    return Step(case=replace(case, refund=refund), owes=("event:refund.failed",))


def chase(case: Case, act: Act, rules: Rules) -> Step:
    """The payment provider stayed silent: ask again under the same refund id, and let people see it."""
    if case.refund is None:
        raise Invalid("refund_missing")
    return Step(
        case=replace(
            case,
            refund=replace(case.refund, overdue=True),
            deadline_at=later(act.now, rules.policy.refund_check, rules.policy.zone, rules.holidays),
        ),
        owes=("event:refund.requested", "event:refund.overdue"),
    )


def not_built(case: Case, act: Act, rules: Rules) -> Step:
    """A path whose place in the table is fixed but which cannot be walked yet."""
    raise Refused("not_available", case=case, command=act.command)


def _end(case: Case, outcome: Outcome, mail: str, act: Act) -> Step:
    """Close without touching money: the order's slot is free again and the parcel need not be held."""
    return Step(
        case=_close(case, outcome, act.now),
        owes=(f"mail:{mail}:buyer", f"mail:{mail}:seller", "event:order.release_shipment", "event:case.closed"),
        slot=Slot(order_id=case.order_id, case_id=case.case_id, releases=True),
    )


def _close(case: Case, outcome: Outcome, now: datetime) -> Case:
    return replace(case, state=State.CLOSED, outcome=outcome, deadline_at=None, if_silent=None, closed_at=now)


def _closing(refund: Refund) -> tuple[str, ...]:
    return ("mail:money_returned:buyer", "event:case.closed") if refund.total else ("event:case.closed",)


def _decision(act: Act) -> Decision:
    return Decision(
        command=act.command,
        by=act.actor,
        at=act.now,
        reason_code=act.reason_code,
        comment=act.comment,
        note=act.note,
        tracking_number=act.tracking_number,
    )


def _how(method: str) -> PartState:
    if method in PAID_AT_ONCE:
        return PartState.PAID
    return PartState.GIVEN_BACK if method in GIVEN_BACK else PartState.DUE


def _credits(case: Case, refund: Refund, now: datetime) -> tuple[Credit, ...]:
    return tuple(
        Credit(
            buyer_id=case.buyer_id,
            currency=refund.currency,
            amount=part.amount,
            refund_id=refund.refund_id,
            part=part.method,
            case_id=case.case_id,
            order_id=case.order_id,
            at=now,
        )
        for part in refund.parts
        if part.state is PartState.PAID
    )


def _taken_in(case: Case, act: Act) -> Refund:
    """The refund with the provider's event noted. Raises Invalid where the amount is not what is owed."""
    refund = case.refund
    if refund is None:
        raise Invalid("refund_missing")
    if act.amount != refund.due:
        raise Invalid("amount_differs", expected=refund.due, got=act.amount)
    return replace(refund, events=(*refund.events, act.event_id or "")[-20:])


def _in_states(refund: Refund, become: Mapping[PartState, PartState]) -> tuple[RefundPart, ...]:
    return tuple(replace(part, state=become.get(part.state, part.state)) for part in refund.parts)
