"""A fake Midtrans, after docs.midtrans.com: refund, direct refund, cancel, status, and its notifications.

Assumed where the documentation is silent: an approved refund that fails disappears from the list; the same key again is
406 while its refund stands, and is tried anew where it was denied; a payment by card is settled after a day. That money
comes back later is told nowhere, nor who cancelled a payment.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial
from hashlib import sha512
from typing import Any

from infra.sandbox.providers.serving import Say
from infra.sandbox.providers.till import CANCELLED, Behaviour, Given, Paid, Till

_ROUTE = re.compile(r"/v2/([^/]+)/(status|cancel|refund|refund/online/direct)")
_SETTLED_AFTER = timedelta(days=1)
_JAKARTA = timezone(timedelta(hours=7))
_DAYS = {"gopay": 180, "shopeepay": 365, "kredivo": 14, "dana": 45, "ovo": 7, "qris": 45}
_KINDS = frozenset({"credit_card", "gopay", "shopeepay", "dana", "ovo", "qris", "kredivo", "akulaku"})


def _wib(at: datetime) -> str:
    return at.astimezone(_JAKARTA).strftime("%Y-%m-%d %H:%M:%S")


def _say(code: int, message: str, **more: Any) -> Say:
    """Midtrans answers 200 and says in the body how it went."""
    return Say(200, json.dumps({"status_code": str(code), "status_message": message, **more}).encode())


@dataclass(slots=True, kw_only=True)
class FakeMidtrans:
    """`server_key` is the secret of its caller."""

    till: Till
    server_key: str
    first_asked: dict[str, datetime] = field(default_factory=dict)
    busy: int = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say | None:
        """One request."""
        self.catch_up()
        given = headers.get("authorization", "")
        if given != "Basic " + base64.b64encode(f"{self.server_key}:".encode()).decode():
            return _say(401, "Access denied")
        found = _ROUTE.fullmatch(path)
        if found is None:
            return Say(404, b"{}")
        payment, what = found.groups()
        if method == "GET" and what == "status":
            return self._status(payment)
        if method != "POST" or what == "status":
            return _say(405, "Method not allowed")
        if self.till.behaviour is Behaviour.BUSY:
            self.busy += 1
            return Say(429, b"{}", {"Retry-After": "90"}) if self.busy % 2 else _say(500, "Sorry. Internal error")
        do = partial(self.cancel, payment) if what == "cancel" else partial(self._refund, payment, body)
        if self.till.behaviour is Behaviour.SLOW:
            self.till.later(do)
            return None
        said = do()
        return None if self.till.behaviour is Behaviour.LOSE_ANSWER else said

    def catch_up(self) -> None:
        """What time has brought: slow requests, ends, notifications of success alone."""
        self.till.catch_up()
        for given in self.till.changes():
            if given.state == "succeeded":
                self._notify(given.paid, given, confirmed=True)

    def cancel(self, payment: str) -> Say:
        """By whoever may: there is no key."""
        paid = self.till.payments.get(payment)
        if paid is None:
            return _say(404, "Transaction doesn't exist")
        if self._facts(paid)["transaction_status"] != "capture" or self.till.behaviour is Behaviour.REFUSE:
            return _say(412, "Merchant cannot modify the status of the transaction")
        given = self.till.take(paid, CANCELLED, paid.amount, at_once=True)
        given.ends, given.fails = self.till.now(), None
        self.catch_up()
        return _say(200, "Success, transaction is canceled", **self._facts(paid))

    def forget(self) -> None:
        """Nothing was ever asked; payments and refunds are the till's."""
        self.busy = 0
        self.first_asked.clear()

    def letters(self) -> list[tuple[Mapping[str, str], bytes]]:
        """Notifications that arrive now, once each."""
        self.catch_up()
        return [(each.headers, each.raw) for each in self.till.due()]

    def _refund(self, payment: str, body: bytes) -> Say:
        asked = json.loads(body)
        key, amount, paid = asked.get("refund_key"), asked.get("amount"), self.till.payments.get(payment)
        if not isinstance(key, str) or not re.fullmatch(r"[A-Za-z0-9_-]+", key):
            return _say(400, "refund_key is not valid")
        if paid is None:
            return _say(404, "Transaction doesn't exist")
        same = [each for each in self.till.refunds if each.key == key]
        if any(each.state != "failed" for each in same):
            return _say(406, "Duplicate refund ID")
        now = self.till.now()
        if now > self.first_asked.setdefault(key, now) + timedelta(days=7):
            return _say(406, "Duplicate refund ID")
        if not isinstance(amount, int) or not 0 < amount <= self.till.left_of(paid):
            return _say(414, "Refund request is rejected due to invalid amount")
        days = _DAYS.get(paid.kind)
        is_unsettled = self._facts(paid)["transaction_status"] in ("capture", "cancel")
        if is_unsettled or paid.kind not in _KINDS or (days is not None and now > paid.at + timedelta(days=days)):
            return _say(412, "Merchant cannot modify the status of the transaction")
        facts = self._facts(paid)
        if self._denies(paid, amount, now):
            number = next(self.till.numbers)
            return _say(
                202,
                "Refund denied by the bank",
                **{**facts, "refund_chargeback_id": number, "refund_amount": "0.00", "refund_key": key},
            )
        given = self.till.take(paid, key, amount, at_once=False)
        self._notify(paid, given, confirmed=False)
        more = {**self._facts(paid), "refund_chargeback_id": given.number, "refund_key": key}
        return _say(200, "Success, refund request is approved", **more, refund_amount=f"{amount}.00")

    def _denies(self, paid: Paid, amount: int, now: datetime) -> bool:
        clock = now.astimezone(_JAKARTA)
        night = clock.hour < 6 or (clock.hour == 23 and clock.minute >= 55)
        if paid.kind in ("shopeepay", "ovo") and amount != paid.amount:
            return True
        return (paid.kind == "shopeepay" and night) or self.till.behaviour is Behaviour.REFUSE

    def _status(self, payment: str) -> Say:
        paid = self.till.payments.get(payment)
        if paid is None:
            return _say(404, "Transaction doesn't exist.")
        facts = self._facts(paid)
        code = 202 if facts["transaction_status"] == "cancel" else 200
        return _say(code, "Success, transaction is found", **facts, **self._list(paid))

    def _facts(self, paid: Paid) -> dict[str, Any]:
        gone = paid.amount - self.till.left_of(paid)
        status = "settlement" if not gone else "refund" if gone == paid.amount else "partial_refund"
        if paid.kind == "credit_card" and not gone and self.till.now() < paid.at + _SETTLED_AFTER:
            status = "capture"
        if any(each.paid is paid and each.key == CANCELLED for each in self.till.refunds):
            status = "cancel"
        return {
            "transaction_id": paid.names[0],
            "order_id": paid.names[-1],
            "payment_type": paid.kind,
            "transaction_status": status,
            "transaction_time": _wib(paid.at),
            "gross_amount": f"{paid.amount}.00",
        }

    def _list(self, paid: Paid, confirmed: Given | None = None) -> dict[str, Any]:
        """All refunds that stand, old ones among them, and their sum."""
        ours = [each for each in self.till.refunds if each.paid is paid and each.key != CANCELLED]
        standing = [each for each in ours if each.state != "failed"]
        if not standing:
            return {}
        return {
            "refund_amount": f"{sum(each.amount for each in standing)}.00",
            "refunds": [
                {
                    "refund_chargeback_id": each.number,
                    "refund_amount": f"{each.amount}.00",
                    "created_at": _wib(each.made),
                    "reason": "",
                    "refund_key": each.key,
                    **({"bank_confirmed_at": _wib(each.changed)} if each.state == "succeeded" else {}),
                }
                for each in standing
            ],
        }

    def _notify(self, paid: Paid, given: Given, *, confirmed: bool) -> None:
        facts = self._facts(paid)
        code = "202" if facts["transaction_status"] == "cancel" else "200"
        signed = f"{facts['order_id']}{code}{facts['gross_amount']}{self.server_key}"
        document = {
            "status_code": code,
            "status_message": "midtrans payment notification",
            "signature_key": sha512(signed.encode()).hexdigest(),
            **facts,
            **self._list(paid),
        }
        raw = json.dumps(document).encode()
        self.till.tell(given, {"Content-Type": "application/json"}, raw, timedelta(seconds=20 if confirmed else 5))
