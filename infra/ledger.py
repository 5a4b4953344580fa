"""Write the ledger to a file, one row for each leg of each entry, oldest first:

    BATAL_TOKEN=... python3 infra/ledger.py https://....amazonaws.com/api --format csv \
        --since 2026-11-01T00:00:00+07:00 --until 2026-12-01T00:00:00+07:00 > november.csv

Nothing but Python is needed, and a bearer token of an operator or of finance in BATAL_TOKEN. What the legs come to
in each account is told on standard error; together that is zero. It reads page by page: a busy month needs no memory.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

if not __package__:  # run as a plain script, it finds its neighbours from the root
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chalicelib.domain.reconciliation.report import cell
from infra.pages import Fetch, items, service

COLUMNS = (
    "entry_id",
    "at",
    "what",
    "account",
    "owner",
    "currency",
    "amount",
    "order_id",
    "case_id",
    "refund_id",
    "part",
    "event_id",
)
Row = Mapping[str, Any]


def rows_of(entry: Mapping[str, Any]) -> Iterator[Row]:
    """One row for each leg of an entry as the API gives it."""
    shared = {name: value for name, value in entry.items() if name != "legs"}
    for leg in entry["legs"]:
        told = {**shared, **leg}
        yield {name: told[name] for name in COLUMNS}


def entries(fetch: Fetch, currency: str, since: str, until: str) -> Iterator[Mapping[str, Any]]:
    """Every entry, page by page."""
    return items(fetch, "/v1/ledger", {"currency": currency, "since": since, "until": until})


def write(rows: Iterable[Row], form: str, out: TextIO) -> Counter[str]:
    """Write rows in a form, `csv` or `jsonl`; gives what they come to, by account."""
    sums = Counter[str]()
    sheet = csv.writer(out, lineterminator="\r\n")
    if form == "csv":
        sheet.writerow(COLUMNS)
    for row in rows:
        sums[row["account"]] += row["amount"]
        if form == "csv":
            sheet.writerow([cell(row[name]) for name in COLUMNS])
        else:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return sums


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the API is, with its stage")
    parser.add_argument("--since", required=True, help="a moment with its zone; the first that counts")
    parser.add_argument("--until", required=True, help="a moment with its zone; the first that counts no more")
    parser.add_argument("--currency", default="IDR")
    parser.add_argument("--format", choices=("csv", "jsonl"), default="csv")
    given = parser.parse_args(arguments)
    found = entries(service(parser, given.url), given.currency, given.since, given.until)
    sums = write((row for entry in found for row in rows_of(entry)), given.format, sys.stdout)
    for account, amount in sorted(sums.items()):
        print(f"{account:24}{amount:>20} {given.currency}", file=sys.stderr)
    print(f"{'together':24}{sums.total():>20} {given.currency}", file=sys.stderr)
    return 0 if sums.total() == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
