"""What a yes to a return says beyond yes: where the goods go, and what is kept for goods that are back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.eligibility import no_more_than, per_line
from chalicelib.domain.cases.events import Piece
from chalicelib.domain.cases.goods import WayBack
from chalicelib.domain.cases.step import StepContext
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.quote import Quote, less_deduction, less_fee, quote
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import Returns
from chalicelib.domain.policies.reasons import Kind


def way_back_of(case: Case, context: StepContext) -> WayBack:
    """How the goods of a return travel, as far as it is known; rows from before it was kept know who pays."""
    returns = context.policy.returns or Returns()
    return case.way_back or WayBack(paid_by=returns.way_back_paid_by(case.asked.fault))


def with_way_back(case: Case, said: Approve, context: StepContext) -> Case:
    """A return with where the goods go, as somebody said along with their yes. Raises Invalid
    `return_address_not_allowed` where no goods are to be sent."""
    if said.return_address is None and said.pickup_code is None:
        return case
    if case.kind is not Kind.RETURN or case.goods is not None or case.is_money_alone:
        raise Invalid("return_address_not_allowed")
    before = way_back_of(case, context)
    way = replace(
        before,
        address=said.return_address or before.address,
        pickup_code=said.pickup_code or before.pickup_code,
    )
    return replace(case, way_back=way)


def reckoned(case: Case, said: Approve, context: StepContext, now: datetime) -> Case:
    """A return whose goods are back, with what customer service keeps of its money, and the pieces it dismisses. What
    was reckoned before counts no longer.

    Raises Invalid `deduction_not_allowed` where no goods were sent back, `deduction_too_high`, `validation_failed` for
    pieces that are not of the case.
    """
    goods = case.goods
    if case.kind is not Kind.RETURN or goods is None or goods.sent_at is None:
        raise Invalid("deduction_not_allowed")
    full, base, dismissed = case.full_quote, case.full_quote, {}
    if said.lines is not None:
        accepted = some_of(case, said.lines)
        dismissed = {line: count - accepted.get(line, 0) for line, count in case.lines.items()}
        dismissed = {line: count for line, count in dismissed.items() if count}
        base = _quote_of(case, accepted, context, now) if dismissed else full
    # A fee that the buyer agreed to stays agreed.
    if fee := min(case.quote.agreed_fee, base.refund_total):
        base = less_fee(base, fee)
    if said.deduction:
        if not 0 < said.deduction <= base.refund_total:
            raise Invalid("deduction_too_high", deduction=said.deduction, at_most=base.refund_total)
        base = less_deduction(base, said.deduction)
    return replace(case, quote=base, quoted=full, dismissed=dismissed)


def _quote_of(case: Case, lines: Mapping[str, int], context: StepContext, now: datetime) -> Quote:
    if context.order is None or context.policy.returns is None:
        raise AssertionError("pieces that are dismissed need the order, to quote anew")
    fee = context.policy.returns.fee
    # A return exists since the goods had arrived, whatever the order's system says since.
    delivered = replace(context.order, status=OrderStatus.DELIVERED)
    return quote(delivered, context.policy, case.asked.fault, now, context.holidays, wanted=lines, fee=fee)


def some_of(case: Case, named: Sequence[Piece]) -> Mapping[str, int]:
    """These pieces by line id. Raises Invalid `validation_failed` where they are not of the case, or a line stands
    twice."""
    return no_more_than(case.lines, per_line((piece.line_id, piece.quantity) for piece in named))
