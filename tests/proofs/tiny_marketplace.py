"""A tiny marketplace with books of its own: it knows of Batal what events tell, pays what it is told to once per key,
and tells how that went; now and then late, twice, or not at all."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.cases.commands import PartTold
from chalicelib.domain.money.refund import Report, Told
from chalicelib.domain.orders.body import Line, OrderBody, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.ports import Event, Ports
from chalicelib.workflow import decisions
from infra.sandbox.builders import SYSTEM, a_body
from infra.sandbox.providers.fakes import GIVERS
from tests.fakes.provider_town import card_by

# A tender of an order.
Place = tuple[str, str]


@dataclass
class Books:
    """What the marketplace wrote down, in minor units.

    gone       pieces of each line that went
    back       what went back of each order in all, as `order.cancelled` and `order.returned` say
    paid       what the marketplace paid back itself, by the tender, once per key
    given      vouchers and coins that it gave back
    told       how each part stands that somebody else pays, as it was told last: its tender, amount and state
    """

    gone: Counter[Place] = field(default_factory=Counter)
    back: Counter[str] = field(default_factory=Counter)
    fees: Counter[str] = field(default_factory=Counter)
    paid: Counter[Place] = field(default_factory=Counter)
    given: Counter[Place] = field(default_factory=Counter)
    told: dict[tuple[str, str], tuple[Place, int, str]] = field(default_factory=dict)


@dataclass
class Asked:
    """A key under which it was asked to pay; `went` is decided once and for all."""

    case_id: str
    part: str
    place: Place
    amount: int
    went: bool
    reports: int


@dataclass
class Given:
    """A voucher or coins that it was told to give back; whether they are, and whether Batal has heard that."""

    case_id: str
    part: str
    place: Place
    amount: int
    went: bool
    heard: bool = False


@dataclass
class Marketplace:
    """Its books, and the payments that it was asked for."""

    dice: random.Random
    books: Books = field(default_factory=Books)
    keys: dict[str, Asked] = field(default_factory=dict)
    gives: list[Given] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    read: int = 0
    reliable: bool = False

    def takes(self, events: Sequence[Event]) -> None:
        """What the bus brought since, some of it twice."""
        for event in events[self.read :]:
            for _ in range(2 if self.dice.random() < 0.1 else 1):
                self._take(event)
        self.read = len(events)

    def _take(self, event: Event) -> None:
        said: Mapping[str, Any] = event.detail
        if event.name == "refund.requested":
            # Asked again under a key that it knows it pays nothing, and tells once more.
            for part in said["parts"]:
                self._asked(said, part)
        if event.event_id in self.known:
            return
        self.known.add(event.event_id)
        books, order_id = self.books, said["order_id"]
        if event.name in ("order.cancelled", "order.returned"):
            books.back[order_id] += said["refund_total"]
            books.fees[order_id] += said["fees_total"]
            books.gone.update({(order_id, each["line_id"]): each["quantity"] for each in said["lines"]})
        elif event.name == "refund.give_back":
            for each in said["parts"]:
                self._gives(said, each)
        elif event.name == "refund.part_changed":
            part = said["part"]
            place = order_id, part["tender_id"]
            books.told[said["refund_id"], part["part"]] = (place, part["amount"], said["part_state"])

    def _asked(self, said: Mapping[str, Any], part: Mapping[str, Any]) -> None:
        place = said["order_id"], part["tender_id"]
        if part["key"] not in self.keys:
            went = self.reliable or self.dice.random() < 0.8
            self.keys[part["key"]] = Asked(said["case_id"], part["part"], place, part["amount"], went, 0)
            self.books.paid[place] += part["amount"] if went else 0
        self.keys[part["key"]].reports += 1

    def _gives(self, said: Mapping[str, Any], part: Mapping[str, Any]) -> None:
        place, went = (said["order_id"], part["tender_id"]), self.reliable or self.dice.random() < 0.8
        self.gives.append(Given(said["case_id"], part["part"], place, part["amount"], went))
        self.books.given[place] += part["amount"] if went else 0

    def tells(self, ports: Ports) -> None:
        """How it went; some words are lost, until it is asked again, and some come twice. What it gave back it is told
        once: it says so again until it is heard."""
        for given in [each for each in self.gives if not each.heard]:
            if not self.reliable and self.dice.random() < 0.15:
                continue
            self._tell(ports, given, f"{given.case_id}:{given.part}:given")
            given.heard = True
        for key, asked in self.keys.items():
            while asked.reports:
                asked.reports -= 1
                if not self.reliable and self.dice.random() < 0.15:
                    continue
                self._tell(ports, asked, key)

    def _tell(self, ports: Ports, of: Asked | Given, key: str) -> None:
        told = Told.SUCCEEDED if of.went else Told.FAILED
        report = Report(event_id=f"{key}:{told}", part=of.part, told=told, amount=of.amount, at=ports.now())
        for _ in range(2 if self.dice.random() < 0.1 else 1):
            decisions.part_event(ports, of.case_id, PartTold(report=report), SYSTEM)

    def by(self, place: Place) -> int:
        """What went back by a tender, as far as events tell: what went into the wallet at once nobody tells apart."""
        others = sum(n for at, n, state in self.books.told.values() if at == place and state == "succeeded")
        # What it paid itself was told to it as well.
        mine = sum(asked.amount for asked in self.keys.values() if asked.place == place and asked.went)
        return max(others, self.books.given[place] + mine)


def an_order_of_any_kind(dice: random.Random, number: int, buyers: int) -> OrderBody:
    """Some lines, shipping, and up to three tenders: cards by providers, a virtual account, wallet, voucher, coins,
    cash."""
    order_id = f"B-{number}"
    lines = tuple(
        Line(
            line_id=str(each),
            name="Kemeja",
            quantity=dice.choice([1, 1, 2, 3]),
            unit_price=dice.randrange(10, 90) * 1_000 + dice.choice([0, 0, 1, 333]),
        )
        for each in range(dice.choice([1, 2, 2, 3]))
    )
    shipping = dice.choice([0, 9_000, 15_001])
    total = sum(line.amount for line in lines) + shipping
    return a_body(
        order_id=order_id,
        platform=dice.choice(["shopee", "lazada"]),
        buyer=f"b{number % buyers}",
        lines=lines,
        shipping_fee=shipping,
        tenders=_tenders(dice, order_id, total),
        status=dice.choice(["processing", "processing", "processing", "delivered"]),
    )


def _tenders(dice: random.Random, order_id: str, total: int) -> tuple[Tender, ...]:
    first = dice.choice(["card", "card", "card", "bank", "virtual_account", "wallet", "cod"])
    methods = [
        first,
        *dice.sample([each for each in ("wallet", "voucher", "coins") if each != first], dice.choice([0, 1, 1, 2])),
    ]
    rest, made = total, list[Tender]()
    for method in methods[1:]:
        amount = dice.randrange(1, max(2, total // 4))
        rest -= amount
        made.append(Tender(method=Method(method), amount=amount))
    if first == "card":
        return card_by(dice.choice(GIVERS), order_id, rest), *made
    if first == "virtual_account" and dice.random() < 0.3:
        # By a provider that has no way back for it.
        by = Tender(method=Method.VIRTUAL_ACCOUNT, amount=rest, provider="midtrans", references={"order_id": order_id})
        return by, *made
    return Tender(method=Method(first), amount=rest), *made
