"""Where an order stands, and which moves its parcels may make."""

from collections.abc import Mapping
from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands (docs/rules.md R1)."""

    UNPAID = "unpaid"
    PLACED = "placed"
    PROCESSING = "processing"
    READY_TO_SHIP = "ready_to_ship"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


# A parcel that reaches one of these has left the seller's hands.
PARCEL_LEFT = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.COMPLETED})
# And at these it is with the buyer.
ARRIVED = frozenset({OrderStatus.DELIVERED, OrderStatus.COMPLETED})


# How far an order has come. It only goes on: a word from further back is kept as told, and moves nothing, so that no
# late or mistaken word gives anybody a right that time has taken.
_FAR = (
    OrderStatus.UNPAID,
    OrderStatus.PLACED,
    OrderStatus.PROCESSING,
    OrderStatus.READY_TO_SHIP,
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
    OrderStatus.COMPLETED,
)
# The table of allowed moves. `cancelled` is the end of all but a completed order.
MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    **{
        status: frozenset(_FAR[place + 1 :]) | ({OrderStatus.CANCELLED} - {status})
        for place, status in enumerate(_FAR)
        if status is not OrderStatus.COMPLETED
    },
    OrderStatus.COMPLETED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}
