"""Asking: what a buyer sees before, and the case that opens (or closes at once) when they confirm."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.domain.case import Asked, Case, Channel, Kind, PolicyMark, Role, State
from chalicelib.domain.change import Change, Slot
from chalicelib.domain.effects import START
from chalicelib.domain.eligibility import Verdict, judge
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.odds import Odds, UsualTime, odds, usual_time
from chalicelib.domain.order import Order
from chalicelib.domain.order import OrderStatus as S
from chalicelib.domain.policy import Policy
from chalicelib.domain.quote import Quote, quote
from chalicelib.domain.reasons import Fault, Reason, find_reason, reasons_for
from chalicelib.domain.steps import Act, Rules, Step, grant
from chalicelib.domain.terms import TERMS_VERSION
from chalicelib.domain.transitions import commit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All that a buyer should know before asking. Codes and text keys; the edge puts them into words."""

    order_id: str
    kind: Kind
    verdict: Verdict
    odds: Odds
    usual_time: UsualTime
    quote: Quote
    reasons: tuple[Reason, ...]
    steps: tuple[str, ...]
    consequences: tuple[str, ...]
    policy: Policy
    terms_version: str = TERMS_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the buyer (or support for them) says when asking."""

    reason_code: str | None
    channel: Channel
    accept_terms: bool
    comment: str | None = None
    lines: Mapping[str, int] | None = None
    quote_id: str | None = None
    on_behalf_of: str | None = None
    kind: Kind = Kind.CANCELLATION


def options(
    order: Order,
    policy: Policy,
    kind: Kind,
    now: datetime,
    holidays: Collection[date] = (),
    reason_code: str | None = None,
) -> Options:
    """The options at `now`. Without a reason the quote is the one for a buyer who cancels by choice: the dearest."""
    verdict = judge(order, policy, kind, now, holidays)
    reason = find_reason(reason_code, order.standing) if reason_code else None
    fault = reason.fault if reason else Fault.BUYER
    offered = quote(order, policy, fault, now, holidays)
    instant = verdict.eligible and not verdict.needs_seller
    return Options(
        order_id=order.order_id,
        kind=kind,
        verdict=verdict,
        odds=odds(order.standing, instant=instant),
        usual_time=usual_time(order.standing, instant=instant),
        quote=offered,
        reasons=reasons_for(order.standing) if verdict.eligible else (),
        steps=_steps(verdict),
        consequences=_consequences(order, verdict, offered),
        policy=policy,
    )


def ask(order: Order, wish: Wish, act: Act, rules: Rules, case_id: str) -> Change:
    """Open a case for the whole order, or cancel it on the spot where nobody has to agree.

    Raises Refused with the code of the verdict, Refused `quote_changed` where the money is no longer what was shown,
    Invalid `terms_not_accepted` or `reason_not_allowed`, Forbidden for roles that never ask.
    """
    if act.actor.role not in (Role.BUYER, Role.SUPPORT, Role.SYSTEM):
        raise Forbidden(act.actor.role, act.command)
    verdict = judge(order, rules.policy, wish.kind, act.now, rules.holidays)
    if verdict.refusal:
        facts: dict[str, Any] = {"order_id": order.order_id, "alternatives": list(verdict.alternatives)}
        if order.open_case:
            facts["case_id"] = order.open_case
        raise Refused(verdict.refusal, **facts)
    _whole_order(order, wish)
    if not wish.accept_terms:
        raise Invalid("terms_not_accepted", terms_version=TERMS_VERSION)
    fault = _fault(wish.reason_code, order, rules.policy)
    offered = quote(order, rules.policy, fault, act.now, rules.holidays)
    if wish.quote_id and wish.quote_id != offered.quote_id:
        raise Refused("quote_changed", quote=offered)
    asked = Case(
        case_id=case_id,
        kind=wish.kind,
        order_id=order.order_id,
        platform=order.body.platform,
        buyer_id=order.body.buyer.id,
        seller_id=order.body.seller.id,
        state=State.AWAITING_SELLER,
        asked=Asked(
            reason_code=wish.reason_code,
            fault=fault,
            comment=wish.comment,
            channel=wish.channel,
            by=act.actor,
            on_behalf_of=wish.on_behalf_of,
            terms_version=TERMS_VERSION,
        ),
        lines={line.line_id: line.quantity for line in order.body.lines},
        quote=offered,
        policy=PolicyMark(name=rules.policy.name, version=rules.policy.version, parcel_moves=rules.policy.parcel_moves),
        attempt=order.attempts + 1,
        created_at=act.now,
        updated_at=act.now,
        order_status=order.standing,
        deadline_at=verdict.answer_by,
        if_silent=verdict.if_silent,
    )
    step = _wait(asked, order) if verdict.needs_seller else _at_once(asked, order, act, rules)
    if rules.pace.orchestrated:
        step = Step(case=step.case, owes=(START, *step.owes), slot=step.slot, credits=step.credits)
    return commit_of(None, step, act, rules)


def _wait(case: Case, order: Order) -> Step:
    return Step(
        case=case,
        owes=(
            "mail:request_received:buyer",
            "mail:decision_needed:seller",
            "event:case.opened",
            "event:order.hold_shipment",
        ),
        slot=Slot(order_id=order.order_id, case_id=case.case_id, seen=order),
    )


def _at_once(case: Case, order: Order, act: Act, rules: Rules) -> Step:
    """Inside the instant window the asking itself decides: opening and granting are one commit."""
    granted = grant(case, act, rules)
    ending = granted.slot
    slot = Slot(
        order_id=order.order_id,
        case_id=case.case_id,
        seen=order,
        releases=ending is not None and ending.releases,
        take=ending.take if ending else {},
        cancelled=ending.cancelled if ending else {},
    )
    return Step(case=granted.case, owes=("event:case.opened", *granted.owes), slot=slot, credits=granted.credits)


def _whole_order(order: Order, wish: Wish) -> None:
    """Lines that are named must be lines of the order; all of them, until single lines can be cancelled."""
    if wish.lines is None:
        return
    whole = {line.line_id: line.quantity for line in order.body.lines}
    wrong = [line_id for line_id, quantity in wish.lines.items() if quantity > whole.get(line_id, 0)]
    if wrong:
        raise Invalid("validation_failed", errors=[{"field": f"lines.{x}", "message": "not that many"} for x in wrong])
    if wish.lines != whole:
        raise Refused("not_available", command="cancel_part")


def _fault(code: str | None, order: Order, policy: Policy) -> Fault:
    if code is None and not policy.reason_required:
        return Fault.BUYER
    reason = find_reason(code or "", order.standing)
    if reason is None:
        allowed = [reason.code for reason in reasons_for(order.standing)]
        raise Invalid("reason_not_allowed", reason_code=code, allowed=allowed)
    return reason.fault


def _steps(verdict: Verdict) -> tuple[str, ...]:
    if not verdict.eligible:
        return ()
    answer = "seller_answers" if verdict.needs_seller else "cancelled_at_once"
    return ("choose_reason", "read_terms", "confirm", answer, "money_returns")


def _consequences(order: Order, verdict: Verdict, offered: Quote) -> tuple[str, ...]:
    if not verdict.eligible:
        return ()
    told = []
    if verdict.needs_seller and verdict.if_silent:
        told += ["seller_may_refuse", f"silence_{verdict.if_silent}"]
    told += ["fee_is_kept"] if offered.fees_total else ["nothing_is_kept"]
    if order.standing not in (S.UNPAID, S.PLACED):
        told.append("counts_as_cancellation")
    return tuple(told)
