"""The sweep carries what was lost, expires before it delivers, and looks at nothing that is not due."""

from datetime import timedelta

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.commands import Approve
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.waiting import enter, time_out
from infra.sandbox.builders import BUDI, SELLER, a_policy, an_ask, an_order
from tests.fakes.ports import Neighbourhood, a_neighbourhood


def asked(around: Neighbourhood, count: int = 1, platform: str = "tokopedia") -> list[str]:
    ids = []
    for number in range(count):
        around.push(an_order(order_id=f"O-{number}", platform=platform))
        ids.append(ask(around.ports, f"O-{number}", an_ask(), BUDI).case_id)
    return ids


def test_with_step_functions_down_altogether_the_sweep_alone_finishes_every_case() -> None:
    around = a_neighbourhood()
    around.executions.down = True
    ids = asked(around, 20)
    around.clock.advance(48 * 3600 + 60)
    sweep(around.ports)
    assert {around.case(case_id).outcome for case_id in ids} == {Outcome.EXPIRED}
    around.clock.advance(90)
    sweep(around.ports)
    kinds = {kind.split(":")[0] for kind in around.outbox.kinds}
    assert kinds == {"request_received", "expired"}
    assert len(around.outbox.sent) == 20 * 3


def test_the_sweep_gives_the_executions_own_timer_a_grace() -> None:
    around = a_neighbourhood()
    (case_id,) = asked(around)
    enter(around.ports, case_id, 1, 1, "token")
    around.clock.advance(48 * 3600 + 59)
    assert sweep(around.ports).expired == 0
    around.clock.advance(1)
    assert sweep(around.ports).expired == 1
    assert [ticket["next"] for _, ticket in around.executions.answered] == ["Closed"]


def test_a_sweep_looks_only_at_what_is_due() -> None:
    around = a_neighbourhood()
    ids = asked(around, 50)
    for case_id in ids:
        enter(around.ports, case_id, 1, 1, f"token {case_id}")
    reads = []
    read = around.store.case
    around.store.case = lambda case_id: reads.append(case_id) or read(case_id)  # type: ignore[method-assign, func-returns-value]
    around.clock.advance(3600)
    assert sweep(around.ports).seen == 0
    assert reads == []


def test_a_row_that_fails_keeps_no_other_waiting() -> None:
    around = a_neighbourhood(orchestrated=False)
    ids = asked(around, 3)
    read = around.store.case

    def fails_for_the_first(case_id: str) -> object:
        if case_id == ids[0]:
            raise RuntimeError("unreadable")
        return read(case_id)

    around.store.case = fails_for_the_first  # type: ignore[method-assign, assignment]
    swept = sweep(around.ports)
    assert (swept.seen, swept.delivered) == (3, 2)
    assert swept.failed > 0
    assert len(around.outbox.sent) == 4


def test_a_sweep_stops_in_time_and_the_next_goes_on() -> None:
    around = a_neighbourhood(orchestrated=False)
    asked(around, 5)
    left = iter([True, True, True, True, True, True, True, False])
    sweep(around.ports, lambda: next(left, False))
    before = len(around.outbox.sent)
    assert before < 10
    sweep(around.ports)
    assert len(around.outbox.sent) == 10


def test_more_rows_than_one_batch_are_all_swept() -> None:
    around = a_neighbourhood(orchestrated=False)
    asked(around, 230)
    assert sweep(around.ports).delivered == 230


def test_silence_speaks_once_however_often_its_timer_fires() -> None:
    around = a_neighbourhood()
    (case_id,) = asked(around)
    around.clock.advance(48 * 3600)
    tickets = [time_out(around.ports, case_id, 1, 1) for _ in range(3)]
    assert [ticket["next"] for ticket in tickets] == ["Closed"] * 3
    assert len(around.store.timeline(case_id)) == 2


def test_a_timer_of_an_earlier_turn_decides_nothing() -> None:
    around = a_neighbourhood()
    around.store.put_policy(a_policy("tokopedia", version=2, if_silent="escalate"))
    (case_id,) = asked(around)
    around.clock.advance(48 * 3600)
    time_out(around.ports, case_id, 1, 1)
    around.clock.advance(30 * 86400)
    assert time_out(around.ports, case_id, 1, 1)["next"] == "AwaitSupport"
    assert around.case(case_id).state is State.AWAITING_SUPPORT
    time_out(around.ports, case_id, 1, 2)
    assert around.case(case_id).outcome is Outcome.EXPIRED


def test_a_decided_case_is_never_due_again() -> None:
    around = a_neighbourhood()
    (case_id,) = asked(around)
    enter(around.ports, case_id, 1, 1, "token")
    case = say(around.ports, case_id, Approve(), SELLER)
    enter(around.ports, case_id, 1, case.turn, None)
    assert around.case(case_id).wake_at is None
    assert list(around.store.due(around.clock.at + timedelta(days=999), 10)) == []
