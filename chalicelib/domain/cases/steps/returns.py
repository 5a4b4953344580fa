"""Goods on their way back: the buyer sends them, the seller confirms, then the money goes."""

from dataclasses import replace

from chalicelib.domain.cases.case import Case, Goods, State
from chalicelib.domain.cases.commands import GoodsReceived, ShippedBack, Withdraw
from chalicelib.domain.cases.effects import Mail, MailKind
from chalicelib.domain.cases.events import ReturnShipped
from chalicelib.domain.cases.outbox import without_reminders
from chalicelib.domain.cases.step import Act, Step, StepContext, pieces, wait
from chalicelib.domain.cases.steps.answers import first_yes, needs_second_person, withdraw
from chalicelib.domain.cases.steps.refunds import pay_back
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.policy import Silence
from chalicelib.domain.policies.reasons import Kind


def shipped_back(case: Case, act: Act[ShippedBack], context: StepContext) -> Step:
    """The buyer sent the goods. The seller's time to confirm begins; their silence means that the goods arrived.

    Told again it corrects the tracking number and moves no deadline. Raises Invalid `tracking_number_required`.
    """
    returns = context.policy.returns
    if case.kind is not Kind.RETURN or returns is None or case.goods is None:
        raise Refused("not_now")
    if not act.said.tracking_number:
        raise Invalid("tracking_number_required")
    carrier = act.said.carrier or case.goods.carrier
    sent: Goods = replace(case.goods, tracking_number=act.said.tracking_number, carrier=carrier)
    facts = {"carrier": carrier} if carrier else None
    if case.goods.sent_at is not None:
        return Step(case=replace(case, goods=sent), facts=facts)
    on_its_way = replace(case, goods=replace(sent, sent_at=act.now), outbox=without_reminders(case.outbox))
    waiting = wait(on_its_way, State.AWAITING_GOODS, context.after(act.now, returns.receipt), Silence.APPROVE)
    told = ReturnShipped(
        lines=pieces(case.lines),
        tracking_number=act.said.tracking_number,
        carrier=sent.carrier,
        confirm_by=waiting.deadline_at,
    )
    return Step(case=waiting, effects=(Mail(MailKind.GOODS_SENT, Role.SELLER), told), facts=facts)


def goods_received(case: Case, act: Act[GoodsReceived], context: StepContext) -> Step:
    """The seller has the goods: the money goes back. Customer service may say so, too, with a second person where the
    amount needs one."""
    if act.actor.role is Role.SUPPORT and needs_second_person(case, context):
        return first_yes(case, act.actor.id, act, context)
    return pay_back(case, act, context)


def withdraw_before_sending(case: Case, act: Act[Withdraw], context: StepContext) -> Step:
    """The buyer withdraws while the goods are still theirs. Raises Refused `not_now` once they are on their way."""
    if case.goods is not None and case.goods.sent_at is not None:
        raise Refused("not_now")
    return withdraw(case, act, context)
