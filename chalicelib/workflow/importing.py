"""Moving in: orders, open cases and history of another house, row by row, from a file that may be long.

A row is put where nothing is yet under its id, and nobody is told: whatever is there stays as it is. So a file may be
taken in again, as a whole or from where a crash left it, and changes nothing that is there.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

from chalicelib.domain.cases.arrivals import Arriving, CaseKept, kept_case
from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.cases.steps.late_parcels import is_late
from chalicelib.domain.cases.told_cases import CaseTold, told_case
from chalicelib.domain.errors import BatalError, Conflict, Forbidden, Invalid, Refused, Unavailable
from chalicelib.domain.jobs import Import, Imported, JobState
from chalicelib.domain.money.books import books_of, wants_second_person
from chalicelib.domain.money.chargebacks import is_disputed
from chalicelib.domain.money.recording import told_anew, with_books
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import with_body
from chalicelib.domain.orders.sums import check_body
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Ports, Upload
from chalicelib.workflow import counting
from chalicelib.workflow.asking import context_of
from chalicelib.workflow.committing import ATTEMPTS, wake
from chalicelib.workflow.jobs import NDJSON, new_id
from chalicelib.workflow.orders import fill_of
from chalicelib.workflow.results import grown, whole
from chalicelib.workflow.rounds import RESERVE, SecondsLeft, Work

log = logging.getLogger(__name__)

IMPORTERS = frozenset({Role.SYSTEM, Role.OPERATOR})
# Of a file that is posted, in bytes: some millions of orders.
MOST_BYTES = 5 * 1024**3
# Bytes of the file that are in memory at once; a line is no longer. Progress is saved as often.
_BIT = 1024 * 1024


class Fate(StrEnum):
    """What became of a row, or would."""

    NEW = "new"
    KNOWN = "known"  # something lies under its id already, perhaps by this very job before it broke off
    REFUSED = "refused"


Row = OrderBody | Order | CaseTold | CaseKept
# Reads one line. Raises Invalid.
ReadsRow = Callable[[Imported, bytes], Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of one row, by its number in the file."""

    row: int
    id: str | None
    fate: Fate
    code: str | None = None
    details: Mapping[str, Any] | None = None


def begin(
    ports: Ports, actor: Actor, of: Imported, *, dry_run: bool, rows: bytes | None = None
) -> tuple[Import, Upload | None]:
    """A new import, and how its file is posted; of a few `rows` it is laid at once. It is worked on within a minute or
    two of that. Raises Forbidden, Refused `too_many_jobs`."""
    if actor.role not in IMPORTERS:
        raise Forbidden(actor.role, "import")
    now = ports.now()
    job = Import(
        job_id=new_id(ports, now), by=actor.plain, began_at=now, upload_by=now, of=of, dry_run=dry_run, updated_at=now
    )
    if rows is not None:
        ports.files.seal(job.file, NDJSON, rows)
        ports.store.begin_job(job)
        return job, None
    upload = ports.files.upload(job.file, NDJSON, MOST_BYTES, now)
    job = replace(job, upload_by=upload.expires_at)
    ports.store.begin_job(job)
    return job, upload


def worker(reads: ReadsRow) -> Callable[[Work[Import], SecondsLeft], None]:
    """What goes on with imports, for rounds."""
    return lambda work, seconds_left: _take_in(work, seconds_left, reads)


def _take_in(work: Work[Import], seconds_left: SecondsLeft, reads: ReadsRow) -> None:
    ports = work.ports
    size = ports.files.present(work.job.file).get(work.job.file)
    if size is None:
        raise Invalid("not_uploaded")
    if work.job.total is None:
        work.save(total=_lines_in(ports, work.job.file, size))
    while work.job.offset < size:
        bit = ports.files.read_range(work.job.file, work.job.offset, _BIT) or b""
        ends = work.job.offset + len(bit) >= size
        lines = bit.splitlines(keepends=True) if ends else bit[: bit.rfind(b"\n") + 1].splitlines(keepends=True)
        if not lines:
            raise Invalid("line_too_long", row=work.job.done + 1, at_most=_BIT)
        answers, used, done = list[Answer](), 0, work.job.done
        for line in lines:
            if seconds_left() <= RESERVE:
                break
            used, done = used + len(line), done + 1
            if line.strip():
                answers.append(_answer(ports, work.job, done, line.lstrip(b"\xef\xbb\xbf"), reads))
        if not used:
            return
        refused = sum(answer.fate is Fate.REFUSED for answer in answers)
        work.save(
            offset=work.job.offset + used,
            done=done,
            failed=work.job.failed + refused,
            tries=0,
            **grown(ports, work.job, b"".join(map(_line_of, answers))),
        )
    if work.job.of is not Imported.ORDERS and not work.job.dry_run:
        # The log says nothing of what moved in, so figures learn of it by looking at all there is.
        counting.walk_again(ports)
    work.save(state=JobState.DONE, report=whole(ports, work.job), ended_at=ports.now(), lease_until=None)


def _lines_in(ports: Ports, key: str, size: int) -> int:
    lines, at, ends_with = 0, 0, b"\n"
    while at < size and (bit := ports.files.read_range(key, at, 8 * _BIT)):
        lines, at, ends_with = lines + bit.count(b"\n"), at + len(bit), bit[-1:]
    return lines + (ends_with != b"\n")


def _line_of(answer: Answer) -> bytes:
    said = {name: value for name, value in msgspec.to_builtins(answer).items() if value is not None}
    return msgspec.json.encode(said) + b"\n"


def _answer(ports: Ports, job: Import, number: int, line: bytes, reads: ReadsRow) -> Answer:
    named: str | None = None
    try:
        row = reads(job.of, line)
        named = row.order_id if isinstance(row, (OrderBody, Order)) else row.case_id
        return Answer(row=number, id=named, fate=_fate(ports, job, row))
    except Unavailable:
        raise
    except BatalError as refused:
        return Answer(row=number, id=named, fate=Fate.REFUSED, code=refused.code, details=refused.details)
    except Exception as error:
        # A row that nobody thought of stops no other.
        log.exception(
            "a row could not be taken in", extra={"job": job.job_id, "row": number, "why": type(error).__name__}
        )
        return Answer(row=number, id=named, fate=Fate.REFUSED, code="internal_error")


def _fate(ports: Ports, job: Import, row: Row) -> Fate:
    for _ in range(ATTEMPTS):
        change = _order(ports, job, row) if isinstance(row, (OrderBody, Order)) else _case(ports, job, row)
        if change is None:
            return Fate.KNOWN
        if job.dry_run:
            return Fate.NEW
        try:
            ports.store.commit(change)
        except Conflict:
            continue
        if change.case:
            wake(ports, change.case)
        return Fate.NEW
    raise Conflict("import")


# --- orders


def _order(ports: Ports, job: Import, row: OrderBody | Order) -> Change | None:
    """None where there is an order of this id."""
    body = row.body if isinstance(row, Order) else row
    if ports.store.order(row.order_id) is not None:
        return None
    if not ports.policies.knows(body.platform):
        raise Invalid("unknown_platform", platform=body.platform, known=list(ports.policies.names()))
    if isinstance(row, OrderBody):
        check_body(row)
        told = with_body(None, row, ports.now())
        if told is None:
            raise AssertionError("a new order is news")
        return Change(push=Push(before=None, after=told_anew(None, told, fill_of(ports, told))))
    kept = with_books(row, fill_of(ports, row)) if row.left is not None else row
    # The slot is for its open case to take, once that is there.
    kept = replace(kept, open_case=None, rev=1)
    if not job.dry_run:
        _list_what_waits(ports, kept)
    return Change(push=Push(before=None, after=kept, whole=True))


def _list_what_waits(ports: Ports, order: Order) -> None:
    """Listed first: what waits for people is never missing from their queues."""
    if is_disputed(order):
        days = [each.due_by for each in books_of(order).chargebacks if each.is_undecided and each.due_by]
        ports.store.list_chargeback(order.order_id, min(days, default=None))
    if wants_second_person(order):
        ports.store.list_second_person(order.order_id, ports.now())


# --- cases


def _case(ports: Ports, job: Import, row: CaseTold | CaseKept) -> Change | None:
    """None where there is a case of this id. Raises Refused `order_unknown_yet`, `case_taken` where it is another
    order's, and what arrivals.py and told_cases.py do."""
    known = ports.store.case(row.case_id)
    if known is not None:
        if known.order_id != row.order_id:
            raise Refused("case_taken", case_id=row.case_id)
        return None
    order = ports.store.order(row.order_id)
    if order is None:
        raise Refused("order_unknown_yet", order_id=row.order_id)
    now = ports.now()
    arriving = Arriving(now=now, decision_id=f"import-{job.job_id}", salt=ports.new_salt())
    if isinstance(row, CaseTold):
        _check_kind(job.of, open_case=row.outcome is None)
        return told_case(row, order, context_of(ports, order), arriving)
    # The version that it lives by must be here.
    ports.policies.version(row.case.policy.name, row.case.policy.version)
    if is_late(row.case) and not job.dry_run:
        ports.store.list_late_parcel(row.case_id, now)
    return kept_case(row, order, context_of(ports, order), arriving)


def _check_kind(of: Imported, *, open_case: bool) -> None:
    if open_case is not (of is Imported.CASES):
        message = "a case that ended is history" if of is Imported.CASES else "an open case is none of history"
        raise Invalid("validation_failed", errors=[{"field": "outcome", "message": message}])
