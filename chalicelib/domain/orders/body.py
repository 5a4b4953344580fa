"""What the marketplace's order system (OMS) tells of an order: its body, as pushed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.statuses import OrderStatus


class Method(StrEnum):
    """How a part of an order was paid."""

    WALLET = "wallet"
    CARD = "card"
    BANK = "bank"
    VIRTUAL_ACCOUNT = "virtual_account"
    PAYLATER = "paylater"
    VOUCHER = "voucher"
    COINS = "coins"
    COD = "cod"


class Funding(StrEnum):
    """Who pays for a discount."""

    SELLER = "seller"
    PLATFORM = "platform"


class Fulfilment(StrEnum):
    """Who ships the goods."""

    SELLER = "seller"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A buyer or a seller: an id of the marketplace's, and how to write to them."""

    id: str
    name: str
    email: str
    phone: str | None = None
    locale: str = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller(Person):
    """A seller, and where returned goods come to."""

    return_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article of an order; `unit_price` in minor units. Lines with the same `package` are packed together."""

    line_id: str
    name: str
    quantity: int
    unit_price: int
    sku: str | None = None
    category: str | None = None
    package: str | None = None

    @property
    def amount(self) -> int:
        """Price of the whole line in minor units."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A reduction of what was paid, a positive amount in minor units."""

    code: str
    amount: int
    funded_by: Funding


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """A part of the payment, in minor units."""

    method: Method
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBody:
    """The order as the OMS pushes it. Money in minor units of `currency` (ISO 4217), times in UTC."""

    order_id: str
    platform: str
    version: int
    status: OrderStatus
    buyer: Person
    seller: Seller
    placed_at: datetime
    currency: str
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...]
    paid_at: datetime | None = None
    delivered_at: datetime | None = None
    shipping_fee: int = 0
    service_fee: int = 0
    tax: int = 0
    discounts: tuple[Discount, ...] = ()
    fulfilment: Fulfilment = Fulfilment.SELLER

    @property
    def goods(self) -> int:
        """Price of all lines before discounts, in minor units."""
        return sum(line.amount for line in self.lines)

    def goods_of(self, quantities: Mapping[str, int]) -> int:
        """Price of these quantities per line id before discounts, in minor units."""
        return sum(quantities.get(line.line_id, 0) * line.unit_price for line in self.lines)

    @property
    def paid(self) -> int:
        """The sum of the tenders, in minor units."""
        return sum(tender.amount for tender in self.tenders)


def check_body(body: OrderBody) -> None:
    """Refuse an order whose parts contradict each other.

    Raises Invalid `amounts_do_not_add_up` unless tenders = lines + shipping + service fee + tax - discounts,
    and Invalid `validation_failed` where two lines share an id or one payment method stands twice.
    """
    _refuse_doubles("lines", "line_id", [line.line_id for line in body.lines])
    _refuse_doubles("tenders", "method", [tender.method for tender in body.tenders])
    due = body.goods + body.shipping_fee + body.service_fee + body.tax - sum(d.amount for d in body.discounts)
    if body.paid != due:
        raise Invalid("amounts_do_not_add_up", tenders=body.paid, order=due)


def _refuse_doubles(where: str, name: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise Invalid("validation_failed", errors=[{"field": where, "message": f"{name} must be unique"}])
