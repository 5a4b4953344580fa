"""The ledger: what Batal moves between the accounts of a marketplace, in entries that balance.

An entry is made of moves, and a move gives to one account exactly what it takes from another: an entry that does not
balance cannot be said. Its legs are the two sides of each move, below zero where an account gives. Amounts are minor
units of the entry's one currency. Only buyers' wallets keep a running balance; what any other account holds is the sum
of its legs.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.ids import joined
from chalicelib.domain.money.refund import AWAITED_PARTS, OPEN_PARTS, PartState, Refund, RefundPart
from chalicelib.domain.money.wallet import Credit, Debit
from chalicelib.domain.orders.methods import PaidBackBy


class LedgerAccount(StrEnum):
    """What money can be in or come from, and in whose name (the owner)."""

    BUYER_WALLET = "buyer_wallet"  # a buyer: what they may spend
    SELLER_REVERSALS = "seller_reversals"  # a seller: below zero, as this much less is settled with them
    REFUNDS_DUE = "refunds_due"  # a refund: promised to the buyer, and nobody is sending it
    PROVIDERS_IN_TRANSIT = "providers_in_transit"  # a payment method: asked of its provider, not yet confirmed
    PROVIDERS_PAID = "providers_paid"  # a payment method: confirmed by its provider
    PROMOTIONS = "promotions"  # vouchers or coins: given back as what they are, never as money
    STORE_CREDITS = "store_credits"  # the marketplace: credit with it that it was told to give back
    FEES = "fees"  # a platform: what was kept of what the buyer had paid
    WALLET_DEBITS = "wallet_debits"  # the marketplace: what it took out of wallets
    OPENING = "opening"  # the marketplace: below zero, what had been moved before there was a ledger


class Occasion(StrEnum):
    """What an entry is about."""

    REFUND_GRANTED = "refund_granted"
    REFUND_MOVED = "refund_moved"  # a payment provider's word about it
    REFUND_RECALLED = "refund_recalled"
    WALLET_DEBITED = "wallet_debited"
    OPENING = "opening"


MARKETPLACE = "marketplace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one owner has in an account."""

    account: LedgerAccount
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """So much (minor units, above zero) from one holding to another, for this part of a refund, if for one. Raises
    ValueError where nothing would move."""

    source: Holding
    target: Holding
    amount: int
    part: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no move."""
        if self.amount <= 0 or self.source == self.target:
            raise ValueError("a move takes more than nothing from one holding and gives it to another")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One side of a move: what it changes a holding by, in minor units."""

    holding: Holding
    amount: int
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """Moves that happen together or not at all, in one currency; `at` is UTC. Written once, never changed. `event_id`:
    of a debit, by which the marketplace knows it."""

    entry_id: str
    at: datetime
    what: Occasion
    currency: str
    moves: tuple[Move, ...]
    order_id: str | None = None
    case_id: str | None = None
    refund_id: str | None = None
    event_id: str | None = None

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Both sides of every move; together they are zero."""
        return tuple(
            Leg(holding=holding, amount=amount, part=move.part)
            for move in self.moves
            for holding, amount in ((move.source, -move.amount), (move.target, move.amount))
        )


def sums_of(entries: Iterable[LedgerEntry]) -> Mapping[tuple[Holding, str], int]:
    """What each holding comes to, per currency, in minor units."""
    sums = Counter[tuple[Holding, str]]()
    for entry in entries:
        for leg in entry.legs:
            sums[leg.holding, entry.currency] += leg.amount
    return sums


def moves_of(
    before: Refund | None, after: Refund | None, credits: Iterable[Credit], seller_id: str
) -> tuple[Move, ...]:
    """What happened to a refund, as moves: each part goes from where it was to where it is now.

    `credits` are those that this puts into the built-in wallet. A refund from before there was a ledger is opened
    first: with what of it was still on its way.
    """
    moves: list[Move] = []
    seller = Holding(account=LedgerAccount.SELLER_REVERSALS, owner=seller_id)
    buyers = {credit.part: credit.buyer_id for credit in credits}
    earlier, later = _parts(before), _parts(after)
    if before is not None and not before.in_ledger:
        for key, part in earlier.items():
            if part.state in OPEN_PARTS:
                moves += _moved(_opening(), _holding(before, part), part.amount, key)
    for key in {**earlier, **later}:
        was, now = earlier.get(key), later.get(key)
        source = _holding(before, was) if before and was else seller
        target = _holding(after, now, buyers.get(key)) if after and now else seller
        if was and now and was.amount == now.amount:
            moves += _moved(source, target, now.amount, key)
            continue
        moves += _moved(source, seller, was.amount, key) if was else []
        moves += _moved(seller, target, now.amount, key) if now else []
    return tuple(moves)


def kept_of(platform: str, seller_id: str, fees: int) -> tuple[Move, ...]:
    """So much more (minor units; below zero: less again) was kept as fees."""
    seller = Holding(account=LedgerAccount.SELLER_REVERSALS, owner=seller_id)
    return tuple(_moved(seller, Holding(account=LedgerAccount.FEES, owner=platform), fees))


def entry_of_debit(debit: Debit) -> LedgerEntry:
    """The entry of what the marketplace takes out of a wallet."""
    spent = Holding(account=LedgerAccount.WALLET_DEBITS, owner=MARKETPLACE)
    # Ids of others may be long: together they are more than a key may have.
    known_by = joined(debit.buyer_id, debit.currency, debit.event_id)
    return LedgerEntry(
        entry_id=f"debit:{hashlib.sha256(known_by.encode()).hexdigest()[:32]}",
        at=debit.at,
        what=Occasion.WALLET_DEBITED,
        currency=debit.currency,
        moves=tuple(_moved(_wallet(debit.buyer_id), spent, debit.amount)),
        event_id=debit.event_id,
    )


def entry_of_opening(credit: Credit) -> LedgerEntry:
    """The entry of what came into a wallet before there was a ledger."""
    return LedgerEntry(
        entry_id=f"opening:{credit.refund_id}:{credit.part}",
        at=credit.at,
        what=Occasion.OPENING,
        currency=credit.currency,
        moves=tuple(_moved(_opening(), _wallet(credit.buyer_id), credit.amount, credit.part)),
        order_id=credit.order_id,
        case_id=credit.case_id,
        refund_id=credit.refund_id,
    )


def _parts(refund: Refund | None) -> dict[str, RefundPart]:
    return {part.tender_id: part for part in refund.going} if refund else {}


def _holding(refund: Refund, part: RefundPart, buyer_id: str | None = None) -> Holding:
    """Where a part's money is; with `buyer_id` it was paid into their built-in wallet."""
    if part.is_stuck or part.withheld or part.state is PartState.NEEDS_ACCOUNT:
        return Holding(account=LedgerAccount.REFUNDS_DUE, owner=refund.refund_id)
    if part.state is PartState.PAID and buyer_id is not None:
        return _wallet(buyer_id)
    if part.state in AWAITED_PARTS:
        return Holding(account=LedgerAccount.PROVIDERS_IN_TRANSIT, owner=part.method)
    # What the marketplace gives back itself is where it was when it says that it has.
    if part.state is PartState.PAID and part.method.paid_back_by is not PaidBackBy.MARKETPLACE:
        return Holding(account=LedgerAccount.PROVIDERS_PAID, owner=part.method)
    if part.method.is_promo:
        return Holding(account=LedgerAccount.PROMOTIONS, owner=part.method)
    return Holding(account=LedgerAccount.STORE_CREDITS, owner=MARKETPLACE)


def _wallet(buyer_id: str) -> Holding:
    return Holding(account=LedgerAccount.BUYER_WALLET, owner=buyer_id)


def _opening() -> Holding:
    return Holding(account=LedgerAccount.OPENING, owner=MARKETPLACE)


def _moved(source: Holding, target: Holding, amount: int, part: str | None = None) -> list[Move]:
    """The move of an amount; the other way round where it is below zero, and none of nothing."""
    if amount < 0:
        source, target = target, source
    if not amount or source == target:
        return []
    return [Move(source=source, target=target, amount=abs(amount), part=part)]
