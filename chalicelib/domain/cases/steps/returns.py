"""Goods on their way back: sent, picked up, delivered, looked at, contested; then the money goes, all of it or less.

Until the carrier says that they arrived, silence proves nothing: a number typed by the buyer moves no money by itself.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.choices import GoodsFault, ParcelWord
from chalicelib.domain.cases.commands import (
    Command,
    ContestGoods,
    GoodsReceived,
    ParcelAnswered,
    ReturnLabel,
    Said,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.effects import Mail, MailKind, to_both
from chalicelib.domain.cases.events import ReturnContested, ReturnShipped
from chalicelib.domain.cases.goods import Contest, Goods
from chalicelib.domain.cases.limits import at_stake, needs_second_person
from chalicelib.domain.cases.step import Act, Step, StepContext, pieces, wait, with_facts
from chalicelib.domain.cases.steps.answers import escalate, first_yes, withdraw
from chalicelib.domain.cases.steps.reckoning import some_of, way_back_of
from chalicelib.domain.cases.steps.refunds import pay_back
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.policy import Returns, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.spans import Span

# By so much may a carrier's clock be behind ours.
CLOCKS_DIFFER = timedelta(minutes=10)
# However late the carrier's word comes, the seller has so long to look after hearing of it.
LEAST_TO_LOOK = Span(amount=1, unit="working_days")


def shipped_back(case: Case, act: Act[ShippedBack], context: StepContext) -> Step:
    """The buyer sent the goods; now they travel.

    Told again it corrects the tracking number and moves no deadline. Raises Invalid `tracking_number_required`.
    """
    returns, goods = context.policy.returns, case.goods
    if case.kind is not Kind.RETURN or returns is None or goods is None:
        raise Refused("not_now")
    if not act.said.tracking_number:
        raise Invalid("tracking_number_required")
    named = replace(goods, tracking_number=act.said.tracking_number, carrier=act.said.carrier or goods.carrier)
    facts = {"carrier": named.carrier} if named.carrier else None
    if goods.sent_at is not None:
        # Whoever follows the goods must follow the right ones.
        changed = named.tracking_number != goods.tracking_number
        again = (_shipped(case, named, case.deadline_at, case.if_silent),) if changed else ()
        return Step(case=replace(case, goods=named), effects=again, facts=facts)
    if case.state is not State.AWAITING_GOODS:
        raise Refused("not_now")
    waiting = _travelling(case, replace(named, sent_at=act.now), act.now, returns, context)
    told = _shipped(case, named, waiting.deadline_at, returns.if_unseen)
    return Step(case=waiting, effects=(Mail(MailKind.GOODS_SENT, Role.SELLER), told), facts=facts)


def _shipped(case: Case, goods: Goods, until: datetime | None, if_silent: Silence | None) -> ReturnShipped:
    return ReturnShipped(
        lines=pieces(case.lines),
        tracking_number=goods.tracking_number or "",
        carrier=goods.carrier,
        confirm_by=until,
        if_silent=if_silent,
    )


def hear_of_goods(case: Case, act: Act[ParcelAnswered], context: StepContext) -> Step:
    """The carrier says how far the goods have come. The first word of a kind counts, by its own time; said again it
    changes nothing, and neither does a word from before the return was agreed, which speaks of another parcel. Raises
    Refused `not_now` where nothing comes back."""
    goods = case.goods
    if goods is None:
        raise Refused("not_now")
    at = max(goods.agreed_at, min(act.said.at or act.now, act.now))
    facts = {"parcel": act.said.word, "at": at.isoformat()}
    if act.said.at and act.said.at < goods.agreed_at - CLOCKS_DIFFER:
        return Step(case=case, facts={**facts, "parcel": f"{act.said.word}_before", "at": act.said.at.isoformat()})
    heard = _picked_up if act.said.word is ParcelWord.PICKED_UP else _delivered
    return with_facts(heard(case, goods, at, act, context), facts)


def _picked_up(case: Case, goods: Goods, at: datetime, act: Act[Said], context: StepContext) -> Step:
    """The carrier has the goods: by policy the money goes at once."""
    returns = context.policy.returns
    if goods.picked_up_at or goods.arrived_at or returns is None or case.kind is not Kind.RETURN:
        return Step(case=case)
    taken = replace(goods, picked_up_at=at, sent_at=goods.sent_at or at)
    if case.state is not State.AWAITING_GOODS:
        return Step(case=replace(case, goods=taken))
    if _is_quick(case, returns, context):
        return pay_back(replace(case, goods=taken), act, context)
    if goods.sent_at:
        return Step(case=replace(case, goods=taken))
    waiting = _travelling(case, taken, act.now, returns, context)
    return Step(case=waiting, effects=(Mail(MailKind.GOODS_SENT, Role.SELLER),))


def _is_quick(case: Case, returns: Returns, context: StepContext) -> bool:
    most, stake = returns.quick_at_most, at_stake(case, context.order)
    return most > 0 and not context.policy.is_above(most, stake) and not case.asked.often


def _delivered(case: Case, goods: Goods, at: datetime, act: Act[Said], context: StepContext) -> Step:
    """The goods are with the seller, whose time to look at them begins; so it does where customer service had the case
    only since nobody knew where the goods were."""
    if goods.arrived_at:
        return Step(case=case)
    arrived = replace(case, goods=replace(goods, arrived_at=at, sent_at=goods.sent_at or at))
    if case.state is not State.AWAITING_GOODS and not _is_unseen(case, goods):
        return Step(case=arrived)
    to_look = context.policy.returns.receipt if context.policy.returns else context.policy.interception
    until = max(context.after(at, to_look), context.after(act.now, LEAST_TO_LOOK))
    looking = wait(arrived, State.AWAITING_GOODS, until, Silence.APPROVE)
    return Step(case=looking, effects=to_both(MailKind.GOODS_ARRIVED))


def _is_unseen(case: Case, goods: Goods) -> bool:
    """Whether customer service has the case for nothing but that nobody saw the goods in time."""
    silent = case.decision is not None and case.decision.command is Command.EXPIRE
    undecided = case.run == 1 and not (goods.contested or case.first_yes)
    return case.state is State.AWAITING_SUPPORT and silent and undecided


def _travelling(case: Case, goods: Goods, now: datetime, returns: Returns, context: StepContext) -> Case:
    return wait(
        replace(case, goods=goods), State.AWAITING_GOODS, context.after(now, returns.transit), returns.if_unseen
    )


def label_return(case: Case, act: Act[ReturnLabel], context: StepContext) -> Step:
    """The buyer gets what they need to send the goods; the first time, with as long to do so as from the start.

    Raises Refused `not_now` where they need nothing, Invalid `label_empty`.
    """
    said, returns = act.said, context.policy.returns
    if case.kind is not Kind.RETURN or returns is None or case.goods is None or case.goods.sent_at:
        raise Refused("not_now")
    before = way_back_of(case, context)
    after = replace(
        before,
        label_url=said.label_url or before.label_url,
        pickup_code=said.pickup_code or before.pickup_code,
        address=said.address or before.address,
        carrier=said.carrier or before.carrier,
    )
    if after == before:
        raise Invalid("label_empty")
    labelled = replace(case, way_back=after)
    if before.label_url is None and before.pickup_code is None and case.deadline_at:
        until = max(case.deadline_at, context.after(act.now, returns.ship_back))
        labelled = replace(labelled, deadline_at=until)
    return Step(case=labelled, effects=(Mail(MailKind.RETURN_LABEL, Role.BUYER),))


def goods_received(case: Case, act: Act[GoodsReceived], context: StepContext) -> Step:
    """The seller has the goods, and nothing is wrong with them: the money goes back. Customer service may say so, too,
    with a second person where the amount needs one. Raises Refused `not_now` where nothing comes back, or a first of
    two persons has decided already."""
    if case.goods is None or (case.state is State.AWAITING_SUPPORT and case.first_yes):
        raise Refused("not_now")
    if act.actor.role is Role.SUPPORT and needs_second_person(case, context):
        return first_yes(case, act.actor.id, act, context)
    return pay_back(case, act, context)


def contest_goods(case: Case, act: Act[ContestGoods], context: StepContext) -> Step:
    """Something is wrong with the goods, or they are not there: customer service decides, after both sides could say
    and show what they know. Told again it corrects the words and moves no deadline.

    Raises Refused `not_now` where no goods are under way, Invalid `comment_required` where what is wrong is not said,
    `validation_failed` for pieces that are not of the case.
    """
    said, goods = act.said, case.goods
    if goods is None or (case.kind is Kind.RETURN and goods.sent_at is None):
        raise Refused("not_now")
    if said.fault is not GoodsFault.NOT_ARRIVED and not (said.comment or "").strip():
        raise Invalid("comment_required")
    lines = {} if said.lines is None else some_of(case, said.lines)
    contest = Contest(fault=said.fault, at=act.now, lines=lines, comment=said.comment)
    contested = replace(case, goods=replace(goods, contested=contest))
    told = ReturnContested(fault=said.fault, lines=pieces(lines or case.lines))
    facts = {"fault": said.fault, **({"lines": lines} if lines else {})}
    if goods.contested:
        return Step(case=contested, effects=(told,), facts=facts)
    step = escalate(contested, act, context)
    # What was decided is still the yes; the contest has a place of its own. Who agreed first had not heard of it.
    return replace(
        step,
        case=replace(step.case, decision=case.decision, first_yes=None),
        effects=(*step.effects, told),
        facts=facts,
    )


def withdraw_before_sending(case: Case, act: Act[Withdraw], context: StepContext) -> Step:
    """The buyer withdraws while the goods are still theirs. Raises Refused `not_now` once they are on their way."""
    if case.goods is not None and case.goods.sent_at is not None:
        raise Refused("not_now")
    return withdraw(case, act, context)
