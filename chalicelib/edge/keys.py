"""Idempotency-Key: a request that is sent again gets its first answer again (scope: caller, method, path)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from chalice.app import Response

from chalicelib import wiring
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Actor
from chalicelib.edge.boundary import Received, path_of
from chalicelib.edge.limits import LONGEST_KEY
from chalicelib.workflow import committing

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
        return replace(self, scope=f"{self.scope}|{name}")

    def answered(self, status: int, body: str) -> Answered:
        """An answer to keep."""
        expires_at = wiring.now() + _KEPT
        return Answered(key=self.name, fingerprint=self.fingerprint, status=status, body=body, expires_at=expires_at)


def key_of(this: Received, actor: Actor) -> Key | None:
    """The key that a request carries. Raises Invalid `validation_failed`."""
    given = this.request.headers.get("idempotency-key")
    if given is None:
        return None
    if not 0 < len(given) <= LONGEST_KEY:
        told = {"field": "Idempotency-Key", "message": f"1 to {LONGEST_KEY} characters"}
        raise Invalid("validation_failed", errors=[told])
    scope = f"{actor.role}|{actor.id}|{this.request.method}|{path_of(this.request)}|{given}"
    return Key(scope=scope, fingerprint=hashlib.sha256(this.body).hexdigest())


def once(key: Key | None, make: Callable[[], Response], committed: Callable[[Response], bool]) -> Response:
    """Make an answer at most once per key, replaying the first.

    Whoever commits something keeps the answer in that commit, so that answer and effect are one transaction;
    `committed` says whether this answer was. Where nothing was committed, the answer is kept by itself.
    """
    if key is None:
        return make()
    if (earlier := _replayed(key)) is not None:
        return earlier
    try:
        answer = make()
        if not committed(answer):
            committing.keep(wiring.ports(), key.answered(answer.status_code, answer.body))
    except Refused:
        # Another request with this key may have come first and finished between our look and our commit.
        if (earlier := _replayed(key)) is not None:
            return earlier
        raise
    return answer


def _replayed(key: Key) -> Response | None:
    earlier = committing.answered(wiring.ports(), key.name)
    if earlier is None:
        return None
    if earlier.fingerprint != key.fingerprint:
        raise Invalid("idempotency_mismatch")
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json", "Idempotent-Replayed": "true"}
    return Response(body=earlier.body, status_code=earlier.status, headers=headers)
