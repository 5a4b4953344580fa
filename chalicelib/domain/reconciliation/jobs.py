"""A reconciliation that somebody asked for: it waits for its file, is worked on piece by piece, and ends once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.parties import Actor
from chalicelib.domain.reconciliation.findings import FindingKind, Tally


class JobState(StrEnum):
    """How far a job has come."""

    WAITING = "waiting"  # for its file
    COLLECTING = "collecting"  # what Batal expects is written down
    COMPARING = "comparing"
    DONE = "done"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self in (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many findings of a kind there are in a currency, and what they come to, in minor units."""

    finding: FindingKind
    currency: str
    count: int
    settled: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A settlement file to be held against what Batal expects.

    by            who asked for it
    provider      whose file it is, by the name of its layout; `filename`: what people call it
    since, until  its period; `zone` that of moments that name none, where it is not the layout's own
    upload_by     until when its file may be posted
    rev           rises with every write; every write tests it
    lease_until   until when somebody works on it
    tries         how often somebody began without getting any further
    phase, cursor where collecting goes on; `pieces`: how many pieces of what is expected lie there
    done, total   refunds read while it collects (nobody knows of how many), then lines of the file
    sums          what was found; `report` and `first`: where all findings, and the first of them, lie
    problem       why it failed, by a code, and `details`
    """

    job_id: str
    by: Actor
    provider: str
    filename: str
    since: datetime
    until: datetime
    zone: str | None
    began_at: datetime
    upload_by: datetime
    state: JobState = JobState.WAITING
    rev: int = 1
    lease_until: datetime | None = None
    tries: int = 0
    phase: int = 0
    cursor: str | None = None
    pieces: int = 0
    done: int = 0
    total: int | None = None
    sums: tuple[Sum, ...] = ()
    report: str | None = None
    first: str | None = None
    problem: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None

    @property
    def folder(self) -> str:
        """Where everything of it lies in the bucket."""
        return f"reconciliations/{self.job_id}/"

    @property
    def file(self) -> str:
        """Where its file is posted to."""
        return f"{self.folder}file"

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
