"""What answers say of webhooks."""

from datetime import UTC, datetime

from chalicelib.domain.cases.webhooks import Attempt, Webhook
from chalicelib.edge.answer_types import DeliveryAnswer, WebhookAnswer


def webhook_shape(webhook: Webhook) -> WebhookAnswer:
    """A webhook, without its secret."""
    return {
        "webhook_id": webhook.webhook_id,
        "url": webhook.url,
        "types": webhook.types,
        "contact": webhook.contact or None,
        "state": "off" if webhook.off else "away" if webhook.away else "on",
        "off_why": webhook.off,
        "off_since": webhook.off_since,
        "failing_since": webhook.failing_since,
        "has_all_up_to": datetime.fromtimestamp(webhook.upto.pos // 1_000_000, UTC),
        "waiting": [
            {"event_id": each.event_id, "type": each.type, "attempts": each.tries, "next_at": each.next_at}
            for each in webhook.waiting
        ],
        "dead_letters": webhook.dead,
        "former_secret_until": webhook.former_until,
        "created_at": webhook.created_at,
    }


def delivery_shape(attempt: Attempt) -> DeliveryAnswer:
    """An attempt."""
    reply = attempt.reply
    return {
        "event_id": attempt.event_id,
        "type": attempt.type,
        "at": attempt.at,
        "attempt": attempt.number,
        "taken": reply.taken,
        "status": reply.status,
        "answer": reply.answer,
        "problem": reply.problem,
        "milliseconds": reply.milliseconds,
    }
