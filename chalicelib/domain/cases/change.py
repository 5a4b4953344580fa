"""What one decision writes, all of it in one transaction or none of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.evidence import Evidence, digest_of
from chalicelib.domain.cases.quotas import Quota
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry, rehashed
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.books import Books
from chalicelib.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What a case does to its order's guard fields.

    seen        the order as it was read, where the decision rests on it: neither a push nor another case slips between
    opens       the case is new
    beside      and never holds the slot: it gives back money that came late, whatever is asked meanwhile
    retakes     the case was there before, and takes the slot again (a new run)
    releases    the case ends and frees the slot
    books       the order's books after it, where money is promised or taken back; never above what was collected (I4)
    cancelled, returned   quantities cancelled, or returned, per line id; negative where a refund is taken back
    attempts, return_attempts   how many of each kind this uses up; -1 gives one back
    """

    order_id: str
    case_id: str
    seen: Order | None = None
    opens: bool = False
    beside: bool = False
    retakes: bool = False
    releases: bool = False
    books: Books | None = None
    cancelled: Mapping[str, int] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)
    attempts: int = 0
    return_attempts: int = 0

    @property
    def takes(self) -> bool:
        """Whether the case holds the slot from now on, unless it ends at once."""
        return (self.opens or self.retakes) and not self.beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """An order as the OMS now tells it. `before` is the order as it was read, None where it is new."""

    before: Order | None
    after: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer kept under an Idempotency-Key, in the same transaction as what it answers."""

    key: str
    fingerprint: str
    status: int
    body: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What one person of customer service granted on one day, at list price in minor units."""

    person: str
    day: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One commit. `case` carries the raised `rev`; the row before it had one less (0: there was none).

    A case without an entry was not decided on: it only promises the notice of `message`. `evidence` is a file that
    somebody is about to upload. `quota` is the place that either takes.
    """

    case: Case | None = None
    entry: Entry | None = None
    slot: Slot | None = None
    credits: tuple[Credit, ...] = ()
    push: Push | None = None
    answered: Answered | None = None
    message: Message | None = None
    evidence: Evidence | None = None
    granted: Granted | None = None
    quota: Quota | None = None


def naming_files(change: Change, files: Sequence[Evidence]) -> Change:
    """The same decision, its entry naming the files that lay there by their digest (`facts.evidence`), so that no file
    can be another one afterwards."""
    evidence = digest_of(files)
    if change.case is None or change.entry is None or evidence is None:
        return change
    entry = rehashed(replace(change.entry, facts={**(change.entry.facts or {}), "evidence": evidence}))
    return replace(change, entry=entry, case=replace(change.case, head=entry.hash))
