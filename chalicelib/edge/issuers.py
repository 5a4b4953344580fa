"""What houses that sign tokens publish: their documents and key sets, by https alone, remembered for ten minutes.

A key that nobody has seen yet may be a new one: it is looked for at once, but no more often than once a minute, so that
tokens with invented keys cost nothing.
"""

import json
import time
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from chalicelib.domain.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

_PATIENCE = 5.0  # seconds for one answer, and for each piece of it
_LONGEST = 256 * 1024  # bytes of one answer
_KEPT = 600.0  # seconds that documents are remembered
_AGAIN = 60.0  # seconds before a key set is asked for anew for a key that is not in it

_key_sets: dict[str, tuple[float, "KeySet"]] = {}


def document(address: str) -> Any:
    """A JSON document of theirs. Raises Invalid `unauthorized` where they refuse it, Unavailable."""
    return _remembered(address, int(time.monotonic() / _KEPT))


def keys_of(address: str, kid: str | None) -> "KeySet":
    """The key set that they publish; fetched anew where it is old, or lacks the key `kid`. A set that is known stays in
    use while they do not answer. Raises Invalid `unauthorized`, Unavailable."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    now = time.monotonic()
    since, known = _key_sets.get(address, (float("-inf"), None))
    lacks = known is not None and kid is not None and all(key.kid != kid for key in known.keys)
    if known is None or now - since > (_AGAIN if lacks else _KEPT):
        try:
            known = KeySet.import_key_set(_fetched(address))
        except (Invalid, Unavailable, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            if known is None:
                raise Unavailable("keys") from error
        _key_sets[address] = (now, known)
    return known


def forget() -> None:
    """Remember nothing any more."""
    _remembered.cache_clear()
    _key_sets.clear()


def exchanged(address: str, headers: Mapping[str, str], form: bytes) -> Any:
    """Their answer to a form, never remembered. Raises Invalid `unauthorized` where they refuse it, Unavailable."""
    return _answer(_request(address, {"Accept": "application/json", **headers}, form))


@lru_cache(maxsize=8)
def _remembered(address: str, age: int) -> Any:
    """A document, until `age` moves on."""
    return _fetched(address)


def _fetched(address: str) -> Any:
    return _answer(_request(address, {"Accept": "application/json"}))


class _StayHere(HTTPRedirectHandler):
    """What leads elsewhere is no answer: elsewhere could be without https, or nobody's business."""

    def redirect_request(self, *_: Any) -> None:
        return None


@cache
def _opener() -> OpenerDirector:
    return build_opener(_StayHere)


def _all_of(answer: Any) -> bytes:
    """What is answered, piece by piece. Raises OSError where it is too long, or takes too long."""
    until, said = time.monotonic() + _PATIENCE, b""
    while piece := answer.read1(_LONGEST):
        said += piece
        if len(said) > _LONGEST or time.monotonic() > until:
            raise OSError("too much, or too slow")
    return said


def _answer(request: Request) -> Any:
    try:
        with _opener().open(request, timeout=_PATIENCE) as answer:
            found = json.loads(_all_of(answer))
    except URLError as error:
        # A refused code is an answer, too: 4xx means that this sign-in is none.
        if 400 <= getattr(error, "code", 0) < 500:
            raise Invalid("unauthorized") from error
        raise Unavailable("oidc") from error
    except (OSError, ValueError) as error:
        raise Unavailable("oidc") from error
    if not isinstance(found, dict):
        raise Unavailable("oidc")
    return found


def _request(address: str, headers: Mapping[str, str], data: bytes | None = None) -> Request:
    """A request by https; by http only on this very machine. Raises Unavailable for anything else."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise Unavailable("oidc")
    return Request(address, data=data, headers=dict(headers))  # noqa: S310 - looked at above
