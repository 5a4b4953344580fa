"""The five tables as PynamoDB models (docs/architecture.md, "Tables").

Attributes of their own are what keys, conditions and updates need; the rest of an order, a case, an entry or an answer
is JSON: under `body` as it is, or under `z` packed (packing.py). Both are read; which is written is said by the setting
`format` (docs/operations.md).
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.constants import PAY_PER_REQUEST_BILLING_MODE
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.domain.figures.counting import Subject
from chalicelib.domain.ids import joined
from chalicelib.domain.jobs import JobKind

ROW = "ROW"
TOKEN = "TOKEN"
CLUES = "CLUES"
FATE = "FATE"
# What a case has added to figures; and where figures of all days lie, behind those of each. Figures of another form
# than these lie elsewhere, and are counted anew.
COUNTED, ALL_DAYS, _FIGURES_FORM = "COUNTED1", "all", "figures1"
BODY = "BODY"
BALANCE = "BALANCE"
CURRENT = "current"
POLICIES = "policies"
MAIL_STOPS = "mail_stops"
MAIL_DELAYS = "mail_delays"
JOBS, OPEN_JOBS = "jobs", "open_jobs"
WEBHOOKS = "webhooks"
DIGESTS = "digests"


HELD = "held"
LATE_PARCEL = "late_parcel"
# The queue of orders about which a bank wants an answer, by when.
CHARGEBACK = "chargeback"
# The queue of orders of whose money somebody said a first word, until a second person says the same.
SECOND_PERSON = "second_person"
# The queue of closed cases whose refund is open.
MONEY_OPEN = "money_open"
# The queue of what payment providers are asked for, by when that is looked at next.
DISPATCH = "dispatch"


def held_key(promise: str) -> str:
    """The sort key of a promise that was listed as held; `promise` is its form as text."""
    return f"H#{promise}"


def chargeback_key(order_id: str) -> str:
    """The sort key of an order that is listed since a bank wants an answer about it."""
    return f"CB#{order_id}"


def second_person_key(order_id: str) -> str:
    """The sort key of an order that is listed since a second person is wanted."""
    return f"SP#{order_id}"


def order_in(sort_key: str) -> str:
    """The order of such a key."""
    return sort_key.partition("#")[2]


def dispatch_key(part: str, tries: int) -> str:
    """The sort key of a try of a part of a refund."""
    return f"RF#{part}#{tries}"


def account_key(account_id: str) -> str:
    """The sort key of an account that money of a case is paid out to."""
    return f"PAYOUT#{account_id}"


def fingerprint_key(fingerprint: str) -> str:
    """Under which the cases lie for which this account was named."""
    return joined("account", fingerprint)


def reference_key(reference: str) -> str:
    """Under which lies to which case from before there were references this one leads."""
    return f"reference#{reference}"


def clue_key(fingerprint: str) -> str:
    """Under which the cases lie that are found by this clue."""
    return f"tok#{fingerprint}"


def webhook_key(webhook_id: str) -> str:
    """Under which lies what was tried of a webhook, and what was given up."""
    return f"webhook#{webhook_id}"


def jobs_list(which: str, kind: JobKind) -> str:
    """Under which the ids of a kind of jobs are listed: all of them, or the open ones."""
    return which if kind is JobKind.RECONCILIATION else joined(which, kind)


def job_key(job_id: str) -> str:
    """Under which a job lies."""
    return f"job#{job_id}"


def known_as_key(provider: str, reference: str) -> str:
    """Under which lies what a provider knows by this reference."""
    return joined("refund", provider, reference)


def wallet_key(buyer_id: str, currency: str) -> str:
    """Under which a buyer's wallet lies."""
    return joined(buyer_id, currency)


def credit_key(refund_id: str, part: str) -> str:
    """The sort key of what one part of a refund put into a wallet."""
    return joined("E", refund_id, part)


def debit_key(event_id: str) -> str:
    """The sort key of what the marketplace took out of a wallet. Functions of 0.4.0 that are still warm take all that
    begins with `E#` for credits."""
    return joined("D", event_id)


def ledger_key(currency: str, day: date, shard: int) -> str:
    """Under which the ledger's entries in this currency lie that were made on this day (UTC)."""
    return joined("ledger", currency, day.isoformat(), str(shard))


def log_key(day: date, shard: int) -> str:
    """Under which the items of the log lie that were written on this day (UTC)."""
    return joined("log", day.isoformat(), str(shard))


def log_place_key(pos: int, order_id: str = "") -> str:
    """The sort key of an item of the log; without an order, where those of that microsecond begin."""
    return f"{pos:017d}#{order_id}"


def digest_key(seller_id: str) -> str:
    """Under which lies what a seller's digests tell."""
    return joined("digest", seller_id)


def seller_key(seller_id: str) -> str:
    """Under which a seller's own rules lie."""
    return joined("seller", seller_id)


def figures_key(subject: Subject) -> str:
    """Under which the figures of a subject lie, a row for each day (UTC) and one for all days."""
    return joined(_FIGURES_FORM, subject.about, subject.name, str(subject.version))


def granted_key(person: str, day: date) -> str:
    """Under which what a person granted on a day is counted. No Idempotency-Key is kept under such a name."""
    return joined("granted", person, day.isoformat())


def entry_key(seq: int) -> str:
    """The sort key of timeline entry `seq`."""
    return f"T#{seq:06d}"


def _index(name: str) -> type:
    return type("Meta", (), {"index_name": name, "projection": KeysOnlyProjection()})


class _ByBuyer(GlobalSecondaryIndex[Any]):
    Meta = _index("by_buyer")
    buyer_id = UnicodeAttribute(hash_key=True)
    placed = UnicodeAttribute(range_key=True)


class _BySeller(GlobalSecondaryIndex[Any]):
    Meta = _index("by_seller")
    seller_id = UnicodeAttribute(hash_key=True)
    placed = UnicodeAttribute(range_key=True)


class _Due(GlobalSecondaryIndex[Any]):
    Meta = _index("due")
    due_shard = UnicodeAttribute(hash_key=True)
    wake_at = UnicodeAttribute(range_key=True)


class _Inbox(GlobalSecondaryIndex[Any]):
    Meta = _index("inbox")
    seller_id = UnicodeAttribute(hash_key=True)
    inbox = UnicodeAttribute(range_key=True)


class _Desk(GlobalSecondaryIndex[Any]):
    Meta = type("Meta", (), {"index_name": "desk", "projection": IncludeProjection(["card"])})
    seller_id = UnicodeAttribute(hash_key=True)
    inbox = UnicodeAttribute(range_key=True)


class _Queue(GlobalSecondaryIndex[Any]):
    Meta = _index("queue")
    queue_shard = UnicodeAttribute(hash_key=True)
    queue_at = UnicodeAttribute(range_key=True)


class _CasesByBuyer(GlobalSecondaryIndex[Any]):
    Meta = _index("by_buyer")
    buyer_id = UnicodeAttribute(hash_key=True)
    created = UnicodeAttribute(range_key=True)


class OrderRow(Model):
    """An order; the guard fields (open_case .. last_pos) are written by cases only. `seq` counts its events, and
    `last_pos` is where the last of them lies in the log. Of its two forms, and which attributes
    each has: order_rows.py."""

    order_id = UnicodeAttribute(hash_key=True)
    rev = NumberAttribute()
    body: Any = UnicodeAttribute(null=True)
    z: Any = BinaryAttribute(null=True, legacy_encoding=False)
    body_digest = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    status_version = NumberAttribute()
    status_at = UnicodeAttribute()
    tracking_number = UnicodeAttribute(null=True)
    carrier = UnicodeAttribute(null=True)
    buyer_id = UnicodeAttribute()
    seller_id = UnicodeAttribute()
    placed = UnicodeAttribute()
    told = UnicodeAttribute(null=True)
    body_told = UnicodeAttribute(null=True)
    status_told = UnicodeAttribute(null=True)
    late_parcel = UnicodeAttribute(null=True)
    moments: MapAttribute[str, Any] = MapAttribute(null=True)
    open_case = UnicodeAttribute(null=True)
    cases: ListAttribute[Any] = ListAttribute(null=True)
    attempts = NumberAttribute(null=True)
    return_attempts = NumberAttribute(null=True)
    left: MapAttribute[str, Any] = MapAttribute(null=True)
    cancelled: MapAttribute[str, Any] = MapAttribute(null=True)
    returned: MapAttribute[str, Any] = MapAttribute(null=True)
    given: MapAttribute[str, Any] = MapAttribute(null=True)
    books: Any = BinaryAttribute(null=True, legacy_encoding=False)
    granted_worth = NumberAttribute(null=True)
    parcels: Any = BinaryAttribute(null=True, legacy_encoding=False)
    gone: Any = BinaryAttribute(null=True, legacy_encoding=False)
    seq = NumberAttribute(null=True)
    last_pos = NumberAttribute(null=True)
    by_buyer = _ByBuyer()
    by_seller = _BySeller()


class CaseRow(Model):
    """A case: the row that is the truth. Without `wake_at` and its shard it is not in the due index at all."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    rev = NumberAttribute()
    decision_id = UnicodeAttribute()
    body: Any = UnicodeAttribute(null=True)
    z: Any = BinaryAttribute(null=True, legacy_encoding=False)
    # Stored as `owed`: a warm function of the version before reads it by that name.
    outbox: MapAttribute[str, Any] = MapAttribute(attr_name="owed")
    deliverer = UnicodeAttribute(null=True)
    wake_at = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    leased_to = UnicodeAttribute()
    lease_until = UnicodeAttribute(null=True)
    money_sent = BooleanAttribute(null=True)
    seller_id = UnicodeAttribute()
    inbox = UnicodeAttribute()
    card = UnicodeAttribute(null=True)
    queue_shard = UnicodeAttribute()
    queue_at = UnicodeAttribute()
    buyer_id = UnicodeAttribute()
    created = UnicodeAttribute()
    due = _Due()
    by_inbox = _Inbox()
    by_desk = _Desk()
    by_queue = _Queue()
    by_buyer = _CasesByBuyer()


class EntryRow(Model):
    """A timeline entry, beside its case."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    decision_id = UnicodeAttribute()
    body: Any = UnicodeAttribute(null=True)
    z: Any = BinaryAttribute(null=True, legacy_encoding=False)
    log_pos: Any = NumberAttribute(null=True)
    log_first: Any = NumberAttribute(null=True)
    correlation_id: Any = UnicodeAttribute(null=True)


class LogRow(Model):
    """An item of the log, in the cases' table: `log#<day>#<shard>`, by position. Gone after `expires` (seconds)."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    z = BinaryAttribute(legacy_encoding=False)
    expires = NumberAttribute()


class TokenRow(Model):
    """The task token of the current wait, beside its case."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    run = NumberAttribute()
    turn = NumberAttribute()
    token = UnicodeAttribute()


class FateRow(Model):
    """What became of the mail that asks, beside its case. `told`: when that happened."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    told = UnicodeAttribute()
    body = UnicodeAttribute()


class MessageRow(Model):
    """A message, under its order: `order#<id>`, in the cases' table. No case id has a `#`."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()


class BodyRow(Model):
    """An order as told, compressed, beside its messages; its head says by a digest which one is meant."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    z = BinaryAttribute(legacy_encoding=False)


class EvidenceRow(Model):
    """What is known of a file, beside its case. `seen`: its bytes were looked at, and it is written no more."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    seen = BooleanAttribute(null=True)


class QuotaRow(Model):
    """How much of a quota is used, beside the messages of its order."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    used = NumberAttribute()


class HeldRow(Model):
    """That a promise waits for a person, beside its case and in the queue `held#<shard>` since when; or a late parcel,
    or, beside its order's messages, a chargeback by its day. The row that it is about knows whether that is still
    so."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    queue_shard = UnicodeAttribute()
    queue_at = UnicodeAttribute()


class DispatchRow(Model):
    """A try of a part of a refund that a payment provider is asked for, beside its case; queued while it is looked at.
    Also, under what its provider knows it by, where it lies."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    rev = NumberAttribute()
    queue_shard = UnicodeAttribute(null=True)
    queue_at = UnicodeAttribute(null=True)


class AccountRow(Model):
    """An account that money of a case is paid out to, sealed, beside the case; and without `sealed`, under its
    fingerprint, a case for which it was named. Gone after `expires` (seconds)."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires = NumberAttribute()
    sealed = BinaryAttribute(null=True, legacy_encoding=False)
    fingerprint = UnicodeAttribute(null=True)


class NotedRow(Model):
    """By which fingerprints of clues a case is found, beside the case; gone after `expires`, as they are."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    expires = NumberAttribute()


class MoneyRow(Model):
    """A wallet's balance, or a credit or debit of it. `booked`: the ledger's entry about it; none in rows from before
    there was a ledger."""

    wallet = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    balance = NumberAttribute(null=True)
    body = UnicodeAttribute(null=True)
    booked = UnicodeAttribute(null=True)


class LedgerRow(Model):
    """An entry of the ledger, under its currency, day and shard, by time."""

    wallet = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    z = BinaryAttribute(legacy_encoding=False)


class SettingRow(Model):
    """A version of a policy, which one is current, that there is one of this name; a stopped address; an operator's
    other settings."""

    name = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()


class ClueRow(Model):
    """That a case is found by a clue, in the settings' table: the clue's fingerprint, the case by when it began. Gone
    after `expires` (seconds), which AWS sees to days later."""

    name = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires = NumberAttribute()


class WebhookRow(Model):
    """A webhook, in the settings' table, among all of them."""

    name = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    rev = NumberAttribute()


class HandedRow(Model):
    """What was tried of a webhook, or a letter that was given up, under `webhook#<id>`. Gone after `expires` (seconds),
    which AWS sees to days later."""

    name = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    expires = NumberAttribute()


class DigestRow(Model):
    """In the settings' table: a digest that is due, among all of them by its moment; and under `digest#<seller>` what
    is noted for digests, and what each asked about, gone after `expires` (seconds), which AWS sees to days later."""

    name = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    rev: Any = NumberAttribute(null=True)
    expires: Any = NumberAttribute(null=True)


class JobRow(Model):
    """A job, in the settings' table."""

    name = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    rev = NumberAttribute()


class FiguresRow(Model):
    """Figures of a subject, in the settings' table."""

    name = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    z = BinaryAttribute(legacy_encoding=False)
    rev = NumberAttribute()


class CountedRow(Model):
    """What a case has added to figures, beside it, as of its own revision `rev`."""

    case_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    z = BinaryAttribute(legacy_encoding=False)
    rev = NumberAttribute()


class KeyRow(Model):
    """An answer kept under an Idempotency-Key."""

    key = UnicodeAttribute(hash_key=True)
    fingerprint = UnicodeAttribute()
    status = NumberAttribute()
    body: Any = UnicodeAttribute(null=True)
    z: Any = BinaryAttribute(null=True, legacy_encoding=False)
    expires = NumberAttribute()


class GrantedRow(Model):
    """What a person of customer service granted on a day, in the keys' table: `granted#<person>#<day>`. `amount` is all
    that was ever added, whatever its currency, as the version before reads it; `sums` are by currency."""

    key = UnicodeAttribute(hash_key=True)
    amount = NumberAttribute()
    sums: MapAttribute[str, Any] = MapAttribute(null=True)
    expires = NumberAttribute()


class UseRow(Model):
    """How often a caller did something within an hour, in the keys' table: `quota#<what>#<HMAC of who>#<hour>`."""

    key = UnicodeAttribute(hash_key=True)
    used = NumberAttribute()
    expires = NumberAttribute()


@dataclass(frozen=True, slots=True)
class Tables:
    """The models, bound to the tables of one prefix, and the one connection that all of them share."""

    connection: Connection
    order: type[OrderRow]
    case: type[CaseRow]
    entry: type[EntryRow]
    log: type[LogRow]
    token: type[TokenRow]
    fate: type[FateRow]
    message: type[MessageRow]
    body: type[BodyRow]
    evidence: type[EvidenceRow]
    quota: type[QuotaRow]
    held: type[HeldRow]
    dispatch: type[DispatchRow]
    account: type[AccountRow]
    noted: type[NotedRow]
    money: type[MoneyRow]
    ledger: type[LedgerRow]
    setting: type[SettingRow]
    clue: type[ClueRow]
    webhook: type[WebhookRow]
    handed: type[HandedRow]
    digest: type[DigestRow]
    job: type[JobRow]
    figures: type[FiguresRow]
    counted: type[CountedRow]
    key: type[KeyRow]
    granted: type[GrantedRow]
    use: type[UseRow]

    def create(self) -> None:
        """Make the tables that are missing, for tests and the sandbox; deployments make theirs by template."""
        for model in (self.order, self.case, self.money, self.setting, self.key):
            model.create_table(wait=False)


@cache
def tables(prefix: str) -> Tables:
    """Models bound to `<prefix>orders`, `<prefix>cases` and so on; the region is the environment's."""
    # Short patience, few tries: whoever calls can tell its own success from a conflict, and what fails comes again.
    connection = Connection(connect_timeout_seconds=3, read_timeout_seconds=8, max_retry_attempts=2)
    known: set[str] = set()

    def bound(model: type[Any], name: str) -> Any:
        meta = {"table_name": prefix + name, "billing_mode": PAY_PER_REQUEST_BILLING_MODE}
        made: Any = type(model.__name__, (model,), {"Meta": type("Meta", (), meta)})
        # PynamoDB would make each model a client of its own, each with a botocore session that reads the large
        # description of DynamoDB anew: 0.7 s of CPU in a cold start, against 0.16 s with one.
        table = made._get_connection()
        if name not in known:
            connection.add_meta_table(table.get_meta_table())
            known.add(name)
        table.connection = connection
        return made

    return Tables(
        connection=connection,
        order=bound(OrderRow, "orders"),
        case=bound(CaseRow, "cases"),
        entry=bound(EntryRow, "cases"),
        log=bound(LogRow, "cases"),
        token=bound(TokenRow, "cases"),
        fate=bound(FateRow, "cases"),
        message=bound(MessageRow, "cases"),
        body=bound(BodyRow, "cases"),
        evidence=bound(EvidenceRow, "cases"),
        quota=bound(QuotaRow, "cases"),
        held=bound(HeldRow, "cases"),
        dispatch=bound(DispatchRow, "cases"),
        account=bound(AccountRow, "cases"),
        noted=bound(NotedRow, "cases"),
        money=bound(MoneyRow, "money"),
        ledger=bound(LedgerRow, "money"),
        setting=bound(SettingRow, "settings"),
        clue=bound(ClueRow, "settings"),
        job=bound(JobRow, "settings"),
        figures=bound(FiguresRow, "settings"),
        counted=bound(CountedRow, "cases"),
        webhook=bound(WebhookRow, "settings"),
        handed=bound(HandedRow, "settings"),
        digest=bound(DigestRow, "settings"),
        key=bound(KeyRow, "keys"),
        granted=bound(GrantedRow, "keys"),
        use=bound(UseRow, "keys"),
    )
