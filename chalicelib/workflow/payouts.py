"""Accounts that money is paid out to: named by the buyer or for them, sealed before anything is decided, and read again
only to pay, or by the system that pays."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Command, PayOut
from chalicelib.domain.cases.transitions import CaseRefused, may_ever
from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.money.payout import Account, AccountKept, AccountSealed, kept_of
from chalicelib.domain.money.refund import AWAITED_PARTS, Refund, RefundPart
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports
from chalicelib.workflow import decisions
from chalicelib.workflow.access import case_for
from chalicelib.workflow.committing import Remember

# Indonesia keeps financial records for ten years (PP 80/2019); after that nobody needs an account number.
KEPT = timedelta(days=3653)
# Who may ask where money was paid out to.
READERS = frozenset({Role.BUYER, Role.SUPPORT, Role.OPERATOR, Role.SYSTEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """Where a refund's money is paid out to: what everybody may see of it (None: no account was named), the account
    itself for the system that has to pay there, and for staff the other cases that it was named for."""

    case: Case
    refund: Refund
    kept: AccountKept | None = None
    account: Account | None = None
    also_of: tuple[str, ...] = ()


def name_account(
    ports: Ports, case_id: str, account: Account | None, note: str | None, actor: Actor, remember: Remember | None
) -> Case:
    """Money that cannot go the way it came goes to this account; None: into the wallet.

    Raises Forbidden, NotFound, Refused `no_account_wanted`, `same_person`.
    """
    if not may_ever(actor.role, Command.PAY_OUT):
        raise Forbidden(actor.role, Command.PAY_OUT)
    case = case_for(ports, case_id, actor)
    if case.refund is None or not case.refund.without_way:
        # Nothing is kept that nobody asked for.
        raise CaseRefused("no_account_wanted", case)
    kept = _sealed(ports, case_id, account) if account else None
    return decisions.say(ports, case_id, PayOut(account=kept, note=note), actor, remember)


def _sealed(ports: Ports, case_id: str, account: Account) -> AccountKept:
    """Kept before the case says so: what a case names is there."""
    kept = kept_of(account, ports.new_id(), ports.vault.fingerprint(account))
    ports.store.put_account(
        AccountSealed(
            case_id=case_id,
            account_id=kept.account_id,
            fingerprint=kept.fingerprint,
            sealed=ports.vault.seal(case_id, account),
            kept_until=ports.now() + KEPT,
        )
    )
    return kept


def paid_out(ports: Ports, case_id: str, actor: Actor) -> PaidOut:
    """Where a refund's money is paid out to. Raises Forbidden, NotFound."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "see_payout_account")
    case = case_for(ports, case_id, actor)
    if case.refund is None:
        raise NotFound("refund")
    seen, last = seen_in(case), _last_of(case.refund)
    if last is None:
        return seen
    return replace(
        seen,
        account=account_of(ports, case_id, last) if actor.role is Role.SYSTEM and _pays(last) else None,
        also_of=_others(ports, case_id, last) if actor.role in (Role.SUPPORT, Role.OPERATOR) else (),
    )


def seen_in(case: Case) -> PaidOut:
    """What everybody may see of it. Raises NotFound where there is no refund."""
    if case.refund is None:
        raise NotFound("refund")
    last = _last_of(case.refund)
    return PaidOut(case=case, refund=case.refund, kept=last.account if last else None)


def _last_of(refund: Refund) -> RefundPart | None:
    """The part that was sent to an account last."""
    named = [part for part in refund.parts if part.account]
    return named[-1] if named else None


def account_of(ports: Ports, case_id: str, part: RefundPart) -> Account | None:
    """The account that a part is paid out to; None where there is none, or its time is over. Raises Unavailable."""
    kept = ports.store.account(case_id, part.account.account_id) if part.account else None
    return ports.vault.unseal(case_id, kept.sealed) if kept and kept.kept_until > ports.now() else None


def _pays(part: RefundPart) -> bool:
    """Whether the marketplace is to pay it now."""
    return part.provider is None and part.state in AWAITED_PARTS


def _others(ports: Ports, case_id: str, part: RefundPart) -> tuple[str, ...]:
    found = ports.store.cases_with_account(part.account.fingerprint) if part.account else ()
    return tuple(each for each in found if each != case_id)
