"""Long work that somebody asked for: it may wait for a file, is worked on in rounds, and ends once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.parties import Actor, Role


class JobKind(StrEnum):
    """What kind of work it is."""

    RECONCILIATION = "reconciliation"
    IMPORT = "import"
    EXPORT = "export"
    ERASURE = "erasure"
    PERSON_EXPORT = "person_export"
    RETENTION = "retention"
    SIMULATION = "simulation"


class JobState(StrEnum):
    """How far a job has come."""

    WAITING = "waiting"  # for its file
    COLLECTING = "collecting"  # what Batal expects is written down
    COMPARING = "comparing"
    WORKING = "working"  # rows are taken in, or written out
    DONE = "done"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self in (JobState.DONE, JobState.FAILED)


class Imported(StrEnum):
    """What an import takes in."""

    ORDERS = "orders"
    CASES = "cases"  # that are open
    HISTORY = "history"  # cases that ended elsewhere


class Exported(StrEnum):
    """What an export writes down."""

    ORDERS = "orders"
    CASES = "cases"
    FILES = "files"  # whole case files
    LEDGER = "ledger"
    EVENTS = "events"
    PAST = "past"  # decided requests as simulations take them in, without names or words


# Why a job failed that somebody called off: earlier versions know no other word for such an end.
CALLED_OFF = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What all long work has in common.

    by            who asked for it
    upload_by     until when its file may be posted, where it has one
    rev           rises with every write; every write tests it
    lease_until   until when somebody works on it
    tries         how often somebody began without getting any further
    phase, cursor where the work goes on
    done, total   how much of it is done, of how much; of a reconciliation that collects, nobody knows of how many
    failed        rows that were refused
    report        where its result lies
    problem       why it failed, by a code, and `details`
    updated_at    when it was last written; None on rows from before that was kept
    """

    job_id: str
    by: Actor
    began_at: datetime
    upload_by: datetime
    kind: JobKind = JobKind.RECONCILIATION
    state: JobState = JobState.WAITING
    rev: int = 1
    lease_until: datetime | None = None
    tries: int = 0
    phase: int = 0
    cursor: str | None = None
    done: int = 0
    total: int | None = None
    failed: int = 0
    report: str | None = None
    problem: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    ended_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def folder(self) -> str:
        """Where everything of it lies in the bucket."""
        return f"jobs/{self.job_id}/"

    @property
    def file(self) -> str:
        """Where its file is posted to."""
        return f"{self.folder}file"

    @property
    def changed_at(self) -> datetime:
        """When it was last heard of."""
        return self.updated_at or self.ended_at or self.began_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Job):
    """A job whose result is one file of lines, written as it goes on.

    upload, parts   S3's name of the file that grows, and how many parts of it lie there
    tail            where the lines lie that are no part yet, since parts have a least size
    """

    upload: str | None = None
    parts: int = 0
    tail: str | None = None

    @property
    def result(self) -> str:
        """Where its result comes to lie."""
        return f"{self.folder}result.ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Transfer):
    """Rows of another house that are taken in. `offset`: how many bytes of its file are done; `done` are lines of it.
    A dry run says what would come of each row, and changes nothing."""

    of: Imported
    kind: JobKind = JobKind.IMPORT
    dry_run: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Transfer):
    """What this house holds, written down: of what changed from `since` on and before `until`, where they are said.
    `currency` is the ledger's."""

    of: Exported
    kind: JobKind = JobKind.EXPORT
    since: datetime | None = None
    until: datetime | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure(Job):
    """A person's words and contacts, taken out of everything that is kept. `waits_for` of their orders are not at an
    end: a running request is finished first. `erased` counts what went, by what it was."""

    person: str
    role: Role = Role.BUYER
    kind: JobKind = JobKind.ERASURE
    waits_for: int = 0
    erased: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Job):
    """One walk through all orders: whose time is over loses what is a person's. `done` counts the orders looked at.

    words_before, accounts_before   what was last heard of before has outlived its time
    dry_run                         nothing goes: `erased` counts the orders and requests that would
    waits_for                       how many have outlived it and still go on, and are left to a later walk
    """

    words_before: datetime
    accounts_before: datetime
    kind: JobKind = JobKind.RETENTION
    dry_run: bool = False
    waits_for: int = 0
    erased: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonExport(Transfer):
    """All that is known of a person, written down for them."""

    person: str
    role: Role = Role.BUYER
    kind: JobKind = JobKind.PERSON_EXPORT


# Work that takes words away, and counts what went.
Erasing = Erasure | Retention
# Work about one person.
AboutPerson = Erasure | PersonExport
