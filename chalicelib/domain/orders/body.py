"""What the marketplace's order system (OMS) tells of an order: its body, as pushed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.zones import Zone


class TenderState(StrEnum):
    """What the order's system says of a tender: the money is awaited, is there, or will never come."""

    PENDING = "pending"
    COLLECTED = "collected"
    VOID = "void"


class Funding(StrEnum):
    """Who pays for a discount."""

    SELLER = "seller"
    PLATFORM = "platform"
    BANK = "bank"
    BRAND = "brand"


class Scope(StrEnum):
    """What a discount lowers: everything, the shipping alone, or lines that it names."""

    ORDER = "order"
    SHIPPING = "shipping"
    LINES = "lines"


class Relation(StrEnum):
    """What a line is to its parent: given with it, a part of a set with one price, or another make of it."""

    GIFT = "gift"
    BUNDLE = "bundle"
    VARIANT = "variant"


class Reach(StrEnum):
    """How a person can be written to: at their own address, through one that the platform forwards, or not at all.

    A masked address is shown to people and leads nowhere: nothing is ever sent to it. Whom no mail reaches the
    marketplace itself is asked to tell.
    """

    DIRECT = "direct"
    PROXY = "proxy"
    MASKED = "masked"
    NONE = "none"


def is_masked(address: str) -> bool:
    """Whether a platform hid a part of it (`a***b@shop.test`, `T** K*`): it is there to be shown, not to be used."""
    return "*" in address


class Fulfilment(StrEnum):
    """Who ships the goods."""

    SELLER = "seller"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A buyer or a seller: an id of the marketplace's, how to write to them, and the zone they live in."""

    id: str
    name: str
    email: str | None = None
    phone: str | None = None
    locale: str = "id"
    contact: Reach = Reach.DIRECT
    zone: Zone | None = None

    @property
    def is_erased(self) -> bool:
        """Whether what was known of them was erased (erased.py): nobody whom an order tells of is without a language,
        though some are without a name."""
        return not (self.locale or self.name) and self.contact is Reach.NONE

    @property
    def mailbox(self) -> str | None:
        """The address that mails to this person go to; None where none may be sent."""
        if self.contact in (Reach.MASKED, Reach.NONE) or not self.email or is_masked(self.email):
            return None
        return self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller(Person):
    """A seller, the name over the shop, and where returned goods come to."""

    return_address: str | None = None
    shop_name: str | None = None


# Who pays for a discount: one of them, or several in proportion to these numbers.
FundedBy = Funding | Mapping[Funding, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDiscount:
    """The part of a discount that a platform says falls on one line, in minor units."""

    code: str
    funded_by: FundedBy
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """How many pieces of a line came how far elsewhere, all told so far; `rejected` ones the seller will not send."""

    shipped: int = 0
    delivered: int = 0
    rejected: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article of an order; amounts in minor units. Lines with the same `package` are packed together.

    discounts, tax, shipping   what falls on this line as the platform says it: facts, part of the order's own figures
    tax_included               whether the price holds the tax already; None: as the order says
    parent_line_id, relation   the line that this one goes with, and how
    """

    line_id: str
    name: str
    quantity: int
    unit_price: int
    sku: str | None = None
    category: str | None = None
    package: str | None = None
    discounts: tuple[LineDiscount, ...] = ()
    tax: int | None = None
    shipping: int | None = None
    tax_included: bool | None = None
    parent_line_id: str | None = None
    relation: Relation | None = None
    quantities: Quantities | None = None
    variant: str | None = None
    image_url: str | None = None

    @property
    def amount(self) -> int:
        """Price of the whole line in minor units."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A reduction of what was paid, a positive amount in minor units: all of it, with what lines say of this code.

    `line_ids` are the lines that one of scope `lines` lowers; one with a `min_spend` was given for that much of goods.
    """

    code: str
    amount: int
    funded_by: FundedBy
    scope: Scope = Scope.ORDER
    line_ids: tuple[str, ...] = ()
    min_spend: int = 0


# Charges that have words of their own; of any other kind people read "other charges".
KINDS_OF_CHARGES = ("cod_fee", "gift_wrap", "insurance", "tip", "small_order", "paylater_fee")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Something else that was paid for, such as wrapping or cash on delivery, in minor units; with `line_id`, for that
    line. What is not `refundable` stays paid."""

    kind: str
    amount: int
    line_id: str | None = None
    refundable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """So many pieces of a line."""

    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A parcel of an order: which pieces are in it, and where it stands since when; by which `version` of its own,
    where words about it have one."""

    package_id: str
    status: OrderStatus
    lines: tuple[Pieces, ...]
    tracking_number: str | None = None
    carrier: str | None = None
    at: datetime | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundElsewhere:
    """Money that went back without Batal, in minor units; for these pieces, where the platform says for which."""

    refund_id: str
    amount: int
    at: datetime
    by: str | None = None
    tender_id: str | None = None
    lines: tuple[Pieces, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preorder:
    """Goods that are not there yet: when the seller must have sent them."""

    ships_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentment:
    """What the buyer saw as the total in a currency of their own: shown, never reckoned with."""

    currency: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """A part of the payment, in minor units.

    tender_id     several tenders may share a method; where nobody says, the method itself
    provider      who took the money, and knows it by `reference`, or by several of them by name (`references`)
    channel       the brand or the bank: gopay, bca
    state         what the order's system says of it; None: nobody said
    indivisible   a voucher that comes back whole, with the order's last piece, or not at all
    """

    method: Method
    amount: int
    tender_id: str = ""
    provider: str | None = None
    channel: str | None = None
    reference: str | None = None
    references: Mapping[str, str] | None = None
    state: TenderState | None = None
    collected_at: datetime | None = None
    indivisible: bool = False

    def __post_init__(self) -> None:
        """Give it its name."""
        if not self.tender_id:
            object.__setattr__(self, "tender_id", self.method.value)

    @property
    def is_promo(self) -> bool:
        """Whether it is no money, and never turns into any."""
        return self.method.is_promo


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBody:
    """The order as the OMS pushes it. Money in minor units of `currency` (ISO 4217), times in UTC.

    display_id     the number that people know the order by, where it is not its id
    payment_id     shared by orders that were paid together
    shipping_fee, tax, discounts   the whole of each, with what lines say of it; where only lines say, their sum
    cancel_reason  why it was cancelled elsewhere, in the platform's word or one of Batal's
    """

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
    display_id: str | None = None
    payment_id: str | None = None
    tax_included: bool = False
    charges: tuple[Charge, ...] = ()
    packages: tuple[Package, ...] = ()
    refunds: tuple[RefundElsewhere, ...] = ()
    cancel_reason: str | None = None
    shipping_service: str | None = None
    shipment_arranged_at: datetime | None = None
    preorder: Preorder | None = None
    presentment: Presentment | None = None

    @property
    def name_for_people(self) -> str:
        """What people read instead of its id."""
        return (self.display_id or "").strip() or self.order_id

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
        return sum(tender.amount for tender in self.valid_tenders)

    @property
    def valid_tenders(self) -> tuple[Tender, ...]:
        """What the order is paid by: all but those that were voided."""
        return tuple(tender for tender in self.tenders if tender.state is not TenderState.VOID)
