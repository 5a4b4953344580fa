"""Every crash point of what is written before anybody acts: counters of callers, and hand-overs that are used up.

However a call goes wrong, no caller is let through more often than may be, but where nothing can be counted at all;
and of those who hold one hand-over, one alone is let in, who may press again.
"""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.people.uses import Counted, use_of
from chalicelib.edge import hand_overs
from chalicelib.edge.hand_overs import HandOver
from chalicelib.workflow.uses import has_one_left
from infra.sandbox.builders import BUDI
from tests.proofs.faults import MODES
from tests.proofs.world import Laboratory, ProofWorld

MOST = 3


def calls_of(world: ProofWorld, act: Callable[[], Any]) -> int:
    """How many calls it makes where nothing goes wrong."""
    world.faults.arm()
    act()
    world.faults.disarm()
    return len(world.faults.calls)


def comes(world: ProofWorld) -> bool:
    return has_one_left(world.ports, use_of(Counted.ASKS, "caller", MOST, world.ports.now()))


@pytest.mark.parametrize("mode", MODES)
def test_no_caller_comes_more_often_than_may_be_but_where_nothing_is_counted(lab: Laboratory, mode: str) -> None:
    calm = lab.world()
    calls = calls_of(calm, lambda: comes(calm))
    assert calls
    for at in range(1, calls * (MOST + 2) + 1):
        world = lab.world()
        world.faults.arm(at, mode)
        answers = [world.attempt(lambda world=world: comes(world)) for _ in range(MOST + 2)]  # type: ignore[misc]
        world.faults.disarm()
        # Where the table gives no answer its caller is let through, once.
        uncounted = 1 if mode in ("lost", "throttled", "conflict") else 0
        assert answers.count(True) <= MOST + uncounted, (at, answers)
        assert not comes(world)


def presses(world: ProofWorld, by: str) -> bool:
    one = HandOver(actor=BUDI, onward="/orders", number="n1", until=2**40, by=by)
    hand_overs.use(one)
    return True


@pytest.mark.parametrize("mode", MODES)
def test_of_all_who_hold_a_hand_over_one_is_let_in_and_may_press_again(
    lab: Laboratory, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(1, 13):
        world = lab.world()
        monkeypatch.setattr(wiring, "ports", lambda world=world: world.ports)
        world.faults.arm(at, mode)
        let_in = {by for by in ("a", "b", "a", "b") if world.attempt(lambda world=world, by=by: presses(world, by))}  # type: ignore[misc]
        world.faults.disarm()
        again = {by for by in ("a", "b", "c") if world.attempt(lambda world=world, by=by: presses(world, by))}  # type: ignore[misc]
        assert len(again) == 1, (at, let_in, again)
        assert let_in <= again, (at, let_in, again)
