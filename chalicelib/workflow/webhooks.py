"""What operators do with webhooks: make one, look at it, change its secret, try it, have things told again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from chalicelib.domain.cases.effects import case_of
from chalicelib.domain.cases.events import SOURCE, stamp
from chalicelib.domain.cases.log import Position
from chalicelib.domain.cases.webhooks import (
    MOST_WAITING,
    MOST_WEBHOOKS,
    TEST,
    Attempt,
    Letter,
    Webhook,
    after_success,
    rotated,
    switched_on,
    told_again,
    with_waiting,
    without,
)
from chalicelib.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import Page, Ports
from chalicelib.workflow.feed import events_of, of_case

OPERATORS = frozenset({Role.OPERATOR})

# By how much the clocks of two writers may differ; what is read too early is passed over by its own time.
_CLOCKS_DIFFER = timedelta(minutes=5)
# How often a change is begun anew where the webhook is being handed something at that moment.
_TRIES = 8


def create(ports: Ports, actor: Actor, url: str, types: Sequence[str], contact: str = "") -> Webhook:
    """A new receiver, of what is decided from now on. Raises Forbidden; Invalid `url_not_allowed`; Refused
    `too_many_webhooks`."""
    _may(actor)
    ports.receivers.check(url)
    if len(ports.store.webhooks()) >= MOST_WEBHOOKS:
        raise Refused("too_many_webhooks")
    webhook = Webhook(
        webhook_id=ports.new_id(),
        url=url,
        types=tuple(dict.fromkeys(types)),
        contact=contact,
        created_at=ports.now(),
        created_by=actor.id,
        upto=Position(pos=ports.store.log_clock()),
    )
    if not ports.store.put_webhook(webhook):
        raise Conflict("webhook")
    return webhook


def webhooks(ports: Ports, actor: Actor, type: str | None = None) -> Sequence[Webhook]:
    """All of them, or those that are told of a type, the oldest first. Raises Forbidden."""
    _may(actor)
    return [each for each in ports.store.webhooks() if type is None or each.wants(type)]


def page_of_webhooks(
    ports: Ports, actor: Actor, type: str | None, limit: int, cursor: str | None = None
) -> Page[Webhook]:
    """The same, page by page; the cursor is the last one's id. Raises Forbidden, Invalid `bad_cursor`."""
    found = webhooks(ports, actor, type)
    ids = [each.webhook_id for each in found]
    if cursor is not None and cursor not in ids:
        raise Invalid("bad_cursor")
    start = ids.index(cursor) + 1 if cursor is not None else 0
    more = len(found) > start + limit
    return Page(items=found[start : start + limit], next_cursor=ids[start + limit - 1] if more else None)


def webhook(ports: Ports, actor: Actor, webhook_id: str) -> Webhook:
    """One of them. Raises Forbidden, NotFound."""
    _may(actor)
    found = ports.store.webhook(webhook_id)
    if found is None:
        raise NotFound("webhook")
    return found


def remove(ports: Ports, actor: Actor, webhook_id: str) -> None:
    """Nothing is handed over any more. Raises Forbidden, NotFound."""
    webhook(ports, actor, webhook_id)
    ports.store.drop_webhook(webhook_id)


def secret(ports: Ports, of: Webhook) -> str:
    """The secret that signs by now."""
    return ports.receivers.secret(of.webhook_id, of.generation)


def rotate(ports: Ports, actor: Actor, webhook_id: str, overlap: timedelta) -> Webhook:
    """A new secret; both sign for `overlap`. Raises Forbidden, NotFound."""
    return _changed(ports, actor, webhook_id, lambda found: rotated(found, ports.now(), overlap))


def switch_on(ports: Ports, actor: Actor, webhook_id: str) -> Webhook:
    """Go on from where it stopped; of one that was not off, what waits is tried at once. Raises Forbidden, NotFound."""
    return _changed(ports, actor, webhook_id, lambda found: switched_on(found, ports.now()))


def attempts(ports: Ports, actor: Actor, webhook_id: str, limit: int, cursor: str | None = None) -> Page[Attempt]:
    """What was tried of late, the latest first. Raises Forbidden, NotFound, Invalid `bad_cursor`."""
    webhook(ports, actor, webhook_id)
    return ports.store.attempts(webhook_id, limit=limit, cursor=cursor)


def replay_since(ports: Ports, actor: Actor, webhook_id: str, since: datetime) -> Webhook:
    """Everything that happened since a moment is told once more. Raises Forbidden, NotFound, Invalid where that has not
    come yet."""
    ago = ports.now() - since
    if ago < timedelta():
        raise Invalid("validation_failed", errors=[{"field": ".since", "message": "must have been"}])
    start = Position(pos=max(0, ports.store.log_clock() - (ago + _CLOCKS_DIFFER) // timedelta(microseconds=1)))
    return _changed(ports, actor, webhook_id, lambda found: told_again(found, start, since))


def replay_from(ports: Ports, actor: Actor, webhook_id: str, event_id: str) -> Webhook:
    """That event, and everything since, is told once more. Raises Forbidden, NotFound."""
    behind, _ = _in_log(ports, actor, webhook_id, event_id)
    before = replace(behind, read=behind.read - 1)
    return _changed(ports, actor, webhook_id, lambda found: told_again(found, before, None))


def replay_one(ports: Ports, actor: Actor, webhook_id: str, event_id: str) -> Webhook:
    """That event alone is told once more. Raises Forbidden, NotFound; Refused `too_many_waiting`."""
    behind, name = _in_log(ports, actor, webhook_id, event_id)
    letter = Letter(event_id=event_id, type=name, behind=behind, next_at=ports.now())

    def with_it(found: Webhook) -> Webhook:
        if len(without(found, letter).waiting) >= MOST_WAITING:
            raise Refused("too_many_waiting")
        return with_waiting(found, letter)

    return _changed(ports, actor, webhook_id, with_it)


def try_out(ports: Ports, actor: Actor, webhook_id: str) -> Attempt:
    """Post an event that means nothing, now. A receiver that was away and takes it is handed over to again. Raises
    Forbidden, NotFound."""
    found, now = webhook(ports, actor, webhook_id), ports.now()
    event_id = f"test_{ports.new_id()}"
    told = {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": TEST,
        "time": stamp(now),
        "datacontenttype": "application/json",
        "data": {"webhook_id": webhook_id},
    }
    secrets = [ports.receivers.secret(webhook_id, number) for number in found.generations(now)]
    reply = ports.receivers.post(found.url, secrets, event_id, msgspec.json.encode(told))
    attempt = Attempt(event_id=event_id, type=TEST, at=now, number=1, reply=reply)
    ports.store.note_attempts(webhook_id, [attempt])
    if reply.taken and found.failures:
        nothing = Letter(event_id=event_id, type=TEST, behind=found.upto, next_at=now)
        _changed(ports, actor, webhook_id, lambda current: after_success(current, nothing, now))
    return attempt


def _in_log(ports: Ports, actor: Actor, webhook_id: str, event_id: str) -> tuple[Position, str]:
    webhook(ports, actor, webhook_id)
    case = ports.store.case(case_of(event_id))
    items = of_case(ports, case.case_id, case.order_id) if case else ()
    for item in items:
        for behind, event in events_of(item):
            if event.event_id == event_id:
                return behind, event.name
    raise NotFound("event")


def _changed(ports: Ports, actor: Actor, webhook_id: str, step: Callable[[Webhook], Webhook]) -> Webhook:
    for _ in range(_TRIES):
        found = webhook(ports, actor, webhook_id)
        after = replace(step(found), rev=found.rev + 1)
        if ports.store.put_webhook(after):
            return after
    raise Conflict("webhook")


def _may(actor: Actor) -> None:
    if actor.role not in OPERATORS:
        raise Forbidden(actor.role, "webhooks")
