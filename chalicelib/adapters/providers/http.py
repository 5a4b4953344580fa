"""One call to a provider: short patience, no redirects, no tries of its own. What is tried again, and when, is for who
calls to say; here only *what is known of the outcome* is told apart.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.money.providers import Became, ProviderAnswer

if TYPE_CHECKING:
    from urllib3 import PoolManager

CONNECT, READ = 3.0, 10.0  # seconds
_MOST_BYTES = 1024 * 1024
# Where a provider is too busy and does not say until when; and the longest that it is believed.
_BUSY, _LONGEST = timedelta(minutes=1), timedelta(days=1)
# A key of ours that is refused is mended by people, not by trying.
_NOT_LET_IN = timedelta(hours=1)
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class NeverLeft(Exception):
    """No connection was made: the provider cannot have seen the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; header names in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def document(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The way to one provider. `headers` carry its secrets: they are never shown, so this has no repr."""

    provider: str
    base_url: str
    headers: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        """Secrets travel encrypted, except to this machine itself. Raises ValueError."""
        found = urlsplit(self.base_url)
        if found.scheme != "https" and not (found.scheme == "http" and found.hostname in _LOOPBACK):
            raise ValueError(f"{self.provider} is called by https")

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request. Raises NeverLeft; Unavailable where no whole answer came, or one that says nothing certain."""
        from urllib3 import exceptions

        try:
            with _pool().request(
                method,
                self.base_url.rstrip("/") + path,
                body=body,
                # A connection kept over a Lambda's sleep may be dead, and then nobody knows whether a request arrived.
                headers={**self.headers, **(headers or {}), "Connection": "close"},
                preload_content=False,
                redirect=False,
                retries=False,
            ) as response:
                raw = response.read(_MOST_BYTES + 1)
                found = {name.lower(): value for name, value in response.headers.items()}
                reply = Reply(status=response.status, headers=found, body=raw)
        except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError) as error:
            raise NeverLeft(self.provider) from error
        except (exceptions.HTTPError, OSError) as error:
            raise Unavailable(self.provider) from error
        # A redirect is followed by nobody: it could carry secrets elsewhere.
        if reply.status >= 500 or 300 <= reply.status < 400 or len(raw) > _MOST_BYTES:
            raise Unavailable(self.provider)
        return reply


def not_now(reply: Reply, now: datetime) -> ProviderAnswer | None:
    """What an answer means that comes before the request was looked at: too many requests, or we are not let in."""
    if reply.status == 429:
        return later(_until(reply.headers.get("retry-after", ""), now), "429")
    if reply.status in (401, 407):
        return later(_NOT_LET_IN, str(reply.status))
    return None


def later(wait: timedelta, code: str) -> ProviderAnswer:
    """Nothing was taken; the same may be asked again after this long."""
    return ProviderAnswer(became=Became.UNKNOWN, wait=min(max(wait, timedelta(seconds=1)), _LONGEST), code=code)


def never_left() -> ProviderAnswer:
    """Nothing reached the provider."""
    return later(_BUSY, "not_reached")


def _until(said: str, now: datetime) -> timedelta:
    """Retry-After, as seconds or as a date (RFC 9110)."""
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:9]), 86400))
    try:
        at = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return _BUSY
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now


@cache
def _pool() -> "PoolManager":
    from urllib3 import PoolManager, Timeout

    return PoolManager(timeout=Timeout(connect=CONNECT, read=READ), retries=False)
