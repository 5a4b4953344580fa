"""An integrator that knows Batal by its webhook and `GET /v1/events` alone keeps the same books as Batal: pieces, money
and held parcels, through outages of days on both sides, posts that come twice, late and in any order, posts that its
own server loses, and its own pushes that come twice. Every gap is seen by the numbers of events. How it puts events in
order, and holds parcels, is the code of examples/marketplace.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.domain.cases.webhooks import Reply
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Event, Ports
from chalicelib.workflow import feed, orders, telling, webhooks
from examples.marketplace import books as example
from examples.marketplace.in_order import InOrder
from infra.sandbox.builders import SYSTEM
from tests.proofs.figures import figure
from tests.proofs.test_books_agree import CONTROLS, ORDERS, Season, disagreements, lived, quiet
from tests.proofs.tiny_marketplace import Marketplace

__all__ = ["quiet"]  # a fixture that this module's tests use, too

HOOKS = Actor(role=Role.OPERATOR, id="omar")
_READER = Actor(role=Role.SYSTEM, id="orders")


@dataclass
class Server:
    """Where events are posted to: away for days, and when there, not to be relied on."""

    dice: random.Random
    now: Any
    inbox: list[bytes] = field(default_factory=list)
    away_until: datetime | None = None
    moody: bool = True

    def check(self, url: str) -> None:
        """Every address will do."""

    def secret(self, webhook_id: str, generation: int) -> str:
        return f"{webhook_id}-{generation}"

    def post(self, url: str, secrets: Sequence[str], message_id: str, body: bytes) -> Reply:
        if self.away_until and self.now() < self.away_until:
            return Reply(problem="not_reached")
        if not self.moody:
            self.inbox.append(body)
            return Reply(status=200)
        mood = self.dice.random()
        if mood < 0.05:
            return Reply(status=500)
        if mood < 0.13:
            return Reply(status=200)  # and loses it
        self.inbox.append(body)
        return Reply(status=503) if mood < 0.2 else Reply(status=200)


@dataclass
class Integrator(Marketplace):
    """A marketplace whose books are filled by what its server was posted, and by reading what it missed."""

    server: Server | None = None
    ports: Ports | None = None
    warehouse: example.Books = field(default_factory=example.Books)
    gaps: int = 0

    def __post_init__(self) -> None:
        self.in_order = InOrder(self._acts)

    def takes(self, events: Sequence[Event]) -> None:
        """What was posted since, in whatever order it is found; the bus is not listened to."""
        assert self.server
        assert self.ports
        for webhook_id in telling.with_work(self.ports):
            telling.tell_webhook(self.ports, webhook_id)
        found, self.server.inbox = self.server.inbox, []
        self.dice.shuffle(found)
        for body in found:
            self._hears(msgspec.json.decode(body))
        for order_id in self.in_order.gaps():
            self.gaps += 1
            self._reads(order_id)

    def reads_all(self) -> None:
        """Once in a while all of the log, as one does after a bad week: what is last of an order nothing follows."""
        assert self.ports
        wanted, more = feed.Wanted(), True
        while more:
            page = feed.feed(self.ports, _READER, wanted, 100)
            for event in page.items:
                self._hears(dict(event.envelope))
            wanted, more = feed.Wanted(after=page.upto), page.more

    def _reads(self, order_id: str) -> None:
        assert self.ports
        for event in feed.feed(self.ports, _READER, feed.Wanted(order_id=order_id), 100).items:
            self._hears(dict(event.envelope))

    def _hears(self, told: dict[str, Any]) -> None:
        self.in_order.hears(told)

    def _acts(self, told: Mapping[str, Any]) -> None:
        at = datetime.fromisoformat(told["occurred_at"])
        self._take(Event(event_id=told["id"], name=told["type"], at=at, detail=told["data"], seq=told["seq"]))
        self.warehouse.holds(told)


class Adopted(Season):
    """A season whose marketplace is such an integrator."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.server = Server(self.dice, self.around.clock)
        self.around.ports = replace(self.around.ports, receivers=self.server)
        self.market: Integrator = Integrator(self.dice, server=self.server)
        webhooks.create(self.around.ports, HOOKS, "https://shop.example/hooks", ("*",))

    def sell(self, number: int) -> None:
        super().sell(number)
        body = list(self.sold.values())[-1]
        for _ in range(self.dice.choice([0, 0, 1, 2])):
            orders.upsert(self.around.ports, body, SYSTEM)

    def go_on(self) -> None:
        self.market.ports = self.around.ports
        if self.server.away_until is None and self.dice.random() < 0.1:
            self.server.away_until = self.around.clock() + timedelta(days=self.dice.choice([1, 2, 3]))
        elif self.server.away_until and self.around.clock() >= self.server.away_until:
            self._comes_back()
        super().go_on()

    def _comes_back(self) -> None:
        """Its operators look at what was switched off for being away too long: else it would hear nothing for good."""
        self.server.away_until = None
        (webhook,) = webhooks.webhooks(self.around.ports, HOOKS)
        webhooks.switch_on(self.around.ports, HOOKS, webhook.webhook_id)

    def settle(self) -> None:
        self.server.moody = False
        self._comes_back()
        # What it only reads of at last (a voucher to give back), it tells the outcome of, which is an event once more.
        for _ in range(2):
            super().settle()
            self.market.takes(())
            self.market.reads_all()
            self.market.tells(self.around.ports)

    def endings(self) -> Counter[str]:
        """How cases ended: kind, outcome, who spoke last, and whether it was all of the order."""
        found = Counter[str]()
        for case in self.cases():
            entries = self.around.store.timeline(case.case_id)
            spoke = " ".join(dict.fromkeys(str(entry.actor.role) for entry in entries if entry.actor))
            whole = case.lines == {line.line_id: line.quantity for line in self.sold[case.order_id].lines}
            found[f"{case.kind} {case.outcome} {spoke} {'all' if whole else 'part'}"] += 1
        return found


def unlike(season: Adopted) -> Iterator[str]:
    """Wherever the integrator's books differ from Batal's."""
    yield from disagreements(season)
    market = season.market
    for place, held in sorted(market.warehouse.held.items()):
        # What is let go besides was in the same parcels.
        if held > 0:
            yield f"{place}: {held} pieces are held though no request is open"
    for order_id in season.sold:
        known, last = market.in_order.done[order_id], season.around.store.log_heads.get(order_id, (0, 0))[0]
        if known != last:
            yield f"{order_id}: of {last} events {known} are known"


def a_year(seed: int, number: int) -> Adopted:
    print(f"seed {seed}")
    return lived(Adopted(random.Random(seed)), number)


def some_years(seed: int, number: int) -> Iterator[Adopted]:
    """Dice have no duty to lose a post that something follows: years go on until one has a gap to see."""
    for each in range(seed, seed + 9):
        yield (season := a_year(each, number))
        if season.market.gaps:
            return
    raise AssertionError("nothing was ever missing, so nothing was found missing")


def test_who_hears_of_batal_by_webhook_alone_keeps_the_same_books() -> None:
    seed = random.SystemRandom().randrange(10**9)
    for season in some_years(seed, ORDERS):
        assert "\n".join(unlike(season)) == ""
    market, endings = season.market, season.endings()
    assert market.in_order.twice
    assert len(endings) >= (20 if ORDERS >= 1_000 else 6), endings
    figure(
        "integrator",
        f"{ORDERS} orders, {len(endings)} ways to end, seed {seed}: {sum(market.in_order.done.values())} events, "
        f"{market.in_order.twice} heard twice, {market.gaps} gaps seen; pieces, money and held parcels agree",
    )


def test_a_hold_that_is_never_released_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Integrator._hears

    def hears(self: Integrator, told: dict[str, Any]) -> None:
        whole(self, {**told, "type": "case.closed"} if told["type"] == "order.release_shipment" else told)

    monkeypatch.setattr(Integrator, "_hears", hears)
    assert any("are held" in each for each in unlike(a_year(CONTROLS, 40)))


def test_an_integrator_that_does_not_look_at_the_numbers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Integrator, "_reads", lambda self, order_id: None)
    monkeypatch.setattr(Integrator, "reads_all", lambda self: None)
    assert any("are known" in each for each in unlike(a_year(CONTROLS, 60)))
