"""Files for spreadsheets: what people keep, send on and reckon with."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from chalicelib.domain.zones import Zone
from chalicelib.locales.harmless import on_one_line

# Spreadsheets take what begins so (East Asian ones also the wide forms) for a formula, and may run it; `'` makes it
# words.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def sheet(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV with a mark that it is UTF-8, which Excel wants; no cell is a formula, whoever wrote it."""
    paper = io.StringIO()
    paper.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(paper)
    for row in rows:
        writer.writerow(_harmless(text) for text in row)
    return paper.getvalue()


def named(subject: str, now: datetime, zone: Zone) -> str:
    """What a file about a subject is called that is made now."""
    return f"batal-{subject}-{now.astimezone(zone.clock):%Y-%m-%d}.csv"


def sheet_headers(name: str) -> dict[str, str | list[str]]:
    """What browsers need to know to keep it under its name."""
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{quote(name)}"',
    }


def _harmless(text: str) -> str:
    shown = on_one_line(text)
    return f"'{shown}" if shown.startswith(_FORMULAS) else shown
