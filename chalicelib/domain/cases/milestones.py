"""A request's way as people follow it: what happened, what is awaited, what would come then. Read from its timeline and
the parts of its refund, never guessed from where it stands: nobody is said to have answered who did not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.money.refund import OPEN_PARTS, PartState, RefundPart, Told
from chalicelib.domain.orders.methods import Method, PaidBackBy
from chalicelib.domain.parties import SEES_ALL, Role
from chalicelib.domain.policies.reasons import Kind


class Stage(StrEnum):
    """Whether a milestone was reached, was not reached in its time, is awaited, or would come after that."""

    DONE = "done"
    MISSED = "missed"
    NOW = "now"
    AHEAD = "ahead"


class Standing(StrEnum):
    """How far a part of a refund has come, as its buyer sees it."""

    DUE = "due"
    LATE = "late"  # it should have been there by now
    DELAYED = "delayed"  # no word came in time; it was asked for again, and another day is expected
    SENT = "sent"  # it went, and shows on a card's statement within its days
    SHOULD_BE_THERE = "should_be_there"  # those days are over
    ARRIVED = "arrived"
    IN_WALLET = "in_wallet"
    GIVEN_BACK = "given_back"
    FROZEN = "frozen"  # until a bank has decided about the payment
    FAILED = "failed"
    HELD = "held"
    REVERSED = "reversed"
    NEEDS_ACCOUNT = "needs_account"


class Coming(StrEnum):
    """How far all the money of a case has come, as its status says it: what needs somebody goes before the rest."""

    STUCK = "stuck"
    ACCOUNT = "account"  # its buyer is asked where some of it should go
    FROZEN = "frozen"
    LATE = "late"
    ON_WAY = "on_way"
    SENT = "sent"  # all of it went, and some is not yet known to be there
    THERE = "there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One step of a request's way. `what` names its words, `at` is when it was reached or missed, or until when it is
    awaited; money has its `part`."""

    what: str
    stage: Stage
    at: datetime | None = None
    part: RefundPart | None = None


# What those who send it have done.
GONE = frozenset({Standing.SENT, Standing.SHOULD_BE_THERE, Standing.ARRIVED, Standing.IN_WALLET, Standing.GIVEN_BACK})
# Ways of which a provider's success is not yet the buyer's money: it shows on a statement after days.
_BY_STATEMENT = frozenset({Method.CARD, Method.PAYLATER})


def standing(case: Case, part: RefundPart, *, waits: bool = False, now: datetime | None = None) -> Standing:
    """How far a part has come at `now` (while it is unknown, nothing is late). `waits`: for a bank's decision."""
    over = now is not None and now >= part.arrives_by
    if waits and part.state in OPEN_PARTS:
        return Standing.FROZEN
    if part.is_stuck or part.state is PartState.NEEDS_ACCOUNT:
        return Standing(part.state.word)
    if part.state is not PartState.PAID:
        delayed = case.refund is not None and case.refund.overdue
        return Standing.LATE if over else Standing.DELAYED if delayed else Standing.DUE
    match case.policy.paid_back_by(part.method):
        case PaidBackBy.WALLET:
            return Standing.IN_WALLET
        case PaidBackBy.MARKETPLACE:
            return Standing.GIVEN_BACK
    said = part.report is not None and part.report.told is Told.SUCCEEDED
    if said and part.method not in _BY_STATEMENT:
        return Standing.ARRIVED
    return Standing.SHOULD_BE_THERE if over else Standing.SENT


def coming(case: Case, now: datetime, waits: Collection[str] = ()) -> Coming | None:
    """How far the money of a case has come; None where none goes. `waits` as for milestones()."""
    stands = {standing(case, part, waits=part.tender_id in waits, now=now) for part in _parts(case)}
    for what, any_of in _BY_URGENCY.items():
        if stands & any_of:
            return what
    return Coming.THERE if stands else None


_BY_URGENCY: Mapping[Coming, frozenset[Standing]] = {
    Coming.STUCK: frozenset({Standing.FAILED, Standing.HELD, Standing.REVERSED}),
    Coming.ACCOUNT: frozenset({Standing.NEEDS_ACCOUNT}),
    Coming.FROZEN: frozenset({Standing.FROZEN}),
    Coming.LATE: frozenset({Standing.LATE, Standing.DELAYED}),
    Coming.ON_WAY: frozenset({Standing.DUE}),
    Coming.SENT: frozenset({Standing.SENT, Standing.SHOULD_BE_THERE}),
}


def milestones(case: Case, entries: Sequence[Entry], now: datetime, waits: Collection[str] = ()) -> list[Milestone]:
    """The way of a case by the latest of its `entries`, oldest first. `waits`: tenders about which a bank decides."""
    made = [*_beginning(case, entries), *_told(entries)]
    for part in _parts(case):
        stands = standing(case, part, waits=part.tender_id in waits, now=now)
        made.append(
            Milestone(what="money", stage=Stage.DONE if stands in GONE else Stage.NOW, at=part.arrives_by, part=part)
        )
    if case.outcome in _WITHOUT_MONEY and case.refund is None:
        made.append(Milestone(what="no_money", stage=Stage.MISSED))
    return made + list(_awaited(case))


_WITHOUT_MONEY = frozenset(Outcome) - {Outcome.CANCELLED, Outcome.RETURNED}


def _parts(case: Case) -> tuple[RefundPart, ...]:
    return case.refund.going if case.refund else ()


def _told(entries: Sequence[Entry]) -> Iterator[Milestone]:
    """What the entries tell, each thing once in a run: said again, it corrects what was said, or is heard twice."""
    once: set[str] = set()
    for entry in entries:
        if entry.seq == 1:
            continue
        if entry.command in (Command.APPEAL, Command.REOPEN):
            once.clear()
        for what, stage in _said(entry):
            if what in _ONCE and what in once:
                continue
            once.add(what)
            yield Milestone(what=what, stage=stage, at=entry.at)


def _beginning(case: Case, entries: Sequence[Entry]) -> Iterator[Milestone]:
    """Who asked; known from the row where the first entry lies on an earlier page."""
    what = "corrected" if case.kind is Kind.CORRECTION else "asked"
    what = "asked_by_seller" if what == "asked" and case.asked.by.role is Role.SELLER else what
    yield Milestone(what=what, stage=Stage.DONE, at=case.created_at)
    if entries and entries[0].seq > 1:
        yield Milestone(what="earlier", stage=Stage.DONE)
    elif entries and what == "asked" and entries[0].state is not State.AWAITING_SELLER:
        granted = entries[0].state is not State.AWAITING_SUPPORT and entries[0].outcome in (None, Outcome.CANCELLED)
        if granted or entries[0].outcome is Outcome.RETURNED:
            yield Milestone(what="granted_at_once", stage=Stage.DONE, at=entries[0].at)


_PLAIN = {
    Command.CONFIRM: "approved.support",
    Command.ACCEPT_OFFER: "accepted",
    Command.DECLINE_OFFER: "declined",
    Command.WITHDRAW: "withdrawn",
    Command.APPEAL: "appealed",
    Command.REOPEN: "reopened",
    Command.SHIPPED_BACK: "shipped_back",
    Command.GOODS_RECEIVED: "goods_received",
    Command.CONTEST_GOODS: "goods_contested",
    Command.AMENDED: "amended",
}
_BY_SOMEBODY = {Command.APPROVE: "approved", Command.REJECT: "rejected", Command.OFFER: "offered"}
_PARCEL = {
    ParcelWord.PICKED_UP: "picked_up",
    ParcelWord.DELIVERED: "goods_arrived",
    ParcelWord.INTERCEPTED: "intercepted",
    ParcelWord.TOO_LATE: "too_late",
}
_ONCE = frozenset({*_PARCEL.values(), "shipped_back", "goods_contested"})


def _said(entry: Entry) -> Iterator[tuple[str, Stage]]:
    """What an entry means on the way; nothing where it moves nothing that people follow."""
    command = entry.command
    if command is Command.EXPIRE:
        yield from _silence(entry)
    elif what := _spoken(entry):
        yield what, Stage.DONE


def _spoken(entry: Entry) -> str | None:
    by = "support" if entry.actor.role in SEES_ALL else str(entry.actor.role)
    command = entry.command
    yes = command in (Command.APPROVE, Command.GOODS_RECEIVED)
    if yes and by == "support" and entry.state is State.AWAITING_SUPPORT:
        return "first_yes"
    if command in _BY_SOMEBODY:
        return f"{_BY_SOMEBODY[command]}.{by}"
    if command is Command.PARCEL_ANSWERED:
        return _PARCEL.get((entry.facts or {}).get("parcel", ""))
    if command is Command.ORDER_MOVED:
        return "parcel_moved" if entry.outcome is Outcome.OVERTAKEN or entry.came_from is not entry.state else None
    return _PLAIN.get(command)


def _silence(entry: Entry) -> Iterator[tuple[str, Stage]]:
    """Who let a deadline pass, and what that meant. Where money does not come, its parts say so themselves."""
    if entry.came_from is State.REFUNDING:
        return
    if entry.came_from is State.AWAITING_GOODS:
        yield _goods_silence(entry), Stage.MISSED
    else:
        yield f"silent.{entry.came_from}", Stage.MISSED
    if entry.state in (State.AWAITING_GOODS, State.REFUNDING) or entry.outcome in (Outcome.CANCELLED, Outcome.RETURNED):
        yield "granted_by_silence", Stage.DONE


def _goods_silence(entry: Entry) -> str:
    """Goods that were never sent end a return; goods that arrived count as looked at; of others nobody knows."""
    if entry.outcome is Outcome.EXPIRED:
        return "not_sent"
    return "goods_unseen" if entry.state is State.AWAITING_SUPPORT else "goods_unchecked"


def _awaited(case: Case) -> Iterator[Milestone]:
    """Whom a case waits for, and what would come then."""
    if case.state in (State.REFUNDING, State.CLOSED):
        return
    what = {
        State.AWAITING_SELLER: "waits.seller",
        State.AWAITING_BUYER: "waits.buyer",
        State.AWAITING_SUPPORT: "waits.support",
        State.AWAITING_GOODS: _goods(case),
    }[case.state]
    yield Milestone(what=what, stage=Stage.NOW, at=case.deadline_at)
    if case.kind is Kind.RETURN and not case.is_money_alone and case.goods is None:
        yield Milestone(what="ahead.goods", stage=Stage.AHEAD)
    if case.quote.refund_total and not case.refund:
        yield Milestone(what="ahead.money", stage=Stage.AHEAD)


def _goods(case: Case) -> str:
    goods = case.goods
    if goods and goods.arrived_at:
        return "waits.check"
    if case.kind is not Kind.RETURN:
        return "waits.recall"
    return "waits.arrival" if goods and goods.sent_at else "waits.send"


# Where money is that no payment provider is asked for.
_AT_ONCE = frozenset({Standing.IN_WALLET, Standing.GIVEN_BACK})


def is_there(case: Case) -> bool:
    """Whether nobody has to send any of the money: it went in the moment of the yes, and the mail of that told so."""
    return case.refund is not None and all(standing(case, part) in _AT_ONCE for part in case.refund.going)
