"""Odds by what was counted: on the options that buyers see, for one item read, and none where something is decided."""

from dataclasses import replace

import pytest

from chalicelib.adapters.odds import CachedOdds
from chalicelib.adapters.policies import CachedPolicies
from chalicelib.domain.cases.commands import Approve, Reject
from chalicelib.domain.figures.counting import About, Place
from chalicelib.domain.policies.learned import ENOUGH, Cells
from chalicelib.domain.policies.learning import Learning
from chalicelib.domain.policies.odds import Level, OddsScope
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.workflow import asking, counting, decisions, orders
from infra.sandbox.builders import BUDI, SELLER, SYSTEM, a_body, an_ask
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import Neighbourhood, a_neighbourhood


class Counting(MemoryStore):
    """A store that writes down which odds were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[Place] = []

    def learned(self, place: Place) -> Cells:
        self.read.append(place)
        return super().learned(place)


def with_answers(many: int, yes: int) -> tuple[Neighbourhood, Counting]:
    """A shop that answered so many requests, each after two hours."""
    store = Counting()
    there = a_neighbourhood(store=store)
    ports = there.ports
    for number in range(many):
        orders.upsert(ports, a_body(order_id=f"A-{number}"), SYSTEM)
        case = asking.ask(ports, f"A-{number}", an_ask(), BUDI)
        there.clock.advance(7200)
        said = Approve() if number < yes else Reject(reason_code=RefusingReason.ALREADY_PACKED)
        decisions.say(ports, case.case_id, said, SELLER)
    counting.catch_up(ports)
    orders.upsert(ports, a_body(order_id="B-1"), SYSTEM)
    store.read.clear()
    return there, store


def test_a_shop_that_answered_often_has_a_percentage_with_what_it_rests_on_and_a_wait_of_its_own() -> None:
    there, _ = with_answers(ENOUGH, yes=27)
    found = asking.options(there.ports, "B-1", Kind.CANCELLATION, BUDI)
    odds = found.odds
    assert (odds.yes, odds.cases, odds.scope) == (27, ENOUGH, OddsScope.SELLER)
    assert odds.low is not None
    assert odds.high is not None
    assert odds.probability is not None
    assert 0.7 < odds.low < odds.probability < odds.high < 1
    assert found.usual_time.text == "usual_time.learned"
    assert found.usual_time.p50_seconds is not None
    assert 7200 <= found.usual_time.p50_seconds <= 7200 * 1.2


def test_below_thirty_answers_there_are_words_alone() -> None:
    there, _ = with_answers(ENOUGH - 1, yes=0)
    found = asking.options(there.ports, "B-1", Kind.CANCELLATION, BUDI)
    assert (found.odds.probability, found.odds.low, found.odds.high) == (None, None, None)
    assert (found.odds.cases, found.odds.level) == (ENOUGH - 1, Level.LOW)
    assert found.usual_time.text == "usual_time.within_a_day"


def test_another_reason_has_odds_of_its_own() -> None:
    there, _ = with_answers(2, yes=0)
    by_reason = asking.options(there.ports, "B-1", Kind.CANCELLATION, BUDI, reason_code="seller_slow")
    assert (by_reason.odds.cases, by_reason.odds.scope) == (0, OddsScope.DEFAULT)


def test_a_request_that_needs_nobody_is_not_told_by_what_sellers_said() -> None:
    there, _ = with_answers(2, yes=0)
    orders.upsert(there.ports, a_body(order_id="B-2", status="placed"), SYSTEM)
    found = asking.options(there.ports, "B-2", Kind.CANCELLATION, BUDI)
    assert (found.odds.level, found.odds.scope) == (Level.VERY_HIGH, OddsScope.DEFAULT)


def test_reading_odds_reads_one_item_for_options_and_none_for_asking_and_deciding() -> None:
    there, store = with_answers(1, yes=1)
    ports = replace(there.ports, odds=CachedOdds(store=store, real_time=lambda: 0.0))
    orders.upsert(ports, a_body(order_id="B-3"), SYSTEM)
    asking.options(ports, "B-1", Kind.CANCELLATION, BUDI)
    store.read.clear()
    asking.options(ports, "B-3", Kind.CANCELLATION, BUDI)
    assert [place.subject.about for place in store.read] == [About.SELLER]
    case = asking.ask(ports, "B-3", an_ask(), BUDI)
    decisions.say(ports, case.case_id, Approve(), SELLER)
    assert len(store.read) == 1


@pytest.mark.parametrize("minutes", [4, 6])
def test_what_is_known_of_a_platform_is_read_again_after_five_minutes(minutes: int) -> None:
    there, store = with_answers(1, yes=1)
    now = 0.0
    ports = replace(there.ports, odds=CachedOdds(store=store, real_time=lambda: now))
    asking.options(ports, "B-1", Kind.CANCELLATION, BUDI)
    now = 60.0 * minutes
    store.read.clear()
    asking.options(ports, "B-1", Kind.CANCELLATION, BUDI)
    assert len(store.read) == (2 if minutes > 5 else 1)


def test_the_policy_in_force_says_how_odds_are_learned() -> None:
    there, store = with_answers(ENOUGH, yes=ENOUGH)
    before = asking.options(there.ports, "B-1", Kind.CANCELLATION, BUDI).odds.probability
    shipped = there.ports.policies.current("lazada")
    store.put_policy(replace(shipped, version=shipped.version + 1, learning=Learning(platform_strength=1000)))
    later = replace(there.ports, policies=CachedPolicies(store=store, real_time=lambda: 0.0))
    after = asking.options(later, "B-1", Kind.CANCELLATION, BUDI).odds.probability
    assert before != after
