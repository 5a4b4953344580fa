"""Hold a settlement file against what Batal expects, and say what does not match:

    python -m infra.reconcile --provider midtrans --expected expected.jsonl settlement.csv --report findings.csv

FILE may be `-` for standard input, CSV or JSON lines, plain or gzip. A summary goes to standard output, every finding
to the report. The exit code is 0 where all matched, 1 where there are differences, 2 where the input cannot be used.
What the findings mean and what to do is in docs/reconciliation.md.
"""

import argparse
import contextlib
import csv
import os
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from chalicelib.domain.errors import Invalid
from chalicelib.domain.reconciliation.findings import Finding, FindingKind, Tally
from chalicelib.domain.reconciliation.moments import moment, zone_of
from chalicelib.domain.reconciliation.providers import LAYOUTS
from chalicelib.domain.reconciliation.report import COLUMNS, row_of
from chalicelib.workflow.reconciling import Sink, reconcile, text_of

_UNUSABLE = 2
_EVERY = 5000  # lines between two looks at the bar
_BAR = 30


def summary(tally: Tally) -> Iterator[str]:
    """The tally as lines to print: by kind and currency, in minor units."""
    yield f"{'finding':16}{'count':>12}  {'currency':8}{'settled':>24}{'expected':>24}"
    for kind in FindingKind:
        keys = {key for counted in (tally.counts, tally.expected) for key in counted if key[0] is kind}
        for _, currency in sorted(keys):
            count, settled = tally.counts[kind, currency], tally.settled[kind, currency]
            expected = tally.expected[kind, currency]
            yield f"{kind.value:16}{count:>12,}  {currency or '-':8}{settled:>24,}{expected:>24,}"
    for currency in sorted({currency for _, currency in tally.counts if currency}):
        settled, expected = (
            sum(amount for (_, of), amount in counted.items() if of == currency)
            for counted in (tally.settled, tally.expected)
        )
        yield f"{'together':16}{'':>12}  {currency:8}{settled:>24,}{expected:>24,}"


Side = tuple[TextIO, BinaryIO, int]


def opened(name: str) -> Side:
    """A file, or standard input for `-`, as text whether it is packed or not; the bytes beneath, and how many there
    are, 0 where nobody knows. Raises OSError."""
    raw = cast("BinaryIO", sys.stdin.buffer if name == "-" else Path(name).open("rb"))  # noqa: SIM115 - main closes it
    size = 0 if name == "-" else os.fstat(raw.fileno()).st_size
    return text_of(raw), raw, size


def watched(side: Side, label: str) -> Iterable[str]:
    """The lines of a file, with a bar on standard error where that is a terminal."""
    return _with_bar(side, label) if sys.stderr.isatty() else side[0]


def _with_bar(side: Side, label: str) -> Iterator[str]:
    (text, raw, size), number = side, 0
    for number, line in enumerate(text, start=1):
        if number % _EVERY == 0:
            done = min(raw.tell() / size, 1.0) if size else 0.0
            bar = f"[{'#' * int(done * _BAR):{_BAR}}] " if size else ""
            print(f"\r{label:12}{bar}{number:,} lines", end="", file=sys.stderr, flush=True)
        yield line
    print(f"\r{label:12}{number:,} lines{'':{_BAR}}", file=sys.stderr)


@contextlib.contextmanager
def _report(path: Path) -> Iterator[Sink]:
    """A sink that writes a report. It takes its name once it is whole: input that cannot be used leaves an older one as
    it was."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file, lineterminator="\r\n")
            sheet.writerow(COLUMNS)
            yield lambda finding: sheet.writerow(row_of(finding))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _nowhere(_: Finding) -> None:
    """No report was asked for."""


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE", help="the settlement file; - for standard input")
    parser.add_argument("--provider", required=True, choices=sorted(LAYOUTS))
    parser.add_argument("--expected", required=True, help="what Batal expects, as JSON lines")
    parser.add_argument("--report", help="where every finding is written as CSV")
    parser.add_argument("--zone", help="of moments that name none, where it is another than the provider's own")
    parser.add_argument("--since", help="the first moment that counts, such as 2026-11-01")
    parser.add_argument("--until", help="the first moment that counts no more; now unless said")
    return parser


def main(arguments: list[str] | None = None, *, now: datetime | None = None) -> int:
    """The command; gives its exit code. Usage that cannot be meant ends it, with code 2."""
    parser = _arguments()
    given = parser.parse_args(arguments)
    if given.file == given.expected == "-":
        parser.error("standard input can be one of the two files")
    layouts = LAYOUTS[given.provider]
    try:
        home = zone_of(given.zone or layouts[0].zone)
        since = moment(given.since, home) if given.since else None
        until = moment(given.until, home) if given.until else now or datetime.now(UTC)
    except ValueError:
        parser.error("--since and --until are moments such as 2026-11-01 or 2026-11-01T00:00:00+07:00")
    except Invalid:
        parser.error("--zone is a time zone such as Asia/Jakarta or +07:00")
    if given.report and Path(given.report).resolve() in [Path(name).resolve() for name in (given.file, given.expected)]:
        parser.error("--report would overwrite what is to be read")
    try:
        with contextlib.ExitStack() as files:
            sides = [opened(name) for name in (given.expected, given.file)]
            for text, raw, _ in sides:
                files.enter_context(raw)
                files.enter_context(text)
            expected, settled = map(watched, sides, ("expected", "settled"))
            sink = files.enter_context(_report(Path(given.report))) if given.report else _nowhere
            tally = reconcile(expected, settled, layouts, sink, since=since, until=until, zone=given.zone)
    except Invalid as wrong:
        told = "; ".join(f"{name}: {value}" for name, value in wrong.details.items())
        print(f"This cannot be used: {wrong.code}. {told}", file=sys.stderr)
        return _UNUSABLE
    except (OSError, EOFError, zlib.error, sqlite3.Error) as wrong:
        print(f"This cannot be used: {wrong}", file=sys.stderr)
        return _UNUSABLE
    print("\n".join(summary(tally)))
    return 0 if tally.all_matched else 1


if __name__ == "__main__":
    sys.exit(main())
