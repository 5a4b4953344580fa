"""Every crash point of counting: each AWS call of a round goes wrong in each way, while cases go on.

Whoever comes next counts on, and in the end each case is counted once: the counters are those of a recomputation.
`make proofs` walks through all calls, `make test` through every 13th.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.figures.counting import Counters, Place, added, share_of, wants_counting
from chalicelib.workflow import asking, counting, decisions, orders
from infra.sandbox.builders import BUDI, SELLER, SYSTEM, a_body, an_ask
from tests.proofs.faults import MODES, points_of
from tests.proofs.figures import figure, some
from tests.proofs.world import Laboratory, ProofWorld


def asked(world: ProofWorld, number: int) -> str:
    orders.upsert(world.ports, a_body(order_id=f"LZD-{number}"), SYSTEM)
    return asking.ask(world.ports, f"LZD-{number}", an_ask(), BUDI).case_id


def counted(
    lab: Laboratory, at: int | None = None, mode: str = ""
) -> tuple[Mapping[Place, Counters], Mapping[Place, Counters], Sequence[str], list[int]]:
    """What was counted and what a recomputation finds, of cases from before the first round and from between rounds."""
    world = lab.world()
    ids = [asked(world, number) for number in range(3)]
    world.faults.arm(at, mode)
    world.attempt(lambda: counting.catch_up(world.ports))
    calls, crash_points = list(world.faults.calls), world.faults.crash_points()
    world.faults.disarm()
    for number in range(2):
        decisions.say(world.ports, ids[number], Approve(), SELLER)
        ids.append(asked(world, 3 + number))
        world.attempt(lambda: counting.catch_up(world.ports))
    sums = added((None, share_of(case)) for case in map(world.store.case, ids) if case)
    found = world.store.counters(sums.places)
    return (
        {place: replace(each, rev=0) for place, each in found.items()},
        {place: replace(sums.onto(place, Counters()), rev=0) for place in sums.places},
        calls,
        crash_points,
    )


def test_counting_that_is_broken_anywhere_comes_to_the_sums_of_a_recomputation(lab: Laboratory) -> None:
    found, recomputed, calls, crash_points = counted(lab)
    assert found == recomputed
    struck = 0
    for mode in MODES:
        for at in some(points_of(mode, calls, crash_points), 13):
            found, recomputed, _, _ = counted(lab, at, mode)
            assert found == recomputed, f"{mode} at {at} ({calls[at - 1]})"
            struck += 1
    assert struck
    figure("crashes of counting", f"{len(calls)} calls, {struck} faults survived")


def test_a_counter_that_kept_no_mark_of_its_cases_would_be_found(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control: whoever counts without looking at what was counted adds it again."""
    monkeypatch.setattr(counting, "wants_counting", lambda known, share: wants_counting(None, share))
    monkeypatch.setattr(counting, "added", lambda changes: added((None, after) for _, after in changes))
    found, recomputed, _, _ = counted(lab)
    assert found != recomputed
