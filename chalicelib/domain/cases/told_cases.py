"""Cases that another house tells of: open ones, and history, which moves no money and no pieces. What it did to an
order the order's own push says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.cases.arrivals import Arriving, arrived
from chalicelib.domain.cases.asking import fee_of, rest_of, way_back_of
from chalicelib.domain.cases.card import words_of
from chalicelib.domain.cases.case import Asked, Case, Decision, Outcome, State, mark_of
from chalicelib.domain.cases.change import Change, Slot
from chalicelib.domain.cases.choices import Channel
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.eligibility import no_more_than, wanted_lines
from chalicelib.domain.cases.step import StepContext, attempts
from chalicelib.domain.cases.timeline import Entry, seal
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.quote import Quote, QuoteTender, quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.value import line_of
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import ASKING, Kind
from chalicelib.domain.spelling import beginning

# Of what the money of a case of history was for, in signs.
_LONGEST_NAMES = 200

# How an end that was told is called in the timeline.
_ENDED_BY: Mapping[Outcome, Command] = {
    Outcome.CANCELLED: Command.APPROVE,
    Outcome.RETURNED: Command.GOODS_RECEIVED,
    Outcome.REJECTED: Command.REJECT,
    Outcome.EXPIRED: Command.EXPIRE,
    Outcome.WITHDRAWN: Command.WITHDRAW,
    Outcome.OVERTAKEN: Command.ORDER_MOVED,
    Outcome.SETTLED: Command.ACCEPT_OFFER,
}
_BY: Mapping[Outcome, Role] = {
    Outcome.EXPIRED: Role.SYSTEM,
    Outcome.WITHDRAWN: Role.BUYER,
    Outcome.OVERTAKEN: Role.SYSTEM,
    Outcome.SETTLED: Role.BUYER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTold:
    """A case as another house tells of it; it is open where it has no outcome.

    lines      quantities per line id; None: all that is left of the order (of one that ended: all of it)
    attempt    the how manieth request of its buyer for this order it is
    decided_by who ended it; None: whoever mostly does
    refunded   what went back by it, in minor units per tender id
    """

    case_id: str
    order_id: str
    kind: Kind
    asked_at: datetime
    state: State = State.AWAITING_SELLER
    reason_code: str | None = None
    comment: str | None = None
    lines: Mapping[str, int] | None = None
    attempt: int = 1
    channel: Channel | None = None
    deadline_at: datetime | None = None
    if_silent: Silence = Silence.ESCALATE
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    decided_by: Role | None = None
    refused_for: str | None = None
    decision_comment: str | None = None
    refunded: Mapping[str, int] | None = None


def told_case(told: CaseTold, order: Order, context: StepContext, arriving: Arriving) -> Change:
    """The case that somebody tells of, with a timeline that says what was told.

    Raises Invalid `reason_not_allowed`, `validation_failed` for lines and tenders that are not there, Refused
    `case_open` where the order has an open case, `nothing_left`.
    """
    reason = next((x for x in ASKING if x.code == told.reason_code and x.kind is told.kind), None)
    if told.reason_code is not None and reason is None:
        allowed = sorted({x.code for x in ASKING if x.kind is told.kind})
        raise Invalid("reason_not_allowed", reason_code=told.reason_code, allowed=allowed)
    ended = told.outcome is not None
    seen = order if ended else with_books(order, context.policy.refund_order)
    lines, fault = _lines(told, seen, context), reason.fault if reason else Fault.BUYER
    if not lines:
        raise Refused("nothing_left", order_id=order.order_id)
    money = (
        _gone_back(told, order)
        if ended
        else quote(
            seen,
            context.policy,
            fault,
            told.asked_at,
            context.holidays,
            wanted=lines,
            fee=fee_of(told.kind, context.policy),
        )
    )
    buyer = Actor(role=Role.BUYER, id=order.body.buyer.id)
    case = Case(
        case_id=told.case_id,
        kind=told.kind,
        order_id=order.order_id,
        display_id=order.body.display_id,
        words=words_of(order.body, lines),
        platform=order.body.platform,
        buyer_id=order.body.buyer.id,
        seller_id=order.body.seller.id,
        state=told.state,
        asked=Asked(
            reason_code=told.reason_code,
            fault=fault,
            comment=told.comment,
            channel=told.channel,
            by=buyer,
            terms_version=None,
            goods_come_back=reason is None or reason.goods_come_back,
        ),
        lines=lines,
        quote=money,
        policy=mark_of(context.policy),
        attempt=told.attempt,
        created_at=told.asked_at,
        updated_at=told.asked_at,
        order_status=seen.standing,
        quoted_at=seen.standing,
        preorder=order.body.preorder is not None,
        rest={} if ended else rest_of(seen, lines),
        worth=0 if ended else seen.worth(lines).amount,
        way_back=way_back_of(told.kind, reason, seen, context),
        deadline_at=told.deadline_at,
        if_silent=told.if_silent,
    )
    asked = seal(
        _entry(case, arriving, seq=1, at=told.asked_at, actor=buyer, command=Command.ASK, comment=told.comment),
        arriving.salt,
    )
    used = attempts(told.kind, max(0, told.attempt - _attempts_of(order, told.kind)))
    if not ended:
        case = _as_of(case, (asked,))
        return arrived(
            case,
            (asked,),
            Slot(order_id=order.order_id, case_id=case.case_id, seen=seen, opens=True, **used),
            context,
            arriving,
        )
    case, end = _ended(case, told, asked, arriving)
    slot = Slot(order_id=order.order_id, case_id=case.case_id, seen=seen, opens=True, beside=True, **used)
    return arrived(case, (asked, end), slot, context, arriving)


def _lines(told: CaseTold, order: Order, context: StepContext) -> Mapping[str, int]:
    if told.outcome is None:
        return wanted_lines(order, told.lines, context.policy)
    whole = {line.line_id: line.quantity for line in order.body.lines}
    return whole if told.lines is None else no_more_than(whole, told.lines)


def _gone_back(told: CaseTold, order: Order) -> Quote:
    """The money of a case that ended elsewhere: what went back by it, as it is told, and no more is known of it."""
    methods = {tender.tender_id: tender for tender in order.body.tenders}
    given = {tender_id: amount for tender_id, amount in (told.refunded or {}).items() if amount}
    if unknown := sorted(given.keys() - methods.keys()):
        raise Invalid("validation_failed", errors=[{"field": f"refunded.{unknown[0]}", "message": "no such tender"}])
    total, at = sum(given.values()), told.closed_at or told.asked_at
    return Quote(
        quote_id=f"told-{told.case_id}",
        currency=order.body.currency,
        paid=total,
        refund_total=total,
        fees_total=0,
        # By a label and a rule that earlier versions have words for, too.
        lines=tuple(line_of("goods", total, "goods_paid", _names(told, order))),
        tenders=tuple(
            QuoteTender(
                method=methods[tender_id].method,
                amount=amount,
                arrives_by=at,
                tender_id=tender_id,
                channel=methods[tender_id].channel,
            )
            for tender_id, amount in given.items()
        ),
    )


def _names(told: CaseTold, order: Order) -> str:
    lines = told.lines or {}
    names = ", ".join(line.name for line in order.body.lines if not lines or line.line_id in lines)
    return beginning(names, _LONGEST_NAMES)


def _ended(case: Case, told: CaseTold, asked: Entry, arriving: Arriving) -> tuple[Case, Entry]:
    outcome, at = told.outcome, told.closed_at
    if outcome is None or at is None:
        raise Invalid("validation_failed", errors=[{"field": "closed_at", "message": "a case that ended says when"}])
    role = told.decided_by or _BY.get(outcome, Role.SELLER)
    ids = {Role.BUYER: case.buyer_id, Role.SELLER: case.seller_id}
    by, command = Actor(role=role, id=ids.get(role, role.value)), _ENDED_BY[outcome]
    decided = Decision(command=command, by=by, at=at, reason_code=told.refused_for, comment=told.decision_comment)
    case = replace(
        case,
        state=State.CLOSED,
        outcome=outcome,
        deadline_at=None,
        if_silent=None,
        decision=decided,
        closed_at=at,
        updated_at=at,
        turn=2,
    )
    end = seal(
        _entry(
            case,
            arriving,
            seq=2,
            at=at,
            actor=by,
            command=command,
            came_from=State.AWAITING_SELLER,
            reason_code=told.refused_for,
            comment=told.decision_comment,
            previous=asked.hash,
        ),
        arriving.salt,
    )
    return _as_of(case, (asked, end)), end


def _entry(
    case: Case,
    arriving: Arriving,
    *,
    seq: int,
    at: datetime,
    actor: Actor,
    command: Command,
    came_from: State | None = None,
    reason_code: str | None = None,
    comment: str | None = None,
    previous: str = "",
) -> Entry:
    first = seq == 1
    return Entry(
        seq=seq,
        at=at,
        actor=actor,
        command=command,
        came_from=came_from,
        state=case.state,
        outcome=case.outcome,
        policy=f"{case.policy.name} v{case.policy.version}",
        reason_code=reason_code,
        comment=comment,
        facts={"imported_at": arriving.now.isoformat(), **({"lines": dict(case.lines)} if first else {})},
        decision_id=arriving.decision_id,
        previous=previous,
    )


def _as_of(case: Case, entries: tuple[Entry, ...]) -> Case:
    last = entries[-1]
    return replace(case, entries=last.seq, head=last.hash, decision_id=last.decision_id)


def _attempts_of(order: Order, kind: Kind) -> int:
    return order.return_attempts if kind is Kind.RETURN else order.attempts
