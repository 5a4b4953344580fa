"""Both sides of a reconciliation in a temporary SQLite file: Python brings SQLite along, it finds a line's reference
without reading the other side again, and it sorts on disk.

Expected movements have a group, and a line has that of the movements that it names.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.reconciliation.expected import Expected, ExpectedState, read_expected
from chalicelib.domain.reconciliation.findings import (
    Aside,
    Finding,
    FindingKind,
    Period,
    of_line,
    of_unread,
    of_unreadable,
)
from chalicelib.domain.reconciliation.layouts import Layout
from chalicelib.domain.reconciliation.settled import AmountUnread, Row, SettledKind, SettledLine, Unreadable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH = 5000
_CACHE = 8 * 1024  # KiB that SQLite keeps in memory
_COMPARED = (SettledKind.REFUND, SettledKind.PAYMENT)

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE expected (n INTEGER PRIMARY KEY, grp INTEGER, id TEXT, kind TEXT, provider TEXT, order_id TEXT,
    names TEXT, amount INTEGER, currency TEXT, state TEXT, due_by INTEGER, number INTEGER);
CREATE TABLE names (key INTEGER, n INTEGER, own INTEGER);
CREATE TABLE lines (number INTEGER, grp INTEGER, kind TEXT, provider TEXT, names TEXT, amount INTEGER, currency TEXT,
    at INTEGER, why TEXT);
"""


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """An empty base in this folder. What becomes of it in a crash is nobody's care, so nothing is synced."""
    base = sqlite3.connect(str(folder / "sides.db"), isolation_level=None)
    try:
        base.executescript(f"PRAGMA cache_size = -{_CACHE};{_TABLES}BEGIN;")
        yield base
    finally:
        base.close()


def keep_expected(base: sqlite3.Connection, expected: Iterable[str], layouts: Sequence[Layout]) -> Iterator[Unreadable]:
    """Write the export down, but for what other providers settle; gives what cannot be read."""
    provider = None if layouts[0].any_provider else layouts[0].provider
    read, wrong = 0, 0
    rows, names = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for number, text in enumerate(expected, start=1):
        if not (text := text.removeprefix("\ufeff") if number == 1 else text).strip():
            continue
        try:
            each = read_expected(text, number)
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


def leave_out_what_stands_twice(base: sqlite3.Connection) -> Iterator[Unreadable]:
    """An id that an export has twice would be missing once: its first line counts."""
    twice = """SELECT later.n FROM names AS later WHERE later.own = 1 AND EXISTS (
        SELECT 1 FROM names AS first WHERE first.key = later.key AND first.own = 1 AND first.n < later.n)"""
    base.execute(f"CREATE TABLE twice AS {twice}")
    for (number,) in base.execute("SELECT n FROM twice ORDER BY n"):
        yield Unreadable(number, "export: this id stood there before")
    base.execute("DELETE FROM names WHERE n IN (SELECT n FROM twice)")
    base.execute("DELETE FROM expected WHERE n IN (SELECT n FROM twice)")


def join_what_shares_a_name(base: sqlite3.Connection) -> None:
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


def keep_settled(base: sqlite3.Connection, rows: Iterable[Row], period: Period) -> Iterator[Finding]:
    """Write down the lines that name something expected; gives the findings of all others."""
    kept = list[tuple[Any, ...]]()
    for row in rows:
        if isinstance(row, Unreadable):
            yield of_unreadable(row)
        elif isinstance(row, AmountUnread):
            group = _group_of(base, row) if row.kind in _COMPARED and period.holds(row.at) else None
            if group is None:
                yield of_unread(row)
            else:
                kept.append(_line_row(row, group))
        elif row.kind not in _COMPARED:
            yield of_line(row, FindingKind.ASIDE, Aside.FEE if row.kind is SettledKind.FEE else Aside.OTHER)
        elif not period.holds(row.at):
            yield of_line(row, FindingKind.ASIDE, Aside.OUTSIDE_PERIOD)
        elif (group := _group_of(base, row)) is None:
            yield of_line(row, FindingKind.UNKNOWN)
        else:
            kept.append(_line_row(row, group))
        if len(kept) >= _BATCH:
            _write_lines(base, kept)
    _write_lines(base, kept)


def _write_lines(base: sqlite3.Connection, kept: list[tuple[Any, ...]]) -> None:
    base.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", kept)
    kept.clear()


def _line_row(line: SettledLine | AmountUnread, group: int) -> tuple[Any, ...]:
    provider, amount, why = "", None, None
    if isinstance(line, SettledLine):
        provider, amount = line.provider, line.amount
    else:
        why = line.why
    names, at = json.dumps(line.references), _since_epoch(line.at)
    return (line.number, group, line.kind, provider, names, amount, line.currency, at, why)


def _group_of(base: sqlite3.Connection, line: SettledLine | AmountUnread) -> int | None:
    for name in line.references:
        found = base.execute(
            "SELECT grp FROM names JOIN expected USING (n) WHERE key = ? LIMIT 1", (_key(line.kind, name),)
        ).fetchone()
        if found:
            group: int = found[0]
            return group
    return None


def groups(base: sqlite3.Connection) -> Iterator[tuple[Iterator[SettledLine | AmountUnread], list[Expected]]]:
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


def _line_of(row: Sequence[Any]) -> SettledLine | AmountUnread:
    number, _, told, provider, names, amount, currency, since, why = row
    kind, references, at = SettledKind(told), tuple(json.loads(names)), _moment(since)
    if amount is None:
        return AmountUnread(number=number, kind=kind, references=references, currency=currency, at=at, why=why)
    return SettledLine(
        provider=provider,
        number=number,
        kind=kind,
        references=references,
        amount=amount,
        currency=currency,
        at=at,
    )


def _since_epoch(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
