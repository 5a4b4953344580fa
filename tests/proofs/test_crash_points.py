"""Every crash point: each AWS call of each scenario goes wrong in each way; one sweep later every invariant holds.

`make proofs` walks through all of them, and through every pair of a crash in a scenario and a crash in the sweep that
repairs it; `make test` through every 19th. What a scenario has in common with an earlier one is walked through there:
pairs once, single faults in full by the scenarios that the house is built on, every third by the others.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.proofs.faults import MODES
from tests.proofs.figures import FULL, figure
from tests.proofs.invariants import violations
from tests.proofs.scenarios import CORE, ORDER, SCENARIOS, known_steps, run
from tests.proofs.world import Laboratory, laboratory


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    with laboratory() as made:
        yield made
    logging.getLogger("chalicelib").setLevel(logging.NOTSET)


def points(count: int) -> range:
    """All of 1..count, or every 19th; the first point differs with the count, so that all kinds of calls come up."""
    return range(1, count + 1) if FULL else range(1 + count % 19, count + 1, 19)


@pytest.fixture(scope="module")
def known(lab: Laboratory) -> Callable[[str], int]:
    """How many of a scenario's calls belong to steps with which an earlier scenario began, too."""

    def count(name: str) -> int:
        world, made = lab.world(), [0]
        run(world, name, between=lambda number: made.append(len(world.faults.calls)))
        return made[known_steps(name)]

    return cache(count)


@pytest.fixture(scope="module")
def dry(lab: Laboratory) -> Callable[[str], list[str]]:
    """The AWS calls of a scenario in which nothing goes wrong; each is run once."""
    return cache(lambda name: run(lab.world(), name))


@pytest.mark.parametrize("name", SCENARIOS)
def test_without_a_fault_every_effect_happens_exactly_once(lab: Laboratory, name: str) -> None:
    world = lab.world()
    run(world, name)
    world.recover()
    assert violations(world, ORDER, faults=0) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_call_may_go_wrong(
    lab: Laboratory, dry: Callable[[str], list[str]], known: Callable[[str], int], name: str, mode: str
) -> None:
    calls = dry(name)
    broken, struck = [], 0
    for at in points(len(calls)):
        if name not in CORE and at <= known(name) and (at + len(name)) % 3:
            continue
        world = lab.world()
        run(world, name, at=at, mode=mode)
        struck += world.faults.struck
        for sweeps in (1, 2):
            world.recover()
            found = violations(world, ORDER, faults=1)
            broken += [f"{mode} at {at} ({calls[at - 1]}), {sweeps} sweep(s) later: {each}" for each in found]
    assert broken == []
    figure("crash points", f"{name}, {mode}: {struck} faults survived")


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_sweep_that_repairs_a_crash_may_crash_too(
    lab: Laboratory, dry: Callable[[str], list[str]], known: Callable[[str], int], name: str
) -> None:
    calls = dry(name)
    broken, pairs = [], 0
    for at in points(len(calls) + 1):
        if at <= known(name):
            continue
        world = lab.world()
        run(world, name, at=at, mode="before")
        world.faults.arm()
        world.recover()
        repairs = len(world.faults.calls)
        for second in points(repairs):
            world = lab.world()
            run(world, name, at=at, mode="before")
            world.faults.arm(second, "before")
            world.recover()
            world.faults.disarm()
            pairs += 1
            world.recover()
            broken += [f"crash at {at}, again at {second}: {each}" for each in violations(world, ORDER, faults=2)]
    assert broken == []
    figure("crash pairs", f"{name}: {pairs} pairs survived")


def test_the_scenarios_reach_every_kind_of_call(dry: Callable[[str], list[str]]) -> None:
    seen: Counter[str] = Counter()
    for name in SCENARIOS:
        seen.update(dry(name))
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
    }
