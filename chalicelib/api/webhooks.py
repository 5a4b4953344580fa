"""For operators: addresses that events are posted to, signed as Standard Webhooks says."""

from datetime import timedelta

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.edge.answer_types import DeliveryAnswer, Listed, RemovedAnswer, WebhookAnswer
from chalicelib.edge.bodies import ReplayPost, RotatePost, WebhookPost
from chalicelib.edge.queries import PageQuery, WebhooksQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import page_shape
from chalicelib.edge.webhooks import delivery_shape, webhook_shape
from chalicelib.workflow import webhooks

bp = Blueprint(__name__)

_WEBHOOK = "/v1/webhooks/{webhook_id}"


@route(bp, "POST", "/v1/webhooks", roles=webhooks.OPERATORS, status=201, made_at=_WEBHOOK)
def post_webhook(call: Call, body: WebhookPost) -> WebhookAnswer:
    """Post events of these types to this address from now on, at least once each. The secret is told here. What an
    event is, and how its signature is checked: docs/events.md and standardwebhooks.com."""
    ports = wiring.ports()
    made = webhooks.create(ports, call.actor, body.url, body.types, body.contact or "")
    return {**webhook_shape(made), "secret": webhooks.secret(ports, made)}


@route(bp, "GET", "/v1/webhooks", roles=webhooks.OPERATORS)
def list_webhooks(call: Call, query: WebhooksQuery) -> Listed[WebhookAnswer]:
    """All webhooks, the oldest first; there are 20 at most."""
    found = webhooks.page_of_webhooks(wiring.ports(), call.actor, query.type, query.limit, query.cursor)
    return page_shape(found, webhook_shape)


@route(bp, "GET", _WEBHOOK, roles=webhooks.OPERATORS)
def get_webhook(call: Call, webhook_id: str) -> WebhookAnswer:
    """One of them."""
    return webhook_shape(webhooks.webhook(wiring.ports(), call.actor, webhook_id))


@route(bp, "DELETE", _WEBHOOK, roles=webhooks.OPERATORS)
def delete_webhook(call: Call, webhook_id: str) -> RemovedAnswer:
    """Post nothing there any more."""
    webhooks.remove(wiring.ports(), call.actor, webhook_id)
    return {"webhook_id": webhook_id}


@route(bp, "POST", "/v1/webhooks/{webhook_id}/rotate", roles=webhooks.OPERATORS)
def rotate_webhook(call: Call, webhook_id: str, body: RotatePost) -> WebhookAnswer:
    """A new secret, told here. Events carry a signature by each of the two until the time is over."""
    ports = wiring.ports()
    changed = webhooks.rotate(ports, call.actor, webhook_id, timedelta(seconds=body.overlap_seconds))
    return {**webhook_shape(changed), "secret": webhooks.secret(ports, changed)}


@route(bp, "POST", "/v1/webhooks/{webhook_id}/enable", roles=webhooks.OPERATORS)
def enable_webhook(call: Call, webhook_id: str) -> WebhookAnswer:
    """Go on from where it stopped, at once."""
    return webhook_shape(webhooks.switch_on(wiring.ports(), call.actor, webhook_id))


@route(bp, "POST", "/v1/webhooks/{webhook_id}/test", roles=webhooks.OPERATORS)
def try_webhook(call: Call, webhook_id: str) -> DeliveryAnswer:
    """Post an event of type `webhook.test` now, and tell what became of it."""
    return delivery_shape(webhooks.try_out(wiring.ports(), call.actor, webhook_id))


@route(bp, "GET", "/v1/webhooks/{webhook_id}/deliveries", roles=webhooks.OPERATORS)
def list_deliveries(call: Call, webhook_id: str, query: PageQuery) -> Listed[DeliveryAnswer]:
    """Attempts of the last 30 days, the latest first."""
    found = webhooks.attempts(wiring.ports(), call.actor, webhook_id, query.limit, query.cursor)
    return page_shape(found, delivery_shape)


@route(bp, "POST", "/v1/webhooks/{webhook_id}/replay", roles=webhooks.OPERATORS)
def replay_webhook(call: Call, webhook_id: str, body: ReplayPost) -> WebhookAnswer:
    """Tell once more what happened since a moment, or from an event on, or that event alone. It goes out within a
    minute; ids are the same, so a receiver that keeps them knows a repetition."""
    ports = wiring.ports()
    if body.since is not None:
        return webhook_shape(webhooks.replay_since(ports, call.actor, webhook_id, body.since))
    replay = webhooks.replay_one if body.only else webhooks.replay_from
    return webhook_shape(replay(ports, call.actor, webhook_id, str(body.event_id)))
