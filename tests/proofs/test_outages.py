"""Services that are down, slow, throttled or lose what they were told: everything converges to the row all the same."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Outcome
from chalicelib.domain.ports import Filter, Token
from chalicelib.workflow import asking, held, orders
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, OPERATOR, SYSTEM, a_body, a_policy, an_ask, an_order, outbox_of
from tests.fakes.ports import a_neighbourhood
from tests.proofs.figures import FULL, figure
from tests.proofs.invariants import violations
from tests.proofs.scenarios import ORDER, SCENARIOS, run, the_case
from tests.proofs.world import Laboratory, ProofWorld, effect_of

FOR_LONG = 4 * 3600  # seconds: longer than the longest pause between two tries


# In the quick form each kind of harm takes another third of the scenarios; `make proofs-ci` takes all of them.
def some(part: int) -> list[str]:
    """The scenarios of one kind of harm."""
    return list(SCENARIOS) if FULL else list(SCENARIOS)[part % 3 :: 3]


def moments(name: str) -> range:
    """After which steps of a scenario harm is done: all of them, or every ninth (another one for each scenario)."""
    steps = len(SCENARIOS[name][2])
    return range(1, steps + 1) if FULL else range(1 + len(name) % min(9, steps), steps + 1, 9)


def every_step(lab: Laboratory, name: str, harm: Callable[[ProofWorld], None]) -> list[str]:
    """The scenario once for each of its steps, harmed right after that step, and then one sweep; what was broken."""
    broken = []
    for harmed in moments(name):
        world = lab.world()

        def between(number: int, world: ProofWorld = world, harmed: int = harmed) -> None:
            if number == harmed:
                harm(world)

        run(world, name, between=between)
        world.broken = False
        world.recover()
        broken += [f"after step {harmed}: {each}" for each in violations(world, ORDER, faults=0)]
    return broken


@pytest.mark.parametrize("name", some(0))
def test_a_case_whose_execution_is_stopped_is_carried_by_the_sweep(lab: Laboratory, name: str) -> None:
    def stop(world: ProofWorld) -> None:
        for execution in world.executions.executions:
            world.executions.stop(execution)

    assert every_step(lab, name, stop) == []


@pytest.mark.parametrize("name", some(1))
def test_a_case_whose_execution_fails_is_carried_by_the_sweep(lab: Laboratory, name: str) -> None:
    """From some step on every Lambda of the state machine dies, until its retries are used up."""

    def break_down(world: ProofWorld) -> None:
        world.broken = True

    assert every_step(lab, name, break_down) == []


@pytest.mark.parametrize("name", some(2))
def test_an_execution_whose_token_is_lost_still_ends_like_its_row(lab: Laboratory, name: str) -> None:
    """Nobody can answer the wait any more: its own timer leads it on, to where the row is by then."""

    def lose(world: ProofWorld) -> None:
        case_id = the_case(world)
        token = world.store.token(case_id)
        if token:
            world.store.put_token(case_id, Token(run=token.run, turn=token.turn, token="lost"))

    broken = []
    for harmed in moments(name):
        world = lab.world()
        run(world, name, between=lambda number, w=world, h=harmed: lose(w) if number == h else None)  # type: ignore[misc]
        world.recover()
        for _ in range(4):
            world.clock.advance(3 * 86_400)
            world.pump()
            world.recover()
        broken += [f"after step {harmed}: {each}" for each in violations(world, ORDER, faults=0)]
    assert broken == []


@pytest.mark.parametrize("mood", ["down", "throttled", "slow"])
@pytest.mark.parametrize("name", some(3))
def test_step_functions_may_be_away_from_beginning_to_end(lab: Laboratory, name: str, mood: str) -> None:
    world = lab.world()
    world.services.mood = lambda service, given: mood if service == "sfn" else "well"
    run(world, name)
    world.recover()
    found = [each for each in violations(world, ORDER, faults=0) if not each.startswith(("I6", "I3: still pending"))]
    assert found == []
    world.services.mood = lambda service, given: "well"
    world.clock.advance(FOR_LONG)
    world.recover()
    assert [each for each in violations(world, ORDER, faults=0) if "I3" in each] == []


def test_with_step_functions_down_every_case_closes_within_one_sweep_of_its_deadline(lab: Laboratory) -> None:
    world = lab.world()
    world.services.mood = lambda service, given: "down" if service == "sfn" else "well"
    world.store.put_policy(a_policy(version=2, if_silent="expire"))
    rows = 20 if FULL else 6
    for number in range(rows):
        orders.upsert(world.ports, a_body(order_id=f"O-{number}"), SYSTEM)
        asking.ask(world.ports, f"O-{number}", an_ask(), BUDI)
        world.clock.advance(7)
    world.clock.advance(86_400 - 7 * rows)
    late: list[float] = []
    for _ in range(8):
        world.clock.advance(60)
        open_before = {
            case.case_id: case.deadline_at for case in world.store.cases(Filter(state="awaiting_seller")).items
        }
        world.sweep()
        for case_id, deadline in open_before.items():
            case = world.case(case_id)
            assert case
            assert deadline
            if case.closed_at:
                assert case.outcome is Outcome.EXPIRED
                late.append((case.closed_at - deadline).total_seconds())
    assert len(late) == rows
    assert max(late) <= world.ports.pace.grace + 60
    figure(
        "outages", f"Step Functions down: {rows} of {rows} cases closed, at most {max(late):.0f} s after their deadline"
    )


@pytest.mark.parametrize("mood", ["down", "throttled"])
@pytest.mark.parametrize("name", some(4))
def test_no_decision_waits_for_mail_and_each_mail_comes_once_when_ses_is_back(
    lab: Laboratory, name: str, mood: str
) -> None:
    well = lab.world()
    run(well, name)
    world = lab.world()
    world.services.mood = lambda service, given: mood if service == "sesv2" else "well"
    run(world, name)
    case, other = world.case(the_case(world)), well.case(the_case(well))
    assert case
    assert other
    assert (case.state, case.outcome) == (other.state, other.outcome)
    assert not world.outside.mails
    world.services.mood = lambda service, given: "well"
    for _ in range(3):
        world.clock.advance(FOR_LONG // 3)
        world.recover()
    assert violations(world, ORDER, faults=0) == []


@pytest.mark.parametrize("name", some(5))
def test_a_mail_whose_answer_came_too_late_is_sent_at_most_twice(lab: Laboratory, name: str) -> None:
    """SES took it, but the caller had given up: nobody can know, so it is sent once more."""
    world, seen = lab.world(), set[str]()

    def slow_once(service: str, given: Mapping[str, Any]) -> str:
        key = "/".join(effect_of(given)) if service == "sesv2" else ""
        if not key or key in seen:
            return "well"
        seen.add(key)
        return "slow"

    world.services.mood = slow_once
    run(world, name)
    for _ in range(4):
        world.clock.advance(FOR_LONG // 3)
        world.recover()
    assert violations(world, ORDER, faults=1) == []
    assert set(world.outside.mails.values()) <= {1, 2}


@pytest.mark.parametrize("name", some(6))
def test_a_poisoned_mail_is_held_where_people_see_it_and_starves_no_other(lab: Laboratory, name: str) -> None:
    world = lab.world(max_tries=3)
    world.services.mood = lambda service, given: (
        "down" if service == "sesv2" and given["Destination"]["ToAddresses"] == ["budi@example.com"] else "well"
    )
    run(world, name)
    for _ in range(4):
        world.clock.advance(FOR_LONG // 3)
        world.recover()
    case = world.case(the_case(world))
    assert case
    held = {effect for effect, pending in outbox_of(case).items() if pending.held}
    assert held
    assert all(effect.endswith(":buyer") for effect in held)
    assert violations(world, ORDER, faults=0) == []


def test_a_held_mail_never_wakes_the_sweep_again(lab: Laboratory) -> None:
    world = lab.world(max_tries=1)
    world.services.mood = lambda service, given: "down" if service == "sesv2" else "well"
    run(world, "reject")
    world.recover()
    case = world.case(the_case(world))
    assert case
    assert case.wake_at is None
    assert all(pending.held for pending in case.outbox.values())
    assert world.store.due(world.clock() + timedelta(days=400), 10) == []


# --- outages of days -------------------------------------------------------------------------------------------------

DAY = 86_400
# How often the sweep comes by; the quick form looks in less often.
EVERY = 3_600 if FULL else 6 * 3_600


def away(*services: str) -> Callable[[str, Mapping[str, Any]], str]:
    return lambda service, given: "down" if service in services else "well"


def told_in_order(world: ProofWorld, case_id: str) -> list[str]:
    """What of one case reached one receiver before something that was promised earlier."""
    latest: dict[str, int] = {}
    wrong = []
    for effect in world.outside.order:
        case, _, promise = effect.partition("/")
        seq, _, what = promise.partition(":")
        receiver = "events" if what.startswith("event") else what.split(":")[2]
        if case == case_id and int(seq) < latest.get(receiver, 0):
            wrong.append(f"{promise} after {latest[receiver]}")
        latest[receiver] = max(int(seq), latest.get(receiver, 0))
    return wrong


@pytest.mark.parametrize("name", some(7))
def test_after_three_days_without_mail_and_bus_everything_is_delivered_once_and_in_order(
    lab: Laboratory, name: str
) -> None:
    world = lab.world()
    world.services.mood = away("sesv2", "eventbridge")
    run(world, name)
    for _ in range(3 * DAY // EVERY):
        world.clock.advance(EVERY)
        world.recover()
    assert not world.outside.mails
    assert not world.outside.events
    world.services.mood = away()
    for _ in range(3):
        world.clock.advance(3600)
        world.recover()
    case_id = the_case(world)
    assert [each for each in violations(world, ORDER, faults=0) if not each.startswith("I11")] == []
    assert told_in_order(world, case_id) == []
    case = world.case(case_id)
    assert case
    assert not any(pending.held for pending in case.outbox.values())


@pytest.mark.parametrize("at", range(1, 9) if FULL else (1, 4, 7))
def test_a_crash_at_the_end_of_an_outage_sends_at_most_twice(lab: Laboratory, at: int) -> None:
    world = lab.world()
    world.services.mood = away("sesv2", "eventbridge")
    run(world, "approve")
    for _ in range(2 * DAY // EVERY):
        world.clock.advance(EVERY)
        world.recover()
    world.services.mood = away()
    world.clock.advance(3600)
    world.faults.arm(at=at, mode="before")
    world.recover()
    world.faults.disarm()
    for _ in range(2):
        world.clock.advance(3600)
        world.recover()
    assert violations(world, ORDER, faults=1) == []


def test_deadlines_that_pass_during_an_outage_are_kept_and_only_what_came_of_them_is_told(lab: Laboratory) -> None:
    world = lab.world()
    world.store.put_policy(a_policy(version=2, if_silent="expire"))
    world.services.mood = away("sesv2", "eventbridge")
    orders.upsert(world.ports, a_body(order_id="O-1"), SYSTEM)
    case_id = asking.ask(world.ports, "O-1", an_ask(), BUDI).case_id
    for _ in range(60 * 3_600 // EVERY):
        world.clock.advance(EVERY)
        world.recover()
    world.services.mood = away()
    world.clock.advance(3600)
    world.recover()
    case = world.case(case_id)
    assert case
    assert case.outcome is Outcome.EXPIRED
    assert {effect.partition(":")[2] for _, effect in world.outside.mails} == {
        "mail:expired:buyer",
        "mail:expired:seller",
    }


def test_a_herd_that_was_held_goes_out_by_one_word_of_an_operator() -> None:
    """10,000 held effects (1,000 in the quick form): every one of them goes out, once; no sweep takes them all."""
    around, rows = a_neighbourhood(orchestrated=False, max_tries=1), 2_500 if FULL else 250
    around.outbox.refuses, around.bus.down = (lambda mail: True), True
    for number in range(rows):
        around.push(an_order(order_id=f"O-{number}"))
        asking.ask(around.ports, f"O-{number}", an_ask(), BUDI)
    sweep(around.ports)
    around.outbox.refuses, around.bus.down = (lambda mail: False), False
    released, calls, more = 0, 0, True
    while more:
        answer = held.release(around.ports, OPERATOR, held.Which(), "mail and bus are back")
        released, calls, more = released + len(answer.delivering), calls + 1, answer.more
    assert released == rows * 4
    assert held.held_effects(around.ports, OPERATOR, held.Which()).items == []
    sweeps = 0
    while around.store.due(around.clock(), 1):
        left = iter(range(500))
        sweep(around.ports, lambda left=left: next(left, None) is not None)  # type: ignore[misc]
        sweeps += 1
    mails = [(mail.case_id, mail.effect_id) for mail in around.outbox.sent]
    events = [event.event_id for event in around.bus.published]
    assert len(mails) == len(set(mails)) == len(events) == len(set(events)) == rows * 2
    figure("outages", f"{released} held effects of {rows} cases went out, once, by {calls} calls and {sweeps} sweeps")
