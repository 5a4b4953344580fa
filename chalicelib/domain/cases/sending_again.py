"""A mail that somebody lost: which ones still say how a case stands, and how one of them goes out once more."""

from collections.abc import Mapping

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import Command, DeliverAgain
from chalicelib.domain.cases.effects import Mail, MailKind, Promise, encode
from chalicelib.domain.cases.held import without_deciding
from chalicelib.domain.cases.milestones import is_there
from chalicelib.domain.cases.step import Act, Step, StepContext
from chalicelib.domain.cases.transitions import CaseRefused
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind

_ENDS: Mapping[Outcome, MailKind] = {
    Outcome.CANCELLED: MailKind.APPROVED,
    Outcome.RETURNED: MailKind.APPROVED,
    Outcome.REJECTED: MailKind.REJECTED,
    Outcome.EXPIRED: MailKind.EXPIRED,
    Outcome.WITHDRAWN: MailKind.WITHDRAWN,
    Outcome.OVERTAKEN: MailKind.OVERTAKEN,
    Outcome.SETTLED: MailKind.SETTLED,
}


def may_go_again(case: Case, to: Role) -> tuple[MailKind, ...]:
    """The kinds of mail that tell this party how the case stands now; what is over is not told once more."""
    if case.kind is Kind.CORRECTION and to is Role.SELLER:
        return ()
    told = {
        State.AWAITING_SELLER: {Role.BUYER: MailKind.REQUEST_RECEIVED, Role.SELLER: MailKind.DECISION_NEEDED},
        State.AWAITING_BUYER: {Role.BUYER: MailKind.OFFER_MADE},
        State.AWAITING_SUPPORT: dict.fromkeys((Role.BUYER, Role.SELLER), _before_support(case)),
        State.AWAITING_GOODS: dict.fromkeys((Role.BUYER, Role.SELLER), MailKind.GOODS_AWAITED),
        State.REFUNDING: dict.fromkeys((Role.BUYER, Role.SELLER), _ended(case)),
        State.CLOSED: dict.fromkeys((Role.BUYER, Role.SELLER), _ended(case)),
    }[case.state].get(to)
    kinds = [told] if told else []
    if to is Role.BUYER and case.way_back and case.way_back.label_url and case.state is State.AWAITING_GOODS:
        kinds.append(MailKind.RETURN_LABEL)
    if to is Role.BUYER and case.refund and case.refund.wants_account:
        kinds.append(MailKind.ACCOUNT_WANTED)
    arrived = case.refund is not None and case.refund.total > 0 and case.refund.state == "succeeded"
    if to is Role.BUYER and arrived and not is_there(case):
        kinds.append(MailKind.MONEY_RETURNED)
    if case.late_parcel_way:
        kinds.append(MailKind.PARCEL_SETTLED)
    return tuple(kinds)


def _before_support(case: Case) -> MailKind:
    looked_again = case.decision is not None and case.decision.command in (Command.APPEAL, Command.REOPEN)
    return MailKind.REOPENED if looked_again else MailKind.ESCALATED


def _ended(case: Case) -> MailKind:
    if case.is_goodwill:
        return MailKind.APPROVED
    return _ENDS[case.outcome or case.ends_as]


def send_again(case: Case, mail: Mail, act: Act[DeliverAgain], context: StepContext) -> Change:
    """The change that promises a mail once more, under an entry of its own. Nothing is decided.

    Raises CaseRefused `not_now` where it would not say how the case stands, `mail_under_way` where it has not gone out
    yet.
    """
    if mail.kind not in may_go_again(case, mail.to):
        raise CaseRefused("not_now", case)
    if any(promise.effect == mail for promise in case.outbox):
        raise CaseRefused("mail_under_way", case)
    facts = {"effects": [encode(Promise(case.entries + 1, mail))]}
    return without_deciding(case, Step(case=case, effects=(mail,), facts=facts), act, context)
