"""The whole shop: its services around one set of books, fed by what its receiver was posted and by what it reads."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from examples.marketplace.books import Books, differences
from examples.marketplace.calling import Batal
from examples.marketplace.in_order import Event, InOrder
from examples.marketplace.orders import OrderService
from examples.marketplace.payments import PaymentService
from examples.marketplace.receiver import Receiver, listening


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What each of the shop's systems signs with, and the token by which it reads."""

    orders: str = field(repr=False)
    payments: str = field(repr=False)
    system: str = field(repr=False)


class Shop:
    """A marketplace that has connected."""

    def __init__(self, batal: Batal, secrets: Secrets, receiver: Receiver) -> None:
        self.batal, self.receiver, self._token = batal, receiver, secrets.system
        self.books = Books()
        self.orders = OrderService(batal, secrets.orders, self.books)
        self.payments = PaymentService(batal, secrets.payments, secrets.system, self.books)
        self.events = InOrder(self._acts)
        self.gaps = 0

    def _acts(self, event: Event) -> None:
        """What one event means for each service. Events of orders that are not ours are somebody else's: a sandbox has
        some of its own."""
        if event["order_id"] not in self.orders.pushed:
            return
        self.books.hears(event)
        self.payments.hears(event)

    def works_until(self, done: Callable[[], bool], seconds: float = 30) -> None:
        """Work on what was posted until so; what is missing is read from the log. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise TimeoutError("nothing came for too long")
            event = self.receiver.kept(0.2)
            if event is not None:
                self.events.hears(event)
            for order_id in self.events.gaps():
                self.gaps += 1
                self.reads(order_id)

    def reads(self, order_id: str | None = None) -> int:
        """Read the log: all events of one order, at once, or everything of the last 90 days. How many there were.

        A gap shows where a later event comes. What was last of an order nothing follows: so read the whole log once in
        a while, and after each outage. Keep `next_cursor` once a page is worked on, and go on from there."""
        query = {"limit": "100", **({"order_id": order_id} if order_id else {})}
        count, more = 0, True
        while more:
            page = self.batal.as_somebody(self._token, "GET", f"/v1/events?{urlencode(query)}")
            for event in page["items"]:
                self.events.hears(event)
            count += len(page["items"])
            query["after"], more = page["next_cursor"], page["has_more"]
        return count

    def compares(self) -> list[str]:
        """Where its books differ from Batal's."""
        found = list[str]()
        for order_id in self.orders.pushed:
            order: dict[str, Any] = self.batal.as_somebody(self._token, "GET", f"/v1/orders/{quote(order_id, safe='')}")
            # Up to which number its events were acted upon before this looks, and how many there are.
            done = self.events.done[order_id]
            found += differences(self.books, order, done, self.reads(order_id))
        return found


@contextmanager
def opened(batal: Batal, secrets: Secrets, operator: str) -> Iterator[Shop]:
    """A shop whose receiver is known to Batal for as long as it is open. `operator` is a token: who registers an
    address decides where news of all orders goes."""
    with listening() as receiver:
        made = batal.as_somebody(operator, "POST", "/v1/webhooks", {"url": receiver.url, "types": ["*"]})
        receiver.secrets = (made["secret"],)
        try:
            yield Shop(batal, secrets, receiver)
        finally:
            batal.as_somebody(operator, "DELETE", f"/v1/webhooks/{made['webhook_id']}")
