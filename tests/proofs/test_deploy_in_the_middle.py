"""A deploy in the middle of a wait: what an earlier version left in tables and executions is carried to its end."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.cases.case import Outcome
from chalicelib.domain.cases.commands import Command
from chalicelib.workflow import access
from infra.sandbox.builders import BUDI, SUPPORT
from tests.proofs.figures import figure
from tests.proofs.golden import FOLDER, restored
from tests.proofs.invariants import violations
from tests.proofs.scenarios import ORDER, Step, money_went, say, the_case, wait
from tests.proofs.world import Laboratory, laboratory

VERSIONS = sorted(path.stem for path in FOLDER.glob("*.json"))

SUPPORT_APPROVES = say(Command.APPROVE, SUPPORT, note="checked")
# (the moment of the deploy, what happens next, where it ends)
GOES_ON: tuple[tuple[str, Step | None, Outcome], ...] = (
    ("awaiting_seller", say(Command.APPROVE), Outcome.CANCELLED),
    ("awaiting_seller", say(Command.REJECT, reason_code="already_packed"), Outcome.REJECTED),
    ("awaiting_seller", say(Command.WITHDRAW, BUDI), Outcome.WITHDRAWN),
    ("awaiting_seller, nothing paid yet", say(Command.APPROVE), Outcome.CANCELLED),
    ("awaiting_support", SUPPORT_APPROVES, Outcome.CANCELLED),
    ("awaiting_support", wait(5 * 86_400), Outcome.EXPIRED),
    ("refunding", money_went, Outcome.CANCELLED),
    ("closed", None, Outcome.REJECTED),
    ("instantly cancelled", None, Outcome.CANCELLED),
    ("decided by support", None, Outcome.CANCELLED),
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    with laboratory() as made:
        yield made
    logging.getLogger("chalicelib").setLevel(logging.NOTSET)


def left_by(version: str, moment: str) -> Any:
    return json.loads((FOLDER / f"{version}.json").read_text())[moment]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("moment", "step", "outcome"), GOES_ON)
def test_what_an_earlier_version_left_behind_is_carried_to_its_end(
    lab: Laboratory, version: str, moment: str, step: Step | None, outcome: Outcome
) -> None:
    world = restored(lab, left_by(version, moment))
    if step:
        step(world)
    world.pump()
    world.recover()
    case = world.case(the_case(world))
    assert case
    assert case.outcome is outcome
    # What was mailed before the deploy went out in another world; nothing may be owed or stand open here.
    found = violations(world, ORDER, faults=0)
    assert [each for each in found if "was never delivered" not in each] == []
    assert access.timeline_for(world.ports, case.case_id, BUDI)


def test_there_is_a_version_to_go_on_from() -> None:
    assert VERSIONS
    figure("deploys", f"{len(VERSIONS)} earlier version(s), {len(GOES_ON)} ways on from each")
