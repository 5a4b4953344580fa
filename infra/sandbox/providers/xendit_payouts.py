"""A fake Xendit for payouts, after docs.xendit.co/apidocs/create-payout: payouts (create, get, list by reference), keys
that stand for one payout for ever, webhooks.

Some account numbers end as docs.xendit.co/docs/test-scenarios-payouts has them. At its worst: what a key first made is
answered word for word however it stands by now, payouts are listed late, as a bare array or with `data` by turns, what
fails does so after it was taken, and what succeeded comes back days later.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from infra.sandbox.providers.serving import Say
from infra.sandbox.providers.till import Behaviour, Given, Paid, Till
from infra.sandbox.providers.xendit import is_caller, refused

_LISTED_AFTER = timedelta(minutes=5)
_FAILURES = {"refused_by_issuer": "INVALID_DESTINATION", "insufficient_funds": "INSUFFICIENT_BALANCE"}
# By account number, what becomes of a payout there.
_ENDS = {
    "121212": "INVALID_DESTINATION",
    "123456": "TEMPORARY_TRANSFER_ERROR",
    "999999": "REJECTED_BY_CHANNEL",
    "98018521": "TRANSFER_ERROR",
}
_WALLETS = frozenset({"ID_GOPAY", "ID_OVO", "ID_DANA", "ID_SHOPEEPAY", "ID_LINKAJA"})
_LEAST = {"ID_CIMB": 10_000, "ID_GOPAY": 10_000, "ID_LINKAJA": 10_000}
_MOST_OF_A_WALLET = 20_000_000


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _id(given: Given) -> str:
    return f"disb-{given.number:024x}"


@dataclass(slots=True, kw_only=True)
class FakeXenditPayouts:
    """`secret_key` is the secret of its caller, `callback_token` what it shows when it calls."""

    till: Till
    secret_key: str
    callback_token: str
    kept: dict[str, tuple[Any, Say]] = field(default_factory=dict)
    holders: dict[int, str] = field(default_factory=dict)
    busy: int = 0
    lists: int = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None:
        """One request."""
        self.catch_up()
        if not is_caller(self.secret_key, headers):
            return refused(401, "INVALID_API_KEY")
        parts = urlsplit(path)
        if (method, parts.path) == ("GET", "/v2/payouts"):
            return self._list(parse_qs(parts.query).get("reference_id", [""])[-1])
        if method == "GET" and (found := re.fullmatch(r"/v2/payouts/([\w-]+)", parts.path)):
            given = next((each for each in self.till.refunds if _id(each) == found[1]), None)
            return self._shown(given) if given else refused(404, "DATA_NOT_FOUND")
        if (method, path) != ("POST", "/v2/payouts"):
            return refused(404, "DATA_NOT_FOUND")
        key = headers.get("idempotency-key", "")
        if self.till.behaviour is Behaviour.BUSY:
            self.busy += 1
            return Say(429, b'{"error_code": "RATE_LIMIT_EXCEEDED"}') if self.busy % 2 else refused(500, "SERVER_ERROR")
        if self.till.behaviour is Behaviour.SLOW:
            self.till.later(lambda: self._once(key, body))
            return None
        said = self._once(key, body)
        return None if self.till.behaviour is Behaviour.LOSE_ANSWER else said

    def catch_up(self) -> None:
        """What time has brought: slow requests, ends, their webhooks."""
        self.till.catch_up()
        for given in self.till.changes():
            self._notify(given)

    def forget(self) -> None:
        """Nothing was ever asked; payouts are the till's."""
        self.busy = self.lists = 0
        self.kept.clear()
        self.holders.clear()

    def letters(self) -> list[tuple[Mapping[str, str], bytes]]:
        """Notifications that arrive now, once each."""
        self.catch_up()
        return [(each.headers, each.raw) for each in self.till.due()]

    def _once(self, key: str, body: bytes) -> Say:
        """A key that made a payout makes no other. What was refused made none."""
        asked = json.loads(body)
        if key in self.kept:
            first, said = self.kept[key]
            return said if first == asked else refused(400, "DUPLICATE_ERROR")
        if not 1 <= len(key) <= 100:
            return refused(400, "API_VALIDATION_ERROR")
        said = self._payout(asked)
        if said.status == 200:
            self.kept[key] = (asked, said)
        return said

    def _payout(self, asked: Mapping[str, Any]) -> Say:
        reference, code, amount = (asked.get(name) for name in ("reference_id", "channel_code", "amount"))
        to = asked.get("channel_properties")
        number, holder = (
            (str(to.get(name, "")) for name in ("account_number", "account_holder_name")) if to else ("", "")
        )
        named = isinstance(reference, str) and 1 <= len(reference) <= 255
        if not named or not isinstance(amount, int) or not (1 <= len(number) <= 100 and 1 <= len(holder) <= 100):
            return refused(400, "API_VALIDATION_ERROR")
        if not re.fullmatch(r"ID_[A-Z_]{2,40}", str(code)) or asked.get("currency") != "IDR":
            return refused(400, "CHANNEL_CODE_NOT_SUPPORTED")
        if amount < _LEAST.get(str(code), 1):
            return refused(400, "MINIMUM_TRANSFER_LIMIT_ERROR")
        if code in _WALLETS and amount > _MOST_OF_A_WALLET:
            return refused(400, "MAXIMUM_TRANSFER_LIMIT_ERROR")
        if self.till.behaviour is Behaviour.REFUSE:
            return refused(400, "CHANNEL_CODE_NOT_SUPPORTED")
        # Nobody paid for it here: in the ledger stands where the money went.
        to_whom = Paid(names=(number,), amount=amount, kind=str(code), at=self.till.now())
        given = self.till.take(to_whom, str(reference), amount, at_once=False, reverses=True)
        given.fails = given.fails or _ENDS.get(number)
        if code in _WALLETS and not number.startswith("0"):
            given.fails = "INVALID_DESTINATION"
        self.holders[given.number] = holder
        return self._shown(given, "ACCEPTED")

    def _list(self, reference: str) -> Say:
        """Newest first."""
        now, self.lists = self.till.now(), self.lists + 1
        listed = [each for each in self.till.refunds[::-1] if now >= each.made + _LISTED_AFTER]
        found = [self._payout_of(each) for each in listed if each.key == reference]
        document = found if self.lists % 2 else {"has_more": False, "data": found}
        return Say(200, json.dumps(document).encode())

    def _shown(self, given: Given, status: str | None = None) -> Say:
        return Say(200, json.dumps(self._payout_of(given, status)).encode())

    def _payout_of(self, given: Given, status: str | None = None) -> dict[str, Any]:
        payout = {
            "id": _id(given),
            "amount": given.amount,
            "channel_code": given.paid.kind,
            "currency": given.paid.currency,
            "description": "Refund",
            "reference_id": given.key,
            "status": status or _status(given),
            "created": _iso(given.made),
            "updated": _iso(given.changed),
            "estimated_arrival_time": _iso(given.made + timedelta(minutes=15)),
            "business_id": "business-1",
            "channel_properties": {
                "account_number": given.paid.names[0],
                "account_holder_name": self.holders.get(given.number, ""),
            },
        }
        if given.state == "failed" and payout["status"] == "FAILED":
            payout["failure_code"] = _FAILURES.get(given.fails or "", given.fails)
        return payout

    def _notify(self, given: Given) -> None:
        event = {
            "event": f"payout.{_status(given).lower()}",
            "business_id": "business-1",
            "created": _iso(given.changed),
            "data": self._payout_of(given),
        }
        headers = {"X-CALLBACK-TOKEN": self.callback_token, "Content-Type": "application/json"}
        self.till.tell(given, headers, json.dumps(event).encode(), timedelta(seconds=10))


def _status(given: Given) -> str:
    """A payout that was there and came back is none that failed."""
    if given.state == "failed":
        return "REVERSED" if given.came_back else "FAILED"
    return {"pending": "REQUESTED", "succeeded": "SUCCEEDED"}[given.state]
