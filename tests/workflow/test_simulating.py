"""A draft is tried on what happened, as a job in rounds."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.jobs import JobState
from chalicelib.domain.policies.policy import Answer, Silence
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.simulation.past import Way
from chalicelib.domain.simulation.replay import WhyChanged
from chalicelib.domain.simulation.suggesting import STEPS, Lever, Target
from chalicelib.edge.jobs import job_shape
from chalicelib.workflow import simulating
from infra.sandbox.builders import FINANCE, OPERATOR, SUPPORT
from tests.workflow.moving_houses import go_on
from tests.workflow.test_simulate_command import a_plain_policy, lived

QUICK = a_plain_policy(10, Answer(within=Span(amount=6, unit="hours"), if_silent=Silence.APPROVE))


def test_a_job_tells_what_a_draft_would_have_changed() -> None:
    house = lived()
    job = simulating.begin(house.ports, OPERATOR, QUICK)
    go_on(house.ports)
    done = simulating.simulation(house.ports, OPERATOR, job.job_id)
    assert (done.state, done.done, done.total, done.found.unexplained) == (JobState.DONE, 3, 3, 0)
    assert {way: each.mean for way, each in done.found.after.ways.items()} == {
        Way.APPROVED: 1,
        Way.APPROVED_BY_SILENCE: 2,
        Way.REJECTED: 0,
    }
    answer = job_shape(house.ports, done, "en")["outlook"]
    (expired,) = (each for each in answer["ways"] if each["way"] is Way.EXPIRED)
    assert (expired["before"], expired["after"]["expected"], expired["after"]["exact"]) == (1, 0, True)
    assert {each["why"] for each in answer["changes"]} == {WhyChanged.SILENCE, WhyChanged.SOONER}


def test_a_job_in_many_rounds_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    house = lived()
    at_once = simulating.begin(house.ports, OPERATOR, QUICK)
    go_on(house.ports)
    monkeypatch.setattr(simulating, "LONGEST_PAGE", 1)
    slowly = simulating.begin(house.ports, OPERATOR, QUICK)
    for _ in range(6):
        # As much time as a job is begun for, and none to go on.
        left = iter([100.0])
        go_on(house.ports, lambda left=left: next(left, 0.0))  # type: ignore[misc]
    both = [simulating.simulation(house.ports, OPERATOR, each.job_id) for each in (at_once, slowly)]
    assert both[1].state is JobState.DONE
    assert both[0].found == both[1].found


def test_operators_alone_try_policies_and_of_profiles_that_are_there() -> None:
    house = lived()
    for actor in (SUPPORT, FINANCE):
        with pytest.raises(Forbidden):
            simulating.begin(house.ports, actor, QUICK)
    with pytest.raises(NotFound):
        simulating.begin(house.ports, OPERATOR, replace(QUICK, name="nobodys"))
    assert not house.store.open_jobs()


def test_a_lever_is_moved_until_a_target_is_reached_and_its_steps_are_told() -> None:
    house = lived()
    target = Target(lever=Lever.ANSWER_TIME, share=1.0, within=13)
    job = simulating.begin(house.ports, OPERATOR, a_plain_policy(10), target)
    go_on(house.ports)
    done = simulating.simulation(house.ports, OPERATOR, job.job_id)
    told = job_shape(house.ports, done, "en")["outlook"]["suggestion"]
    assert (told["hours"], told["lever"], len(told["steps"])) == (12, Lever.ANSWER_TIME, len(STEPS))
    assert [each["hours"] for each in told["steps"] if each["reaches"]] == [1, 2, 3, 4, 6, 8, 12]
