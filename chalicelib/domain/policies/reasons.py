"""The reasons that people may give, each with the party at fault. Labels are texts `reason.<code>` in locales/."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.orders.statuses import ARRIVED, NOT_BEGUN, PARCEL_LEFT
from chalicelib.domain.orders.statuses import OrderStatus as S
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault

CATALOGUE_VERSION = "2027-01"


class Kind(StrEnum):
    """What a case is about: what the buyer asks for, or money that goes back without a request."""

    CANCELLATION = "cancellation"
    RETURN = "return"
    CORRECTION = "correction"


# What can be asked for.
REQUESTS = (Kind.CANCELLATION, Kind.RETURN)


class RefusingReason(StrEnum):
    """Why a request is refused."""

    ALREADY_SHIPPED = "already_shipped"
    ALREADY_PACKED = "already_packed"
    MADE_TO_ORDER = "made_to_order"
    PERISHABLE = "perishable"
    POLICY = "policy"
    USED_OR_INCOMPLETE = "used_or_incomplete"
    OTHER = "other"


class GivenFor(StrEnum):
    """Why customer service gives money back without a request: as goodwill, or since the buyer keeps faulty goods."""

    GOODWILL = "goodwill"
    PARTIAL_KEEP = "partial_keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """For what and by whom it may be given, at which order statuses, and whose fault it names.

    role             who gives it: buyers, and whoever asks for them; sellers; or SUPPORT, which is customer service and
                     the marketplace's systems alone
    evidence         whether photos are wanted along with it: who asks is asked for them, and may do without
    goods_come_back  whether there are goods that can come back; else a yes pays at once
    """

    code: str
    fault: Fault
    statuses: frozenset[S]
    kind: Kind = Kind.CANCELLATION
    role: Role = Role.BUYER
    evidence: bool = False
    goods_come_back: bool = True


_BEFORE_SHIPPING = NOT_BEGUN | {S.PROCESSING, S.READY_TO_SHIP}
_ON_THE_WAY = PARCEL_LEFT - ARRIVED
_BEFORE_DELIVERY = _BEFORE_SHIPPING | _ON_THE_WAY
_DELIVERED = frozenset({S.DELIVERED})


def _return(code: str, fault: Fault, *, evidence: bool = False, goods_come_back: bool = True) -> Reason:
    return Reason(
        code=code,
        fault=fault,
        statuses=_DELIVERED,
        kind=Kind.RETURN,
        evidence=evidence,
        goods_come_back=goods_come_back,
    )


def _seller(code: str) -> Reason:
    return Reason(code=code, fault=Fault.SELLER, statuses=_BEFORE_SHIPPING, role=Role.SELLER)


ASKING = (
    Reason(code="changed_mind", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
    Reason(code="wrong_size", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
    Reason(code="wrong_item", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
    Reason(code="wrong_address", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
    Reason(code="found_cheaper", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
    Reason(code="change_payment", fault=Fault.BUYER, statuses=_BEFORE_SHIPPING),
    Reason(code="ordered_twice", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
    Reason(code="seller_slow", fault=Fault.SELLER, statuses=_BEFORE_SHIPPING),
    Reason(code="seller_asked_to_cancel", fault=Fault.SELLER, statuses=_BEFORE_DELIVERY),
    Reason(code="delivery_late", fault=Fault.CARRIER, statuses=_ON_THE_WAY),
    Reason(code="voucher_forgotten", fault=Fault.BUYER, statuses=_BEFORE_SHIPPING),
    Reason(code="shipping_too_dear", fault=Fault.BUYER, statuses=_BEFORE_SHIPPING),
    Reason(code="agreed_with_seller", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
    Reason(code="parcel_lost", fault=Fault.CARRIER, statuses=_ON_THE_WAY, goods_come_back=False),
    Reason(code="delivery_failed", fault=Fault.CARRIER, statuses=_ON_THE_WAY),
    Reason(code="other", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
    # what customer service and systems alone can know: neither the buyer's choice nor the seller's doing
    Reason(code="fraud", fault=Fault.PLATFORM, statuses=_BEFORE_DELIVERY, role=Role.SUPPORT),
    Reason(code="payment_declined", fault=Fault.PLATFORM, statuses=_BEFORE_SHIPPING, role=Role.SUPPORT),
    # goods that arrived
    _return("changed_mind", Fault.BUYER),
    _return("wrong_size", Fault.BUYER),
    _return("damaged", Fault.SELLER, evidence=True),
    _return("not_as_described", Fault.SELLER, evidence=True),
    _return("wrong_item_sent", Fault.SELLER, evidence=True),
    _return("parts_missing", Fault.SELLER, evidence=True),
    _return("counterfeit", Fault.SELLER, evidence=True),
    _return("damaged_in_transit", Fault.CARRIER, evidence=True),
    _return("not_received", Fault.CARRIER, goods_come_back=False),
    _return("other", Fault.BUYER),
    # sellers who cannot deliver
    _seller("out_of_stock"),
    _seller("price_mistake"),
    _seller("cannot_ship_there"),
    _seller("shop_closed"),
    _seller("goods_damaged"),
)


def reasons_for(status: S, kind: Kind = Kind.CANCELLATION, role: Role = Role.BUYER) -> tuple[Reason, ...]:
    """The reasons to choose from while the order stands at `status`."""
    return tuple(r for r in ASKING if status in r.statuses and r.kind is kind and r.role is role)


def find_reason(code: str, status: S, kind: Kind = Kind.CANCELLATION, role: Role = Role.BUYER) -> Reason | None:
    """The reason with this code, if it may be given for this kind, by this role, at this status."""
    return next((reason for reason in reasons_for(status, kind, role) if reason.code == code), None)


def fault_of(code: str | None) -> Fault | None:
    """Whose fault a reason of the catalogue names, whoever gives it; None for any other word."""
    return next((reason.fault for reason in ASKING if reason.code == code), None)


def wants_evidence(code: str | None, kind: Kind) -> bool:
    """Whether photos are wanted along with this reason."""
    return any(reason.evidence for reason in ASKING if reason.code == code and reason.kind is kind)
