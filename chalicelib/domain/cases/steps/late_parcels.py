"""A parcel that leaves, or arrives, although its order was cancelled: said to everybody, and settled by a person."""

from dataclasses import replace

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import Command, OrderMoved, SettleParcel
from chalicelib.domain.cases.effects import Mail, MailKind, Promised, to_both
from chalicelib.domain.cases.events import OrderLateParcelSettled, OrderShippedAfterCancellation
from chalicelib.domain.cases.step import Act, Step, StepContext, pieces
from chalicelib.domain.errors import Refused
from chalicelib.domain.orders.statuses import BOUND_FOR_BUYER, OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind


def may_yet_arrive(case: Case) -> bool:
    """Whether a parcel that had left when its order was cancelled may reach the buyer all the same: nobody has said
    that it was stopped or is back."""
    had_left = case.order_status in BOUND_FOR_BUYER or case.goods is not None
    stopped = case.parcel is ParcelWord.INTERCEPTED
    back = case.decision is not None and case.decision.command is Command.GOODS_RECEIVED
    cancelled = case.outcome is Outcome.CANCELLED or (case.state is State.REFUNDING and case.kind is Kind.CANCELLATION)
    return cancelled and had_left and not stopped and not back


def is_late(case: Case) -> bool:
    """Whether a parcel left late and nobody has said what becomes of it."""
    return case.late_parcel is not None and case.late_parcel_way is None


def leave_late(case: Case, act: Act[OrderMoved], context: StepContext) -> Step:
    """The parcel of a cancelled order moved. Raises Refused `already_decided` where that is none of this case's."""
    status = act.said.order_status
    if case.outcome is not Outcome.CANCELLED or status not in BOUND_FOR_BUYER or case.late_parcel is status:
        raise Refused("already_decided")
    return marked_late(case, status, act.said.tracking_number)


def marked_late(case: Case, status: OrderStatus, tracking_number: str | None) -> Step:
    """The case with the mark. The seller is written to once; every further move is an event."""
    told = OrderShippedAfterCancellation(
        order_status=status,
        tracking_number=tracking_number,
        lines=pieces(case.lines),
        currency=case.quote.currency,
        refund_total=case.quote.refund_total,
    )
    effects: tuple[Promised, ...] = (told,)
    if case.late_parcel is None:
        effects = (Mail(MailKind.LATE_PARCEL, Role.SELLER), told)
    return Step(case=replace(case, late_parcel=status), effects=effects, facts={"order_status": status})


def settle_parcel(case: Case, act: Act[SettleParcel], context: StepContext) -> Step:
    """What becomes of it: called back, kept and paid again, or sent back. Said once.

    Raises Refused `not_now` where no parcel left late, `already_decided` where it was said before.
    """
    if case.late_parcel is None or case.kind is not Kind.CANCELLATION:
        raise Refused("not_now")
    if case.late_parcel_way is not None:
        raise Refused("already_decided")
    way = act.said.way
    told = OrderLateParcelSettled(
        way=way, lines=pieces(case.lines), currency=case.quote.currency, amount=case.quote.refund_total
    )
    settled = replace(case, late_parcel_way=way)
    return Step(case=settled, effects=(*to_both(MailKind.PARCEL_SETTLED), told), facts={"way": way})
