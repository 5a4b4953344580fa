"""The buyer keeps the goods and gets a part of the money back: the order goes on, and nothing of it is cancelled."""

from dataclasses import replace

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Slot
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import Said
from chalicelib.domain.cases.effects import MailKind, to_both
from chalicelib.domain.cases.events import CasePartialRefundAgreed, OrderReleaseShipment
from chalicelib.domain.cases.step import Act, Step, StepContext, pieces, with_facts
from chalicelib.domain.cases.steps.refunds import on_its_way, order_of, refund_of
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.booking import ToBook
from chalicelib.domain.money.goodwill import Gesture, goodwill_quote, parts_of, room_by, with_goodwill
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import BOUND_FOR_BUYER, OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import GivenFor, Kind

# The goods are being made ready for the buyer, on their way to them, or with them.
_COMING = BOUND_FOR_BUYER | {OrderStatus.PROCESSING, OrderStatus.READY_TO_SHIP}


def may_keep(case: Case) -> bool:
    """Whether there are goods that the buyer has, or is to get."""
    turned = case.parcel is ParcelWord.INTERCEPTED
    return case.goods is None and case.asked.goods_come_back and case.order_status in _COMING and not turned


def most_for_keeping(order: Order) -> int:
    """The most that may be given back of an order that goes on, in minor units: money that was collected and has
    neither gone back nor was kept. The order has its books."""
    return sum(room_by(order).values())


def check_for_keeping(case: Case, amount: int, context: StepContext) -> None:
    """Raises Invalid `partial_refund_not_allowed` where there are no goods to keep, `partial_refund_too_high` for an
    amount of nothing, or of more than there is to give."""
    if not may_keep(case):
        raise Invalid("partial_refund_not_allowed")
    most = most_for_keeping(order_of(context))
    if not 0 < amount <= most:
        raise Invalid("partial_refund_too_high", partial_refund=amount, at_most=most)


def check_still_there(case: Case, amount: int, context: StepContext) -> None:
    """Raises Refused `offer_superseded` where what was offered is not to be had any more: the goods are not coming, or
    the money went back otherwise."""
    most = most_for_keeping(order_of(context))
    if not may_keep(case) or amount > most:
        raise Refused("offer_superseded", partial_refund=amount, at_most=most)


def give_for_keeping(case: Case, act: Act[Said], context: StepContext) -> Step:
    """What was agreed goes back, by all money that is left in proportion; the parcel may go on, and the order is free
    for another request at once. A parcel that moved meanwhile takes nothing from anybody.

    Raises Refused `offer_superseded` as check_still_there.
    """
    amount = case.partial_refund_agreed
    if amount is None or case.offer is None:
        raise Invalid("offer_missing")
    check_still_there(case, amount, context)
    order, full = order_of(context), case.full_quote
    wish = Gesture(amount=amount, reason=GivenFor.PARTIAL_KEEP, note="")
    parts = parts_of(order, wish)
    money = goodwill_quote(order, context.policy, wish, parts, act.now, context.holidays, label="partial_refund")
    settled = replace(case, quote=money, quoted=full, holds_slot=False)
    settled = replace(settled, refund=refund_of(settled, act, context))
    slot = Slot(
        order_id=case.order_id, case_id=case.case_id, seen=order, books=with_goodwill(order, parts), releases=True
    )
    by_seller = case.offer.by is None or case.offer.by.role is Role.SELLER
    told = CasePartialRefundAgreed(
        lines=pieces(case.lines),
        currency=money.currency,
        partial_refund=amount,
        refund_id=case.refund_id,
        offered_by=Role.SELLER if by_seller else Role.SUPPORT,
        to_book=ToBook(lines=(), payout_reversal=amount if by_seller else 0, kept=(), to_collect=()),
    )
    # What was held while the seller was asked may go on.
    free = (OrderReleaseShipment(lines=pieces(case.lines)),) if case.kind is Kind.CANCELLATION else ()
    step = on_its_way(settled, (*to_both(MailKind.SETTLED), told, *free), slot, act, context)
    return with_facts(step, {"partial_refund": amount})
