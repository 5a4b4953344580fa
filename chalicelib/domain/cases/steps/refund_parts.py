"""What is told of single parts of a refund, and what is done with one that does not go the way it was sent."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.commands import PartTold, PayOut, RedirectPart, ResolvePart, RetryPart
from chalicelib.domain.cases.effects import Mail, MailKind, Promised
from chalicelib.domain.cases.events import RefundPartChanged
from chalicelib.domain.cases.step import Act, Step, StepContext, with_facts
from chalicelib.domain.cases.steps.refunds import (
    ACCOUNT_WANTED,
    all_gone,
    arrives,
    asked_for,
    credit_of,
    did_not_go,
    part_told,
)
from chalicelib.domain.errors import NotFound, Refused
from chalicelib.domain.money.chargebacks import waits_for
from chalicelib.domain.money.payout import AccountKept
from chalicelib.domain.money.refund import (
    AWAITED_PARTS,
    OPEN_PARTS,
    FirstYes,
    Instead,
    PartState,
    Refund,
    RefundPart,
    WayOn,
    asked_again,
    heard,
    wants_account,
)
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.methods import Method, PaidBackBy
from chalicelib.domain.parties import Role


def tell_part(case: Case, act: Act[PartTold], context: StepContext) -> Step:
    """Whoever pays a part says how it goes: it counts, or is kept as something that changed nothing.

    Raises Refused `not_now` where nothing was granted, NotFound.
    """
    report = act.said.report
    refund, part = _part_of(case, report.part)
    after = heard(refund, report, by_batal=_by_batal(case, part.method), by_provider=act.said.by_provider)
    facts = {"part": report.part, "told": report.told, "amount": report.amount}
    if after.parts == refund.parts:
        seen = replace(case, refund=after, money_sent=True)
        return Step(case=seen, facts={**facts, "not_taken": after.not_taken[-1].not_taken})
    return with_facts(_changed(case, after, report.part, act.now), facts)


def retry_part(case: Case, act: Act[RetryPart], context: StepContext) -> Step:
    """The part is asked for again: one that failed at a further try, one that nobody answered of under the same key.

    Raises Refused `part_frozen` while it waits for a chargeback.
    """
    refund, part = _open_part(case, act.said.part)
    _goes_on(part, context)
    agreed = agreed_by_one(case, refund, [act.said.part], act, WayOn.RETRY, context)
    if agreed is not None:
        return agreed
    arrives_by = arrives(part, act.now, context)
    if part.surely_did_not_go and part.report is not None:
        again = asked_again(part, act.now, arrives_by)
    else:
        again = replace(part, state=PartState.DUE, arrives_by=max(arrives_by, part.arrives_by))
        again = replace(again, first_yes=None, withheld=False)
    after = refund.with_part(act.said.part, again)
    step = _changed(case, after, act.said.part, act.now)
    asked = asked_for(after, [act.said.part])
    return with_facts(replace(step, effects=(*asked, *step.effects)), {"part": act.said.part})


def redirect_part(case: Case, act: Act[RedirectPart], context: StepContext) -> Step:
    """A part that failed goes to the buyer's wallet instead, or to an account that they are asked for. Vouchers and
    coins never become money.

    Raises Refused `part_not_stuck` for one that may still go the way it was sent, `part_is_no_money`, `part_frozen`
    while it waits for a chargeback.
    """
    name, to = act.said.part, act.said.to
    refund, part = _open_part(case, name)
    _goes_on(part, context)
    if part.method.is_promo:
        raise Refused("part_is_no_money")
    if not part.may_go_elsewhere or (to is Instead.WALLET and part.method is Method.WALLET):
        raise Refused("part_not_stuck")
    if to is Instead.PAYOUT:
        # Nothing moves until the buyer has answered.
        step = _changed(case, refund.with_part(name, wants_account(part)), name, act.now)
    else:
        agreed = agreed_by_one(case, refund, [name], act, WayOn.REDIRECT, context)
        if agreed is not None:
            return agreed
        step = sent_elsewhere(case, refund, [name], None, act, context)
    return with_facts(step, {"part": name, "to": to})


def sent_elsewhere(
    case: Case,
    refund: Refund,
    names: Collection[str],
    account: AccountKept | None,
    act: Act[RedirectPart] | Act[PayOut],
    context: StepContext,
) -> Step:
    """These parts go to the account instead, or without one to the wallet: for each another part is there in its
    place."""
    method = account.method if account else Method.WALLET
    by_batal = account is None and _by_batal(case, method)
    after, credits = refund, list[Credit]()
    for name in names:
        part = refund.by_name[name]
        instead = RefundPart(
            method=method,
            amount=part.amount,
            state=PartState.PAID if by_batal else PartState.DUE,
            arrives_by=act.now,
            tender_id=part.tender_id,
            channel=account.channel if account else None,
            asked_at=act.now,
            provider=context.payouts if account else None,
            instead_of=name,
            account=account,
        )
        instead = replace(instead, arrives_by=arrives(instead, act.now, context))
        after = after.with_part(name, replace(part, state=PartState.REDIRECTED, first_yes=None))
        after = replace(after, parts=(*after.parts, instead))
        credits += [credit_of(case, after, instead, act.now)] if by_batal else []
    step = _changed(case, after, next(iter(names)), act.now)
    new = [name for name in after.by_name if name not in refund.by_name]
    told = [_event(after, name) for name in [*list(names)[1:], *new]]
    return replace(step, effects=(*step.effects, *told, *asked_for(after, new)), credits=tuple(credits))


def pay_out(case: Case, act: Act[PayOut], context: StepContext) -> Step:
    """All that cannot go the way it came goes to the account that the buyer named, or customer service for them; or
    into the wallet, if the buyer prefers that.

    Raises Refused `no_account_wanted`, `not_now` where nothing was granted, `part_frozen` while any of it waits for a
    chargeback.
    """
    if case.refund is None:
        raise Refused("not_now")
    account, names = act.said.account, list(case.refund.without_way)
    if not names:
        raise Refused("no_account_wanted")
    for name in names:
        _goes_on(case.refund.by_name[name], context)
    if act.actor.role is not Role.BUYER:
        if account is None:
            # Whether it stays with us is for the buyer to say.
            raise Refused("no_account_wanted")
        agreed = agreed_by_one(case, case.refund, names, act, WayOn.PAY_OUT, context, account.fingerprint)
        if agreed is not None:
            return agreed
    step = sent_elsewhere(case, case.refund, names, account, act, context)
    told = (Mail(MailKind.ACCOUNT_SET, Role.BUYER),) if account else ()
    where = {"to": account.channel, "ending": account.ending} if account else {"to": Instead.WALLET}
    return with_facts(replace(step, effects=(*step.effects, *told)), where)


def resolve_part(case: Case, act: Act[ResolvePart], context: StepContext) -> Step:
    """A part went by hand, under this reference.

    Raises Refused `part_not_stuck` for one that a provider was asked for, while it may do that yet.
    """
    refund, part = _open_part(case, act.said.part)
    if part.provider and part.state in AWAITED_PARTS:
        raise Refused("part_not_stuck")
    agreed = agreed_by_one(case, refund, [act.said.part], act, WayOn.RESOLVE, context, act.said.reference)
    if agreed is not None:
        return agreed
    paid = replace(part, state=PartState.PAID, reference=act.said.reference, first_yes=None)
    after = refund.with_part(act.said.part, paid)
    step = _changed(case, after, act.said.part, act.now)
    return with_facts(step, {"part": act.said.part, "reference": act.said.reference})


def _changed(case: Case, refund: Refund, name: str, now: datetime) -> Step:
    """The case once a part stands elsewhere: it closes with the last one that was open, and stays closed whatever
    becomes of one later."""
    case, part, told = replace(case, refund=refund, money_sent=True), refund.by_name[name], _event(refund, name)
    if case.state is not State.CLOSED and not refund.due:
        step = all_gone(case, now)
        return replace(step, effects=(told, *step.effects))
    effects: tuple[Promised, ...] = (told,)
    if part.state in (PartState.FAILED, PartState.HELD):
        effects = (*effects, *did_not_go(refund))
    elif part.state is PartState.NEEDS_ACCOUNT:
        effects = (*effects, ACCOUNT_WANTED)
    elif part.state is PartState.REVERSED:
        effects = (*effects, Mail(MailKind.MONEY_BOUNCED, Role.BUYER))
    elif case.state is State.CLOSED and not refund.due and not part.method.is_promo:
        effects = (*effects, Mail(MailKind.MONEY_RETURNED, Role.BUYER))
    return Step(case=case, effects=effects)


def agreed_by_one(
    case: Case,
    refund: Refund,
    names: Sequence[str],
    act: Act[RetryPart] | Act[RedirectPart] | Act[ResolvePart] | Act[PayOut],
    way: WayOn,
    context: StepContext,
    reference: str | None = None,
) -> Step | None:
    """The step that only notes the first of two yeses to what these parts have in common; None where one is enough, or
    this is the second.

    Raises Refused `same_person`.
    """
    policy, parts = context.policy, [refund.by_name[name] for name in names]
    limit, amount = policy.second_person_above, sum(part.amount for part in parts)
    if limit is None or not policy.is_above(limit, Money(amount, refund.currency)):
        return None
    firsts = [part.first_yes for part in parts]
    if all(first is not None and (first.way, first.reference) == (way, reference) for first in firsts):
        if any(first is not None and first.by == act.actor.id for first in firsts):
            raise Refused("same_person")
        return None
    first, after = FirstYes(way=way, by=act.actor.id, reference=reference), refund
    for name, part in zip(names, parts, strict=True):
        after = after.with_part(name, replace(part, first_yes=first))
    return Step(case=replace(case, refund=after), facts={"part": ", ".join(names), "first_yes": way})


def _event(refund: Refund, name: str) -> RefundPartChanged:
    part = refund.by_name[name]
    return RefundPartChanged(
        refund_id=refund.refund_id,
        currency=refund.currency,
        part=part_told(refund, name),
        part_state=part.state.word,
        reference=part.reference,
    )


def _by_batal(case: Case, method: Method) -> bool:
    """Whether the built-in wallet pays it."""
    return case.policy.paid_back_by(method) is PaidBackBy.WALLET


def _part_of(case: Case, name: str) -> tuple[Refund, RefundPart]:
    if case.refund is None:
        raise Refused("not_now")
    part = case.refund.by_name.get(name)
    if part is None:
        raise NotFound("part")
    return case.refund, part


def _open_part(case: Case, name: str) -> tuple[Refund, RefundPart]:
    refund, part = _part_of(case, name)
    if part.state not in OPEN_PARTS:
        raise Refused("part_is_done", state=part.state.word)
    return refund, part


def _goes_on(part: RefundPart, context: StepContext) -> None:
    if context.order and part.tender_id in waits_for(context.order):
        raise Refused("part_frozen")
