"""From what pushes carry to the order that is meant, where it is one of this marketplace's."""

import msgspec

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.orders.body import OrderBody
from chalicelib.edge.order_bodies import OrderPut


def order_of(told: OrderPut) -> OrderBody:
    """The order of a push. One deployment serves one marketplace: raises Invalid `other_marketplace` where the push
    names another than this stage's. Who names none, and a stage that has no name, are as ever."""
    ours = wiring.settings().marketplace
    if ours and told.marketplace is not None and told.marketplace != ours:
        raise Invalid("other_marketplace", marketplace=told.marketplace, ours=ours)
    return msgspec.convert(told, OrderBody, from_attributes=True)
