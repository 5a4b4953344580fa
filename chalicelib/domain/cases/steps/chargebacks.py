"""What chargebacks do to a refund that is under way: its parts wait, go on, or do not go any more."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import TypeVar

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.change import Slot
from chalicelib.domain.cases.commands import ChargebackTold, Said
from chalicelib.domain.cases.effects import Mail, MailKind, Promised
from chalicelib.domain.cases.events import OrderChargeback
from chalicelib.domain.cases.step import Act, Step, StepContext, with_facts
from chalicelib.domain.cases.steps.refunds import account_wanted, all_gone, arrives, asked_for, asks, parts_of
from chalicelib.domain.errors import Refused
from chalicelib.domain.money.books import names_of
from chalicelib.domain.money.chargebacks import STOPPED, less_what_banks_took, waits_for, withheld
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import (
    AWAITED_PARTS,
    MOST_TRIES,
    OPEN_PARTS,
    PartState,
    Refund,
    RefundPart,
    asked_again,
)
from chalicelib.domain.orders.order import Order

S = TypeVar("S", bound=Said)

# These say that money is late, which is not so once the bank gave it.
_LATE = frozenset({MailKind.MONEY_DELAYED, MailKind.MONEY_BOUNCED})


def heard_as(event_id: str) -> str:
    """Under which id a refund remembers a word about a chargeback."""
    return f"chargeback:{event_id}"


def concerned(refund: Refund, order: Order, tender_id: str) -> list[str]:
    """The names of the parts that go by this tender, under whatever name, and have not gone."""
    names = next((names for names in names_of(order).values() if tender_id in names), frozenset({tender_id}))
    return [name for name, part in refund.open_parts.items() if part.tender_id in names]


def hear_of_chargeback(case: Case, act: Act[ChargebackTold], context: StepContext) -> Step:
    """The order's books know of it already: what is open of its tender waits, goes on, or is what the bank gave.

    Raises Refused `not_now` where nothing of the refund is open by that tender.
    """
    told, order = act.said.told, _order_of(context)
    if case.refund is None or order is None or not concerned(case.refund, order, told.tender_id):
        raise Refused("not_now")
    refund = replace(case.refund, events=(*case.refund.events, heard_as(told.word.event_id))[-20:])
    unsent = not case.money_sent
    if unsent:
        # Whoever delivers marks the row before anything goes out: nobody has been asked for anything.
        refund = withheld(refund, waits_for(order))
    refund, after = less_what_banks_took(refund, order)
    waits, names = waits_for(after), concerned(refund, after, told.tender_id)
    go_on = [name for name in names if refund.by_name[name].tender_id not in waits]
    refund = _gone_on(refund, go_on, case, act.now, context)
    if unsent:
        outbox = {promise: pending for promise, pending in case.outbox.items() if not asks(promise.effect)}
        case, go_on = replace(case, outbox=outbox), list(refund.by_name)
    wanted = account_wanted(refund, waits) if go_on else ()
    event = OrderChargeback(
        tender_id=told.tender_id,
        chargeback_id=told.chargeback_id,
        chargeback_state=told.word.state,
        amount=told.word.amount,
        due_by=told.word.due_by,
        waits=any(refund.by_name[name].tender_id in waits for name in names),
        charged_back=refund.charged_back,
        **parts_of(refund, OPEN_PARTS, names),
    )
    effects = (event, *asked_for(refund, go_on), *wanted)
    step = _with_books(replace(case, refund=refund), order, after, effects, act.now)
    return with_facts(step, {"tender": told.tender_id, "chargeback": told.word.state, "amount": told.word.amount})


def settling(
    step_of: Callable[[Case, Act[S], StepContext], Step],
) -> Callable[[Case, Act[S], StepContext], Step]:
    """The same step, and after it what banks gave is taken off what certainly has not gone of the refund."""

    @wraps(step_of)
    def settled(case: Case, act: Act[S], context: StepContext) -> Step:
        step, order = step_of(case, act, context), _order_of(context)
        if step.case.refund is None or order is None:
            return step
        refund, after = less_what_banks_took(step.case.refund, order)
        if after is order:
            return step
        was, waits = step.case.refund.by_name, waits_for(after)
        smaller = [name for name, part in refund.open_parts.items() if name in was and part.amount < was[name].amount]
        go_on = [name for name in smaller if refund.by_name[name].tender_id not in waits]
        refund = _gone_on(refund, go_on, step.case, act.now, context)
        said = tuple(each for each in step.effects if refund.due or not (isinstance(each, Mail) and each.kind in _LATE))
        effects = (*said, *asked_for(refund, go_on))
        ended = _with_books(replace(step.case, refund=refund, money_sent=True), order, after, effects, act.now)
        return with_facts(ended, {**(step.facts or {}), "charged_back": refund.charged_back})

    return settled


def _order_of(context: StepContext) -> Order | None:
    return with_books(context.order, context.policy.refund_order) if context.order else None


def _with_books(case: Case, order: Order, after: Order, effects: tuple[Promised, ...], now: datetime) -> Step:
    """The case with its refund as it now is, at its end where nothing is open any more; its order's books are those of
    `after`."""
    ends = case.state is not State.CLOSED and case.refund is not None and not case.refund.due
    step = all_gone(case, now) if ends else Step(case=case)
    slot = step.slot
    if after is not order:
        mine = case.open and case.holds_slot
        slot = slot or Slot(order_id=case.order_id, case_id=case.case_id, beside=not mine)
        slot = replace(slot, seen=order, books=after.books)
    return replace(step, effects=(*effects, *step.effects), slot=slot)


def _gone_on(refund: Refund, names: Collection[str], case: Case, now: datetime, context: StepContext) -> Refund:
    """The refund once these parts need not wait any more: what was withheld or stopped is due; what failed before is
    tried anew as long as the case waits for it."""
    for name in names:
        refund = refund.with_part(name, _part_gone_on(refund.by_name[name], case, now, context))
    return refund


def _part_gone_on(part: RefundPart, case: Case, now: datetime, context: StepContext) -> RefundPart:
    arrives_by = arrives(part, now, context)
    if part.state in AWAITED_PARTS:
        return replace(part, withheld=False, arrives_by=max(part.arrives_by, arrives_by))
    stopped = part.report is not None and part.report.code == STOPPED
    by_itself = case.state is State.REFUNDING and part.provider is None and part.tries < MOST_TRIES
    if part.state in (PartState.FAILED, PartState.REVERSED) and (stopped or by_itself):
        return asked_again(part, now, arrives_by)
    return part
