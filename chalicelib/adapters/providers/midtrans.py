"""Midtrans: `POST /v2/{payment}/refund`, `POST .../cancel`, `GET .../status`. Unproven against the live service.

A yes means that the refund was approved; only `bank_confirmed_at` says that the money went. The truth is in the body's
`status_code`, whatever the HTTP status says. Failure is told to nobody: it has to be asked for. What a notification
says of refunds is not covered by its signature, so it only makes it time to ask.

A payment by card that is not settled knows no refund (412). If all of it goes back, and it holds nothing else, it is
cancelled; a part waits until it is settled. A cancellation has no key. One that is found counts as this refund, whoever
it was: the buyer has all of the money back, and nothing more can go (decision 0049). Where it was more than was asked
for, people look.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from chalicelib.adapters.providers.facts import MIDTRANS, MIDTRANS_UNSETTLED, able
from chalicelib.adapters.providers.http import NeverLeft, Reply, Wire, later, never_left, not_now
from chalicelib.adapters.providers.reading import document_of, minor_of, moment_of, step_of, text_of
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
from chalicelib.domain.zones import Zone

LIVE = "https://api.midtrans.com"
# The first names a payment for certain: a static QRIS of GoPay, and DANA, know no other.
_NAMES = ("transaction_id", "order_id", "reference")
_HABITS = Habits(tells_failure=False, after_loss=AfterLoss.ASK, key_lives=timedelta(days=7))
_BUSY, _NOT_LET_IN = timedelta(minutes=1), timedelta(hours=1)
# How long to leave a payment alone that has yet to be settled, and cannot be cancelled.
_UNTIL_SETTLED = timedelta(hours=3)
_CANCELLED = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Midtrans:
    """`secrets` holds `server_key`."""

    secrets: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    base_url: str = LIVE
    name: str = "midtrans"
    habits: Habits = _HABITS

    def able(self, request: PartRequest, now: datetime) -> Ability:
        """As the table of facts says."""
        return able(MIDTRANS, request, now, _NAMES)

    def find(self, request: PartRequest) -> ProviderAnswer:
        """Among the refunds of its payment, or that as cancelled. Raises Unavailable."""
        try:
            said = self._status(request)
        except NeverLeft as error:
            raise Unavailable(self.name) from error
        if isinstance(said, ProviderAnswer):
            return said
        for each in _refunds(said):
            if each.get("refund_key") == request.key:
                return _found(each)
        is_cancelled = request.method in MIDTRANS_UNSETTLED and _standing(said) == _CANCELLED
        return _cancelled(said) if is_cancelled else ProviderAnswer(became=Became.UNKNOWN)

    def send(self, request: PartRequest) -> ProviderAnswer:
        """Raises Unavailable where nobody can say what became of it."""
        try:
            return self._before_settlement(request) or self._refund(request)
        except NeverLeft:
            return never_left()

    def _before_settlement(self, request: PartRequest) -> ProviderAnswer | None:
        """What comes of it where its payment is not settled yet; None where it is, and can be refunded."""
        unsettled = MIDTRANS_UNSETTLED.get(request.method)
        if unsettled is None:
            return None
        said = self._status(request)
        if isinstance(said, ProviderAnswer):
            return said if said.wait else None
        if _standing(said) == _CANCELLED:
            return _cancelled(said)
        if _standing(said) != unsettled:
            return None
        # Several orders may have been paid for at once.
        if not request.is_whole or minor_of(said.get("gross_amount"), 0) != request.amount:
            return later(_UNTIL_SETTLED, unsettled)
        reply = self._wire().call("POST", f"/v2/{_payment(request)}/cancel", b"{}")
        if early := self._early(reply):
            return early
        done = reply.document()
        code = _code(done, reply)
        if code.startswith("2") and _standing(done) == _CANCELLED:
            return _cancelled(said)
        if code.startswith("4"):
            # It was settled meanwhile, or its bank does not take that.
            return later(_UNTIL_SETTLED, code)
        raise Unavailable(self.name)

    def _refund(self, request: PartRequest) -> ProviderAnswer:
        asked = {
            "refund_key": request.key,
            "amount": request.amount,
            "reason": f"order refund {request.refund_id}"[:255],
        }
        reply = self._wire().call("POST", f"/v2/{_payment(request)}/refund", json.dumps(asked).encode())
        if early := self._early(reply):
            return early
        said = reply.document()
        code, reference = _code(said, reply), text_of(said.get("refund_chargeback_id"))
        if code == "406":
            return self._known(request) or self._nobody_knows()
        if said.get("refund_key") not in (None, request.key):
            raise Unavailable(self.name)
        if code in ("200", "201"):
            return ProviderAnswer(became=Became.PENDING, reference=reference, code=code)
        if code == "202":
            return ProviderAnswer(became=Became.FAILED, reference=reference, code=code, is_final=True)
        if code.startswith("4"):
            # Refused as asked now; the same key may have been taken before, when its answer was lost.
            refused = ProviderAnswer(became=Became.FAILED, code=code, is_final=True)
            return self._known(request) or refused
        raise Unavailable(self.name)

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Sequence[Notification]:
        """One for each refund in the list, old ones among them. Raises Invalid `unauthorized`."""
        said = document_of(raw)
        parts = [said.get(name) for name in ("order_id", "status_code", "gross_amount", "signature_key")]
        if not all(isinstance(each, str) for each in parts):
            raise Invalid("unauthorized")
        order_id, code, gross, signature = map(str, parts)
        signed = f"{order_id}{code}{gross}{self.secrets['server_key']}".encode()
        if not hmac.compare_digest(hashlib.sha512(signed).hexdigest().encode(), signature.lower().encode()):
            raise Invalid("unauthorized")
        payment = text_of(said.get("transaction_id")) or order_id
        return [found for each in _refunds(said) if (found := self._notification(payment, each))]

    def _notification(self, payment: str, each: Mapping[str, Any]) -> Notification | None:
        key, reference = text_of(each.get("refund_key")), text_of(each.get("refund_chargeback_id"))
        if key is None and reference is None:
            return None
        found, confirmed = _found(each), each.get("bank_confirmed_at")
        return Notification(
            event_id=f"midtrans:{payment}:{key or reference}:{found.became}",
            key=key,
            reference=reference,
            amount=found.amount,
            became=found.became,
            at=moment_of(confirmed or each.get("created_at"), Zone.WIB.clock, self.now().astimezone(UTC)),
            vouched=False,
        )

    def _status(self, request: PartRequest) -> Mapping[str, Any] | ProviderAnswer:
        """How its payment stands; an answer where that is not known there, or not told now. Raises NeverLeft, and
        Unavailable."""
        reply = self._wire().call("GET", f"/v2/{_payment(request)}/status")
        if early := self._early(reply):
            return early
        said = reply.document()
        code = _code(said, reply)
        if code == "404":
            return ProviderAnswer(became=Became.UNKNOWN, code=code)
        # Any other refusal to tell is no word about the refund.
        if not code.startswith("2"):
            raise Unavailable(self.name)
        return said

    def _known(self, request: PartRequest) -> ProviderAnswer | None:
        """What became of the key, where theirs knows it. Raises Unavailable where nobody can say."""
        found = self.find(request)
        if found.wait is not None:
            self._nobody_knows()
        return None if found.became is Became.UNKNOWN else found

    def _nobody_knows(self) -> NoReturn:
        raise Unavailable(self.name)

    def _early(self, reply: Reply) -> ProviderAnswer | None:
        """Refusals from before the request was looked at, by HTTP status or by the body's. Raises Unavailable."""
        code = _code(reply.document(), reply)
        if early := not_now(reply, self.now()):
            return early
        if code == "429":
            return later(_BUSY, code)
        if code == "401":
            return later(_NOT_LET_IN, code)
        if code.startswith("5"):
            raise Unavailable(self.name)
        return None

    def _wire(self) -> Wire:
        token = b64encode(f"{self.secrets['server_key']}:".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Accept": "application/json", "Content-Type": "application/json"}
        return Wire(provider=self.name, base_url=self.base_url, headers=headers)


def _payment(request: PartRequest) -> str:
    """By what theirs knows the payment. `able` saw that there is something. Raises Invalid `no_reference`."""
    for name in _NAMES:
        if request.references.get(name):
            return step_of(request.references[name])
    raise Invalid("no_reference")


def _code(said: Mapping[str, Any], reply: Reply) -> str:
    return text_of(said.get("status_code")) or str(reply.status)


def _standing(said: Mapping[str, Any]) -> str:
    return str(said.get("transaction_status", "")).lower()


def _cancelled(payment: Mapping[str, Any]) -> ProviderAnswer:
    """All of a payment went back."""
    return ProviderAnswer(
        became=Became.SUCCEEDED,
        reference=text_of(payment.get("transaction_id")),
        amount=minor_of(payment.get("gross_amount"), 0),
        code=_CANCELLED,
    )


def _refunds(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = said.get("refunds")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _found(each: Mapping[str, Any]) -> ProviderAnswer:
    """One refund of the list; its own amount, while the one above the list is of all refunds."""
    return ProviderAnswer(
        became=Became.SUCCEEDED if each.get("bank_confirmed_at") else Became.PENDING,
        reference=text_of(each.get("refund_chargeback_id")),
        amount=minor_of(each.get("refund_amount"), 0),
    )
