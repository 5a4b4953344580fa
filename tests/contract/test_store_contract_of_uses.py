"""How often callers may do something, fake and real alike: no more than there are, whoever comes at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.people.uses import WINDOW, Counted, Use, use_of
from chalicelib.domain.ports import Store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def a_use(at: datetime = NOON, caller: str = "somebody", most: int = 3) -> Use:
    return use_of(Counted.ASKS, caller, most, at)


def test_there_are_as_many_as_there_may_be_and_then_none(store: Store) -> None:
    assert [store.take(a_use()) for _ in range(5)] == [True] * 3 + [False] * 2
    assert store.take(a_use(caller="another"))
    assert store.take(replace(a_use(), key="quota#messages#somebody#1"))


def test_the_next_hour_begins_anew_and_not_a_moment_before(store: Store) -> None:
    last = NOON + WINDOW - timedelta(microseconds=1)
    assert [store.take(a_use(at, most=1)) for at in (NOON, last)] == [True, False]
    assert store.take(a_use(NOON + WINDOW, most=1))


def test_of_many_at_once_no_more_come_through_than_there_are(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(lambda _: store.take(a_use(most=7)), range(48)))
    assert sum(taken) == 7


def test_a_limit_that_is_made_smaller_counts_what_was_taken_before(store: Store) -> None:
    assert store.take(a_use(most=3))
    assert store.take(a_use(most=3))
    assert not store.take(a_use(most=2))
    assert store.take(a_use(most=3))
