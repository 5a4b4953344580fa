"""What the shop wrote down of what it was told, and where that differs from what Batal knows.

Such a comparison is worth running every night: it finds what neither side alone can see.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# What is about pieces: an order, and a line of it.
Place = tuple[str, str]
Event = Mapping[str, Any]

# Whether an event begins or ends that pieces of a cancellation are held back.
HOLDS: Mapping[str, int] = {
    "order.hold_shipment": 1,
    "order.release_shipment": -1,
    "order.cancelled": -1,
    "order.recall_shipment": -1,
}


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment back, in minor units, and when it went."""

    order_id: str
    tender_id: str
    amount: int
    at: str


@dataclass
class Books:
    """All of it, amounts in minor units.

    held   pieces that must not leave, by order and line, request by request
    gone   pieces that were cancelled or came back: they are on sale again
    back   what goes back of each order, as Batal decided
    fees   what was kept of it
    paid   what this shop paid back itself, by the key that it was asked under
    ended  how each case ended
    """

    held: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    gone: Counter[Place] = field(default_factory=Counter)
    back: Counter[str] = field(default_factory=Counter)
    fees: Counter[str] = field(default_factory=Counter)
    paid: dict[str, Paid] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)

    def hears(self, event: Event) -> None:
        """One event, in its order and once: `in_order` sees to that."""
        kind, said = event["type"], event["data"]
        self.holds(event)
        if kind in ("order.cancelled", "order.returned"):
            # `to_book` in it says the rest: credit note, payout, who had paid for discounts.
            self.gone.update({(said["order_id"], each["line_id"]): each["quantity"] for each in said["lines"]})
            self.back[said["order_id"]] += said["refund_total"]
            self.fees[said["order_id"]] += said["fees_total"]
        elif kind == "case.partial_refund_agreed":
            # The goods stay with the buyer.
            self.back[said["order_id"]] += said["partial_refund"]
        elif kind == "case.closed":
            self.ended[said["case_id"]] = said["outcome"]

    def holds(self, event: Event) -> None:
        """Note what is held, and what is let go."""
        said = event["data"]
        if (sign := HOLDS.get(event["type"], 0)) and said["kind"] == "cancellation":
            for each in said["lines"]:
                self.held[said["case_id"], said["order_id"], each["line_id"]] += sign * each["quantity"]

    def paid_by(self, order_id: str, tender_id: str) -> int:
        """What was paid back by one tender."""
        return sum(
            each.amount for each in self.paid.values() if (each.order_id, each.tender_id) == (order_id, tender_id)
        )

    def is_held(self, order_id: str) -> bool:
        """Whether any piece of the order must not leave. Counts may fall below nothing where more was let go than was
        held, since it lay in the same parcel."""
        return any(count > 0 for (_, of, _), count in self.held.items() if of == order_id)

    def is_gone(self, order_id: str) -> bool:
        """Whether any piece of the order is not to be sent any more."""
        return any(of == order_id for of, _ in self.gone)


def differences(books: Books, order: Mapping[str, Any], done: int, told: int) -> Iterator[str]:
    """Where the books on an order differ from what Batal says of it (`GET /v1/orders/{id}`), in words. `done` is up to
    which number its events were acted upon, `told` how many there are in the log."""
    order_id = order["order_id"]
    if done != told:
        yield f"{order_id}: {told} events were told, {done} are known"
    for line in order["lines"]:
        theirs = line["cancelled_quantity"] + line["returned_quantity"]
        if (ours := books.gone[order_id, line["line_id"]]) != theirs:
            yield f"{order_id}: of line {line['line_id']} {theirs} pieces are gone, {ours} in our books"
    accounts = order["money"]["accounts"]
    # What Batal has promised to give back; while a refund is under way, ours may still be on its way to it.
    promised = {tender["tender_id"]: accounts[tender["tender_id"]]["taken"] for tender in order["tenders"]}
    if (ours := books.back[order_id]) != sum(promised.values()):
        yield f"{order_id}: {sum(promised.values())} goes back, {ours} in our books"
    for tender in order["tenders"]:
        # What goes into the built-in wallet Batal credits itself.
        theirs = 0 if tender["method"] == "wallet" else promised[tender["tender_id"]]
        if (ours := books.paid_by(order_id, tender["tender_id"])) != theirs:
            yield f"{order_id}: by {tender['tender_id']} {theirs} goes back, we paid {ours}"
    if books.is_held(order_id) != (order["open_case"] is not None):
        yield f"{order_id}: open request {order['open_case']}, held in our books: {books.is_held(order_id)}"
