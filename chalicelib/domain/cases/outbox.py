"""What a row has promised the world: effects of a commit, delivered afterwards, struck when done."""

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case, Deliverer, Pending, State
from chalicelib.domain.cases.effects import (
    Announcement,
    Mail,
    MailKind,
    NoteClues,
    Promise,
    Promised,
    RefundCall,
    Start,
    effect_of,
    encode,
)
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.parties import Role
from chalicelib.domain.switches import Switch

# How long what is switched off waits before it is looked at again: soon enough after it was switched on.
PAUSED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the service runs.

    orchestrated   Step Functions wait and wake; otherwise the sweep does everything
    lease          seconds that a commit, or a deliverer, keeps others from the outbox
    grace          seconds after a deadline that the sweep leaves to the execution's own timer
    max_tries      how often an effect is tried before it is held: an hour of doubling waits, then hourly for three days
    spread         seconds over which a herd that has one deadline is spread, each case at a place of its own
    """

    orchestrated: bool = True
    lease: int = 90
    grace: int = 60
    max_tries: int = 80
    spread: int = 0

    def jitter(self, case_id: str) -> int:
        """The case's own place in the spread, in seconds; always the same."""
        return zlib.crc32(case_id.encode()) % self.spread if self.spread else 0

    def patience(self, case_id: str) -> int:
        """Seconds after a deadline before the sweep acts on it."""
        return self.jitter(case_id) + (self.grace if self.orchestrated else 0)


def fresh(seq: int, promised: Iterable[Promised]) -> dict[Promise, Pending]:
    """What timeline entry `seq` promises."""
    return {Promise(seq, effect_of(each)): Pending() for each in promised}


_OPEN = frozenset(State) - {State.CLOSED}

# A plea for an answer that nobody needs any more is dropped, not sent.
_PLEAS: Mapping[MailKind, frozenset[State]] = {
    MailKind.DECISION_NEEDED: frozenset({State.AWAITING_SELLER}),
    MailKind.OFFER_MADE: frozenset({State.AWAITING_BUYER}),
}
# These say where a case stands. Late, since mail was away, and the case elsewhere, they would say what is no longer so;
# what happened since has a mail of its own.
_NEWS: Mapping[MailKind, frozenset[State]] = {
    MailKind.REQUEST_RECEIVED: _OPEN,
    MailKind.ESCALATED: frozenset({State.AWAITING_SUPPORT}),
    MailKind.DEADLINE_EXTENDED: _OPEN,
    MailKind.AMENDED: _OPEN,
    MailKind.GOODS_AWAITED: frozenset({State.AWAITING_GOODS}),
    MailKind.GOODS_SENT: frozenset({State.AWAITING_GOODS}),
    MailKind.GOODS_ARRIVED: frozenset({State.AWAITING_GOODS}),
    MailKind.RETURN_LABEL: frozenset({State.AWAITING_GOODS}),
    MailKind.REOPENED: _OPEN,
    **{
        ended: frozenset({State.CLOSED})
        for ended in (
            MailKind.REJECTED,
            MailKind.EXPIRED,
            MailKind.WITHDRAWN,
            MailKind.OVERTAKEN,
            MailKind.SETTLED,
        )
    },
}


def is_obsolete(promise: Promise, case: Case, *, late: bool = False) -> bool:
    """Whether delivering it would only confuse: a plea after the answer, old news (of what was tried before, or is said
    to be `late`), a start after the end."""
    match promise.effect:
        case Start():
            return not case.open
        case Mail(MailKind.REMINDER, to):
            return case.deadline_at is None or case.waiting_for is not to
        case Mail(MailKind.ACCOUNT_WANTED):
            return case.refund is None or not case.refund.wants_account
        case Mail(MailKind.SETTLED) if case.keeps_goods:
            # The money that was agreed on may still be on its way.
            return False
        case Mail(kind):
            tried = promise in case.outbox and case.outbox[promise].tries > 0
            helps_in = _PLEAS.get(kind) or (_NEWS.get(kind) if tried or late else None)
            return helps_in is not None and case.state not in helps_in
        case _:
            return False


def is_reminder(promise: Promise) -> bool:
    """Whether it reminds somebody of a deadline."""
    return isinstance(promise.effect, Mail) and promise.effect.kind is MailKind.REMINDER


def without_reminders(outbox: Mapping[Promise, Pending]) -> dict[Promise, Pending]:
    """The outbox, less the reminders of a deadline that holds no longer."""
    return {promise: pending for promise, pending in outbox.items() if not is_reminder(promise)}


def reminders(case: Case, seq: int, moments: Mapping[int, datetime], now: datetime) -> dict[Promise, Pending]:
    """One promise for each moment that is still to come, by its number, to whoever the case waits for; people of the
    platform look at their queue instead."""
    to = case.waiting_for
    if to is None or to not in (Role.BUYER, Role.SELLER):
        return {}
    return {
        Promise(seq, Mail(MailKind.REMINDER, to, number)): Pending(next_at=moment)
        for number, moment in moments.items()
        if moment > now
    }


# A conversation that goes to and fro is announced once, when it pauses for so long.
_QUIET = timedelta(minutes=2)


def noticed(case: Case, by: Role, now: datetime, pace: Pace) -> Case:
    """The row promising a notice of a new message to the parties other than its writer.

    A notice that still waits speaks for the new message, too; one that may be on its way already does not.
    """
    outbox = dict(case.outbox)
    for role in (Role.BUYER, Role.SELLER):
        notice = Mail(MailKind.MESSAGE, role)
        waits = any(key.effect == notice and value.next_at and value.next_at > now for key, value in outbox.items())
        if role is not by and not waits:
            # The revision makes the promise a new one: no earlier strike can hit it.
            outbox[Promise(case.rev + 1, notice)] = Pending(next_at=now + _QUIET)
    return with_wake(replace(case, outbox=outbox, rev=case.rev + 1), now, pace)


def with_clues(outbox: Mapping[Promise, Pending], rev: int) -> dict[Promise, Pending]:
    """The outbox promising that its row, which this write brings to `rev`, is found by what callers may say of it."""
    # As with notices the revision makes the promise a new one, whether or not the write makes an entry.
    return {**outbox, Promise(rev, NoteClues()): Pending()}


def clued_anew(case: Case, now: datetime, pace: Pace) -> Case:
    """The row promising that, where nothing else was decided. Nobody is woken for it: the next deliverer does it."""
    outbox, rev = with_clues(case.outbox, case.rev + 1), case.rev + 1
    return with_wake(replace(case, outbox=outbox, rev=rev), now, pace)


def _is_due(pending: Pending, now: datetime) -> bool:
    return not pending.held and (pending.next_at is None or pending.next_at <= now)


def receiver(promise: Promise) -> object:
    """Who gets it. What goes to one receiver goes in the order in which it was promised."""
    match promise.effect:
        case Mail(_, to):
            return to
        case Announcement():
            return Announcement
        case _:
            return promise


def deliverable(case: Case, now: datetime) -> list[Promise]:
    """The promises to deliver now, the oldest first; held ones wait for a person.

    What failed before goes ahead of what its receiver is to get now, even where its own next try is still to come.
    """
    due = [promise for promise, pending in case.outbox.items() if _is_due(pending, now)]
    latest: dict[object, int] = {}
    for promise in due:
        latest[receiver(promise)] = max(promise.seq, latest.get(receiver(promise), 0))
    failed = [
        promise
        for promise, pending in case.outbox.items()
        if promise not in due and pending.tries and not pending.held and promise.seq < latest.get(receiver(promise), 0)
    ]
    return sorted([*due, *failed], key=lambda promise: (promise.seq, not promise.wakes, encode(promise)))


def after_failure(pending: Pending, now: datetime, pace: Pace) -> Pending:
    """The promise after one more failed try: doubling waits from 30 seconds to an hour, then held.

    A try that came before its time, ahead of a later promise, does not count: three days are three days.
    """
    if not _is_due(pending, now):
        return pending
    tries = pending.tries + 1
    if tries >= pace.max_tries:
        return Pending(tries=tries, held=True)
    return Pending(tries=tries, next_at=now + timedelta(seconds=min(3600, 15 * 2 ** min(tries, 8))))


def postponed(pending: Pending, until: datetime, now: datetime, pace: Pace) -> Pending:
    """The promise behind one that its receiver is to get before it: it waits for as long, and counts as tried, too."""
    waits = after_failure(pending, now, pace)
    return waits if waits.held else replace(waits, next_at=until)


def stopped(promise: Promise, off: Collection[Switch]) -> bool:
    """Whether the people in charge keep this from going out: mails, or what has somebody refund money."""
    match promise.effect:
        case Mail():
            return Switch.MAILS in off
        case RefundCall() | Announcement(EventName.REFUND_REQUESTED):
            return Switch.REFUNDS in off
        case _:
            return False


def paused(pending: Pending, now: datetime) -> Pending:
    """The promise while it is kept from going out: looked at again soon, and never held for it. It counts as tried
    once, so that nothing overtakes it afterwards."""
    return replace(pending, tries=max(1, pending.tries), next_at=now + PAUSED)


def held(case: Case) -> list[Promise]:
    """The promises that wait for a person, the oldest first."""
    found = [promise for promise, pending in case.outbox.items() if pending.held]
    return sorted(found, key=lambda promise: (promise.seq, encode(promise)))


def leased(case: Case, now: datetime, pace: Pace, deliverer: Deliverer) -> Case:
    """The row as a commit leaves it: for the length of the lease its outbox belongs to `deliverer` alone.

    A sweep that is delivering keeps its lease, and so does whoever is delivering when a sweep commits: what the
    commit adds waits until they have struck what they delivered.
    """
    if lease_runs(case, now) and Deliverer.SWEEP in (case.leased_to, deliverer):
        return with_wake(case, now, pace)
    waiting = any(_is_due(pending, now) for pending in case.outbox.values())
    leases = waiting and (pace.orchestrated or deliverer is Deliverer.SWEEP)
    until = now + timedelta(seconds=pace.lease) if leases else None
    return with_wake(replace(case, leased_to=deliverer, lease_until=until), now, pace)


def took_lease(case: Case, pace: Pace) -> bool:
    """Whether the commit that left this row took its lease for the sweep."""
    return case.leased_to is Deliverer.SWEEP and case.lease_until == case.updated_at + timedelta(seconds=pace.lease)


def taken_over(case: Case, now: datetime, pace: Pace) -> Case:
    """The row leased to a deliverer that is not its execution."""
    until = now + timedelta(seconds=pace.lease)
    return with_wake(replace(case, leased_to=Deliverer.SWEEP, lease_until=until), now, pace)


def lease_runs(case: Case, now: datetime) -> bool:
    """Whether somebody may be delivering right now."""
    return case.lease_until is not None and case.lease_until > now


def may_deliver_at_once(case: Case, now: datetime, pace: Pace) -> bool:
    """Whether the row's own execution may deliver without taking the lease anew.

    Half of it must be left: an execution that comes late takes it anew rather than meet the sweep.
    """
    return (
        case.leased_to is Deliverer.EXECUTION
        and case.lease_until is not None
        and case.lease_until - now >= timedelta(seconds=pace.lease / 2)
    )


def others_deliver(case: Case, now: datetime) -> bool:
    """Whether somebody other than the row's execution may be delivering right now."""
    return case.leased_to is Deliverer.SWEEP and lease_runs(case, now)


def after_delivery(
    case: Case,
    delivered: Collection[Promise],
    failed: Mapping[Promise, Pending],
    now: datetime,
    pace: Pace,
    *,
    holds_lease: bool = True,
) -> Case:
    """The row after a deliverer struck what it delivered and noted what failed; a lease of its own ends with that."""
    outbox = {key: failed.get(key, value) for key, value in case.outbox.items() if key not in delivered}
    after = replace(case, outbox=outbox)
    if not holds_lease:
        return after
    return with_wake(replace(after, leased_to=Deliverer.EXECUTION, lease_until=None), now, pace)


def next_wake(case: Case, now: datetime, pace: Pace) -> datetime | None:
    """When the sweep must look at this row again; None means never.

    The deadline with its grace, and, while something is pending, the end of the lease or the next try.
    """
    lapse = case.deadline_at and case.deadline_at + timedelta(seconds=pace.patience(case.case_id))
    if lease_runs(case, now):
        return _earliest(case.lease_until, lapse)
    return _earliest(*(pending.next_at or now for pending in case.outbox.values() if not pending.held), lapse)


def with_wake(case: Case, now: datetime, pace: Pace) -> Case:
    """The row, due when the sweep must look at it again."""
    return replace(case, wake_at=next_wake(case, now, pace))


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)
