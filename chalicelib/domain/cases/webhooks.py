"""Webhooks: whoever gave an address is told what the log holds, in its order.

A webhook is a reader of the log that moves by itself. Up to `upto` everything was handed over, but for the few events
that `waiting` names and the dead letters. A receiver that is away costs no more than that, however much happens
meanwhile: the log is read on from there once it answers again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from chalicelib.domain.cases.effects import case_of
from chalicelib.domain.cases.log import Logged, Position

# Every type of event.
EVERY = "*"
# The event by which a receiver is tried; it is in no log.
TEST = "webhook.test"

# How long after an attempt that failed the next one comes (as Standard Webhooks proposes).
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
    timedelta(hours=24),
    timedelta(hours=24),
)
# A receiver that says by when it wants to be asked again is believed as far as that.
_LONGEST_WISH = timedelta(hours=24)
# So many failures in a row, and a receiver counts as away: one event at a time finds out whether it is back.
AWAY_AFTER = 5
# So long without a single answer, and it is left alone.
OFF_AFTER = timedelta(days=5)
# Events that wait for another attempt at once; beyond them the log is not read on.
MOST_WAITING = 50
# Decisions handed over before the log's horizon reached them.
MOST_AHEAD = 500
# How many webhooks there may be.
MOST_WEBHOOKS = 20
# How long two secrets count after a change, unless said.
OVERLAP = timedelta(hours=24)
# Attempts are shown, and dead letters kept, for so long.
ATTEMPTS_KEPT = timedelta(days=30)


class OffWhy(StrEnum):
    """Why nothing is handed over any more."""

    SILENT = "silent"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One event on its way to one receiver: where it lies in the log (right behind it), how often it was tried in vain,
    and when it may be tried again."""

    event_id: str
    type: str
    behind: Position
    tries: int = 0
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A receiver.

    types         names of events, or EVERY
    contact       whom a mail tells that it was switched off; empty: nobody
    generation    which of its secrets signs, counted from 1; the one before it signs too until `former_until`
    upto, ahead   what was handed over: all up to `upto`, and the decisions behind it whose marks `ahead` holds
    not_before    what happened earlier is passed over, while something is told again since a moment
    failures      attempts that failed in a row, the first of them at `failing_since`
    dead          letters that were given up, and go out again once an attempt succeeds
    """

    webhook_id: str
    url: str
    types: tuple[str, ...]
    contact: str = ""
    generation: int = 1
    former_until: datetime | None = None
    created_at: datetime
    created_by: str
    upto: Position
    ahead: tuple[str, ...] = ()
    not_before: datetime | None = None
    waiting: tuple[Letter, ...] = ()
    failures: int = 0
    failing_since: datetime | None = None
    dead: int = 0
    off: OffWhy | None = None
    off_since: datetime | None = None
    leased_until: datetime | None = None
    rev: int = 1

    def wants(self, name: str) -> bool:
        """Whether events of this type are for it."""
        return EVERY in self.types or name in self.types

    @property
    def away(self) -> bool:
        """Whether it has not answered for a while."""
        return self.failures >= AWAY_AFTER

    def generations(self, now: datetime) -> tuple[int, ...]:
        """Which of its secrets sign now, the newest first."""
        two = self.former_until is not None and now < self.former_until
        return (self.generation, self.generation - 1) if two else (self.generation,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an attempt came to: the status and the first signs of the answer, or why there was none. `wait`: how long
    the receiver wants to be left alone."""

    status: int | None = None
    answer: str = ""
    problem: str | None = None
    milliseconds: int = 0
    wait: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt, as it is shown to operators; the `number`-th for its event."""

    event_id: str
    type: str
    at: datetime
    number: int
    reply: Reply

    @property
    def about(self) -> str:
        """The case that it told of."""
        return case_of(self.event_id)


def mark(item: Logged) -> str:
    """By which a decision is known again among those ahead."""
    return blake2b(f"{item.place.pos}#{item.order_id}".encode(), digest_size=8).hexdigest()


def room(webhook: Webhook) -> int:
    """How many events of the log may be tried now, beside those that wait."""
    if webhook.away:
        return 0 if webhook.waiting else 1
    return MOST_WAITING - len(webhook.waiting)


def due(webhook: Webhook, now: datetime) -> Sequence[Letter]:
    """The letters to try now, the longest due first; of a receiver that is away, one."""
    found = sorted(
        (each for each in webhook.waiting if each.next_at <= now), key=lambda each: (each.next_at, each.behind)
    )
    return found[:1] if webhook.away else found


def without(webhook: Webhook, letter: Letter) -> Webhook:
    """This letter waits no more."""
    return replace(webhook, waiting=tuple(each for each in webhook.waiting if each.event_id != letter.event_id))


def with_waiting(webhook: Webhook, letter: Letter) -> Webhook:
    """This letter waits, behind all others, and once."""
    left = without(webhook, letter)
    return replace(left, waiting=(*left.waiting, letter))


def after_success(webhook: Webhook, letter: Letter, now: datetime) -> Webhook:
    """It has this one. What waited for a receiver that was away waits no longer."""
    left = without(webhook, letter).waiting
    if webhook.away:
        left = tuple(replace(each, next_at=now) for each in left)
    return replace(webhook, waiting=left, failures=0, failing_since=None)


def after_failure(webhook: Webhook, letter: Letter, reply: Reply, now: datetime) -> tuple[Webhook, Letter | None]:
    """It has not got this one: when it is tried again; or, after the last attempt, the letter as a dead one.

    Silent for OFF_AFTER, or gone by its own word (410), it is switched off and loses nothing.
    """
    since = webhook.failing_since or now
    tried = replace(letter, tries=letter.tries + 1)
    failing = replace(without(webhook, letter), failures=webhook.failures + 1, failing_since=since)
    if reply.status == 410 or now - since >= OFF_AFTER:
        why = OffWhy.GONE if reply.status == 410 else OffWhy.SILENT
        waits = replace(tried, tries=0, next_at=now)
        return replace(with_waiting(failing, waits), off=why, off_since=now), None
    if tried.tries > len(WAITS):
        return replace(failing, dead=failing.dead + 1), tried
    wait = max(WAITS[tried.tries - 1], min(reply.wait or timedelta(), _LONGEST_WISH))
    return with_waiting(failing, replace(tried, next_at=now + wait)), None


def revived(webhook: Webhook, letters: Collection[Letter], now: datetime) -> Webhook:
    """Dead letters that go out again."""
    known = {each.event_id for each in webhook.waiting}
    again = tuple(replace(each, tries=0, next_at=now) for each in letters if each.event_id not in known)
    return replace(webhook, waiting=(*webhook.waiting, *again), dead=max(0, webhook.dead - len(letters)))


def switched_on(webhook: Webhook, now: datetime) -> Webhook:
    """An operator lets it go on from where it stopped, and what waits is tried at once."""
    waiting = tuple(replace(each, next_at=now) for each in webhook.waiting)
    return replace(webhook, off=None, off_since=None, failures=0, failing_since=None, waiting=waiting)


def rotated(webhook: Webhook, now: datetime, overlap: timedelta) -> Webhook:
    """A new secret; the one before it counts beside it for a while."""
    return replace(webhook, generation=webhook.generation + 1, former_until=now + overlap)


def told_again(webhook: Webhook, since: Position, not_before: datetime | None) -> Webhook:
    """Everything from there on is handed over once more; what lies before it and waits goes on waiting."""
    waiting = tuple(each for each in webhook.waiting if each.behind <= since)
    return replace(webhook, upto=since, ahead=(), not_before=not_before, waiting=waiting)


def moved_on(webhook: Webhook, handled: Sequence[Logged], upto: Position, horizon: Position) -> Webhook:
    """All of `handled` was handed over or waits, and nothing else lies before `upto`. What lies behind the horizon may
    still get something older beside it, so it stays marked until the horizon has passed it."""
    safe = min(upto, horizon) if upto > webhook.upto else webhook.upto
    safe = max(safe, webhook.upto)
    return replace(webhook, upto=safe, ahead=tuple(mark(each) for each in handled if each.position > safe))
