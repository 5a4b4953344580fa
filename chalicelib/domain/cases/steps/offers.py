"""Negotiation: a seller offers to cancel against a fee, another way than cancelling, or money back for goods that the
buyer keeps; the buyer answers."""

from dataclasses import replace

from chalicelib.domain.cases.case import Case, Offer, Outcome, State
from chalicelib.domain.cases.change import Slot
from chalicelib.domain.cases.choices import Alternative
from chalicelib.domain.cases.commands import AcceptOffer, DeclineOffer, MakeOffer
from chalicelib.domain.cases.effects import Mail, MailKind, to_both
from chalicelib.domain.cases.events import (
    CaseClosed,
    CaseOfferDeclined,
    CaseOfferMade,
    OrderChangeAgreed,
    OrderReleaseShipment,
)
from chalicelib.domain.cases.limits import answers_for, needs_second_person
from chalicelib.domain.cases.step import Act, Step, StepContext, close, decision_of, end, pieces, wait
from chalicelib.domain.cases.steps.answers import escalate, first_yes, grant, unseen_silence
from chalicelib.domain.cases.steps.kept_goods import check_for_keeping, check_still_there
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.quote import less_fee
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.policy import Answer, Declined
from chalicelib.domain.policies.reasons import Kind


def alternatives_for(kind: Kind) -> tuple[Alternative, ...]:
    """What may be offered instead (docs/rules.md R19): nothing, where goods are to be returned."""
    return () if kind is Kind.RETURN else tuple(Alternative)


def make_offer(case: Case, act: Act[MakeOffer], context: StepContext) -> Step:
    """Exactly one of a fee, an alternative and a partial refund, at most so often in one run. The buyer gets a deadline
    of their own.

    Once goods are on their way back there is nothing left to offer: what is wrong with them is contested, and customer
    service decides, so that neither fee nor silence of an offer undoes what was agreed.

    Raises Invalid `offer_needs_one`, `fee_too_high` (it never exceeds what is due), `alternative_not_allowed` and as
    check_for_keeping, Refused `offers_used_up`, `not_now`.
    """
    offer, rounds = act.said, context.policy.offers.rounds
    if case.goods is not None:
        raise Refused("not_now")
    offered_things = (offer.fee, offer.alternative, offer.partial_refund)
    if sum(each is not None for each in offered_things) != 1:
        raise Invalid("offer_needs_one")
    most = case.full_quote.refund_total
    if offer.fee is not None and not 0 < offer.fee <= most:
        raise Invalid("fee_too_high", fee=offer.fee, at_most=most)
    allowed = alternatives_for(case.kind)
    if offer.alternative is not None and offer.alternative not in allowed:
        raise Invalid("alternative_not_allowed", allowed=list(allowed))
    if offer.partial_refund is not None:
        check_for_keeping(case, offer.partial_refund, context)
    if case.rounds >= rounds:
        raise Refused("offers_used_up", rounds=rounds)
    offered = replace(
        case,
        offer=Offer(
            fee=offer.fee,
            alternative=offer.alternative,
            partial_refund=offer.partial_refund,
            comment=offer.comment,
            by=act.actor,
        ),
        rounds=case.rounds + 1,
        decision=decision_of(act),
        first_yes=None,
    )
    answer = context.policy.offers.answer
    waiting = wait(offered, State.AWAITING_BUYER, context.deadline(act.now, answer), answer.if_silent)
    named = {"fee": offer.fee, "alternative": offer.alternative, "partial_refund": offer.partial_refund}
    facts = {name: value for name, value in named.items() if value is not None}
    told = CaseOfferMade(
        fee=offer.fee,
        partial_refund=offer.partial_refund,
        currency=case.quote.currency,
        alternative=offer.alternative,
        answer_by=waiting.deadline_at,
    )
    return Step(case=waiting, effects=(Mail(MailKind.OFFER_MADE, Role.BUYER), told), facts=facts)


def accept_offer(case: Case, act: Act[AcceptOffer], context: StepContext) -> Step:
    """A fee agreed to is taken off the refund, and the request is granted. An alternative agreed to ends the case as
    settled: the order goes on, and its system is told what was agreed. So does a partial refund, with its money."""
    offer = _on_the_table(case)
    agreed = replace(case, offer=replace(offer, accepted=True))
    if offer.partial_refund is not None:
        check_still_there(agreed, offer.partial_refund, context)
        return _granted_or_first_yes(agreed, act, context)
    if offer.fee is not None:
        # Of an earlier offer's fee nothing stays: two never add.
        full = case.full_quote
        cheaper = replace(agreed, quote=less_fee(full, offer.fee), quoted=full)
        return _granted_or_first_yes(cheaper, act, context)
    settled = close(replace(agreed, decision=decision_of(act)), Outcome.SETTLED, act.now)
    return Step(
        case=settled,
        effects=(
            *to_both(MailKind.SETTLED),
            OrderChangeAgreed(lines=pieces(case.lines), alternative=offer.alternative or ""),
            OrderReleaseShipment(lines=pieces(case.lines)),
            CaseClosed(),
        ),
        slot=Slot(order_id=case.order_id, case_id=case.case_id, releases=True),
        facts={"alternative": offer.alternative},
    )


def _granted_or_first_yes(agreed: Case, act: Act[AcceptOffer], context: StepContext) -> Step:
    """What the buyer agreed to is granted; where customer service offered it, and more than one person may grant, that
    was the first of two yeses."""
    support = answers_for(agreed, act.said, act.actor)
    if support and needs_second_person(agreed, context):
        return first_yes(agreed, support.id, act, context)
    return grant(agreed, act, context)


def decline_offer(case: Case, act: Act[DeclineOffer], context: StepContext) -> Step:
    """By policy the seller answers once more, customer service decides, or the case ends. What customer service itself
    had offered comes back to customer service."""
    offer = _on_the_table(case)
    declined = replace(case, offer=replace(offer, accepted=False))
    leads_to = context.policy.offers.declined
    if leads_to is Declined.SUPPORT or (offer.by and offer.by.role is Role.SUPPORT):
        return escalate(declined, act, context)
    answer = answer_of_seller(declined, context)
    if leads_to is Declined.END or answer is None:
        return end(declined, Outcome.REJECTED, MailKind.OFFER_DECLINED, act)
    waiting = wait(
        replace(declined, decision=decision_of(act)),
        State.AWAITING_SELLER,
        context.deadline(act.now, answer),
        unseen_silence(answer.if_silent, goods_come_back=case.asked.goods_come_back),
    )
    return Step(
        case=waiting,
        effects=(Mail(MailKind.OFFER_DECLINED, Role.SELLER), CaseOfferDeclined(answer_by=waiting.deadline_at)),
    )


def answer_of_seller(case: Case, context: StepContext) -> Answer | None:
    """How long the seller may take over this case, and what their silence means."""
    policy = context.policy
    if case.kind is Kind.RETURN:
        return policy.returns.answer if policy.returns else None
    return policy.answer_at(case.order_status, preorder=case.preorder) or policy.support


def _on_the_table(case: Case) -> Offer:
    if case.offer is None:
        raise Invalid("offer_missing")
    return case.offer
