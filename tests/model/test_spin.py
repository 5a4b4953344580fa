"""The model, looked through by SPIN: nothing breaks, and without any one of what the house holds by something does.

`make model` runs this; it needs spin and a C compiler.
"""

from dataclasses import fields
from pathlib import Path

import pytest

from tests.model.relation import Rules, a_world
from tests.model.search import search
from tests.model.spin import searched
from tests.proofs.figures import FULL, figure

WORLDS = {
    "two people about one case": a_world(),
    "one of them twice": a_world(requests=(2, 1)),
    "one case and a fault": a_world(faults=1),
    "two cases of one order": a_world(cases=2),
}
LARGE = {
    "one case and two faults": a_world(faults=2),
    "two cases of one order and a fault": a_world(cases=2, faults=1),
}
# Where a control shows itself only there; else two people about one case are enough.
NEEDS = {"tests_slot": a_world(cases=2), "keeps_outbox": a_world(faults=1)}


@pytest.mark.parametrize("name", [*WORLDS, *(LARGE if FULL else ())])
def test_nothing_that_can_happen_breaks_what_must_hold(tmp_path: Path, name: str) -> None:
    verdict = searched(tmp_path, Rules(), {**WORLDS, **LARGE}[name])
    assert verdict.errors == 0, verdict.way
    figure("model", f"{name}: {verdict.states} worlds, nothing broken")


@pytest.mark.parametrize("control", [each.name for each in fields(Rules)])
def test_without_it_something_breaks(tmp_path: Path, control: str) -> None:
    verdict = searched(tmp_path, Rules(**{control: 0}), NEEDS.get(control, a_world()))
    assert verdict.errors == 1
    assert len(verdict.way) > 1
    figure("model", f"without {control}: broken after {len(verdict.way)} steps")


def test_without_an_outbox_only_a_death_loses_anything(tmp_path: Path) -> None:
    assert searched(tmp_path, Rules(keeps_outbox=0), a_world()).errors == 0


def test_spin_and_python_look_at_the_same_worlds(tmp_path: Path) -> None:
    small = a_world(requests=(1, 0))
    seen, broken, _ = search(Rules(), small)
    assert broken == []
    # Of the program itself SPIN counts the start and the end as well.
    assert searched(tmp_path, Rules(), small).states - seen == 3
