"""The order service: it tells Batal of each order, keeps parcels back while somebody wants to cancel, and lets them go.

Batal decides nothing about an order that it was not told of, so push early: when it is paid, and whenever it changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from examples.mappings import shopee
from examples.marketplace.books import Books
from examples.marketplace.calling import Batal

Json = dict[str, Any]


class MustWait(Exception):
    """The parcel may not leave: somebody asked to cancel what is in it."""


@dataclass
class OrderService:
    """The shop's orders as they were pushed last, and the parcels that left."""

    batal: Batal
    secret: str = field(repr=False)
    books: Books
    pushed: dict[str, Json] = field(default_factory=dict)
    shipped: set[str] = field(default_factory=set)

    def sell(self, payload: Mapping[str, Any], seller: Mapping[str, Any], buyer: Mapping[str, Any]) -> str:
        """Tell Batal of an order, as the platform tells it of us. What its payload lacks is handed in: ids of people
        are those that stand in their tokens."""
        push = shopee.order(payload, seller=seller, buyer=buyer)
        order_id = str(push["order_id"])
        # The version rises with each change of the order. Pushes that come twice, or late, change nothing.
        self.batal.signed(self.secret, f"{order_id}:{push['version']}", "PUT", f"/v1/orders/{order_id}", push)
        self.pushed[order_id] = push
        return order_id

    def ship(self, order_id: str, tracking_number: str) -> None:
        """Hand the parcel to the carrier, and say so at once: whoever asks from now on is told that it has left.
        Raises MustWait while it is held, or where its pieces were cancelled."""
        if self.books.is_held(order_id) or self.books.is_gone(order_id):
            raise MustWait(order_id)
        push = self.pushed[order_id]
        now = datetime.now(UTC)
        word = {
            "order_id": order_id,
            "status": "shipped",
            "version": max(push["version"] + 1, int(now.timestamp() * 1000)),
            "at": now.isoformat(),
            "tracking_number": tracking_number,
        }
        self.batal.signed(self.secret, f"{order_id}:{word['version']}", "POST", f"/v1/orders/{order_id}/status", word)
        self.shipped.add(order_id)
