"""The timeline: one entry per transition, append-only, each chained to the one before by its hash (I10).

Of what people typed the hash covers salted digests alone. Words and salts stand beside the chain and can be taken away
without breaking it. Entries of 0.1.0 and 0.2.0 hold the words themselves under their hash, and are verified by that
rule for ever. Which rule holds is told by the hash, which the next entry and the row repeat: none passes for the other.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.events import digest_of
from chalicelib.domain.cases.log import Logged, LogPlace
from chalicelib.domain.parties import Actor

# What stands under the hash for the id of somebody who works for the marketplace. Who it was stands among the words
# that people typed (`person`), so that parties verify an entry which does not name them.
NAMELESS = "-"

# How the hash of an entry begins that covers salted digests.
SALTED = "salted:"

# Where the words, names and parcel numbers that people typed stand: in fields of an entry, and among its facts. Ids of
# roles are not among them: they are the marketplace's own pseudonyms.
_FIELDS = ("comment", "note", "tracking_number")
_FACTS = ("person", "carrier", "seller_rule", "seller_rule_dry", "first_note")
PERSONAL = frozenset((*_FIELDS, *_FACTS))
# Those that events tell, too.
IN_EVENTS = ("tracking_number", "carrier")

# What stands beside the chain.
_NOT_HASHED = frozenset(("hash", "events", "salts", "erased", "log_place", "correlation_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one transition did. `seq` counts from 1 within the case; `hash` covers `previous` and all else but what
    stands beside the chain.

    facts    what was at stake: the amounts of a quote, an offer, a new deadline. Plain JSON values
    events   what the events that it promised say, by name; the hash covers their digests, which stand among the facts
    digests  of each of PERSONAL that was said, by name: the hash covers these instead
    salts    of the words that are still there, by name; beside the chain, as the words are
    erased   which words were erased from an entry whose hash covers the words themselves
    correlation_id  the number of the request that it came of; None where none did, or none was known before 0.8.0
    log_place  where its events lie in the log, once it is written; None too where a version before 0.8.0 wrote it
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
    digests: Mapping[str, str] | None = None
    salts: Mapping[str, str] | None = None
    erased: tuple[str, ...] | None = None
    log_place: LogPlace | None = None
    correlation_id: str | None = None
    previous: str = ""
    hash: str = ""

    @property
    def is_salted(self) -> bool:
        """Whether the hash covers salted digests instead of words."""
        return self.hash.startswith(SALTED)

    @property
    def speaker(self) -> Actor:
        """Who spoke; of the marketplace's people nobody knows it any more once the words are erased."""
        person = (self.facts or {}).get("person")
        return replace(self.actor, id=person) if self.actor.id == NAMELESS and person else self.actor

    @property
    def gone(self) -> frozenset[str]:
        """Which words were said and are erased."""
        if not self.is_salted:
            return frozenset(self.erased or ())
        return frozenset(self.digests or ()) - frozenset(words_in(self))


def words_in(entry: Entry) -> dict[str, str]:
    """The personal words that can be read, by name."""
    fields = {name: getattr(entry, name) for name in _FIELDS}
    found = fields | {name: (entry.facts or {}).get(name) for name in _FACTS}
    return {name: text for name, text in found.items() if text is not None}


def seal(entry: Entry, salt: str) -> Entry:
    """The entry with the digests of its words and events, and its hash.

    `salt` is random, of 16 bytes or more, and kept nowhere: each word gets a salt of its own from it, so that one word
    can be erased with its salt while others are still verified.
    """
    words = words_in(entry)
    salts = {name: _sha256([salt, entry.seq, name])[:32] for name in words}
    digests = {name: word_digest(salts[name], name, text) for name, text in words.items()}
    sealed = replace(entry, digests=digests or None, salts=salts or None)
    if entry.events:
        if not all(_tells_no_more(payload, entry) for payload in entry.events.values()):
            raise AssertionError("an event tells another parcel than its entry does")
        told = {name: event_digest(payload, sealed) for name, payload in entry.events.items()}
        sealed = replace(sealed, facts={**(entry.facts or {}), "events": told})
    return rehashed(sealed)


def rehashed(entry: Entry) -> Entry:
    """A sealed entry with the hash of what it says now, for whoever adds a fact before it is committed."""
    return replace(entry, hash=SALTED + _sha256(content_of(entry)))


def hash_of(entry: Entry) -> str:
    """The hash that this content must have, by the rule that its own hash names."""
    return (SALTED if entry.is_salted else "") + _sha256(content_of(entry))


def word_digest(salt: str, name: str, text: str) -> str:
    """The digest of one personal word: SHA-256 over salt, name and text as canonical JSON."""
    return _sha256([salt, name, text])


def content_of(entry: Entry) -> dict[str, Any]:
    """What the hash covers, as JSON values.

    What was not said is left out, so that a field added by a later version breaks no earlier chain. Of words that have
    a digest the digest stands alone. A note under the older rule goes in by its own hash, so that a party who may not
    read it can still check the chain.
    """
    covered = without(entry, entry.digests or ())
    content = {name: value for name, value in asdict(covered).items() if value is not None and name not in _NOT_HASHED}
    content["at"] = entry.at.isoformat()
    # Whatever else is known of who speaks stands among the facts: an earlier version knows no more of an actor.
    content["actor"] = {"role": entry.actor.role, "id": entry.actor.id}
    note = content.pop("note", None)
    if note is not None:
        content["note_digest"] = hashlib.sha256(f"{entry.decision_id}:{note}".encode()).hexdigest()
    return content


def without(entry: Entry, names: Collection[str]) -> Entry:
    """The entry without these words; digests and hash stay."""
    facts = entry.facts
    if facts is not None:
        facts = {name: known for name, known in facts.items() if name not in names or name not in _FACTS}
    fields: dict[str, Any] = dict.fromkeys(set(_FIELDS) & set(names))
    return replace(entry, facts=facts, **fields)


def events_hold(entry: Entry) -> bool:
    """Whether the events that are still kept say what their digests say, and no word that the entry does not say."""
    kept = (entry.facts or {}).get("events") or {}
    if not entry.is_salted:
        return all(kept.get(name) == digest_of(payload) for name, payload in (entry.events or {}).items())
    return all(
        _tells_no_more(payload, entry) and kept.get(name) == event_digest(payload, entry)
        for name, payload in (entry.events or {}).items()
    )


def _tells_no_more(payload: Mapping[str, Any], entry: Entry) -> bool:
    words = words_in(entry)
    return all(payload[name] == words.get(name) for name in IN_EVENTS if name in payload)


def event_digest(payload: Mapping[str, Any], entry: Entry) -> str:
    """An event's digest. Personal words go in by the entry's digest of them: where all else is known they could be
    guessed."""
    digests = entry.digests or {}
    return digest_of({**payload, **{name: digests.get(name) for name in IN_EVENTS if name in payload}})


def _sha256(value: Any) -> str:
    """SHA-256 over canonical JSON: sorted keys, no spaces."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def logged_at(place: LogPlace, order_id: str, case_id: str, entry: Entry) -> Logged:
    """What the log holds at that place of an entry which tells something."""
    return Logged(
        place=place,
        order_id=order_id,
        case_id=case_id,
        seq=entry.seq,
        at=entry.at,
        events=entry.events or {},
        correlation_id=entry.correlation_id,
    )
