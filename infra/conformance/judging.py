"""Holds what was played to what has to come of it: the log by its own numbers, Batal's answers, and books."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.conformance.books import HOLDS
from infra.conformance.calling import Batal
from infra.conformance.endings import Ending
from infra.conformance.finding import Event, Finding, Json
from infra.conformance.player import Played

# Which events fill a field of the books: the last of them is what should have made it so.
_FILLS: Mapping[str, tuple[str, ...]] = {
    "cases": ("case.opened", "case.closed", "case.reopened"),
    "gone": ("order.cancelled", "order.returned"),
    "held": tuple(HOLDS),
    "back": ("order.cancelled", "order.returned", "case.partial_refund_agreed"),
    "kept": ("order.cancelled", "order.returned"),
    "paid": ("refund.requested", "refund.give_back", "refund.part_changed"),
}
_WORDS: Mapping[str, str] = {
    "cases": "requests and how they ended",
    "gone": "pieces that are not sent any more, by line",
    "held": "pieces that are held back, by line",
    "back": "money that goes back",
    "kept": "money that was kept",
    "paid": "money that you paid back, by tender",
}


@dataclass(frozen=True, slots=True)
class Judge:
    """Says what differs of one ending that was played."""

    played: Played

    def expected(self) -> Json:
        """The books as they have to be."""
        ending = self.played.ending
        cases = zip(self.played.cases, ending.outcomes, strict=False)
        return {
            "cases": [{"case_id": case_id, "outcome": outcome} for case_id, outcome in cases],
            "gone": dict(ending.gone),
            "held": {},
            "back": sum(ending.back.values()),
            "kept": ending.kept,
            # The built-in wallet is paid by Batal itself.
            "paid": {tender: amount for tender, amount in ending.back.items() if tender != "wallet"},
        }

    def agrees(self, books: Mapping[str, Any]) -> bool:
        """Whether these books say nothing else than what has to be."""
        return not list(self.books("", books))

    def books(self, where: str, books: Mapping[str, Any]) -> Iterator[Finding]:
        """Where books differ. A field that they do not have is not compared."""
        for name, expected in self.expected().items():
            if name in books and _plain(books[name]) != _plain(expected):
                yield self._finding(where, _WORDS[name], _said(expected), _said(books[name]), self._last(_FILLS[name]))

    def log(self) -> Iterator[Finding]:
        """What is wrong with the log by itself: numbers, order, and stories that cannot be."""
        before: Event | None = None
        opened, holding = Counter[str](), Counter[str]()
        for event in self.played.events:
            if event["seq"] is None:
                continue
            number = before["seq"] if before else None
            if (event["seq"], event["prev_seq"]) != ((number or 0) + 1, number):
                expected = f"number {(number or 0) + 1} after {number}"
                found = f"number {event['seq']} after {event['prev_seq']}"
                yield self._finding("the log", "the numbers of an order's events", expected, found, event)
            if before and _told_at(event) < _told_at(before):
                expected = f"nothing that was decided before {before['type']} (number {before['seq']})"
                found = f"{event['type']} of {event['occurred_at']}"
                yield self._finding("the log", "events in the order of what they tell", expected, found, event)
            yield from self._story(event, opened, holding)
            before = event

    def _story(self, event: Event, opened: Counter[str], holding: Counter[str]) -> Iterator[Finding]:
        case_id, kind = event["case_id"], event["type"]
        if kind == "case.opened":
            opened[case_id] += 1
            if opened[case_id] > 1 or case_id not in self.played.cases:
                expected = f"one for each request ({', '.join(self.played.cases) or 'none'})"
                yield self._finding("the log", "requests that were opened", expected, f"{case_id} as well", event)
        elif not opened[case_id]:
            yield self._finding("the log", f"the beginning of {case_id}", "case.opened first", kind, event)
        if HOLDS.get(kind, 0) > 0:
            holding[case_id] += 1
        elif kind == "order.release_shipment" and not holding[case_id]:
            found = "order.release_shipment"
            yield self._finding("the log", "parcels that are let go", "order.hold_shipment before", found, event)

    def answers(self, batal: Batal) -> Iterator[Finding]:
        """Where what Batal answers differs from what has to be."""
        ending, order_id = self.played.ending, self.played.order_id
        order = batal.call("support", "GET", f"/v1/orders/{order_id}").body
        if order["cases"] and sorted(order["cases"]) != sorted(self.played.cases):
            yield self._answer("the order's cases", self.played.cases, order["cases"])
        for case_id, outcome in zip(self.played.cases, ending.outcomes, strict=False):
            case = batal.call("support", "GET", f"/v1/cases/{case_id}").body
            if (case["state"], case["outcome"]) != ("closed", outcome):
                yield self._answer(f"the end of {case_id}", f"closed, {outcome}", f"{case['state']}, {case['outcome']}")
            if (case.get("policy") or {}).get("name") != "conformance":
                yield self._answer(f"the policy of {case_id}", "conformance", case.get("policy"))
        gone = {line["line_id"]: line["cancelled_quantity"] + line["returned_quantity"] for line in order["lines"]}
        if _plain(gone) != _plain(ending.gone):
            yield self._answer("pieces that are gone, by line", _said(ending.gone), _said(gone))
        if order["open_case"]:
            yield self._answer("an open request", "none", order["open_case"])
        yield from self._money(batal, ending)

    def _money(self, batal: Batal, ending: Ending) -> Iterator[Finding]:
        went = Counter[str]()
        for case_id in self.played.cases:
            found = batal.call("support", "GET", f"/v1/refunds/rf_{case_id}", known=(404,))
            for part in found.body["parts"] if found.status == 200 else ():
                if part["state"] == "succeeded":
                    went["wallet" if part["method"] == "wallet" else part["tender_id"]] += part["amount"]
        if _plain(went) != _plain(ending.back):
            yield self._answer("money that went back, by tender", _said(ending.back), _said(went))
        wallet = batal.call("buyer", "GET", f"/v1/wallets/{batal.people.id_of('buyer')}?limit=100").body
        credited = sum(
            entry["amount"]
            for entry in wallet["entries"]
            if entry["direction"] == "credit" and entry["order_id"] == self.played.order_id
        )
        if credited != (expected := ending.back.get("wallet", 0)):
            yield self._answer("credits in the buyer's wallet", expected, credited)

    def bus(self, published: Sequence[Event]) -> Iterator[Finding]:
        """What of the log never came by the bus, which tells at least once and in any order."""
        heard = {event["id"] for event in published}
        for event in self.played.events:
            if event["id"] not in heard:
                yield self._finding("the event bus", "what the log holds", event["type"], "nothing", event)

    def stopped(self) -> Iterator[Finding]:
        """Why it was not played to its end."""
        if stopped := self.played.stopped:
            yield self._finding("the play", stopped.what, stopped.expected, stopped.found)

    def _answer(self, what: str, expected: object, found: object) -> Finding:
        return self._finding("Batal's answers", what, str(expected), str(found))

    def _last(self, names: Sequence[str]) -> Event | None:
        return next((event for event in reversed(self.played.events) if event["type"] in names), None)

    def _finding(self, where: str, what: str, expected: str, found: str, event: Event | None = None) -> Finding:
        return Finding(
            ending=self.played.ending.name,
            order_id=self.played.order_id,
            where=where,
            what=what,
            expected=expected,
            found=found,
            event=event,
        )


def _told_at(event: Event) -> tuple[str, int]:
    """When it was decided: by the moment, and within one case by the number of its entry."""
    return event["occurred_at"], event["data"]["sequence"]


def _plain(value: Any) -> Any:
    """As it is compared: what is nothing need not be said, and of requests the order does not matter."""
    if isinstance(value, Mapping):
        return {str(name): each for name, each in value.items() if each}
    if isinstance(value, list):
        return sorted((str(each.get("case_id")), str(each.get("outcome"))) for each in value)
    return value


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {each}" for name, each in value.items() if each) or "nothing"
    if isinstance(value, list):
        return ", ".join(f"{each.get('case_id')} {each.get('outcome') or 'open'}" for each in value) or "nothing"
    return str(value)
