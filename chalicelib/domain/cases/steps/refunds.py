"""The money of a granted request: what goes back at once, what a provider owes, and what can still be recalled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.change import Slot
from chalicelib.domain.cases.commands import Expire, RefundFailed, RefundSucceeded, Said
from chalicelib.domain.cases.effects import Announcement, Effect, Mail, MailKind, Promised, RefundCall, to_both
from chalicelib.domain.cases.events import (
    CaseClosed,
    Event,
    EventName,
    OrderCancelled,
    OrderReleaseShipment,
    OrderReturned,
    PartOfRefund,
    Piece,
    RefundGiveBack,
    RefundOverdue,
    RefundRequested,
)
from chalicelib.domain.cases.events import RefundFailed as RefundNotMade
from chalicelib.domain.cases.step import Act, Step, StepContext, close, decision_of, pieces, with_facts
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.booking import ToBook, to_book
from chalicelib.domain.money.books import left_by
from chalicelib.domain.money.chargebacks import waits_for, withheld
from chalicelib.domain.money.payout import MOST_ASKED
from chalicelib.domain.money.promising import promise, unpromise
from chalicelib.domain.money.quote import arrival, less_elsewhere
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import (
    AWAITED_PARTS,
    MOST_TRIES,
    OPEN_PARTS,
    STUCK_PARTS,
    PartState,
    Refund,
    RefundPart,
    Report,
    Told,
    asked_again,
    heard,
    wants_account,
)
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.books import Books
from chalicelib.domain.orders.methods import PaidBackBy
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind

# What becomes of a part when its request is granted: the built-in wallet pays in the deciding transaction.
_AT_FIRST: Mapping[PaidBackBy, PartState] = {
    PaidBackBy.WALLET: PartState.PAID,
    PaidBackBy.PROVIDER: PartState.DUE,
    PaidBackBy.MARKETPLACE: PartState.GIVEN_BACK,
}
ACCOUNT_WANTED = Mail(MailKind.ACCOUNT_WANTED, Role.BUYER)


def pay_back(case: Case, act: Act[Said], context: StepContext) -> Step:
    """The goods are cancelled (or were returned) and the money goes back as quoted, never more than is left of what was
    collected (I4)."""
    order, gone, returned = order_of(context), case.granted_lines, case.kind is Kind.RETURN
    case = replace(case, quote=less_elsewhere(case.quote, left_by(order)))
    booked = promise(order, gone, case.quote.promised)
    refund = replace(refund_of(case, act, context), kept=booked.kept)
    slot = Slot(
        order_id=case.order_id,
        case_id=case.case_id,
        seen=order,
        books=booked.books,
        releases=not refund.due,
        cancelled={} if returned else gone,
        returned=gone if returned else {},
        worth=case.quote.list_price,
    )
    told: _Gone = {
        "lines": pieces(gone),
        "fault": case.asked.fault,
        "currency": refund.currency,
        "refund_total": refund.total,
        "fees_total": case.quote.fees_total,
        "to_book": to_book(order, _after(order, gone, booked.books), case.quote),
    }
    happened: Event = OrderCancelled(**told)
    if returned:
        paid_by = case.way_back.paid_by if case.way_back else None
        happened = OrderReturned(**told, goods_came_back=not case.is_money_alone, way_back_paid_by=paid_by)
    effects: list[Promised] = [*to_both(MailKind.APPROVED), happened]
    if case.rest and case.entries and not returned:
        # What was held while the seller was asked, and is not cancelled, may go on.
        effects.append(OrderReleaseShipment(lines=pieces(case.rest)))
    if any(part.state is PartState.GIVEN_BACK for part in refund.parts):
        effects.append(RefundGiveBack(**parts_of(refund, {PartState.GIVEN_BACK})))
    return on_its_way(replace(case, refund=refund), tuple(effects), slot, act, context)


def on_its_way(case: Case, effects: tuple[Promised, ...], slot: Slot, act: Act[Said], context: StepContext) -> Step:
    """The case with its refund promised: it closes at once, or waits for whoever pays what is still due."""
    if case.refund is None:
        raise Invalid("refund_missing")
    refund, granted = case.refund, replace(case, decision=decision_of(act))
    credits, facts = _credits(case, refund, act.now), {"refund_total": refund.total}
    waits = waits_for(order_of(context))
    if refund.due:
        waiting = replace(
            granted,
            state=State.REFUNDING,
            if_silent=None,
            deadline_at=context.after(act.now, context.policy.refund_check),
        )
        return Step(
            case=waiting,
            effects=(*effects, *asked_for(refund, refund.by_name), *account_wanted(refund, waits)),
            slot=slot,
            credits=credits,
            facts=facts,
        )
    closed = close(granted, case.ends_as, act.now)
    # The mail that tells the buyer of the yes tells of the money, too: all of it is there already.
    return Step(case=closed, effects=(*effects, CaseClosed()), slot=slot, credits=credits, facts=facts)


_ASKED_FOR = Announcement(EventName.REFUND_REQUESTED)
# What a granted request promises. Nobody has heard of any of it before the money is marked as sent.
_GRANTING: frozenset[Effect] = frozenset(
    {
        *to_both(MailKind.APPROVED),
        Announcement(EventName.ORDER_CANCELLED),
        Announcement(EventName.ORDER_RETURNED),
        Announcement(EventName.ORDER_RELEASE_SHIPMENT),
        Announcement(EventName.REFUND_GIVE_BACK),
        _ASKED_FOR,
    }
)


def asks(effect: Effect) -> bool:
    """Whether somebody is asked for money by it, or where it should go."""
    return effect in (_ASKED_FOR, ACCOUNT_WANTED) or isinstance(effect, RefundCall)


def account_wanted(refund: Refund, waits: Collection[str] = ()) -> tuple[Promised, ...]:
    """The buyer is asked where to, if any of it has no way back; not for what goes by a tender that waits."""
    wanted = any(part.state is PartState.NEEDS_ACCOUNT and part.tender_id not in waits for part in refund.parts)
    return (ACCOUNT_WANTED,) if wanted else ()


def may_recall(case: Case) -> bool:
    """Whether no part of the refund can have been sent: the request to the provider is still pending and unmarked, or
    was withheld."""
    unsent = any(part.withheld for part in case.refund.parts) if case.refund else False
    asked_for = unsent or any(asks(promise.effect) for promise in case.outbox)
    paid = any(part.state is PartState.PAID for part in case.refund.parts) if case.refund else True
    return asked_for and not paid and not case.money_sent


def recall(case: Case, context: StepContext) -> tuple[Case, Slot]:
    """The case without its refund and what it promised, and the slot that gives the order back what it had taken."""
    order, refund, returned = order_of(context), case.refund, case.kind is Kind.RETURN
    pieces = {line_id: -quantity for line_id, quantity in case.granted_lines.items()}
    kept_by_it = refund.kept if refund else {}
    slot = Slot(
        order_id=case.order_id,
        case_id=case.case_id,
        seen=order,
        books=unpromise(order, case.granted_lines, case.quote.promised, kept_by_it),
        cancelled={} if returned else pieces,
        returned=pieces if returned else {},
        worth=-case.quote.list_price,
    )
    kept = {
        promise: pending
        for promise, pending in case.outbox.items()
        if promise.effect not in _GRANTING and not asks(promise.effect)
    }
    return replace(case, refund=None, outbox=kept), slot


def settle(case: Case, act: Act[RefundSucceeded], context: StepContext) -> Step:
    """The payment provider says that all that was open has gone: the case closes."""
    refund = _heard_of(case, act, Told.SUCCEEDED, _open_for(case, act.said.amount))
    case = replace(case, refund=refund, money_sent=True)
    # Told late, after somebody knew better.
    step = Step(case=case) if refund.due else all_gone(case, act.now)
    return with_facts(step, {"amount": act.said.amount})


def all_gone(case: Case, now: datetime) -> Step:
    """Nothing of the refund is open any more: the case closes."""
    slot = Slot(order_id=case.order_id, case_id=case.case_id, releases=True) if case.holds_slot else None
    effects = (Mail(MailKind.MONEY_RETURNED, Role.BUYER), CaseClosed()) if case.refund else ()
    return Step(case=close(case, case.ends_as, now), effects=effects, slot=slot)


def refund_fails(case: Case, act: Act[RefundFailed], context: StepContext) -> Step:
    """The payment provider says that the money did not go, or came back: it stays due and people are told."""
    came_back = case.state is State.CLOSED
    if came_back and case.refund is None:
        raise Refused("already_decided")
    names = went_by_provider(case) if came_back else _open_for(case, act.said.amount)
    refund = _heard_of(case, act, Told.FAILED, names)
    effects: tuple[Promised, ...] = ()
    if case.refund and refund.parts != case.refund.parts:
        effects = did_not_go(refund)
        if came_back:
            effects = (effects[0], Mail(MailKind.MONEY_BOUNCED, Role.BUYER))
    return Step(case=replace(case, refund=refund, money_sent=True), effects=effects, facts={"amount": act.said.amount})


def went_by_provider(case: Case) -> Sequence[str]:
    """The names of the parts that a payment provider says to have paid."""
    parts = case.refund.by_name if case.refund else {}
    by_provider = {name: case.policy.paid_back_by(part.method) is PaidBackBy.PROVIDER for name, part in parts.items()}
    return [name for name, part in parts.items() if part.state is PartState.PAID and by_provider[name]]


def _open_for(case: Case, amount: int) -> Sequence[str]:
    """The names of the parts that a word about all of the refund speaks of. Raises Invalid where that is another
    amount than is due."""
    if case.refund is None:
        raise Invalid("refund_missing")
    if amount != case.refund.due:
        raise Invalid("amount_differs", expected=case.refund.due, got=amount)
    return list(case.refund.open_parts)


def _heard_of(case: Case, act: Act[RefundSucceeded] | Act[RefundFailed], told: Told, names: Sequence[str]) -> Refund:
    """The refund once this was told of each of these parts."""
    refund = case.refund
    if refund is None:
        raise Invalid("refund_missing")
    for name in names:
        report = Report(
            event_id=act.said.event_id,
            part=name,
            told=told,
            amount=refund.by_name[name].amount,
            at=act.said.at or act.now,
        )
        refund = heard(refund, report, by_batal=False)
    return refund


def did_not_go(refund: Refund) -> tuple[Promised, ...]:
    """What is said once a part failed."""
    return RefundNotMade(**parts_of(refund, STUCK_PARTS)), Mail(MailKind.MONEY_DELAYED, Role.BUYER)


def chase(case: Case, act: Act[Expire], context: StepContext) -> Step:
    """Nobody said that all the money has gone: what was never answered is asked for again under the same key, what
    failed at a further try, and people see it. What failed too often is held for one of them. A buyer whose day has
    passed hears of it. What waits for a chargeback goes on waiting."""
    if case.refund is None:
        raise Invalid("refund_missing")
    waits = waits_for(context.order) if context.order else {}
    parts = {
        name: part if part.tender_id in waits else chased(replace(part, withheld=False), act.now, context)
        for name, part in case.refund.by_name.items()
    }
    ours = OPEN_PARTS - {PartState.NEEDS_ACCOUNT}
    goes_on = [name for name, part in parts.items() if part.state in ours and part.tender_id not in waits]
    refund = replace(case.refund, overdue=bool(goes_on), parts=tuple(parts.values()))
    waiting = replace(
        case, refund=refund, money_sent=True, deadline_at=context.after(act.now, context.policy.refund_check)
    )
    before = case.refund.by_name
    # Who calls a provider goes on by itself, once it began.
    asked = [name for name in goes_on if parts[name].provider is None or before[name].withheld]
    effects: list[Promised] = [*asked_for(refund, asked), *account_wanted(refund, waits)]
    if goes_on:
        effects.append(RefundOverdue(**parts_of(refund, ours, goes_on)))
    # Who was asked for an account was reminded of that, and knows why it takes long.
    awaited = [part for part in before.values() if part.state in ours and part.tender_id not in waits]
    if any(part.arrives_by <= act.now and not part.asked for part in awaited):
        effects.append(Mail(MailKind.MONEY_DELAYED, Role.BUYER))
    return Step(case=waiting, effects=tuple(effects))


def chased(part: RefundPart, now: datetime, context: StepContext) -> RefundPart:
    if part.state not in OPEN_PARTS:
        return part
    if part.state in AWAITED_PARTS and part.arrives_by > now:
        return part
    if part.state is PartState.NEEDS_ACCOUNT:
        return wants_account(part) if part.asked < MOST_ASKED else replace(part, state=PartState.HELD)
    arrives_by = arrives(part, now, context)
    if part.state in AWAITED_PARTS:
        return replace(part, arrives_by=max(part.arrives_by, arrives_by))
    # Where Batal asked a provider itself its tries are used up, or the way is shut: that is for a person.
    if part.provider or part.state is PartState.HELD or part.tries >= MOST_TRIES:
        return replace(part, state=PartState.HELD)
    return asked_again(part, now, arrives_by)


def arrives(part: RefundPart, now: datetime, context: StepContext) -> datetime:
    """By when a part is there that is sent now."""
    return arrival(context.policy, part.method, now, context.holidays, part.channel)


def _after(order: Order, gone: Mapping[str, int], books: Books) -> Order:
    """The order once these pieces are gone; whether they were cancelled or returned is the same to its money."""
    counts = {line_id: order.cancelled.get(line_id, 0) + count for line_id, count in gone.items()}
    return replace(order, books=books, cancelled={**order.cancelled, **counts})


def order_of(context: StepContext) -> Order:
    """The order that money is promised for: what is left of it is asked in the moment of the promise."""
    if context.order is None:
        raise AssertionError("a refund needs the order that it is of")
    return with_books(context.order, context.policy.refund_order)


class _Gone(TypedDict):
    lines: Sequence[Piece]
    fault: str
    currency: str
    refund_total: int
    fees_total: int
    to_book: ToBook


class _Parts(TypedDict):
    refund_id: str
    currency: str
    parts: Sequence[PartOfRefund]


def parts_of(refund: Refund, states: Collection[PartState], names: Collection[str] | None = None) -> _Parts:
    """What events say of the parts that stand at one of these; only of those with these `names`, where given."""
    found = [name for name, part in refund.by_name.items() if part.state in states]
    parts = [part_told(refund, name) for name in found if names is None or name in names]
    return {"refund_id": refund.refund_id, "currency": refund.currency, "parts": parts}


def part_told(refund: Refund, name: str) -> PartOfRefund:
    """What events say of a part."""
    part = refund.by_name[name]
    return PartOfRefund(
        method=part.method,
        amount=part.amount,
        tender_id=part.tender_id,
        channel=part.channel,
        part=name,
        key=refund.key_of(name),
        account_ending=part.account.ending if part.account else None,
    )


def asked_for(refund: Refund, names: Collection[str]) -> tuple[Promised, ...]:
    """What of these parts is awaited and not withheld is asked for: of a provider that Batal speaks to, by a call for
    each; of all others, by one event that tells the marketplace to."""
    awaited = {
        name: part
        for name, part in refund.by_name.items()
        if name in names and part.state in AWAITED_PARTS and not part.withheld
    }
    calls = tuple(RefundCall(name) for name, part in awaited.items() if part.provider is not None)
    parts = [part_told(refund, name) for name, part in awaited.items() if part.provider is None]
    if not parts:
        return calls
    return *calls, RefundRequested(refund_id=refund.refund_id, currency=refund.currency, parts=parts)


def refund_of(case: Case, act: Act[Said], context: StepContext) -> Refund:
    """The refund as quoted; when it arrives is counted from now, not from the asking. What goes by a tender that waits
    for a chargeback is withheld."""
    tenders = context.order.body.tenders if context.order else ()
    spoken_to = {each.tender_id: each.provider for each in tenders if each.provider in context.providers}
    who = {each.tender_id: case.policy.paid_back_by(each.method) for each in case.quote.tenders}
    shut = {
        each.tender_id
        for each in case.quote.tenders
        if who[each.tender_id] is PaidBackBy.PROVIDER and each.method in case.policy.without_way_back
    }
    made = Refund(
        refund_id=case.refund_id,
        currency=case.quote.currency,
        total=case.quote.refund_total,
        parts=tuple(
            RefundPart(
                method=t.method,
                amount=t.amount,
                state=PartState.NEEDS_ACCOUNT if t.tender_id in shut else _AT_FIRST[who[t.tender_id]],
                arrives_by=arrival(context.policy, t.method, act.now, context.holidays, t.channel),
                tender_id=t.tender_id,
                channel=t.channel,
                provider=spoken_to.get(t.tender_id) if who[t.tender_id] is PaidBackBy.PROVIDER else None,
                asked=1 if t.tender_id in shut else 0,
            )
            for t in case.quote.tenders
        ),
    )
    return withheld(made, waits_for(order_of(context)))


def _credits(case: Case, refund: Refund, now: datetime) -> tuple[Credit, ...]:
    return tuple(credit_of(case, refund, part, now) for part in refund.parts if part.state is PartState.PAID)


def credit_of(case: Case, refund: Refund, part: RefundPart, now: datetime) -> Credit:
    """What the built-in wallet gets for a part."""
    return Credit(
        buyer_id=case.buyer_id,
        currency=refund.currency,
        amount=part.amount,
        refund_id=refund.refund_id,
        part=part.tender_id,
        case_id=case.case_id,
        order_id=case.order_id,
        at=now,
    )
