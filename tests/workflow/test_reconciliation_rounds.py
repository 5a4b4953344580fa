"""Reconciliations as jobs: they wait for their file, go on where they stopped, and end once."""

import csv
import gzip
import io
import json
from dataclasses import replace
from datetime import timedelta
from math import inf
from typing import Any

import pytest

from chalicelib.domain.cases.commands import Approve, PartTold
from chalicelib.domain.errors import Forbidden, Invalid, NotFound, Refused, Unavailable
from chalicelib.domain.jobs import JobKind, JobState
from chalicelib.domain.money.refund import Report, Told
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.ports import Ports
from chalicelib.domain.reconciliation.jobs import Reconciliation as Job
from chalicelib.workflow import jobs, reconciliation_rounds, reconciliations, rounds
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import part_event, say
from chalicelib.workflow.reconciling import reconcile
from infra.sandbox.builders import BUDI, FINANCE, OPERATOR, SELLER, SUPPORT, SYSTEM, an_ask, an_order
from tests.fakes.ports import Neighbourhood, Shelf, a_neighbourhood

HEADER = "Order ID,Transaction ID,Refund Key,Transaction Type,Amount,Transaction Time\n"
AMOUNT = 150_000


def go_on(ports: Ports, seconds_left: rounds.SecondsLeft = lambda: inf) -> rounds.Rounds:
    return rounds.go_on(ports, {JobKind.RECONCILIATION: reconciliation_rounds.work_on}, seconds_left)


@pytest.fixture
def around() -> Neighbourhood:
    return a_neighbourhood(orchestrated=False)


def shelf(around: Neighbourhood) -> Shelf:
    assert isinstance(around.ports.files, Shelf)
    return around.ports.files


def refunded(around: Neighbourhood, number: int, provider: str = "midtrans") -> str:
    """A refund by card that went; gives its case."""
    order_id = f"O-{number}"
    card = Tender(method=Method.CARD, amount=AMOUNT, provider=provider, reference=f"t-{number}")
    around.push(an_order(order_id=order_id, tenders=(card,)))
    case_id = ask(around.ports, order_id, an_ask(), BUDI).case_id
    say(around.ports, case_id, Approve(), SELLER)
    report = Report(event_id=f"e{number}", part="1", told=Told.SUCCEEDED, amount=AMOUNT, at=around.clock())
    part_event(around.ports, case_id, PartTold(report=report), SYSTEM)
    return case_id


def moved(around: Neighbourhood, number: int, kind: str, key: str = "") -> str:
    return f"O-{number},t-{number},{key},{kind},{AMOUNT}.00,{around.clock():%Y-%m-%d %H:%M:%S}\n"


def whole(around: Neighbourhood, number: int) -> str:
    """The lines that a payment and its refund have in a file."""
    case_id = refunded(around, number)
    return moved(around, number, "Payment") + moved(around, number, "Refund", f"rf_{case_id}-1-1")


def begun(around: Neighbourhood, settled: str | bytes | None) -> Job:
    job, _ = reconciliations.begin(
        around.ports,
        FINANCE,
        "midtrans",
        "november.csv",
        since=around.clock() - timedelta(days=30),
        until=around.clock() + timedelta(days=60),
        zone="UTC",
    )
    if settled is not None:
        shelf(around).lying[job.file] = settled.encode() if isinstance(settled, str) else settled
    return job


def as_it_is(around: Neighbourhood, job: Job) -> Job:
    return reconciliations.reconciliation(around.ports, OPERATOR, job.job_id)


def found_in(job: Job) -> dict[str, int]:
    return {each.finding.value: each.count for each in job.sums}


def report_of(around: Neighbourhood, job: Job) -> list[dict[str, str]]:
    assert job.report
    return list(csv.DictReader(io.StringIO(shelf(around).lying[job.report].decode())))


# --- what comes of it


def test_a_file_is_held_against_what_batal_expects(around: Neighbourhood) -> None:
    settled = HEADER + whole(around, 1)
    refunded(around, 2)
    settled += moved(around, 2, "Payment") + moved(around, 77, "Payment")
    refunded(around, 3, provider="xendit")
    job = begun(around, settled)
    assert (go_on(around.ports).ended, go_on(around.ports).seen) == (1, 0)
    done = as_it_is(around, job)
    assert (done.state, done.problem, done.done, done.total) == (JobState.DONE, None, 5, 5)
    assert found_in(done) == {"matched": 3, "missing": 1, "unknown": 1}
    rows = report_of(around, done)
    assert sorted(row["finding"] for row in rows) == ["matched"] * 3 + ["missing", "unknown"]
    assert [row[0] for row in reconciliations.first_findings(around.ports, done)] == ["unknown", "missing"]
    assert "findings-" in (jobs.result_url(around.ports, done) or "")


def test_nothing_in_the_report_is_a_formula(around: Neighbourhood) -> None:
    line = f"=1+1,=cmd|' /C calc'!A0,,Payment,5000.00,{around.clock():%Y-%m-%d %H:%M:%S}\n"
    job = begun(around, HEADER + line)
    go_on(around.ports)
    (row,) = report_of(around, as_it_is(around, job))
    assert row["finding"] == "unknown"
    assert row["reference"].startswith("'=")


def test_a_packed_file_is_read_as_a_plain_one(around: Neighbourhood) -> None:
    job = begun(around, gzip.compress((HEADER + whole(around, 1)).encode()))
    go_on(around.ports)
    assert found_in(as_it_is(around, job)) == {"matched": 2}


def test_refunds_that_changed_long_before_the_period_are_not_read_and_open_ones_are(around: Neighbourhood) -> None:
    refunded(around, 1)
    order = an_order(order_id="O-2", tenders=(Tender(method=Method.CARD, amount=AMOUNT, provider="midtrans"),))
    around.push(order)
    open_case = ask(around.ports, "O-2", an_ask(), BUDI).case_id
    say(around.ports, open_case, Approve(), SELLER)
    around.clock.advance(200 * 86_400)
    job = begun(around, HEADER)
    go_on(around.ports)
    done = as_it_is(around, job)
    assert {row["expected_id"] for row in report_of(around, done)} == {"O-2:card", f"rf_{open_case}:card"}


# --- waiting


def test_a_job_waits_for_its_file_and_ends_where_none_comes(around: Neighbourhood) -> None:
    job = begun(around, None)
    for _ in range(3):
        assert go_on(around.ports).seen == 0
        assert as_it_is(around, job).state is JobState.WAITING
    around.clock.advance(2 * 3600)
    go_on(around.ports)
    ended = as_it_is(around, job)
    assert (ended.state, ended.problem) == (JobState.FAILED, "not_uploaded")
    assert list(around.ports.store.open_jobs()) == []


# --- going on


def test_collecting_goes_on_from_the_last_piece(around: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation_rounds, "_A_PIECE", 1)
    monkeypatch.setattr(reconciliation_rounds, "LONGEST_PAGE", 1)
    settled = HEADER + "".join(whole(around, number) for number in range(4))
    job = begun(around, settled)
    left = iter([700.0] * 11 + [5.0] * 50)
    assert go_on(around.ports, lambda: next(left)) == rounds.Rounds(seen=1, ended=0)
    between = as_it_is(around, job)
    assert between.state is JobState.COLLECTING
    assert between.lease_until is None
    assert 0 < between.done < 4
    read: list[str] = []
    order = around.store.order

    def noted(order_id: str) -> Any:
        read.append(order_id)
        return order(order_id)

    monkeypatch.setattr(around.store, "order", noted)
    go_on(around.ports)
    assert found_in(as_it_is(around, job)) == {"matched": 8}
    assert len(read) == 4 - between.done


def test_a_service_that_is_away_is_waited_for_as_long_as_it_takes(
    around: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(around, HEADER + whole(around, 1))

    def away(*_: Any) -> None:
        raise Unavailable("s3")

    with monkeypatch.context() as outage:
        outage.setattr(around.ports.files, "fetch", away)
        for _ in range(10):
            go_on(around.ports)
            assert not as_it_is(around, job).state.ended
    go_on(around.ports)
    assert found_in(as_it_is(around, job)) == {"matched": 2}


class Died(BaseException):
    """The function is gone, in the middle of things."""


def dies(*_: Any, **__: Any) -> None:
    raise Died


def test_a_function_that_dies_while_it_compares_is_followed_by_another_once_its_lease_is_over(
    around: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(around, HEADER + whole(around, 1))
    with monkeypatch.context() as death:
        death.setattr(reconciliation_rounds, "reconcile", dies)
        with pytest.raises(Died):
            go_on(around.ports)
    assert as_it_is(around, job).state is JobState.COMPARING
    assert go_on(around.ports).seen == 0, "its lease runs"
    around.clock.advance(17 * 60)
    assert go_on(around.ports).ended == 1
    assert found_in(as_it_is(around, job)) == {"matched": 2}


def test_one_that_kills_its_function_again_and_again_is_given_up(
    around: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(around, HEADER + whole(around, 1))
    monkeypatch.setattr(reconciliation_rounds, "reconcile", dies)
    for _ in range(3):
        with pytest.raises(Died):
            go_on(around.ports)
        around.clock.advance(17 * 60)
    go_on(around.ports)
    assert as_it_is(around, job).problem == "gave_up"


def test_who_was_thought_dead_and_comes_back_writes_no_second_end(
    around: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(around, HEADER + whole(around, 1))
    real = reconcile

    def slow(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(reconciliation_rounds, "reconcile", real)
        around.clock.advance(17 * 60)
        assert go_on(around.ports).ended == 1
        return real(*given, **more)

    monkeypatch.setattr(reconciliation_rounds, "reconcile", slow)
    assert go_on(around.ports).ended == 0
    done = as_it_is(around, job)
    assert done.state is JobState.DONE
    assert done.report in shelf(around).lying
    assert len(report_of(around, done)) == 2


def test_a_fault_of_ours_keeps_no_other_job_waiting(around: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole_one = begun(around, HEADER), begun(around, HEADER)
    real = reconciliation_rounds._lines_in
    calls: list[int] = []

    def fails_first(raw: Any) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("ours")
        return real(raw)

    monkeypatch.setattr(reconciliation_rounds, "_lines_in", fails_first)
    assert go_on(around.ports) == rounds.Rounds(seen=2, ended=1)
    assert sorted(as_it_is(around, job).state for job in (broken, whole_one)) == ["comparing", "done"]
    go_on(around.ports)
    assert {as_it_is(around, job).state for job in (broken, whole_one)} == {JobState.DONE}


# --- what cannot be used


@pytest.mark.parametrize(
    ("settled", "problem"),
    [
        (b"a,b\n1,2\n", "no_header"),
        (b"", "empty_file"),
        (HEADER.encode("utf-16-le"), "not_text"),
        (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", "not_text"),
        (HEADER.replace("Refund Key", "Amount").encode(), "column_twice"),
        (gzip.compress(b"x" * 5000, mtime=0)[:-9], "unreadable_file"),
        (b"\x1f\x8bnot gzip at all", "unreadable_file"),
        (gzip.compress(b"x" * 3_000_000, mtime=0), "too_large"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(around: Neighbourhood, settled: bytes, problem: str) -> None:
    job = begun(around, settled)
    go_on(around.ports)
    ended = as_it_is(around, job)
    assert (ended.state, ended.problem) == (JobState.FAILED, problem)
    assert list(around.ports.store.open_jobs()) == []


def test_more_lines_than_can_be_compared_are_refused_before_they_are(
    around: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation_rounds, "MOST_LINES", 3)
    job = begun(around, HEADER + moved(around, 1, "Payment") * 3)
    go_on(around.ports)
    assert as_it_is(around, job).problem == "too_many_lines"


def test_a_comparison_whose_time_runs_out_says_so(around: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation_rounds, "_EVERY", 1)
    job = begun(around, HEADER + whole(around, 1))
    work = replace(job, state=JobState.COMPARING, rev=2)
    assert around.ports.store.put_job(work)
    left = iter([900.0, 900.0, *[5.0] * 9])
    go_on(around.ports, lambda: next(left))
    assert as_it_is(around, job).problem == "took_too_long"


# --- who may, and what may be said


def test_only_operators_and_finance_ask_for_one_and_a_job_is_its_beginners(around: Neighbourhood) -> None:
    for actor in (BUDI, SELLER, SUPPORT, SYSTEM):
        with pytest.raises(Forbidden):
            reconciliations.begin(around.ports, actor, "midtrans", "x.csv")
        with pytest.raises(Forbidden):
            reconciliations.reconciliations(around.ports, actor, 20)
    job = begun(around, None)
    assert jobs.job_for(around.ports, FINANCE, job.job_id) == job
    assert jobs.job_for(around.ports, OPERATOR, job.job_id) == job
    with pytest.raises(NotFound):
        jobs.job_for(around.ports, replace(FINANCE, id="budi"), job.job_id)
    assert [each.job_id for each in reconciliations.reconciliations(around.ports, OPERATOR, 20).items] == [job.job_id]


def test_what_cannot_be_meant_begins_nothing(around: Neighbourhood) -> None:
    now = around.clock()
    for said, code in (
        ({"zone": "Mars/Olympus"}, "unknown_zone"),
        ({"since": now, "until": now}, "validation_failed"),
        ({"since": now + timedelta(days=1)}, "validation_failed"),
    ):
        with pytest.raises(Invalid, match=code):
            reconciliations.begin(around.ports, FINANCE, "midtrans", "x.csv", **said)
    assert list(around.ports.store.open_jobs()) == []


def test_no_more_than_so_many_are_open_at_once(around: Neighbourhood) -> None:
    for number in range(jobs.MOST_OPEN):
        around.clock.advance(number)
        reconciliations.begin(around.ports, FINANCE, "midtrans", "x.csv")
    with pytest.raises(Refused, match="too_many_jobs"):
        reconciliations.begin(around.ports, FINANCE, "midtrans", "x.csv")


def test_an_order_of_several_refunds_and_a_refund_that_is_listed_twice_are_expected_once(
    around: Neighbourhood,
) -> None:
    settled = HEADER + whole(around, 1)
    job = begun(around, settled)
    lying = shelf(around).lying
    go_on(around.ports, lambda: 100.0)
    between = as_it_is(around, job)
    assert between.state is JobState.COMPARING
    content = lying[between.piece(0)]
    lying[between.piece(0)] = content + content
    assert sorted(json.loads(line)["kind"] for line in content.splitlines()) == ["payment", "refund"]
    go_on(around.ports)
    assert found_in(as_it_is(around, job)) == {"matched": 2}
