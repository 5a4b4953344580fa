"""The built-in wallet: what is credited, what the marketplace debits, and what it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Money for a buyer's built-in wallet, in minor units; put only once per refund and part."""

    buyer_id: str
    currency: str
    amount: int
    refund_id: str
    part: str
    case_id: str
    order_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """Money that the marketplace takes out of a buyer's built-in wallet, in minor units; once per event and wallet."""

    buyer_id: str
    currency: str
    amount: int
    event_id: str
    reason: str
    at: datetime

    def is_told_as(self, other: "Debit") -> bool:
        """Whether both tell the same of one event, whenever they did and in whichever words."""
        return (self.buyer_id, self.currency, self.event_id, self.amount) == (
            other.buyer_id,
            other.currency,
            other.event_id,
            other.amount,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A buyer's built-in wallet in one currency, in minor units, never below zero; entries newest first.

    `next_cursor` leads to older ones where only a page was read.
    """

    buyer_id: str
    currency: str
    balance: int
    entries: Sequence[Credit | Debit] = ()
    next_cursor: str | None = None
