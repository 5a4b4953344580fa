"""What holding the two sides together finds. Each settled line is in one finding, and so is each expected movement; so
the money of all findings is the money of the file."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.reconciliation.expected import Expected
from chalicelib.domain.reconciliation.settled import AmountUnread, SettledKind, SettledLine, Unreadable


class FindingKind(StrEnum):
    """What was found. Two of them need nobody: what matched, and what was set aside."""

    MATCHED = "matched"
    LATE = "late"  # all of it, after the last moment at which it was in time
    MISSING = "missing"  # Batal has it, the file does not
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    TAKEN_BACK = "taken_back"  # it moved and came back, and Batal has not heard that it failed
    CONTRADICTED = "contradicted"  # it moved, and Batal holds that it failed
    DOUBLED = "doubled"  # again, once it was all there
    UNKNOWN = "unknown"  # the file has it, Batal does not
    UNREADABLE = "unreadable"  # a row, or its amount alone; then it is the finding of what it names
    ASIDE = "aside"  # not compared


class Aside(StrEnum):
    """Why something was not compared."""

    FEE = "fee"
    OTHER = "other"
    OUTSIDE_PERIOD = "outside_period"
    NOT_DUE_YET = "not_due_yet"
    DUE_BEFORE = "due_before_period"
    NOTHING_MOVES = "nothing_moves"  # it failed or is void, and the file has none of it


NEEDS_NOBODY = (FindingKind.MATCHED, FindingKind.ASIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. `settled` is what its lines moved, in minor units of `currency`; None where it has no line. Where
    one line is the money of several expected movements, each has its share of it. `numbers` are lines of the file, of
    an unreadable line of the export its line there."""

    kind: FindingKind
    why: str = ""
    expected: Expected | None = None
    numbers: tuple[int, ...] = ()
    moved: SettledKind | None = None
    reference: str = ""
    settled: int | None = None
    currency: str = ""
    at: datetime | None = None

    @property
    def difference(self) -> int | None:
        """What was settled less what should have been, in minor units; None where they are of two currencies, or nobody
        can read what was settled."""
        if self.kind in (FindingKind.WRONG_CURRENCY, FindingKind.UNREADABLE):
            return None
        return (self.settled or 0) - (self.expects.moves if self.expects else 0)

    @property
    def expects(self) -> Expected | None:
        """The expected movement whose one finding this is; a doubled line only names what it doubles."""
        return None if self.kind is FindingKind.DOUBLED else self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time that a file is of: `since` is its first moment, `until` the first that counts no more."""

    since: datetime | None = None
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether this moment is in it."""
        return (self.since is None or at >= self.since) and at < self.until


@dataclass(slots=True)
class Tally:
    """Findings counted, and their money added, by kind and currency; of two currencies nothing is added."""

    counts: Counter[tuple[FindingKind, str]] = field(default_factory=Counter)
    settled: Counter[tuple[FindingKind, str]] = field(default_factory=Counter)
    expected: Counter[tuple[FindingKind, str]] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Count a finding in."""
        currency = finding.currency or (finding.expected.currency if finding.expected else "")
        self.counts[finding.kind, currency] += 1
        self.settled[finding.kind, currency] += finding.settled or 0
        if finding.expects:
            self.expected[finding.kind, finding.expects.currency] += finding.expects.moves

    @property
    def all_matched(self) -> bool:
        """Whether nothing needs anybody."""
        return all(kind in NEEDS_NOBODY for kind, _ in self.counts)


def of_line(line: SettledLine, kind: FindingKind, why: str = "") -> Finding:
    """The finding that one line is by itself."""
    return Finding(
        kind=kind,
        why=why,
        numbers=(line.number,),
        moved=line.kind,
        reference=line.references[0] if line.references else "",
        settled=line.amount,
        currency=line.currency,
        at=line.at,
    )


def of_unreadable(row: Unreadable) -> Finding:
    """The finding that a row is which cannot be read."""
    return Finding(kind=FindingKind.UNREADABLE, why=row.why, numbers=(row.number,))


def of_unread(line: AmountUnread, expected: Expected | None = None) -> Finding:
    """The finding that a line is whose amount cannot be read, and with it the expected movement that it names."""
    return Finding(
        kind=FindingKind.UNREADABLE,
        why=line.why,
        expected=expected,
        numbers=(line.number,),
        moved=line.kind,
        reference=line.references[0] if line.references else "",
        currency=line.currency,
        at=line.at,
    )
