"""DOKU: `POST /cancellation/credit-card/refund`, for cards alone. Unproven against the live service.

It needs both names of a payment: its invoice number, and the Request-Id that it was begun with. The same Request-Id
again is not done twice: it is answered with what was said first, as a conflict (409). For how long is not documented: a
day is assumed, and half of it trusted, since a request may be long on its way. That is the one way to learn what became
of a refund, since none to ask about it is documented. What its people do by hand (`MANUAL_...`) ends by a notification,
or people look. How a refund's notification looks is not shown: one is heard if it names our own Request-Id.

Not here: refunds of e-wallets and QRIS, which another API of theirs has (SNAP, with tokens and RSA), and their Refund
Service, which pays out to accounts that buyers name (Rp10,000 to Rp25,000,000), not back the way the money came.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.adapters.providers.facts import DOKU, able
from chalicelib.adapters.providers.http import NeverLeft, Reply, Wire, never_left, not_now
from chalicelib.adapters.providers.reading import document_of, header_of, minor_of, moment_of, text_of
from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.money.providers import (
    Ability,
    AfterLoss,
    Became,
    Habits,
    Never,
    Notification,
    PartRequest,
    ProviderAnswer,
    Shut,
)

LIVE = "https://api.doku.com"
_REFUND = "/cancellation/credit-card/refund"
_NAMES = ("invoice_number", "original_request_id")
_HABITS = Habits(tells_failure=False, after_loss=AfterLoss.REPEAT, key_lives=timedelta(hours=12))
_SIGNED = ("Client-Id", "Request-Id", "Request-Timestamp", "Request-Target", "Digest")
_AT_ONCE = frozenset({"VOID", "PARTIAL_REFUND", "FULL_REFUND"})
_BY_HAND = frozenset({"MANUAL_PARTIAL_REFUND", "MANUAL_FULL_REFUND"})
# Before settlement only the whole amount is taken; when that is, is not told.
_UNTIL_SETTLED = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doku:
    """`secrets` holds `client_id` and `secret_key`; `notified` is the path that its notifications come to, which their
    signature covers."""

    secrets: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    base_url: str = LIVE
    notified: str = "/v1/providers/doku/notifications"
    name: str = "doku"
    habits: Habits = _HABITS

    def able(self, request: PartRequest, now: datetime) -> Ability:
        """As the table of facts says; both names are needed."""
        found = able(DOKU, request, now, _NAMES)
        is_named = all(request.references.get(name) for name in _NAMES)
        return found if is_named or isinstance(found, Never) else Never(Shut.NO_REFERENCE)

    def find(self, request: PartRequest) -> ProviderAnswer:
        """Raises Unavailable: nothing is documented that could be asked about a refund."""
        raise Unavailable(self.name)

    def send(self, request: PartRequest) -> ProviderAnswer:
        """Also for what was sent before, which is then told again. Raises Unavailable where nobody can say what became
        of it."""
        body = json.dumps(
            {
                "order": {"invoice_number": _named(request, "invoice_number")},
                "payment": {"original_request_id": _named(request, "original_request_id")},
                "refund": {"amount": request.amount},
            }
        ).encode()
        stamp = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        headers = {
            "Client-Id": self.secrets["client_id"],
            "Request-Id": request.key,
            "Request-Timestamp": stamp,
            "Signature": self._signature(request.key, stamp, _REFUND, body),
            "Content-Type": "application/json",
        }
        try:
            reply = Wire(provider=self.name, base_url=self.base_url, headers={}).call("POST", _REFUND, body, headers)
        except NeverLeft:
            return never_left()
        if early := not_now(reply, self.now()):
            return early
        said = reply.document()
        if reply.status < 300 or reply.status == 409:
            return self._answer(request, said)
        # Conflicts and timeouts say that something is under way, not what.
        if reply.status in (408, 425):
            raise Unavailable(self.name)
        return ProviderAnswer(became=Became.FAILED, code=_error(reply), is_final=True)

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Sequence[Notification]:
        """A refund that went; none for notifications of other things. Raises Invalid `unauthorized`."""
        given = {name: header_of(headers, name.lower()) for name in ("Client-Id", "Request-Id", "Request-Timestamp")}
        expected = self._signature(given["Request-Id"], given["Request-Timestamp"], self.notified, raw)
        fits = hmac.compare_digest(expected.encode(), header_of(headers, "signature").encode())
        if not self.secrets["secret_key"] or given["Client-Id"] != self.secrets["client_id"] or not fits:
            raise Invalid("unauthorized")
        said = document_of(raw)
        transaction, refund = _part(said, "transaction"), _part(said, "refund")
        key = text_of(transaction.get("original_request_id"))
        if key is None or transaction.get("type") == "SALE" or transaction.get("status") != "SUCCESS":
            return []
        return [
            Notification(
                event_id=f"doku:{key}:{Became.SUCCEEDED}",
                key=key,
                reference=key,
                amount=minor_of(refund.get("amount"), 0),
                became=Became.SUCCEEDED,
                at=moment_of(transaction.get("date"), UTC, self.now().astimezone(UTC)),
            )
        ]

    def _answer(self, request: PartRequest, said: Mapping[str, Any]) -> ProviderAnswer:
        refund, kind = _part(said, "refund"), _part(said, "refund").get("type")
        status, amount = refund.get("status"), minor_of(refund.get("amount"), 0)
        payment = _part(said, "payment").get("original_request_id")
        is_ours = payment == request.references["original_request_id"] and kind in _AT_ONCE | _BY_HAND
        if not is_ours or status not in ("SUCCESS", "FAILED"):
            raise Unavailable(self.name)
        if status == "FAILED":
            may_pass = not request.is_whole and kind == "VOID"
            wait = _UNTIL_SETTLED if may_pass else None
            code = text_of(refund.get("message")) or "FAILED"
            return ProviderAnswer(became=Became.FAILED, code=code, is_final=True, again=may_pass, wait=wait)
        became = Became.SUCCEEDED if kind in _AT_ONCE else Became.PENDING
        return ProviderAnswer(became=became, reference=request.key, amount=amount)

    def _signature(self, request_id: str, stamp: str, target: str, raw: bytes) -> str:
        """Over who asks, when, where and what, line by line."""
        body = b64encode(hashlib.sha256(raw).digest()).decode()
        told = (self.secrets["client_id"], request_id, stamp, target, body)
        text = "\n".join(f"{name}:{value}" for name, value in zip(_SIGNED, told, strict=True))
        mark = hmac.digest(self.secrets["secret_key"].encode(), text.encode(), "sha256")
        return f"HMACSHA256={b64encode(mark).decode()}"


def _named(request: PartRequest, name: str) -> str:
    """By what theirs knows the payment. `able` saw that it is there. Raises Invalid `no_reference`."""
    if not request.references.get(name):
        raise Invalid("no_reference")
    return request.references[name]


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _error(reply: Reply) -> str:
    return text_of(_part(reply.document(), "error").get("code")) or str(reply.status)
