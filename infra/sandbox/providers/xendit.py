"""A fake Xendit, after docs.xendit.co: refunds of version 3 (`create-a-refund`, `get-a-refund`), their webhook, and the
list of all transactions (`list-transactions`).

Assumed where the documentation is silent, and the worst that it allows: the same reference_id again is another refund;
no list of refunds is to be had, and among all transactions they stand late, and only if they did not fail. Its webhook
comes in both shapes that are documented.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from infra.sandbox.providers.serving import Say
from infra.sandbox.providers.till import Behaviour, Given, Paid, Till

_REASONS = frozenset({"FRAUDULENT", "DUPLICATE", "REQUESTED_BY_CUSTOMER", "CANCELLATION", "OTHERS"})
_DAYS = {"QRIS": 30, "KREDIVO": 14, "INDODANA": 30}
_FAILURES = {"refused_by_issuer": "REFUND_FAILED", "insufficient_funds": "INSUFFICIENT_BALANCE"}
_LISTED_AFTER = timedelta(minutes=5)
_WORDS = {"pending": "PENDING", "succeeded": "SUCCEEDED", "failed": "FAILED"}


def refused(status: int, code: str) -> Say:
    """A refusal as Xendit words it."""
    return Say(status, json.dumps({"error_code": code, "message": code.replace("_", " ").lower()}).encode())


def is_caller(secret_key: str, headers: Mapping[str, str]) -> bool:
    """Whether the request shows this key."""
    token = base64.b64encode(f"{secret_key}:".encode()).decode()
    return headers.get("authorization") == f"Basic {token}"


def _iso(at: datetime) -> str:
    """With nanoseconds, as they write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "099Z"


def _id(given: Given) -> str:
    return f"rfd-{given.number:08x}-0000-4000-8000-{given.number:012x}"


@dataclass(slots=True, kw_only=True)
class FakeXendit:
    """`secret_key` is the secret of its caller, `callback_token` what it shows when it calls."""

    till: Till
    secret_key: str
    callback_token: str
    busy: int = 0
    partials: int = 20  # as many parts a payment may be given back in

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None:
        """One request."""
        self.catch_up()
        if not is_caller(self.secret_key, headers):
            return refused(401, "INVALID_API_KEY")
        parts = urlsplit(path)
        if (method, parts.path) == ("GET", "/transactions"):
            return self._transactions({name: values[-1] for name, values in parse_qs(parts.query).items()})
        if headers.get("api-version") != "2024-11-11":
            return refused(400, "API_VALIDATION_ERROR")
        if method == "GET" and (found := re.fullmatch(r"/v3/refunds/([\w-]+)", path)):
            given = next((each for each in self.till.refunds if _id(each) == found[1]), None)
            return self._shown(given) if given else refused(404, "DATA_NOT_FOUND")
        if (method, path) != ("POST", "/v3/refunds"):
            return refused(404, "DATA_NOT_FOUND")
        if self.till.behaviour is Behaviour.BUSY:
            self.busy += 1
            if self.busy % 2:
                return Say(429, b'{"error_code": "RATE_LIMIT_EXCEEDED"}', {"Retry-After": "30"})
            return refused(400, "TEMPORARILY_UNAVAILABLE")
        if self.till.behaviour is Behaviour.SLOW:
            self.till.later(lambda: self._refund(body))
            return None
        said = self._refund(body)
        return None if self.till.behaviour is Behaviour.LOSE_ANSWER else said

    def catch_up(self) -> None:
        """What time has brought: slow requests, ends, their webhooks."""
        self.till.catch_up()
        for given in self.till.changes():
            self._notify(given)

    def forget(self) -> None:
        """Nothing was ever asked; payments and refunds are the till's."""
        self.busy = 0

    def letters(self) -> list[tuple[Mapping[str, str], bytes]]:
        """Notifications that arrive now, once each."""
        self.catch_up()
        return [(each.headers, each.raw) for each in self.till.due()]

    def _refund(self, body: bytes) -> Say:
        asked = json.loads(body)
        key, payment, reason = (asked.get(name) for name in ("reference_id", "payment_id", "reason"))
        if not isinstance(key, str) or not 1 <= len(key) <= 255 or reason not in _REASONS:
            return refused(400, "API_VALIDATION_ERROR")
        paid = self.till.payments.get(str(payment))
        if paid is None:
            return refused(404, "DATA_NOT_FOUND")
        left = self.till.left_of(paid)
        amount = asked.get("amount", left)
        if not isinstance(amount, (int, float)) or amount <= 0 or amount != int(amount):
            return refused(400, "API_VALIDATION_ERROR")
        if self.till.pending_of(paid):
            return refused(400, "REFUND_IN_PROGRESS")
        if amount > left:
            return refused(400, "REFUND_AMOUNT_EXCEEDED")
        if refusal := self._refuses(paid, int(amount)):
            return refusal
        return self._shown(self.till.take(paid, key, int(amount), at_once=False))

    def _refuses(self, paid: Paid, amount: int) -> Say | None:
        days = _DAYS.get(paid.kind)
        if days is not None and self.till.now() > paid.at + timedelta(days=days):
            return refused(400, "INELIGIBLE_TRANSACTION_STATUS")
        parts = [each for each in self.till.refunds if each.paid is paid and each.state != "failed"]
        if amount != paid.amount and len(parts) >= self.partials:
            return refused(400, "PARTIAL_REFUND_COUNTS_EXCEEDED")
        return refused(403, "REFUND_NOT_SUPPORTED") if self.till.behaviour is Behaviour.REFUSE else None

    def _transactions(self, asked: Mapping[str, str]) -> Say:
        """Refunds alone: nothing else of the account is known here."""
        listed = [
            each
            for each in self.till.refunds
            if each.state != "failed" and self.till.now() >= each.made + _LISTED_AFTER
        ]
        found = [each for each in listed if asked.get("reference_id") in (None, each.key)]
        data = [self._transaction(each) for each in found if asked.get("types") in (None, "REFUND")]
        return Say(200, json.dumps({"has_more": False, "data": data[:10], "links": []}).encode())

    def _transaction(self, given: Given) -> dict[str, Any]:
        return {
            "id": f"txn_{given.number}",
            "product_id": _id(given),
            "type": "REFUND",
            "status": "PENDING" if given.state == "pending" else "SUCCESS",
            "reference_id": given.key,
            "currency": given.paid.currency,
            "amount": given.amount,
            "cashflow": "MONEY_OUT",
            "created": _iso(given.made),
            "updated": _iso(given.changed),
        }

    def _shown(self, given: Given) -> Say:
        return Say(200, json.dumps(self._refund_of(given)).encode())

    def _refund_of(self, given: Given) -> dict[str, Any]:
        return {
            "refund_id": _id(given),
            "reference_id": given.key,
            "business_id": "business-1",
            "payment_id": given.paid.names[0],
            "status": _WORDS[given.state],
            "amount": given.amount,
            "currency": given.paid.currency,
            "channel_code": given.paid.kind,
            "reason": "CANCELLATION",
            "failure_code": _FAILURES[given.fails or ""] if given.state == "failed" else None,
            "created": _iso(given.made),
            "updated": _iso(given.changed),
        }

    def _notify(self, given: Given) -> None:
        refund = self._refund_of(given)
        event = {"event": f"refund.{given.state}", "business_id": "business-1", "created": _iso(given.changed)}
        # Every other one as their example has it: an event inside the event, with an amount in quotes.
        nested = {**event, "data": {**refund, "amount": str(given.amount)}}
        document = {**event, "data": nested if given.number % 2 == 0 else refund}
        headers = {"X-CALLBACK-TOKEN": self.callback_token, "Content-Type": "application/json"}
        self.till.tell(given, headers, json.dumps(document).encode(), timedelta(seconds=10))
