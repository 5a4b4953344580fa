"""Figures are counted, not listed: each case once, whoever counts, and always what a recomputation finds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.figures.counting import (
    EVERYTHING,
    WAITS,
    About,
    Counters,
    Counting,
    Place,
    Subject,
    Tally,
    added,
    between,
    by_day,
    share_of,
)
from chalicelib.domain.figures.figures import refunded_by
from chalicelib.domain.money.refund import PartState
from chalicelib.domain.policies.policy import Rating
from chalicelib.domain.waits import BOUNDS, bucket_of, quantile
from chalicelib.domain.zones import Zone
from chalicelib.workflow import counting
from infra.sandbox.builders import NOW, SELLER, a_case, a_context, an_act, an_order
from tests.fakes.memory_store import MemoryStore
from tests.fakes.ports import a_neighbourhood

SHOP = Subject(about=About.SELLER, name="toko-baju")


def recomputed(cases: Sequence[Case]) -> Mapping[Place, Counters]:
    """The counters of these cases, from nothing."""
    sums = added((None, share_of(case)) for case in cases)
    found = {place: sums.onto(place, Counters()) for place in sums.places}
    return {place: replace(each, rev=0) for place, each in found.items()}


def lying_in(store: MemoryStore) -> Mapping[Place, Counters]:
    """What was counted, but for places at which nothing is left."""
    found = {place: replace(each, rev=0) for place, each in store.figures_rows.items()}
    return {place: each for place, each in found.items() if each != Counters()}


def a_granted_case() -> Case:
    case = advance(a_case(), an_act(Approve(), SELLER), a_context()).case
    assert case
    return case


granted = a_granted_case()
MOMENTS = st.integers(0, 40 * 24).map(lambda hours: NOW + timedelta(hours=hours))
CASES = st.builds(
    lambda asked, outcome, took, lapsed, seller, refund: replace(
        a_case(),
        seller_id=seller,
        created_at=asked,
        outcome=outcome,
        state=State.CLOSED if outcome else State.AWAITING_SELLER,
        closed_at=asked + timedelta(seconds=took) if outcome else None,
        lapsed=lapsed,
        refund=granted.refund if refund else None,
    ),
    MOMENTS,
    st.none() | st.sampled_from(Outcome),
    st.integers(0, 10**7),
    st.booleans(),
    st.sampled_from(("toko-baju", "toko#baju", "toko-sepatu")),
    st.booleans(),
)
# What happens: a case's row becomes this, or these cases are counted, by somebody who may hold what they read long ago.
HAPPENS = st.lists(st.tuples(st.integers(0, 3), CASES) | st.sets(st.integers(0, 3)), max_size=25)


@given(HAPPENS)
def test_counted_at_any_time_and_however_often_the_sums_are_those_of_a_recomputation(
    happens: Sequence[tuple[int, Case] | set[int]],
) -> None:
    store = MemoryStore()
    ports = a_neighbourhood(store=store).ports
    for each in happens:
        if isinstance(each, set):
            counting.count_cases(ports, {f"c{number}" for number in each})
        else:
            case_id = f"c{each[0]}"
            known = store.case_rows.get(case_id)
            store.case_rows[case_id] = replace(each[1], case_id=case_id, rev=known.rev + 1 if known else 1)
    counting.count_cases(ports, list(store.case_rows))
    assert lying_in(store) == recomputed(list(store.case_rows.values()))


def test_of_two_who_count_the_same_at_once_one_counts_it() -> None:
    store = MemoryStore()
    ports = a_neighbourhood(store=store).ports
    store.case_rows["c1"] = replace(a_case(), rev=1)
    write, met = store.count, list[bool]()

    def while_another_counts(counting: Counting) -> bool:
        if not met:
            met.append(True)
            assert write(counting)
        return write(counting)

    store.count = while_another_counts  # type: ignore[method-assign]
    assert counting.count_cases(ports, ["c1"]) == 0
    assert lying_in(store) == recomputed([store.case_rows["c1"]])


def test_who_read_a_row_before_it_moved_on_takes_nothing_back() -> None:
    store = MemoryStore()
    earlier, later = replace(a_case(), rev=1), replace(granted, case_id="c1", rev=2)
    store.case_rows["c1"] = later
    counting.count_cases(a_neighbourhood(store=store).ports, ["c1"])
    store.case_rows["c1"] = earlier
    assert counting.count_cases(a_neighbourhood(store=store).ports, ["c1"]) == 0
    assert lying_in(store) == recomputed([later])


def test_a_refund_that_failed_is_not_among_what_went_back() -> None:
    assert granted.refund
    failed = replace(granted.refund.parts[0], state=PartState.FAILED)
    case = replace(granted, refund=replace(granted.refund, parts=(failed, *granted.refund.parts[1:])))
    assert refunded_by([granted]) == {"IDR": granted.refund.total}
    assert refunded_by([case]) == {"IDR": granted.refund.total - failed.amount}
    assert share_of(case).refunded == refunded_by([case])


def test_a_case_is_counted_by_both_readings_of_the_business() -> None:
    assert Rating.MARKETPLACE in share_of(replace(a_case(), lapsed=True)).counts
    assert share_of(a_case()).counts == ()


def test_days_are_those_of_whoever_looks() -> None:
    midnight = datetime(2026, 11, 23, 16, 59, tzinfo=UTC)  # a minute before Tuesday begins in Jakarta
    case = replace(a_case(), created_at=midnight)
    days = {date(2026, 11, 23): recomputed([case])[Place(subject=EVERYTHING, day=date(2026, 11, 23))]}
    assert list(by_day(days, Zone.WIB)) == [date(2026, 11, 23)]
    assert list(by_day(days, Zone.WITA)) == [date(2026, 11, 24)]
    assert list(by_day(days, Zone("America/New_York"))) == [date(2026, 11, 23)]
    assert between(days, midnight.replace(minute=0), midnight).outcomes == {WAITS: 1}
    assert between(days, midnight - timedelta(days=1), midnight.replace(minute=0)) == Tally()


def test_a_day_on_which_clocks_change_has_its_own_hours() -> None:
    new_york = Zone("America/New_York")
    # Clocks go back on 1 November 2026: the day has 25 hours, and begins at 4, the next one at 5.
    times = [datetime(2026, 11, day, hour, 30, tzinfo=UTC) for day, hour in ((1, 3), (1, 4), (2, 4), (2, 5))]
    sums = recomputed([replace(a_case(), case_id=f"c{number}", created_at=at) for number, at in enumerate(times)])
    days = {day: sums[Place(subject=EVERYTHING, day=day)] for day in (date(2026, 11, 1), date(2026, 11, 2))}
    found = {day: tally.asked for day, tally in by_day(days, new_york).items()}
    assert found == {date(2026, 10, 31): 1, date(2026, 11, 1): 2, date(2026, 11, 2): 1}


@given(st.lists(st.integers(0, BOUNDS[-1] - 1), min_size=2), st.floats(0.01, 1))
def test_what_buckets_say_of_times_is_off_by_a_fifth_at_most(times: list[int], share: float) -> None:
    buckets: dict[int, int] = {}
    for seconds in times:
        buckets[bucket_of(seconds)] = buckets.get(bucket_of(seconds), 0) + 1
    found = quantile(buckets, share)
    exact = sorted(times)[max(0, -int(-share * len(times) // 1) - 1)]
    assert found is not None
    assert BOUNDS[bucket_of(exact)] <= found <= max(60, exact * 1.2 + 1)


@pytest.mark.parametrize("buckets", [{}, {3: 1}])
def test_of_fewer_than_two_times_nothing_is_said(buckets: Mapping[int, int]) -> None:
    assert quantile(buckets, 0.5) is None


def test_an_order_that_is_known_is_counted_by_a_walk_that_comes_once() -> None:
    store = MemoryStore()
    ports = a_neighbourhood(store=store).ports
    order = replace(an_order(), cases=("c1",))
    store.order_rows[order.order_id] = order
    store.case_rows["c1"] = replace(a_case(), rev=1)
    assert not counting.progress(ports).complete
    assert counting.catch_up(ports) == 1
    assert counting.progress(ports).complete
    assert counting.catch_up(ports) == 0
    counting.walk_again(ports)
    assert counting.progress(ports).complete
    assert counting.catch_up(ports) == 0
    assert not counting.progress(ports).walking
