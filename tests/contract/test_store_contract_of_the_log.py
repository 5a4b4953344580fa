"""The log: what every decision tells, in one order, without holes, read past nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb import log as dynamo_log
from chalicelib.domain.cases.commands import Approve, Withdraw
from chalicelib.domain.cases.log import Logged, Position
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ports import Store
from infra.sandbox.builders import BUDI, an_asking
from tests.contract.rows import answer, opened, pushed
from tests.fakes.memory_store import MemoryStore
from tests.proofs.figures import FULL

DAY = 86_400 * 1_000_000
NOW = 1_790_000_000 * 1_000_000
AT_ONCE = timedelta()
SetClock = Callable[[int], None]


@pytest.fixture
def at(store: Any, monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the real time by which the log is written and read."""

    def set_to(moment: int) -> None:
        monkeypatch.setattr(dynamo_log, "clock", lambda: moment)
        if isinstance(store, MemoryStore):
            store.clock = lambda: moment

    set_to(NOW)
    return set_to


def ask(store: Store, order_id: str, case_id: str) -> None:
    store.commit(an_asking(pushed(store, order_id=order_id), case_id=case_id))


def everything(store: Store, horizon: timedelta = AT_ONCE, limit: int = 2) -> list[Logged]:
    found: list[Logged] = []
    after = None
    while True:
        page = store.log(after, horizon=horizon, limit=limit)
        found += page.items
        after = page.upto
        if not page.more:
            return found


def test_a_decision_is_in_the_log_with_all_that_it_told(store: Store, at: SetClock) -> None:
    change = opened(store)
    at(NOW + 1)
    (item,) = everything(store)
    assert change.entry
    assert item.events == change.entry.events
    assert (item.order_id, item.case_id, item.seq, item.at) == ("LZD-1", "c1", 1, change.entry.at)
    (entry,) = store.timeline("c1")
    assert entry.log_place == item.place


def test_the_events_of_an_order_are_numbered_without_holes(store: Store, at: SetClock) -> None:
    opened(store)
    store.commit(answer(store, Approve()))
    at(NOW + 10)
    first, second = everything(store)
    assert first.place.first == 1
    assert second.place.first == 1 + len(first.events)


def test_items_of_an_order_lie_in_their_order_where_a_clock_goes_back(store: Store, at: SetClock) -> None:
    opened(store)
    at(NOW - 5_000_000)
    store.commit(answer(store, Approve()))
    at(NOW + 10)
    first, second = everything(store)
    assert (first.seq, second.seq) == (1, 2)
    assert second.place.pos > first.place.pos


def test_the_same_commit_again_is_one_item(store: Store, at: SetClock) -> None:
    change = opened(store)
    store.commit(change)
    at(NOW + 10)
    assert len(everything(store)) == 1


def test_what_conflicts_is_in_no_log(store: Store, at: SetClock) -> None:
    opened(store)
    approval = answer(store, Approve())
    store.commit(answer(store, Withdraw(), actor=BUDI))
    with pytest.raises(Conflict):
        store.commit(approval)
    at(NOW + 10)
    assert [item.seq for item in everything(store)] == [1, 2]
    assert [item.place.first for item in everything(store)] == [1, 3]


def test_what_tells_nothing_has_no_item(store: Store, at: SetClock) -> None:
    change = opened(store)
    quiet = answer(store, Approve())
    assert change.case
    assert quiet.entry
    store.commit(replace(quiet, entry=replace(quiet.entry, events=None)))
    at(NOW + 10)
    assert [item.seq for item in everything(store)] == [1]


def test_nothing_younger_than_the_horizon_is_read(store: Store, at: SetClock) -> None:
    opened(store)
    at(NOW + 30_000_000)
    assert everything(store, timedelta(seconds=30)) == []
    at(NOW + 30_000_001)
    assert len(everything(store, timedelta(seconds=30))) == 1


def test_a_reader_goes_on_behind_what_was_read(store: Store, at: SetClock) -> None:
    for number in range(5):
        at(NOW + number)
        ask(store, f"LZD-{number}", f"c{number}")
    at(NOW + 10)
    found = everything(store, limit=2)
    assert [item.case_id for item in found] == [f"c{number}" for number in range(5)]
    page = store.log(found[2].position, horizon=AT_ONCE, limit=10)
    assert [item.case_id for item in page.items] == ["c3", "c4"]
    assert not page.more
    at(NOW + 20)
    assert store.log(page.upto, horizon=AT_ONCE, limit=10).items == ()


def test_an_item_of_which_not_all_was_read_is_given_again(store: Store, at: SetClock) -> None:
    opened(store)
    at(NOW + 10)
    (item,) = everything(store)
    half = replace(item.position, read=1)
    assert store.log(half, horizon=AT_ONCE, limit=10).items == (item,)


def test_two_orders_of_one_moment_are_both_read(store: Store, at: SetClock) -> None:
    for number in range(3):
        ask(store, f"LZD-{number}", f"c{number}")
    at(NOW + 10)
    assert sorted(item.case_id for item in everything(store, limit=1)) == ["c0", "c1", "c2"]


def test_many_quiet_days_are_read_over(store: Store, at: SetClock) -> None:
    ask(store, "LZD-1", "c1")
    at(NOW + 80 * DAY)
    ask(store, "LZD-2", "c2")
    at(NOW + 80 * DAY + 10)
    assert [item.case_id for item in everything(store)] == ["c1", "c2"]
    start = Position(pos=NOW + DAY)
    page = store.log(start, horizon=AT_ONCE, limit=10)
    while page.more and not page.items:
        page = store.log(page.upto, horizon=AT_ONCE, limit=10)
    assert [item.case_id for item in page.items] == ["c2"]


@given(
    skews=st.lists(st.integers(-2_000, 2_000), min_size=1, max_size=12),
    delays=st.lists(st.integers(0, 8_000), min_size=12, max_size=12),
    polls=st.lists(st.integers(1, 5_000), min_size=3, max_size=20),
)
@settings(max_examples=200 if FULL else 40)
def test_a_reader_behind_the_horizon_misses_nothing_whatever_becomes_visible_late(
    skews: list[int], delays: list[int], polls: list[int]
) -> None:
    assert missed(skews, delays, polls, horizon=10_000) == set()


def test_without_a_horizon_something_is_missed() -> None:
    assert missed([0, 0], [5_000, 0, *[0] * 10], [1_500, 1_500, 3_000, 3_000], horizon=0)


def missed(skews: list[int], delays: list[int], polls: list[int], horizon: int) -> set[str]:
    """Which items a reader never gets, each written a second after the one before by a clock that is `skews` off, and
    visible `delays` later than its position was given; all in milliseconds."""
    store, ms = MemoryStore(), 1_000
    written = {}
    for number, (skew, delay) in enumerate(zip(skews, delays, strict=False)):
        sent = NOW + number * 1_000 * ms
        store.clock = lambda at=sent + skew * ms: at  # type: ignore[misc]
        ask(store, f"LZD-{number}", f"c{number}")
        ((key, item),) = store.log_rows.items()
        del store.log_rows[key]
        written[key] = (sent + delay * ms, item)
    now, after, seen = NOW, None, set[str]()
    for pause in [*polls, 30_000, 30_000]:
        now += pause * ms
        store.clock = lambda at=now: at  # type: ignore[misc]
        store.log_rows = {key: item for key, (visible, item) in written.items() if visible <= now}
        page = store.log(after, horizon=timedelta(milliseconds=horizon), limit=100)
        seen |= {item.case_id for item in page.items}
        after = page.upto
    return {item.case_id for _, item in written.values()} - seen
