"""What it does to an open case when its order is told anew and its money is not what it was."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Amended
from chalicelib.domain.cases.events import CaseAmended
from chalicelib.domain.cases.step import Act, Step, StepContext
from chalicelib.domain.errors import Refused
from chalicelib.domain.money.quote import Quote, less_elsewhere, quote
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.reasons import Kind


def amend(case: Case, act: Act[Amended], context: StepContext) -> Step:
    """The case with its new money. What was agreed with anybody stays agreed. Raises Refused `not_now` where the money
    is what it was."""
    after = with_less(case, act.said)
    if after is case:
        raise Refused("not_now")
    before, told = case.quote.refund_total, after.quote
    event = CaseAmended(currency=told.currency, refund_total=told.refund_total, refund_before=before)
    facts = {"refund_total": told.refund_total, "refund_before": before}
    return Step(case=after, effects=(event,), facts=facts)


def with_less(case: Case, said: Amended) -> Case:
    """The case with what goes back after more went back elsewhere; itself where that is what it was."""
    told = less_elsewhere(case.quote, said.given, said.left)
    if told == case.quote:
        return case
    # Before a fee or a deduction came off it, it was the same money.
    quoted = less_elsewhere(case.quoted, said.given, said.left) if case.quoted else None
    return replace(case, quote=told, quoted=quoted)


def amended_by(case: Case, before: Order, after: Order, context: StepContext, now: datetime) -> Amended:
    """What more money given back elsewhere means for an open request: it brings less by what the same request would
    bring less than before."""
    was, is_now = (_anew(case, order, context, now) for order in (before, after))
    return Amended(given=max(0, was.refund_total - is_now.refund_total), left=after.left_to_refund)


def _anew(case: Case, order: Order, context: StepContext, now: datetime) -> Quote:
    """What the request would bring in this order; pieces that went elsewhere meanwhile bring nothing."""
    rest = order.remaining
    still = {line_id: min(count, rest.get(line_id, 0)) for line_id, count in case.lines.items()}
    returns = context.policy.returns if case.kind is Kind.RETURN else None
    return quote(
        replace(order, status=case.order_status),
        context.policy,
        case.asked.fault,
        now,
        context.holidays,
        wanted={line_id: count for line_id, count in still.items() if count},
        fee=returns.fee if returns else None,
    )
