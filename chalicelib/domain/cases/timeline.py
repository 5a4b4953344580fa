"""The timeline: one entry per transition, append-only, each chained to the one before by its hash (I10)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.parties import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one transition did. `seq` counts from 1 within the case; `hash` covers everything else and `previous`.

    `facts` is what was at stake: the amounts of a quote, an offer, a new deadline. Plain JSON values. `events` is what
    the events that it promised say, by name; the hash covers their digests, which stand among the facts, so that a
    version that knows no events finds the chain whole.
    """

    seq: int
    at: datetime
    actor: Actor
    command: Command
    came_from: State | None
    state: State
    policy: str
    decision_id: str
    outcome: Outcome | None = None
    reason_code: str | None = None
    comment: str | None = None
    note: str | None = None
    tracking_number: str | None = None
    facts: Mapping[str, Any] | None = None
    events: Mapping[str, Mapping[str, Any]] | None = None
    previous: str = ""
    hash: str = ""


def seal(entry: Entry) -> Entry:
    """The entry with its hash."""
    return replace(entry, hash=digest(entry))


def digest(entry: Entry) -> str:
    """SHA-256 over the entry's content in canonical JSON: sorted keys, no spaces."""
    return hashlib.sha256(json.dumps(content_of(entry), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def content_of(entry: Entry) -> dict[str, Any]:
    """What the hash covers, as JSON values.

    What was not said is left out, so that a field added by a later version breaks no earlier chain. A note of customer
    service goes in by its own hash, so that a party who may not read it can still check the chain.
    """
    content = {
        name: value for name, value in asdict(entry).items() if value is not None and name not in ("hash", "events")
    }
    content["at"] = entry.at.isoformat()
    # Whatever else is known of who speaks stands among the facts: an earlier version knows no more of an actor.
    content["actor"] = {"role": entry.actor.role, "id": entry.actor.id}
    note = content.pop("note", None)
    if note is not None:
        content["note_digest"] = hashlib.sha256(f"{entry.decision_id}:{note}".encode()).hexdigest()
    return content


def intact(entries: Iterable[Entry], count: int, head: str) -> bool:
    """Whether these are all `count` entries, unedited and in order, ending in `head`."""
    previous, seq = "", 0
    for entry in entries:
        seq += 1
        if entry.seq != seq or entry.previous != previous or entry.hash != digest(entry):
            return False
        previous = entry.hash
    return seq == count and previous == head
