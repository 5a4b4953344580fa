"""Posting to addresses that others gave us: signed, short of patience, and never into a network that is not public.

A name is resolved once for each attempt, every address it leads to must be public, and the connection goes to one of
those very addresses: a name that leads elsewhere a moment later gains nothing. Redirects are followed by nobody.
"""

import base64
import hashlib
import hmac
import ipaddress
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

from chalicelib.domain.cases.webhooks import Reply
from chalicelib.domain.errors import Invalid

LIMIT = 10.0  # seconds for one attempt, all in all
MOST_ANSWER = 500  # signs of an answer that are kept
_LONGEST_URL = 2_000

Resolve = Callable[[str, int], Sequence[str]]


class _Private(Exception):
    """The name leads into a network that is not public."""


def _resolved(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also where it stands within another (mapped, 6to4, Teredo,
    NAT64)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(found.packed[-4:])
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not (found.is_multicast or found.is_reserved)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class Https:
    """Receivers on the public internet. `anywhere`: also on this machine and without encryption, for the sandbox.
    Secrets are derived and nowhere kept: who has `master` can make them again, and nobody else."""

    master: str = field(repr=False)
    anywhere: bool = False
    resolve: Resolve = _resolved
    limit: float = LIMIT

    def check(self, url: str) -> None:
        """Raises Invalid `url_not_allowed` where nothing may be sent to that address."""
        try:
            place = self._place(url)
            self._addresses(place)
        except (ValueError, _Private) as error:
            raise Invalid("url_not_allowed") from error
        except OSError:
            # A name that leads nowhere today may do so tomorrow; each attempt looks again.
            return

    def secret(self, webhook_id: str, generation: int) -> str:
        """The secret of that generation. Raises ValueError without a master."""
        if not self.master:
            raise ValueError("SIGNING_SECRET is not set")
        made = hmac.new(self.master.encode(), f"webhook#{webhook_id}#{generation}".encode(), hashlib.sha256).digest()
        return f"whsec_{base64.b64encode(made).decode()}"

    def post(self, url: str, secrets: Sequence[str], message_id: str, body: bytes) -> Reply:
        """One attempt."""
        from urllib3.exceptions import HTTPError

        began = time.monotonic()
        try:
            status, wait, answer = self._posted(url, _signed(secrets, message_id, body), body)
        except _Private:
            return Reply(problem="private_address", milliseconds=_since(began))
        except ValueError:
            return Reply(problem="no_address", milliseconds=_since(began))
        except TimeoutError:
            return Reply(problem="timeout", milliseconds=_since(began))
        except (HTTPError, OSError) as error:
            problem = "timeout" if time.monotonic() - began >= self.limit else _PROBLEMS.get(type(error).__name__)
            return Reply(problem=problem or "not_reached", milliseconds=_since(began))
        return Reply(status=status, answer=answer, milliseconds=_since(began), wait=wait)

    def _place(self, url: str) -> SplitResult:
        """Raises ValueError where an address is none of ours to call."""
        place = urlsplit(url)
        plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= _LONGEST_URL
        schemes = ("https", "http") if self.anywhere else ("https",)
        named = place.hostname and "@" not in place.netloc and not place.fragment and place.port != 0
        if not (plain and named and place.scheme in schemes):
            raise ValueError("no address to post to")
        return place

    def _addresses(self, place: SplitResult) -> Sequence[str]:
        """Where the name leads. Raises OSError where nowhere, _Private where any of it is not public."""
        found = self.resolve(str(place.hostname), place.port or _PORTS[place.scheme])
        if not found:
            raise OSError("leads nowhere")
        if not self.anywhere and not all(map(is_public, found)):
            raise _Private
        return found

    def _posted(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, timedelta | None, str]:
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
        from urllib3.exceptions import HTTPError

        # It would tell addresses, which may hold secrets.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)
        place = self._place(url)
        host, port = str(place.hostname), place.port or _PORTS[place.scheme]
        address = self._addresses(place)[0]
        patience = Timeout(connect=min(3.0, self.limit), read=self.limit)
        pool: Any
        if place.scheme == "https":
            pool = HTTPSConnectionPool(address, port, timeout=patience, server_hostname=host, assert_hostname=host)
        else:
            pool = HTTPConnectionPool(address, port, timeout=patience)
        target = (place.path or "/") + (f"?{place.query}" if place.query else "")
        named = f"[{host}]" if ":" in host else host
        said = {**headers, "Host": named if place.port is None else f"{named}:{port}", "Connection": "close"}
        with pool, _no_longer_than(self.limit, pool):
            answer = pool.urlopen(
                "POST",
                target,
                body=body,
                headers=said,
                redirect=False,
                retries=False,
                preload_content=False,
                assert_same_host=False,
            )
            try:
                content = answer.read(MOST_ANSWER * 4, decode_content=False)
            except (HTTPError, OSError):
                content = b""  # its status says enough
            answer.close()
        return answer.status, _wish(answer.headers.get("Retry-After", "")), _plain(content)


_PORTS = {"https": 443, "http": 80}
# What went wrong, by the names of urllib3's errors.
_PROBLEMS = {
    "SSLError": "certificate",
    "NewConnectionError": "not_reached",
    "ConnectTimeoutError": "timeout",
    "ReadTimeoutError": "timeout",
    "NameResolutionError": "no_such_host",
    "gaierror": "no_such_host",
}


@contextmanager
def _no_longer_than(seconds: float, pool: Any) -> Iterator[None]:
    """Patience of sockets is for each read; a receiver that drips would outlast it. So the connection is cut."""
    made = pool.ConnectionCls
    connections: list[Any] = []

    def connection(*given: Any, **named: Any) -> Any:
        connections.append(made(*given, **named))
        return connections[-1]

    def cut() -> None:
        for each in connections:
            sock = getattr(each, "sock", None)
            if sock is not None:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    pool.ConnectionCls = connection
    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _signed(secrets: Sequence[str], message_id: str, body: bytes) -> dict[str, str]:
    """Headers of Standard Webhooks, by real time: receivers compare it with theirs."""
    from standardwebhooks.webhooks import Webhook

    at = datetime.now(UTC)
    marks = [Webhook(secret).sign(message_id, at, body.decode()) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(marks),
        "Content-Type": "application/json",
        "User-Agent": "batal-webhooks",
    }


def _wish(said: str) -> timedelta | None:
    return timedelta(seconds=min(int(said[:9]), 10**6)) if said.isascii() and said.isdigit() else None


def _plain(content: bytes) -> str:
    text = content.decode("utf-8", "replace")[:MOST_ANSWER]
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
