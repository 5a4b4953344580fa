"""Asking: what a buyer sees before, and the case that opens (or closes at once) when they confirm."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chalicelib.domain.cases.card import words_of
from chalicelib.domain.cases.case import Asked, Case, State, mark_of
from chalicelib.domain.cases.change import Change, Slot
from chalicelib.domain.cases.commands import Ask
from chalicelib.domain.cases.consequences import consequences_of, steps_of, what_goes_along
from chalicelib.domain.cases.effects import Mail, MailKind
from chalicelib.domain.cases.eligibility import MIXED, Verdict, judge, judge_seller, wanted_lines
from chalicelib.domain.cases.events import CaseOpened, OrderHoldShipment
from chalicelib.domain.cases.goods import WayBack
from chalicelib.domain.cases.step import Act, Step, StepContext, pieces
from chalicelib.domain.cases.steps.answers import unseen_silence
from chalicelib.domain.cases.steps.refunds import pay_back
from chalicelib.domain.cases.transitions import commit_of
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.money.explanation import Explanation, explanation, paid_by
from chalicelib.domain.money.quote import Quote, quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.families import with_children
from chalicelib.domain.orders.order import Order, seen_for
from chalicelib.domain.orders.parcels import Group
from chalicelib.domain.orders.statuses import NOT_TRAVELLING, OrderStatus
from chalicelib.domain.parties import SEES_ORDERS, Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learned import NOTHING_HEARD, Heard, learned
from chalicelib.domain.policies.odds import Odds, UsualTime, odds, usual_time
from chalicelib.domain.policies.policy import Fee, Policy
from chalicelib.domain.policies.reasons import Kind, Reason, reasons_for
from chalicelib.domain.policies.seller_rules import NO_RULES, SellerRules
from chalicelib.domain.policies.terms import TERMS_VERSION

# Who may ask for what; sellers only for an order that they cannot deliver.
ASKERS: Mapping[Kind, frozenset[Role]] = {
    Kind.CANCELLATION: SEES_ORDERS - {Role.OPERATOR},
    Kind.RETURN: SEES_ORDERS - {Role.OPERATOR, Role.SELLER},
}
# Who is told beforehand what asking would mean; to sellers it is no business.
SEES_OPTIONS = SEES_ORDERS - {Role.SELLER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All that a buyer should know before asking. Codes and text keys; the edge puts them into words. `groups` are the
    pieces that can be asked for together, where those that were meant cannot; `why` is why the quote comes to its
    total."""

    order_id: str
    kind: Kind
    verdict: Verdict
    odds: Odds
    usual_time: UsualTime
    quote: Quote
    why: Explanation
    reasons: tuple[Reason, ...]
    steps: tuple[str, ...]
    consequences: tuple[str, ...]
    policy: Policy
    groups: tuple[Group, ...] = ()
    ships_by: datetime | None = None
    terms_version: str = TERMS_VERSION


def options(
    order: Order,
    policy: Policy,
    kind: Kind,
    now: datetime,
    holidays: Collection[date] = (),
    reason_code: str | None = None,
    lines: Mapping[str, int] | None = None,
    seller: SellerRules = NO_RULES,
    asks: Role = Role.BUYER,
    heard: Heard = NOTHING_HEARD,
) -> Options:
    """The options at `now`, for the named quantities or for all that remains, for whoever `asks` for the buyer or is
    them. `seller` are the seller's own rules, `heard` is what became of requests like this one.

    Without a reason the quote is the one for a buyer who asks by choice: the dearest. Raises Invalid
    `validation_failed` for lines that do not exist.
    """
    order = with_books(order, policy.refund_order)
    wanted = wanted_lines(order, lines, policy)
    order, groups = seen_for(order, wanted, returning=kind is Kind.RETURN)
    verdict = judge(order, policy, kind, now, holidays, None if lines is None else wanted, groups)
    allowed = _reasons(asks, order.standing, kind)
    reason = next((each for each in allowed if each.code == reason_code), None)
    verdict = _of_reason(verdict, reason, order)
    fault = reason.fault if reason else Fault.BUYER
    offered = quote(order, policy, fault, now, holidays, wanted=wanted, fee=fee_of(kind, policy))
    asked = verdict.needs_seller and kind is Kind.CANCELLATION
    given = (order, wanted, reason_code, now, holidays, policy.zone, policy.currency_of_figures)
    if asked and seller.first_match(*given):
        verdict = replace(verdict, needs_seller=False, answer_by=None, if_silent=None)
    instant = verdict.eligible and not verdict.needs_seller
    returning = verdict.eligible and kind is Kind.RETURN
    chance = odds(order.standing, instant=instant, returning=returning)
    wait = usual_time(order.standing, instant=instant, returning=returning)
    if verdict.needs_seller:
        chance, wait = learned(chance, wait, heard, reason.fault if reason else None, now, policy.learning)
    return Options(
        order_id=order.order_id,
        kind=kind,
        verdict=verdict,
        odds=chance,
        usual_time=wait,
        quote=offered,
        why=explanation(offered, paid_by(order)),
        reasons=allowed if verdict.eligible else (),
        steps=steps_of(kind, verdict, reason),
        consequences=(
            *consequences_of(order, kind, verdict, offered, policy, reason),
            *(what_goes_along(order, wanted, lines or {}, policy, fault) if verdict.eligible else ()),
        ),
        policy=policy,
        groups=groups if verdict.refusal == MIXED else (),
        ships_by=order.body.preorder.ships_by if order.body.preorder else None,
    )


def ask(order: Order, act: Act[Ask], context: StepContext, case_id: str) -> Change:
    """Open a case, or cancel on the spot where nobody has to agree.

    Raises Refused with the code of the verdict, Refused `quote_changed` where the money is no longer what was shown,
    Invalid `terms_not_accepted`, `reason_not_allowed` or `validation_failed`, Forbidden for roles that never ask.
    """
    said, by_seller = act.said, act.actor.role is Role.SELLER
    if act.actor.role not in ASKERS[said.kind]:
        raise Forbidden(act.actor.role, act.command)
    order = with_books(order, context.policy.refund_order)
    context = replace(context, order=order)
    known = _known_lines(order, act, context)
    meant = order.remaining if known is None else known
    order, groups = seen_for(order, meant, returning=said.kind is Kind.RETURN)
    verdict = (
        judge_seller(order, groups)
        if by_seller
        else judge(order, context.policy, said.kind, act.now, context.holidays, known, groups)
    )
    if verdict.refusal:
        facts: dict[str, Any] = {"order_id": order.order_id, "alternatives": list(verdict.alternatives)}
        if verdict.refusal == MIXED:
            facts["groups"] = [{"status": group.status, "lines": dict(group.lines)} for group in groups]
        if order.open_case:
            facts["case_id"] = order.open_case
        raise Refused(verdict.refusal, **facts)
    wanted = wanted_lines(order, said.lines, context.policy)
    if not (said.accept_terms or by_seller):
        raise Invalid("terms_not_accepted", terms_version=TERMS_VERSION)
    reason = _reason(said, order, context.policy, act.actor.role)
    verdict, fault = _of_reason(verdict, reason, order), reason.fault if reason else Fault.BUYER
    offered = quote(
        order, context.policy, fault, act.now, context.holidays, wanted=wanted, fee=fee_of(said.kind, context.policy)
    )
    if said.quote_id and said.quote_id != offered.quote_id:
        raise Refused("quote_changed", quote=offered)
    by_rule, dry_rule = None, None
    if verdict.needs_seller and said.kind is Kind.CANCELLATION:
        rules, policy = context.seller, context.policy
        given = (
            *(order, wanted, said.reason_code, act.now, context.holidays),
            *(policy.zone, policy.currency_of_figures),
        )
        by_rule, dry_rule = rules.first_match(*given), rules.first_match(*given, dry=True)
        if by_rule:
            verdict = replace(verdict, needs_seller=False, answer_by=None, if_silent=None)
    asked = Case(
        case_id=case_id,
        kind=said.kind,
        order_id=order.order_id,
        display_id=order.body.display_id,
        words=words_of(order.body, wanted),
        platform=order.body.platform,
        buyer_id=order.body.buyer.id,
        seller_id=order.body.seller.id,
        state=State.AWAITING_SELLER,
        asked=Asked(
            reason_code=said.reason_code,
            fault=fault,
            comment=said.comment,
            channel=said.channel,
            by=act.actor,
            terms_version=TERMS_VERSION,
            on_behalf_of=_behalf(order, act),
            often=_often(act, context),
            by_rule=by_rule.name if by_rule else None,
            dry_rule=dry_rule.name if dry_rule else None,
            goods_come_back=reason is None or reason.goods_come_back,
        ),
        lines=wanted,
        quote=offered,
        policy=mark_of(context.policy),
        attempt=(order.return_attempts if said.kind is Kind.RETURN else order.attempts) + (not by_seller),
        created_at=act.now,
        updated_at=act.now,
        order_status=order.standing,
        quoted_at=order.standing,
        preorder=order.body.preorder is not None,
        rest=rest_of(order, wanted),
        worth=order.worth(wanted).amount,
        way_back=way_back_of(said.kind, reason, order, context),
        deadline_at=verdict.answer_by,
        if_silent=verdict.if_silent,
    )
    slot = Slot(
        order_id=order.order_id,
        case_id=case_id,
        seen=order,
        opens=True,
        attempts=int(said.kind is Kind.CANCELLATION and not by_seller),
        return_attempts=int(said.kind is Kind.RETURN),
    )
    step = _wait(asked, slot) if verdict.needs_seller else _at_once(asked, slot, act, context)
    begun = replace(step, effects=context.with_run(step.effects), facts=_facts(asked))
    return commit_of(None, begun, act, context)


def _of_reason(verdict: Verdict, reason: Reason | None, order: Order) -> Verdict:
    return verdict if reason is None else with_silence_of(verdict, order, goods_come_back=reason.goods_come_back)


def with_silence_of(verdict: Verdict, order: Order, *, goods_come_back: bool) -> Verdict:
    """The verdict for a reason by which goods can come back, or not. What the platform itself calls lost need not be
    looked at again."""
    if verdict.if_silent is None or order.standing in NOT_TRAVELLING:
        return verdict
    return replace(verdict, if_silent=unseen_silence(verdict.if_silent, goods_come_back=goods_come_back))


def way_back_of(kind: Kind, reason: Reason | None, order: Order, context: StepContext) -> WayBack | None:
    """How returned goods would travel, as far as it is known before anybody agreed."""
    returns = context.policy.returns
    if kind is not Kind.RETURN or returns is None or not (reason is None or reason.goods_come_back):
        return None
    fault = reason.fault if reason else Fault.BUYER
    address = order.body.seller.return_address or context.seller.return_address
    return WayBack(paid_by=returns.way_back_paid_by(fault), address=address)


def _known_lines(order: Order, act: Act[Ask], context: StepContext) -> Mapping[str, int] | None:
    """The named pieces with what goes along, as far as there are such lines; None for the whole order."""
    named = act.said.lines
    if not named or not set(named) <= set(order.remaining):
        return None
    return with_children(order.body, order.gone, named, context.policy.gifts)


def _facts(asked: Case) -> Mapping[str, Any]:
    """What was shown and asked, for the timeline."""
    return {
        "quote_id": asked.quote.quote_id,
        "refund_total": asked.quote.refund_total,
        "fees_total": asked.quote.fees_total,
        "lines": dict(asked.lines),
        "channel": asked.asked.channel,
        "terms_version": asked.asked.terms_version,
        **_rules_that_held(asked),
    }


def _rules_that_held(asked: Case) -> Mapping[str, str]:
    held = {"seller_rule": asked.asked.by_rule, "seller_rule_dry": asked.asked.dry_rule}
    return {kind: name for kind, name in held.items() if name}


def rest_of(order: Order, wanted: Mapping[str, int]) -> dict[str, int]:
    """The pieces that nobody asks for."""
    left = {line_id: quantity - wanted.get(line_id, 0) for line_id, quantity in order.remaining.items()}
    return {line_id: quantity for line_id, quantity in left.items() if quantity}


def _wait(case: Case, slot: Slot) -> Step:
    until, lines = case.deadline_at, pieces(case.lines)
    hold = (OrderHoldShipment(lines=lines, until=until),) if case.kind is Kind.CANCELLATION else ()
    effects = (
        Mail(MailKind.REQUEST_RECEIVED, Role.BUYER),
        Mail(MailKind.DECISION_NEEDED, Role.SELLER),
        CaseOpened(lines=lines, answer_by=until, if_silent=case.if_silent),
        *hold,
    )
    return Step(case=case, effects=effects, slot=slot)


def _at_once(case: Case, slot: Slot, act: Act[Ask], context: StepContext) -> Step:
    """Inside the instant window, by a rule of the seller, or where the seller cannot deliver, the asking itself
    decides: opening and granting are one commit."""
    granted = pay_back(case, act, context)
    ending = granted.slot
    if ending:
        slot = replace(ending, seen=slot.seen, opens=True, attempts=slot.attempts, return_attempts=slot.return_attempts)
    return replace(granted, effects=(CaseOpened(lines=pieces(case.lines)), *granted.effects), slot=slot)


def _behalf(order: Order, act: Act[Ask]) -> str | None:
    """For whom somebody else asks: the order's buyer, and nobody else."""
    buyer = order.body.buyer.id
    if act.said.on_behalf_of not in (None, buyer):
        raise Invalid("validation_failed", errors=[{"field": ".on_behalf_of", "message": "not the order's buyer"}])
    return buyer if act.actor.role in (Role.SUPPORT, Role.SYSTEM) else None


def _often(act: Act[Ask], context: StepContext) -> bool:
    """Whether the buyer had asked as often as policy calls frequent, in the time before this request."""
    frequent = context.policy.frequent
    last = context.earlier[: frequent.requests]
    return len(last) == frequent.requests and context.after(last[-1], frequent.within) > act.now


def fee_of(kind: Kind, policy: Policy) -> Fee | None:
    """Returns have a fee of their own; cancelling costs what the order's status says."""
    return policy.returns.fee if kind is Kind.RETURN and policy.returns else None


def _reason(said: Ask, order: Order, policy: Policy, asks: Role) -> Reason | None:
    """The reason that was given; None where policy lets a buyer give none. Raises Invalid `reason_not_allowed`."""
    code = said.reason_code
    if code is None and not policy.reason_required and asks is not Role.SELLER:
        return None
    allowed = _reasons(asks, order.standing, said.kind)
    reason = next((each for each in allowed if each.code == code), None)
    if reason is None:
        raise Invalid("reason_not_allowed", reason_code=code, allowed=[each.code for each in allowed])
    return reason


def _reasons(asks: Role, status: OrderStatus, kind: Kind) -> tuple[Reason, ...]:
    """What whoever asks may choose from: who asks for a buyer has the buyer's reasons, and what they alone can know."""
    roles = {Role.SELLER: (Role.SELLER,), Role.BUYER: (Role.BUYER,)}.get(asks, (Role.BUYER, Role.SUPPORT))
    return tuple(reason for role in roles for reason in reasons_for(status, kind, role))
