"""The sandbox's year of history: requests as any other, counted as any other, made once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.figures.counting import About, Counters, Share, Subject, added, share_of
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.learned import MONTHS_KEPT, month_of
from chalicelib.domain.ports import every
from chalicelib.workflow import counting, figures
from infra.sandbox import history, laying
from infra.sandbox.builders import OPERATOR, SELLER
from infra.sandbox.history import Made, make_history, shops_to_be
from infra.sandbox.laying import Ended
from infra.sandbox.seed import seed
from infra.sandbox.sellers import KINDS
from infra.sandbox.world import World, world
from tests.proofs.quick_moto import quick_dynamodb

SMALL = {"shops": 1, "months": 3, "waiting": 1}


@dataclass(frozen=True)
class Lived:
    world: World
    made: Made
    laid: Sequence[Ended]


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    laid = list[Ended]()

    def noting(store: DynamoStore, ended: Iterable[Ended], shares: Mapping[str, Share]) -> None:
        laid.extend(ended)
        laying.lay_requests(store, laid, shares)

    with pytest.MonkeyPatch.context() as patch, quick_dynamodb(), world(ORCHESTRATOR="sweep") as this:
        patch.setattr(history, "lay_requests", noting)
        seed(this.ports)
        yield Lived(this, make_history(this.ports, this.store, **SMALL), laid)


def orders_in(this: World) -> list[Order]:
    found = every(lambda cursor: this.store.all_orders(limit=100, cursor=cursor))
    return [order for order in found if order.order_id.startswith("HIS-")]


def cases_in(this: World) -> Sequence[Case]:
    found = [this.store.case(case_id) for order in orders_in(this) for case_id in order.cases]
    return [case for case in found if case]


def test_what_was_laid_is_counted_as_a_recomputation_counts_it(lived: Lived) -> None:
    this, made = lived.world, lived.made
    counting.catch_up(this.ports)
    cases = cases_in(this)
    assert len(cases) == made.ended + made.waiting > 100
    counting.walk_again(this.ports)
    assert counting.catch_up(this.ports) == 0
    shares = {case.case_id: share_of(case) for case in cases}
    sums = added(((None, share) for share in shares.values()), since=month_of(this.ports.now()) - MONTHS_KEPT)
    lying = {place: replace(each, rev=0) for place, each in this.store.counters(sums.places).items()}
    assert lying == {place: replace(sums.onto(place, Counters()), rev=0) for place in sums.places}
    assert this.store.shares(list(shares)) == shares


def test_each_request_is_sound_and_nobody_is_told_of_it(lived: Lived) -> None:
    this = lived.world
    waits = 0
    for case in cases_in(this):
        entries = this.store.timeline(case.case_id)
        assert examine(entries, case.entries, case.head).whole is Soundness.INTACT
        waits += case.open
        assert case.open or not (case.outbox or case.wake_at)
    assert waits == SMALL["waiting"]


def test_an_order_of_it_is_read_as_it_was_lived(lived: Lived) -> None:
    lying = [lived.world.store.order(each.order.order_id) for each in lived.laid]
    assert lying == [each.order for each in lived.laid]


def test_figures_and_odds_are_alive_at_once(lived: Lived) -> None:
    this = lived.world
    found = figures.seller_figures(this.ports, SELLER, SELLER.id)
    assert found.entire
    assert found.all_known.closed > 20
    assert found.all_known.counts
    assert this.ports.store.lessons(Subject(about=About.SELLER, name=SELLER.id))
    assert figures.overview(this.ports, OPERATOR).figures.outcomes
    assert [kind for kind, _ in shops_to_be(this.ports)] == list(KINDS)


def test_made_a_second_time_it_stays_as_it_is(lived: Lived) -> None:
    this = lived.world
    before = {order.order_id: order.rev for order in orders_in(this)}
    assert make_history(this.ports, this.store, **SMALL) == Made(ended=0, waiting=0)
    assert {order.order_id: order.rev for order in orders_in(this)} == before
