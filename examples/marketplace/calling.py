"""How Batal is called: with a bearer token, or signed by one of the shop's systems."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPResponse
from typing import Any

from standardwebhooks.webhooks import Webhook

# What is worth saying again, under the same id: Batal is busy, or a word overtook the one before it.
_LATER = {429, 503}
_OVERTOOK = "order_unknown_yet"
_TRIES = 6


class Refused(Exception):
    """Batal said no. `code` is stable and made for programs; `detail` is for people."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.code = status, str(problem.get("code"))
        super().__init__(f"{status} {self.code}: {problem.get('detail')}")


@dataclass
class Batal:
    """Where Batal is."""

    url: str

    def as_somebody(self, token: str, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """A call for the person or system that the token speaks for. With a `key` of yours the same request counts
        once, however often it is sent. Raises Refused."""
        headers = {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}
        return self._call(method, path, None if body is None else json.dumps(body).encode(), headers)

    def signed(self, secret: str, message_id: str, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """A call that is signed instead: no token has to be fetched, kept and renewed. The signature covers body, id
        and time, but no address: the body must name what its address does. An id that Batal has heard gets its first
        answer again, so name it after what happened, not after the attempt. Raises Refused."""
        text = json.dumps(body)
        now = datetime.now(UTC)  # by the true time: a signature counts for five minutes
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(message_id, now, text),
        }
        return self._call(method, path, text.encode(), headers)

    def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        for attempt in range(1, _TRIES + 1):
            try:
                return self._once(method, path, body, headers)
            except Refused as refused:
                if attempt == _TRIES or not (refused.status in _LATER or refused.code == _OVERTOOK):
                    raise
            # A real service puts the word into a queue instead of waiting here, and looks at Retry-After.
            time.sleep(0.2 * 2**attempt)
        raise AssertionError("the last attempt answers or raises")

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        given = {"Content-Type": "application/json", "Accept-Language": "en", **headers}
        request = urllib.request.Request(self.url + path, data=body, headers=given, method=method)
        try:
            answer: HTTPResponse
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            raise Refused(refused.code, _problem(refused.read())) from None


def _problem(text: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
