"""Integrators with a receiver and books of their own, good ones and faulty ones."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from examples.marketplace import books as example
from examples.marketplace.in_order import InOrder
from examples.marketplace.receiver import verified
from infra.conformance.books import Books
from infra.conformance.receivers import Receiver, TheirBooks
from tests.e2e.json_server import json_server

Address = tuple[Receiver, TheirBooks]
SECRET = "whsec_dGhlIGludGVncmF0b3IncyBvd24gc2VjcmV0"


class PaysEachPost(Books):
    """Pays whenever it is asked, whether it was asked before or not: a double refund."""

    def hears(self, event: Mapping[str, Any]) -> None:
        super().hears(event)
        if event["type"] == "refund.requested":
            for part in event["data"]["parts"]:
                self.paid[f"{part['key']} {len(self.paid)}"] = (part["tender_id"], part["amount"])


class NeverReleases(Books):
    """Does not know that parcels are let go."""

    def _acts(self, event: Mapping[str, Any]) -> None:
        super()._acts({**event, "type": "unknown"} if event["type"] == "order.release_shipment" else event)


class BelievesArrival(Books):
    """Takes events in the order in which they come, each once: what was swapped on the way stays swapped."""

    def __init__(self) -> None:
        super().__init__()
        self.known = set[str]()

    def hears(self, event: Mapping[str, Any]) -> None:
        if event["id"] in self.known:
            return
        self.known.add(event["id"])
        self._acts(event)
        if event["type"] == "order.hold_shipment":
            self.held = Counter(
                {(event["case_id"], each["line_id"]): each["quantity"] for each in event["data"]["lines"]}
            )
        elif event["type"] == "order.release_shipment":
            self.held = Counter()


class OpensEachPost(Books):
    """Opens a request of its own for every post that says so."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = list[str]()

    def hears(self, event: Mapping[str, Any]) -> None:
        super().hears(event)
        self.opened += [event["case_id"]] if event["type"] == "case.opened" else []

    def shown(self) -> dict[str, Any]:
        cases = [{"case_id": each, "outcome": self.cases[each]} for each in self.opened]
        return {**super().shown(), "cases": cases}


# Which fault an integrator makes in which ending; in all others they are careful.
FAULTY: Mapping[str, type[Books]] = {
    "offer-accepted": PaysEachPost,
    "refused": NeverReleases,
    "offer-declined": BelievesArrival,
    "appeal-lost": OpensEachPost,
}


@contextmanager
def the_example() -> Iterator[Address]:
    """The tiny marketplace that is there to be copied: its receiver, its order of events, its books."""
    books = example.Books()
    known = InOrder(books.hears)

    def shown(order_id: str) -> dict[str, Any]:
        held = Counter[str]()
        for (_, of, line_id), count in books.held.items():
            held.update({line_id: max(0, count)} if of == order_id else {})
        return {
            "gone": {line_id: count for (of, line_id), count in books.gone.items() if of == order_id},
            "held": {line_id: count for line_id, count in held.items() if count},
            "back": books.back[order_id],
            "kept": books.fees[order_id],
        }

    def says(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        if path == "/books":
            return 200, {"orders": {order_id: shown(order_id) for order_id in known.done}}
        event = verified((SECRET,), {name.lower(): value for name, value in headers.items()}, body)
        if event is None:
            return 401, {}
        known.hears(event)
        return 200, {}

    with json_server(says) as url:
        yield Receiver(f"{url}/hooks", SECRET), TheirBooks(f"{url}/books", patience=0.5)


@contextmanager
def integrator(faulty: Mapping[str, type[Books]] | None = None, *, trusts: bool = False) -> Iterator[Address]:
    """Where it is posted to, and where its books are. One that `trusts` takes what anybody signed."""
    orders: dict[str, Books] = {}

    def books_on(order_id: str) -> Books:
        kind = (faulty or {}).get(order_id.split("-", 2)[2], Books)
        return orders.setdefault(order_id, kind())

    def says(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        if path == "/books":
            return 200, {"orders": {order_id: books.shown() for order_id, books in orders.items()}}
        try:
            Webhook(SECRET).verify(body, dict(headers))
        except WebhookVerificationError:
            if not trusts:
                return 401, {}
        event = json.loads(body)
        books_on(event["order_id"]).hears(event)
        return 200, {}

    with json_server(says) as url:
        yield Receiver(f"{url}/hooks", SECRET), TheirBooks(f"{url}/books", patience=0.5)
