"""Whether an order may be cancelled right now, who must agree, by when, and what silence will mean."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.case import Kind
from chalicelib.domain.deadline import later
from chalicelib.domain.order import Order
from chalicelib.domain.order import OrderStatus as S
from chalicelib.domain.policy import Policy, Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`refusal` is a stable code, None where the buyer may ask. Without `needs_seller` the asking itself cancels.

    `warnings` and `alternatives` are codes of texts.
    """

    refusal: str | None = None
    needs_seller: bool = False
    answer_by: datetime | None = None
    if_silent: Silence | None = None
    alternatives: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def eligible(self) -> bool:
        """Whether the buyer may ask."""
        return self.refusal is None


def judge(order: Order, policy: Policy, kind: Kind, now: datetime, holidays: Collection[date] = ()) -> Verdict:
    """The verdict for the whole order at `now` (UTC). Pure: asking for options and asking to cancel share it."""
    if kind is Kind.RETURN:
        return _no("already_cancelled") if order.standing is S.CANCELLED else _no("not_available", "contact_support")
    refusal = _refusal(order, policy)
    if refusal:
        return refusal
    if order.standing is S.UNPAID or policy.instant_until(order, now):
        return Verdict()
    answer = policy.answers.get(order.standing)
    if answer is None:
        return _no("policy_forbids", "contact_support")
    return Verdict(
        needs_seller=True,
        answer_by=later(now, answer.within, policy.zone, holidays),
        if_silent=answer.if_silent,
        alternatives=("return_after_delivery",) if order.standing is S.SHIPPED else (),
        warnings=_warnings(order),
    )


def _refusal(order: Order, policy: Policy) -> Verdict | None:
    if order.standing is S.CANCELLED:
        return _no("already_cancelled")
    if order.open_case:
        return _no("case_open", "see_case")
    if order.standing is S.DELIVERED:
        return _no("already_delivered", "return")
    if order.standing is S.COMPLETED:
        return _no("order_completed", "contact_support")
    if order.attempts >= policy.max_attempts:
        return _no("attempts_used_up", "return_after_delivery" if order.standing is S.SHIPPED else "contact_support")
    if any(line.category in policy.excluded_categories for line in order.body.lines):
        return _no("policy_forbids", "contact_support")
    return None


def _no(code: str, *alternatives: str) -> Verdict:
    return Verdict(refusal=code, alternatives=alternatives)


def _warnings(order: Order) -> tuple[str, ...]:
    if order.standing is S.READY_TO_SHIP:
        return ("parcel_is_packed",)
    return ("parcel_is_travelling",) if order.standing is S.SHIPPED else ()
