"""What wallets and the ledger look like in answers: the types of the contract, and what fills them.

Amounts are in the currency's minor unit.
"""

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

from chalicelib.domain.money.ledger import LedgerAccount, LedgerEntry, Occasion
from chalicelib.domain.money.wallet import Credit, Debit, Wallet
from chalicelib.edge.moments import Moment


class WalletEntryAnswer(TypedDict):
    """Money that came into a wallet from a refund (`credit`), or that the marketplace took out of it (`debit`)."""

    direction: Literal["credit", "debit"]
    amount: int
    at: Moment
    refund_id: NotRequired[str]
    part: NotRequired[str]
    case_id: NotRequired[str]
    order_id: NotRequired[str]
    event_id: NotRequired[str]
    reason: NotRequired[str]


class DebitAnswer(WalletEntryAnswer):
    """What was taken out of a wallet; told again, the same."""

    buyer_id: str
    currency: str


class WalletAnswer(TypedDict):
    """A buyer's built-in wallet; newest entry first, page by page."""

    buyer_id: str
    currency: str
    balance: int
    entries: Sequence[WalletEntryAnswer]
    next_cursor: str | None


class LegAnswer(TypedDict):
    """What an entry changes by in one account of one owner, in minor units, for this part of a refund, if for one."""

    account: LedgerAccount
    owner: str
    amount: int
    part: str | None


class LedgerEntryAnswer(TypedDict):
    """An entry of the ledger, never changed; its legs add up to zero. Ids where it is about such things."""

    entry_id: str
    at: Moment
    what: Occasion
    currency: str
    order_id: str | None
    case_id: str | None
    refund_id: str | None
    event_id: str | None
    legs: Sequence[LegAnswer]


def wallet_shape(wallet: Wallet) -> WalletAnswer:
    """A wallet, in minor units; newest entry first."""
    return {
        "buyer_id": wallet.buyer_id,
        "currency": wallet.currency,
        "balance": wallet.balance,
        "entries": [_wallet_entry(entry) for entry in wallet.entries],
        "next_cursor": wallet.next_cursor,
    }


def debit_shape(debit: Debit) -> DebitAnswer:
    """What was taken out of a wallet, in minor units."""
    return {**_of_debit(debit), "buyer_id": debit.buyer_id, "currency": debit.currency}


def _wallet_entry(entry: Credit | Debit) -> WalletEntryAnswer:
    if isinstance(entry, Debit):
        return _of_debit(entry)
    return {
        "direction": "credit",
        "amount": entry.amount,
        "at": entry.at,
        "refund_id": entry.refund_id,
        "part": entry.part,
        "case_id": entry.case_id,
        "order_id": entry.order_id,
    }


def _of_debit(debit: Debit) -> WalletEntryAnswer:
    return {
        "direction": "debit",
        "amount": debit.amount,
        "at": debit.at,
        "event_id": debit.event_id,
        "reason": debit.reason,
    }


def ledger_entry_shape(entry: LedgerEntry) -> LedgerEntryAnswer:
    """An entry of the ledger, leg by leg."""
    return {
        "entry_id": entry.entry_id,
        "at": entry.at,
        "what": entry.what,
        "currency": entry.currency,
        "order_id": entry.order_id,
        "case_id": entry.case_id,
        "refund_id": entry.refund_id,
        "event_id": entry.event_id,
        "legs": [
            {"account": leg.holding.account, "owner": leg.holding.owner, "amount": leg.amount, "part": leg.part}
            for leg in entry.legs
        ],
    }
