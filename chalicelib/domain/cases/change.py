"""What one decision writes, all of it in one transaction or none of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.evidence import Evidence, digest_of
from chalicelib.domain.cases.quotas import Quota
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry, rehashed
from chalicelib.domain.money.ledger import LedgerEntry
from chalicelib.domain.money.wallet import Credit, Debit
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
    worth       the list price of those quantities, in minor units, likewise
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
    worth: int = 0
    attempts: int = 0
    return_attempts: int = 0

    @property
    def takes(self) -> bool:
        """Whether the case holds the slot from now on, unless it ends at once."""
        return (self.opens or self.retakes) and not self.beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """An order as the OMS now tells it. `before` is the order as it was read, None where it is new. `whole`: it comes
    from another house of ours with its guard fields, but for the slot."""

    before: Order | None
    after: Order
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer kept under an Idempotency-Key, in the same transaction as what it answers.

    since   when it was made; it takes the place of one that had run out by then. Not stored
    """

    key: str
    fingerprint: str
    status: int
    body: str
    expires_at: datetime
    since: datetime | None = field(default=None, compare=False)

    def stands(self, now: datetime) -> bool:
        """Whether it still counts. DynamoDB deletes what has run out days later."""
        return now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedToday:
    """What one person of customer service granted on one day (UTC), at list price.

    sums    in minor units, per currency
    told    a number that rises with each grant, so that whoever read it knows whether another came between. It holds
            what versions counted that noted no currency, too: that much is reckoned to every currency, as they did
    """

    sums: Mapping[str, int] = field(default_factory=dict)
    told: int = 0

    def so_far(self, currency: str) -> Money:
        """What was granted in this currency."""
        unsaid = self.told - sum(self.sums.values())
        return Money(self.sums.get(currency, 0) + unsaid, currency)

    def with_more(self, worth: Money) -> "GrantedToday":
        """The same after one more grant."""
        sums = {**self.sums, worth.currency: self.sums.get(worth.currency, 0) + worth.amount}
        return GrantedToday(sums=sums, told=self.told + worth.amount)


NOTHING_YET = GrantedToday()


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What one person of customer service grants on a day, at list price, and what they had granted that day as it was
    `seen` when this was decided: nothing else of theirs may come between."""

    person: str
    day: date
    worth: Money
    seen: GrantedToday = NOTHING_YET


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One commit. `case` carries the raised `rev`; the row before it had one less (0: there was none).

    A case without an entry was not decided on: it only promises the notice of `message`. `evidence` is a file that
    somebody is about to upload. `quota` is the place that either takes. `ledger` is what the ledger says of the money
    that all this moves. `earlier` are entries before that one, of a case that began elsewhere.
    """

    case: Case | None = None
    entry: Entry | None = None
    earlier: tuple[Entry, ...] = ()
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

    @property
    def order_id(self) -> str:
        """The order whose row this may write; empty where it writes none."""
        if self.case:
            return self.case.order_id
        return self.push.after.order_id if self.push else self.slot.order_id if self.slot else ""


def naming_files(change: Change, files: Sequence[Evidence]) -> Change:
    """The same decision, its entry naming the files that lay there by their digest (`facts.evidence`), so that no file
    can be another one afterwards."""
    evidence = digest_of(files)
    if change.case is None or change.entry is None or evidence is None:
        return change
    entry = rehashed(replace(change.entry, facts={**(change.entry.facts or {}), "evidence": evidence}))
    return replace(change, entry=entry, case=replace(change.case, head=entry.hash))
