"""A reconciliation as a job."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.jobs import Job
from chalicelib.domain.reconciliation.findings import FindingKind, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many findings of a kind there are in a currency, and what they come to, in minor units."""

    finding: FindingKind
    currency: str
    count: int
    settled: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation(Job):
    """A settlement file to be held against what Batal expects.

    provider      whose file it is, by the name of its layout; `filename`: what people call it
    since, until  its period; `zone` that of moments that name none, where it is not the layout's own
    pieces        how many pieces of what is expected lie there
    sums          what was found; `report` and `first`: where all findings, and the first of them, lie
    """

    provider: str
    filename: str
    since: datetime
    until: datetime
    zone: str | None
    pieces: int = 0
    sums: tuple[Sum, ...] = ()
    first: str | None = None

    @property
    def folder(self) -> str:
        """Where everything of it lies in the bucket."""
        return f"reconciliations/{self.job_id}/"

    def piece(self, number: int) -> str:
        """Where a piece of what is expected lies; a piece that is written again is written over."""
        return f"{self.folder}expected/{number:06}.jsonl"


def sums_of(tally: Tally) -> tuple[Sum, ...]:
    """What was found, by kind and currency."""
    keys = {key for counted in (tally.counts, tally.expected) for key in counted}
    ordered = sorted(keys, key=lambda key: (list(FindingKind).index(key[0]), key[1]))
    return tuple(
        Sum(
            finding=kind,
            currency=currency,
            count=tally.counts[kind, currency],
            settled=tally.settled[kind, currency],
            expected=tally.expected[kind, currency],
        )
        for kind, currency in ordered
    )
