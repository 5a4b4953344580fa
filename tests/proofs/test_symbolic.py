"""The plain arithmetic of money under symbolic execution: crosshair looks for numbers that break a property.

It sees plain integers alone: a date that has a zone blinds it, and it says nothing. So each property has a control, a
function with a fault that only few numbers show, and the fault must be found: what finds nothing in it proves nothing.
Some of them in `make test`, all in `make proofs`: a solver takes its time.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.money import owing
from chalicelib.domain.money.dividing import apportion, fill, grow, so_far
from tests.proofs.figures import FULL, figure

Divide = Callable[[int, Sequence[int]], list[int]]
AMOUNT = st.integers(0, 10**12)
# Each unit more is a path more where units are dealt one by one.
FEW = st.integers(0, 7)
heavy = pytest.mark.skipif(not FULL, reason="a solver takes its time: in `make proofs`")


def look_for(holds: Callable[..., None], *numbers: st.SearchStrategy[int]) -> None:
    """Let the solver look for numbers that break it."""
    names = [f"n{place}" for place in range(len(numbers))]

    def one(**drawn: int) -> None:
        holds(*(drawn[name] for name in names))

    symbolic = settings(
        backend="crosshair",
        max_examples=100 if FULL else 30,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    symbolic(given(**dict(zip(names, numbers, strict=True)))(one))()


def proved(
    holds: Callable[[Any], Callable[..., None]], right: Any, wrong: Any, *numbers: st.SearchStrategy[int]
) -> None:
    """Nothing breaks it, and the fault is found."""
    look_for(holds(right), *numbers)
    with pytest.raises(AssertionError):
        look_for(holds(wrong), *numbers)
    figure("symbolic", f"{holds.__name__}: no counterexample, and the planted fault is found")


# --- what is owed ---------------------------------------------------------------------------------------------------


def what_is_owed_is_never_above_what_is_there(owed: Callable[..., int]) -> Callable[..., None]:
    def holds(collected: int, gone_back: int, due: int, cost: int, taken: int, kept: int) -> None:
        back = owed(collected=collected, given=gone_back, due=due, cost=cost, taken=taken, kept=kept)
        assert back >= 0
        assert not back or back + taken + gone_back + kept <= collected
        assert not back or back + taken + kept <= cost

    return holds


def owed_without_what_went_back(*, given: int, **more: int) -> int:
    return owing.owed(given=given if given != 123_457 else 0, **more)


def test_what_is_owed() -> None:
    proved(what_is_owed_is_never_above_what_is_there, owing.owed, owed_without_what_went_back, *[AMOUNT] * 6)


def a_promise_settles_what_was_owed(owed: Callable[..., int]) -> Callable[..., None]:
    def holds(collected: int, gone_back: int, due: int, cost: int, taken: int, kept: int) -> None:
        facts = {"collected": collected, "given": gone_back, "due": due, "cost": cost}
        back = owed(**facts, taken=taken, kept=kept)
        assert owed(**facts, taken=taken + back, kept=kept) == 0
        assert owed(**facts, taken=taken, kept=kept + back) == 0

    return holds


def owed_again(*, taken: int, kept: int, **facts: int) -> int:
    return owing.owed(taken=taken if taken < 123_457 else taken - 1, kept=kept, **facts)


@heavy
def test_nothing_is_owed_twice() -> None:
    proved(a_promise_settles_what_was_owed, owing.owed, owed_again, *[AMOUNT] * 6)


def what_comes_later_is_owed_as_if_it_had_come_before(entitled: Callable[[int, int, int, int], int]) -> Any:
    def holds(collected: int, more: int, due: int, cost: int) -> None:
        first = entitled(collected, 0, due, cost)
        both = entitled(collected + more, 0, due, cost)
        late = owing.owed(collected=collected + more, given=0, due=due, cost=cost, taken=first, kept=0)
        assert 0 <= first <= both <= first + more
        assert first + late == both

    return holds


def entitled_beyond(collected: int, gone_back: int, due: int, cost: int) -> int:
    return max(0, min(collected - gone_back - due, cost)) + (collected == 98_765)


def test_late_money() -> None:
    proved(what_comes_later_is_owed_as_if_it_had_come_before, owing.entitled, entitled_beyond, *[AMOUNT] * 4)


def all_that_was_collected_is_somewhere(unexplained: Callable[..., int]) -> Callable[..., None]:
    def holds(collected: int, gone_back: int, due: int, cost: int, taken: int, kept: int) -> None:
        back = owing.owed(collected=collected, given=gone_back, due=due, cost=cost, taken=taken, kept=kept)
        odd = unexplained(collected=collected, given=gone_back, due=due, taken=taken, kept=kept, owed=back)
        assert back + odd == max(0, collected - gone_back - due - taken - kept)

    return holds


def unexplained_but_kept(*, kept: int, **more: int) -> int:
    return owing.unexplained(kept=0 if kept == 4_321 else kept, **more)


@heavy
def test_what_is_unexplained() -> None:
    proved(all_that_was_collected_is_somewhere, owing.unexplained, unexplained_but_kept, *[AMOUNT] * 6)


def a_fee_is_within_its_bound_and_its_money(fee: Callable[..., int]) -> Callable[..., None]:
    def holds(flat: int, points: int, at_most: int, charged: int, money: int) -> None:
        now = fee(flat=flat, points=points, at_most=at_most, charged=charged, money=money)
        assert 0 <= now <= money
        assert charged > at_most or charged + now <= at_most
        assert now <= fee(flat=flat, points=points, at_most=None, charged=charged, money=money)

    return holds


def fee_beyond(*, flat: int, points: int, at_most: int | None, charged: int, money: int) -> int:
    return owing.fee(flat=flat, points=points, at_most=at_most, charged=charged * (flat != 777), money=money)


@heavy
def test_a_fee() -> None:
    proved(a_fee_is_within_its_bound_and_its_money, owing.fee, fee_beyond, *[AMOUNT] * 5)


def a_fee_is_the_same_however_a_request_is_cut(fee: Callable[..., int]) -> Callable[..., None]:
    def holds(flat: int, first: int, second: int, at_most: int, money: int) -> None:
        def charge(points: int, charged: int) -> int:
            return fee(flat=flat, points=points, at_most=at_most, charged=charged, money=money)

        charged = charge(first, 0)
        if charged < money and charge(first + second, 0) < money:
            assert charged + charge(first + second, charged) == charge(first + second, 0)

    return holds


def fee_rounded_each_time(*, flat: int, points: int, at_most: int | None, charged: int, money: int) -> int:
    return owing.fee(flat=flat, points=points, at_most=at_most, charged=charged, money=money) + (points == 54_321)


@heavy
def test_a_fee_in_parts() -> None:
    proved(a_fee_is_the_same_however_a_request_is_cut, owing.fee, fee_rounded_each_time, *[AMOUNT] * 5)


# --- dividing -------------------------------------------------------------------------------------------------------


def pieces_are_worth_differences_of_one_floor(floor: Callable[[int, int, int], int]) -> Callable[..., None]:
    def holds(amount: int, pieces: int, quantity: int) -> None:
        if 0 <= pieces < quantity:
            assert 0 <= floor(amount, pieces, quantity) <= floor(amount, pieces + 1, quantity) <= amount
            assert floor(amount, quantity, quantity) == amount

    return holds


def floor_with_a_step_back(amount: int, pieces: int, quantity: int) -> int:
    return so_far(amount, pieces, quantity) - (pieces == 7 and amount == 13)


def test_pieces_of_a_line() -> None:
    proved(pieces_are_worth_differences_of_one_floor, so_far, floor_with_a_step_back, st.integers(0, 10**6), FEW, FEW)


def filling_leaves_no_room_and_no_rest(filled: Divide) -> Callable[..., None]:
    def holds(amount: int, *most: int) -> None:
        shares = filled(amount, most)
        assert sum(shares) == min(amount, sum(most))
        assert all(0 <= share <= room for share, room in zip(shares, most, strict=True))
        assert all(a <= b for a, b in zip(shares, filled(amount + 1, most), strict=True))

    return holds


def filled_beyond(amount: int, most: Sequence[int]) -> list[int]:
    return fill(amount + (amount == 31_337), most)


@heavy
def test_filling() -> None:
    proved(filling_leaves_no_room_and_no_rest, fill, filled_beyond, *[AMOUNT] * 4)


def shares_add_up_within_their_weights(divide: Divide) -> Callable[..., None]:
    def holds(amount: int, *weights: int) -> None:
        if not 0 < sum(weights) >= amount:
            return
        shares = divide(amount, weights)
        assert sum(shares) == amount
        assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))

    return holds


def rounded_up(amount: int, weights: Sequence[int]) -> list[int]:
    """The nearest whole unit for each: as most programs divide."""
    return [(2 * amount * weight + sum(weights)) // (2 * sum(weights)) for weight in weights]


@heavy
def test_dividing_once() -> None:
    proved(shares_add_up_within_their_weights, apportion, rounded_up, *[st.integers(0, 1_000)] * 4)


@heavy
def test_dividing_what_grows() -> None:
    proved(shares_add_up_within_their_weights, grow, rounded_up, *[FEW] * 4)


def no_share_ever_falls(divide: Divide) -> Callable[..., None]:
    def holds(amount: int, *weights: int) -> None:
        if amount < sum(weights):
            shares, later = divide(amount, weights), divide(amount + 1, weights)
            assert all(share <= more for share, more in zip(shares, later, strict=True))

    return holds


@heavy
def test_what_grows_takes_nothing_back_and_largest_remainders_do() -> None:
    proved(no_share_ever_falls, grow, apportion, *[FEW] * 4)
