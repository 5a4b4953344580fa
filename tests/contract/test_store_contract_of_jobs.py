"""What every Store must keep of jobs: revision by revision, listed the newest first, open until they end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.jobs import Export, Exported, Import, Imported, Job, JobKind, JobState
from chalicelib.domain.ports import JOBS_KEPT, Store
from chalicelib.domain.reconciliation.findings import FindingKind
from chalicelib.domain.reconciliation.jobs import Reconciliation, Sum
from chalicelib.domain.simulation.comparing import ChangedCase, Endings, Estimate, Outlook
from chalicelib.domain.simulation.jobs import Simulation
from chalicelib.domain.simulation.past import Way
from chalicelib.domain.simulation.replay import Basis, WhyChanged
from chalicelib.domain.simulation.suggesting import STEPS, Lever, Target, Tried
from infra.sandbox.builders import FINANCE, NOW, OPERATOR, SYSTEM, a_policy

DAY = timedelta(days=1)


def a_job(number: int = 1, **more: object) -> Reconciliation:
    at = NOW + number * timedelta(minutes=1)
    plain = Reconciliation(
        job_id=f"{at:%Y%m%dT%H%M%S}-{number}",
        by=FINANCE,
        provider="midtrans",
        filename="november.csv",
        since=NOW - 30 * DAY,
        until=NOW,
        zone=None,
        began_at=at,
        upload_by=at,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def test_a_job_is_what_was_kept_of_it(store: Store) -> None:
    job = a_job()
    assert store.job(job.job_id) is None
    store.begin_job(job)
    assert store.job(job.job_id) == job
    total = Sum(finding=FindingKind.MISSING, currency="IDR", count=1, settled=0, expected=-5)
    after = replace(
        job, rev=2, state=JobState.DONE, cursor="c", sums=(total,), details={"why": "x"}, ended_at=NOW, lease_until=NOW
    )
    assert store.put_job(after)
    assert store.job(job.job_id) == after


def test_whoever_writes_second_learns_of_it(store: Store) -> None:
    job = a_job()
    store.begin_job(job)
    assert store.put_job(replace(job, rev=2, done=5))
    assert not store.put_job(replace(job, rev=2, done=7))
    kept = store.job(job.job_id)
    assert kept
    assert kept.done == 5


def test_a_job_is_open_until_it_ends(store: Store) -> None:
    first, second, third = (a_job(number) for number in (1, 2, 3))
    for job in (second, first, third):
        store.begin_job(job)
    assert list(store.open_jobs()) == [first.job_id, second.job_id, third.job_id]
    assert store.put_job(replace(first, rev=2, state=JobState.COLLECTING))
    assert store.put_job(replace(second, rev=2, state=JobState.FAILED))
    assert store.put_job(replace(third, rev=2, state=JobState.DONE))
    assert list(store.open_jobs()) == [first.job_id]
    store.strike_job(second.job_id)
    assert list(store.open_jobs()) == [first.job_id]


def test_jobs_are_listed_the_newest_first_page_by_page(store: Store) -> None:
    for number in range(5):
        store.begin_job(a_job(number))
    seen, cursor = [], None
    while True:
        page = store.jobs(limit=2, cursor=cursor)
        seen += [job.job_id for job in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [a_job(number).job_id for number in range(4, -1, -1)]
    with pytest.raises(Invalid, match="bad_cursor"):
        store.jobs(cursor="nonsense")


def test_what_began_long_ago_is_forgotten_when_another_begins(store: Store) -> None:
    old = a_job(0, job_id="20260101T000000-0", began_at=NOW - JOBS_KEPT - 2 * DAY, state=JobState.DONE)
    store.begin_job(old)
    store.begin_job(a_job(1))
    assert [job.job_id for job in store.jobs().items] == [a_job(1).job_id]
    assert store.job(old.job_id) is None


def an_import(number: int) -> Import:
    at = NOW + number * timedelta(minutes=1)
    return Import(
        job_id=f"{at:%Y%m%dT%H%M%S}-i{number}",
        by=SYSTEM,
        began_at=at,
        upload_by=at,
        of=Imported.ORDERS,
        dry_run=True,
        offset=7,
        upload="u",
        tail="t",
    )


def an_export(number: int) -> Export:
    at = NOW + number * timedelta(minutes=1)
    return Export(job_id=f"{at:%Y%m%dT%H%M%S}-e{number}", by=OPERATOR, began_at=at, upload_by=at, of=Exported.LEDGER)


def a_simulation(number: int) -> Simulation:
    """One that found something of every kind, with as many steps as there are."""
    at = NOW + number * timedelta(minutes=1)
    refunds = {"IDR": Estimate(mean=1.5, below=0.5, above=0.25, spread=2.0)}
    waits = dict.fromkeys(range(242), 1 / 3)
    ends = Endings(ways={way: Estimate(mean=3.0) for way in Way}, refunds=refunds, fees=refunds, waits=waits)
    found = Outlook(
        cases=7,
        bases=dict.fromkeys(Basis, 2),
        before=ends,
        after=ends,
        changed={WhyChanged.SOONER: Estimate(mean=1.0)},
        moves={Way.EXPIRED: {Way.APPROVED: Estimate(mean=1.0)}},
        examples={
            WhyChanged.SOONER: [
                ChangedCase(
                    case_id="c1",
                    order_id="O-1",
                    was=Way.EXPIRED,
                    becomes=Way.APPROVED,
                    chance=0.5,
                    currency="IDR",
                    refund_was=0,
                    refund_becomes=1,
                    fees_was=0,
                    fees_becomes=0,
                )
            ]
        },
        unseen={"offers"},
    )
    return Simulation(
        job_id=f"{at:%Y%m%dT%H%M%S}-s{number}",
        by=OPERATOR,
        began_at=at,
        upload_by=at,
        draft=a_policy(),
        found=found,
        target=Target(lever=Lever.ANSWER_TIME),
        tried=tuple(Tried(hours=hours, after=ends) for hours in STEPS),
    )


def test_every_kind_of_job_is_kept_as_what_it_is(store: Store) -> None:
    jobs: list[Job] = [an_import(1), an_export(2), a_job(3), a_simulation(4)]
    for job in jobs:
        store.begin_job(job)
    assert [store.job(job.job_id) for job in jobs] == jobs
    assert list(store.open_jobs()) == [job.job_id for job in jobs]


def test_jobs_of_all_kinds_are_one_list_the_newest_first_and_each_kind_is_one_of_its_own(store: Store) -> None:
    jobs: list[Job] = [a_job(1), an_export(2), an_import(3), a_job(4), an_import(5)]
    for job in jobs:
        store.begin_job(job)
    seen, cursor = list[Job](), None
    while True:
        page = store.jobs(limit=2, cursor=cursor)
        seen += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert seen == jobs[::-1]
    assert store.jobs(kind=JobKind.IMPORT).items == [jobs[4], jobs[2]]
    assert store.jobs(kind=JobKind.RECONCILIATION).items == [jobs[3], jobs[0]]
