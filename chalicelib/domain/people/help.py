"""What a buyer who turns to customer service is likely to want for their order."""

from enum import StrEnum

from chalicelib.domain.cases.case import Case
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import ARRIVED, OrderStatus


class Wanted(StrEnum):
    """A new cancellation or return; news of a request that is open; or of the money of one that is over."""

    CANCELLATION = "cancellation"
    RETURN = "return"
    NEWS = "news"
    REFUND = "refund"


def wanted_for(order: Order, latest: Case | None) -> Wanted:
    """As the order stands, and its latest request where it ever had one."""
    if latest is not None and latest.open:
        return Wanted.NEWS
    owes = latest is not None and latest.refund is not None and latest.refund.due > 0
    if owes or not order.remaining or order.standing is OrderStatus.CANCELLED:
        return Wanted.REFUND
    return Wanted.RETURN if order.standing in ARRIVED else Wanted.CANCELLATION
