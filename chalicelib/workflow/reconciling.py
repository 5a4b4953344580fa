"""A settlement file held against an export, both read line by line: `reconcile` takes any two iterables of text, such
as open files, a body from S3 or lists, and hands each finding to a sink as it is found.

Neither side needs to fit into memory, nor be in any order. Both go into a temporary SQLite file: Python brings SQLite
along, it finds a line's reference without reading the file again, and it sorts on disk.
"""

import csv
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.reconciliation.expected import Expected, ExpectedState, read_expected
from chalicelib.domain.reconciliation.findings import (
    Aside,
    Finding,
    FindingKind,
    Period,
    Tally,
    of_line,
    of_unreadable,
)
from chalicelib.domain.reconciliation.judging import judge
from chalicelib.domain.reconciliation.layouts import Layout, named
from chalicelib.domain.reconciliation.rows import RowReader, cells_of, reader_for
from chalicelib.domain.reconciliation.settled import SettledKind, SettledLine, Unreadable
from chalicelib.locales.formats import digits_of

Sink = Callable[[Finding], None]

# Exports may have some lines of title before their header.
_TITLES = 20
# A quotation mark that is never closed swallows the rows after it: no cell of a settlement has so many lines.
_LINES_IN_A_ROW = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH = 5000
_CACHE = 8 * 1024  # KiB that SQLite keeps in memory
# Made once: that takes as long as reading a line does.
_DECODER = json.JSONDecoder(parse_float=Decimal)
# Of one group, so that a file in which every line names the same fills no memory.
_MOST_LINES = 10_000
_COMPARED = (SettledKind.REFUND, SettledKind.PAYMENT)

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE expected (n INTEGER PRIMARY KEY, grp INTEGER, id TEXT, kind TEXT, provider TEXT, order_id TEXT,
    names TEXT, amount INTEGER, currency TEXT, state TEXT, due_by INTEGER, number INTEGER);
CREATE TABLE names (key INTEGER, n INTEGER, own INTEGER);
CREATE TABLE lines (number INTEGER, grp INTEGER, kind TEXT, provider TEXT, names TEXT, amount INTEGER, currency TEXT,
    at INTEGER);
"""


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

    Raises Invalid, before anything is found but for the last: `no_header` where no layout fits the file, with the
    columns that one would need; `column_twice`; `unknown_zone`; `nothing_expected` where the export has lines and none
    can be read."""
    rows = rows_of(settled, layouts, zone)
    period = Period(since=since, until=until)
    tally = Tally()

    def found(finding: Finding) -> None:
        tally.add(finding)
        sink(finding)

    with tempfile.TemporaryDirectory(dir=folder, prefix="reconcile-") as place:
        base = sqlite3.connect(str(Path(place) / "sides.db"), isolation_level=None)
        try:
            base.executescript(f"PRAGMA cache_size = -{_CACHE};{_TABLES}BEGIN;")
            for row in _keep_expected(base, expected, layouts):
                found(of_unreadable(row))
            for row in _leave_out_what_stands_twice(base):
                found(of_unreadable(row))
            _join_what_shares_a_name(base)
            for finding in _keep_settled(base, rows, period):
                found(finding)
            for lines, each in _groups(base):
                for finding in judge(list(islice(lines, _MOST_LINES)), each, period):
                    found(finding)
                for line in lines:
                    found(of_line(line, FindingKind.DOUBLED, f"more than {_MOST_LINES} lines name the same"))
        finally:
            base.close()
    return tally


def rows_of(texts: Iterable[str], layouts: Sequence[Layout], zone: str | None) -> Iterator[SettledLine | Unreadable]:
    """Every row of a settlement file, CSV or JSON lines, as a line or as what is wrong with it."""
    lines = iter(texts)
    first = list(islice(lines, _TITLES * 2))
    if first:
        first[0] = first[0].removeprefix("\ufeff")
    whole = chain(first, lines)
    if "".join(first).lstrip().startswith("{"):
        return _rows_of_json(whole, layouts, zone)
    header, layout, separator = _header_in(first, layouts)
    return _rows_of_csv(csv.reader(whole, delimiter=separator), header, _reader(layout, header, zone))


def _rows_of_csv(sheet: Any, header: list[str], reader: RowReader) -> Iterator[SettledLine | Unreadable]:
    headed = False
    while True:
        before = sheet.line_num
        try:
            cells = next(sheet)
        except StopIteration:
            return
        except csv.Error as wrong:
            if headed:
                yield Unreadable(before + 1, f"no row of CSV: {wrong}")
            continue
        if not headed:
            headed = cells == header
        elif sheet.line_num - before > _LINES_IN_A_ROW:
            lines = f"lines {before + 1} to {sheet.line_num}"
            yield Unreadable(before + 1, f"{lines} are one row: a quotation mark is never closed")
        elif any(cell.strip() for cell in cells):
            yield _read(reader, before + 1, cells)


def _header_in(first: Sequence[str], layouts: Sequence[Layout]) -> tuple[list[str], Layout, str]:
    for layout in layouts:
        for separator in layout.separators:
            try:
                rows = list(islice(csv.reader(first, delimiter=separator), _TITLES))
            except csv.Error:
                continue
            for cells in rows:
                if layout.fits(frozenset(map(named, cells))):
                    return cells, layout, separator
    raise _no_header(layouts)


def _rows_of_json(
    whole: Iterable[str], layouts: Sequence[Layout], zone: str | None
) -> Iterator[SettledLine | Unreadable]:
    reader: RowReader | None = None
    columns: tuple[str, ...] = ()
    for number, text in enumerate(whole, start=1):
        if not text.strip():
            continue
        try:
            told = _DECODER.decode(text)
        except (ValueError, RecursionError):
            yield Unreadable(number, "not JSON")
            continue
        if not isinstance(told, dict):
            yield Unreadable(number, "not a JSON object")
            continue
        if reader is None:
            names = frozenset(map(named, told))
            layout = next((each for each in layouts if each.fits(names)), None)
            if layout is None:
                raise _no_header(layouts)
            columns = layout.columns
            reader = _reader(layout, columns, zone)
        try:
            cells = cells_of(told, columns)
        except ValueError as wrong:
            yield Unreadable(number, str(wrong))
            continue
        yield _read(reader, number, cells)
    if reader is None:
        raise _no_header(layouts)


def _reader(layout: Layout, header: Sequence[str], zone: str | None) -> RowReader:
    try:
        return reader_for(layout, header, zone, digits_of)
    except ValueError as wrong:
        raise Invalid("column_twice", problem=str(wrong)) from None


def _read(reader: RowReader, number: int, cells: Sequence[str]) -> SettledLine | Unreadable:
    # What was no UTF-8 comes as halves of characters, which no file and no database takes.
    if _has_half_a_character("".join(cells)):
        return Unreadable(number, "not UTF-8")
    return reader.read(number, cells)


def _has_half_a_character(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)


def _no_header(layouts: Sequence[Layout]) -> Invalid:
    needs = [" or ".join(each.amount) for each in layouts]
    return Invalid("no_header", provider=layouts[0].provider, needs=needs)


def _keep_expected(
    base: sqlite3.Connection, expected: Iterable[str], layouts: Sequence[Layout]
) -> Iterator[Unreadable]:
    """Write the export down, but for what other providers settle; gives what cannot be read."""
    provider = None if layouts[0].any_provider else layouts[0].provider
    read, wrong = 0, 0
    rows, names = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for number, text in enumerate(expected, start=1):
        if not (text := text.removeprefix("\ufeff") if number == 1 else text).strip():
            continue
        try:
            each = read_expected(text, number)
            if _has_half_a_character("".join((each.provider, *each.names))):
                raise ValueError("not UTF-8")
        except (ValueError, RecursionError) as fault:
            wrong += 1
            why = "not JSON" if isinstance(fault, json.JSONDecodeError | RecursionError) else str(fault)
            yield Unreadable(number, f"export: {why}")
            continue
        read += 1
        if provider in (None, each.provider):
            rows.append(_row_of(each))
            own = _key(each.kind, each.id)
            keys = {_key(each.kind, name): 0 for name in each.names} | {own: 1}
            names.extend((key, number, mine) for key, mine in keys.items())
        if len(rows) >= _BATCH:
            _write_expected(base, rows, names)
    _write_expected(base, rows, names)
    if wrong and not read:
        raise Invalid("nothing_expected", lines=wrong)
    base.execute("CREATE INDEX by_key ON names (key, own, n)")


def _write_expected(base: sqlite3.Connection, rows: list[tuple[Any, ...]], names: list[tuple[Any, ...]]) -> None:
    base.executemany("INSERT INTO expected VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    base.executemany("INSERT INTO names VALUES (?, ?, ?)", names)
    rows.clear()
    names.clear()


def _leave_out_what_stands_twice(base: sqlite3.Connection) -> Iterator[Unreadable]:
    """An id that an export has twice would be missing once: its first line counts."""
    twice = """SELECT later.n FROM names AS later WHERE later.own = 1 AND EXISTS (
        SELECT 1 FROM names AS first WHERE first.key = later.key AND first.own = 1 AND first.n < later.n)"""
    base.execute(f"CREATE TABLE twice AS {twice}")
    for (number,) in base.execute("SELECT n FROM twice ORDER BY n"):
        yield Unreadable(number, "export: this id stood there before")
    base.execute("DELETE FROM names WHERE n IN (SELECT n FROM twice)")
    base.execute("DELETE FROM expected WHERE n IN (SELECT n FROM twice)")


def _join_what_shares_a_name(base: sqlite3.Connection) -> None:
    """Expected movements that a file may name alike are judged together: each group takes the lowest of its numbers,
    in as many rounds as it takes; nearly all are done in one or two."""
    base.execute(
        """CREATE TABLE link AS SELECT key, n, n AS grp FROM names
        WHERE key IN (SELECT key FROM names GROUP BY key HAVING COUNT(*) > 1)"""
    )
    base.execute("CREATE INDEX link_key ON link (key)")
    base.execute("CREATE INDEX link_n ON link (n)")
    changed = 1
    while changed:
        base.execute("DROP TABLE IF EXISTS low")
        base.execute("CREATE TABLE low AS SELECT key, MIN(grp) AS grp FROM link GROUP BY key")
        base.execute("CREATE UNIQUE INDEX low_key ON low (key)")
        base.execute("DROP TABLE IF EXISTS lowest")
        base.execute("CREATE TABLE lowest AS SELECT n, MIN(low.grp) AS grp FROM link JOIN low USING (key) GROUP BY n")
        base.execute("CREATE UNIQUE INDEX lowest_n ON lowest (n)")
        changed = base.execute(
            """UPDATE link SET grp = (SELECT grp FROM lowest WHERE lowest.n = link.n)
            WHERE grp <> (SELECT grp FROM lowest WHERE lowest.n = link.n)"""
        ).rowcount
    base.execute(
        """UPDATE expected SET grp = (SELECT grp FROM lowest WHERE lowest.n = expected.n)
        WHERE n IN (SELECT n FROM lowest)"""
    )


def _keep_settled(
    base: sqlite3.Connection, rows: Iterable[SettledLine | Unreadable], period: Period
) -> Iterator[Finding]:
    """Write down the lines that name something expected; gives the findings of all others."""
    kept = list[tuple[Any, ...]]()
    for row in rows:
        if isinstance(row, Unreadable):
            yield of_unreadable(row)
        elif row.kind not in _COMPARED:
            yield of_line(row, FindingKind.ASIDE, Aside.FEE if row.kind is SettledKind.FEE else Aside.OTHER)
        elif not period.holds(row.at):
            yield of_line(row, FindingKind.ASIDE, Aside.OUTSIDE_PERIOD)
        elif (group := _group_of(base, row)) is None:
            yield of_line(row, FindingKind.UNKNOWN)
        else:
            names, at = json.dumps(row.references), _since_epoch(row.at)
            kept.append((row.number, group, row.kind, row.provider, names, row.amount, row.currency, at))
            if len(kept) >= _BATCH:
                base.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?)", kept)
                kept.clear()
    base.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?)", kept)


def _group_of(base: sqlite3.Connection, line: SettledLine) -> int | None:
    for name in line.references:
        found = base.execute(
            "SELECT grp FROM names JOIN expected USING (n) WHERE key = ? LIMIT 1", (_key(line.kind, name),)
        ).fetchone()
        if found:
            group: int = found[0]
            return group
    return None


def _groups(base: sqlite3.Connection) -> Iterator[tuple[Iterator[SettledLine], list[Expected]]]:
    """Each group with its lines; both sides are read once, in the same order."""
    sides = base.execute("SELECT * FROM expected ORDER BY grp, n")
    lines = groupby(base.execute("SELECT * FROM lines ORDER BY grp, number"), key=lambda row: row[1])
    at, those = next(lines, (None, iter(())))
    for group, rows in groupby(sides, key=lambda row: row[1]):
        expected = [_expected_of(row) for row in rows]
        if at == group:
            yield map(_line_of, those), expected
            at, those = next(lines, (None, iter(())))
        else:
            yield iter(()), expected


def _key(kind: SettledKind, name: str) -> int:
    """A name as a number, which takes a quarter of the room. Two names that fall together are told apart again when
    their group is judged."""
    digest = blake2b(f"{kind}\0{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _row_of(each: Expected) -> tuple[Any, ...]:
    due_by = None if each.due_by is None else _since_epoch(each.due_by)
    names = json.dumps(each.references)
    facts = (each.id, each.kind, each.provider, each.order_id, names, each.amount, each.currency, each.state)
    return (each.number, each.number, *facts, due_by, each.number)


def _expected_of(row: Sequence[Any]) -> Expected:
    _, _, its_id, kind, provider, order_id, names, amount, currency, state, due_by, number = row
    return Expected(
        id=its_id,
        kind=SettledKind(kind),
        provider=provider,
        order_id=order_id,
        references=tuple(json.loads(names)),
        amount=amount,
        currency=currency,
        state=ExpectedState(state),
        due_by=None if due_by is None else _moment(due_by),
        number=number,
    )


def _line_of(row: Sequence[Any]) -> SettledLine:
    number, _, kind, provider, names, amount, currency, at = row
    return SettledLine(
        provider=provider,
        number=number,
        kind=SettledKind(kind),
        references=tuple(json.loads(names)),
        amount=amount,
        currency=currency,
        at=_moment(at),
    )


def _since_epoch(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
