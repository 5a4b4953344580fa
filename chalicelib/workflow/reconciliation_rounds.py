"""Working on a reconciliation, in rounds (rounds.py): what is expected is written down piece by piece, then the file is
held against it in one go. Where the function dies, a later one goes on from the last piece, or compares anew from the
beginning.
"""

import csv
import gzip
import json
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from chalicelib.domain.cases.case import State
from chalicelib.domain.errors import Invalid
from chalicelib.domain.jobs import JobState
from chalicelib.domain.ports import ANY_REFUND, LONGEST_PAGE, OPEN_REFUND, Filter, Ports
from chalicelib.domain.reconciliation.expecting import Line
from chalicelib.domain.reconciliation.findings import NEEDS_NOBODY, Finding, Tally
from chalicelib.domain.reconciliation.jobs import Reconciliation, sums_of
from chalicelib.domain.reconciliation.providers import LAYOUTS
from chalicelib.domain.reconciliation.report import COLUMNS, row_of
from chalicelib.locales.harmless import on_one_line
from chalicelib.workflow.expecting import lines_of
from chalicelib.workflow.reconciling import plain, reconcile, text_of
from chalicelib.workflow.rounds import RESERVE, SecondsLeft, Work, lay_lines

# Lines of either side that are compared in the time of one function; docs/reconciliation.md says what was measured.
MOST_LINES = 300_000
# Refunds that moved so long before the period may be settled within it.
_BEFORE = timedelta(days=90)
_A_PIECE = 1_000  # refunds of one piece of what is expected
_TO_COMPARE = 600.0  # seconds that comparing may take
_EVERY = 20_000  # lines between two looks at the clock
_FIRST = 100  # findings that are shown on a page
_LONGEST_LINE, _MOST_PLAIN, _BIT = 1024 * 1024, 2 * 1024**3, 1024 * 1024  # bytes


def work_on(work: Work[Reconciliation], seconds_left: SecondsLeft) -> None:
    """Go on with a reconciliation. Raises Invalid where nothing can come of it, Lost, Unavailable."""
    if work.job.state is JobState.COLLECTING:
        _collect(work, seconds_left)
    if work.job.state is JobState.COMPARING and seconds_left() >= _TO_COMPARE:
        try:
            _compare(work, seconds_left)
        except (gzip.BadGzipFile, EOFError, zlib.error) as wrong:
            raise Invalid("unreadable_file", why=wrong) from wrong


# --- what is expected


def _wanted(job: Reconciliation) -> tuple[Filter, ...]:
    """Every refund that a file of this period may speak of: those that are open, however old, and closed cases that
    changed since some time before it. One may come twice."""
    still_open = [Filter(state=state, refund=ANY_REFUND) for state in State if state is not State.CLOSED]
    came_back = Filter(state=State.CLOSED, refund=OPEN_REFUND)
    return (
        *still_open,
        came_back,
        Filter(state=State.CLOSED, refund=ANY_REFUND, updated_since=job.since - _BEFORE),
    )


def _collect(work: Work[Reconciliation], seconds_left: SecondsLeft) -> None:
    wanted = _wanted(work.job)
    while work.job.phase < len(wanted):
        phase, cursor, lines, read = work.job.phase, work.job.cursor, list[Line](), 0
        while phase < len(wanted) and read < _A_PIECE and seconds_left() > RESERVE:
            page = work.ports.store.cases(wanted[phase], limit=LONGEST_PAGE, cursor=cursor)
            for case in page.items:
                order = work.ports.store.order(case.order_id)
                lines += [line for line in lines_of(case, order) if _concerns(line, work.job)] if order else []
            read += len(page.items)
            cursor, phase = page.next_cursor, phase + (page.next_cursor is None)
        pieces = work.job.pieces
        if lines:
            lay_lines(work.ports, work.job.piece(pieces), "application/x-ndjson", map(json.dumps, lines))
            pieces += 1
        work.save(phase=phase, cursor=cursor, pieces=pieces, done=work.job.done + read, tries=0)
        if seconds_left() <= RESERVE:
            return
    work.save(state=JobState.COMPARING, done=0, tries=1)


def _concerns(line: Line, job: Reconciliation) -> bool:
    provider = line["provider"]
    return provider is not None and (provider == job.provider or LAYOUTS[job.provider][0].any_provider)


# --- the comparison


def _compare(work: Work[Reconciliation], seconds_left: SecondsLeft) -> None:
    ports, job = work.ports, work.job
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        settled, report, first = folder / "settled", folder / "report", list[list[object]]()
        # A copy first: a connection that waits while the other side is read would be closed.
        if not ports.files.fetch(job.file, settled):
            raise Invalid("not_uploaded")
        with settled.open("rb") as raw:
            work.save(total=_lines_in(plain(raw)), done=0)
        with (
            settled.open("rb") as raw,
            text_of(raw) as lines,
            report.open("w", encoding="utf-8", newline="") as out,
        ):
            sheet = csv.writer(out, lineterminator="\r\n")
            sheet.writerow(COLUMNS)

            def sink(finding: Finding) -> None:
                row = row_of(finding)
                sheet.writerow([on_one_line(cell) if isinstance(cell, str) else cell for cell in row])
                if finding.kind not in NEEDS_NOBODY and len(first) < _FIRST:
                    first.append(row)

            tally = _reconciled(work, _told(work, lines, seconds_left), sink, folder)
        name = f"{job.folder}{work.job.rev:06}"
        ports.files.lay(f"{name}-findings.csv", "text/csv", report)
        lay_lines(ports, f"{name}-first.json", "application/json", [json.dumps(first)])
    work.save(
        state=JobState.DONE,
        done=work.job.total,
        sums=sums_of(tally),
        report=f"{name}-findings.csv",
        first=f"{name}-first.json",
        ended_at=ports.now(),
        lease_until=None,
    )


def _reconciled(
    work: Work[Reconciliation], lines: Iterable[str], sink: Callable[[Finding], None], folder: Path
) -> Tally:
    job = work.job
    expected = _expected(work.ports, job, folder / "piece")
    try:
        return reconcile(
            expected, lines, LAYOUTS[job.provider], sink, since=job.since, until=job.until, zone=job.zone, folder=folder
        )
    except sqlite3.Error as error:
        # The disk is full: the next round would find it as full.
        raise Invalid("too_large", why=error) from error


def _expected(ports: Ports, job: Reconciliation, file: Path) -> Iterator[str]:
    """What was written down, each line once: a refund may have come twice while the list was read, and an order of
    several refunds has."""
    seen = set[str]()
    for number in range(job.pieces):
        if not ports.files.fetch(job.piece(number), file):
            raise Invalid("gave_up")
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                its_id = json.loads(line)["id"]
                if its_id not in seen:
                    seen.add(its_id)
                    yield line
        if len(seen) > MOST_LINES:
            raise Invalid("too_many_lines", at_most=MOST_LINES)


def _lines_in(raw: BinaryIO) -> int:
    """How many lines there are. Raises Invalid for more than can be compared, and for what is no text."""
    lines = size = since = 0
    while bit := raw.read(_BIT):
        size, lines = size + len(bit), lines + bit.count(b"\n")
        since = len(bit) - bit.rfind(b"\n") - 1 if b"\n" in bit else since + len(bit)
        if lines > MOST_LINES:
            raise Invalid("too_many_lines", at_most=MOST_LINES)
        if size > _MOST_PLAIN or since > _LONGEST_LINE:
            raise Invalid("too_large", bytes=size)
    return lines + (since > 0)


def _told(work: Work[Reconciliation], lines: Iterable[str], seconds_left: SecondsLeft) -> Iterator[str]:
    """The lines, with a word on how far they are every now and then. Raises Invalid `took_too_long`."""
    for number, line in enumerate(lines, start=1):
        if number % _EVERY == 0:
            if seconds_left() < RESERVE:
                raise Invalid("took_too_long", lines=number)
            work.save(done=number)
        yield line
