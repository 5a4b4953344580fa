"""Findings as rows of a sheet that computes nothing when a program opens it."""

import re

from chalicelib.domain.reconciliation.findings import Finding

COLUMNS = (
    "finding",
    "why",
    "expected_id",
    "order_id",
    "kind",
    "reference",
    "lines",
    "currency",
    "settled",
    "expected_currency",
    "expected",
    "difference",
    "at",
    "due_by",
    "state",
)
# What begins with one of these is a formula to Excel, LibreOffice or Google Sheets (the wide ones in some languages);
# and where a program takes semicolons or tabulators for what stands between cells, so is what follows them.
_FORMULA = re.compile("(^|[;\t])(?=[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-])")


def cell(value: object) -> object:
    """A value as a cell that no program takes for a formula: text that looks like one gets an apostrophe before it.
    Amounts are numbers, and stay as they are."""
    if value is None:
        return ""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def row_of(finding: Finding) -> list[object]:
    """A finding as a row under COLUMNS: amounts are plain numbers of minor units, and text that a program would take
    for a formula has an apostrophe before it."""
    expects, named = finding.expects, finding.expected
    return [
        finding.kind.value,
        cell(finding.why),
        cell(named.id) if named else "",
        cell(named.order_id) if named else "",
        finding.moved.value if finding.moved else "",
        cell(finding.reference),
        " ".join(map(str, finding.numbers)),
        finding.currency,
        "" if finding.settled is None else finding.settled,
        expects.currency if expects else "",
        expects.moves if expects else "",
        "" if finding.difference is None else finding.difference,
        finding.at.isoformat() if finding.at else "",
        named.due_by.isoformat() if named and named.due_by else "",
        named.state.value if named else "",
    ]
