"""A request's way as people follow it: what happened, what is awaited, what would come then. Read from its timeline and
the parts of its refund, never guessed from where it stands: nobody is said to have answered who did not."""

from collections.abc import Collection, Iterator, Sequence
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


class Reach(StrEnum):
    """Whether a milestone was reached, is awaited, or would come after that."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


class Standing(StrEnum):
    """How far a part of a refund has come, as its buyer sees it."""

    DUE = "due"
    LATE = "late"  # it should have been there by now
    DELAYED = "delayed"  # its day has passed, and another one is expected
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One step of a request's way. `what` names its words, `at` is when it was reached or until when it is awaited;
    money has its `part`."""

    what: str
    reach: Reach
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


def milestones(case: Case, entries: Sequence[Entry], now: datetime, waits: Collection[str] = ()) -> list[Milestone]:
    """The way of a case by the latest of its `entries`, oldest first. `waits`: tenders about which a bank decides."""
    made = list(_beginning(case, entries))
    made += [
        Milestone(what=what, reach=Reach.DONE, at=entry.at)
        for entry in entries
        if entry.seq > 1
        for what in [_said(entry)]
        if what
    ]
    for part in case.refund.going if case.refund else ():
        stands = standing(case, part, waits=part.tender_id in waits, now=now)
        made.append(
            Milestone(what="money", reach=Reach.DONE if stands in GONE else Reach.NOW, at=part.arrives_by, part=part)
        )
    return made + list(_awaited(case))


def _beginning(case: Case, entries: Sequence[Entry]) -> Iterator[Milestone]:
    """Who asked; known from the row where the first entry lies on an earlier page."""
    what = "corrected" if case.kind is Kind.CORRECTION else "asked"
    what = "asked.seller" if what == "asked" and case.asked.by.role is Role.SELLER else what
    yield Milestone(what=what, reach=Reach.DONE, at=case.created_at)
    if entries and entries[0].seq > 1:
        yield Milestone(what="earlier", reach=Reach.DONE)
    elif entries and what == "asked" and entries[0].state is not State.AWAITING_SELLER:
        granted = entries[0].state is not State.AWAITING_SUPPORT and entries[0].outcome in (None, Outcome.CANCELLED)
        if granted or entries[0].outcome is Outcome.RETURNED:
            yield Milestone(what="granted_at_once", reach=Reach.DONE, at=entries[0].at)


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
_PARCEL = {ParcelWord.PICKED_UP: "picked_up", ParcelWord.DELIVERED: "goods_arrived"}


def _said(entry: Entry) -> str | None:
    """What an entry means on the way; None where it moves nothing that people follow."""
    by = "support" if entry.actor.role in SEES_ALL else str(entry.actor.role)
    command = entry.command
    if command is Command.APPROVE and by == "support" and entry.state is State.AWAITING_SUPPORT:
        return "first_yes"
    if command in _BY_SOMEBODY:
        return f"{_BY_SOMEBODY[command]}.{by}"
    if command is Command.EXPIRE:
        return _silence(entry)
    if command is Command.PARCEL_ANSWERED:
        return _PARCEL.get((entry.facts or {}).get("parcel", ""))
    if command is Command.ORDER_MOVED:
        return "parcel_moved" if entry.outcome is Outcome.OVERTAKEN or entry.came_from is not entry.state else None
    return _PLAIN.get(command)


def _silence(entry: Entry) -> str | None:
    if entry.came_from is State.AWAITING_GOODS:
        return "not_sent" if entry.outcome is Outcome.EXPIRED else "goods_unchecked"
    # Where money does not come, its parts say so themselves.
    return None if entry.came_from is State.REFUNDING else f"silent.{entry.came_from}"


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
    yield Milestone(what=what, reach=Reach.NOW, at=case.deadline_at)
    if case.kind is Kind.RETURN and not case.is_money_alone and case.goods is None:
        yield Milestone(what="ahead.goods", reach=Reach.AHEAD)
    if case.quote.refund_total and not case.refund:
        yield Milestone(what="ahead.money", reach=Reach.AHEAD)


def _goods(case: Case) -> str:
    goods = case.goods
    if goods and goods.arrived_at:
        return "waits.check"
    if case.kind is not Kind.RETURN:
        return "waits.recall"
    return "waits.arrival" if goods and goods.sent_at else "waits.send"
