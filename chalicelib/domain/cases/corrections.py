"""Money that goes back without anybody's request: of orders that their platform cancelled by itself, and money that
came for pieces which were gone already."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.card import words_of
from chalicelib.domain.cases.case import Asked, Case, State, mark_of
from chalicelib.domain.cases.change import Change, Slot
from chalicelib.domain.cases.commands import Correct, Whole
from chalicelib.domain.cases.effects import Mail, MailKind, Promised
from chalicelib.domain.cases.events import CaseOpened, OrderCancelled
from chalicelib.domain.cases.step import Act, StepContext, pieces, with_facts
from chalicelib.domain.cases.steps.refunds import pay_back
from chalicelib.domain.cases.transitions import commit_of
from chalicelib.domain.money.books import books_of
from chalicelib.domain.money.quote import Quote, quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.books import Books
from chalicelib.domain.orders.order import Order, in_money_alone
from chalicelib.domain.orders.statuses import ARRIVED, OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Elsewhere
from chalicelib.domain.policies.reasons import Kind, fault_of

# Why money goes back that came after its pieces had gone.
LATE_MONEY = "late_money"
NOTHING_MORE: Mapping[str, str] = {}


def whole_of(before: Order, after: Order, context: StepContext, now: datetime) -> Whole | None:
    """What goes back for all that is still there, where the platform has cancelled the order and policy says that Batal
    pays; None elsewhere, and where there is no money. Both orders are as they were told, `after` with its books.

    Nobody chose it, so no fee is kept. That an order was cancelled proves no payment: what was collected is what was so
    before, or was told. Money that is told after the end of an order goes back, too.
    """
    if after.status is not OrderStatus.CANCELLED or context.policy.cancelled_elsewhere is not Elsewhere.BATAL_PAYS:
        return None
    was, is_now = (with_books(order, context.policy.refund_order) for order in (before, after))
    if before.status is OrderStatus.CANCELLED and books_of(was).accounts == books_of(is_now).accounts:
        return None
    told = in_money_alone(replace(before, books=is_now.books))
    then = replace(told, given=after.given, body=replace(told.body, refunds=after.body.refunds))
    lines = then.remaining
    if then.is_split and before.status is not OrderStatus.CANCELLED:
        # What a buyer has is theirs to send back.
        there = {line_id: [x for x in mine if x.status not in ARRIVED] for line_id, mine in then.pools.items()}
        lines = {line_id: sum(pool.count for pool in mine) for line_id, mine in there.items() if mine}
    money = quote(then, context.policy, Fault.PLATFORM, now, context.holidays, wanted=lines)
    return Whole(lines=lines, quote=money) if lines and money.refund_total else None


def correct(after: Order, whole: Whole, act: Act[Correct], context: StepContext, case_id: str) -> Change:
    """The case that gives the money of an order back which no request is open for; the buyer is told, with the
    platform's reason."""
    case = correction(after, whole.quote, act, context, case_id)
    case = replace(case, lines=whole.lines, worth=after.worth(whole.lines).amount)
    return paid_back(case, after, act, context, beside=False)


def late_money(order: Order, context: StepContext, now: datetime) -> Quote | None:
    """What came for pieces that were gone already and goes back, all of it, without a fee; None where there is none.
    The order has its books."""
    told = quote(order, context.policy, Fault.PLATFORM, now, context.holidays, wanted={})
    return told if told.refund_total else None


def give_back_late(order: Order, late: Quote, act: Act[Correct], context: StepContext, case_id: str) -> Change:
    """The case that gives it back, beside whatever else is asked of the order."""
    case = replace(correction(order, late, act, context, case_id), holds_slot=False)
    return paid_back(case, order, act, context, beside=True)


def correction(order: Order, money: Quote, act: Act[Correct], context: StepContext, case_id: str) -> Case:
    """A case that nobody asked for, with what goes back by it."""
    said, body = act.said, order.body
    known = fault_of(said.reason)
    code = said.reason if known or said.reason == LATE_MONEY else None
    return Case(
        case_id=case_id,
        kind=Kind.CORRECTION,
        order_id=order.order_id,
        display_id=body.display_id,
        words=words_of(body, {}),
        platform=body.platform,
        buyer_id=body.buyer.id,
        seller_id=body.seller.id,
        state=State.REFUNDING,
        asked=Asked(
            reason_code=code,
            fault=known or Fault.PLATFORM,
            comment=None if code else said.reason,
            channel=None,
            by=act.actor,
            terms_version=None,
        ),
        lines={},
        quote=money,
        policy=mark_of(context.policy),
        attempt=0,
        created_at=act.now,
        updated_at=act.now,
        order_status=order.status,
        worth=order.worth({}).amount,
    )


def paid_back(
    case: Case,
    order: Order,
    act: Act[Correct],
    context: StepContext,
    *,
    beside: bool,
    books: Books | None = None,
    facts: Mapping[str, str] = NOTHING_MORE,
) -> Change:
    """The case with its money on the way. `books`: those of the order after it, where it is not about gone pieces, so
    that nothing is kept of what they would bring. `facts` are for its timeline, beside its own."""
    granted = pay_back(case, act, replace(context, order=order))
    if books and granted.slot and granted.case.refund:
        given = replace(granted.case, refund=replace(granted.case.refund, kept={}))
        granted = replace(granted, case=given, slot=replace(granted.slot, books=books))
    effects: tuple[Promised, ...] = (CaseOpened(lines=pieces(case.lines)), *filter(_is_news, granted.effects))
    slot = granted.slot or Slot(order_id=case.order_id, case_id=case.case_id, seen=order)
    if beside and slot.books:
        slot = replace(slot, books=replace(slot.books, beside=(*slot.books.beside, case.case_id)))
    slot = replace(slot, opens=True, beside=beside)
    granted = with_facts(granted, {"reason": act.said.reason, "lines": dict(case.lines), **facts})
    return commit_of(None, replace(granted, effects=context.with_run(effects), slot=slot), act, context)


def _is_news(effect: Promised) -> bool:
    """The platform knows that it cancelled, and has told the seller."""
    to_seller = isinstance(effect, Mail) and effect.kind is MailKind.APPROVED and effect.to is Role.SELLER
    return not to_seller and not isinstance(effect, OrderCancelled)
