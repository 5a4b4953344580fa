"""What the workflow needs from the outside, as Protocols. Fakes and AWS adapters keep the same contract."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from chalicelib.domain.cases.beside import Beside
from chalicelib.domain.cases.card import Card
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Answered, Change, GrantedToday
from chalicelib.domain.cases.effects import Promise, effect_id, encode
from chalicelib.domain.cases.events import SOURCE, PersonTell, schema_id, stamp
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.log import LogPage, Position
from chalicelib.domain.cases.mail_fates import MailFate
from chalicelib.domain.cases.outbox import Pace
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.cases.webhooks import Attempt, Letter, Reply, Webhook
from chalicelib.domain.figures.counting import Counters, Counting, Place, Share, Subject
from chalicelib.domain.jobs import Job, JobKind
from chalicelib.domain.money.dispatch import Dispatch, DispatchId
from chalicelib.domain.money.ledger import LedgerEntry
from chalicelib.domain.money.payout import Account, AccountSealed
from chalicelib.domain.money.providers import Provider
from chalicelib.domain.money.refund import OPEN_PARTS, PartState
from chalicelib.domain.money.wallet import Debit, Wallet
from chalicelib.domain.orders.order import Order
from chalicelib.domain.people.clues import Clue, Noted
from chalicelib.domain.people.digests import Digest, DigestAsks, DigestNote, DigestTold
from chalicelib.domain.people.mail_stops import MailDelay, MailStop, Why
from chalicelib.domain.people.uses import Use
from chalicelib.domain.policies.days_off import PublicDay
from chalicelib.domain.policies.learned import Cells, Heard, Situation
from chalicelib.domain.policies.policy import INDONESIA, Policy
from chalicelib.domain.policies.seller_rules import SellerRules
from chalicelib.domain.switches import Switch
from chalicelib.domain.zones import Zone

T = TypeVar("T")

# How many items a page of a list holds where nobody says, and at most.
PAGE = 20
LONGEST_PAGE = 100
# How much of what people write a page holds, in stored bytes; a page ends earlier rather than grow beyond it. A Lambda
# may answer 6 MB, and a character may become six when it is written in JSON or HTML.
PAGE_BYTES = 128 * 1024
# The same for what orders and cases hold: a list of short ones is never cut, one of long ones ends after two or three.
LIST_BYTES = 512 * 1024
# How many cards of a seller are read at most: some 800 KB, and a hundred read units.
MOST_CARDS = 2_000
# How long a job is listed once it began.
JOBS_KEPT = timedelta(days=90)
# How many bytes a part of a file has at least, unless it is the last.
LEAST_PART = 5 * 1024**2
# How many days of the ledger one page looks through.
DAYS_OF_LEDGER = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items, and the cursor of the next page (None at the end). Cursors are opaque."""

    items: Sequence[T]
    next_cursor: str | None = None

    @property
    def backwards(self) -> "Page[T]":
        """The same items, the last one first."""
        return Page(items=self.items[::-1], next_cursor=self.next_cursor)


def every(read: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Every item of a list, read page by page as far as it is wanted."""
    cursor: str | None = None
    while True:
        page = read(cursor)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """The cards of a seller, and whether there are more than were read."""

    items: Sequence[Card]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesFound:
    """Cases that were found, and whether there are more, or may be."""

    cases: Sequence[Case]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The task token of the execution that waits for `turn` of `run`."""

    run: int
    turn: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A promise that waits for a person, since when, and the row that made it."""

    promise: Promise
    since: datetime
    case: Case

    @property
    def id(self) -> str:
        """How it is named outside of its row."""
        return effect_id(self.case.case_id, encode(self.promise))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases a list holds; None lets everything through. `updated_since` and `due_before` are UTC; `refund` is how
    a refund, or one of its parts, stands, or ANY_REFUND, or OPEN_REFUND."""

    buyer_id: str | None = None
    seller_id: str | None = None
    order_id: str | None = None
    state: str | None = None
    outcome: str | None = None
    kind: str | None = None
    due_before: datetime | None = None
    updated_since: datetime | None = None
    refund: str | None = None

    def matches(self, case: Case) -> bool:
        """Whether the case belongs to the list."""
        plain = ("buyer_id", "seller_id", "order_id", "state", "outcome", "kind")
        return (
            all(getattr(self, name) in (None, getattr(case, name)) for name in plain)
            and (self.due_before is None or (case.deadline_at is not None and case.deadline_at < self.due_before))
            and (self.updated_since is None or case.updated_at >= self.updated_since)
            and (self.refund is None or _has_refund(case, self.refund))
        )

    @property
    def of_open_refunds(self) -> bool:
        """Whether only refunds are meant of which something has not gone."""
        return self.refund in _OPEN


# What a filter may ask for beside how refunds and their parts stand: any at all, and those of which something has not
# gone.
ANY_REFUND, OPEN_REFUND = "any", "open"
# Words of parts that only open refunds have. `sent` are also vouchers and coins that nobody confirmed, which keep no
# refund open.
_OPEN = frozenset(
    {OPEN_REFUND, "pending", "failed", "stuck", *(state.word for state in OPEN_PARTS)}
    - {state.word for state in PartState if state not in OPEN_PARTS}
)


def _has_refund(case: Case, word: str) -> bool:
    if case.refund is None:
        return False
    return case.refund.due > 0 if word == OPEN_REFUND else word == ANY_REFUND or case.refund.stands(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Where and how a file is to be posted (multipart form), until when."""

    url: str
    fields: Mapping[str, str]
    expires_at: datetime


class Store(Protocol):
    """The tables. Reads are consistent where they name one item; lists may lag by moments. A page of orders or cases
    ends with the one that passes LIST_BYTES, whatever its limit."""

    def order(self, order_id: str) -> Order | None:
        """The order, or None."""

    def orders(
        self,
        *,
        buyer_id: str | None = None,
        seller_id: str | None = None,
        status: str | None = None,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Page[Order]:
        """Orders of one buyer or of one seller, newest first by `placed_at`; `status` keeps those that stand there."""

    def all_orders(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        """Every order there is, in no order that means anything. For jobs, not for a request: it reads the table."""

    def case(self, case_id: str) -> Case | None:
        """The row, or None."""

    def cases(
        self, wanted: Filter, *, limit: int = PAGE, cursor: str | None = None, by_deadline: bool = False
    ) -> Page[Case]:
        """Cases that meet the filter, found by the first of: order (newest first), buyer (newest first), seller (open
        ones by deadline, then closed ones, latest first), state (by deadline), all states. With `by_deadline` every
        one of these lists begins with the open ones, by deadline."""

    def cards(self, seller_id: str) -> "Cards":
        """A seller's cases as cards, the open ones by deadline, then the closed ones, the latest first; of more than
        MOST_CARDS the first."""

    def put_card(self, case: Case) -> bool:
        """Write the words of its card where the row is still at its `rev`, and leave all else as it is; False where it
        has moved on."""

    def timeline(self, case_id: str) -> Sequence[Entry]:
        """All entries of a case, oldest first."""

    def entries(self, case_id: str, seqs: Collection[int]) -> Mapping[int, Entry]:
        """These entries of a case, by number; one that is not there is left out."""

    def timeline_page(
        self,
        case_id: str,
        *,
        limit: int = PAGE,
        cursor: str | None = None,
        newest_first: bool = False,
        most_bytes: int = PAGE_BYTES,
    ) -> Page[Entry]:
        """The same, page by page: at most `limit` entries, and one that passes `most_bytes` is the last of its page."""

    def commit(self, change: Change) -> None:
        """Write the whole change or nothing. Succeeds silently when this very change was already written.

        Raises Conflict where a row is no longer what the change was decided on, Refused `idempotency_in_progress`
        where another request took the Idempotency-Key first, Refused by the quota's code where it is used up. A debit
        conflicts where the wallet holds less, or knows its event already.
        """

    def take(self, use: Use) -> bool:
        """Take one of a caller's uses; False where none is left. However many come at once, no more are taken than
        there are. Raises Unavailable."""

    def save_outbox(self, before: Case, after: Case) -> bool:
        """Write `outbox` and `wake_at` of `after` where the row is still at `before.rev`; False where it has moved on.

        `after.rev` must be one higher. Struck effects are removed by their key, never by position.
        """

    def due(self, now: datetime, limit: int) -> Sequence[str]:
        """Ids of cases whose `wake_at` has come, most overdue first; reads due rows only."""

    def list_held(self, case_id: str, promises: Collection[Promise], since: datetime) -> None:
        """List, before the row says so, that these promises wait for a person from `since` on."""

    def unlist_held(self, case_id: str, promises: Collection[Promise]) -> None:
        """Forget it, after the row says so no longer."""

    def list_late_parcel(self, case_id: str, since: datetime) -> None:
        """List, before the row says so, that a parcel left although the case had cancelled its order."""

    def late_parcels(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Case]:
        """The cases whose parcel left late and of which nobody has said what becomes of it, the longest first."""

    def list_chargeback(self, order_id: str, due_by: datetime | None) -> None:
        """List, before the order says so, that a bank wants an answer about it, and by when; told again, the last day
        counts."""

    def unlist_chargeback(self, order_id: str) -> None:
        """Forget it, after the order says so no longer."""

    def open_chargebacks(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        """The orders about which a bank has not decided, by the day that was listed; those without one come last."""

    def list_second_person(self, order_id: str, since: datetime) -> None:
        """List, before the order says so, that a second person is wanted for money of it."""

    def unlist_second_person(self, order_id: str) -> None:
        """Forget it, after the order says so no longer."""

    def wanting_second_person(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Order]:
        """The orders of whose money a second person has to say what a first one said, the longest waiting first."""

    def held(
        self,
        keeps: Callable[[Held], bool],
        since: datetime | None = None,
        *,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Page[Held]:
        """What is held, from `since` on, the longest held first, as far as `keeps` lets it through."""

    def dispatch(self, id: DispatchId) -> Dispatch | None:
        """A try that a provider is asked for, or None."""

    def log(self, after: Position | None, *, horizon: timedelta, limit: int) -> LogPage:
        """At most so many items of the log behind a position, the oldest first, as far as the horizon: what is younger
        may still be followed by something older. From the oldest that is kept without a position."""

    def log_clock(self) -> int:
        """Where the log would be written now: microseconds since 1970, by real time."""

    def webhooks(self) -> Sequence[Webhook]:
        """All of them, the oldest first; there are MOST_WEBHOOKS at most."""

    def webhook(self, webhook_id: str) -> Webhook | None:
        """One of them, or None."""

    def put_webhook(self, webhook: Webhook) -> bool:
        """Write it where it is new (rev 1) or still at the revision before; False where somebody else wrote first, or
        took it away."""

    def drop_webhook(self, webhook_id: str) -> None:
        """Take it away, and its dead letters; nothing where there is none."""

    def note_attempts(self, webhook_id: str, attempts: Sequence[Attempt]) -> None:
        """Keep them for a while."""

    def attempts(self, webhook_id: str, *, limit: int = PAGE, cursor: str | None = None) -> Page[Attempt]:
        """What was tried, the latest first."""

    def bury_letters(self, webhook_id: str, letters: Sequence[Letter]) -> None:
        """Keep letters that were given up; the same one once."""

    def dead_letters(self, webhook_id: str, *, limit: int) -> Sequence[Letter]:
        """Some of them, as they lie in the log, the oldest first."""

    def forget_letters(self, webhook_id: str, letters: Sequence[Letter]) -> None:
        """They go out again."""

    def put_dispatch(self, dispatch: Dispatch) -> bool:
        """Write it where it is new (rev 1) or still at the revision before; False where somebody else wrote first. By
        what its provider knows it, it can be found from then on."""

    def due_dispatches(self, now: datetime, limit: int) -> Sequence[DispatchId]:
        """Those whose `next_at` has come, the longest due first."""

    def dispatch_known_as(self, provider: str, reference: str) -> DispatchId | None:
        """The one that a provider knows by this reference, if it ever said so."""

    def put_account(self, account: AccountSealed) -> None:
        """Keep a sealed account beside its case, and by its fingerprint; it is gone after its time."""

    def account(self, case_id: str, account_id: str) -> AccountSealed | None:
        """A sealed account, or None."""

    def cases_with_account(self, fingerprint: str) -> Sequence[str]:
        """The ids of cases for which this very account was named, some twenty of them at most."""

    def keep_reference(self, reference: str, case_id: str) -> str:
        """Let a reference lead to this case, unless it leads to another one already; the id of the one it leads to."""

    def case_known_as(self, reference: str) -> str | None:
        """The id of the case that this reference leads to, where it is not the reference itself; or None."""

    def noted(self, case_id: str) -> Noted:
        """By which fingerprints of clues the case is found; by none where nothing was noted."""

    def note_clues(self, case: Case, noted: Noted, until: datetime) -> None:
        """Keep it, and then let the case be found by those that were begun, until then; done anew it is the same."""

    def cases_by_clues(self, fingerprints: Collection[str], now: datetime, most: int) -> "CasesFound":
        """The cases that are found by all of these by now, the newest first, at most so many."""

    def forget_clues(self, case: Case, also: Collection[str] = ()) -> None:
        """Let it be found by none of them any more, nor by these."""

    def begin_job(self, job: Job) -> None:
        """Keep a new job, listed and open. What began longer than JOBS_KEPT before it is forgotten by and by."""

    def job(self, job_id: str) -> Job | None:
        """The job, or None."""

    def put_job(self, job: Job) -> bool:
        """Write it where it is still at the revision before; False where somebody else wrote first. One that has ended
        is open no more."""

    def open_jobs(self, kind: JobKind | None = None) -> Sequence[str]:
        """The ids of jobs that have not ended, or of those of a kind, the oldest first."""

    def strike_job(self, job_id: str) -> None:
        """One that has ended, or that is not there any more, is open no more."""

    def jobs(self, *, kind: JobKind | None = None, limit: int = PAGE, cursor: str | None = None) -> Page[Job]:
        """All jobs, or those of a kind, the newest first."""

    def put_erased_entry(self, case: Case, entry: Entry) -> None:
        """Write an entry whose words were erased in the place of the one that had them, and let the log say no more
        than it does, where the log still has it."""

    def put_erased_message(self, message: Message) -> None:
        """Write a message whose words were erased in the place of the one that had them."""

    def put_erased_evidence(self, evidence: Evidence) -> None:
        """Write what is left to know of a file in the place of what was known."""

    def forget_accounts(self, case_id: str) -> int:
        """Let the accounts that were named for a case be gone, with what leads from their fingerprints to it; how many
        they were."""

    def answers(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[Answered]:
        """Every answer that is kept under an Idempotency-Key, in no order. For jobs: it reads the table."""

    def forget_answer(self, key: str) -> None:
        """An answer is kept no longer."""

    def forget_attempts(self, webhook_id: str, case_ids: Collection[str]) -> int:
        """What was tried of a webhook about these cases, and what was answered, is gone; how many they were."""

    def put_token(self, case_id: str, token: Token) -> None:
        """Remember the token of the current wait."""

    def token(self, case_id: str) -> Token | None:
        """The token of the last wait that was entered, or None."""

    def messages(self, order_id: str) -> Sequence[Message]:
        """All messages about an order, oldest first."""

    def messages_page(
        self,
        order_id: str,
        keeps: Callable[[Message], bool],
        *,
        limit: int = PAGE,
        cursor: str | None = None,
        newest_first: bool = False,
        most_bytes: int = PAGE_BYTES,
    ) -> Page[Message]:
        """The same, page by page as the timeline, as far as `keeps` lets them through."""

    def see_evidence(self, evidence: Evidence) -> Evidence:
        """Keep a file as it was seen, once and for all; the one that was kept first where another was."""

    def evidence(self, case_id: str) -> Sequence[Evidence]:
        """The files of a case, oldest first."""

    def evidence_page(
        self, case_id: str, keeps: Callable[[Evidence], bool], *, limit: int = PAGE, cursor: str | None = None
    ) -> Page[Evidence]:
        """The same, page by page, as far as `keeps` lets them through."""

    def put_mail_fate(self, case_id: str, fate: MailFate) -> None:
        """Keep what was told of the mail that asks in a case; what happened later counts, in whichever order it is
        told."""

    def mail_fate(self, case_id: str) -> MailFate | None:
        """What was told last of the mail that asks, or None."""

    def setting(self, name: str) -> Mapping[str, Any] | None:
        """An operator's setting, or None."""

    def put_setting(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep an operator's setting; the last one counts."""

    def seller_rules(self, seller_id: str) -> SellerRules:
        """A seller's own rules; none where nothing was kept."""

    def put_seller_rules(self, seller_id: str, rules: SellerRules) -> None:
        """Keep a seller's rules; the last ones count."""

    def note_for_digest(self, seller_id: str, at: datetime, note: DigestNote) -> bool:
        """Have the digest of a seller at that moment tell it, unless one was told it before; False, and nothing is
        written, where that digest is on its way already."""

    def digest_notes(self, seller_id: str) -> Sequence[DigestNote]:
        """All that waits to be told by this seller's digests, by case; what was told is none of it."""

    def due_digests(self, now: datetime, limit: int) -> Sequence[Digest]:
        """Those whose moment has come and at which nobody is, the longest due first."""

    def put_digest(self, digest: Digest) -> bool:
        """Write it where it is still at the revision before; False where somebody else wrote first. From then on no
        note joins it."""

    def end_digest(self, digest: Digest, now: datetime) -> None:
        """What it told waits no more; then the digest itself is gone."""

    def put_digest_asks(self, asks: DigestAsks) -> None:
        """Keep for a while what a digest asks about."""

    def digest_asks(self, seller_id: str, at: datetime) -> DigestAsks | None:
        """What the digest of that moment asked about; None where there was none, or it is long ago."""

    def forget_digests(self, seller_id: str) -> None:
        """Keep nothing of this seller's digests any more."""

    def stopped(self, addresses: Collection[str]) -> Mapping[str, Why]:
        """Those of the addresses that are stopped, as they were given, and why; one read."""

    def mail_stops(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[MailStop]:
        """All stopped addresses, in no order that means anything."""

    def put_mail_stop(self, stop: MailStop) -> None:
        """Stop an address; the last stop of one counts."""

    def lift_mail_stop(self, stop_id: str) -> None:
        """Let an address have mail again, if it was stopped."""

    def put_mail_delay(self, delay: MailDelay) -> None:
        """Note that a mail is late; told again, it is noted once. What is older than DELAYS_KEPT is forgotten."""

    def mail_delays(self, since: datetime, *, limit: int) -> Sequence[MailDelay]:
        """The mails that were told to be late since then, the latest first."""

    def wallet(self, buyer_id: str, currency: str, *, limit: int | None = None, cursor: str | None = None) -> Wallet:
        """The wallet, with a page of its entries (all without `limit`); empty where nothing was ever credited."""

    def debit(self, buyer_id: str, currency: str, event_id: str) -> Debit | None:
        """What the marketplace took out of this wallet by this event, or None."""

    def ledger(
        self, currency: str, since: datetime, until: datetime, *, limit: int = PAGE, cursor: str | None = None
    ) -> Page[LedgerEntry]:
        """The ledger's entries in a currency from `since` on and before `until`, oldest first. A page looks through at
        most DAYS_OF_LEDGER, so that one may hold few or none, and have a cursor all the same."""

    def open_ledger(self) -> int:
        """Book what came into wallets before there was a ledger, once; how many entries that were. For a command, not
        for a request: it reads all wallets."""

    def shares(self, case_ids: Collection[str]) -> Mapping[str, Share]:
        """What these cases have added to figures, as far as they were counted."""

    def counters(self, places: Collection[Place]) -> Mapping[Place, Counters]:
        """The figures at these places, as far as anything was counted there."""

    def days_counted(self, subject: Subject, first: date, last: date) -> Mapping[date, Counters]:
        """The figures of a subject on the days (UTC) from the first to the last, where anything was counted."""

    def learned(self, place: Place) -> Cells:
        """What lies at the place of a situation, perhaps without what was counted this very moment."""

    def lessons(self, subject: Subject) -> Mapping[Situation, Cells]:
        """The same of all situations in which anything was learned of a subject."""

    def count(self, counting: Counting) -> bool:
        """Write all of it where nothing of it was written since it was read; False where something was, and nothing is
        written."""

    def granted(self, person: str, day: date) -> GrantedToday:
        """What this person of customer service granted on this day."""

    def answered(self, key: str, now: datetime) -> Answered | None:
        """The answer kept under an idempotency key, or None where there is none, or none any more."""

    def policy(self, name: str, version: int | None) -> Policy | None:
        """An operator's profile (the current version without `version`), or None."""

    def policy_names(self) -> Sequence[str]:
        """The names under which operators keep profiles, in the order of the alphabet."""

    def put_policy(self, policy: Policy) -> None:
        """Keep a new version and make it current. Raises Conflict where the version exists."""


class Orchestrator(Protocol):
    """Waits for people; both calls may fail or come twice without harm."""

    def start(self, case: Case, ticket: Mapping[str, Any]) -> None:
        """Start this run's execution with its ticket; started already counts as done. Raises Unavailable."""

    def answer(self, token: Token, ticket: Mapping[str, Any]) -> bool:
        """Answer a waiting task; False where nobody waits on that token any more. Raises Unavailable."""


class Mailer(Protocol):
    """Sends one composed mail. Raises Unavailable where it could not be handed over."""

    def send(self, mail: "Mail") -> None:
        """Hand one mail over."""


class Events(Protocol):
    """The event bus of integrators. Raises Unavailable where events could not be handed over."""

    def publish(self, events: Sequence["Event"]) -> Collection[str]:
        """Hand events over; each id is stable, so that receivers can tell a repetition. Gives the ids of those that the
        bus did not take, where it took the others."""


class Receivers(Protocol):
    """The world outside, where webhooks lead."""

    def check(self, url: str) -> None:
        """Raises Invalid `url_not_allowed` where nothing may be sent to that address: it is none, not encrypted, or
        leads into a private network."""

    def secret(self, webhook_id: str, generation: int) -> str:
        """The secret of that generation, as receivers keep it (`whsec_...`)."""

    def post(self, url: str, secrets: Sequence[str], message_id: str, body: bytes) -> Reply:
        """One attempt, signed with each of the secrets. Raises nothing: what goes wrong is the reply."""


class Files(Protocol):
    """The bucket of evidence, and of files that jobs work on. Raises Unavailable where it does not answer."""

    def upload(self, key: str, content_type: str, most_bytes: int, now: datetime, back: str | None = None) -> Upload:
        """A way to post one file of that type, and no larger, under that key; browsers are led `back` afterwards."""

    def download(self, key: str, filename: str, content_type: str) -> str:
        """An address that gives the file for a short while, as a download of that type."""

    def present(self, prefix: str) -> Mapping[str, int]:
        """The keys under a prefix that really lie there, with their sizes in bytes."""

    def read(self, key: str) -> bytes | None:
        """The bytes that lie there now, None where there are none; of more than a file may have, one more."""

    def seal(self, key: str, content_type: str, content: bytes) -> bool:
        """Lay a file where nothing lies yet; False where something does."""

    def remove(self, key: str) -> None:
        """Let a file be gone; nothing where there is none."""

    def fetch(self, key: str, to: Path) -> bool:
        """Copy a file of any size onto the disk, bit by bit; False where there is none."""

    def lay(self, key: str, content_type: str, file: Path) -> None:
        """Lay a file of any size from the disk, in the place of one that lies there."""

    def read_range(self, key: str, start: int, length: int) -> bytes | None:
        """At most so many bytes from `start` on, fewer at the end of the file; None where there is none."""

    def begin_parts(self, key: str, content_type: str) -> str:
        """Begin a file that is laid part by part; gives what S3 calls it until it is whole."""

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> None:
        """Lay part `number`, from 1 on, in the place of one that lies there; all but the last have LEAST_PART bytes or
        more."""

    def end_parts(self, key: str, upload: str) -> None:
        """Make the parts that lie there one file; done again it is the same."""


class Policies(Protocol):
    """The profile of a platform, shipped or an operator's own."""

    def names(self) -> Sequence[str]:
        """Every platform that has a profile."""

    def page_of_names(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[str]:
        """The same, page by page."""

    def knows(self, platform: str) -> bool:
        """Whether orders of this platform have a policy to live by."""

    def current(self, platform: str) -> Policy:
        """The current version for a platform, or of the operator's profile for all others. Raises Refused
        `policy_forbids` where there is none."""

    def version(self, name: str, version: int) -> Policy:
        """That very version."""


class LearnedOdds(Protocol):
    """What became of earlier requests."""

    def heard(self, seller_id: str, platform: str, situation: Situation) -> Heard:
        """In a situation, to this seller and on this platform; a minute or two old, the platform's some minutes."""


class Vault(Protocol):
    """Seals accounts with a key of their own, which no other data is sealed with."""

    def seal(self, case_id: str, account: Account) -> bytes:
        """For this case alone. Raises Unavailable."""

    def unseal(self, case_id: str, sealed: bytes) -> Account:
        """What was sealed for this case. Raises Unavailable."""

    def fingerprint(self, account: Account) -> str:
        """By which the same account is known again, and nothing else of it."""


class Calendar(Protocol):
    """Days off: a country's public holidays, by its code of ISO 3166, and the days that operators added."""

    @property
    def countries(self) -> Collection[str]:
        """Those whose public holidays are known."""

    def holidays(self, now: datetime, country: str | None) -> Collection[date]:
        """The days off of the years around `now`; of no country those alone that operators added."""

    def public_days(self, year: int, locale: str, country: str) -> Sequence[PublicDay]:
        """The days off of a year that nobody had to add, in the order of the calendar, named in `locale`."""


class Clock(Protocol):
    """Business time."""

    def __call__(self) -> datetime:
        """Now, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, ready to send. The ids travel in headers, so that every mail can be traced to what promised it; what is
    sent to `reply_to` becomes a message on the case. Mails of one `thread` are shown as one conversation."""

    to: str
    subject: str
    text: str
    html: str
    kind: str
    case_id: str
    effect_id: str
    locale: str
    reply_to: str | None = None
    correlation_id: str | None = None
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event for integrators; `event_id` repeats when the event does. `seq` is its number among the events of its
    order, from 1; none has one that is not in the log. `correlation_id` is the number of the request that made it."""

    event_id: str
    name: str
    at: datetime
    detail: Mapping[str, Any]
    seq: int | None = None
    correlation_id: str | None = None

    @property
    def envelope(self) -> Mapping[str, Any]:
        """The event as CloudEvents 1.0 in JSON, with its place among the events of its order: `prev_seq` is null for
        the first one, and both are where it has no place in the log."""
        number = {"correlationid": self.correlation_id} if self.correlation_id else {}
        return {
            "specversion": "1.0",
            "id": self.event_id,
            "source": SOURCE,
            "type": self.name,
            "time": stamp(self.at),
            "subject": self.detail["order_id"],
            "datacontenttype": "application/json",
            "dataschema": schema_id(self.name),
            "occurred_at": stamp(self.at),
            "case_id": self.detail["case_id"],
            "order_id": self.detail["order_id"],
            "seq": self.seq,
            "prev_seq": self.seq - 1 if self.seq and self.seq > 1 else None,
            **number,
            "data": self.detail,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Every port, filled in by wiring.py (or by a test). Use cases take it as their first argument.

    new_id gives unguessable ids, new_reference the number of a case (reference.py), new_salt 16 random bytes or more as
    text; `compose` writes the mail that an effect promises, `tell` the same for the marketplace to say where no mail
    reaches its reader; `compose_off` writes the one about a webhook that was switched off, `compose_digest` digests.
    `provider_names` are the payment providers that Batal asks for refunds itself, as tenders name them; `providers`
    speak to them, in functions that may. `payouts` is the one of them that pays out to accounts; None: the marketplace
    does. `horizon` is how old an item of the log is before it is read. `fingerprint` is all that is ever kept of a
    clue: nobody without the secret makes one, or reads one back. `off` is what the people in charge have switched off;
    `zone` and `country` are the marketplace's own.
    """

    store: Store
    policies: Policies
    odds: LearnedOdds
    calendar: Calendar
    orchestrator: Orchestrator
    mailer: Mailer
    events: Events
    files: Files
    compose: Callable[[Promise, Case, Order, Beside], Mail]
    tell: Callable[[Promise, Case, Order, Beside], PersonTell]
    now: Clock
    new_id: Callable[[], str]
    new_reference: Callable[[], str]
    new_salt: Callable[[], str]
    pace: Pace
    provider_names: frozenset[str] = frozenset()
    payouts: str | None = None
    vault: Vault
    receivers: Receivers
    compose_off: Callable[[Webhook], Mail]
    compose_digest: Callable[[DigestTold], Mail]
    fingerprint: Callable[[Clue], str]
    providers: Mapping[str, Provider] = field(default_factory=dict)
    horizon: timedelta = timedelta()
    off: frozenset[Switch] = frozenset()
    zone: Zone = Zone.WIB
    country: str = INDONESIA
    correlation_id: Callable[[], str | None] = lambda: None
