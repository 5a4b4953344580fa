"""The one table: which command may meet a case in which state, by whom, and where it can lead.

    silence          EXPIRE, once the deadline has come; never before it
    a late answer    any other command of people, at or after the deadline: refused, `deadline_passed`
    a second answer  refused, `already_decided`, with the case as it is
    a parcel moves   ORDER_MOVED, by the order's own system, whatever the deadline

Every pair that is not in the table is a refusal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from chalicelib.domain.cases.case import Case, Outcome, Pending, State
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Amended,
    Appeal,
    Approve,
    ChargebackTold,
    Claim,
    Command,
    Confirm,
    ContestGoods,
    DeclineOffer,
    Expire,
    Extend,
    GoodsReceived,
    MakeOffer,
    OrderMoved,
    ParcelAnswered,
    PartTold,
    PayOut,
    RedirectPart,
    RefundFailed,
    RefundSucceeded,
    Reject,
    Reopen,
    ResolvePart,
    RetryPart,
    ReturnLabel,
    Said,
    SettleParcel,
    ShippedBack,
    Withdraw,
    words_of,
)
from chalicelib.domain.cases.effects import Promise, Resume
from chalicelib.domain.cases.events import Event, EventHead, frozen
from chalicelib.domain.cases.limits import granted_by
from chalicelib.domain.cases.money_moves import moved_money
from chalicelib.domain.cases.outbox import fresh, is_obsolete, leased, reminders, with_clues, without_reminders
from chalicelib.domain.cases.step import Act, Step, StepContext, StepFunction
from chalicelib.domain.cases.steps.amendments import amend
from chalicelib.domain.cases.steps.answers import approve, lapse, refuse, withdraw
from chalicelib.domain.cases.steps.chargebacks import hear_of_chargeback, settling
from chalicelib.domain.cases.steps.late_parcels import leave_late, settle_parcel
from chalicelib.domain.cases.steps.moves import hear_of_parcel, overtake
from chalicelib.domain.cases.steps.offers import accept_offer, decline_offer, make_offer
from chalicelib.domain.cases.steps.refund_parts import pay_out, redirect_part, resolve_part, retry_part, tell_part
from chalicelib.domain.cases.steps.refunds import chase, refund_fails, settle
from chalicelib.domain.cases.steps.returns import (
    contest_goods,
    goods_received,
    label_return,
    shipped_back,
    withdraw_before_sending,
)
from chalicelib.domain.cases.steps.support import appeal, claim, confirm, extend, reopen
from chalicelib.domain.cases.timeline import NAMELESS, Entry, seal
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.parties import STAFF, Actor, Role
from chalicelib.domain.policies.spans import earlier

Place = State | Outcome  # an outcome means: closed with it


@dataclass(frozen=True, slots=True)
class Transition:
    """Who may say it, what it does, and every place it can lead to."""

    by: frozenset[Role]
    step: StepFunction
    to: frozenset[Place]


S, C, O = State, Command, Outcome  # noqa: E741 - the table is read as a table
_BUYER, _SUPPORT, _SYSTEM = (frozenset({role}) for role in (Role.BUYER, Role.SUPPORT, Role.SYSTEM))
_SELLER = frozenset({Role.SELLER})
_SELLER_OR_SUPPORT = _SELLER | _SUPPORT
_STAFF = frozenset({Role.SUPPORT, Role.OPERATOR})


def _to(*places: Place) -> frozenset[Place]:
    return frozenset(places)


_GRANTED = _to(O.CANCELLED, O.RETURNED, S.REFUNDING, S.AWAITING_GOODS, S.AWAITING_SUPPORT)
_MOVED = _to(O.OVERTAKEN, S.AWAITING_SUPPORT)
_PAID = _to(O.CANCELLED, O.RETURNED, S.REFUNDING)
# Of money that was promised without that anything goes (goodwill), the end is settled.
_DONE = _to(O.CANCELLED, O.RETURNED, O.SETTLED)
_PAYING = _DONE | _to(S.REFUNDING)
_DECLINED = _to(S.AWAITING_SELLER, S.AWAITING_SUPPORT, O.REJECTED)

Saying = TypeVar("Saying", bound=Said)


def _row(
    state: State,
    said: type[Saying],
    by: frozenset[Role],
    step: Callable[[Case, Act[Saying], StepContext], Step],
    to: frozenset[Place],
) -> tuple[tuple[State, Command], Transition]:
    """One row of the table; types hold a step to the command that it is for."""
    return (state, said.command), Transition(by, step, to)


TABLE: Mapping[tuple[State, Command], Transition] = dict(
    (
        # the seller is asked; support may step in at any time
        _row(S.AWAITING_SELLER, Approve, _SELLER_OR_SUPPORT, approve, _GRANTED),
        _row(S.AWAITING_SELLER, Reject, _SELLER_OR_SUPPORT, refuse, _to(O.REJECTED)),
        _row(S.AWAITING_SELLER, MakeOffer, _SELLER_OR_SUPPORT, make_offer, _to(S.AWAITING_BUYER)),
        _row(S.AWAITING_SELLER, Withdraw, _BUYER, withdraw, _to(O.WITHDRAWN)),
        _row(S.AWAITING_SELLER, Expire, _SYSTEM, lapse, _GRANTED | _to(O.EXPIRED)),
        _row(S.AWAITING_SELLER, OrderMoved, _SYSTEM, overtake, _MOVED | _PAID | _to(S.AWAITING_SELLER)),
        _row(S.AWAITING_SELLER, ParcelAnswered, _SYSTEM, hear_of_parcel, _MOVED | _to(S.AWAITING_SELLER)),
        _row(S.AWAITING_SELLER, Amended, _SYSTEM, amend, _to(S.AWAITING_SELLER)),
        _row(S.AWAITING_SELLER, Extend, _SUPPORT, extend, _to(S.AWAITING_SELLER)),
        # an offer lies on the table
        _row(S.AWAITING_BUYER, Approve, _SELLER_OR_SUPPORT, approve, _GRANTED),
        _row(S.AWAITING_BUYER, Reject, _SUPPORT, refuse, _to(O.REJECTED)),
        _row(S.AWAITING_BUYER, AcceptOffer, _BUYER, accept_offer, _GRANTED | _to(O.SETTLED)),
        _row(S.AWAITING_BUYER, DeclineOffer, _BUYER, decline_offer, _DECLINED),
        _row(S.AWAITING_BUYER, Withdraw, _BUYER, withdraw_before_sending, _to(O.WITHDRAWN)),
        _row(S.AWAITING_BUYER, Expire, _SYSTEM, lapse, _to(S.AWAITING_SUPPORT, O.EXPIRED)),
        _row(S.AWAITING_BUYER, OrderMoved, _SYSTEM, overtake, _MOVED | _PAID | _to(S.AWAITING_BUYER)),
        _row(S.AWAITING_BUYER, ParcelAnswered, _SYSTEM, hear_of_parcel, _MOVED | _to(S.AWAITING_BUYER)),
        _row(S.AWAITING_BUYER, Amended, _SYSTEM, amend, _to(S.AWAITING_BUYER)),
        _row(S.AWAITING_BUYER, Extend, _SUPPORT, extend, _to(S.AWAITING_BUYER)),
        # customer service decides
        _row(S.AWAITING_SUPPORT, Approve, _SUPPORT, approve, _GRANTED | _to(O.SETTLED)),
        _row(S.AWAITING_SUPPORT, Confirm, _SUPPORT, confirm, _GRANTED | _to(O.SETTLED)),
        _row(S.AWAITING_SUPPORT, Reject, _SUPPORT, refuse, _to(O.REJECTED)),
        _row(S.AWAITING_SUPPORT, MakeOffer, _SUPPORT, make_offer, _to(S.AWAITING_BUYER)),
        _row(S.AWAITING_SUPPORT, Withdraw, _BUYER, withdraw_before_sending, _to(O.WITHDRAWN)),
        _row(S.AWAITING_SUPPORT, Expire, _SYSTEM, lapse, _GRANTED | _to(O.EXPIRED)),
        _row(S.AWAITING_SUPPORT, OrderMoved, _SYSTEM, overtake, _MOVED | _PAID),
        _row(S.AWAITING_SUPPORT, ParcelAnswered, _SYSTEM, hear_of_parcel, _MOVED | _to(S.AWAITING_GOODS)),
        _row(S.AWAITING_SUPPORT, ShippedBack, _BUYER, shipped_back, _to(S.AWAITING_SUPPORT)),
        _row(S.AWAITING_SUPPORT, GoodsReceived, _SELLER, goods_received, _PAID),
        _row(S.AWAITING_SUPPORT, ContestGoods, _SELLER_OR_SUPPORT, contest_goods, _to(S.AWAITING_SUPPORT)),
        _row(S.AWAITING_SUPPORT, Amended, _SYSTEM, amend, _to(S.AWAITING_SUPPORT)),
        _row(S.AWAITING_SUPPORT, Extend, _SUPPORT, extend, _to(S.AWAITING_SUPPORT)),
        _row(S.AWAITING_SUPPORT, Claim, _SUPPORT, claim, _to(S.AWAITING_SUPPORT)),
        # the request is granted, but first the goods come back: sent by the buyer, or called back on their way
        _row(S.AWAITING_GOODS, ShippedBack, _BUYER, shipped_back, _to(S.AWAITING_GOODS)),
        _row(S.AWAITING_GOODS, ReturnLabel, _SYSTEM, label_return, _to(S.AWAITING_GOODS)),
        _row(S.AWAITING_GOODS, ContestGoods, _SELLER_OR_SUPPORT, contest_goods, _to(S.AWAITING_SUPPORT)),
        _row(S.AWAITING_GOODS, GoodsReceived, _SELLER_OR_SUPPORT, goods_received, _PAID | _to(S.AWAITING_SUPPORT)),
        _row(S.AWAITING_GOODS, Reject, _SUPPORT, refuse, _to(O.REJECTED)),
        _row(S.AWAITING_GOODS, Withdraw, _BUYER, withdraw_before_sending, _to(O.WITHDRAWN)),
        _row(S.AWAITING_GOODS, Expire, _SYSTEM, lapse, _PAID | _to(O.EXPIRED, S.AWAITING_SUPPORT)),
        _row(S.AWAITING_GOODS, OrderMoved, _SYSTEM, overtake, _MOVED | _PAID | _to(S.AWAITING_GOODS)),
        _row(S.AWAITING_GOODS, ParcelAnswered, _SYSTEM, hear_of_parcel, _MOVED | _PAID | _to(S.AWAITING_GOODS)),
        _row(S.AWAITING_GOODS, Amended, _SYSTEM, amend, _to(S.AWAITING_GOODS)),
        _row(S.AWAITING_GOODS, Extend, _SUPPORT, extend, _to(S.AWAITING_GOODS)),
        # a payment provider owes its answer
        _row(S.REFUNDING, RefundSucceeded, _SYSTEM, settle, _PAYING),
        _row(S.REFUNDING, RefundFailed, _SYSTEM, settling(refund_fails), _PAYING),
        _row(S.REFUNDING, PartTold, _SYSTEM, settling(tell_part), _PAYING),
        _row(S.REFUNDING, ChargebackTold, _SYSTEM, hear_of_chargeback, _PAYING),
        _row(S.REFUNDING, RetryPart, _STAFF, retry_part, _to(S.REFUNDING)),
        _row(S.REFUNDING, RedirectPart, _STAFF, redirect_part, _PAYING),
        _row(S.REFUNDING, ResolvePart, _STAFF, resolve_part, _PAYING),
        _row(S.REFUNDING, PayOut, _BUYER | _SUPPORT, pay_out, _PAYING),
        _row(S.REFUNDING, Expire, _SYSTEM, settling(chase), _PAYING),
        _row(S.REFUNDING, OrderMoved, _SYSTEM, overtake, _to(S.REFUNDING, S.AWAITING_SUPPORT)),
        _row(S.REFUNDING, ParcelAnswered, _SYSTEM, hear_of_parcel, _to(S.REFUNDING, S.AWAITING_SUPPORT)),
        _row(S.REFUNDING, SettleParcel, _SUPPORT, settle_parcel, _to(S.REFUNDING)),
        # closed is closed, unless a new run is begun, a parcel leaves that nobody should have sent, or money comes back
        _row(S.CLOSED, OrderMoved, _SYSTEM, leave_late, _to(O.CANCELLED)),
        _row(S.CLOSED, RefundFailed, _SYSTEM, settling(refund_fails), _DONE),
        _row(S.CLOSED, PartTold, _SYSTEM, settling(tell_part), _DONE),
        _row(S.CLOSED, ChargebackTold, _SYSTEM, hear_of_chargeback, _DONE),
        _row(S.CLOSED, RetryPart, _STAFF, retry_part, _DONE),
        _row(S.CLOSED, RedirectPart, _STAFF, redirect_part, _DONE),
        _row(S.CLOSED, ResolvePart, _STAFF, resolve_part, _DONE),
        _row(S.CLOSED, PayOut, _BUYER | _SUPPORT, pay_out, _DONE),
        _row(S.CLOSED, SettleParcel, _SUPPORT, settle_parcel, _to(O.CANCELLED)),
        _row(S.CLOSED, Appeal, _BUYER, appeal, _to(S.AWAITING_SUPPORT)),
        _row(S.CLOSED, Reopen, _SUPPORT, reopen, _to(S.AWAITING_SUPPORT)),
    )
)

# These speak of money that was promised already.
_OF_MONEY_UNDER_WAY = frozenset(
    {
        C.REFUND_SUCCEEDED,
        C.REFUND_FAILED,
        C.PART_TOLD,
        C.RETRY_PART,
        C.REDIRECT_PART,
        C.RESOLVE_PART,
        C.PAY_OUT,
        C.CHARGEBACK_TOLD,
    }
)
# What becomes of money by these depends on chargebacks, which the order knows of.
_MAY_WAIT = _OF_MONEY_UNDER_WAY - {C.REFUND_SUCCEEDED, C.RESOLVE_PART}

# These may promise money, or begin a new run: they rest on the order as it is.
RESTS_ON_ORDER = frozenset(
    command
    for (state, command), row in TABLE.items()
    if state is not S.CLOSED
    if row.to & _PAID and command not in _OF_MONEY_UNDER_WAY
) | {C.APPEAL, C.REOPEN, C.PARCEL_ANSWERED, *_MAY_WAIT}

# These answer a deadline: at or after it, silence has already spoken.
IN_TIME = frozenset(
    set(Command)
    - {
        C.ASK,
        C.EXPIRE,
        C.ORDER_MOVED,
        C.PARCEL_ANSWERED,
        C.RETURN_LABEL,
        C.AMENDED,
    }
    - _OF_MONEY_UNDER_WAY
)


class CaseRefused(Refused):
    """A command that this case does not take now; `case` is the case as it is."""

    def __init__(self, code: str, case: Case, **details: object) -> None:
        super().__init__(code, **details)
        self.case = case


def speakers(command: Command) -> frozenset[Role]:
    """Who may say this in any state at all."""
    return frozenset(role for (_, said), row in TABLE.items() if said is command for role in row.by)


def may_ever(role: Role, command: Command) -> bool:
    """Whether any state lets this role say this."""
    return role in speakers(command)


def advance(case: Case, act: Act[Said], context: StepContext) -> Change:
    """The change that a command makes. Pure; the caller commits it.

    Raises Forbidden where the role may never say this, CaseRefused where it may not be said now
    (`already_decided`, `deadline_passed`, `not_now`, `not_yet`, or what its step says), Invalid where something said
    along with it is missing or wrong.
    """
    command = act.command
    if not may_ever(act.actor.role, command):
        raise Forbidden(act.actor.role, command)
    transition = TABLE.get((case.state, command))
    if transition is None or act.actor.role not in transition.by:
        raise CaseRefused(_too_late(case, act), case)
    if act.actor.role in _STAFF and not (words_of(act.said).note or "").strip():
        raise Invalid("note_required")
    if case.deadline_at is not None:
        if command in IN_TIME and act.now >= case.deadline_at:
            raise CaseRefused("deadline_passed", case)
        if command is C.EXPIRE and act.now < case.deadline_at:
            raise CaseRefused("not_yet", case)
    try:
        step = transition.step(case, act, context)
    except Refused as refused:
        raise CaseRefused(refused.code, case, **refused.details) from refused
    place = step.case.outcome if step.case.state is S.CLOSED else step.case.state
    if place not in transition.to:
        raise AssertionError(f"{command} led from {case.state} to {place}, which the table does not know")
    return commit_of(case, step, act, context)


def commit_of(before: Case | None, step: Step, act: Act[Said], context: StepContext) -> Change:
    """The commit of a step: revision, turn, timeline entry and outbox, with the lease."""
    words, seq = words_of(act.said), step.case.entries + 1
    after, ledger = moved_money(before, step.case, step.credits, seq, act.now)
    # A later deadline needs no new turn: the running timer fires, hears "not yet" and waits on.
    waits_anew = before is not None and (before.state is not after.state or _sooner(after, before))
    events = {
        str(each.name): frozen(each, head_of(after, seq)) for each in step.effects if isinstance(each, Event)
    } or None
    entry = seal(
        Entry(
            seq=seq,
            at=act.now,
            actor=Actor(role=act.actor.role, id=NAMELESS) if act.actor.role in STAFF else act.actor.plain,
            command=act.command,
            came_from=None if before is None else before.state,
            state=after.state,
            outcome=after.outcome,
            policy=f"{after.policy.name} v{after.policy.version}",
            reason_code=words.reason_code,
            comment=words.comment,
            note=words.note,
            tracking_number=words.tracking_number,
            facts=_with_door(step.facts, act),
            events=events,
            decision_id=act.decision_id,
            previous=after.head,
        ),
        act.salt,
    )
    effects = step.effects
    if context.pace.orchestrated and waits_anew and before is not None and before.open:
        effects = (Resume(), *effects)
    after = replace(
        after,
        rev=after.rev + 1,
        turn=after.turn + 1 if waits_anew else after.turn,
        updated_at=act.now,
        decision_id=act.decision_id,
        entries=seq,
        head=entry.hash,
    )
    outbox = {key: value for key, value in after.outbox.items() if not is_obsolete(key, after)}
    if before is None or _wait_of(before) != _wait_of(after):
        outbox = {**without_reminders(outbox), **_reminders(after, seq, act, context)}
    outbox = {**outbox, **fresh(seq, effects)}
    if before is None or after.tracking_numbers - before.tracking_numbers:
        outbox = with_clues(outbox, after.rev)
    after = leased(replace(after, outbox=outbox), act.now, context.pace, context.deliverer)
    granted = granted_by(before, after, act, context)
    return Change(case=after, entry=entry, slot=step.slot, credits=step.credits, ledger=ledger, granted=granted)


def head_of(case: Case, seq: int) -> EventHead:
    """What events of this row say of it, its `seq`-th entry being the last."""
    return EventHead(
        case_id=case.case_id,
        kind=case.kind,
        order_id=case.order_id,
        platform=case.platform,
        buyer_id=case.buyer_id,
        seller_id=case.seller_id,
        state=case.state,
        outcome=case.outcome,
        sequence=seq,
    )


def _with_door(facts: Mapping[str, Any] | None, act: Act[Said]) -> Mapping[str, Any] | None:
    """The facts, and who of a seller's staff, or of the marketplace's, spoke through which door."""
    person = act.actor.id if act.actor.role in STAFF else act.person
    known = {name: text for name, text in (("door", act.door), ("person", person)) if text is not None}
    return {**(facts or {}), **known} if known else facts


def _wait_of(case: Case) -> tuple[object, ...]:
    return case.state, case.deadline_at, case.waiting_for


def _sooner(after: Case, before: Case) -> bool:
    if after.deadline_at is None or before.deadline_at is None:
        return False
    return after.deadline_at < before.deadline_at


def _reminders(case: Case, seq: int, act: Act[Said], context: StepContext) -> dict[Promise, Pending]:
    if case.deadline_at is None:
        return {}
    jitter = timedelta(seconds=context.pace.jitter(case.case_id))
    if context.policy.urgency is not None:
        # By these numbers the way of each is found when it goes out.
        steps = enumerate(context.policy.urgency, start=1)
        urged = {number: urge.moment(act.now, case.deadline_at) + jitter for number, urge in steps}
        return reminders(case, seq, urged, act.now)
    before = [earlier(case.deadline_at, span) + jitter for span in context.policy.reminders]
    coming = sorted(moment for moment in before if moment > act.now)
    return reminders(case, seq, dict(enumerate(coming, start=1)), act.now)


def _too_late(case: Case, act: Act[Said]) -> str:
    """The precise word for somebody who comes after the case moved on."""
    by_silence = case.decision is not None and case.decision.command is C.EXPIRE
    if by_silence and act.actor.role is Role.SELLER:
        return "deadline_passed"
    return "not_now" if case.open else "already_decided"
