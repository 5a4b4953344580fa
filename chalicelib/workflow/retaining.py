"""What has outlived its time goes: a walk through all orders that begins once a day, in rounds, each bounded.

An order's time is counted from when anybody last did anything about it (domain/people/retention.py). What goes then,
goes as it does when a person is erased (erasing.py), order by order; there is no other way. What repeats words in other
places lives shorter than they do: kept answers, files of jobs, attempts of webhooks.
"""

from collections import Counter
from datetime import datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.jobs import JobKind, JobState, Retention
from chalicelib.domain.orders.order import Order
from chalicelib.domain.people.erasing import at_an_end
from chalicelib.domain.people.mail_stops import stop_id
from chalicelib.domain.people.retention import Times, last_heard_of, told_at
from chalicelib.domain.ports import LONGEST_PAGE, Ports, every
from chalicelib.workflow.decisions import CLOCK
from chalicelib.workflow.erasing import erase_order
from chalicelib.workflow.rounds import RESERVE, SecondsLeft, Work

# How many pages of orders a round looks at, so that other jobs come to their turn: some three million orders a day.
PAGES = 20


def begin_daily(ports: Ports, times: Times) -> Retention | None:
    """Begin a walk, unless one began today (UTC) or still goes on."""
    now = ports.now()
    # One id a day: two that come at once begin the same.
    job_id = f"{now:%Y%m%d}T000000-retention"
    if ports.store.job(job_id) or ports.store.open_jobs(JobKind.RETENTION):
        return None
    words, accounts = times.before(now)
    job = Retention(
        job_id=job_id,
        by=CLOCK,
        began_at=now,
        upload_by=now,
        state=JobState.WORKING,
        words_before=words,
        accounts_before=accounts,
        dry_run=times.dry_run,
        updated_at=now,
    )
    ports.store.begin_job(job)
    return job


def work_on(work: Work[Retention], seconds_left: SecondsLeft) -> None:
    """Go on with a walk by PAGES, or as far as the time reaches."""
    ports = work.ports
    for _ in range(PAGES):
        page = ports.store.all_orders(limit=LONGEST_PAGE, cursor=work.job.cursor)
        waits, would = 0, Counter[str]()
        for listed in page.items:
            if seconds_left() <= RESERVE:
                # This page is read again: what of it is erased is passed over, and is counted already.
                return
            # Most orders are younger, and cost nothing more.
            if told_at(listed) < work.job.words_before:
                waits += not _order(work, listed.order_id, would)
        ended = page.next_cursor is None
        work.save(
            cursor=page.next_cursor,
            done=work.job.done + len(page.items),
            waits_for=work.job.waits_for + waits,
            erased=_added(work.job, would),
            tries=0,
            **({"state": JobState.DONE, "ended_at": ports.now(), "lease_until": None} if ended else {}),
        )
        if ended:
            return


def _added(job: Retention, counted: Counter[str]) -> dict[str, int]:
    return dict(Counter(job.erased) + counted)


def _order(work: Work[Retention], order_id: str, would: Counter[str]) -> bool:
    """See to an order that may have outlived its time; False where it has, and still goes on."""
    ports, job = work.ports, work.job
    order = ports.store.order(order_id)
    if order is None:
        return True
    cases = [case for case in map(ports.store.case, order.cases) if case]
    heard = last_heard_of(order, cases, ports.store.messages(order_id))
    if heard >= job.words_before:
        return True
    files = [file for case in cases for file in ports.store.evidence(case.case_id)]
    if not at_an_end(order, cases, files, ports.now()):
        return False
    if job.dry_run:
        if not order.body.buyer.is_erased:
            would.update(orders=1, cases=len(cases))
        return True
    return _erase(work, order, cases, heard)


def _erase(work: Work[Retention], order: Order, cases: list[Case], heard: datetime) -> bool:
    counted = Counter[str]()
    try:
        _lift_stop(work.ports, order)
        return erase_order(work.ports, order, cases, counted, accounts=heard < work.job.accounts_before)
    finally:
        # Also where it breaks off: what has gone is gone, and is not met again.
        if +counted:
            work.save(erased=_added(work.job, counted))


def _lift_stop(ports: Ports, order: Order) -> None:
    """The stop of an address is somebody's, too: it goes with the last of their orders."""
    buyer = order.body.buyer
    if buyer.email is None:
        return
    theirs = every(lambda cursor: ports.store.orders(buyer_id=buyer.id, limit=LONGEST_PAGE, cursor=cursor))
    if all(other.order_id == order.order_id or other.body.buyer.is_erased for other in theirs):
        ports.store.lift_mail_stop(stop_id(buyer.email))
