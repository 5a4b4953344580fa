"""Accounts that money is paid out to, as requests and answers have them: whole on the way in, masked ever after."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.payout import Account, bank_account, ewallet_account, masked
from chalicelib.domain.orders.methods import Method
from chalicelib.edge.bodies import PayoutAccountPut
from chalicelib.workflow.payouts import PaidOut


class EwalletAnswer(TypedDict):
    """An e-wallet and the phone number that it belongs to."""

    channel: str
    phone: str


class PayoutAccountAnswer(TypedDict):
    """Where a refund's money is paid out to: bank or e-wallet, or neither while nobody has said so. Numbers show their
    last digits, names their initials. `wanted`: an account may be named now, for `amount` (minor units).
    `needs_second_person`: one of customer service named it, and another one has to name the same. `also_of`, for staff:
    other cases that the same account was named for."""

    refund_id: str
    wanted: bool
    amount: int
    currency: str
    needs_second_person: bool
    bank: str | None
    account_number: str | None
    ewallet: EwalletAnswer | None
    holder: str | None
    also_of: NotRequired[Sequence[str]]


def account_in(given: PayoutAccountPut) -> Account | None:
    """The account that a request names; None: it is to be wallet credit. Raises Invalid `validation_failed`."""
    ways = {
        "bank": given.bank is not None or given.account_number is not None,
        "ewallet": given.ewallet is not None,
        "wallet": given.wallet is not None,
    }
    if sum(ways.values()) != 1:
        raise _wrong("bank", "name one: a bank account, an e-wallet, or the wallet")
    if given.ewallet:
        return ewallet_account(given.ewallet.channel, given.ewallet.phone, given.holder or "")
    if ways["bank"]:
        return bank_account(given.bank or "", given.account_number or "", given.holder or "")
    if given.holder is not None:
        raise _wrong("holder", "the wallet has no holder to name")
    return None


def payout_shape(found: PaidOut) -> PayoutAccountAnswer:
    """Where a refund's money is paid out to, as far as whoever asks may see."""
    kept, account, without = found.kept, found.account, found.refund.without_way
    number = account.number if account else masked(kept.ending) if kept else None
    is_bank = kept is not None and kept.method is Method.BANK
    answer: PayoutAccountAnswer = {
        "refund_id": found.refund.refund_id,
        "wanted": bool(without),
        "amount": sum(part.amount for part in without.values()),
        "currency": found.refund.currency,
        "needs_second_person": any(part.first_yes is not None for part in without.values()),
        "bank": kept.channel if kept and is_bank else None,
        "account_number": number if is_bank else None,
        "ewallet": {"channel": kept.channel, "phone": number or ""} if kept and not is_bank else None,
        "holder": account.holder if account else kept.initials if kept else None,
    }
    return {**answer, "also_of": found.also_of} if found.also_of else answer


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("validation_failed", errors=[{"field": field, "message": message}])
