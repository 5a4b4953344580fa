"""The integrator's own receiver and books, at addresses that they gave."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from infra.conformance.calling import pool
from infra.conformance.finding import Event, Stopped

_TRIES = 6
_FOREIGN = "whsec_Zm9yZWlnbi1jb25mb3JtYW5jZS1raXQ="


@dataclass
class Receiver:
    """Where the integrator wants events posted, signed with the secret that their receiver knows, if one was given."""

    url: str
    secret: str | None = field(default=None, repr=False)
    connections: PoolManager = field(default_factory=pool)
    posts: int = 0
    stumbles: list[str] = field(default_factory=list)

    def takes(self, event: Event) -> None:
        """Post it until it is taken. Raises Stopped where it never is."""
        status: int | str = "nothing"
        for attempt in range(_TRIES):
            try:
                status = self._posted(event, self.secret)
            except HTTPError as error:
                status = type(error).__name__
            self.posts += 1
            if isinstance(status, int) and status < 300:
                return
            self.stumbles.append(f"{event['type']} of {event['data']['order_id']}: {status}")
            time.sleep(0.1 * 2**attempt)
        raise Stopped(f"your receiver, told {event['type']} ({event['id']})", "an answer of 2xx", str(status))

    def takes_foreign(self, event: Event) -> bool:
        """Whether it takes an event that somebody else signed; where it knows no secret nobody can tell."""
        return self.secret is not None and self._posted(event, _FOREIGN) < 300

    def _posted(self, event: Event, secret: str | None) -> int:
        body, now = json.dumps(event), datetime.now(UTC)
        headers = {"Content-Type": "application/json", "webhook-id": event["id"]}
        headers["webhook-timestamp"] = str(int(now.timestamp()))
        if secret:
            headers["webhook-signature"] = Webhook(secret).sign(event["id"], now, body)
        return self.connections.request("POST", self.url, body=body, headers=headers).status


@dataclass
class TheirBooks:
    """What the integrator wrote down, read from their address."""

    url: str
    patience: float = 10.0  # seconds that work after an answer may take
    connections: PoolManager = field(default_factory=pool)

    def of(self, order_id: str, agree: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any] | None:
        """Their books on an order, once these agree or patience ends; None where they know no such order. Raises
        Stopped where there are no books."""
        end = time.monotonic() + self.patience
        while True:
            found = self._read().get(order_id)
            if (found is not None and agree(found)) or time.monotonic() > end:
                return found
            time.sleep(0.2)

    def _read(self) -> Mapping[str, Any]:
        answer = self.connections.request("GET", self.url)
        try:
            orders = json.loads(answer.data)["orders"]
        except (ValueError, KeyError, TypeError):
            orders = None
        if not isinstance(orders, Mapping):
            raise Stopped(f"your books, GET {self.url}", '{"orders": {...}}', f"{answer.status}, and no such thing")
        return orders
