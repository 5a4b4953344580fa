"""Between domain objects and rows."""

import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from chalicelib.adapters.dynamodb.cards import card_text, words_in
from chalicelib.adapters.dynamodb.packing import CASES, packed, unpacked
from chalicelib.adapters.dynamodb.tables import MONEY_OPEN, CaseRow, EntryRow
from chalicelib.domain.cases.case import Case, Deliverer, Pending
from chalicelib.domain.cases.effects import Promise, decode, encode
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.log import LogPlace
from chalicelib.domain.cases.quotas import Quota
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.ids import joined

T = TypeVar("T")

# How many partitions the due index and the queues are spread over; 1,000 writes a second each.
SHARDS = 4

# Kept beside the body, since conditions and updates of their own touch them.
_APART = ("outbox", "wake_at", "leased_to", "lease_until", "money_sent", "rev", "words")


def stamp(at: datetime) -> str:
    """A moment as text that sorts by time: UTC, microseconds, fixed width."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment(text: str) -> datetime:
    """The moment of a stamp."""
    return datetime.fromisoformat(text)


def shard(case_id: str) -> int:
    """The shard of a case."""
    return zlib.crc32(case_id.encode()) % SHARDS


def dumped(value: Any) -> str:
    """A domain object as JSON."""
    return msgspec.json.encode(value).decode()


def loaded(text: str, kind: type[T]) -> T:
    """A domain object from JSON."""
    return msgspec.json.decode(text, type=kind)


def stored(text: str, *, small: bool) -> dict[str, Any]:
    """A text as the attribute that holds it: packed where rows are small."""
    return {"z": packed(text, CASES)} if small else {"body": text}


def text_of(row: Any) -> str:
    """The text that a row holds, in whichever form."""
    text: str = row.body if row.body is not None else unpacked(row.z)
    return text


def case_attributes(case: Case, *, small: bool) -> dict[str, Any]:
    """A case as the attributes of its row."""
    queue_at = case.deadline_at or case.updated_at
    return {
        "rev": case.rev,
        "decision_id": case.decision_id,
        **stored(case_body(case), small=small),
        "outbox": {encode(promise): pending_map(pending) for promise, pending in case.outbox.items()},
        "wake_at": stamp(case.wake_at) if case.wake_at else None,
        "due_shard": str(shard(case.case_id)) if case.wake_at else None,
        "leased_to": case.leased_to,
        "lease_until": stamp(case.lease_until) if case.lease_until else None,
        "money_sent": case.money_sent or None,
        "seller_id": case.seller_id,
        "inbox": inbox(case),
        "card": card_text(case),
        "queue_shard": f"{_queue(case)}#{shard(case.case_id)}",
        "queue_at": stamp(queue_at),
        "buyer_id": case.buyer_id,
        "created": joined(stamp(case.created_at), case.case_id),
    }


def _queue(case: Case) -> str:
    """Cases wait by state; closed ones whose money has not gone, or came back, apart, so that they are found."""
    return MONEY_OPEN if not case.open and case.refund and case.refund.due else case.state


def case_body(case: Case) -> str:
    """What of a case is no attribute of its own, in JSON."""
    content = msgspec.to_builtins(replace(case, outbox={}))
    for name in _APART:
        del content[name]
    for money, parts in (("quote", "tenders"), ("quoted", "tenders"), ("refund", "parts")):
        if content[money]:
            content[money][parts] = [named_by_method(each) for each in content[money][parts]]
    if content["refund"] and not content["refund"]["not_taken"]:
        del content["refund"]["not_taken"]
    for name in ("claimed_at", "reference", "goes_on_in"):
        if content[name] is None:
            del content[name]
    return dumped(content)


def named_by_method(told: Mapping[str, Any]) -> dict[str, Any]:
    """A tender, or a part that goes back of one, as it is stored: most have no other name than their method, and no
    channel."""
    silent = {**dict.fromkeys(told), "tender_id": told["method"], "tries": 1, "asked": 0, "withheld": False}
    return {name: value for name, value in told.items() if name not in silent or value != silent[name]}


def case_size(case: Case) -> int:
    """How much a case is to show, in bytes."""
    return len(case_body(case).encode())


def case_of(row: CaseRow) -> Case:
    """The case of a row."""
    case = loaded(text_of(row), Case)
    outbox = {decode(key): _pending(value) for key, value in (row.outbox.as_dict() if row.outbox else {}).items()}
    return replace(
        case,
        rev=int(row.rev),
        outbox=outbox,
        wake_at=moment(row.wake_at) if row.wake_at else None,
        leased_to=Deliverer(row.leased_to),
        lease_until=moment(row.lease_until) if row.lease_until else None,
        money_sent=bool(row.money_sent),
        words=words_in(row.card) if row.card else None,
    )


def pending_map(pending: Pending) -> dict[str, Any]:
    """A promise as a DynamoDB map."""
    full = {
        "tries": pending.tries,
        "next_at": pending.next_at and stamp(pending.next_at),
        "parked": pending.held or None,
    }
    return {name: value for name, value in full.items() if value is not None}


def entry_attributes(entry: Entry, *, small: bool) -> dict[str, Any]:
    """A timeline entry as the attributes of its row."""
    content = msgspec.to_builtins(entry)
    del content["log_place"], content["correlation_id"]
    beside: dict[str, Any] = {}
    if entry.log_place:
        beside = {"log_pos": entry.log_place.pos, "log_first": entry.log_place.first}
    if entry.correlation_id:
        beside |= {"correlation_id": entry.correlation_id}
    return {"decision_id": entry.decision_id, **stored(dumped(content), small=small), **beside}


def entry_of(row: EntryRow) -> Entry:
    """The timeline entry of a row."""
    entry = replace(loaded(text_of(row), Entry), correlation_id=row.correlation_id)
    if row.log_pos is None or row.log_first is None:
        return entry
    return replace(entry, log_place=LogPlace(pos=int(row.log_pos), first=int(row.log_first)))


def promise_of(sort_key: str) -> Promise:
    """The promise that a sort key lists as held."""
    return decode(sort_key.partition("#")[2])


def thread_key(order_id: str) -> str:
    """Under which the messages about an order lie."""
    return joined("order", order_id)


def message_key(message: Message) -> str:
    """The sort key of a message: by time."""
    return f"M#{stamp(message.at)}#{message.message_id}"


def quota_key(quota: Quota) -> str:
    """The sort key of what is used of a quota."""
    return f"Q#{quota.name}"


def evidence_key(evidence: Evidence) -> str:
    """The sort key of a file: by time."""
    return f"E#{stamp(evidence.at)}#{evidence.evidence_id}"


def _pending(value: Mapping[str, Any]) -> Pending:
    next_at = value.get("next_at")
    return Pending(
        tries=int(value["tries"]),
        next_at=moment(next_at) if next_at else None,
        held=bool(value.get("parked", False)),
    )


def inbox(case: Case) -> str:
    """Open cases by deadline, then closed ones, the latest first: one ascending key for both."""
    if case.open:
        return f"open#{stamp(case.deadline_at) if case.deadline_at else '9999'}#{case.case_id}"
    closed = case.closed_at or case.updated_at
    return f"past#{10**12 - int(closed.timestamp()):013d}#{case.case_id}"
