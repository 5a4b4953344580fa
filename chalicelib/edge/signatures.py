"""The marketplace's own systems sign what they send (Standard Webhooks): the order system and the payment system, each
with secrets of its own. A signature covers the body and no address: `bound` holds both together."""

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from time import time

from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.settings import Settings, named

_TOLERANCE = 300  # seconds, as Standard Webhooks says and its library holds
_SOME_CLOCK = 366 * 86400  # seconds: what is further away is no clock, but another unit


class Sender(StrEnum):
    """Who signs."""

    ORDERS = "orders"
    PAYMENTS = "payments"


def actor_of_signature(headers: Mapping[str, str], body: bytes, senders: Iterable[Sender], settings: Settings) -> Actor:
    """The system, one of `senders`, whose secret the headers over the raw body were made with. Raises Invalid
    `unauthorized`, naming the header that is wrong: who signs has nobody else to ask, and all that is told was sent."""
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError

    senders = tuple(senders)
    for sender in senders:
        for secret in secrets_of(sender, settings):
            try:
                Webhook(secret).verify(body, dict(headers))
            except (WebhookVerificationError, ValueError, TypeError, KeyError, UnicodeError):
                continue
            return Actor(role=Role.SYSTEM, id=sender, door=Door.API)
    header, why = _wrong_with(headers, senders)
    raise Invalid("unauthorized", errors=[{"field": header, "message": why}])


def _wrong_with(headers: Mapping[str, str], senders: Iterable[Sender]) -> tuple[str, str]:
    """The header of a signature that is refused, and what to do about it."""
    if not headers.get("webhook-id"):
        return "webhook-id", "missing: a name of your own for what happened, which is signed too"
    try:
        apart = abs(time() - float(headers.get("webhook-timestamp") or ""))
    except ValueError:
        apart = math.nan
    if not apart <= _TOLERANCE:
        says = f"this is {apart:.0f} seconds from it" if apart < _SOME_CLOCK else "milliseconds are none"
        return "webhook-timestamp", f"whole seconds since 1970, at most {_TOLERANCE} from now: {says}"
    if not any(mark.startswith("v1,") for mark in headers.get("webhook-signature", "").split(" ")):
        return "webhook-signature", "`v1,` and the Base64 of HMAC-SHA256 over `id.timestamp.body`"
    secret = " or ".join(f"{sender}_secret" for sender in senders)
    return "webhook-signature", (
        f"made with none of the secrets that count here ({secret}; its Base64 after `whsec_` is the key), "
        "or not over `id.timestamp.body` as it was sent, byte by byte"
    )


def secrets_of(sender: Sender, settings: Settings) -> tuple[str, ...]:
    """The secrets that count for a system: its own, two of them while they are changed, and the one of both."""
    own = settings.orders_secret if sender is Sender.ORDERS else settings.payments_secret
    return named(f"{own},{settings.webhook_secret}")


def bound(body: object, places: Mapping[str, str], *, signed: bool) -> None:
    """What a body says of the objects in its address must be so; a signed one says it. Raises Invalid
    `validation_failed` for those that differ, `<place>_required` where a signed one is silent."""
    said = {name: getattr(body, name, None) for name in places}
    wrong = [name for name, told in said.items() if told not in (None, places[name])]
    if wrong:
        errors = [{"field": name, "message": "must be the one in the path"} for name in wrong]
        raise Invalid("validation_failed", errors=errors)
    for name, told in said.items():
        if signed and told is None:
            raise Invalid(f"{name}_required")
