"""Moving in: rows of another house, a file of them at a time, nobody told of anything."""

from datetime import timedelta

import pytest

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.jobs import Imported, JobState
from chalicelib.workflow import importing, jobs
from chalicelib.workflow.decisions import say
from chalicelib.workflow.sweeping import sweep
from infra.sandbox.builders import BUDI, NOW, OPERATOR, SELLER, SYSTEM
from tests.fakes.ports import Neighbourhood, a_neighbourhood
from tests.workflow.moving_houses import (
    a_case_row,
    an_ended_row,
    an_order_row,
    as_it_is,
    begun,
    empty_house,
    go_on,
    lines_of,
    result,
    taken_in,
    told,
)


@pytest.fixture
def house() -> Neighbourhood:
    return empty_house()


def fates(answers: list[dict[str, object]]) -> list[object]:
    return [answer["fate"] for answer in answers]


# --- orders


def test_orders_are_taken_in_and_a_bad_row_stops_no_other(house: Neighbourhood) -> None:
    file = lines_of([an_order_row("O-1"), an_order_row("O-2", currency="rupiah"), an_order_row("O-3")])
    answers = taken_in(
        house, Imported.ORDERS, file + b"{nonsense\n\n" + lines_of([an_order_row("O-4", platform="ebay")])
    )
    assert [(x["row"], x.get("id"), x["fate"], x.get("code")) for x in answers] == [
        (1, "O-1", "new", None),
        (2, None, "refused", "validation_failed"),
        (3, "O-3", "new", None),
        (4, None, "refused", "malformed_json"),
        (6, "O-4", "refused", "unknown_platform"),
    ]
    assert answers[1]["details"]["errors"][0]["field"] == "currency"
    assert sorted(house.store.order_rows) == ["O-1", "O-3"]


def test_what_is_there_stays_as_it_is(house: Neighbourhood) -> None:
    taken_in(house, Imported.ORDERS, lines_of([an_order_row()]))
    before = told(house)
    assert fates(taken_in(house, Imported.ORDERS, lines_of([an_order_row(version=2, status="shipped")]))) == ["known"]
    assert told(house) == before


def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing(house: Neighbourhood) -> None:
    taken_in(house, Imported.ORDERS, lines_of([an_order_row("O-1")]))
    before = told(house)
    rows = [an_order_row("O-1"), an_order_row("O-2"), an_order_row("O-3", tenders=[{"method": "card", "amount": 1}])]
    assert fates(taken_in(house, Imported.ORDERS, lines_of(rows), dry_run=True)) == ["known", "new", "refused"]
    cases = [
        a_case_row("O-1"),
        a_case_row("O-2"),
        a_case_row("O-1", case_id="x", lines=[{"line_id": "9", "quantity": 1}]),
    ]
    assert fates(taken_in(house, Imported.CASES, lines_of(cases), dry_run=True)) == ["new", "refused", "refused"]
    assert told(house) == before


# --- open cases


def test_an_open_case_lives_on_and_nobody_is_told_that_it_came(house: Neighbourhood) -> None:
    taken_in(house, Imported.ORDERS, lines_of([an_order_row()]))
    assert fates(taken_in(house, Imported.CASES, lines_of([a_case_row(attempt=2)]))) == ["new"]
    case = house.case("old-O-1")
    assert (case.state, case.attempt, case.deadline_at) == (State.AWAITING_SELLER, 2, NOW + timedelta(days=1))
    assert (case.created_at, case.quote.refund_total) == (NOW - timedelta(days=1), 150_000)
    order = house.store.order("O-1")
    assert order
    assert (order.open_case, order.attempts, order.cases) == ("old-O-1", 2, ("old-O-1",))
    sweep(house.ports)
    assert (house.outbox.kinds, house.bus.names) == ([], [])
    decided = say(house.ports, "old-O-1", Approve(), SELLER)
    assert decided.state is State.REFUNDING
    sweep(house.ports)
    assert "approved:buyer" in house.outbox.kinds


def test_its_deadline_runs(house: Neighbourhood) -> None:
    taken_in(house, Imported.ORDERS, lines_of([an_order_row("O-1"), an_order_row("O-2")]))
    rows = [a_case_row("O-1"), a_case_row("O-2", if_silent="approve")]
    taken_in(house, Imported.CASES, lines_of(rows))
    house.clock.advance(2 * 86_400)
    sweep(house.ports)
    assert [house.case(f"old-O-{n}").state for n in (1, 2)] == [State.AWAITING_SUPPORT, State.REFUNDING]


def test_its_execution_begins_and_begins_once() -> None:
    house = a_neighbourhood(orchestrated=True)
    taken_in(house, Imported.ORDERS, lines_of([an_order_row()]))
    for _ in range(2):
        taken_in(house, Imported.CASES, lines_of([a_case_row()]))
    (ticket,) = house.executions.started
    assert (ticket["case_id"], ticket["next"], ticket["seconds"]) == ("old-O-1", "AwaitSeller", 86_402)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (a_case_row("O-9"), "order_unknown_yet"),
        (a_case_row(case_id="taken"), "case_taken"),
        (a_case_row(case_id="second"), "case_open"),
        (a_case_row("O-2", reason_code="because"), "reason_not_allowed"),
        (a_case_row("O-2", deadline_at=None), "validation_failed"),
        (a_case_row("O-2", lines=[{"line_id": "1", "quantity": 3}]), "validation_failed"),
        (an_ended_row("O-2"), "validation_failed"),
    ],
)
def test_a_case_that_cannot_be_is_refused(house: Neighbourhood, row: dict[str, object], code: str) -> None:
    taken_in(house, Imported.ORDERS, lines_of([an_order_row("O-1"), an_order_row("O-2"), an_order_row("O-3")]))
    taken_in(house, Imported.CASES, lines_of([a_case_row("O-1"), a_case_row("O-3", case_id="taken")]))
    (answer,) = taken_in(house, Imported.CASES, lines_of([row]))
    assert (answer["fate"], answer.get("code")) == ("refused", code)


# --- history


def test_history_is_a_record_and_moves_no_money(house: Neighbourhood) -> None:
    returned = an_order_row(
        "O-2",
        status="cancelled",
        refunds=[{"refund_id": "r", "amount": 150_000, "at": NOW.isoformat(), "tender_id": "card"}],
    )
    taken_in(house, Imported.ORDERS, lines_of([an_order_row("O-1"), returned]))
    money = {order.order_id: order.books for order in house.store.order_rows.values()}
    rows = [
        an_ended_row("O-1", decision_reason="already_packed", decision_comment="Sudah dikemas"),
        an_ended_row("O-2", outcome="cancelled", refunded=[{"tender_id": "card", "amount": 150_000}]),
    ]
    assert fates(taken_in(house, Imported.HISTORY, lines_of(rows))) == ["new", "new"]
    first, second = house.case("old-O-1"), house.case("old-O-2")
    assert (first.outcome, first.decision and first.decision.reason_code) == (Outcome.REJECTED, "already_packed")
    assert (second.outcome, second.quote.refund_total, second.refund) == (Outcome.CANCELLED, 150_000, None)
    assert {order.order_id: order.books for order in house.store.order_rows.values()} == money
    assert not house.store.credits
    house.clock.advance(30 * 86_400)
    sweep(house.ports)
    assert (house.outbox.sent, house.bus.published, first.wake_at) == ([], [], None)
    # And the order is free for the next request.
    assert fates(taken_in(house, Imported.CASES, lines_of([a_case_row("O-1", case_id="next", attempt=2)]))) == ["new"]


# --- the job


def test_a_long_file_is_taken_in_bit_by_bit(house: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_BIT", 2_000)
    job = begun(house, Imported.ORDERS, lines_of(an_order_row(f"O-{number}") for number in range(20)))
    left = iter([600.0, 600.0, *[600.0] * 5, 1.0, *[1.0] * 20])
    assert go_on(house.ports, lambda: next(left)).ended == 0
    half = as_it_is(house, job)
    assert (half.state, half.total, 0 < half.done < 20) == (JobState.WORKING, 20, True)
    go_on(house.ports)
    done = as_it_is(house, job)
    assert (done.state, done.done, done.failed) == (JobState.DONE, 20, 0)
    assert [answer["row"] for answer in result(house, job)] == list(range(1, 21))


def test_a_line_that_is_longer_than_a_row_may_be_ends_the_job(
    house: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BIT", 1_000)
    job = begun(house, Imported.ORDERS, b" " * 5_000 + b"\n")
    go_on(house.ports)
    assert (as_it_is(house, job).state, as_it_is(house, job).problem) == (JobState.FAILED, "line_too_long")


def test_a_job_that_is_called_off_ends_and_keeps_what_it_did(house: Neighbourhood) -> None:
    job = begun(house, Imported.ORDERS, lines_of([an_order_row()]))
    ended = jobs.call_off(house.ports, OPERATOR, job.job_id)
    assert (ended.state, ended.problem) == (JobState.FAILED, "cancelled")
    assert go_on(house.ports).seen == 0
    assert jobs.call_off(house.ports, SYSTEM, job.job_id) == ended
    assert not house.store.order_rows


def test_only_systems_and_operators_move_in(house: Neighbourhood) -> None:
    for actor in (BUDI, SELLER):
        with pytest.raises(Forbidden):
            importing.begin(house.ports, actor, Imported.ORDERS, dry_run=False)
