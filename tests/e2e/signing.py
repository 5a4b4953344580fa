"""What the marketplace's systems send, signed as Standard Webhooks say."""

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

from standardwebhooks.webhooks import Webhook

from infra.sandbox.world import SECRETS
from tests.e2e.conftest import Answer, Marketplace

ORDERS, PAYMENTS = SECRETS["ORDERS_SECRET"], SECRETS["PAYMENTS_SECRET"]
_numbers = count(1)


def headers_for(text: str, secret: str, message: str, at: datetime | None = None) -> dict[str, str]:
    """The three headers of a signed message."""
    at = at or datetime.now(UTC)
    signature = Webhook(secret).sign(message, at, text)
    return {"webhook-id": message, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def signed(
    market: Marketplace, method: str, path: str, body: Any, *, secret: str = ORDERS, message: str | None = None
) -> Answer:
    """A signed call, under a new message id unless one is said."""
    text = body if isinstance(body, str) else json.dumps(body)
    return market.call(method, path, text, headers=headers_for(text, secret, message or f"msg-{next(_numbers)}"))
