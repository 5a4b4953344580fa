"""What pushes of orders carry, as bodies.py does for all other requests."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain.money.payments import Payment
from chalicelib.domain.orders.body import (
    KINDS_OF_CHARGES,
    Fulfilment,
    Funding,
    Reach,
    Relation,
    Scope,
    TenderState,
    is_masked,
)
from chalicelib.domain.orders.chargebacks import ChargebackState
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.people.addresses import ascii_domain
from chalicelib.domain.zones import Zone
from chalicelib.edge.bodies import (
    EMAIL,
    END,
    WIDE_EMAIL,
    Address,
    Amount,
    Currency,
    EventId,
    Id,
    LineWish,
    Locale,
    Moment,
    Note,
    Phone,
    Pieces,
    Platform,
    SomeAmount,
    Text,
    Version,
)
from chalicelib.edge.limits import (
    LONGEST_LINK,
    LONGEST_NAME,
    MOST_CHARGES,
    MOST_LINES,
    MOST_PACKAGES,
    MOST_PIECES,
    MOST_REFERENCES,
    MOST_REFUNDS,
    MOST_TENDERS,
)
from chalicelib.locales import language_tag

# As platforms have them: titles are long, and some people's names are not told.
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
PersonName = Annotated[str, Meta(max_length=LONGEST_NAME, description="May be empty where nobody tells it")]
# What is shown of a masked address is one, too.
MailAddress = Annotated[str, Meta(max_length=254)]


class PersonBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A buyer or seller."""

    id: Id
    name: PersonName
    email: MailAddress | None = None
    phone: Phone | None = None
    locale: Locale = "id"
    contact: Annotated[
        Reach,
        Meta(
            description="No mail goes to a masked address, to one whose name before the @ is not ASCII (kept as "
            "masked), or where there is none: `person.tell` is published instead"
        ),
    ] = Reach.DIRECT
    zone: (
        Annotated[
            Zone, Meta(description="Where they live: what mails tell times in; the marketplace's own unless told")
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        """Raises ValueError for an address that mail cannot go to, unless it is said to be masked, looks so, or is of a
        script that mail services do not deliver to.

        How the person is reached is kept as the address shows it, the locale as BCP 47 writes it.
        """
        email, reach = self.email or None, self.contact
        if email is None:
            reach = Reach.NONE
        elif is_masked(email) and reach is not Reach.NONE:
            reach = Reach.MASKED
        elif reach in (Reach.DIRECT, Reach.PROXY):
            if not EMAIL.match(email):
                if not WIDE_EMAIL.match(email):
                    raise ValueError("email: no address that mail can go to")
                reach = Reach.MASKED
            if ascii_domain(email.rpartition("@")[2]) is None:
                raise ValueError("email: no such domain can be")
        # The one moment when a frozen struct may still be written.
        for name, known in (("email", email), ("contact", reach), ("locale", language_tag(self.locale))):
            msgspec.structs.force_setattr(self, name, known)


class SellerBody(PersonBody, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A seller, with the name over the shop and where returned goods come to."""

    return_address: Address | None = None
    shop_name: Name | None = None


Count = Annotated[int, Meta(ge=0, le=MOST_PIECES)]
# Who pays for a discount: one, or several in proportion to these numbers.
FundedBy = Funding | Annotated[dict[Funding, Annotated[int, Meta(ge=1, le=10**13)]], Meta(min_length=1)]


class LineDiscountBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What of a discount falls on this line, in minor units."""

    code: Text
    amount: Amount
    funded_by: FundedBy


class QuantitiesBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """How many pieces came how far elsewhere, all told so far."""

    shipped: Count = 0
    delivered: Count = 0
    rejected: Count = 0
    returned: Count = 0


class LineBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One article."""

    line_id: Id
    name: Name
    quantity: Pieces
    unit_price: Amount
    sku: Text | None = None
    category: Text | None = None
    package: Text | None = None
    discounts: Annotated[tuple[LineDiscountBody, ...], Meta(max_length=50)] = ()
    tax: Amount | None = None
    shipping: Amount | None = None
    tax_included: bool | None = None
    parent_line_id: Id | None = None
    relation: Relation | None = None
    quantities: QuantitiesBody | None = None
    variant: Text | None = None
    image_url: Annotated[str, Meta(pattern=rf"^https://[^\s\"<>\\\\]+{END}", max_length=LONGEST_LINK)] | None = None


class DiscountBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A reduction."""

    code: Text
    amount: Amount
    funded_by: FundedBy
    scope: Scope = Scope.ORDER
    line_ids: Annotated[tuple[Id, ...], Meta(max_length=MOST_LINES)] = ()
    min_spend: Amount = 0


class ChargeBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Something else that was paid for, in minor units: of the order, or of one line."""

    kind: Annotated[
        str,
        Meta(
            pattern=rf"^[a-z][a-z0-9_]{{0,31}}{END}",
            description="Known by name: " + ", ".join(KINDS_OF_CHARGES),
        ),
    ]
    amount: Amount
    line_id: Id | None = None
    refundable: bool = True


class PackageBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A parcel: what is in it, and where it stands since when."""

    package_id: Id
    status: OrderStatus
    lines: Annotated[tuple[LineWish, ...], Meta(min_length=1, max_length=MOST_LINES)]
    tracking_number: Text | None = None
    carrier: Text | None = None
    at: Moment | None = None


class RefundBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Money that went back without Batal, in minor units; `tender_id` says of which tender."""

    refund_id: Id
    amount: Amount
    at: Moment
    by: Text | None = None
    tender_id: Id | None = None
    lines: Annotated[tuple[LineWish, ...], Meta(max_length=MOST_LINES)] = ()


class PreorderBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """When goods that are not there yet must have been sent."""

    ships_by: Moment


class PresentmentBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The total as the buyer saw it in a currency of their own: shown, never reckoned with."""

    currency: Currency
    amount: Amount


ReferenceName = Annotated[str, Meta(pattern=rf"^[A-Za-z][A-Za-z0-9_.-]{{0,63}}{END}")]
References = Annotated[
    dict[ReferenceName, Id],
    Meta(description="The same where a provider needs several, by name", min_length=1, max_length=MOST_REFERENCES),
]


class TenderBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A part of the payment, in minor units."""

    method: Method
    amount: Amount
    tender_id: Annotated[
        Id | None,
        Meta(description="Several tenders may share a method, and are told apart by it; else the method itself"),
    ] = None
    provider: Annotated[Id | None, Meta(description="Who took the money, and is asked to give it back")] = None
    channel: Annotated[
        Id | None, Meta(description="The brand or the bank, such as `gopay` or `bca`; any other is shown as it is told")
    ] = None
    reference: Annotated[Id | None, Meta(description="By which the provider knows the payment")] = None
    references: References | None = None
    state: Annotated[
        TenderState | None, Meta(description="A void tender will never be paid, and is no part of the sum")
    ] = None
    collected_at: Annotated[Moment | None, Meta(description="Of a collected tender: since when")] = None
    indivisible: Annotated[
        bool, Meta(description="Of a voucher or coins: it comes back whole with the last piece, or not at all")
    ] = False

    def __post_init__(self) -> None:
        """Give it its name."""
        if self.tender_id is None:
            msgspec.structs.force_setattr(self, "tender_id", self.method.value)


class OrderPut(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A whole order from the OMS. `version` rises with each; one that said something else before is refused, an older
    one changes nothing. It is the version of its `status`, too, where no newer one was told."""

    order_id: Id
    platform: Platform
    version: Version
    status: OrderStatus
    buyer: PersonBody
    seller: SellerBody
    placed_at: Moment
    currency: Currency
    lines: Annotated[tuple[LineBody, ...], Meta(min_length=1, max_length=MOST_LINES)]
    tenders: Annotated[tuple[TenderBody, ...], Meta(max_length=MOST_TENDERS)]
    paid_at: Moment | None = None
    delivered_at: Annotated[Moment | None, Meta(description="Of an order that is told as delivered: since when")] = None
    shipping_fee: Amount = 0
    service_fee: Amount = 0
    tax: Amount = 0
    discounts: Annotated[tuple[DiscountBody, ...], Meta(max_length=50)] = ()
    fulfilment: Fulfilment = Fulfilment.SELLER
    display_id: Text | None = None
    payment_id: Id | None = None
    tax_included: bool = False
    charges: Annotated[tuple[ChargeBody, ...], Meta(max_length=MOST_CHARGES)] = ()
    packages: Annotated[tuple[PackageBody, ...], Meta(max_length=MOST_PACKAGES)] = ()
    refunds: Annotated[tuple[RefundBody, ...], Meta(max_length=MOST_REFUNDS)] = ()
    cancel_reason: Text | None = None
    shipping_service: Text | None = None
    shipment_arranged_at: Moment | None = None
    preorder: PreorderBody | None = None
    presentment: PresentmentBody | None = None
    marketplace: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=64,
                description="Whose order it is: refused where that is another than this deployment's; not kept",
            ),
        ]
        | None
    ) = None


class PaymentPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What became of a part of the payment, all told, in minor units: `collected` is what arrived, `void` says that
    nothing will, `refunded` (or `returned`) is what the marketplace gave back itself; `corrected`, with a `note`, says
    what arrived in truth, and counts once a second person has said the same. `tender_id` is the order's own, or its
    payment method; `refund_id` says which refund brought it about, where one did. Who signs says `order_id` as
    well."""

    event_id: EventId
    tender_id: Id
    state: Payment
    amount: Amount
    at: Moment
    refund_id: Id | None = None
    order_id: Id | None = None
    references: References | None = None
    note: Note | None = None


class ChargebackPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A word about a chargeback: what the buyer's bank disputes of one tender, in minor units of the order's currency,
    at most what was collected by it. `inquiry` is a question alone, by which the payment can still be refunded;
    `opened` disputes it; `won`, `lost` and `withdrawn` end it. `due_by` is when the bank wants its answer. Where a
    tender has several, each is told under a `chargeback_id` of its own, always the same."""

    event_id: EventId
    tender_id: Id
    amount: SomeAmount
    state: ChargebackState
    due_by: Moment | None = None
    chargeback_id: Id | None = None
    order_id: Id | None = None


class StatusPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A change of status from the OMS, of an order or of one of its parcels: by its `version`, or, where the platform
    has none, by `event_id` and `at`. A parcel is meant by its `package_id`, or by its lines. `version` counts words
    about the status; a whole order counts as one of them, by its own. Who signs says `order_id` as well."""

    status: OrderStatus
    at: Moment
    version: Version | None = None
    event_id: EventId | None = None
    package_id: Id | None = None
    lines: Annotated[tuple[LineWish, ...], Meta(max_length=MOST_LINES)] = ()
    tracking_number: Text | None = None
    carrier: Text | None = None
    cancel_reason: Text | None = None
    order_id: Id | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where nothing orders it."""
        if self.version is None and self.event_id is None:
            raise ValueError("version or event_id: say which word this is")


class ClaimPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A warehouse is about to hand over the whole order, or one package of it. Who signs says `order_id` as well."""

    event_id: EventId
    package_id: Id | None = None
    order_id: Id | None = None
