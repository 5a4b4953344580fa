"""Random histories: buyers, sellers, support, the OMS, the provider, the clock, crashes and lost wake-ups in any order.

The model is small: it keeps, per case, the set of places it may be in, and checks every answer against it; after each
history the invariants must hold. They run on the in-memory store, and shorter ones on the real store over moto.
`make proofs-long` runs 10,000 histories of 50 steps; the seed is printed, and BATAL_SEED replays it
(BATAL_SEEK beside it where histories looked for a rare command).
"""

import logging
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import Alternative, GoodsFault, ParcelWay, ParcelWord
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Appeal,
    Approve,
    Claim,
    Confirm,
    ContestGoods,
    DeclineOffer,
    Extend,
    GoodsReceived,
    MakeOffer,
    ParcelAnswered,
    PartTold,
    RedirectPart,
    RefundFailed,
    RefundSucceeded,
    Reject,
    Reopen,
    ResolvePart,
    RetryPart,
    ReturnLabel,
    Said,
    SettleParcel,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.errors import BatalError, Conflict, Refused, Unavailable
from chalicelib.domain.money.books import account_of, accounts_of, due
from chalicelib.domain.money.payments import Payment, PaymentTold
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import Instead, RefundPart, Report, Told
from chalicelib.domain.money.wallet import Debit
from chalicelib.domain.orders.body import Line, Package, Pieces, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import StatusPush
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.policy import Declined, Elsewhere, MoneyBack, Offers, ParcelMoves, Silence
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.ports import Token
from chalicelib.workflow import asking, claims, decisions, held, orders, payouts, threads, wallets
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.waiting import enter, time_out
from infra.sandbox.builders import (
    BUDI,
    NO,
    OPERATOR,
    SELLER,
    SUPPORT,
    SYSTEM,
    a_body,
    a_policy,
    an_ask,
    outbox_of,
)
from infra.sandbox.providers.till import Behaviour
from tests.fakes.ports import Neighbourhood, a_neighbourhood
from tests.fakes.provider_halls import an_account
from tests.fakes.provider_town import Town, no_sockets, plainly
from tests.proofs import at_providers
from tests.proofs.at_providers import a_card, above_paid
from tests.proofs.figures import FULL, figure
from tests.proofs.invariants import keeps_goods, left_for_the_buyer, wrong_in_books
from tests.proofs.ledger import adds_up, ledger_violations
from tests.proofs.provider_calls import every_call
from tests.proofs.provider_money import unsettled, went_twice
from tests.proofs.world import laboratory

HISTORIES = int(os.environ.get("BATAL_HISTORIES", "2000" if FULL else "300"))
STEPS = 50
LEAST = 25 if FULL else 3  # how often each command is taken
# How many and how long on moto, where a step costs a hundred times as much: many short ones and some that go far.
# A fifth in the quick form: short ones for many beginnings, long ones for depth.
ON_MOTO = ((300, 10), (260, 2), (40, 14)) if FULL else ((52, 2), (10, 14))
ORDERS = ("O-0", "O-1", "O-2")

# From each place, where it may have gone by the next look: typed by hand.
ENDS = {str(outcome) for outcome in Outcome}
GRANTED = {"awaiting_support", "awaiting_goods", "refunding", "cancelled", "returned"}
MAY_GO: dict[str, set[str]] = {
    "awaiting_seller": {"awaiting_seller", "awaiting_buyer", *GRANTED, *ENDS} - {"settled"},
    "awaiting_buyer": {"awaiting_buyer", "awaiting_seller", *GRANTED, *ENDS},
    "awaiting_support": {"awaiting_support", "awaiting_buyer", *GRANTED, *ENDS} - {"settled"},
    "awaiting_goods": {"awaiting_goods", "awaiting_support", "refunding", *ENDS} - {"settled"},
    "refunding": {"refunding", "awaiting_support", "cancelled", "returned", "settled"},
    # What was refunded stays so; anything else support may look at again.
    **{outcome: {outcome, "awaiting_support"} for outcome in ENDS - {"cancelled", "returned"}},
    "cancelled": {"cancelled"},
    "returned": {"returned"},
}
RINI, TUTI = (Actor(role=Role.SUPPORT, id=name) for name in ("rini", "tuti"))
TWO_LINES = (
    Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),
    Line(line_id="2", name="Topi", quantity=1, unit_price=50_000),
)


# What a person of good will may get wrong; anything else is a defect.
INVALID = {
    "deduction_too_high",
    "reason_not_allowed",
    "not_found",
    "amount_differs",
    "refund_missing",
    "validation_failed",
    "fee_too_high",
    "alternative_not_allowed",
    "partial_refund_not_allowed",
    "partial_refund_too_high",
    "until_not_allowed",
    "offer_missing",
    "event_differs",
}


class Hearsay(DynamoStore):
    """The real store in the hour in which some functions have heard that rows may become small, and others have not."""

    dice: random.Random

    def writes_small(self) -> bool:
        return self.dice.random() < 0.3


class Died(BaseException):
    """A process of ours died."""


def in_a_parcel(line: Line) -> Package:
    pieces = (Pieces(line_id=line.line_id, quantity=line.quantity),)
    return Package(package_id=f"P{line.line_id}", status=OrderStatus.PROCESSING, lines=pieces)


IN_TWO_PARCELS = tuple(map(in_a_parcel, TWO_LINES))


@dataclass
class History:
    """One history: the house, its two orders, and the dice."""

    dice: random.Random
    around: Neighbourhood = field(default_factory=a_neighbourhood)
    accepted: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)
    promised: set[str] = field(default_factory=set)
    versions: Counter[str] = field(default_factory=Counter)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    collected: Counter[str] = field(default_factory=Counter)  # the most money of an order that ever was
    looked_at: dict[str, Order] = field(default_factory=dict)
    faults: int = 0
    case_ids: list[str] = field(default_factory=list)
    town: Town = field(init=False)

    @property
    def store(self) -> Any:
        """The store under proof: the house's, in memory or over moto."""
        return self.around.ports.store

    def begin(self) -> None:
        if isinstance(self.store, Hearsay):
            self.store.dice = self.dice
        # In some histories an outage of days outlasts all patience, so that effects are held.
        ports, self.town = self.around.ports, Town(self.around.clock)
        self.around.ports = replace(
            ports,
            pace=replace(ports.pace, max_tries=self.dice.choice([4, 80])),
            provider_names=frozenset(self.town.providers),
            providers=self.town.providers,
            payouts="xendit_payouts",
        )
        # Before anybody looks at a policy: what was read is kept for a while.
        changes = {
            "parcel_moves": self.dice.choice(list(ParcelMoves)),
            "cancelled_elsewhere": self.dice.choice(list(Elsewhere)),
            "built_in_wallet": self.dice.random() < 0.8,
            "money_back": self.dice.choice(list(MoneyBack)),
            "second_person_above": self.dice.choice([0, 50_000, None]),
            "withdrawal_counts": self.dice.choice([True, False]),
            "max_attempts": 3,
            "offers": Offers(rounds=2, declined=self.dice.choice(list(Declined))),
        }
        for platform in ("lazada", "shopee", "tokopedia"):
            self.around.store.put_policy(a_policy(platform, version=9, **changes))  # type: ignore[arg-type]
        for order_id in ORDERS:
            tenders = self.tenders_of(order_id)
            status = "delivered" if order_id == "O-2" else "processing"
            platform = self.dice.choice(["lazada", "shopee", "tokopedia"])
            packages = IN_TWO_PARCELS if self.dice.random() < 0.4 and status == "processing" else ()
            body = a_body(
                order_id=order_id,
                platform=platform,
                tenders=tenders,
                lines=TWO_LINES,
                status=status,
                packages=packages,
            )
            for tender in body.tenders:
                # Some believe to have more, and would pay twice; some have just this, which is not settled yet.
                if self.dice.random() < 0.5:
                    self.town.pay(tender, body.paid_at or body.placed_at, at_providers.GENEROUS)
                else:
                    self.town.pay(tender, self.around.clock.at - timedelta(hours=1))
            orders.upsert(self.around.ports, body, SYSTEM)

    def tenders_of(self, order_id: str) -> tuple[Tender, ...]:
        """How it was paid: into the wallet, or by a card that Batal or the marketplace asks a provider for."""
        if order_id == "O-1":
            coins = Tender(method=Method.COINS, amount=50_000)
            return a_card(self.dice, order_id, 100_000), coins
        if self.dice.random() < 0.3:
            return a_card(self.dice, order_id, 120_000), Tender(method=Method.WALLET, amount=30_000)
        return (Tender(method=Method.WALLET, amount=150_000),)

    def step(self, name: str | None = None) -> None:
        name = name or self.dice.choice(WEIGHED)
        self._maybe_a_fault()
        try:
            if STEPS_BY_NAME[name](self) is not None:
                self.accepted[name] += 1
        except (Refused, Conflict, Unavailable, Died):
            pass
        except BatalError as error:
            if error.code not in INVALID:
                raise
        finally:
            self._heal()
        if "ask" in name or "deliver" in name or name in MAY_BRING_MONEY:
            self.case_ids = [case_id for order in self.orders() for case_id in order.cases]
        self.look()

    def look(self) -> None:
        """Every case is where its last place allows it to be, and the wallet is what its entries come to."""
        assert adds_up(self.store, "budi", "IDR"), "I12"
        for case in self.cases():
            place = str(case.outcome or case.state)
            before = self.places.get(case.case_id)
            assert before is None or place in MAY_GO[before], f"{case.case_id}: from {before} to {place}"
            # What was promised ends without its money only by somebody's word, or by goods that were not sent; who paid
            # at the door for a parcel that was called back may return it.
            undone = (place == "overtaken" and not case.quote.leaves_cash_out) or (
                place == "expired" and case.ran_out is not State.AWAITING_GOODS
            )
            assert not (undone and case.case_id in self.promised), f"{case.case_id}: promised, and {place}"
            (self.promised.add if case.open and case.is_promised else self.promised.discard)(case.case_id)
            self.places[case.case_id] = place
        wrong: list[str] = []
        for order in self.orders():
            if self.looked_at.get(order.order_id) != order:
                self._look_at(order)
            mine = [case for case in self.cases() if case.order_id == order.order_id]
            wrong += above_paid(self.town, order.order_id, mine, self.collected[order.order_id])
        for case in self.cases():
            wrong += went_twice(self.town, case)
        assert wrong == [], wrong

    def _look_at(self, order: Order) -> None:
        """No tender's money was promised twice."""
        self.looked_at[order.order_id] = order
        accounts = accounts_of(with_books(order, None))
        for tender_id, account in accounts.items():
            # What the marketplace gave back itself Batal does not give back again.
            grew = account.taken > self.taken[order.order_id, tender_id]
            back = order.given_elsewhere.get(tender_id, 0) + account.taken
            assert not grew or back <= account.collected, f"{tender_id} of {order.order_id}: twice"
            self.taken[order.order_id, tender_id] = account.taken
        money = sum(each.collected for each in accounts.values() if not each.promo)
        self.collected[order.order_id] = max(money, self.collected[order.order_id])

    def orders(self) -> list[Order]:
        return [self.store.order(order_id) for order_id in ORDERS]

    def cases(self) -> list[Case]:
        return [self.store.case(case_id) for case_id in self.case_ids]

    def an_order(self) -> str:
        return self.dice.choice(ORDERS)

    def a_case(self) -> Case | None:
        return self.store.case(self.dice.choice(self.case_ids)) if self.case_ids else None

    def a_case_in(self, *states: State) -> Case | None:
        """Mostly one where the command may fit, sometimes any."""
        fitting = [case for case in self.cases() if case.state in states]
        return self.dice.choice(fitting) if fitting and self.dice.random() < 0.95 else self.a_case()

    def finish(self) -> None:
        """Everybody goes home; time passes; the sweep comes by until nothing is due."""
        self._heal()
        for _ in range(12):
            if all(case.state is State.REFUNDING or case.wake_at is None for case in self.cases()):
                break
            self.around.clock.advance(6 * 86_400)
            self._sweep()
            self.around.clock.advance(3_700)
            self._sweep()
            self.look()
            self._decide()
        self._all_is_back()
        self.town.behave(Behaviour.NORMAL)
        at_providers.settle(self.around.ports, self.town, self.around.clock, self._sweep)
        self.look()
        for case in self.cases():
            at_providers.end_by_people(self.around.ports, self.town, case, (TUTI, RINI))
        for case in self.cases():
            if case.state is State.REFUNDING:
                provider(self, case, succeeded=True)
        self._all_is_back()
        self.look()
        self.check()

    def _all_is_back(self) -> None:
        if any(pending.held for case in self.cases() for pending in case.outbox.values()):
            held.release(self.around.ports, OPERATOR, held.Which(), "all is back")
        for _ in range(3):
            self.around.clock.advance(3_700)
            self._sweep()

    def _sweep(self) -> None:
        """The sweep, where it would find anything: looking into empty shards is most of a history's time."""
        now = self.around.clock.at
        if any(case.wake_at and case.wake_at <= now for case in self.cases()):
            sweep(self.around.ports)

    def _decide(self) -> None:
        """What was granted once, customer service's silence never ends: two of them come and say yes."""
        for case in self.cases():
            if case.state is State.AWAITING_SUPPORT and case.if_silent is Silence.ESCALATE:
                for actor in (TUTI, RINI):
                    if self.store_case(case.case_id).state is State.AWAITING_SUPPORT:
                        decisions.say(self.around.ports, case.case_id, Approve(note="done"), actor)

    def store_case(self, case_id: str) -> Case:
        """The row as it is now."""
        case = self.store.case(case_id)
        assert case is not None
        return case  # type: ignore[no-any-return]

    def check(self) -> None:
        store = self.store
        sent = Counter(mail.effect_id + mail.case_id for mail in self.around.outbox.sent)
        assert max(sent.values(), default=0) <= 1 + self.faults
        for case in self.cases():
            entries = store.timeline(case.case_id)
            assert examine(entries, case.entries, case.head).whole is Soundness.INTACT, "I10"
            assert not case.open, f"I11: {case.state}"
            assert case.outbox == {}, f"I3: {sorted(outbox_of(case))}"
            assert case.wake_at is None
            reopened = sum(entry.command in ("appeal", "reopen") for entry in entries)
            closings = sum(entry.state == "closed" and entry.came_from != "closed" for entry in entries)
            assert closings == 1 + reopened, "I2"
            moved = False
            for entry in entries:
                moved = moved or left_for_the_buyer(entry)
                agreed = entry.command in ("approve", "expire", "accept_offer") and entry.actor.role is not Role.SUPPORT
                # Goods that are awaited back were granted already, by somebody who knew where they were.
                granted = entry.came_from == "awaiting_goods"
                if moved and agreed and not granted and case.kind is Kind.CANCELLATION and not keeps_goods(entry):
                    assert entry.outcome != "cancelled", "I5"
                    assert entry.state != "refunding" or entry.came_from == "refunding", "I5"
        for order in self.orders():
            assert order.open_case is None, "I1"
            cases = [case for case in map(store.case, order.cases) if case]
            refunds = [case.refund for case in cases if case.refund]
            for kind, found in ((Kind.CANCELLATION, order.cancelled), (Kind.RETURN, order.returned)):
                for line in order.body.lines:
                    theirs = [c.granted_lines for c in cases if c.refund and _takes(c) is kind]
                    pieces = sum(lines.get(line.line_id, 0) for lines in theirs)
                    assert found.get(line.line_id, 0) == pieces, "I4"
            assert wrong_in_books(order, refunds) == [], "I4"
        here = [case.refund for case in self.cases() if case.refund and case.policy.built_in_wallet]
        into_wallet = sum(p.amount for refund in here for p in refund.parts if p.method in ("wallet", "cod"))
        wallet = store.wallet("budi", "IDR")
        taken_out = sum(entry.amount for entry in wallet.entries if isinstance(entry, Debit))
        assert wallet.balance == into_wallet - taken_out, "I4"
        assert list(ledger_violations(store, wallet, self.cases())) == []
        wrong = [each for case in self.cases() for each in unsettled(store, self.town, case)]
        assert wrong == [], wrong

    def _maybe_a_fault(self) -> None:
        around, dice = self.around, self.dice
        if dice.random() > 0.25:
            return
        self.faults += 1
        kind = dice.choice(
            ["mail", "bus", "step functions", "died after commit", "died while striking", "died while calling"]
        )
        if kind == "mail":
            around.outbox.refuses = lambda mail: dice.random() < 0.5
        elif kind == "bus":
            around.bus.down = True
        elif kind == "step functions":
            around.executions.down = True
        elif kind == "died after commit":
            self._dies("commit", after=True)
        elif kind == "died while calling":
            self._dies("put_dispatch", after=dice.random() < 0.5)
            self.town.around = self._dies_calling if dice.random() < 0.5 else plainly
        else:
            self._dies("save_outbox", after=dice.random() < 0.5)

    def _dies_calling(self, name: str, call: Callable[[], Any]) -> Any:
        if self.dice.random() < 0.5:
            call()
        raise Died

    def _dies(self, name: str, *, after: bool) -> None:
        whole = getattr(type(self.store), name)

        def dying(*given: Any) -> Any:
            if after:
                whole(self.store, *given)
            raise Died

        setattr(self.store, name, dying)

    def _heal(self) -> None:
        around = self.around
        around.outbox.refuses = lambda mail: False
        around.bus.down = around.executions.down = False
        self.town.around = plainly
        for name in ("commit", "save_outbox", "put_dispatch"):
            self.store.__dict__.pop(name, None)


def ask(history: History) -> Any:
    dice = history.dice
    lines = dice.choice([None, None, {"1": 1}, {"2": 1}, {"1": 2}])
    wish = an_ask(reason_code=dice.choice(["wrong_size", "seller_slow", "other", "bored"]), lines=lines)
    return asking.ask(history.around.ports, history.an_order(), wish, BUDI)


def ask_return(history: History) -> Any:
    delivered = [order.order_id for order in history.orders() if order.standing is OrderStatus.DELIVERED]
    # Seldom: where nothing comes back there is little left to say.
    nothing_came = history.dice.random() < 0.1
    reason = "not_received" if nothing_came else history.dice.choice(["damaged", "changed_mind"])
    wish = an_ask(kind=Kind.RETURN, reason_code=reason)
    return asking.ask(history.around.ports, history.dice.choice(delivered or list(ORDERS)), wish, BUDI)


def cannot_deliver(history: History) -> Any:
    if history.dice.random() < 0.6:
        return None  # it ends an order for good; histories should have others ends, too
    wish = an_ask(reason_code="out_of_stock", accept_terms=False, lines=history.dice.choice([None, {"2": 1}]))
    return asking.ask(history.around.ports, history.an_order(), wish, SELLER)


def saying(said: Said, actor: Any, *states: State) -> Callable[[History], Any]:
    def step(history: History) -> Any:
        case = history.a_case_in(*states) if states else history.a_case()
        return case and decisions.say(history.around.ports, case.case_id, said, actor)

    return step


def a_label(history: History) -> Any:
    case = history.a_case_in(State.AWAITING_GOODS)
    label = ReturnLabel(pickup_code=f"JNE-{history.dice.randrange(10**6)}")
    return case and decisions.say(history.around.ports, case.case_id, label, SYSTEM)


def support_deducts(history: History) -> Any:
    """Customer service keeps a part, for goods that were sent back; sometimes for some that are contested just now."""
    sent_back = [
        case for case in history.cases() if case.kind is Kind.RETURN and case.goods is not None and case.goods.sent_at
    ]
    fitting = [case for case in sent_back if case.state is State.AWAITING_SUPPORT]
    if not fitting and history.dice.random() < 0.5:
        fitting = [case for case in sent_back if case.state is State.AWAITING_GOODS][:1]
        for case in fitting:
            damaged = ContestGoods(fault=GoodsFault.DAMAGED, comment="rusak")
            decisions.say(history.around.ports, case.case_id, damaged, SELLER)
    if not fitting:
        return None
    case = history.dice.choice(fitting)
    less = history.dice.choice([Approve(deduction=1_000, note="seen"), Approve(deduction=10**9, note="seen")])
    return decisions.say(history.around.ports, case.case_id, less, history.dice.choice([SUPPORT, RINI]))


def an_offer(history: History) -> Any:
    alternative = MakeOffer(alternative=Alternative.CHANGE_VARIANT)
    kept = [MakeOffer(partial_refund=amount) for amount in (1_000, 60_000, 10**9)]
    offer = history.dice.choice([MakeOffer(fee=1_000), MakeOffer(fee=10**9), alternative, *kept])
    case = history.a_case_in(State.AWAITING_SELLER)
    return case and decisions.say(history.around.ports, case.case_id, offer, SELLER)


def more_time(history: History) -> Any:
    case = history.a_case()
    until = history.around.clock.at + timedelta(days=history.dice.choice([0, 3, 13, 30]))
    return case and decisions.say(history.around.ports, case.case_id, Extend(until=until, note="wait"), SUPPORT)


def a_message(history: History) -> Any:
    case = history.a_case()
    actor = history.dice.choice([BUDI, SELLER, SUPPORT])
    return case and threads.write_on_case(history.around.ports, case.case_id, "Halo", actor)


def of_the_parcel(history: History) -> Any:
    case = history.a_case()
    word = history.dice.choice([ParcelWord.HELD, ParcelWord.HELD, ParcelWord.TOO_LATE, ParcelWord.INTERCEPTED])
    return case and decisions.say(history.around.ports, case.case_id, ParcelAnswered(word=word), SYSTEM)


def _takes(case: Case) -> Kind:
    """As what its pieces are counted: those of a correction are cancelled."""
    return Kind.RETURN if case.kind is Kind.RETURN else Kind.CANCELLATION


STATUSES = ["processing", "processing", "ready_to_ship", "shipped", "delivered"]
# What an order system may say at any time, whatever was before.
ANY_WORD = [*STATUSES, *(status.value for status in OrderStatus), "cancelled"]


def order_news(history: History) -> Any:
    order_id = history.an_order()
    status = history.dice.choice(ANY_WORD if history.dice.random() < 0.15 else STATUSES)
    return news_of(history, order_id, status)


def news_of(history: History, order_id: str, status: str) -> Any:
    history.versions[order_id] += history.dice.choice([0, 1, 1, 2, -1])
    version, at = 2 + max(0, history.versions[order_id]), history.around.clock.at
    push = StatusPush(status=OrderStatus(status), version=version, at=at)
    _, news = orders.change_status(history.around.ports, order_id, push, SYSTEM)
    return None if news is orders.News.OLD else news


def parcel_news(history: History) -> Any:
    """A word about one parcel of an order, without a version, whenever it was."""
    order = history.store.order(history.an_order())
    if not order.parcels:
        return None
    status = history.dice.choice(["shipped", "shipped", "delivered", "failed_delivery", "lost", "ready_to_ship"])
    at = history.around.clock.at - timedelta(minutes=history.dice.choice([0, 0, 5]))
    parcel = history.dice.choice(order.parcels)
    push = StatusPush(status=OrderStatus(status), event_id="e", at=at, package_id=parcel.package_id)
    _, news = orders.change_status(history.around.ports, order.order_id, push, SYSTEM)
    return None if news is orders.News.OLD else news


def a_claim(history: History) -> Any:
    """A warehouse is about to hand over a parcel, or all there is."""
    order = history.store.order(history.an_order())
    package_id = history.dice.choice([None, *(parcel.package_id for parcel in order.parcels)])
    claimed, pieces = claims.claim(history.around.ports, order.order_id, f"{package_id}", package_id, SYSTEM)
    return pieces if claimed.claims != order.claims else None


def given_elsewhere(history: History) -> Any:
    """The marketplace gives something back itself, and says so."""
    order = history.store.order(history.an_order())
    tender = history.dice.choice(order.body.tenders)
    known = order.given.get(tender.tender_id, 0)
    told = PaymentTold(
        tender_id=tender.tender_id,
        payment=Payment.REFUNDED,
        at=history.around.clock(),
        amount=min(tender.amount, known + history.dice.choice([1, 20_000, 90_000])),
    )
    _, news = orders.hear_of_payment(history.around.ports, order.order_id, told, SYSTEM)
    return None if news is orders.News.OLD else news


def payment_told(history: History) -> Any:
    """What was collected by a tender, in all, or that nothing will be; now and then it is corrected by a person."""
    order = with_books(history.store.order(history.an_order()), None)
    tender = history.dice.choice(order.body.tenders)
    known = account_of(order, tender.tender_id)
    kind = history.dice.choice([Payment.COLLECTED, Payment.COLLECTED, Payment.VOID, Payment.CORRECTED])
    told = PaymentTold(
        tender_id=tender.tender_id,
        payment=kind,
        at=history.around.clock(),
        amount=history.dice.choice([0, tender.amount, tender.amount, known.collected, known.collected + 10_000]),
        note="seen" if kind is Payment.CORRECTED else None,
    )
    actor = history.dice.choice([SUPPORT, RINI]) if kind is Payment.CORRECTED else SYSTEM
    _, news = orders.hear_of_payment(history.around.ports, order.order_id, told, actor)
    return None if news is orders.News.OLD else news


def push_anew(history: History, order: Order, lines: Sequence[Line], tenders: Sequence[Tender]) -> Any:
    body = order.body
    anew = replace(
        body,
        lines=tuple(lines),
        tenders=tuple(replace(each, collected_at=None) for each in tenders),
        version=body.version + 1,
        status=order.status,
        packages=(),
        refunds=(),
    )
    _, news = orders.upsert(history.around.ports, anew, SYSTEM)
    return None if news is orders.News.OLD else news


def acknowledged(history: History) -> Any:
    """The order's system tells of what stands alone, at what it costs."""
    order = with_books(history.store.order(history.an_order()), None)
    rest, stays = order.remaining, due(order)
    if not rest or not any(order.gone.values()):
        return None
    lines = [replace(x, quantity=rest[x.line_id]) for x in order.body.lines if x.line_id in rest]
    tenders = [replace(each, amount=stays[each.tender_id]) for each in order.body.valid_tenders]
    more = sum(line.amount for line in lines) - sum(each.amount for each in tenders)
    # Of a price that changed meanwhile it tells as it is.
    return push_anew(history, order, lines, _with_more(tenders, more))


def told_at_another_price(history: History) -> Any:
    order = with_books(history.store.order(history.an_order()), None)
    line = history.dice.choice(order.body.lines)
    other = replace(line, unit_price=history.dice.choice([40_000, 50_000, 50_000, 60_000]))
    lines = [other if each is line else each for each in order.body.lines]
    more = sum(each.amount for each in lines) - order.body.paid
    return push_anew(history, order, lines, _with_more(order.body.tenders, more)) if more else None


def _with_more(tenders: Sequence[Tender], more: int) -> list[Tender]:
    found = list(tenders)
    for place, tender in enumerate(found):
        part = max(more, -tender.amount)
        found[place], more = replace(tender, amount=tender.amount + part), more - part
    return found


def paid_otherwise(history: History) -> Any:
    """A tender of another method takes one's place: another card, a bank, and back."""
    order = history.store.order(history.an_order())
    old = history.dice.choice([each for each in order.body.tenders if not each.is_promo])
    new = history.dice.choice(["wallet", "card", "bank"])
    if new in {each.tender_id for each in order.body.tenders}:
        return None
    renamed = Tender(method=Method(new), amount=old.amount)
    return push_anew(
        history, order, order.body.lines, [renamed if each is old else each for each in order.body.tenders]
    )


def a_debit(history: History) -> Any:
    """The marketplace takes money out of Budi's wallet; some of its words come twice, or with another amount."""
    amount = history.dice.choice([1_000, 20_000, 50_000, 150_000])
    event_id = f"d{history.dice.randrange(12)}"
    return wallets.debit(history.around.ports, "budi", "IDR", amount, event_id, "order LZD-9", SYSTEM)


def a_day_or_two(history: History) -> Any:
    history.around.clock.advance(history.dice.choice([1, 60, 60, 91, 91, 3_600, 7_200, 86_400, 172_800]))
    return True


def an_outage_of_days(history: History) -> Any:
    """Mail and bus are away for one to four days; sweeps and deadlines go on."""
    away = history.around
    away.outbox.refuses, away.bus.down = (lambda mail: True), True
    for _ in range(history.dice.choice([2, 4, 8])):
        away.clock.advance(43_200)
        history._sweep()
    return True


def an_operator_sends(history: History) -> Any:
    """What is held goes out again."""
    released = held.release(history.around.ports, OPERATOR, held.Which(), "seen")
    return released.delivering or None


def a_late_parcel(history: History) -> Any:
    """A cancelled order is shipped all the same; or somebody says what becomes of such a parcel."""
    late = [case for case in history.cases() if case.late_parcel and not case.late_parcel_way]
    if late:
        said = SettleParcel(way=history.dice.choice(list(ParcelWay)), note="seen")
        return decisions.say(history.around.ports, late[0].case_id, said, SUPPORT)
    gone = [order for order in history.orders() if order.fully_cancelled and not order.open_case]
    return news_of(history, history.dice.choice(gone).order_id, "shipped") if gone else None


def the_sweep(history: History) -> Any:
    swept = sweep(history.around.ports)
    return swept.seen or None


def an_execution_enters(history: History) -> Any:
    case = history.a_case()
    if case is None:
        return None
    turn = history.dice.choice([case.turn, case.turn, max(1, case.turn - 1)])
    token = None if case.state is State.CLOSED else f"token-{case.case_id}-{turn}-{history.dice.random()}"
    return enter(history.around.ports, case.case_id, case.run, turn, token)


def a_timer_fires(history: History) -> Any:
    case = history.a_case()
    return case and time_out(history.around.ports, case.case_id, case.run, case.turn)


def provider(history: History, case: Case | None, *, succeeded: bool) -> Any:
    if case is None or case.refund is None:
        return None
    kind, word = (RefundSucceeded, Told.SUCCEEDED) if succeeded else (RefundFailed, Told.FAILED)
    went = [name for name, part in case.refund.by_name.items() if part.state == "paid"]
    about = went if case.state is State.CLOSED else [*case.refund.open_parts]
    if not all(at_providers.is_true(history.town, case, name, word) for name in about):
        return None
    said = kind(event_id=f"e{history.dice.randrange(3)}{succeeded}", amount=case.refund.due)
    return decisions.refund_event(history.around.ports, case.case_id, said, SYSTEM)


def part_told(history: History) -> Any:
    """Whoever pays a part says how it goes; now and then of another amount, late, or twice."""
    case = history.a_case()
    if case is None or case.refund is None or not case.refund.parts:
        return None
    name = history.dice.choice(list(case.refund.by_name))
    amount = case.refund.by_name[name].amount + history.dice.choice([0, 0, 0, 0, 1])
    late = timedelta(minutes=history.dice.choice([0, 0, 0, 600]))
    word = history.dice.choice(list(Told))
    if not at_providers.is_true(history.town, case, name, word):
        return None
    report = Report(
        event_id=f"p{history.dice.randrange(40)}",
        part=name,
        told=word,
        amount=amount,
        at=history.around.ports.now() - late,
    )
    return decisions.part_event(history.around.ports, case.case_id, PartTold(report=report), SYSTEM)


def account_named(history: History) -> Any:
    """A buyer says where money goes that cannot go the way it came; mostly to an account."""
    of = [case.case_id for case in history.cases() if case.refund and case.refund.without_way]
    if not of:
        return None
    account = an_account() if history.dice.random() < 0.7 else None
    return payouts.name_account(history.around.ports, history.dice.choice(of), account, None, BUDI, None)


def steering(
    make: Callable[[str], Said], fits: Callable[[RefundPart], bool] = lambda part: part.is_stuck
) -> Callable[[History], Any]:
    """A person does something about a part that has not gone, rather about one that it fits.

    Where it fits none, a part of money that may fail is told as failed first: otherwise few would ever fit.
    """

    def step(history: History) -> Any:
        open_parts = [
            (case, name, part)
            for case in history.cases()
            for name, part in (case.refund.open_parts if case.refund else {}).items()
        ]
        of = [each for each in open_parts if fits(each[2])]
        if not of and history.dice.random() < 0.5:
            of = [each for each in open_parts if not each[2].method.is_promo][:1]
            for case, name, part in of:
                if at_providers.is_true(history.town, case, name, Told.FAILED):
                    failed = Report(
                        event_id=f"f{history.dice.randrange(10**6)}",
                        part=name,
                        told=Told.FAILED,
                        amount=part.amount,
                        at=history.around.ports.now(),
                    )
                    decisions.part_event(history.around.ports, case.case_id, PartTold(report=failed), SYSTEM)
        of = of or open_parts
        if not of:
            return None
        case, name, _ = history.dice.choice(of)
        case_id, said = case.case_id, make(name)
        if isinstance(said, ResolvePart) and not at_providers.may_resolve(
            history.town, history.store_case(case_id), name
        ):
            return None
        return decisions.say(history.around.ports, case_id, said, SUPPORT)

    return step


def goes_elsewhere(part: RefundPart) -> bool:
    return part.may_go_elsewhere


def granted_by_a_provider(history: History) -> Any:
    """A part of an order that Batal asks a provider for is asked back, granted, and asked for."""
    by_card = [each for each in history.orders() if any(tender.provider for tender in each.body.tenders)]
    free = [order.order_id for order in by_card if order.open_case is None and order.remaining]
    if not free:
        return None
    order_id, lines = history.dice.choice(free), history.dice.choice([None, {"1": 1}, {"2": 1}])
    case = asking.ask(history.around.ports, order_id, an_ask(lines=lines), BUDI)
    if case.state is State.AWAITING_SELLER:
        decisions.say(history.around.ports, case.case_id, Approve(), SELLER)
    providers_asked(history)
    return case


def providers_asked(history: History) -> Any:
    """A while later promises are delivered, and the schedule asks providers."""
    history.around.clock.advance(history.dice.choice([60, 91, 91, 300, 3_600, 21_600, 86_400]))
    history._sweep()
    return at_providers.asked(history.around.ports) or None


def providers_change(history: History) -> Any:
    """All of them treat what they are asked next in another way; some tell no successes."""
    history.town.behave(history.dice.choice(at_providers.MOODS), silent=history.dice.random() < 0.3)
    return True


def lost_token(history: History) -> Any:
    """A token that nobody waits on any more, as after a stopped execution or a restored table."""
    case = history.a_case()
    if case is None or history.store.token(case.case_id) is None:
        return None
    history.store.put_token(case.case_id, Token(run=0, turn=0, token="gone"))
    return True


# After these there may be a case more: one that was asked for, or money that goes back by a case of its own.
MAY_BRING_MONEY = {
    "a provider's",
    *("order news", "parcel news", "late parcel", "given elsewhere"),
    *("payment told", "acknowledged", "another price", "paid otherwise"),
}
STEPS_BY_NAME: dict[str, Callable[[History], Any]] = {
    "ask": ask,
    "approve": saying(Approve(), SELLER, State.AWAITING_SELLER),
    "reject": saying(NO, SELLER, State.AWAITING_SELLER),
    "withdraw": saying(Withdraw(), BUDI, State.AWAITING_SELLER, State.AWAITING_BUYER),
    "support approves": saying(Approve(note="seen"), SUPPORT, State.AWAITING_SUPPORT),
    "support rejects": saying(Reject(reason_code=RefusingReason.OTHER, note="seen"), SUPPORT, State.AWAITING_SUPPORT),
    "support confirms": saying(Confirm(note="seen too"), RINI, State.AWAITING_SUPPORT),
    "support claims": saying(Claim(note="mine"), RINI, State.AWAITING_SUPPORT),
    "support reopens": saying(Reopen(note="again"), SUPPORT, State.CLOSED),
    "support gives time": more_time,
    "appeal": saying(Appeal(comment="please"), BUDI, State.CLOSED),
    "offer": an_offer,
    "accept offer": saying(AcceptOffer(), BUDI, State.AWAITING_BUYER),
    "decline offer": saying(DeclineOffer(), BUDI, State.AWAITING_BUYER),
    "ask return": ask_return,
    "shipped back": saying(ShippedBack(tracking_number="JNE-1"), BUDI, State.AWAITING_GOODS),
    "goods received": saying(GoodsReceived(), SELLER, State.AWAITING_GOODS, State.AWAITING_SUPPORT),
    "goods picked up": saying(ParcelAnswered(word=ParcelWord.PICKED_UP), SYSTEM, State.AWAITING_GOODS),
    "goods arrive": saying(
        ParcelAnswered(word=ParcelWord.DELIVERED), SYSTEM, State.AWAITING_GOODS, State.AWAITING_SUPPORT
    ),
    "goods contested": saying(
        ContestGoods(fault=GoodsFault.DAMAGED, comment="rusak"), SELLER, State.AWAITING_GOODS, State.AWAITING_SUPPORT
    ),
    "a label": a_label,
    "support deducts": support_deducts,
    "seller cannot deliver": cannot_deliver,
    "parcel": of_the_parcel,
    "message": a_message,
    "order news": order_news,
    "given elsewhere": given_elsewhere,
    "payment told": payment_told,
    "acknowledged": acknowledged,
    "another price": told_at_another_price,
    "paid otherwise": paid_otherwise,
    "parcel news": parcel_news,
    "a debit": a_debit,
    "a claim": a_claim,
    "part told": part_told,
    "part retried": steering(lambda name: RetryPart(part=name, note="asked")),
    "part redirected": steering(lambda name: RedirectPart(part=name, note="asked"), goes_elsewhere),
    "account asked": steering(lambda name: RedirectPart(part=name, note="asked", to=Instead.PAYOUT), goes_elsewhere),
    "account named": account_named,
    "part resolved": steering(lambda name: ResolvePart(part=name, reference="TF", note="sent")),
    "a provider's": granted_by_a_provider,
    "providers asked": providers_asked,
    "providers tell": lambda history: at_providers.told(history.around.ports, history.town, history.dice) or None,
    "providers change": providers_change,
    "time passes": a_day_or_two,
    "sweep": the_sweep,
    "an outage of days": an_outage_of_days,
    "held goes out": an_operator_sends,
    "late parcel": a_late_parcel,
    "execution enters": an_execution_enters,
    "timer fires": a_timer_fires,
    "money went": lambda history: provider(history, history.a_case_in(State.REFUNDING), succeeded=True),
    "money did not go": lambda history: provider(history, history.a_case_in(State.REFUNDING), succeeded=False),
    "token lost": lost_token,
}


# Said more often: what all the rest needs, and what seldom fits.
OFTEN = {
    "ask": 14,
    "ask return": 8,
    "approve": 6,
    "offer": 6,
    "support confirms": 8,
    "support approves": 3,
    "shipped back": 6,
    "appeal": 4,
    "token lost": 8,
    "late parcel": 6,
    "money went": 3,
    "money did not go": 6,
    "held goes out": 30,
    "part told": 10,
    "a provider's": 14,
    "providers asked": 14,
    "providers tell": 10,
    "providers change": 3,
    "part redirected": 12,
    "part retried": 8,
    "part resolved": 5,
    "account asked": 16,
    "account named": 10,
    "accept offer": 9,
    "decline offer": 9,
    "support claims": 3,
    "support gives time": 2,
    "sweep": 8,
    "goods received": 3,
    "goods picked up": 3,
    "goods arrive": 3,
    "goods contested": 5,
    "support deducts": 60,
    "support reopens": 3,
    "a label": 4,
    "acknowledged": 10,
    "a debit": 8,
}
WEIGHED = sorted([*STEPS_BY_NAME, *(name for name, times in OFTEN.items() for _ in range(times))])


# What brings calls of providers about, of all of them.
OF_PROVIDERS = (
    "a provider's",
    "providers asked",
    "providers tell",
    "providers change",
    "account asked",
    "account named",
)


def run_histories(
    count: int,
    steps: int,
    make: Callable[[], Neighbourhood],
    first: Sequence[str] = (),
    seek: Sequence[str] = (),
    called: Counter[str] | None = None,
) -> tuple[Counter[str], Counter[str], int]:
    """Accepted commands and outcomes of `count` histories, and the seed of the first.

    Each begins with `first`; what they `seek` is tried again and again among the rest. What providers were `called` for
    is counted in.
    """
    seek = os.environ["BATAL_SEEK"].split(",") if "BATAL_SEEK" in os.environ else seek
    seed = int(os.environ.get("BATAL_SEED") or random.SystemRandom().randrange(10**9))
    print(f"BATAL_SEED={seed} replays these histories")
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    accepted: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for number in range(count):
        history = History(dice=random.Random(seed + number), around=make())
        try:
            history.begin()
            for name in first:
                history.step(name)
            for _ in range(steps):
                history.step(history.dice.choice(seek) if seek and history.dice.random() < 0.3 else None)
            history.finish()
        except AssertionError as error:
            sought = f"BATAL_SEEK='{','.join(seek)}' " if seek else ""
            raise AssertionError(f"{sought}BATAL_SEED={seed + number} BATAL_HISTORIES=1: {error}") from error
        accepted += history.accepted
        if called is not None:
            called += history.town.called
        outcomes.update(history.places.values())
    return accepted, outcomes, seed


def test_random_histories_end_well() -> None:
    with no_sockets():
        in_memory()


def in_memory() -> None:
    called = Counter[str]()
    accepted, outcomes, seed = run_histories(HISTORIES, STEPS, a_neighbourhood, called=called)

    def rare() -> dict[str, int]:
        return {name: accepted[name] for name in STEPS_BY_NAME if accepted[name] < min(LEAST, HISTORIES // 40)}

    # Dice have no duty to throw everything: what was hardly ever taken is looked for in some more histories.
    for _ in range(8):
        if rare() and "BATAL_SEED" not in os.environ:
            more, ends, _ = run_histories(HISTORIES // 4, STEPS, a_neighbourhood, seek=sorted(rare()))
            accepted, outcomes = accepted + more, outcomes + ends
    for _ in range(8):
        if every_call() - set(called) and "BATAL_SEED" not in os.environ:
            run_histories(HISTORIES // 4, STEPS, a_neighbourhood, seek=OF_PROVIDERS, called=called)
    assert "BATAL_SEED" in os.environ or set(called) == every_call()
    assert rare() == {}, "a command that was hardly ever taken proves nothing"
    assert HISTORIES < 1000 or set(outcomes) >= ENDS
    figure(
        "histories", f"{HISTORIES} x {STEPS} steps, seed {seed}, 0 violations; {sum(accepted.values())} commands taken"
    )
    figure("histories", f"ended {dict(sorted(outcomes.items()))}; rarest command {min(accepted.values())} times")


def test_random_histories_on_the_real_store_end_well() -> None:
    with laboratory() as lab:

        def over_moto() -> Neighbourhood:
            lab.rewind()
            return a_neighbourhood(store=Hearsay(prefix=lab.store.prefix))

        taken: Counter[str] = Counter()
        for count, steps in ON_MOTO:
            first = ("ask", "ask return") if steps > 2 else ()
            accepted, outcomes, seed = run_histories(min(HISTORIES, count), steps, over_moto, first)
            taken += accepted
            figure(
                "histories on moto",
                f"{min(HISTORIES, count)} x {steps} steps, seed {seed}, 0 violations, {sum(accepted.values())} "
                f"commands taken, {len(+accepted)} kinds; ended {dict(sorted(outcomes.items()))}",
            )
    assert ON_MOTO[-1][0] > HISTORIES or len(+taken) > (0.6 if FULL else 0.1) * len(STEPS_BY_NAME)


def test_the_look_back_is_long_enough_to_catch_a_late_payer() -> None:
    """A lease is shorter than the shortest pause in which the model lets the sweep finish."""
    assert timedelta(seconds=a_neighbourhood().ports.pace.lease) < timedelta(seconds=3_600)
