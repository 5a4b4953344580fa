"""The vocabulary of steps: what is said to a case, what a step needs to know, what it gives back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypedDict, TypeVar

from chalicelib.domain.cases.case import Case, Decision, Deliverer, Outcome, State
from chalicelib.domain.cases.change import NOTHING_YET, GrantedToday, Slot
from chalicelib.domain.cases.commands import Command, Said, words_of
from chalicelib.domain.cases.effects import MailKind, Promised, Start, to_both
from chalicelib.domain.cases.events import CaseClosed, OrderReleaseShipment, Piece
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Door
from chalicelib.domain.policies.policy import Answer, Policy, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.seller_rules import NO_RULES, SellerRules
from chalicelib.domain.policies.spans import Span, later

S = TypeVar("S", bound=Said)
S_co = TypeVar("S_co", bound=Said, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Generic[S_co]):
    """Somebody says something: who, when (`now` is UTC), and under which id their decision is known again.

    `salt` is random, of 16 bytes or more, and for the digests of the words in the timeline alone.
    """

    said: S_co
    actor: Actor
    now: datetime
    decision_id: str
    salt: str
    door: Door | None = None
    person: str | None = None

    @property
    def command(self) -> Command:
        """Which command this is."""
        return self.said.command


def act_of(said: S, actor: Actor, now: datetime, decision_id: str, salt: str) -> Act[S]:
    """What somebody says who came in by some door."""
    return Act(
        said=said,
        actor=actor.plain,
        now=now,
        decision_id=decision_id,
        salt=salt,
        door=actor.door,
        person=actor.person,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """What a step needs to know of the world: the case's policy version, the public holidays, the service's pace,
    who will deliver what the step promises; where a request is being made, also the buyer's latest ones (newest first)
    and the seller's rules; where a closed case may begin a new run, the order as it is; where one of customer service
    answers for it, `granted_today`: what this person granted on this day already; `providers` are those that Batal
    asks for refunds itself, `payouts` the one that pays out to accounts; None: the marketplace does."""

    policy: Policy
    holidays: Collection[date] = ()
    pace: Pace = field(default_factory=Pace)
    deliverer: Deliverer = Deliverer.EXECUTION
    earlier: Sequence[datetime] = ()
    seller: SellerRules = NO_RULES
    order: Order | None = None
    granted_today: GrantedToday = NOTHING_YET
    providers: Collection[str] = ()
    payouts: str | None = None

    def with_run(self, effects: Sequence[Promised]) -> tuple[Promised, ...]:
        """What a step promises that begins a run: the run comes first, where there are runs at all."""
        return (Start(), *effects) if self.pace.orchestrated else tuple(effects)

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
    effects: tuple[Promised, ...] = ()
    slot: Slot | None = None
    credits: tuple[Credit, ...] = ()
    facts: Mapping[str, Any] | None = None


StepFunction = Callable[[Case, Act[Any], StepContext], Step]


def decision_of(act: Act[Said]) -> Decision:
    """The decision that an act leaves on the case."""
    words = words_of(act.said)
    return Decision(
        command=act.command,
        by=act.actor,
        at=act.now,
        reason_code=words.reason_code,
        comment=words.comment,
        note=words.note,
        tracking_number=words.tracking_number,
    )


def pieces(lines: Mapping[str, int]) -> tuple[Piece, ...]:
    """Quantities per line id as events say them."""
    return tuple(Piece(line_id=line_id, quantity=quantity) for line_id, quantity in lines.items())


def with_facts(step: Step, facts: Mapping[str, Any]) -> Step:
    """The step with these facts beside its own."""
    return replace(step, facts={**(step.facts or {}), **facts})


def wait(case: Case, state: State, deadline: datetime, if_silent: Silence | None) -> Case:
    """The case waiting anew."""
    return replace(case, state=state, deadline_at=deadline, if_silent=if_silent, extensions=0)


class Attempts(TypedDict):
    """Attempts as a slot counts them."""

    attempts: int
    return_attempts: int


def attempts(kind: Kind, count: int) -> Attempts:
    """So many attempts of this kind."""
    returning = kind is Kind.RETURN
    return {"attempts": 0 if returning else count, "return_attempts": count if returning else 0}


def close(case: Case, outcome: Outcome, now: datetime) -> Case:
    """The case at its end."""
    return replace(case, state=State.CLOSED, outcome=outcome, deadline_at=None, if_silent=None, closed_at=now)


def end(case: Case, outcome: Outcome, mail: MailKind, act: Act[Said], *, gives_back: int = 0) -> Step:
    """Close without touching money: the order's slot is free again and the parcel need not be held. `gives_back`
    attempts to the buyer."""
    release = (OrderReleaseShipment(lines=pieces(case.lines)),) if case.kind is Kind.CANCELLATION else ()
    return Step(
        case=close(replace(case, decision=decision_of(act), given_back=gives_back), outcome, act.now),
        effects=(*to_both(mail), *release, CaseClosed()),
        slot=Slot(order_id=case.order_id, case_id=case.case_id, releases=True, **attempts(case.kind, -gives_back)),
    )
