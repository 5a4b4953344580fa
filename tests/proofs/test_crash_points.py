"""Every crash point: each AWS call of each scenario goes wrong in each way; one sweep later every invariant holds.

`make proofs` walks through all of them, and through every pair of a crash in a scenario and a crash in the sweep that
repairs it; `make test` through every 29th of some scenarios. What a scenario has in common with an earlier one is
walked through there: pairs once, single faults in full by the scenarios that the house is built on, every third by the
others.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import pytest

from tests.proofs.faults import MODES, points_of
from tests.proofs.figures import figure, some
from tests.proofs.invariants import violations
from tests.proofs.provider_calls import every_call
from tests.proofs.scenarios import CORE, ORDER, SCENARIOS, in_the_end, known_steps, run
from tests.proofs.world import Laboratory

EVERY = 29  # so many calls apart is what `make test` breaks
PLAYED = some(list(SCENARIOS), 4)
IN_EACH_WAY = some(list(product(SCENARIOS, MODES)), 7)


@pytest.fixture(scope="module")
def known(lab: Laboratory) -> Callable[[str], int]:
    """How many of a scenario's calls belong to steps with which an earlier scenario began, too."""

    def count(name: str) -> int:
        world, made = lab.world(), [0]
        run(world, name, between=lambda number: made.append(len(world.faults.calls)))
        return made[known_steps(name)]

    return cache(count)


@dataclass(frozen=True)
class Dry:
    """A scenario in which nothing goes wrong: its AWS calls, and where its processes can die."""

    calls: Sequence[str]
    crash_points: Sequence[int]

    def points(self, mode: str) -> Sequence[int]:
        """The calls at which this mode makes a difference."""
        return points_of(mode, self.calls, self.crash_points)


@pytest.fixture(scope="module")
def dry(lab: Laboratory) -> Callable[[str], Dry]:
    """The dry run of a scenario; each is made once."""

    def made(name: str) -> Dry:
        world = lab.world()
        calls = run(world, name)
        return Dry(calls, world.faults.crash_points())

    return cache(made)


@pytest.mark.parametrize("name", PLAYED)
def test_without_a_fault_every_effect_happens_exactly_once(lab: Laboratory, name: str) -> None:
    world = lab.world()
    run(world, name)
    world.recover()
    assert [*violations(world, ORDER, faults=0), *in_the_end(world, faults=0)] == []


@pytest.mark.parametrize(("name", "mode"), IN_EACH_WAY)
def test_every_call_may_go_wrong(
    lab: Laboratory, dry: Callable[[str], Dry], known: Callable[[str], int], name: str, mode: str
) -> None:
    calls, points = dry(name).calls, dry(name).points(mode)
    broken, struck = [], 0
    for at in some(points, EVERY):
        if name not in CORE and at <= known(name) and (at + len(name)) % 3:
            continue
        world = lab.world()
        run(world, name, at=at, mode=mode)
        struck += world.faults.struck
        for sweeps in (1, 2):
            world.recover()
            found = violations(world, ORDER, faults=1)
            broken += [f"{mode} at {at} ({calls[at - 1]}), {sweeps} sweep(s) later: {each}" for each in found]
        broken += [f"{mode} at {at} ({calls[at - 1]}), in the end: {each}" for each in in_the_end(world, faults=1)]
    assert broken == []
    figure("crash points", f"{name}, {mode}: {struck} faults survived")


@pytest.mark.parametrize("name", PLAYED)
def test_the_sweep_that_repairs_a_crash_may_crash_too(
    lab: Laboratory, dry: Callable[[str], Dry], known: Callable[[str], int], name: str
) -> None:
    broken, pairs = [], 0
    for at in some([at for at in dry(name).crash_points if at > known(name)], EVERY):
        world = lab.world()
        run(world, name, at=at, mode="before")
        world.faults.arm()
        world.recover()
        for second in some(world.faults.crash_points()[:-1], EVERY):
            world = lab.world()
            run(world, name, at=at, mode="before")
            world.faults.arm(second, "before")
            world.recover()
            world.faults.disarm()
            pairs += 1
            world.recover()
            found = [*violations(world, ORDER, faults=2), *in_the_end(world, faults=2)]
            broken += [f"crash at {at}, again at {second}: {each}" for each in found]
    assert broken == []
    figure("crash pairs", f"{name}: {pairs} pairs survived")


# Whose rows were plain: one is asked for, one is granted at once, one loses its pieces in parts.
TURNING = ("approve", "instant cancellation", "a part of the order")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", TURNING)
def test_a_plain_row_becomes_small_whole_or_not_at_all(lab: Laboratory, name: str, mode: str) -> None:
    calls, broken = run(lab.world(small=False), name, turning=True), []
    for at in some(range(1, len(calls) + 1), EVERY):
        world = lab.world(small=False)
        run(world, name, at=at, mode=mode, turning=True)
        for sweeps in (1, 2):
            world.recover()
            found = violations(world, ORDER, faults=1)
            broken += [f"{mode} at {at} ({calls[at - 1]}), {sweeps} sweep(s) later: {each}" for each in found]
    assert broken == []


@pytest.mark.whole
def test_the_scenarios_reach_every_kind_of_call(dry: Callable[[str], Dry]) -> None:
    seen: Counter[str] = Counter()
    for name in SCENARIOS:
        seen.update(dry(name).calls)
    assert set(seen) >= {
        "dynamodb.TransactWriteItems",
        "dynamodb.UpdateItem",
        "dynamodb.PutItem",
        "dynamodb.GetItem",
        "dynamodb.Query",
        "sesv2.SendEmail",
        "events.PutEvents",
        "stepfunctions.StartExecution",
        "stepfunctions.SendTaskSuccess",
        *every_call(),
    }


def test_every_call_that_an_adapter_can_make_is_known_here_by_its_place() -> None:
    """Thirteen today: a call that comes is missing above until a scenario makes it."""
    assert sorted(every_call()) == [
        "doku.POST /cancellation/credit-card/refund",
        "midtrans.GET /v2/{}/status",
        "midtrans.POST /v2/{}/cancel",
        "midtrans.POST /v2/{}/refund",
        "stripe.GET /v1/refunds",
        "stripe.GET /v1/refunds/{}",
        "stripe.POST /v1/refunds",
        "xendit.GET /transactions",
        "xendit.GET /v3/refunds/{}",
        "xendit.POST /v3/refunds",
        "xendit_payouts.GET /v2/payouts",
        "xendit_payouts.GET /v2/payouts/{}",
        "xendit_payouts.POST /v2/payouts",
    ]
