"""Moving out: everything of a house written down, line by line, in a form that another house of ours takes in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.log import Position
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.errors import Forbidden, Invalid
from chalicelib.domain.jobs import Export, Exported, JobState
from chalicelib.domain.money.ledger import LedgerEntry
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.ports import LEAST_PART, LONGEST_PAGE, Event, Ports
from chalicelib.domain.simulation.past import PastCase
from chalicelib.workflow.feed import events_of
from chalicelib.workflow.jobs import check_period, new_id
from chalicelib.workflow.past_cases import pasts_of
from chalicelib.workflow.policies import current_version, versions
from chalicelib.workflow.results import grown, whole
from chalicelib.workflow.rounds import RESERVE, SecondsLeft, Work

EXPORTERS = frozenset({Role.OPERATOR})
# There was no ledger before.
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
# The currency of a ledger where nobody says one.
_CURRENCY = "IDR"
_EVENTS_AT_ONCE = 200
# Of one profile, as many versions are told along with the requests that lived by them.
_MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """How each thing is written down, as JSON values. `file` gives the whole file of a case to whoever asked for it."""

    order: Callable[[Order], Any]
    case: Callable[[Case, Sequence[Entry]], Any]
    file: Callable[[Ports, str, Actor], Any]
    entry: Callable[[LedgerEntry], Any]
    event: Callable[[Event], Any]
    past: Callable[[PastCase], Any]
    policy: Callable[[Policy], Any]


def begin(
    ports: Ports,
    actor: Actor,
    of: Exported,
    since: datetime | None = None,
    until: datetime | None = None,
    currency: str | None = None,
) -> Export:
    """A new export. It is worked on within a minute or two. Raises Forbidden, Invalid `validation_failed` where the
    period is empty or a currency is said of what has none, Refused `too_many_jobs`."""
    if actor.role not in EXPORTERS:
        raise Forbidden(actor.role, "export")
    if since and until:
        check_period(since, until)
    if currency is not None and of is not Exported.LEDGER:
        raise Invalid("validation_failed", errors=[{"field": "currency", "message": "only the ledger has one"}])
    now = ports.now()
    job = Export(
        job_id=new_id(ports, now),
        by=actor.plain,
        began_at=now,
        upload_by=now,
        state=JobState.WORKING,
        of=of,
        since=since,
        until=until,
        currency=currency,
        updated_at=now,
    )
    ports.store.begin_job(job)
    return job


def worker(forms: Forms) -> Callable[[Work[Export], SecondsLeft], None]:
    """What goes on with exports, for rounds."""
    return lambda work, seconds_left: _write_out(work, seconds_left, forms)


# What was written, and where to go on: None at the end.
_Some = tuple[list[Any], str | None]


def _write_out(work: Work[Export], seconds_left: SecondsLeft, forms: Forms) -> None:
    ports, job, more = work.ports, work.job, work.job.phase == 0
    while more:
        cursor, lines, count = work.job.cursor, bytearray(), 0
        # A part of the result at a time, or what the time was enough for.
        while more and len(lines) < LEAST_PART and seconds_left() > RESERVE:
            found, cursor = _next(ports, job, cursor, forms)
            for each in found:
                lines += msgspec.json.encode(each) + b"\n"
            count, more = count + len(found), cursor is not None
        grows = grown(ports, work.job, bytes(lines))
        # That all is written must be kept: without a cursor it would begin anew.
        work.save(cursor=cursor, phase=0 if more else 1, done=work.job.done + count, tries=0, **grows)
        if more and seconds_left() <= RESERVE:
            return
    work.save(
        state=JobState.DONE,
        total=work.job.done,
        report=whole(ports, work.job),
        ended_at=ports.now(),
        lease_until=None,
    )


def _next(ports: Ports, job: Export, cursor: str | None, forms: Forms) -> _Some:
    match job.of:
        case Exported.LEDGER:
            page = ports.store.ledger(
                job.currency or _CURRENCY,
                job.since or _BEGINNING,
                job.until or job.began_at,
                limit=LONGEST_PAGE,
                cursor=cursor,
            )
            return [forms.entry(each) for each in page.items], page.next_cursor
        case Exported.EVENTS:
            return _events(ports, job, cursor, forms)
        case _:
            orders = ports.store.all_orders(limit=LONGEST_PAGE, cursor=cursor)
            found = [each for order in orders.items for each in _of_order(ports, job, order, forms)]
            if job.of is Exported.PAST and cursor is None:
                found = [*_policies(ports, forms), *found]
            return found, orders.next_cursor


def _policies(ports: Ports, forms: Forms) -> Iterator[Any]:
    """What requests lived by, without which nobody could say whether a simulation is right about them."""
    for name in ports.policies.names():
        told = versions(ports, current_version(ports, name), _MOST_VERSIONS)
        yield from (forms.policy(replace(each, published=None)) for each in told)


def _of_order(ports: Ports, job: Export, order: Order, forms: Forms) -> Iterator[Any]:
    """An order, or its cases from the oldest on: so each is found, and those of an order stay in their order."""
    if job.of is Exported.ORDERS:
        if _within(job, order.body.placed_at):
            yield forms.order(order)
        return
    if job.of is Exported.PAST:
        yield from (forms.past(past) for case, past in pasts_of(ports, order) if past and _within(job, case.updated_at))
        return
    for case_id in order.cases:
        case = ports.store.case(case_id)
        if case is None or not _within(job, case.updated_at):
            continue
        yield (
            forms.file(ports, case_id, job.by)
            if job.of is Exported.FILES
            else forms.case(case, ports.store.timeline(case_id))
        )


def _events(ports: Ports, job: Export, cursor: str | None, forms: Forms) -> _Some:
    after = msgspec.json.decode(cursor, type=Position) if cursor else None
    page = ports.store.log(after, horizon=ports.horizon, limit=_EVENTS_AT_ONCE)
    told = [event for item in page.items if _within(job, item.at) for _, event in events_of(item)]
    goes_on = msgspec.json.encode(page.upto).decode() if page.more else None
    return [forms.event(each) for each in told], goes_on


def _within(job: Export, at: datetime) -> bool:
    return (job.since is None or job.since <= at) and (job.until is None or at < job.until)
