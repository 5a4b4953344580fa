"""What version 0.2.0 knew of an entry, in its own lines: the fields that it reads, and how it sealed them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.events import digest_of
from chalicelib.domain.parties import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as 0.2.0 reads and writes it."""

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
    """The entry with the digests of its events and its hash, which covers the words themselves."""
    if entry.events:
        told = {name: digest_of(payload) for name, payload in entry.events.items()}
        entry = replace(entry, facts={**(entry.facts or {}), "events": told})
    content = {
        name: value for name, value in asdict(entry).items() if value is not None and name not in ("hash", "events")
    }
    content["at"] = entry.at.isoformat()
    content["actor"] = {"role": entry.actor.role, "id": entry.actor.id}
    note = content.pop("note", None)
    if note is not None:
        content["note_digest"] = hashlib.sha256(f"{entry.decision_id}:{note}".encode()).hexdigest()
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return replace(entry, hash=hashlib.sha256(canonical.encode()).hexdigest())
