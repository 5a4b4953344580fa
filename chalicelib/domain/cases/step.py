"""The vocabulary of steps: what is said to a case, what a step needs to know, what it gives back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from chalicelib.domain.cases.case import Case, Decision, Deliverer, Offer, Outcome, State
from chalicelib.domain.cases.change import Slot
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.order import Order, OrderStatus
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.policy import Answer, Policy, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.seller_rules import NO_RULES, SellerRules
from chalicelib.domain.policies.spans import Span, later


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One command with everything said along with it. `now` is UTC.

    order_status          with a push: where the order went
    parcel                the warehouse's or carrier's word: `held`, `too_late`, `intercepted`
    event_id, amount      with a provider's word about a refund (minor units)
    offer, until, order   with an offer, an extension, a reopening
    """

    command: str
    actor: Actor
    now: datetime
    decision_id: str
    reason_code: str | None = None
    comment: str | None = None
    note: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    order_status: OrderStatus | None = None
    parcel: str | None = None
    event_id: str | None = None
    amount: int | None = None
    offer: Offer | None = None
    until: datetime | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """What a step needs to know of the world: the case's policy version, the public holidays, the service's pace,
    who will deliver what the step promises; where a request is being made, also the buyer's latest ones (newest first)
    and the seller's rules."""

    policy: Policy
    holidays: Collection[date] = ()
    pace: Pace = field(default_factory=Pace)
    deliverer: Deliverer = Deliverer.EXECUTION
    earlier: Sequence[datetime] = ()
    seller: SellerRules = NO_RULES

    def after(self, now: datetime, span: Span) -> datetime:
        """The moment `span` after now, by the policy's calendar."""
        return later(now, span, self.policy.zone, self.holidays)

    def deadline(self, now: datetime, answer: Answer) -> datetime:
        """The absolute deadline of a wait that begins now."""
        return self.after(now, answer.within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The case after a step, what it promises, what goes with it into the same transaction, and the facts that its
    timeline entry keeps."""

    case: Case
    effects: tuple[str, ...] = ()
    slot: Slot | None = None
    credits: tuple[Credit, ...] = ()
    facts: Mapping[str, Any] | None = None


StepFunction = Callable[[Case, Act, StepContext], Step]


def decision_of(act: Act) -> Decision:
    """The decision that an act leaves on the case."""
    return Decision(
        command=act.command,
        by=act.actor,
        at=act.now,
        reason_code=act.reason_code,
        comment=act.comment,
        note=act.note,
        tracking_number=act.tracking_number,
    )


def wait(case: Case, state: State, deadline: datetime, if_silent: Silence | None) -> Case:
    """The case waiting anew."""
    return replace(case, state=state, deadline_at=deadline, if_silent=if_silent)


def close(case: Case, outcome: Outcome, now: datetime) -> Case:
    """The case at its end."""
    return replace(case, state=State.CLOSED, outcome=outcome, deadline_at=None, if_silent=None, closed_at=now)


def end(case: Case, outcome: Outcome, mail: str, act: Act, *, attempts: int = 0) -> Step:
    """Close without touching money: the order's slot is free again and the parcel need not be held."""
    release = ("event:order.release_shipment",) if case.kind is Kind.CANCELLATION else ()
    return Step(
        case=close(replace(case, decision=decision_of(act)), outcome, act.now),
        effects=(f"mail:{mail}:buyer", f"mail:{mail}:seller", *release, "event:case.closed"),
        slot=Slot(order_id=case.order_id, case_id=case.case_id, releases=True, attempts=attempts),
    )
