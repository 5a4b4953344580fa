"""What one decision writes, all of it in one transaction or none of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.evidence import Evidence, digest_of
from chalicelib.domain.cases.quotas import Quota
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry, rehashed
from chalicelib.domain.money.ledger import LedgerEntry
from chalicelib.domain.money.wallet import Credit, Debit
from chalicelib.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What a case does to its order's guard fields.

    seen        the order as it was read when the case opens, so that neither a push nor another case slips between
    retakes     the case was there before, and takes the slot again (a new run)
    releases    the case ends and frees the slot
    take        refunded per payment method, in minor units; never more than is left (I4)
    settles     how much of what was given back elsewhere the refund took into account, in minor units
    cancelled, returned   quantities cancelled, or returned, per line id
    attempts, return_attempts   how many of each kind this uses up; -1 gives one back

    `take`, `settles` and the quantities are negative where a refund that was never sent is taken back.
    """

    order_id: str
    case_id: str
    seen: Order | None = None
    retakes: bool = False
    releases: bool = False
    take: Mapping[str, int] = field(default_factory=dict)
    cancelled: Mapping[str, int] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)
    settles: int = 0
    attempts: int = 0
    return_attempts: int = 0


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
    somebody is about to upload. `quota` is the place that either takes. `ledger` is what the ledger says of the money
    that all this moves.
    """

    case: Case | None = None
    entry: Entry | None = None
    slot: Slot | None = None
    credits: tuple[Credit, ...] = ()
    debit: Debit | None = None
    ledger: LedgerEntry | None = None
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
