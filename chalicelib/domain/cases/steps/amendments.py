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
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.books import books_of
from chalicelib.domain.money.quote import Quote, arrival, less_deduction, less_elsewhere, less_fee, quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.reasons import Kind


def amend(case: Case, act: Act[Amended], context: StepContext) -> Step:
    """The case with its new money. What was agreed with anybody stays agreed; the buyer may withdraw, and keeps the
    attempt. Raises Refused `not_now` where the money is what it was."""
    after = with_new_money(case, act.said)
    if after is case:
        raise Refused("not_now")
    before, told = case.quote.refund_total, after.quote
    event = CaseAmended(currency=told.currency, refund_total=told.refund_total, refund_before=before)
    facts = {"refund_total": told.refund_total, "refund_before": before}
    return Step(case=after, effects=(*to_both(MailKind.AMENDED), event), facts=facts)


def with_new_money(case: Case, said: Amended) -> Case:
    """The case with what it brings in the order as it is now; itself where that is what it was.

    A quote that was made otherwise, by an earlier version, is honoured: it is lowered by what the order lost, and never
    raised.
    """
    if _parts(said.before) == _parts(said.after):
        return case
    lost = {name: count - _parts(said.after).get(name, 0) for name, count in _parts(said.before).items()}
    honoured = _parts(case.full_quote) != _parts(said.before)
    if case.dismissed:
        told = replace(case, quote=_lowered(case.quote, lost), quoted=_lowered(case.full_quote, lost))
    else:
        told = requoted(case, _lowered(case.full_quote, lost) if honoured else said.after)
    return case if told.quote.lines == case.quote.lines else replace(told, amended=True)


def requoted(case: Case, anew: Quote) -> Case:
    """The case with this as its quote. What came off the one before comes off it again: a fee that was agreed to, what
    is kept for goods."""
    if case.quoted is None:
        return replace(case, quote=anew)
    told = less_fee(anew, case.quote.agreed_fee) if case.quote.agreed_fee else anew
    kept = min(case.quote.deducted, told.refund_total)
    return replace(case, quote=less_deduction(told, kept) if kept else told, quoted=anew)


def amended_by(case: Case, before: Order, after: Order, context: StepContext, now: datetime) -> Amended:
    """What the order told anew means for a request: what it would have brought, and what it brings. Both orders have
    their books."""
    return Amended(before=quoted_anew(case, before, context, now), after=quoted_anew(case, after, context, now))


def recalled(case: Case, slot: Slot, order: Order, context: StepContext, now: datetime) -> Case:
    """A case whose refund was taken back, with what its order is by now. `slot` gives the order back what the refund
    had taken."""
    as_before = replace(
        order,
        books=slot.books,
        open_case=case.case_id,
        cancelled=_with(order.cancelled, slot.cancelled),
        returned=_with(order.returned, slot.returned),
    )
    return case if case.dismissed else brought_up_to_date(case, as_before, context, now)


def brought_up_to_date(case: Case, order: Order, context: StepContext, now: datetime) -> Case:
    """A case that begins anew, with what it brings in its order as that is by now.

    Of rows from before `quoted_at` was kept nobody knows by which status their fee was quoted: what was told stays, but
    for what went back elsewhere.
    """
    anew = quoted_anew(case, order, context, now)
    if case.quoted_at is None:
        nothing_went = replace(order, given={}, body=replace(order.body, refunds=()))
        parts, known, lost = _parts(anew), case.quote.refunded_elsewhere, dict[str, int]()
        for name, amount in _parts(quoted_anew(case, nothing_went, context, now)).items():
            gone = max(0, amount - parts.get(name, 0))
            lost[name] = max(0, gone - known)
            known -= gone - lost[name]
        quoted = _lowered(case.quoted, lost) if case.quoted else None
        return replace(case, quote=_lowered(case.quote, lost), quoted=quoted)
    return case if _parts(anew) == _parts(case.full_quote) else requoted(case, anew)


def with_lower_fee(case: Case, fee: int, context: StepContext, now: datetime) -> Case:
    """The case with less of its cancellation fee, in minor units. What is waived counts as charged, so that a later
    part of the order is not charged for it. Raises Invalid `fee_too_high` above what was quoted."""
    full = case.full_quote
    if not 0 <= fee < full.cancellation_fee:
        raise Invalid("fee_too_high", fee=fee, at_most=max(0, full.cancellation_fee - 1))
    if context.order is None:
        raise AssertionError("a fee that is waived needs the order, to quote anew")
    order = with_books(context.order, context.policy.refund_order)
    told = quoted_anew(case, order, context, now, flat=fee + books_of(order).fee_charged)
    return requoted(case, replace(told, fee_points=full.fee_points, fee_charged=full.fee_charged))


def quoted_anew(case: Case, order: Order, context: StepContext, now: datetime, *, flat: int | None = None) -> Quote:
    """What the request would bring in this order, by the rules of when it was asked; pieces that went elsewhere
    meanwhile bring nothing. `flat`: for this fee of the order, in minor units, in place of the policy's."""
    rest = order.remaining
    still = {line_id: min(count, rest.get(line_id, 0)) for line_id, count in case.lines.items()}
    returns = context.policy.returns if case.kind is Kind.RETURN else None
    made = quote(
        replace(order, status=case.quoted_at or case.order_status),
        context.policy,
        case.asked.fault,
        case.created_at,
        context.holidays,
        wanted={line_id: count for line_id, count in still.items() if count},
        fee=returns.fee if returns else None,
        flat=flat,
    )
    tenders = tuple(
        replace(each, arrives_by=arrival(context.policy, each.method, now, context.holidays, each.channel))
        for each in made.tenders
    )
    return replace(made, tenders=tenders)


def _parts(told: Quote) -> Mapping[str, int]:
    return {tender.tender_id: tender.amount for tender in told.tenders}


def _lowered(told: Quote, lost: Mapping[str, int]) -> Quote:
    left = {name: max(0, amount - max(0, lost.get(name, 0))) for name, amount in _parts(told).items()}
    return less_elsewhere(told, left)


def _with(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {line_id: counts.get(line_id, 0) + more.get(line_id, 0) for line_id in {**counts, **more}}
