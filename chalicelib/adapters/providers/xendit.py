"""Xendit: `POST /v3/refunds` and `GET /v3/refunds/{id}` with `api-version`. Unproven against the live service.

The new refunds are known by Xendit's own id alone: no list of them by our key is documented, and no refusal of a second
request with the same `reference_id`. So what was sent without an answer is never sent again. Its notification carries
our key. Until that comes it is searched for among all of the account's transactions by `reference_id` (`GET
/transactions`, for which the secret key needs "Transaction Read"). That a refund stands there under its own is not
said: what is found is read by its id and must have our key; what is not found says nothing. One refund at a time per
payment: the next one waits.

Not here: e-wallet payments can be voided on their day until 23:50, in Jakarta, with their fee given back, but that is
documented for charges of the older e-wallet API alone (docs.xendit.co/ewallet/payment-flows/void-and-refund). Of the
payments that `/v3/refunds` gives back, `/v3/payments/{id}/cancel` takes those alone that are AUTHORIZED, which hold no
money yet (docs.xendit.co/apidocs/cancel-payment).
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from chalicelib.adapters.providers.facts import XENDIT, able
from chalicelib.adapters.providers.http import NeverLeft, Reply, Wire, later, never_left, not_now
from chalicelib.adapters.providers.reading import (
    currency_of,
    document_of,
    header_of,
    is_in,
    minor_of,
    moment_of,
    step_of,
    text_of,
)
from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.money.providers import (
    Ability,
    AfterLoss,
    Became,
    Habits,
    Notification,
    PartRequest,
    ProviderAnswer,
)
from chalicelib.locales.formats import digits_of

LIVE = "https://api.xendit.co"
_HABITS = Habits(tells_failure=True, after_loss=AfterLoss.SEARCH)
_VERSION = "2024-11-11"
_NAMES = ("payment_id", "reference")
_WORDS: Mapping[str, Became] = {
    "PENDING": Became.PENDING,
    "SUCCEEDED": Became.SUCCEEDED,
    "FAILED": Became.FAILED,
    "CANCELLED": Became.FAILED,
}
# Refused before anything was made; the same request is taken later.
_LATER: Mapping[str, timedelta] = {
    "REFUND_IN_PROGRESS": timedelta(minutes=10),
    "TEMPORARILY_UNAVAILABLE": timedelta(hours=1),
    "CHANNEL_UNAVAILABLE": timedelta(hours=1),
    "INSUFFICIENT_BALANCE": timedelta(hours=6),
    "RATE_LIMIT_EXCEEDED": timedelta(minutes=1),
}
# A refund that was made, and failed for a reason that passes: another one may go.
_PASSES = frozenset({"INSUFFICIENT_BALANCE", "REFUND_TEMPORARILY_UNAVAILABLE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Xendit:
    """`secrets` holds `secret_key` and `callback_token`."""

    secrets: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    base_url: str = LIVE
    name: str = "xendit"
    habits: Habits = _HABITS

    def able(self, request: PartRequest, now: datetime) -> Ability:
        """As the table of facts says."""
        return able(XENDIT, request, now, _NAMES)

    def find(self, request: PartRequest) -> ProviderAnswer:
        """By Xendit's own id, else by our key among all transactions. Raises Unavailable, also where none is found."""
        if request.known_as is None:
            return self._searched(request)
        reply = self._get(f"/v3/refunds/{step_of(request.known_as)}")
        if early := not_now(reply, self.now()):
            return early
        if reply.status == 404:
            return ProviderAnswer(became=Became.UNKNOWN, code=error_of(reply))
        return self._refund(request, reply)

    def send(self, request: PartRequest) -> ProviderAnswer:
        """Raises Unavailable where nobody can say what became of it."""
        asked = {
            "reference_id": request.key,
            "payment_id": _payment(request),
            "amount": _major(request.amount, request.currency),
            "reason": "CANCELLATION",
            "metadata": {"refund_id": request.refund_id},
        }
        try:
            reply = self._wire().call("POST", "/v3/refunds", json.dumps(asked).encode())
        except NeverLeft:
            return never_left()
        if early := not_now(reply, self.now()):
            return early
        if reply.status < 300:
            return self._refund(request, reply)
        code = error_of(reply)
        if code in _LATER:
            return later(_LATER[code], code)
        # Conflicts and timeouts say that something is under way, not what.
        if reply.status in (408, 409, 425) or "DUPLICATE" in code:
            raise Unavailable(self.name)
        return ProviderAnswer(became=Became.FAILED, code=code, is_final=True)

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Sequence[Notification]:
        """The refund that an event is about; none for events of other things. Raises Invalid `unauthorized`."""
        verify(self.secrets, headers)
        said = document_of(raw)
        event, data = said.get("event"), said.get("data")
        # Their own example puts a whole event inside the event.
        if isinstance(data, dict) and isinstance(data.get("data"), dict):
            data = data["data"]
        if not isinstance(event, str) or not event.startswith("refund."):
            return []
        if not isinstance(data, dict):
            raise Invalid("validation_failed", errors=[{"field": "data", "message": "no refund"}])
        answer = _answer(data)
        if answer is None or answer.reference is None:
            raise Invalid("validation_failed", errors=[{"field": "status", "message": "no state of a refund"}])
        now = self.now().astimezone(UTC)
        return [
            Notification(
                event_id=f"xendit:{answer.reference}:{answer.became}",
                key=text_of(data.get("reference_id")),
                reference=answer.reference,
                amount=answer.amount,
                currency=currency_of(data),
                became=answer.became,
                at=moment_of(data.get("updated") or said.get("created"), UTC, now),
                code=answer.code,
                again=answer.again,
            )
        ]

    def _searched(self, request: PartRequest) -> ProviderAnswer:
        reply = self._get(f"/transactions?{urlencode({'types': 'REFUND', 'reference_id': request.key})}")
        if early := not_now(reply, self.now()):
            return early
        listed = reply.document().get("data")
        ours = [each for each in listed if _is_of(each, request.key)] if isinstance(listed, list) else []
        ids = {known for each in ours if (known := text_of(each.get("product_id")))}
        # Of several nobody could say which is ours.
        if reply.status >= 300 or len(ids) != 1:
            raise Unavailable(self.name)
        reply = self._get(f"/v3/refunds/{step_of(ids.pop())}")
        if early := not_now(reply, self.now()):
            return early
        return self._refund(request, reply)

    def _get(self, path: str) -> Reply:
        try:
            return self._wire().call("GET", path)
        except NeverLeft as error:
            raise Unavailable(self.name) from error

    def _refund(self, request: PartRequest, reply: Reply) -> ProviderAnswer:
        said = reply.document()
        answer = _answer(said)
        is_ours = said.get("reference_id") == request.key and is_in(said, request.currency)
        if reply.status >= 300 or answer is None or not is_ours:
            raise Unavailable(self.name)
        return answer

    def _wire(self) -> Wire:
        return wire(self.name, self.base_url, self.secrets, {"api-version": _VERSION})


def verify(secrets: Mapping[str, str], headers: Mapping[str, str]) -> None:
    """Whether Xendit calls, by its token. Raises Invalid `unauthorized`."""
    token = secrets["callback_token"].encode()
    if not token or not hmac.compare_digest(token, header_of(headers, "x-callback-token").encode()):
        raise Invalid("unauthorized")


def wire(provider: str, base_url: str, secrets: Mapping[str, str], more: Mapping[str, str]) -> Wire:
    """A way to Xendit, with our key and `more` headers."""
    token = b64encode(f"{secrets['secret_key']}:".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json", **more}
    return Wire(provider=provider, base_url=base_url, headers=headers)


def error_of(reply: Reply) -> str:
    """Its own word for what is wrong."""
    return text_of(reply.document().get("error_code")) or str(reply.status)


def _payment(request: PartRequest) -> str:
    """By what theirs knows the payment. `able` saw that there is something. Raises Invalid `no_reference`."""
    for name in _NAMES:
        if request.references.get(name):
            return request.references[name]
    raise Invalid("no_reference")


def _is_of(transaction: object, key: str) -> bool:
    """Whether a transaction of theirs is a refund under this key."""
    told = transaction if isinstance(transaction, dict) else {}
    return told.get("type") == "REFUND" and told.get("reference_id") == key


def _answer(refund: Mapping[str, Any]) -> ProviderAnswer | None:
    """What a refund of theirs says; None where it says nothing that we know."""
    word = str(refund.get("status", "")).upper()
    became = _WORDS.get(word)
    if became is None:
        return None
    code = text_of(refund.get("failure_code")) or ("CANCELLED" if word == "CANCELLED" else None)
    return ProviderAnswer(
        became=became,
        reference=text_of(refund.get("refund_id")) or text_of(refund.get("id")),
        amount=minor_of(refund.get("amount"), digits_of(str(refund.get("currency")))),
        code=code,
        is_final=became is Became.FAILED,
        again=became is Became.FAILED and code in _PASSES,
    )


def _major(minor: int, currency: str) -> int | float:
    """Major units as a JSON number: whole where the currency has no smaller unit, as rupiah have here."""
    digits = digits_of(currency)
    return float(Decimal(minor).scaleb(-digits)) if digits else minor
