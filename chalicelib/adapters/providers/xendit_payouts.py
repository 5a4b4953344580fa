"""Xendit's payouts: `POST /v2/payouts`, `GET /v2/payouts`. Unproven against the live service.

The key is sent as `Idempotency-key`, which protects for ever ("No expiration", docs of Xendit's own client): the same
request is answered as the first time, another one under it is a DUPLICATE_ERROR. It is our `reference_id`, too, by
which payouts are listed: as a bare array (docs.xendit.co/apidocs/get-all-payouts) or as `{data, has_more}` (their
client), both are read. A payout that succeeded may be REVERSED days later; its money is then back in our account there
(docs.xendit.co/docs/payout-status-lifecycle). Names are checked by nobody but the receiving bank.

Accounts stand in requests and answers, and go nowhere else from here.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from chalicelib.adapters.providers.http import NeverLeft, Reply, Wire, later, never_left, not_now
from chalicelib.adapters.providers.payout_channels import channel_for, payable
from chalicelib.adapters.providers.reading import currency_of, document_of, is_in, minor_of, moment_of, step_of, text_of
from chalicelib.adapters.providers.xendit import LIVE, error_of, verify, wire
from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.money.payout import Account, written_at_home
from chalicelib.domain.money.providers import (
    Ability,
    AfterLoss,
    Became,
    Habits,
    Notification,
    PartRequest,
    ProviderAnswer,
)
from chalicelib.domain.orders.methods import Method
from chalicelib.locales.formats import digits_of

_HABITS = Habits(tells_failure=True, after_loss=AfterLoss.ASK, takes_back=True)
_WORDS: Mapping[str, Became] = {
    "ACCEPTED": Became.PENDING,
    "PENDING_COMPLIANCE_ASSESSMENT": Became.PENDING,
    "REQUESTED": Became.PENDING,
    "SUCCEEDED": Became.SUCCEEDED,
    "FAILED": Became.FAILED,
    "CANCELLED": Became.FAILED,
    "EXPIRED": Became.FAILED,
    "COMPLIANCE_REJECTED": Became.FAILED,
    "REVERSED": Became.FAILED,
}
# Refused before anything was made; the same request is taken later. A key of ours that may not pay out is for people.
_LATER: Mapping[str, timedelta] = {
    "INSUFFICIENT_BALANCE": timedelta(hours=6),
    "CHANNEL_UNAVAILABLE": timedelta(hours=1),
    "TEMPORARILY_UNAVAILABLE": timedelta(hours=1),
    "REQUEST_FORBIDDEN_ERROR": timedelta(hours=1),
    "RATE_LIMIT_EXCEEDED": timedelta(minutes=1),
}
# A payout that was made, and failed for a reason that passes: another one may go. REJECTED_BY_CHANNEL and
# UNKNOWN_BANK_NETWORK_ERROR may pass or not, as they are documented; a person looks.
_PASSES = frozenset(
    {
        "INSUFFICIENT_BALANCE",
        "CHANNEL_UNAVAILABLE",
        "TEMPORARY_TRANSFER_ERROR",
        "TEMPORARY_BANK_NETWORK_ERROR",
        "SWITCHING_NETWORK_ERROR",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class XenditPayouts:
    """`secrets` holds `secret_key` and `callback_token`, as Xendit's refunds have them."""

    secrets: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    base_url: str = LIVE
    name: str = "xendit_payouts"
    habits: Habits = _HABITS

    def able(self, request: PartRequest, now: datetime) -> Ability:
        """As the table of channels says."""
        return payable(request)

    def find(self, request: PartRequest) -> ProviderAnswer:
        """By Xendit's own id, or among its payouts by our key. Raises Unavailable."""
        listed_by = urlencode({"reference_id": request.key})
        place = f"/v2/payouts/{step_of(request.known_as)}" if request.known_as else f"/v2/payouts?{listed_by}"
        try:
            reply = self._wire().call("GET", place)
        except NeverLeft as error:
            raise Unavailable(self.name) from error
        if early := not_now(reply, self.now()):
            return early
        if reply.status == 404:
            return ProviderAnswer(became=Became.UNKNOWN, code=error_of(reply))
        if request.known_as:
            return self._payout(request, reply)
        listed = _listed(reply)
        if reply.status >= 300 or listed is None:
            raise Unavailable(self.name)
        ours = {text_of(each.get("id")): each for each in listed if each.get("reference_id") == request.key}
        if not ours:
            return ProviderAnswer(became=Became.UNKNOWN)
        # Of several nobody could say which is ours.
        if len(ours) > 1:
            raise Unavailable(self.name)
        return self._said(request, next(iter(ours.values())))

    def send(self, request: PartRequest) -> ProviderAnswer:
        """Raises Unavailable where nobody can say what became of it, Invalid `no_reference` without an account."""
        channel = channel_for(request.account) if request.account else None
        if request.account is None or channel is None:
            raise Invalid("no_reference")
        asked = {
            "reference_id": request.key,
            "channel_code": channel.code,
            "channel_properties": {
                "account_number": _number(request.account),
                "account_holder_name": request.account.holder,
            },
            # Rupiah are paid out whole, and `able` let no other currency through.
            "amount": request.amount,
            "currency": request.currency,
            "description": f"Refund {request.refund_id}"[:100],
            "metadata": {"refund_id": request.refund_id},
        }
        headers = {"Idempotency-key": request.key}
        try:
            reply = self._wire().call("POST", "/v2/payouts", json.dumps(asked).encode(), headers)
        except NeverLeft:
            return never_left()
        if early := not_now(reply, self.now()):
            return early
        if reply.status < 300:
            return self._payout(request, reply)
        code = error_of(reply)
        # The key is in use, or was used for something else: what became of that is for the list to say.
        if reply.status in (408, 409, 425) or "DUPLICATE" in code:
            raise Unavailable(self.name)
        if code in _LATER:
            return later(_LATER[code], code)
        # Refused as asked now; the same key may have been taken before, when its answer was lost.
        found = self.find(request)
        if found.wait is not None:
            raise Unavailable(self.name)
        refused = ProviderAnswer(became=Became.FAILED, code=code, is_final=True)
        return refused if found.became is Became.UNKNOWN else found

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Sequence[Notification]:
        """The payout that an event is about; none for events of other things. Raises Invalid `unauthorized`."""
        verify(self.secrets, headers)
        said = document_of(raw)
        event, payout = said.get("event"), said.get("data")
        if not isinstance(event, str) or not event.startswith("payout."):
            return []
        answer = _answer(payout) if isinstance(payout, dict) else None
        if not isinstance(payout, dict) or answer is None or answer.reference is None:
            raise Invalid("validation_failed", errors=[{"field": "data", "message": "no state of a payout"}])
        now = self.now().astimezone(UTC)
        return [
            Notification(
                event_id=f"{self.name}:{answer.reference}:{payout['status']}",
                key=text_of(payout.get("reference_id")),
                reference=answer.reference,
                amount=answer.amount,
                currency=currency_of(payout),
                became=answer.became,
                at=moment_of(payout.get("updated") or said.get("created"), UTC, now),
                code=answer.code,
                again=answer.again,
            )
        ]

    def _payout(self, request: PartRequest, reply: Reply) -> ProviderAnswer:
        if reply.status >= 300:
            raise Unavailable(self.name)
        return self._said(request, reply.document())

    def _said(self, request: PartRequest, payout: Mapping[str, Any]) -> ProviderAnswer:
        """What a payout of theirs says of ours. Raises Unavailable where it says nothing that we know."""
        answer = _answer(payout)
        is_ours = payout.get("reference_id") == request.key and is_in(payout, request.currency)
        if answer is None or not is_ours:
            raise Unavailable(self.name)
        return answer

    def _wire(self) -> Wire:
        return wire(self.name, self.base_url, self.secrets, {})


def _number(account: Account) -> str:
    """E-wallets go by their phone, with 0 before it (docs.xendit.co/apidocs/create-payout)."""
    return written_at_home(account.number) if account.method is Method.EWALLET else account.number


def _listed(reply: Reply) -> list[dict[str, Any]] | None:
    """The payouts of a list in either of its shapes; None where it is none."""
    try:
        said = json.loads(reply.body)
    except ValueError:
        return None
    found = said.get("data") if isinstance(said, dict) else said
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else None


def _answer(payout: Mapping[str, Any]) -> ProviderAnswer | None:
    """What a payout of theirs says; None where it says nothing that we know."""
    word = str(payout.get("status"))
    became = _WORDS.get(word)
    if became is None:
        return None
    failed = became is Became.FAILED
    code = (text_of(payout.get("failure_code")) or word) if failed else None
    return ProviderAnswer(
        became=became,
        reference=text_of(payout.get("id")),
        amount=minor_of(payout.get("amount"), digits_of(str(payout.get("currency")))),
        code=code,
        is_final=failed,
        # What came back, or was stopped by somebody, is not sent again by itself.
        again=word == "FAILED" and code in _PASSES,
    )
