"""How far a timeline can be verified, and taking people's words out of it so that it still can be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from chalicelib.domain.cases.timeline import (
    IN_EVENTS,
    NAMELESS,
    PERSONAL,
    Entry,
    events_hold,
    hash_of,
    without,
    word_digest,
    words_in,
)


class Soundness(StrEnum):
    """How far an entry, or a whole timeline, can be verified; from best to worst.

    intact      it says what was sealed
    erased      words are gone; what is left says what was sealed, and the digests of the words stand
    order_only  words are gone that stood under the hash itself: it has its place, what it says is not verified any more
    tampered    it does not say what was sealed, or not at this place
    """

    INTACT = "intact"
    ERASED = "erased"
    ORDER_ONLY = "order_only"
    TAMPERED = "tampered"


_FROM_BEST_TO_WORST = tuple(Soundness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found: of each entry by its number, and of the timeline as a whole."""

    entries: Mapping[int, Soundness]
    whole: Soundness


def examine(entries: Sequence[Entry], count: int, head: str, left_out: int = 0) -> Examined:
    """Whether these are all `count` entries in order, ending in `head`, and how far each can be verified.

    The first `left_out` of a long timeline may be missing: the hash that the first entry names vouches for them.
    """
    found: dict[int, Soundness] = {}
    in_order = True
    previous = entries[0].previous if left_out and entries else ""
    for seq, entry in enumerate(entries, start=left_out + 1):
        follows = entry.seq == seq and entry.previous == previous
        in_order = in_order and follows
        found[seq] = soundness_of(entry) if follows else Soundness.TAMPERED
        previous = entry.hash
    complete = in_order and left_out + len(entries) == count and previous == head
    worst = max(found.values(), key=_FROM_BEST_TO_WORST.index, default=Soundness.INTACT)
    return Examined(entries=found, whole=worst if complete else Soundness.TAMPERED)


def soundness_of(entry: Entry) -> Soundness:
    """How far one entry can be verified by itself."""
    if not entry.is_salted:
        if entry.salts:
            return Soundness.TAMPERED
        if entry.erased:
            return Soundness.ORDER_ONLY
        return Soundness.INTACT if entry.hash == hash_of(entry) and events_hold(entry) else Soundness.TAMPERED
    # What the hash does not cover must not be there.
    nobody_added = not (entry.actor.person or entry.actor.door or entry.actor.name)
    nothing_beside = entry.erased is None and nobody_added
    if nothing_beside and entry.hash == hash_of(entry) and _words_hold(entry) and events_hold(entry):
        return Soundness.ERASED if entry.gone else Soundness.INTACT
    return Soundness.TAMPERED


def erased(entry: Entry, names: Collection[str] = PERSONAL) -> Entry:
    """The entry without these words; all of them where none are named.

    Its hash stays, and the digests of what is gone. Where the hash covers the words themselves a mark says which went.
    """
    payloads = (entry.events or {}).values()
    told = {name for name in IN_EVENTS for payload in payloads if payload.get(name) is not None}
    gone = (words_in(entry).keys() | told) & set(names)
    if entry.actor.id == NAMELESS:
        gone -= {"person"}  # whoever decided for the marketplace stays answerable
    if not gone:
        return entry
    events = {name: _bare(payload, gone) for name, payload in (entry.events or {}).items()}
    bare = replace(without(entry, gone), events=events or None)
    if entry.is_salted:
        left = {name: salt for name, salt in (entry.salts or {}).items() if name not in gone}
        return replace(bare, salts=left or None)
    changed = {name for name, payload in (entry.events or {}).items() if payload != events[name]}
    return replace(_without_digests(bare, changed), erased=tuple(sorted({*(entry.erased or ()), *gone})))


def _bare(payload: Mapping[str, Any], gone: Collection[str]) -> Mapping[str, Any]:
    return {name: None if name in IN_EVENTS and name in gone else value for name, value in payload.items()}


def _without_digests(entry: Entry, changed: Collection[str]) -> Entry:
    """Unsalted digests of these events go, too: all else that they cover is known, so what was erased could be
    guessed."""
    if not changed:
        return entry
    facts = dict(entry.facts or {})
    facts["events"] = {name: kept for name, kept in (facts.get("events") or {}).items() if name not in changed}
    return replace(entry, facts=facts)


def _words_hold(entry: Entry) -> bool:
    words, salts, digests = words_in(entry), entry.salts or {}, entry.digests or {}
    if words.keys() != salts.keys():
        return False
    return all(digests.get(name) == word_digest(salts[name], name, text) for name, text in words.items())
