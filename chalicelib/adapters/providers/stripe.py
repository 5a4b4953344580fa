"""Stripe: `POST /v1/refunds`, `GET /v1/refunds`. Unproven against the live service.

Stripe keeps a key for a day, and plays back what it first answered to it, failures of its own among them. So the key
stands in the refund's metadata, too, where it is found for ever. A refund that succeeded can fail days later; its money
is then back in the account. Rupiah have two digits there: 10,000 rupiah are 1000000.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from chalicelib.adapters.providers.facts import STRIPE, able
from chalicelib.adapters.providers.http import NeverLeft, Reply, Wire, later, never_left, not_now
from chalicelib.adapters.providers.reading import currency_of, document_of, header_of, is_in, step_of, text_of
from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.money.providers import (
    UNREADABLE,
    Ability,
    AfterLoss,
    Became,
    Habits,
    Notification,
    PartRequest,
    ProviderAnswer,
)
from chalicelib.locales.formats import digits_of

LIVE = "https://api.stripe.com"
_HABITS = Habits(tells_failure=True, after_loss=AfterLoss.ASK, takes_back=True)
_VERSION = "2025-04-30.basil"
_NAMES = ("payment_intent", "charge", "reference")
_MARK = "batal_key"
# docs.stripe.com/currencies: those without smaller units there, and with three; all others have two, rupiah among them.
_NONE = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
_WORDS: Mapping[str, Became] = {
    "pending": Became.PENDING,
    "requires_action": Became.PENDING,
    "succeeded": Became.SUCCEEDED,
    "failed": Became.FAILED,
    "canceled": Became.FAILED,
}
_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
# Seconds by which a signature may differ from our clock, as Stripe's own libraries have it.
_TOLERANCE = 300
_MOST_PAGES = 10
_PASSES = frozenset({"insufficient_funds"})
# docs.stripe.com/refunds#failed-refunds: no further try to the same card goes through.
_CARD_GONE = frozenset({"expired_or_canceled_card", "lost_or_stolen_card"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripe:
    """`secrets` holds `secret_key` and `webhook_secret`."""

    secrets: Mapping[str, str] = field(repr=False)
    now: Callable[[], datetime]
    base_url: str = LIVE
    name: str = "stripe"
    habits: Habits = _HABITS

    def able(self, request: PartRequest, now: datetime) -> Ability:
        """As the table of facts says."""
        return able(STRIPE, request, now, _NAMES)

    def find(self, request: PartRequest) -> ProviderAnswer:
        """By its id, or among the refunds of its payment by our mark. Raises Unavailable."""
        if request.known_as is not None:
            reply = self._get(f"/v1/refunds/{step_of(request.known_as)}")
            if early := not_now(reply, self.now()):
                return early
            if reply.status == 404:
                return ProviderAnswer(became=Became.UNKNOWN, code="404")
            return self._answer(request, reply)
        name, payment = _payment(request)
        after: str | None = None
        for _ in range(_MOST_PAGES):
            asked = {name: payment, "limit": "100", **({"starting_after": after} if after else {})}
            reply = self._get(f"/v1/refunds?{urlencode(asked)}")
            if early := not_now(reply, self.now()):
                return early
            if reply.status == 404:
                # No such payment, so no refund of it.
                return ProviderAnswer(became=Became.UNKNOWN, code="404")
            said = reply.document()
            refunds = said.get("data")
            if reply.status >= 300 or not isinstance(refunds, list):
                raise Unavailable(self.name)
            for each in refunds:
                if _mark(each) == request.key:
                    return self._said(request, each)
            after = text_of(refunds[-1].get("id")) if refunds and said.get("has_more") is True else None
            if after is None:
                return ProviderAnswer(became=Became.UNKNOWN)
        raise Unavailable(self.name)

    def send(self, request: PartRequest) -> ProviderAnswer:
        """Raises Unavailable where nobody can say what became of it."""
        name, payment = _payment(request)
        asked = {
            name: payment,
            "amount": str(_theirs(request.amount, request.currency)),
            "reason": "requested_by_customer",
            f"metadata[{_MARK}]": request.key,
            "metadata[refund_id]": request.refund_id,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": request.key}
        try:
            reply = self._wire().call("POST", "/v1/refunds", urlencode(asked).encode(), headers)
        except NeverLeft:
            return never_left()
        if early := not_now(reply, self.now()):
            return early
        if reply.status < 300:
            return self._answer(request, reply)
        kind, code = _error(reply)
        # The key is in use, or was used for something else: what became of that is for the list to say.
        if reply.status in (408, 409, 425) or kind == "idempotency_error":
            raise Unavailable(self.name)
        if code in ("lock_timeout", "rate_limit"):
            return later(timedelta(minutes=1), code)
        # Refused as asked now; the same key may have been taken before, when its answer was lost.
        found = self.find(request)
        if found.wait is not None:
            raise Unavailable(self.name)
        refused = ProviderAnswer(became=Became.FAILED, code=code, is_final=True, again=code in _PASSES)
        return refused if found.became is Became.UNKNOWN else found

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Sequence[Notification]:
        """The refund that an event is about; none for events of other things. Raises Invalid `unauthorized`."""
        self._verify(header_of(headers, "stripe-signature"), raw)
        said = document_of(raw)
        if said.get("type") not in _EVENTS:
            return []
        data = said.get("data")
        refund = data.get("object") if isinstance(data, dict) else None
        answer = _answer(refund) if isinstance(refund, dict) else None
        event_id, created = text_of(said.get("id")), said.get("created")
        if not isinstance(refund, dict) or answer is None or event_id is None or not isinstance(created, int):
            raise Invalid("validation_failed", errors=[{"field": "data", "message": "no refund"}])
        return [
            Notification(
                event_id=event_id,
                key=_mark(refund),
                reference=answer.reference,
                amount=answer.amount,
                currency=currency_of(refund),
                became=answer.became,
                at=datetime.fromtimestamp(created, UTC),
                code=answer.code,
                again=answer.again,
                way_gone=answer.way_gone,
            )
        ]

    def _verify(self, header: str, raw: bytes) -> None:
        """Any of its signatures may fit: while a secret is changed there are two. Raises Invalid `unauthorized`."""
        pairs = [tuple(each.strip().split("=", 1)) for each in header.split(",") if "=" in each]
        moments = [pair[1] for pair in pairs if pair[0] == "t"]
        if len(moments) != 1 or not (moments[0].isascii() and moments[0].isdigit()) or len(moments[0]) > 12:
            raise Invalid("unauthorized")
        secret = self.secrets["webhook_secret"].encode()
        expected = hmac.new(secret, moments[0].encode() + b"." + raw, hashlib.sha256).hexdigest().encode()
        fits = [hmac.compare_digest(expected, pair[1].encode()) for pair in pairs if pair[0] == "v1"]
        if not secret or not any(fits) or abs(self.now().timestamp() - int(moments[0])) > _TOLERANCE:
            raise Invalid("unauthorized")

    def _answer(self, request: PartRequest, reply: Reply) -> ProviderAnswer:
        if reply.status >= 300:
            raise Unavailable(self.name)
        return self._said(request, reply.document())

    def _said(self, request: PartRequest, refund: Mapping[str, Any]) -> ProviderAnswer:
        """What a refund of theirs says of ours. Raises Unavailable where it says nothing that we know."""
        answer = _answer(refund)
        is_ours = _mark(refund) == request.key and is_in(refund, request.currency)
        if answer is None or not is_ours:
            raise Unavailable(self.name)
        return answer

    def _get(self, path: str) -> Reply:
        try:
            return self._wire().call("GET", path)
        except NeverLeft as error:
            raise Unavailable(self.name) from error

    def _wire(self) -> Wire:
        headers = {"Authorization": f"Bearer {self.secrets['secret_key']}", "Stripe-Version": _VERSION}
        return Wire(provider=self.name, base_url=self.base_url, headers=headers)


def _payment(request: PartRequest) -> tuple[str, str]:
    """By what theirs knows the payment. `able` saw that there is something. Raises Invalid `no_reference`."""
    for name in _NAMES:
        told = request.references.get(name)
        if told and name == "reference":
            return ("payment_intent" if told.startswith("pi_") else "charge"), told
        if told:
            return name, told
    raise Invalid("no_reference")


def _digits(currency: str) -> int:
    return 0 if currency in _NONE else 3 if currency in _THREE else 2


def _theirs(minor: int, currency: str) -> int:
    """An amount as Stripe counts it: never in smaller steps than ours."""
    return minor * int(10 ** (_digits(currency) - digits_of(currency)))


def _ours(theirs: object, currency: str) -> int:
    """An amount as we count it; UNREADABLE where it is none of ours."""
    step = int(10 ** (_digits(currency) - digits_of(currency)))
    if not isinstance(theirs, int) or isinstance(theirs, bool) or theirs < 0:
        return UNREADABLE
    return theirs // step if theirs % step == 0 else UNREADABLE


def _mark(refund: object) -> str | None:
    metadata = refund.get("metadata") if isinstance(refund, dict) else None
    return text_of(metadata.get(_MARK)) if isinstance(metadata, dict) else None


def _answer(refund: Mapping[str, Any]) -> ProviderAnswer | None:
    """What a refund of theirs says; None where it says nothing that we know."""
    became = _WORDS.get(str(refund.get("status")))
    if became is None or refund.get("object") != "refund":
        return None
    code = text_of(refund.get("failure_reason")) or (str(refund["status"]) if became is Became.FAILED else None)
    return ProviderAnswer(
        became=became,
        reference=text_of(refund.get("id")),
        amount=_ours(refund.get("amount"), str(refund.get("currency", "")).upper()),
        code=code,
        is_final=became is Became.FAILED,
        again=became is Became.FAILED and code in _PASSES,
        way_gone=became is Became.FAILED and code in _CARD_GONE,
    )


def _error(reply: Reply) -> tuple[str, str]:
    """Kind and code of an error."""
    error = reply.document().get("error")
    found = error if isinstance(error, dict) else {}
    kind = text_of(found.get("type")) or str(reply.status)
    return kind, text_of(found.get("code")) or kind
