"""Idempotency-Key: a request that is sent again gets its first answer again (scope: caller, method, path). The key that
a drawn form carries is one, too."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from chalicelib import wiring
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.ids import joined
from chalicelib.domain.parties import Actor
from chalicelib.edge.boundary import Received, path_of
from chalicelib.edge.limits import LONGEST_KEY
from chalicelib.workflow import committing

A = TypeVar("A")

_KEPT = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Under what an answer is kept, and what the request said."""

    scope: str
    fingerprint: str

    @property
    def name(self) -> str:
        """The scope's hash: nothing of who called or what for lies in the table of keys."""
        return hashlib.sha256(self.scope.encode()).hexdigest()

    def part(self, name: str) -> "Key":
        """The key of one of several things that a request does, each kept by itself."""
        return replace(self, scope="|".join((self.scope, joined(name, by="|"))))

    def answered(self, status: int, body: str) -> Answered:
        """An answer to keep."""
        now = wiring.now()
        return Answered(
            key=self.name,
            fingerprint=self.fingerprint,
            status=status,
            body=body,
            expires_at=now + _KEPT,
            since=now,
        )


def key_of(this: Received, actor: Actor, *, signed: bool = False) -> Key | None:
    """The key that a request carries: of a signed one the id under which it was sent. Raises Invalid
    `validation_failed`."""
    header = "Webhook-Id" if signed else "Idempotency-Key"
    given = this.request.headers.get(header.lower())
    if given is None:
        return None
    if not 0 < len(given) <= LONGEST_KEY:
        raise Invalid("validation_failed", errors=[{"field": header, "message": f"1 to {LONGEST_KEY} characters"}])
    kind = ("signed",) if signed else ()
    scope = joined(*kind, actor.role, actor.id, this.request.method, path_of(this.request), given, by="|")
    return Key(scope=scope, fingerprint=hashlib.sha256(this.body).hexdigest())


def form_key(kind: str, actor: Actor, path: str, given: str | None, said: str) -> Key | None:
    """The key that a drawn form carries, which belongs to who pressed it, on this path; None for a form without one.

    `kind` keeps the keys of pages, links and the API apart; `said` is what the form asks for. Raises Invalid
    `validation_failed`.
    """
    if given is None:
        return None
    if not 0 < len(given) <= LONGEST_KEY:
        raise Invalid("validation_failed", errors=[{"field": "form_key", "message": f"1 to {LONGEST_KEY} characters"}])
    scope = joined(kind, actor.role, actor.id, path, given, by="|")
    return Key(scope=scope, fingerprint=hashlib.sha256(said.encode()).hexdigest())


def once(key: Key | None, make: Callable[[], A], replay: Callable[[Answered], A]) -> A:
    """Make an answer at most once per key; `replay` gives the first one again.

    Whoever commits something keeps the answer in that commit, so that answer and effect are one transaction. Raises
    Invalid `idempotency_mismatch` where the key came with something else before.
    """
    if key is None:
        return make()
    if (earlier := _earlier(key)) is not None:
        return replay(earlier)
    try:
        return make()
    except Refused:
        # Another request with this key may have come first and finished between our look and our commit.
        if (earlier := _earlier(key)) is not None:
            return replay(earlier)
        raise


def keep(key: Key, status: int, body: str) -> None:
    """Keep an answer by itself, where no transaction of ours could. Raises Refused `idempotency_in_progress`."""
    committing.keep(wiring.ports(), key.answered(status, body))


def _earlier(key: Key) -> Answered | None:
    earlier = committing.answered(wiring.ports(), key.name)
    if earlier is not None and earlier.fingerprint != key.fingerprint:
        raise Invalid("idempotency_mismatch")
    return earlier
