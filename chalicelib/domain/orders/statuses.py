"""Where an order or a parcel of it stands, and which moves it may make."""

from collections.abc import Mapping
from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands (docs/rules.md R1), or one of its parcels.

    They are told in their order: of two that are told for one moment, the later of these counts.
    """

    UNPAID = "unpaid"
    PLACED = "placed"
    PAYMENT_REVIEW = "payment_review"
    ON_HOLD = "on_hold"
    PROCESSING = "processing"
    READY_TO_SHIP = "ready_to_ship"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    FAILED_DELIVERY = "failed_delivery"
    RETURNING_TO_SELLER = "returning_to_seller"
    RETURNED_TO_SELLER = "returned_to_seller"
    LOST = "lost"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


# Nothing has begun: cancelling needs no work undone.
NOT_BEGUN = frozenset(
    {OrderStatus.UNPAID, OrderStatus.PLACED, OrderStatus.PAYMENT_REVIEW, OrderStatus.ON_HOLD},
)
# And nobody may begin before somebody has looked.
HELD_UP = frozenset({OrderStatus.PAYMENT_REVIEW, OrderStatus.ON_HOLD})
# A parcel at one of these is between the seller and the buyer, or would be.
TRAVELLING = frozenset(
    {
        OrderStatus.SHIPPED,
        OrderStatus.FAILED_DELIVERY,
        OrderStatus.RETURNING_TO_SELLER,
        OrderStatus.RETURNED_TO_SELLER,
        OrderStatus.LOST,
    }
)
# At these it is with the buyer.
ARRIVED = frozenset({OrderStatus.DELIVERED, OrderStatus.COMPLETED})
# A parcel that reaches one of these has left the seller's hands; of a partly shipped order nobody may know which.
PARCEL_LEFT = TRAVELLING | ARRIVED | {OrderStatus.PARTLY_SHIPPED}
# But at these it does not travel any more: the seller has it again, or nobody.
NOT_TRAVELLING = frozenset({OrderStatus.RETURNED_TO_SELLER, OrderStatus.LOST})
# What is bound for the buyer, or with them; of what has left all else is on its way back, or lost.
BOUND_FOR_BUYER = PARCEL_LEFT - NOT_TRAVELLING - {OrderStatus.RETURNING_TO_SELLER}
# What has left, has not arrived, and is somewhere.
ON_ITS_WAY = PARCEL_LEFT - ARRIVED - NOT_TRAVELLING

# How far an order has come, stage by stage. It goes on, or to another status of the stage that it is at: held up or
# released, tried again or lost. A word from further back is kept as told, and moves nothing, so that no late or
# mistaken word gives anybody a right that time has taken.
_STAGES = (
    frozenset({OrderStatus.UNPAID}),
    NOT_BEGUN - {OrderStatus.UNPAID},
    frozenset({OrderStatus.PROCESSING}),
    frozenset({OrderStatus.READY_TO_SHIP}),
    frozenset({OrderStatus.PARTLY_SHIPPED}),
    TRAVELLING,
    frozenset({OrderStatus.DELIVERED}),
    frozenset({OrderStatus.COMPLETED}),
)
# The table of allowed moves. `cancelled` is the end of all but a completed order.
MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    **{
        status: (frozenset().union(*_STAGES[place:]) | {OrderStatus.CANCELLED}) - {status}
        for place, stage in enumerate(_STAGES)
        for status in stage
    },
    OrderStatus.COMPLETED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}


def place_of(status: OrderStatus) -> int:
    """Its place among the statuses as they are told."""
    return _PLACES[status]


def goes_on(before: OrderStatus, after: OrderStatus) -> bool:
    """Whether this is a move that cannot be taken back: to a later stage."""
    return after in MOVES[before] and before not in MOVES[after]


_PLACES = {status: place for place, status in enumerate(OrderStatus)}
