"""The built-in wallet: what is credited, and what it holds."""

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
class Wallet:
    """A buyer's built-in wallet in one currency, in minor units; entries newest first.

    `next_cursor` leads to older ones where only a page was read.
    """

    buyer_id: str
    currency: str
    balance: int
    entries: Sequence[Credit] = ()
    next_cursor: str | None = None
