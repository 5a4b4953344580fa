"""A fake DOKU, after developers.doku.com and doku-developers.apidog.io: refunds of cards (`non-snap/cards/refund`),
idempotent requests, signed notifications.

Assumed where the documentation is silent: a Request-Id is remembered for a day; a payment is settled after a day;
manual refunds take hours; what a refund's notification looks like, and that it names the refund's own Request-Id.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from hmac import digest
from itertools import count
from typing import Any

from infra.sandbox.providers.serving import Say
from infra.sandbox.providers.till import SLOWNESS, Behaviour, Given, Paid, Till

_REFUND = "/cancellation/credit-card/refund"
_NOTIFIED = "/v1/providers/doku/notifications"
_KEPT, _SETTLED_AFTER = timedelta(hours=24), timedelta(days=1)


def _no(status: int, code: str) -> Say:
    return Say(status, json.dumps({"error": {"code": code, "message": code.lower(), "type": code.title()}}).encode())


@dataclass(slots=True, kw_only=True)
class FakeDoku:
    """`client_id` and `secret_key` are its caller's; it signs with them, too."""

    till: Till
    client_id: str
    secret_key: str
    notified: str = _NOTIFIED  # the path of the address that it tells
    kept: dict[str, tuple[datetime, bytes, Say]] = field(default_factory=dict)
    told: Any = field(default_factory=lambda: count(1))
    busy: int = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None:
        """One request."""
        self.catch_up()
        client, key, stamp = (headers.get(name, "") for name in ("client-id", "request-id", "request-timestamp"))
        if client != self.client_id or headers.get("signature") != self._signature(key, stamp, path, body):
            return _no(401, "INVALID_SIGNATURE")
        if (method, path) != ("POST", _REFUND):
            return _no(404, "NOT_FOUND")
        if self.till.behaviour is Behaviour.BUSY:
            self.busy += 1
            return Say(429, b"{}", {"Retry-After": "45"}) if self.busy % 2 else _no(500, "INTERNAL_SERVER_ERROR")
        if self.till.behaviour is Behaviour.SLOW:
            # It is remembered by when it came, which may be long before anybody looks again.
            self.till.later(partial(self._once, key, body, self.till.now() + SLOWNESS))
            return None
        said = self._once(key, body, self.till.now())
        return None if self.till.behaviour is Behaviour.LOSE_ANSWER else said

    def catch_up(self) -> None:
        """What time has brought: slow requests, ends, notifications of success alone."""
        self.till.catch_up()
        for given in self.till.changes():
            self._notify(given)

    def forget(self) -> None:
        """Nothing was ever asked; payments and refunds are the till's."""
        self.busy, self.told = 0, count(1)
        self.kept.clear()

    def letters(self) -> list[tuple[Mapping[str, str], bytes]]:
        """Notifications that arrive now, once each; every delivery is signed anew, at its own moment."""
        self.catch_up()
        return [(self.signed(each.raw), each.raw) for each in self.till.due()]

    def signed(self, raw: bytes) -> dict[str, str]:
        """The headers of a delivery."""
        stamp, number = self.till.now().strftime("%Y-%m-%dT%H:%M:%SZ"), f"doku-{next(self.told)}"
        return {
            "Client-Id": self.client_id,
            "Request-Id": number,
            "Request-Timestamp": stamp,
            "Signature": self._signature(number, stamp, self.notified, raw),
        }

    def _signature(self, request: str, stamp: str, target: str, raw: bytes) -> str:
        body = base64.b64encode(sha256(raw).digest()).decode()
        names = ("Client-Id", "Request-Id", "Request-Timestamp", "Request-Target", "Digest")
        lines = zip(names, (self.client_id, request, stamp, target, body), strict=True)
        text = "\n".join(f"{name}:{value}" for name, value in lines)
        return "HMACSHA256=" + base64.b64encode(digest(self.secret_key.encode(), text.encode(), "sha256")).decode()

    def _once(self, key: str, body: bytes, came: datetime) -> Say:
        """What was done under a Request-Id is told again, as a conflict; what was refused is looked at anew."""
        first = self.kept.get(key)
        if first and came < first[0] + _KEPT:
            return Say(409, first[2].body) if first[1] == body else _no(409, "DUPLICATE_REQUEST_ID")
        said = self._refund(key, body)
        if said.status == 200:
            self.kept[key] = (came, body, said)
        return said

    def _refund(self, key: str, body: bytes) -> Say:
        asked = json.loads(body)
        payments, amount = self.till.payments, asked["refund"]["amount"]
        paid = payments.get(asked["payment"]["original_request_id"])
        if paid is None or payments.get(asked["order"]["invoice_number"]) is not paid:
            return _no(400, "TRANSACTION_NOT_FOUND")
        if not key or len(key) > 128 or not isinstance(amount, int) or not 0 < amount <= self.till.left_of(paid):
            return _no(400, "INVALID_PARAMETER")
        is_whole, is_settled = amount == paid.amount, self.till.now() >= paid.at + _SETTLED_AFTER
        kind = f"{'FULL' if is_whole else 'PARTIAL'}_REFUND" if is_settled else "VOID"
        denied = self.till.behaviour in (Behaviour.FAIL, Behaviour.REFUSE) or (kind == "VOID" and not is_whole)
        if denied:
            return self._say(asked, kind, "FAILED", message="Declined")
        given = self.till.take(paid, key, amount, at_once=True)
        self.catch_up()
        if given.state == "pending":
            return self._say(asked, f"MANUAL_{kind.replace('VOID', 'FULL_REFUND')}", "SUCCESS", message="Requested")
        return self._say(asked, kind, "SUCCESS", message="Approved", approval_code=f"{given.number:06}")

    def _say(self, asked: Mapping[str, Any], kind: str, status: str, **more: str) -> Say:
        refund = {**asked["refund"], "type": kind, "status": status, **more}
        return Say(200, json.dumps({**asked, "refund": refund}).encode())

    def _notify(self, given: Given) -> None:
        paid: Paid = given.paid
        document = {
            "service": {"id": "CREDIT_CARD"},
            "acquirer": {"id": "BANK_MANDIRI"},
            "channel": {"id": "CREDIT_CARD"},
            "order": {"invoice_number": paid.names[-1], "amount": paid.amount},
            "transaction": {
                "type": "REFUND",
                "status": "SUCCESS",
                "date": given.changed.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "original_request_id": given.key,
            },
            "refund": {"amount": given.amount},
        }
        self.till.tell(given, {}, json.dumps(document).encode(), timedelta(seconds=15))
