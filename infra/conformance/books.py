"""The kit's own books on one order, filled by events alone, in the form in which integrators show theirs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from infra.conformance.finding import Event, Json

# Whether an event begins or ends that pieces of a cancellation are held back.
HOLDS: Mapping[str, int] = {
    "order.hold_shipment": 1,
    "order.release_shipment": -1,
    "order.cancelled": -1,
    "order.recall_shipment": -1,
}
# A part at one of these did not go, or came back.
_NOT_GONE = {"failed", "reversed", "redirected", "needs_account", "held"}


@dataclass
class Books:
    """What was written down of one order. Events come in any order and more than once; they count in theirs."""

    cases: dict[str, str | None] = field(default_factory=dict)
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    back: int = 0
    kept: int = 0
    paid: dict[str, tuple[str, int]] = field(default_factory=dict)
    _early: dict[int, Event] = field(default_factory=dict)
    _done: int = 0

    def hears(self, event: Event) -> None:
        """An event that comes early waits until the one before it is there; one that is known counts no more."""
        if event["seq"] is None or event["seq"] <= self._done:
            return
        self._early[event["seq"]] = event
        while (following := self._early.pop(self._done + 1, None)) is not None:
            self._done += 1
            self._acts(following)

    def _acts(self, event: Event) -> None:
        kind, said = event["type"], event["data"]
        if kind == "case.opened":
            self.cases[event["case_id"]] = None
        elif kind in ("case.closed", "case.reopened"):
            self.cases[event["case_id"]] = said["outcome"] if kind == "case.closed" else None
        if (sign := HOLDS.get(kind, 0)) and said["kind"] == "cancellation":
            self.held.update({(event["case_id"], each["line_id"]): sign * each["quantity"] for each in said["lines"]})
        if kind in ("order.cancelled", "order.returned"):
            self.gone.update({each["line_id"]: each["quantity"] for each in said["lines"]})
            self.back += said["refund_total"]
            self.kept += said["fees_total"]
        elif kind == "case.partial_refund_agreed":
            self.back += said["partial_refund"]
        elif kind in ("refund.requested", "refund.give_back"):
            self.paid.update({_key(said, each): (each["tender_id"], each["amount"]) for each in said["parts"]})
        elif kind == "refund.part_changed" and said["part_state"] in _NOT_GONE:
            self.paid.pop(_key(said, said["part"]), None)

    def shown(self) -> Json:
        """The books as docs/conformance.md describes them. What was let go besides lay in the same parcels."""
        paid = Counter[str]()
        for tender, amount in self.paid.values():
            paid[tender] += amount
        held = Counter[str]()
        for line_id, count in self._held():
            held[line_id] += count
        return {
            "cases": [{"case_id": case_id, "outcome": outcome} for case_id, outcome in self.cases.items()],
            "gone": dict(self.gone),
            "held": dict(held),
            "back": self.back,
            "kept": self.kept,
            "paid": dict(paid),
        }

    def _held(self) -> Iterator[tuple[str, int]]:
        for (_, line_id), count in self.held.items():
            if count > 0:
                yield line_id, count


def _key(said: Json, part: Json) -> str:
    return str(part.get("key") or f"{said['refund_id']}:{part.get('part')}")
