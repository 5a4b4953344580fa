"""What Batal remembers of an order's money beside the order as last told: per tender, and for the order as a whole.

Everything else is computed from this whenever something changes (money/books.py).
Amounts in minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.orders.chargebacks import Chargeback


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One tender's money.

    promo       no money, but a voucher or coins: neither ever turns into the other
    collected   what really arrived: as told, or inferred once and never taken back
    told        whether somebody told it; only then may it be less than the tender's amount says
    basis       the highest amount that was inferred as collected: inferred money grows beyond it alone
    taken       promised back by Batal, sent or not
    kept        what stays behind of what gone pieces cost: fees, deductions
    settled     what gone pieces cost which the order does not list any more
    elsewhere   what pieces that went without Batal are worth: the marketplace gives it back, told or not
    formerly    the tenders whose place it took, with what they gave back
    charged_back   promised back once and not any more, since a bank gave it by a chargeback
    """

    promo: bool = False
    collected: int = 0
    told: bool = False
    basis: int | None = None
    taken: int = 0
    kept: int = 0
    settled: int = 0
    elsewhere: int = 0
    formerly: tuple[str, ...] = ()
    charged_back: int = 0


class Stays(StrEnum):
    """What belongs to the order as a whole and may stay paid when its last piece goes."""

    SHIPPING = "shipping"
    SERVICE_FEE = "service_fee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What somebody of the marketplace says was really collected by a tender, until a second person agrees."""

    tender_id: str
    amount: int
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstWish:
    """What one of customer service wants to give of an order's money without a request, until a second person agrees;
    `note` says why, for staff alone. No `tender_id`: all money that is left, in proportion."""

    amount: int
    tender_id: str | None
    reason: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What is remembered of an order's money.

    accounts      per tender id
    fill          the order of methods in which money goes back; None: all tenders in proportion
    elsewhere     pieces that went without Batal, per line id
    acknowledged  gone pieces that the order does not list any more, per line id
    stays         what stayed paid when the last piece went
    shipping_kept shipping of single lines that stayed paid though their pieces went
    lost          codes of promotions that the buyer's own choice ended, where policy charges them
    fee_points    ten-thousandths of a minor unit of percentage fee so far
    fee_charged   fees so far, those that were waived too
    corrections   what waits for a second person
    beside        cases that gave back money which came late, or as goodwill, whatever else was asked meanwhile
    goodwill      what was given as goodwill in all
    wish          goodwill that waits for a second person
    chargebacks   what banks dispute, or disputed, of its tenders
    """

    accounts: Mapping[str, Account] = field(default_factory=dict)
    fill: tuple[str, ...] | None = None
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    acknowledged: Mapping[str, int] = field(default_factory=dict)
    stays: frozenset[Stays] = frozenset()
    shipping_kept: int = 0
    lost: frozenset[str] = frozenset()
    fee_points: int = 0
    fee_charged: int = 0
    corrections: tuple[Correction, ...] = ()
    beside: tuple[str, ...] = ()
    goodwill: int = 0
    wish: FirstWish | None = None
    chargebacks: tuple[Chargeback, ...] = ()
