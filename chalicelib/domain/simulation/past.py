"""A past case as a simulation takes it in: the facts that rules look at, as they were when it was asked, and what
became of it. Nobody's name or words are in it: what is left of people is their id.

The order is put together from its row, which is as it was told last, and from the case, which remembers where its
pieces stood and how many there were. What cannot be known any more shows when a case is replayed under the policy that
was in force (replay.py): it then comes out otherwise than it did.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.orders.body import Line, OrderBody
from chalicelib.domain.orders.books import Account, Books
from chalicelib.domain.orders.erased import as_erased, no_shop, nobody
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import ASKING, Kind


class Way(StrEnum):
    """How a request was decided, and by whom or what."""

    INSTANT = "instant"
    BY_RULE = "by_rule"  # of the seller
    APPROVED = "approved"
    APPROVED_BY_SILENCE = "approved_by_silence"
    APPROVED_BY_SUPPORT = "approved_by_support"
    REJECTED = "rejected"
    REJECTED_BY_SUPPORT = "rejected_by_support"
    EXPIRED = "expired"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"  # nobody could have asked


# Ways that give the money back.
GRANTED = frozenset({Way.INSTANT, Way.BY_RULE, Way.APPROVED, Way.APPROVED_BY_SILENCE, Way.APPROVED_BY_SUPPORT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What became of a request.

    way, at        how it was decided, and when; a grant is decided when it is given, wherever the goods are
    at_once        whether the asking decided it
    answer_by, if_silent   what the seller was given, and what their silence was to mean; None where nobody kept it
    extended_to    until when customer service let the seller's time go on
    left_at, left_by, left_as   when it stopped waiting for the seller, by what, said by whom
    moved_at       when its parcel moved while the seller was waited for
    support_at     when it came to customer service first, and support_left_at when it left it, by support_left_by
    quoted_refund, quoted_fees   what the asking promised, in minor units; None where nobody kept it
    refund, fees   what went back in the end, and what stayed behind
    fault_turned   the seller said that they could not deliver, so no fee is kept
    """

    way: Way
    at: datetime
    at_once: bool
    answer_by: datetime | None = None
    if_silent: Silence | None = None
    extended_to: datetime | None = None
    left_at: datetime | None = None
    left_by: Command | None = None
    left_as: Role | None = None
    moved_at: datetime | None = None
    support_at: datetime | None = None
    support_left_at: datetime | None = None
    support_left_by: Command | None = None
    quoted_refund: int | None = None
    quoted_fees: int | None = None
    refund: int = 0
    fees: int = 0
    fault_turned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCase:
    """One request that was decided: what was asked, of which order, under which policy, and what became of it.

    lines     quantities per line id
    order     the order as it was for these pieces when they were asked for
    by_rule   whether a rule of the seller granted it
    """

    case_id: str
    policy: str
    version: int
    kind: Kind
    asked_at: datetime
    order: Order
    lines: dict[str, int]
    happened: Happened
    asked_by: Role = Role.BUYER
    fault: Fault = Fault.BUYER
    goods_come_back: bool = True
    by_rule: bool = False


def past_of(case: Case, timeline: Sequence[Entry], order: Order, earlier: Sequence[Case] = ()) -> PastCase | None:
    """What a simulation takes of a case; `earlier` are those of the same order that were asked for before. None where
    it is not decided yet, was asked for by nobody, or where nothing of its order is known any more."""
    happened = _happened(case, timeline)
    if case.kind is Kind.CORRECTION or happened is None:
        return None
    reason = next((x for x in ASKING if x.code == case.asked.reason_code and x.kind is case.kind), None)
    fault = reason.fault if reason else Fault.BUYER
    lines = _asked_for(timeline, case)
    known = _as_asked(case, order, lines, [x for x in earlier if x.created_at < case.created_at])
    if known is None:
        return None
    return PastCase(
        case_id=case.case_id,
        policy=case.policy.name,
        version=case.policy.version,
        kind=case.kind,
        asked_at=case.created_at,
        order=known,
        lines=lines,
        asked_by=case.asked.by.role,
        fault=fault,
        goods_come_back=case.asked.goods_come_back,
        by_rule=case.asked.by_rule is not None,
        happened=replace(happened, fault_turned=case.asked.fault is not fault),
    )


# --- what became of it

_ENDS = {
    Outcome.WITHDRAWN: Way.WITHDRAWN,
    Outcome.OVERTAKEN: Way.OVERTAKEN,
    Outcome.SETTLED: Way.SETTLED,
}
_DECIDED = frozenset({State.CLOSED, State.REFUNDING, State.AWAITING_GOODS})


def _happened(case: Case, timeline: Sequence[Entry]) -> Happened | None:
    if not timeline or timeline[0].command is not Command.ASK or not (case.outcome or case.is_granted):
        return None
    asked = timeline[0]
    told: dict[str, Any] = dict((asked.events or {}).get(EventName.CASE_OPENED) or {})
    facts = asked.facts or {}
    waiting = [entry for entry in timeline if entry.came_from is State.AWAITING_SELLER]
    left = next((entry for entry in waiting if entry.state is not State.AWAITING_SELLER), None)
    first = [entry for entry in waiting if left is None or entry.seq <= left.seq]
    came = next((entry for entry in timeline if entry.state is State.AWAITING_SUPPORT), None)
    gone = next((x for x in timeline if x.came_from is State.AWAITING_SUPPORT and x.state in _DECIDED), None)
    deciding = _deciding(case, timeline)
    extended = [entry for entry in first if entry.command is Command.EXTEND]
    at_once = asked.state is not State.AWAITING_SELLER
    if deciding is None:
        return None
    return Happened(
        way=_way(case, deciding, at_once=at_once),
        at=deciding.at,
        at_once=at_once,
        answer_by=datetime.fromisoformat(told["answer_by"]) if told.get("answer_by") else None,
        if_silent=Silence(told["if_silent"]) if told.get("if_silent") else None,
        extended_to=datetime.fromisoformat((extended[-1].facts or {})["until"]) if extended else None,
        left_at=left.at if left else None,
        left_by=left.command if left else None,
        left_as=left.actor.role if left else None,
        moved_at=next((entry.at for entry in first if _moves(entry)), None),
        support_at=came.at if came else None,
        support_left_at=gone.at if gone else None,
        support_left_by=gone.command if gone else None,
        quoted_refund=facts.get("refund_total"),
        quoted_fees=facts.get("fees_total"),
        refund=case.refund.total if case.refund else 0,
        fees=case.quote.fees_total if case.refund else 0,
    )


def _moves(entry: Entry) -> bool:
    """Whether its parcel had left by then: by the word of the order's system, or of the carrier."""
    too_late = (entry.facts or {}).get("parcel") == ParcelWord.TOO_LATE
    return entry.command is Command.ORDER_MOVED or too_late


def _deciding(case: Case, timeline: Sequence[Entry]) -> Entry | None:
    """The entry that decided it: the grant, where there was one, or the last end."""
    ends = [entry for entry in timeline if entry.state in _DECIDED and entry.came_from not in _DECIDED]
    if case.is_granted:
        return ends[-1] if ends else None
    return next((x for x in reversed(timeline) if x.state is State.CLOSED and x.came_from is not State.CLOSED), None)


def _way(case: Case, deciding: Entry, *, at_once: bool) -> Way:
    if case.outcome in _ENDS:
        return _ENDS[case.outcome]
    if at_once and deciding.seq == 1:
        return Way.BY_RULE if case.asked.by_rule else Way.INSTANT
    by_support = deciding.actor.role is Role.SUPPORT
    if not (case.is_granted or case.ran_out is State.AWAITING_GOODS):
        if deciding.command is Command.EXPIRE:
            return Way.EXPIRED
        return Way.REJECTED_BY_SUPPORT if by_support else Way.REJECTED
    if deciding.command is Command.EXPIRE:
        return Way.APPROVED_BY_SILENCE
    return Way.APPROVED_BY_SUPPORT if by_support else Way.APPROVED


def _asked_for(timeline: Sequence[Entry], case: Case) -> dict[str, int]:
    """The pieces that were asked for: a platform that cancels all of an order widens a request."""
    facts = timeline[0].facts or {}
    return dict(facts.get("lines") or case.lines)


# --- the order as it was


def _as_asked(case: Case, order: Order, lines: dict[str, int], earlier: Sequence[Case]) -> Order | None:
    there = {line_id: lines.get(line_id, 0) + case.rest.get(line_id, 0) for line_id in {*lines, *case.rest}}
    by_id = {line.line_id: line for line in order.body.lines}
    if not set(there) <= set(by_id):
        return None
    body = _without_words(order.body, case.created_at)
    kept = tuple(
        replace(line, quantity=max(line.quantity, there.get(line.line_id, 0)), quantities=None) for line in body.lines
    )
    gone = {line.line_id: line.quantity - there.get(line.line_id, 0) for line in kept}
    moments = {status: at for status, at in order.moments.items() if at <= case.created_at}
    status = case.quoted_at or case.order_status
    returning = case.kind is Kind.RETURN
    asked_before = case.attempt - (case.asked.by.role is not Role.SELLER)
    return Order(
        body=replace(body, lines=kept, status=status),
        status=status,
        status_version=1,
        status_at=moments.get(status, min(order.status_at, case.created_at)),
        cases=tuple(each.case_id for each in earlier),
        attempts=0 if returning else asked_before,
        return_attempts=asked_before if returning else 0,
        books=_books(order, earlier),
        granted_worth=max(0, (case.worth or 0) - order.body.goods_of(lines)),
        cancelled={line_id: count for line_id, count in gone.items() if count},
        moments=moments,
    )


def _without_words(body: OrderBody, at: datetime) -> OrderBody:
    """The body without anybody's name, and without what came later."""
    plain = replace(
        as_erased(body),
        buyer=nobody(body.buyer),
        seller=no_shop(body.seller),
        lines=tuple(_plain(line) for line in body.lines),
        tenders=tuple(replace(x, reference=None, references=None) for x in body.tenders),
        packages=(),
        refunds=tuple(each for each in body.refunds if each.at <= at),
        display_id=None,
        payment_id=None,
        presentment=None,
    )
    return replace(plain, paid_at=body.paid_at if body.paid_at and body.paid_at <= at else None)


def _plain(line: Line) -> Line:
    return replace(line, name="", sku=None, variant=None, image_url=None)


def _books(order: Order, earlier: Sequence[Case]) -> Books | None:
    """The order's books before this request: what earlier ones took and kept, with what was told of payments. None
    where all of it follows from the order."""
    granted = [each for each in earlier if each.refund]
    known = order.books
    if known is None or not (granted or any(account.told for account in known.accounts.values())):
        return None
    taken = Counter[str]()
    for each in granted:
        taken.update({part.tender_id: part.amount for part in each.refund.parts} if each.refund else {})
    kept = Counter[str]()
    for each in granted:
        kept.update(each.refund.kept if each.refund else {})
    accounts = {
        tender_id: Account(
            promo=account.promo,
            collected=account.collected,
            told=account.told,
            basis=account.basis,
            taken=taken[tender_id],
            kept=kept[tender_id],
        )
        for tender_id, account in known.accounts.items()
    }
    return Books(
        accounts=accounts,
        fill=known.fill,
        shipping_kept=sum(each.quote.shipping_kept for each in granted),
        lost=frozenset(code for each in granted for code in each.quote.lost),
        fee_points=sum(each.quote.fee_points for each in granted),
        fee_charged=sum(each.quote.fee_charged for each in granted),
    )
