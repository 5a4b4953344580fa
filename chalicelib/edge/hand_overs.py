"""From the marketplace's own app or site into our pages: a signed address that signs one person in, once, and soon.

Its content is signed, nothing of it is kept; that it was used is kept, by a write that happens once. What a browser
holds between opening it and going on is a second token, of another purpose: it says how the browser came, too.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadSignature

from chalicelib import wiring
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.links import is_ours
from chalicelib.workflow import committing

# Whom the marketplace's systems may hand over. Who works for it signs in by themselves: what needs two people must not
# hang on one system's token.
HANDED_OVER = (Role.BUYER, Role.SELLER)

# Until when an address opens, and who opened it has gone on, in seconds of real time.
OPENS_FOR, WAITS_FOR = 60, 600
# How long it is known that one was used: longer than any can be.
_KEPT = timedelta(hours=1)
_ADDRESS, _OPENED = "batal.hand_over", "batal.hand_over.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Who comes, and where they want to go. `number` is its own, `until` when it is over, in seconds of Unix time;
    once it is opened `by` is the number of that opening, and `known` whether the browser came from the marketplace's
    site, or belongs to this person already."""

    actor: Actor
    onward: str
    number: str
    until: int
    by: str = ""
    known: bool = False


def made(actor: Actor, onward: str) -> tuple[str, datetime]:
    """The address that hands this person over, and until when it opens."""
    until = int(time.time()) + OPENS_FOR
    one = HandOver(actor=actor, onward=onward, number=secrets.token_urlsafe(12), until=until)
    return wiring.links().to(f"/hand-over/{_sealed(one, _ADDRESS)}"), datetime.fromtimestamp(until, UTC)


def opened(one: HandOver, *, known: bool) -> str:
    """What the browser that opened it holds until it goes on."""
    until = int(time.time()) + WAITS_FOR
    here = HandOver(
        actor=one.actor,
        onward=one.onward,
        number=one.number,
        until=until,
        by=secrets.token_urlsafe(12),
        known=known,
    )
    return _sealed(here, _OPENED)


def at_address(token: str) -> HandOver:
    """What the token of an address says. Raises Invalid `link_invalid`, Refused `hand_over_used`, `hand_over_over`."""
    one = _read(token, _ADDRESS)
    if committing.answered(wiring.ports(), _key(one)):
        raise Refused("hand_over_used")
    return _in_time(one)


def said_at(token: str) -> HandOver:
    """The same, used or over. Raises Invalid `link_invalid`."""
    return _read(token, _ADDRESS)


def held(token: str) -> HandOver:
    """What a browser that opened one holds. Raises Invalid `link_invalid`, Refused `hand_over_over`."""
    return _in_time(_read(token, _OPENED))


def use(one: HandOver) -> None:
    """Use it up: only the first write of all counts. Who used it may press again, as answers get lost. Raises Refused
    `hand_over_used`."""
    ports = wiring.ports()
    now = ports.now()
    used = Answered(key=_key(one), fingerprint="", status=0, body=one.by, expires_at=now + _KEPT, since=now)
    try:
        committing.keep(ports, used)
    except Refused:
        first = committing.answered(ports, used.key)
        if first is None or first.body != one.by:
            raise Refused("hand_over_used") from None


def _in_time(one: HandOver) -> HandOver:
    if time.time() >= one.until:
        raise Refused("hand_over_over")
    return one


def _key(one: HandOver) -> str:
    return hashlib.sha256(f"hand-over|{one.number}".encode()).hexdigest()


def _sealed(one: HandOver, purpose: str) -> str:
    who = [one.actor.role, one.actor.id, one.actor.person, one.actor.name]
    return str(wiring.links().signer(purpose).dumps([*who, one.onward, one.number, one.until, one.by, one.known]))


def _read(token: str, purpose: str) -> HandOver:
    try:
        said: Any = wiring.links().signer(purpose).loads(token)
        role, subject, person, name, onward, number, until, by, known = said
        actor = Actor(role=Role(role), id=subject, person=person, door=Door.PAGE, name=name)
    except (BadSignature, ValueError, TypeError) as error:
        raise Invalid("link_invalid") from error
    if not is_ours(onward):
        raise Invalid("link_invalid")
    return HandOver(actor=actor, onward=onward, number=number, until=until, by=by, known=known)
