"""The reasons that people may give, each with the party at fault. Labels are texts `reason.<code>` in locales/."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.order import OrderStatus as S

CATALOGUE_VERSION = "2026-11"


class Fault(StrEnum):
    """To whom a cancellation is attributed (product.md 1.4)."""

    BUYER = "buyer"
    SELLER = "seller"
    PLATFORM = "platform"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Who may give it, at which order statuses, and whose fault it names."""

    code: str
    fault: Fault
    statuses: frozenset[S]


_BEFORE_DELIVERY = frozenset({S.UNPAID, S.PLACED, S.PROCESSING, S.READY_TO_SHIP, S.SHIPPED})
_BEFORE_SHIPPING = _BEFORE_DELIVERY - {S.SHIPPED}

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
    Reason(code="delivery_late", fault=Fault.CARRIER, statuses=frozenset({S.SHIPPED})),
    Reason(code="other", fault=Fault.BUYER, statuses=_BEFORE_DELIVERY),
)

REFUSING = ("already_shipped", "already_packed", "made_to_order", "perishable", "policy", "other")


def reasons_for(status: S) -> tuple[Reason, ...]:
    """The reasons a buyer may choose from while the order stands at `status`."""
    return tuple(reason for reason in ASKING if status in reason.statuses)


def find_reason(code: str, status: S) -> Reason | None:
    """The reason with this code, if it may be given at this status."""
    return next((reason for reason in reasons_for(status) if reason.code == code), None)
