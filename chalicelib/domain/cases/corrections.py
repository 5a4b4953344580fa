"""Orders that their platform cancelled by itself, with money collected: what goes back, as a case without a request."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.case import Asked, Case, State, mark_of
from chalicelib.domain.cases.change import Change, Slot
from chalicelib.domain.cases.commands import Correct, Whole
from chalicelib.domain.cases.effects import Mail, MailKind, Promised
from chalicelib.domain.cases.events import CaseOpened, OrderCancelled
from chalicelib.domain.cases.step import Act, StepContext, pieces
from chalicelib.domain.cases.steps.refunds import pay_back
from chalicelib.domain.cases.transitions import commit_of
from chalicelib.domain.money.quote import quote
from chalicelib.domain.orders.order import Order, in_money_alone
from chalicelib.domain.orders.statuses import ARRIVED, OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Elsewhere
from chalicelib.domain.policies.reasons import Kind, fault_of


def whole_of(before: Order, after: Order, context: StepContext, now: datetime) -> Whole | None:
    """What goes back for all that is still there, where the platform cancels the order between these two and policy
    says that Batal pays; None elsewhere, and where there is no money.

    Nobody chose it, so no fee is kept. That an order was cancelled proves no payment: what was collected is what was so
    before.
    """
    cancelled = after.status is OrderStatus.CANCELLED and before.status is not OrderStatus.CANCELLED
    if not cancelled or context.policy.cancelled_elsewhere is not Elsewhere.BATAL_PAYS:
        return None
    told = in_money_alone(before)
    then = replace(told, given=after.given, body=replace(told.body, refunds=after.body.refunds))
    lines = then.remaining
    if then.is_split:
        # What a buyer has is theirs to send back.
        there = {line_id: [x for x in mine if x.status not in ARRIVED] for line_id, mine in then.pools.items()}
        lines = {line_id: sum(pool.count for pool in mine) for line_id, mine in there.items() if mine}
    money = quote(then, context.policy, Fault.PLATFORM, now, context.holidays, wanted=lines)
    return Whole(lines=lines, quote=money) if lines and money.refund_total else None


def correct(before: Order, after: Order, whole: Whole, act: Act[Correct], context: StepContext, case_id: str) -> Change:
    """The case that gives the money of an order back which no request is open for; the buyer is told, with the
    platform's reason."""
    said, body = act.said, after.body
    known = fault_of(said.reason)
    case = Case(
        case_id=case_id,
        kind=Kind.CORRECTION,
        order_id=after.order_id,
        display_id=body.display_id,
        platform=body.platform,
        buyer_id=body.buyer.id,
        seller_id=body.seller.id,
        state=State.REFUNDING,
        asked=Asked(
            reason_code=said.reason if known else None,
            fault=known or Fault.PLATFORM,
            comment=None if known else said.reason,
            channel=None,
            by=act.actor,
            terms_version=None,
        ),
        lines=whole.lines,
        quote=whole.quote,
        policy=mark_of(context.policy),
        attempt=0,
        created_at=act.now,
        updated_at=act.now,
        order_status=after.status,
        worth=before.worth(whole.lines).amount,
    )
    granted = pay_back(case, act, context)
    effects: tuple[Promised, ...] = (CaseOpened(lines=pieces(case.lines)), *filter(_is_news, granted.effects))
    slot = replace(granted.slot or Slot(order_id=case.order_id, case_id=case_id), seen=before)
    facts = {**(granted.facts or {}), "reason": said.reason, "lines": dict(case.lines)}
    return commit_of(None, replace(granted, effects=context.with_run(effects), slot=slot, facts=facts), act, context)


def _is_news(effect: Promised) -> bool:
    """The platform knows that it cancelled, and has told the seller."""
    to_seller = isinstance(effect, Mail) and effect.kind is MailKind.APPROVED and effect.to is Role.SELLER
    return not to_seller and not isinstance(effect, OrderCancelled)
