"""A thousand orders of a tiny marketplace, through outages, deaths and providers in every mood; when all is settled the
books agree: Batal's accounts and ledger, the marketplace's own, which events alone filled, the providers' ledgers, and
the wallets. By tender, by order, by buyer, and in all. `BATAL_SEED=...` plays one again.
"""

import logging
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import pytest

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.commands import (
    Approve,
    GoodsReceived,
    RedirectPart,
    Reject,
    RetryPart,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.errors import Conflict, Refused, Unavailable
from chalicelib.domain.money.books import accounts_of
from chalicelib.domain.money.providers import Became, ProviderAnswer
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.sending import Sending
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.ports import Event
from chalicelib.workflow import asking, decisions, held, orders, refund_calls
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import NO, OPERATOR, SELLER, SUPPORT, SYSTEM, a_policy, an_ask, outbox_of
from infra.sandbox.providers.till import Behaviour
from tests.fakes.ports import Neighbourhood, a_neighbourhood
from tests.fakes.provider_town import Town, no_sockets
from tests.proofs import at_providers
from tests.proofs.figures import FULL, figure
from tests.proofs.ledger import ledger_violations
from tests.proofs.provider_money import SEEN, unsettled
from tests.proofs.tiny_marketplace import Marketplace, an_order_of_any_kind

ORDERS = int(os.environ.get("BATAL_ORDERS", "1000" if FULL else "60"))
AT_ONCE = 10  # orders of a round
CONTROLS = 20261127  # of which it is known that they catch
# Where a part may be in the end: it went, another goes instead, or people see it.
ENDS = frozenset({"succeeded", "redirected", *SEEN})
PEOPLE = (SUPPORT, Actor(role=Role.SUPPORT, id="rini"))


class Died(BaseException):
    """A process of ours died."""


@dataclass
class Season:
    """Everything around the orders of some days."""

    dice: random.Random
    moods: Sequence[Behaviour] = at_providers.MOODS
    around: Neighbourhood = field(default_factory=a_neighbourhood)
    sold: dict[str, OrderBody] = field(default_factory=dict)
    acts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.town, self.market = Town(self.around.clock), Marketplace(self.dice)
        self.around.ports = replace(
            self.around.ports, provider_names=frozenset(self.town.providers), providers=self.town.providers
        )
        for platform in ("shopee", "lazada"):
            self.around.store.put_policy(a_policy(platform, version=9, max_attempts=9, second_person_above=None))

    @property
    def buyers(self) -> set[str]:
        return {body.buyer.id for body in self.sold.values()}

    def cases(self) -> list[Case]:
        return list(self.around.store.case_rows.values())

    def sell(self, number: int) -> None:
        body = an_order_of_any_kind(self.dice, number, max(1, ORDERS // 4))
        self.sold[body.order_id] = body
        for tender in body.tenders:
            self.town.pay(tender, body.placed_at)
        orders.upsert(self.around.ports, body, SYSTEM)

    def go_on(self) -> None:
        """A round: somebody does something with each of some orders, promises go out, money goes."""
        self._weather()
        for order_id in self.dice.sample(sorted(self.sold), min(len(self.sold), 2 * AT_ONCE)):
            self._attempt(lambda order_id=order_id: self._somebody(order_id))  # type: ignore[misc]
        self.around.clock.advance(self.dice.choice([91, 600, 3_700, 20_000, 50_000]))
        for step in (
            lambda: sweep(self.around.ports),
            lambda: at_providers.asked(self.around.ports),
            lambda: at_providers.told(self.around.ports, self.town, self.dice),
            lambda: self.market.takes(self.around.bus.published),
            lambda: self.market.tells(self.around.ports),
        ):
            self._attempt(step)

    def _weather(self) -> None:
        dice, around = self.dice, self.around
        around.bus.down, around.executions.down = dice.random() < 0.15, dice.random() < 0.15
        away = dice.random() < 0.15
        around.outbox.refuses = lambda mail: away
        self.town.behave(dice.choice(self.moods), silent=dice.random() < 0.3)

    def _attempt(self, step: Callable[[], Any]) -> None:
        """It may be refused, and its process may die right before or behind a write."""
        store, dice = self.around.store, self.dice
        if dice.random() < 0.1:
            name, after = dice.choice(["commit", "save_outbox", "put_dispatch"]), dice.random() < 0.5
            whole = getattr(type(store), name)

            def dying(*given: Any) -> Any:
                if after:
                    whole(store, *given)
                raise Died

            setattr(store, name, dying)
        try:
            step()
        except (Refused, Conflict, Unavailable, Died):
            pass
        finally:
            for name in ("commit", "save_outbox", "put_dispatch"):
                store.__dict__.pop(name, None)

    def _somebody(self, order_id: str) -> None:
        """The buyer asks, or somebody answers; often nobody does."""
        order, dice, ports = self.around.store.order_rows[order_id], self.dice, self.around.ports
        buyer, returned = Actor(role=Role.BUYER, id=order.body.buyer.id), order.status is OrderStatus.DELIVERED
        case = self.around.store.case(order.open_case) if order.open_case else None
        if case is None:
            rest = {name: dice.randrange(count + 1) for name, count in order.remaining.items()}
            lines = dice.choice([None, {name: count for name, count in rest.items() if count} or None])
            kind, reason = (Kind.RETURN, "damaged") if returned else (Kind.CANCELLATION, "wrong_size")
            asking.ask(ports, order_id, an_ask(kind=kind, reason_code=reason, lines=lines), buyer)
        elif case.state is State.AWAITING_SELLER and dice.random() < 0.7:
            if returned or dice.random() < 0.7:
                decisions.say(ports, case.case_id, Approve(), SELLER)
            elif dice.random() < 0.5:
                decisions.say(ports, case.case_id, NO, SELLER)
            else:
                decisions.say(ports, case.case_id, Withdraw(), buyer)
        elif case.state is State.AWAITING_SUPPORT:
            if dice.random() < 0.7:
                decisions.say(ports, case.case_id, Approve(note="seen"), SUPPORT)
            else:
                decisions.say(ports, case.case_id, Reject(reason_code=RefusingReason.OTHER, note="seen"), SUPPORT)
        elif case.state is State.AWAITING_GOODS:
            if dice.random() < 0.5:
                decisions.say(ports, case.case_id, ShippedBack(tracking_number="J"), buyer)
            else:
                decisions.say(ports, case.case_id, GoodsReceived(), SELLER)
        else:
            return
        self.acts["asked" if case is None else case.state] += 1

    def settle(self) -> None:
        """All is back, nobody asks any more, and what is under way comes to its end."""
        around, ports = self.around, self.around.ports
        around.bus.down = around.executions.down = False
        around.outbox.refuses = lambda mail: False
        self.town.behave(Behaviour.NORMAL)
        self.market.reliable = True
        held.release(ports, OPERATOR, held.Which(), "all is back")
        for _ in range(40):
            if all(
                not case.open and not (case.refund and case.refund.due) and not case.outbox for case in self.cases()
            ):
                break
            for case in self.cases():
                # Whose deadline has passed by now, silence ends.
                with suppress(Refused):
                    self._ends(case)
            around.clock.advance(86_400)
            sweep(ports)
            around.clock.advance(3_700)
            sweep(ports)
            at_providers.settle(ports, self.town, around.clock, lambda: None)
            self.market.takes(around.bus.published)
            self.market.tells(ports)
        self.market.takes(around.bus.published)

    def _ends(self, case: Case) -> None:
        ports = self.around.ports
        if case.state is State.AWAITING_GOODS:
            decisions.say(ports, case.case_id, GoodsReceived(), SELLER)
        elif case.state is State.AWAITING_SUPPORT:
            decisions.say(ports, case.case_id, Approve(note="seen"), SUPPORT)
        at_providers.end_by_people(ports, self.town, case, PEOPLE)
        row = self.around.case(case.case_id)
        for name, part in row.refund.open_parts.items() if row.refund else ():
            if part.provider is None and part.is_stuck and not part.is_in_doubt:
                # Vouchers and coins go no other way: they are asked for once more.
                again = RetryPart(part=name, note="it did not go")
                said = again if part.method.is_promo else RedirectPart(part=name, note="it did not go")
                decisions.say(ports, case.case_id, said, SUPPORT)


S = TypeVar("S", bound=Season)


def disagreements(season: Season) -> Iterator[str]:
    """Wherever two books differ."""
    store, market, town = season.around.store, season.market, season.town
    wallets = {buyer: store.wallet(buyer, "IDR") for buyer in season.buyers}
    credits = [each for wallet in wallets.values() for each in wallet.entries if isinstance(each, Credit)]
    into_wallet = Counter[tuple[str, str]]()
    for credit in credits:
        into_wallet[credit.order_id, credit.part] += credit.amount
    by_buyer, whole = Counter[str](), 0
    for order_id, body in season.sold.items():
        order, went = with_books(store.order_rows[order_id], None), 0
        for line in body.lines:
            pieces = order.cancelled.get(line.line_id, 0) + order.returned.get(line.line_id, 0)
            if pieces != market.books.gone[order_id, line.line_id]:
                yield f"{order_id}: {pieces} of line {line.line_id} went, events say {market.books.gone}"
        for tender in body.tenders:
            place = order_id, tender.tender_id
            account = accounts_of(order)[tender.tender_id]
            payment = next(iter((tender.references or {}).values()), None)
            theirs = (
                sum(each.amount for each in town.lines(tender.provider) if each.payment == payment)
                if tender.provider
                else 0
            )
            really = theirs + market.books.paid[place] + market.books.given[place] + into_wallet[place]
            if account.taken != really:
                yield f"{place}: {account.taken} by Batal's account, {really} really went"
            if really > account.collected:
                yield f"{place}: {really} went of {account.collected}"
            if tender.method not in ("wallet", "cod") and market.by(place) != really:
                yield f"{place}: {really} went, the marketplace's books say {market.by(place)}"
            went += really
            by_buyer[body.buyer.id] += into_wallet[place]
        if went != market.books.back[order_id]:
            yield f"{order_id}: {went} went, events say {market.books.back[order_id]}"
        cost = sum(line.unit_price * market.books.gone[order_id, line.line_id] for line in body.lines)
        cost += body.shipping_fee if not order.remaining else 0
        if all(tender.method != "cod" for tender in body.tenders) and went + market.books.fees[order_id] != cost:
            yield f"{order_id}: {went} and fees of {market.books.fees[order_id]}, its pieces cost {cost}"
        whole += went
    for buyer, wallet in wallets.items():
        if wallet.balance != by_buyer[buyer]:
            yield f"{buyer}: a wallet of {wallet.balance}, {by_buyer[buyer]} went into it"
        mine = [case for case in season.cases() if case.buyer_id == buyer]
        yield from ledger_violations(store, wallet, mine)
    if whole != sum(market.books.back.values()):
        yield f"in all {whole} went, events say {sum(market.books.back.values())}"
    for case in season.cases():
        yield from unsettled(store, town, case)
        for part in case.refund.parts if case.refund else ():
            if part.state.word not in ENDS:
                yield f"{case.case_id}: {part.amount} by {part.method} ends {part.state.word}, where nobody sees it"
        if case.open or case.outbox or (case.refund and case.refund.due):
            yield f"{case.case_id} has not ended: {case.state}, {sorted(outbox_of(case))}, {case.refund}"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    with no_sockets():
        yield
    logging.getLogger("chalicelib").setLevel(logging.NOTSET)


def lived(season: S, number: int) -> S:
    """The season once so many orders were sold in it, and all of it was settled."""
    for first in range(0, number, AT_ONCE):
        for each in range(first, min(number, first + AT_ONCE)):
            season.sell(each)
        season.go_on()
    for _ in range(12):
        season.go_on()
    season.settle()
    return season


def a_season(seed: int, number: int, moods: Sequence[Behaviour] = at_providers.MOODS) -> Season:
    return lived(Season(random.Random(seed), moods), number)


def test_when_all_is_settled_all_books_agree() -> None:
    seed = int(os.environ.get("BATAL_SEED") or random.SystemRandom().randrange(10**9))
    print(f"BATAL_SEED={seed} BATAL_ORDERS={ORDERS}")
    season = a_season(seed, ORDERS)
    assert list(disagreements(season)) == []
    books = season.market.books
    states = Counter(part.state.word for case in season.cases() if case.refund for part in case.refund.parts)
    figure(
        "books",
        f"{ORDERS} orders of {len(season.buyers)} buyers, seed {seed}: {sum(books.back.values()):,} went back, and all "
        f"books agree; parts {dict(sorted(states.items()))}",
    )


def takes_a_new_key(sending: Sending, now: datetime) -> Sending:
    """An answer that is lost counts as a refusal: the next try has a key of its own."""
    return replace(sending, open=False, answer=ProviderAnswer(became=Became.FAILED, is_final=True, again=True))


def test_a_house_that_takes_a_new_key_after_a_lost_answer_is_found_in_the_books(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refund_calls, "unanswered", takes_a_new_key)
    season = a_season(CONTROLS, 60, (Behaviour.LOSE_ANSWER,))
    assert any("really went" in each for each in disagreements(season))


def test_an_event_that_is_lost_is_found_in_the_books(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, lost = Marketplace._take, list[str]()

    def take(self: Marketplace, event: Event) -> None:
        lost.extend([event.event_id] if event.name == "order.cancelled" and not lost else [])
        if event.event_id not in lost:
            whole(self, event)

    monkeypatch.setattr(Marketplace, "_take", take)
    assert any("events say" in each for each in disagreements(a_season(CONTROLS, 20)))
