"""A year of history for the sandbox, so that charts, figures and odds are alive at once.

Shops of five kinds (sellers.py) answer requests as such shops do. Each request is asked, answered or left alone,
escalated and paid back by the rules that everything here goes by, at moments of the past year, under the policies as
they are; what comes of it is laid into the tables and counted by the code that counts any other request. As after
moving in, nobody is told of it: no mails, no events, and its money went back in its time. What still waits is asked
for now, in the usual way.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain import reference
from chalicelib.domain.cases import asking
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.change import Change, Slot
from chalicelib.domain.cases.choices import Channel
from chalicelib.domain.cases.commands import Approve, Ask, Confirm, Expire, RefundSucceeded, Reject, Said, Withdraw
from chalicelib.domain.cases.step import StepContext, act_of
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.figures.counting import Counters, added, share_of
from chalicelib.domain.money.recording import told_anew, with_books
from chalicelib.domain.orders.body import Line, OrderBody, Person, Seller, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import with_body
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.orders.sums import due_of
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.learned import MONTHS_KEPT, month_of
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.ports import Ports
from chalicelib.workflow import asking as requests_now
from chalicelib.workflow import counting, orders
from chalicelib.workflow.decisions import CLOCK
from chalicelib.workflow.orders import fill_of
from infra.sandbox.laying import Ended, lay_counters, lay_requests
from infra.sandbox.seed import OMS
from infra.sandbox.sellers import KINDS, Request, requests

SEED, MONTHS, SHOPS, WAITING = 20, 12, 5, 12
YEAR = timedelta(days=365)
_BUYERS = 240
_SARI, _RINI = Actor(role=Role.SUPPORT, id="sari"), Actor(role=Role.SUPPORT, id="rini")
_NOTE = "Sudah dicek dengan kedua pihak"
# One of so many is taken back before its seller has answered.
_TAKEN_BACK = 0.04
_REASONS = {
    "changed_mind": 24, "wrong_size": 20, "found_cheaper": 14, "wrong_address": 9, "ordered_twice": 8,
    "change_payment": 5, "voucher_forgotten": 4, "seller_slow": 10, "seller_asked_to_cancel": 4, "other": 2,
}  # fmt: skip
_PLATFORMS = ("lazada", "shopee", "tokopedia")
_METHODS = (Method.EWALLET, Method.BANK, Method.CARD)
_GOODS = {
    "stable": ("Kemeja", 150_000), "changing": ("Sepatu lari", 350_000), "strict": ("Cincin ukir", 420_000),
    "lazy": ("Buku cerita", 85_000), "few cases": ("Gitar", 1_900_000),
}  # fmt: skip
# Who sells abroad, in Singapore dollars: so figures of money have two currencies.
_ABROAD, _ABROAD_CENTS = ("stable", 4), 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop of the simulation, as people meet it."""

    seller_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made: how many requests that ended, and how many that wait."""

    ended: int
    waiting: int


def said_of(made: Made) -> str:
    """What was made, for whoever asked for it."""
    if not made.ended:
        return "The year of history is there already."
    return f"A year of history: {made.ended:,} requests that ended, {made.waiting} that wait."


def shop_of(kind: str, number: int) -> Shop:
    """The shop of a kind with this number; the two that the sandbox begins with are shops of it."""
    known = {("stable", 0): Shop(seller_id="toko-baju", name="Toko Baju")}
    known |= {("changing", 0): Shop(seller_id="toko-sepatu", name="Toko Sepatu")}
    words = {"stable": "Rapi", "changing": "Musim", "strict": "Ukir", "lazy": "Santai", "few cases": "Gitar"}
    plain = Shop(seller_id=f"toko-{words[kind].lower()}-{number + 1}", name=f"Toko {words[kind]} {number + 1}")
    return known.get((kind, number), plain)


def shops_to_be(ports: Ports) -> Sequence[tuple[str, Shop]]:
    """One shop of each kind, to sign in as, once there is a history."""
    return [(kind, shop_of(kind, 0)) for kind in KINDS] if has_history(ports) else []


def has_history(ports: Ports) -> bool:
    """Whether the year was made already."""
    return ports.store.order(_order_id(1)) is not None


def make_history(
    ports: Ports, store: DynamoStore, *, shops: int = SHOPS, months: int = MONTHS, waiting: int = WAITING
) -> Made:
    """Make the year that ends now, once: where it is there, nothing. Nobody else may write meanwhile."""
    if has_history(ports):
        return Made(ended=0, waiting=0)
    counting.catch_up(ports)
    now, dice = ports.now(), random.Random(SEED)  # noqa: S311 - dice of a simulation
    ended = list(_lived(_House(ports=ports, now=now, months=months), requests(SEED, months, shops), dice))
    shares = {each.case.case_id: share_of(each.case) for each in ended}
    sums = added(((None, share) for share in shares.values()), since=month_of(now) - MONTHS_KEPT)
    lying = store.counters(sums.places)
    lay_requests(store, ended, shares)
    lay_counters(store, {place: sums.onto(place, lying.get(place, Counters())) for place in sums.places})
    return Made(ended=len(ended), waiting=sum(_ask_now(ports, number) for number in range(waiting)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _House:
    """The world in which the year goes by."""

    ports: Ports
    now: datetime
    months: int

    def context(self, order: Order, at: datetime) -> StepContext:
        """What a step needs to know at a moment."""
        policy = self.ports.policies.current(order.body.platform)
        holidays = self.ports.calendar.holidays(at, policy.home)
        return StepContext(policy=policy, holidays=holidays, pace=self.ports.pace, order=order)

    def moment(self, month: int, dice: random.Random) -> datetime:
        """Some moment of a month, counted from the beginning of the simulated time; by day more often than by night."""
        a_month = YEAR / self.months
        day = self.now - YEAR + month * a_month + dice.random() * (a_month - timedelta(days=1))
        return day.replace(hour=dice.choice((0, 2, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15)), minute=dice.randrange(60))


def _lived(house: _House, simulated: Iterator[Request], dice: random.Random) -> Iterator[Ended]:
    """Each request that has ended by now, in the order of the simulation."""
    for number, request in enumerate(simulated, start=1):
        ended = _Life(house, dice, number, request).ended
        if ended:
            yield ended


class _Life:
    """One request, from the order to its end; without an end (`ended` is None) where that would lie ahead of us."""

    def __init__(self, house: _House, dice: random.Random, number: int, request: Request) -> None:
        self._house, self._dice, self._number, self._request = house, dice, number, request
        self._changes = list[Change]()
        self.at = house.moment(request.month, dice)
        self._order = _order_at(house.ports, _body(number, request, self.at, dice), self.at)
        self.ended = self._lived()

    @property
    def _case(self) -> Case:
        case = self._changes[-1].case
        assert case is not None
        return case

    def _lived(self) -> Ended | None:
        reason = self._dice.choices(list(_REASONS), weights=list(_REASONS.values()))[0]
        channel = self._dice.choice((Channel.APP, Channel.APP, Channel.WEB))
        asked = Ask(reason_code=reason, channel=channel, accept_terms=True)
        buyer = Actor(role=Role.BUYER, id=self._order.body.buyer.id)
        act = act_of(asked, buyer, self.at, self._id(), self._id())
        number = reference.drawn(self._dice.randrange)
        self._take(asking.ask(self._order, act, self._house.context(self._order, self.at), number))
        if self._case.state is State.AWAITING_SELLER:
            self._answered(buyer)
        if self._case.state is State.AWAITING_SUPPORT:
            self._decided()
        refund = self._case.refund
        if self._case.state is State.REFUNDING and refund:
            took = timedelta(hours=self._dice.uniform(1, 70))
            self._say(RefundSucceeded(event_id=self._id(), amount=refund.due), OMS, self.at + took)
        if self._case.open or self.at >= self._house.now:
            return None
        return Ended(order=self._after(), case=self._case, timeline=self._timeline())

    def _answered(self, buyer: Actor) -> None:
        """What the seller does; what the buyer does who waits no longer; what silence means."""
        seconds, deadline = self._request.seconds, self._case.deadline_at
        assert deadline is not None
        answers = None if seconds is None else self.at + timedelta(seconds=seconds)
        if self._dice.random() < _TAKEN_BACK:
            taken_back = self.at + (min(answers or deadline, deadline) - self.at) / 2
            self._say(Withdraw(), buyer, taken_back)
        elif answers is None or answers >= deadline:
            self._say(Expire(), CLOCK, deadline + timedelta(minutes=1))
        else:
            seller = Actor(role=Role.SELLER, id=self._order.body.seller.id)
            self._say(self._yes_or_no(), seller, answers)

    def _decided(self) -> None:
        """What customer service says, before its own deadline; where one may not grant it alone, two of them."""
        self._say(replace(self._yes_or_no(), note=_NOTE), _SARI, self._soon())
        if self._case.state is State.AWAITING_SUPPORT:
            self._say(Confirm(note=_NOTE), _RINI, self._soon())

    def _soon(self) -> datetime:
        deadline = self._case.deadline_at
        assert deadline is not None
        return self.at + (deadline - self.at) * self._dice.uniform(0.05, 0.4)

    def _yes_or_no(self) -> Approve | Reject:
        reasons = (RefusingReason.ALREADY_PACKED, RefusingReason.MADE_TO_ORDER, RefusingReason.OTHER)
        return Approve() if self._request.yes else Reject(reason_code=self._dice.choice(reasons))

    def _say(self, said: Said, actor: Actor, at: datetime) -> None:
        order = with_books(self._order, fill_of(self._house.ports, self._order))
        act = act_of(said, actor, at, self._id(), self._id())
        self._take(advance(self._case, act, self._house.context(order, at)))
        self.at = at

    def _take(self, change: Change) -> None:
        self._changes.append(change)
        if change.slot:
            self._order = _held_by(self._order, change.slot)

    def _timeline(self) -> Sequence[Entry]:
        return [change.entry for change in self._changes if change.entry]

    def _after(self) -> Order:
        return replace(self._order, rev=1 + len(self._changes))

    def _id(self) -> str:
        return f"{self._dice.getrandbits(128):032x}"


def _held_by(order: Order, slot: Slot) -> Order:
    """The order once its one case has done this to it; what holds its slot is of no interest where all has ended."""
    cancelled = Counter(order.cancelled)
    cancelled.update(slot.cancelled)
    return replace(
        order,
        cases=(slot.case_id,),
        attempts=order.attempts + slot.attempts,
        books=slot.books or order.books,
        cancelled=dict(cancelled),
        granted_worth=order.granted_worth + slot.worth,
    )


def _order_at(ports: Ports, body: OrderBody, at: datetime) -> Order:
    told = with_body(None, body, at)
    assert told is not None
    return told_anew(None, told, fill_of(ports, told))


def _order_id(number: int) -> str:
    return f"HIS-{number:05}"


def _body(number: int, request: Request, asked_at: datetime, dice: random.Random) -> OrderBody:
    """An order about which a request is made at a moment: paid two days before, some pieces of the shop's own goods."""
    shop = shop_of(request.kind, request.shop)
    abroad = (request.kind, request.shop) == _ABROAD
    name, price = _GOODS[request.kind]
    price = price if not abroad else price * 100 // _ABROAD_CENTS
    buyer = f"pembeli-{dice.randrange(_BUYERS) + 1}"
    placed = asked_at - timedelta(hours=dice.randrange(30, 72))
    body = OrderBody(
        order_id=_order_id(number),
        platform=_PLATFORMS[request.shop % len(_PLATFORMS)],
        version=1,
        status=OrderStatus(request.status),
        buyer=Person(id=buyer, name=buyer.replace("-", " ").capitalize(), email=f"{buyer}@example.com", locale="id"),
        seller=Seller(id=shop.seller_id, name=shop.name, email=f"{shop.seller_id}@example.com", locale="id"),
        placed_at=placed,
        paid_at=placed,
        currency="SGD" if abroad else "IDR",
        lines=(Line(line_id="1", name=name, quantity=dice.choice((1, 1, 1, 2)), unit_price=price, category="fashion"),),
        tenders=(),
    )
    return replace(body, tenders=(Tender(method=dice.choice(_METHODS), amount=due_of(body)),))


def _ask_now(ports: Ports, number: int) -> bool:
    """One more request of now, which waits for its seller."""
    kind = list(KINDS)[number % len(KINDS)]
    dice = random.Random(number)  # noqa: S311 - dice of a simulation
    request = Request(kind=kind, shop=0, month=0, status="processing", true=0.0, silent=False, yes=False, seconds=None)
    body = replace(_body(90_000 + number, request, ports.now(), dice), order_id=f"HIS-W{number:02}")
    orders.upsert(ports, body, OMS)
    asked = Ask(reason_code=dice.choice(list(_REASONS)), channel=Channel.APP, accept_terms=True)
    return requests_now.ask(ports, body.order_id, asked, Actor(role=Role.BUYER, id=body.buyer.id)).open
