"""A settlement file held against an export, both read line by line: `reconcile` takes any two iterables of text, such
as open files, a body from S3 or lists, and hands each finding to a sink as it is found. Neither side needs to fit into
memory, nor be in any order.
"""

import gzip
import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from chalicelib.domain.reconciliation.files import rows_of
from chalicelib.domain.reconciliation.findings import (
    Finding,
    FindingKind,
    Period,
    Tally,
    of_line,
    of_unread,
    of_unreadable,
)
from chalicelib.domain.reconciliation.judging import judge
from chalicelib.domain.reconciliation.layouts import Layout
from chalicelib.domain.reconciliation.settled import AmountUnread, SettledLine
from chalicelib.locales.formats import digits_of
from chalicelib.workflow.both_sides import (
    groups,
    join_what_shares_a_name,
    keep_expected,
    keep_settled,
    leave_out_what_stands_twice,
    opened,
)

Sink = Callable[[Finding], None]

_GZIP = b"\x1f\x8b"
# The mark of byte order of text that has two bytes for each sign, as Excel's "Unicode text" has.
_TWO_BYTES = (b"\xff\xfe", b"\xfe\xff")

# Of one group, so that a file in which every line names the same fills no memory.
_MOST_LINES = 10_000


def plain(raw: BinaryIO) -> BinaryIO:
    """What a buffered file holds, whether it is packed (gzip) or not."""
    ahead = cast("io.BufferedReader", raw)
    return cast("BinaryIO", gzip.GzipFile(fileobj=ahead)) if ahead.peek(2)[:2] == _GZIP else raw


def text_of(raw: BinaryIO) -> TextIO:
    """The same as text: UTF-8, or UTF-16 where its mark says so. What is no UTF-8 is said of its row."""
    unpacked = plain(raw)
    if cast("io.BufferedReader", unpacked).peek(2)[:2] in _TWO_BYTES:
        return io.TextIOWrapper(unpacked, encoding="utf-16", errors="replace", newline="")
    return io.TextIOWrapper(unpacked, encoding="utf-8-sig", errors="surrogateescape", newline="")


def reconcile(
    expected: Iterable[str],
    settled: Iterable[str],
    layouts: Sequence[Layout],
    sink: Sink,
    *,
    until: datetime,
    since: datetime | None = None,
    zone: str | None = None,
    folder: Path | None = None,
) -> Tally:
    """Hand the sink every finding, and give what they come to. What lies outside `since` (the first moment) and
    `until` (the first that counts no more) is set aside. `zone` is that of moments which name none, where it is
    another than the layout's; `folder` is where the temporary file lies.

    Raises Invalid, after which what the sink was handed counts for nothing: `no_header` where no layout fits the file,
    with the columns that one would need; `empty_file`, `not_text`, `no_json_lines`, `column_twice`; `unknown_zone`;
    `nothing_expected` where the export has lines and none can be read."""
    rows = rows_of(settled, layouts, zone, digits_of)
    period = Period(since=since, until=until)
    tally = Tally()

    def found(finding: Finding) -> None:
        tally.add(finding)
        sink(finding)

    with tempfile.TemporaryDirectory(dir=folder, prefix="reconcile-") as place, opened(Path(place)) as base:
        for row in chain(keep_expected(base, expected, layouts), leave_out_what_stands_twice(base)):
            found(of_unreadable(row))
        join_what_shares_a_name(base)
        for finding in keep_settled(base, rows, period):
            found(finding)
        for lines, each in groups(base):
            for finding in judge(list(islice(lines, _MOST_LINES)), each, period):
                found(finding)
            for line in lines:
                found(_beyond(line))
    return tally


def _beyond(line: SettledLine | AmountUnread) -> Finding:
    """One more line of a group that has too many."""
    if isinstance(line, AmountUnread):
        return of_unread(line)
    return of_line(line, FindingKind.DOUBLED, f"more than {_MOST_LINES} lines name the same")
