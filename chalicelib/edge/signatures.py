"""The marketplace's own systems sign what they send (Standard Webhooks): the order system and the payment system, each
with secrets of its own. A signature covers the body and no address: `bound` holds both together."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.settings import Settings, named


class Sender(StrEnum):
    """Who signs."""

    ORDERS = "orders"
    PAYMENTS = "payments"


def actor_of_signature(headers: Mapping[str, str], body: bytes, senders: Iterable[Sender], settings: Settings) -> Actor:
    """The system, one of `senders`, whose secret the headers over the raw body were made with. Raises Invalid
    `unauthorized`."""
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError

    for sender in senders:
        for secret in secrets_of(sender, settings):
            try:
                Webhook(secret).verify(body, dict(headers))
            except (WebhookVerificationError, ValueError, TypeError, KeyError, UnicodeError):
                continue
            return Actor(role=Role.SYSTEM, id=sender, door=Door.API)
    raise Invalid("unauthorized")


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
