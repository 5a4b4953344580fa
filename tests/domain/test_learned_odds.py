"""Learned odds: they begin as the business's table, come to what is true, forget in time, and never say too much."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.policies.learned import (
    ENOUGH,
    MEANT,
    MONTHS_KEPT,
    NOTHING,
    Cell,
    chance,
    noted,
    waits,
)
from chalicelib.domain.policies.learning import MOST, Learning
from chalicelib.domain.policies.odds import Level, OddsScope
from chalicelib.domain.policies.policy import Policy
from infra.sandbox.builders import a_policy
from tests.benchmarks.odds import brier, coverage, foretold

LEARNING = Learning()
HOUR, DAY = 3_600, 86_400


def a_cell(*answers: tuple[int, bool | None], seconds: int = HOUR) -> Cell:
    """A cell with these answers: month, and yes, no or none."""
    cell: Cell = NOTHING
    for month, yes in answers:
        cell = noted(cell, month, yes=yes, seconds=seconds)
    return cell


@pytest.mark.parametrize("level", [Level.VERY_HIGH, Level.HIGH, Level.MEDIUM, Level.LOW])
def test_where_nothing_is_known_the_table_speaks_and_no_percentage_is_told(level: Level) -> None:
    found = chance(level, NOTHING, NOTHING, 5, LEARNING)
    assert (found.probability, found.level, found.scope) == (MEANT[level], level, OddsScope.DEFAULT)
    assert not found.told


@pytest.mark.parametrize(("answers", "told"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_a_percentage_is_told_from_enough_answers_on(answers: int, told: bool) -> None:
    seller = a_cell(*[(5, True)] * answers)
    assert chance(Level.LOW, NOTHING, seller, 5, LEARNING).told is told


def test_a_seller_of_whom_little_is_known_leans_on_the_platform() -> None:
    platform = a_cell(*[(5, False)] * 200)
    found = chance(Level.VERY_HIGH, platform, a_cell((5, True)), 5, LEARNING)
    assert found.probability < 0.3
    assert (found.scope, found.cases, found.yes) == (OddsScope.PLATFORM, 200, 0)


def test_a_shop_that_changed_is_known_anew_within_a_year() -> None:
    was_kind = a_cell(*[(0, True)] * 60, *[(12, False)] * 30)
    assert chance(Level.HIGH, NOTHING, was_kind, 12, LEARNING).probability < 0.4
    never_forgets = Learning(half_life=MOST)
    assert chance(Level.HIGH, NOTHING, was_kind, 12, never_forgets).probability > 0.6


def test_what_is_long_ago_is_not_kept() -> None:
    assert list(a_cell((0, True), (MONTHS_KEPT, True), (MONTHS_KEPT + 1, True))) == [MONTHS_KEPT, MONTHS_KEPT + 1]


@given(st.lists(st.tuples(st.integers(0, 30), st.none() | st.booleans()), max_size=40), st.sampled_from(Level))
def test_a_chance_lies_within_its_interval_and_one_more_yes_never_lowers_it(
    answers: Sequence[tuple[int, bool | None]], level: Level
) -> None:
    found = chance(level, NOTHING, a_cell(*answers), 30, LEARNING)
    assert 0 <= found.low <= found.probability <= found.high <= 1
    better = chance(level, NOTHING, a_cell(*answers, (30, True)), 30, LEARNING)
    assert better.probability >= found.probability


def test_who_never_got_an_answer_counts_among_those_who_waited() -> None:
    quick = a_cell(*[(5, True)] * 6, seconds=HOUR)
    half, most = waits([quick], 5, LEARNING)
    assert half is not None
    assert most is not None
    assert HOUR <= half <= HOUR * 1.2
    for _ in range(4):
        quick = noted(quick, 5, yes=None, seconds=3 * DAY)
    assert waits([quick], 5, LEARNING) == (half, None)


def test_of_no_answers_no_wait_is_told() -> None:
    assert waits([NOTHING], 5, LEARNING) == (None, None)
    assert waits([a_cell((5, None))], 5, LEARNING) == (None, None)


def test_on_simulated_sellers_learned_odds_are_better_than_the_table_and_their_intervals_hold() -> None:
    told = list(foretold(months=12, shops=2))
    assert brier(told, lambda each: each.learned.probability) < brier(told, lambda each: each.table)
    few = [each for each in told if each.kind == "few cases"]
    assert brier(few, lambda each: each.learned.probability) < brier(few, lambda each: each.average)
    assert coverage([each for each in told if each.kind == "stable"]) > 0.75


@pytest.mark.parametrize("part", ["table_strength", "platform_strength", "half_life"])
@pytest.mark.parametrize("number", [0, -1, MOST + 1])
def test_learning_by_nothing_is_refused_by_name(part: str, number: int) -> None:
    with pytest.raises(ValueError, match=part):
        Learning(**{part: number})


def test_a_policy_says_how_strongly_sellers_lean_and_one_from_before_it_did_reads_as_ever() -> None:
    platform, seller = a_cell(*[(5, False)] * 200), a_cell(*[(5, True)] * 10)
    found = [
        chance(Level.HIGH, platform, seller, 5, Learning(platform_strength=strength)).probability
        for strength in (1, 8, 100)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[2] > 0.5
    stored = msgspec.to_builtins(a_policy())
    del stored["learning"]
    assert msgspec.convert(stored, Policy).learning == Learning(table_strength=8, platform_strength=8, half_life=6)
