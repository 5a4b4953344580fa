"""What it does to an open case when its order is told anew and its money is not what it was."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Slot
from chalicelib.domain.cases.commands import Amended
from chalicelib.domain.cases.effects import MailKind, to_both
from chalicelib.domain.cases.events import CaseAmended
from chalicelib.domain.cases.step import Act, Step, StepContext
from chalicelib.domain.errors import Refused
from chalicelib.domain.money.quote import Quote, less_elsewhere, quote
from chalicelib.domain.orders.order import Order, in_money_alone
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
    return Step(case=after, effects=(*to_both(MailKind.AMENDED), event), facts=facts)


def with_less(case: Case, said: Amended) -> Case:
    """The case with what goes back after more went back elsewhere; itself where that is what it was."""
    told = less_elsewhere(case.quote, said.given, said.left)
    if told == case.quote:
        return case
    # Before a fee or a deduction came off it, it was the same money.
    quoted = less_elsewhere(case.quoted, said.given, said.left) if case.quoted else None
    return replace(case, quote=told, quoted=quoted)


def amended_by(case: Case, order: Order, context: StepContext, now: datetime) -> Amended:
    """What all that went back elsewhere means for a request, beyond what it takes into account already: it brings less
    by what the same request would bring more, had nothing gone back elsewhere."""
    all_there = in_money_alone(order)
    nothing_went = replace(all_there, given={}, body=replace(all_there.body, refunds=()))
    without, with_it = (_anew(case, each, context, now).refund_total for each in (nothing_went, all_there))
    more = without - with_it - case.quote.refunded_elsewhere
    return Amended(given=max(0, more), left=order.left_to_refund)


def recalled(case: Case, slot: Slot, order: Order, context: StepContext, now: datetime) -> Case:
    """A case whose refund was taken back, with what went back elsewhere while it was under way. `slot` gives the order
    back what the refund had taken."""

    def without(gone: Mapping[str, int], taken_back: Mapping[str, int]) -> dict[str, int]:
        return {line_id: count + taken_back.get(line_id, 0) for line_id, count in gone.items()}

    left = {method: amount - slot.take.get(method, 0) for method, amount in order.left_of_tenders.items()}
    as_before = replace(
        order,
        left=left,
        settled_elsewhere=order.settled_elsewhere + slot.settles,
        cancelled=without(order.cancelled, slot.cancelled),
        returned=without(order.returned, slot.returned),
    )
    return with_less(case, amended_by(case, as_before, context, now))


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
