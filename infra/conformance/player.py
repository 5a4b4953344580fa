"""Plays one ending: everybody says their part, some of it twice, and what is told goes its bad way."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from infra.conformance.books import Books
from infra.conformance.calling import Batal
from infra.conformance.clocks import Clock
from infra.conformance.endings import CAP, SHIPPING, SHIRT, Ending
from infra.conformance.finding import Event, Json, Stopped
from infra.conformance.mischief import Way, Weather
from infra.conformance.policy import NAME
from infra.conformance.steps import Ask, ComesBack, Moves, Pays, Say, Silence, Steers, Step

_UNPAID = ("unpaid",)
_ASKED_TO_PAY = ("refund.requested", "refund.give_back")
_STUCK = ("failed", "reversed")


@dataclass
class Played:
    """What came of an ending: the log of its order, its cases, and the kit's books on it."""

    ending: Ending
    order_id: str
    weather: Weather
    cases: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    books: Books = field(default_factory=Books)
    stopped: Stopped | None = None


@dataclass
class Player:
    """One ending as it is played. `hears` is whoever hears events besides the kit's books."""

    batal: Batal
    clock: Clock
    played: Played
    dice: random.Random
    hears: Sequence[Callable[[Event], None]] = ()
    told: dict[str, Json] = field(default_factory=dict)
    _said: int = 0

    def __post_init__(self) -> None:
        self._way = Way(self.played.weather, self.dice)
        self._order: Json = {}

    def play(self) -> Played:
        """From the order's push to its end. What stops it is noted, and what was told until then still arrives."""
        played = self.played
        try:
            self._push()
            for step in played.ending.steps:
                self._does(step)
                self._arrive(self._way.carries(self._new()))
            self._arrive(self._way.rest())
        except Stopped as stopped:
            played.stopped = stopped
        return played

    def _does(self, step: Step) -> None:
        match step:
            case Ask():
                self._ask(step)
            case Say():
                self._say(step.by, f"/v1/cases/{self._case_id}/{step.command}", dict(step.body))
            case Silence():
                self._wait(step.then)
            case Moves():
                self._moves(step.status)
            case Pays():
                self._pays(step.how)
            case ComesBack():
                for key in list(self.told):
                    self._tells(key, "reversed")
            case Steers():
                self._steers(step)

    @property
    def _case_id(self) -> str:
        return self.played.cases[-1]

    def _push(self) -> None:
        ending, people = self.played.ending, self.batal.people
        now = self.clock.now()
        placed_at = (now - timedelta(hours=1)).isoformat()
        paid = ending.status not in _UNPAID and "cod" not in ending.tenders
        self._order = {
            "order_id": self.played.order_id,
            "platform": NAME,
            "version": 1,
            "status": ending.status,
            "placed_at": placed_at,
            "paid_at": placed_at if paid else None,
            "delivered_at": now.isoformat() if ending.status == "delivered" else None,
            "currency": "IDR",
            # No addresses: nobody gets a mail about what never was.
            "buyer": {"id": people.id_of("buyer"), "name": "Conformance kit"},
            "seller": {"id": people.id_of("seller"), "name": "Conformance shop"},
            "lines": [
                {"line_id": "1", "name": "Shirt", "quantity": 2, "unit_price": SHIRT},
                {"line_id": "2", "name": "Cap", "quantity": 1, "unit_price": CAP},
            ],
            "shipping_fee": SHIPPING,
            "tenders": [
                {"method": method, "amount": amount, **({} if paid else {"state": "pending"})}
                for method, amount in ending.tenders.items()
            ],
        }
        self._tell("PUT", f"/v1/orders/{self.played.order_id}", self._order)

    def _ask(self, step: Ask) -> None:
        wish: Json = {"reason_code": step.reason, "channel": "app", "accept_terms": True}
        if step.lines:
            wish["lines"] = [{"line_id": line_id, "quantity": count} for line_id, count in step.lines.items()]
        case = self._say(step.by, f"/v1/orders/{self.played.order_id}/{step.kind}", wish)
        self.played.cases.append(case["case_id"])

    def _say(self, by: str, path: str, body: Json) -> Any:
        self._said += 1
        return self.batal.say(by, "POST", path, body, f"{self.played.order_id}-{self._said}")

    def _tell(self, method: str, path: str, body: Json) -> None:
        """A system's word, which counts once by what it says: its version, or the id of its event."""
        for _ in range(2):
            self.batal.call("system", method, path, body)

    def _moves(self, status: str) -> None:
        path = f"/v1/orders/{self.played.order_id}"
        self._tell("POST", f"{path}/status", {"status": status, "version": 2, "at": self.clock.now().isoformat()})
        # What was said before comes late, and must not take it back.
        self.batal.call("system", "PUT", path, self._order)

    def _wait(self, then: str) -> None:
        path = f"/v1/cases/{self._case_id}"
        case = self.batal.call("support", "GET", path).body
        left = (datetime.fromisoformat(case["deadline_at"]) - self.clock.now()).total_seconds()
        self.clock.until(
            lambda: bool(self.batal.call("support", "GET", path).body["state"] == then),
            left,
            f"nobody answers {self._case_id}: the wait ends in {then}",
        )

    def _pays(self, how: str) -> None:
        for event in self._log():
            if event["type"] not in _ASKED_TO_PAY:
                continue
            for part in event["data"]["parts"]:
                key = part.get("key") or f"{event['data']['refund_id']}-{part['part']}"
                if key not in self.told:
                    self.told[key] = {"refund_id": event["data"]["refund_id"], **part}
                    self._tells(key, how)

    def _tells(self, key: str, how: str) -> None:
        part = self.told[key]
        word = {
            "event_id": f"{key}-{how}",
            "state": how,
            "amount": part["amount"],
            "at": self.clock.now().isoformat(),
            "reference": f"kit-{key}"[:100],
        }
        self._tell("POST", f"/v1/refunds/{part['refund_id']}/parts/{part['part']}/events", word)

    def _steers(self, step: Steers) -> None:
        refund = f"/v1/refunds/rf_{self._case_id}"
        for part in self.batal.call("support", "GET", refund).body["parts"]:
            if part["state"] in _STUCK:
                self._say("support", f"{refund}/parts/{part['part']}/{step.way}", dict(step.body))

    def _log(self) -> list[Event]:
        path, found, after = f"/v1/events?limit=100&order_id={self.played.order_id}", list[Event](), ""
        while True:
            page = self.batal.call("system", "GET", path + after).body
            found += page["items"]
            if not page["has_more"]:
                return found
            after = f"&after={page['next_cursor']}"

    def _new(self) -> list[Event]:
        known = {event["id"] for event in self.played.events}
        log = self._log()
        self.played.events = log
        return [event for event in log if event["id"] not in known]

    def _arrive(self, events: Sequence[Event]) -> None:
        for event in events:
            for hears in (self.played.books.hears, *self.hears):
                hears(event)


def a_play(batal: Batal, clock: Clock, ending: Ending, run: str, number: int) -> Player:
    """The ending with that number, ready to be played in a run: its weather goes by its number, so that every run has
    all of them."""
    weather = list(Weather)[number % len(Weather)]
    played = Played(ending, f"KIT-{run}-{ending.name}", weather)
    return Player(batal, clock, played, random.Random(f"{run} {ending.name}"))
