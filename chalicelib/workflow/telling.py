"""Telling webhooks what the log holds: each receiver by itself, so that a slow one holds up no other.

Whoever tells takes the receiver's lease, tries some events at once (those of one order one after the other), and
writes down in one go what became of them. Where it dies in between, the same few events are told once more: at least
once, never lost. Where somebody changed the webhook meanwhile, its own progress is dropped for the same reason.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from chalicelib.domain.cases.events import EventName
from chalicelib.domain.cases.log import Logged, Position
from chalicelib.domain.cases.webhooks import (
    MOST_AHEAD,
    Attempt,
    Letter,
    Reply,
    Webhook,
    after_failure,
    after_success,
    due,
    mark,
    moved_on,
    revived,
    room,
    with_waiting,
    without,
)
from chalicelib.domain.ports import Event, Ports
from chalicelib.domain.switches import Switch
from chalicelib.workflow.events import still_to_ask
from chalicelib.workflow.feed import events_of

log = logging.getLogger(__name__)

SWITCHED_OFF = "webhook switched off"  # counted in the log, for an alarm

# Events tried between two writes of a receiver's row, and how many of them at the same time.
AT_ONCE, SIDE_BY_SIDE = 16, 8
# Longer than a batch can take: attempts of ten seconds, two rounds of them, and the writes.
LEASE = timedelta(seconds=90)
# How many decisions are looked at for one batch, however few of them tell what is wanted.
_LOOKED_AT = 200
# Microseconds: a quiet log is not read from further back than this.
_NOW_AND_THEN = 3_600_000_000
# Dead letters that go out again at once.
_REVIVED = 10


@dataclass(slots=True)
class Handed:
    """What became of a receiver's events: how many it took, how many attempts failed."""

    taken: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What is tried now: letters with their events (None: it needs not be told any more), the decisions of the log that
    this covers, and the position behind them; None where the log was not read."""

    letters: Sequence[tuple[Letter, Event | None]]
    handled: Sequence[Logged] = ()
    upto: Position | None = None


def with_work(ports: Ports) -> Sequence[str]:
    """The receivers to whom something may have to be handed over now; none while refunds are off, since some of it asks
    for them, and what follows must not overtake it."""
    now = ports.now()
    if Switch.REFUNDS in ports.off:
        return []
    return [each.webhook_id for each in ports.store.webhooks() if each.off is None and _may_go_on(each, now)]


def _may_go_on(webhook: Webhook, now: datetime) -> bool:
    return not (webhook.away and webhook.waiting and not due(webhook, now))


def tell_webhook(ports: Ports, webhook_id: str, go_on: Callable[[], bool] = lambda: True) -> Handed:
    """Hand over to one receiver what there is, until nothing is left, it does not answer, or `go_on` says stop. Does
    nothing where somebody else is at it."""
    handed = Handed()
    webhook = _leased(ports, webhook_id)
    while webhook is not None and webhook.off is None and go_on():
        batch = _next(ports, webhook)
        if batch is None:
            break
        replies = _tried(ports, webhook, batch.letters)
        webhook = _written(ports, webhook, batch, replies, handed)
    _released(ports, webhook)
    return handed


def _released(ports: Ports, webhook: Webhook | None) -> None:
    while webhook is not None and not ports.store.put_webhook(replace(webhook, leased_until=None, rev=webhook.rev + 1)):
        webhook = _still_ours(ports, webhook)


def _leased(ports: Ports, webhook_id: str) -> Webhook | None:
    now, webhook = ports.now(), ports.store.webhook(webhook_id)
    if webhook is None or webhook.off is not None or (webhook.leased_until and now < webhook.leased_until):
        return None
    taken = replace(webhook, leased_until=now + LEASE, rev=webhook.rev + 1)
    return taken if ports.store.put_webhook(taken) else None


def _next(ports: Ports, webhook: Webhook) -> _Batch | None:
    """What is to be tried; None where there is nothing."""
    letters = due(webhook, ports.now())[:AT_ONCE]
    if letters:
        return _Batch(letters=[(each, _event_at(ports, each)) for each in letters])
    most = min(room(webhook), AT_ONCE)
    if most == 0:
        return None
    full = len(webhook.ahead) >= MOST_AHEAD
    page = ports.store.log(
        webhook.upto,
        horizon=ports.horizon if full else timedelta(),
        limit=_LOOKED_AT + len(webhook.ahead),
    )
    known, wanted, handled = set(webhook.ahead), list[tuple[Letter, Event | None]](), list[Logged]()
    for item in page.items:
        new = [] if mark(item) in known else list(_letters(ports, webhook, item))
        if wanted and len(wanted) + len(new) > most:
            return _Batch(letters=wanted, handled=handled, upto=handled[-1].position)
        wanted += new
        handled.append(item)
    if not wanted and not page.more and all(mark(item) in known for item in handled):
        # Nothing new: that the time has passed is written down where it lets us forget something, and now and then.
        safe = _horizon(ports)
        if not any(item.position <= safe for item in handled) and safe.pos - webhook.upto.pos < _NOW_AND_THEN:
            return None
    return _Batch(letters=wanted, handled=handled, upto=page.upto)


def _letters(ports: Ports, webhook: Webhook, item: Logged) -> Iterable[tuple[Letter, Event | None]]:
    """What of a decision is still to be told to this receiver."""
    if webhook.not_before is not None and item.at < webhook.not_before:
        return
    for behind, event in events_of(item):
        if behind > webhook.upto and webhook.wants(event.name):
            letter = Letter(event_id=event.event_id, type=event.name, behind=behind, next_at=ports.now())
            yield letter, _as_it_may_go(ports, event)


def _event_at(ports: Ports, letter: Letter) -> Event | None:
    """The event of a letter, read from the log again; None where the log does not hold it any more."""
    before = replace(letter.behind, read=letter.behind.read - 1)
    for item in ports.store.log(before, horizon=timedelta(), limit=1).items:
        for behind, event in events_of(item):
            if behind == letter.behind:
                return _as_it_may_go(ports, event)
    return None


def _as_it_may_go(ports: Ports, event: Event) -> Event | None:
    asks = event.name == EventName.REFUND_REQUESTED
    return still_to_ask(event, ports.store.order(event.detail["order_id"])) if asks else event


def _tried(ports: Ports, webhook: Webhook, letters: Sequence[tuple[Letter, Event | None]]) -> dict[str, Reply]:
    """Try them, those of one order one after the other; replies by event id. What follows one of its order that failed,
    or that still waits, is not tried."""
    now = ports.now()
    secrets = [ports.receivers.secret(webhook.webhook_id, number) for number in webhook.generations(now)]
    replies: dict[str, Reply] = {}

    def in_order(some: list[Event]) -> None:
        for event in some:
            body = msgspec.json.encode(event.envelope)
            reply = ports.receivers.post(webhook.url, secrets, event.event_id, body)
            replies[event.event_id] = reply
            if not reply.taken:
                return

    tried = {letter.event_id for letter, _ in letters}
    earlier = [each.behind for each in webhook.waiting if each.event_id not in tried]
    first = [event for letter, event in letters if event and not _follows(letter, earlier)]
    events = sorted(first, key=lambda each: (each.detail["order_id"], each.seq or 0))
    by_order = [list(some) for _, some in groupby(events, key=lambda each: each.detail["order_id"])]
    if by_order:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(in_order, by_order))
    return replies


def _follows(letter: Letter, earlier: Sequence[Position]) -> bool:
    return any(each.order_id == letter.behind.order_id and each < letter.behind for each in earlier)


def _written(
    ports: Ports, webhook: Webhook, batch: _Batch, replies: dict[str, Reply], handed: Handed
) -> Webhook | None:
    """Write down what became of a batch; the webhook as it then is, None where it is not ours any more."""
    now, before = ports.now(), webhook
    attempts, dead = list[Attempt](), list[Letter]()
    answered = False
    for letter, event in batch.letters:
        reply = replies.get(letter.event_id)
        if event is None:
            webhook = without(webhook, letter)
            continue
        if reply is None:
            # It follows one of its order that failed: it waits with it, and no attempt is counted.
            webhook = with_waiting(webhook, letter)
            continue
        attempts.append(
            Attempt(event_id=letter.event_id, type=letter.type, at=now, number=letter.tries + 1, reply=reply)
        )
        if reply.taken:
            answered, handed.taken = True, handed.taken + 1
            webhook = after_success(webhook, letter, now)
        else:
            handed.failed += 1
            webhook, given_up = after_failure(webhook, letter, reply, now)
            dead += [given_up] if given_up else []
    webhook = _after_their_order(webhook)
    if batch.upto is not None:
        webhook = moved_on(webhook, batch.handled, batch.upto, _horizon(ports))
    again = ports.store.dead_letters(webhook.webhook_id, limit=_REVIVED) if answered and webhook.dead else ()
    webhook = revived(webhook, again, now)
    ports.store.note_attempts(webhook.webhook_id, attempts)
    ports.store.bury_letters(webhook.webhook_id, dead)
    after = replace(webhook, leased_until=now + LEASE, rev=webhook.rev + 1)
    if not ports.store.put_webhook(after):
        return _still_ours(ports, before)
    ports.store.forget_letters(webhook.webhook_id, again)
    if after.off is not None and before.off is None:
        _say_off(ports, after)
    return after


def _after_their_order(webhook: Webhook) -> Webhook:
    """No letter is due before an earlier one of its order."""
    latest: dict[str, Letter] = {}
    waiting = list[Letter]()
    for each in sorted(webhook.waiting, key=lambda each: each.behind):
        before = latest.get(each.behind.order_id)
        later = replace(each, next_at=max(each.next_at, before.next_at)) if before else each
        latest[each.behind.order_id] = later
        waiting.append(later)
    return replace(webhook, waiting=tuple(waiting))


def _still_ours(ports: Ports, before: Webhook) -> Webhook | None:
    """The webhook as somebody changed it while we were at it, if the lease is still ours: what was just told is told
    once more."""
    found = ports.store.webhook(before.webhook_id)
    return found if found is not None and found.leased_until == before.leased_until else None


def _horizon(ports: Ports) -> Position:
    return Position(pos=ports.store.log_clock() - ports.horizon // timedelta(microseconds=1))


def _say_off(ports: Ports, webhook: Webhook) -> None:
    log.error(SWITCHED_OFF, extra={"webhook_id": webhook.webhook_id, "why": webhook.off})
    if webhook.contact:
        try:
            ports.mailer.send(ports.compose_off(webhook))
        except Exception:
            log.exception("the mail about it was not sent", extra={"webhook_id": webhook.webhook_id})
