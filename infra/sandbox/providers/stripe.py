"""A fake Stripe, after docs.stripe.com: refunds (create, retrieve, list), idempotent requests, signed webhooks.

Keys are kept for a day; what they first answered is played back, its own failures among it. A refund that succeeded may
fail days later.
"""

import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from infra.sandbox.providers.serving import Say
from infra.sandbox.providers.till import Behaviour, Given, Till

_KEPT = timedelta(hours=24)


def _no(status: int, kind: str, code: str) -> Say:
    return Say(status, json.dumps({"error": {"type": kind, "code": code, "message": code}}).encode())


@dataclass(slots=True, kw_only=True)
class FakeStripe:
    """`secret_key` is the secret of its caller, `webhook_secret` signs what it tells."""

    till: Till
    secret_key: str
    webhook_secret: str
    kept: dict[str, tuple[datetime, bytes, Say]] = field(default_factory=dict)
    events: Iterator[int] = field(default_factory=lambda: count(1))
    busy: int = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None:
        """One request."""
        self.catch_up()
        if headers.get("authorization") != f"Bearer {self.secret_key}":
            return _no(401, "invalid_request_error", "api_key_invalid")
        parts = urlsplit(path)
        if method == "GET" and parts.path == "/v1/refunds":
            return self._list({name: values[-1] for name, values in parse_qs(parts.query).items()})
        if method == "GET" and (found := re.fullmatch(r"/v1/refunds/re_(\d+)", parts.path)):
            given = next((each for each in self.till.refunds if each.number == int(found[1])), None)
            return self._shown(given) if given else _no(404, "invalid_request_error", "resource_missing")
        if (method, parts.path) != ("POST", "/v1/refunds"):
            return _no(404, "invalid_request_error", "resource_missing")
        key = headers.get("idempotency-key", "")
        if self.till.behaviour is Behaviour.SLOW:
            self.till.later(lambda: self._once(key, body))
            return None
        said = self._once(key, body)
        return None if self.till.behaviour is Behaviour.LOSE_ANSWER else said

    def catch_up(self) -> None:
        """What time has brought: slow requests, ends, their events."""
        self.till.catch_up()
        for given in self.till.changes():
            self._notify(given, "refund.failed" if given.state == "failed" else "refund.updated")

    def forget(self) -> None:
        """Nothing was ever asked; payments and refunds are the till's."""
        self.busy, self.events = 0, count(1)
        self.kept.clear()

    def letters(self) -> list[tuple[Mapping[str, str], bytes]]:
        """Events that arrive now, once each; every delivery is signed anew, at its own moment."""
        self.catch_up()
        return [(self.signed(each.raw), each.raw) for each in self.till.due()]

    def _once(self, key: str, body: bytes) -> Say:
        """The same key is answered the same, for a day."""
        now = self.till.now()
        first = self.kept.get(key)
        if key and first and now < first[0] + _KEPT:
            if first[1] != body:
                return _no(400, "idempotency_error", "idempotency_error")
            return Say(first[2].status, first[2].body, {"Idempotent-Replayed": "true"})
        if self.till.behaviour is Behaviour.BUSY:
            self.busy += 1
            if self.busy % 3:
                return Say(429, b'{"error": {"type": "rate_limit_error"}}')  # before it was looked at: not kept
            said = _no(500, "api_error", "api_error")
        else:
            said = self._refund({name: values[-1] for name, values in parse_qs(body.decode()).items()})
        if key:
            self.kept[key] = (now, body, said)
        return said

    def _refund(self, asked: Mapping[str, str]) -> Say:
        paid = self.till.payments.get(asked.get("payment_intent") or asked.get("charge") or "")
        if paid is None:
            return _no(404, "invalid_request_error", "resource_missing")
        # Rupiah have two digits here, and whole ones in the till.
        theirs = int(asked.get("amount", str(self.till.left_of(paid) * 100)))
        if theirs <= 0 or theirs % 100:
            return _no(400, "invalid_request_error", "parameter_invalid_integer")
        left = self.till.left_of(paid)
        if left == 0:
            return _no(400, "invalid_request_error", "charge_already_refunded")
        if theirs // 100 > left:
            return _no(400, "invalid_request_error", "amount_too_large")
        if self.till.behaviour is Behaviour.REFUSE:
            return _no(400, "invalid_request_error", "charge_disputed")
        given = self.till.take(paid, asked.get("metadata[batal_key]", ""), theirs // 100, at_once=True, reverses=True)
        self._notify(given, "refund.created")
        self.catch_up()
        return self._shown(given)

    def _list(self, asked: Mapping[str, str]) -> Say:
        name = asked.get("payment_intent") or asked.get("charge")
        if name is not None and name not in self.till.payments:
            return _no(404, "invalid_request_error", "resource_missing")
        found = [each for each in self.till.refunds if name is None or name in each.paid.names][::-1]
        if after := asked.get("starting_after"):
            number = int(after.removeprefix("re_"))
            found = [each for each in found if each.number < number]
        limit = int(asked.get("limit", "10"))
        shown = [self._refund_of(each) for each in found[:limit]]
        document = {"object": "list", "url": "/v1/refunds", "has_more": len(found) > limit, "data": shown}
        return Say(200, json.dumps(document).encode())

    def _shown(self, given: Given) -> Say:
        return Say(200, json.dumps(self._refund_of(given)).encode())

    def _refund_of(self, given: Given) -> dict[str, Any]:
        return {
            "id": f"re_{given.number}",
            "object": "refund",
            "amount": given.amount * 100,
            "currency": given.paid.currency.lower(),
            "payment_intent": given.paid.names[0],
            "charge": given.paid.names[-1],
            "created": int(given.made.timestamp()),
            "metadata": {"batal_key": given.key},
            "reason": "requested_by_customer",
            "status": given.state,
            **({"failure_reason": given.fails} if given.state == "failed" else {}),
        }

    def _notify(self, given: Given, kind: str) -> None:
        at = self.till.now()
        event = {
            "id": f"evt_{next(self.events)}",
            "object": "event",
            "type": kind,
            "created": int(at.timestamp()),
            "data": {"object": self._refund_of(given)},
        }
        raw = json.dumps(event, indent=2).encode()
        self.till.tell(given, {}, raw, timedelta(seconds=5))

    def signed(self, raw: bytes) -> dict[str, str]:
        """The header of a delivery."""
        stamp = str(int(self.till.now().timestamp()))
        mark = hmac.digest(self.webhook_secret.encode(), f"{stamp}.".encode() + raw, "sha256").hex()
        return {"Stripe-Signature": f"t={stamp},v1={'0' * 64},v1={mark},v0=old"}
