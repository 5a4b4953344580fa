"""Delivering what a row has promised: mails, events, wake-ups. Take the lease, deliver, strike in one write.

Without a crash each effect happens exactly once. A crash in between makes whoever delivers next
deliver it again: at most twice, never lost. What goes to one receiver goes in the order in which it was promised:
behind what a service refused, the rest waits.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.cases.case import Case, Pending, State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.effects import Announcement, Mail, MailKind, NoteClues, Promise, RefundCall, encode
from chalicelib.domain.cases.outbox import (
    after_delivery,
    after_failure,
    deliverable,
    held,
    is_obsolete,
    lease_runs,
    may_deliver_at_once,
    next_wake,
    others_deliver,
    paused,
    postponed,
    receiver,
    stopped,
    taken_over,
)
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.errors import BatalError, Unavailable
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.domain.policies.urgency import UrgeBy
from chalicelib.domain.ports import Event, Ports
from chalicelib.workflow import clues, digests, refund_calls
from chalicelib.workflow.beside import beside
from chalicelib.workflow.committing import ATTEMPTS, wake_one
from chalicelib.workflow.events import event_of, instead_of_mail, still_to_ask
from chalicelib.workflow.mail_stops import Way, ways

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Round:
    """One deliverer's round over one row."""

    delivered: set[Promise] = field(default_factory=set)
    failed: dict[Promise, Pending] = field(default_factory=dict)
    # Receivers whose service is away, and until when what else they are to get waits.
    away: dict[object, datetime] = field(default_factory=dict)


def deliver(ports: Ports, case: Case, *, executing: bool = False, leased: bool = False) -> Case:
    """Deliver what is due now and strike it; gives back the row as it then is.

    `executing`: the row's own execution is speaking, so waking it is done already, and the lease that the commit set
    is its own while enough of it is left. `leased`: the caller's own commit took the lease. Everyone else first takes
    it under `rev`, and leaves a row alone whose lease somebody else holds.
    """
    now = ports.now()
    if not leased:
        if others_deliver(case, now) or (lease_runs(case, now) and not executing):
            return case
        if not (executing and may_deliver_at_once(case, now, ports.pace)):
            if not case.outbox and case.wake_at == next_wake(case, now, ports.pace):
                return case
            taken = replace(taken_over(case, now, ports.pace), rev=case.rev + 1)
            if not ports.store.save_outbox(case, taken):
                return ports.store.case(case.case_id) or case
            case = taken
    if case.state is State.REFUNDING and not case.money_sent:
        # From here on a parcel that moves comes too late to hold the money back (I5): say so before it is true.
        marked = replace(case, money_sent=True, rev=case.rev + 1)
        if not ports.store.save_outbox(case, marked):
            return ports.store.case(case.case_id) or case
        case = marked
    done = _Round()
    order = ports.store.order(case.order_id) if any(not promise.wakes for promise in case.outbox) else None
    due = deliverable(case, now)
    payloads = _payloads(ports, case, due)
    by_way, rhythm = _ways(ports, case, order, due, payloads)
    batch: list[tuple[Promise, Event]] = []
    for promise in due:
        try:
            if is_obsolete(promise, case) or (executing and promise.wakes) or by_way.get(promise) is Way.NOBODY:
                done.delivered.add(promise)
            elif stopped(promise, ports.off):
                done.failed[promise] = paused(case.outbox[promise], now)
            elif receiver(promise) in done.away:
                done.failed[promise] = postponed(case.outbox[promise], done.away[receiver(promise)], now, ports.pace)
            elif isinstance(promise.effect, Announcement):
                event = event_of(promise, promise.effect.name, case, order, payloads.get(promise.seq))
                told = still_to_ask(event, order)
                if told is None:
                    done.delivered.add(promise)
                else:
                    batch.append((promise, told))
            elif order is not None and by_way.get(promise) is Way.MARKETPLACE:
                told_by = ports.tell(promise, case, order, beside(ports, promise, case, order))
                batch.append((promise, instead_of_mail(promise, case, told_by, payloads.get(promise.seq))))
            elif order is not None and by_way.get(promise) is Way.DIGEST:
                digests.note(ports, promise, case, order, rhythm)
                done.delivered.add(promise)
            else:
                _deliver_one(ports, promise, case, order, payloads.get(promise.seq))
                done.delivered.add(promise)
        except Exception as error:
            _note_failure(ports, case, promise, error, now, done)
    _publish(ports, case, batch, now, done)
    return _strike(ports, case, done, now)


def _payloads(ports: Ports, case: Case, due: Collection[Promise]) -> Mapping[int, Entry]:
    """The timeline entries that hold what the events say, and of which request mails come, by one read."""
    seqs = {promise.seq for promise in due if isinstance(promise.effect, (Announcement, Mail))}
    return ports.store.entries(case.case_id, seqs) if seqs else {}


def _ways(
    ports: Ports, case: Case, order: Order | None, due: Collection[Promise], entries: Mapping[int, Entry]
) -> tuple[Mapping[Promise, Way], Rhythm]:
    """How the reader of each mail is told, and the rhythm of those that wait for a digest. Found by one read, where
    there are any, and another one where the seller is among them."""
    mails = {promise: promise.effect for promise in due if isinstance(promise.effect, Mail)}
    if not mails or order is None:
        return {}, Rhythm.SINGLE
    of_parties = ways(ports, order)
    found = {promise: of_parties[mail.to] for promise, mail in mails.items()}
    to_seller = any(mails[promise].to is Role.SELLER and way is Way.MAIL for promise, way in found.items())
    rhythm = digests.rhythm_for(ports, order) if to_seller else Rhythm.SINGLE
    for promise, way in found.items():
        # What somebody had sent once more does not wait.
        again = promise.seq in entries and entries[promise.seq].command == Command.DELIVER_AGAIN
        if way is Way.NOBODY:
            facts = {"case_id": case.case_id, "effect": encode(promise)}
            log.warning("mail not sent: its address is stopped", extra=facts)
        elif way is Way.MAIL and _urged_by(ports, case, mails[promise]) is UrgeBy.MARKETPLACE:
            found[promise] = Way.MARKETPLACE
        elif way is Way.MAIL and not again and digests.waits_for_digest(ports, mails[promise], case, order, rhythm):
            found[promise] = Way.DIGEST
    return found, rhythm


def _urged_by(ports: Ports, case: Case, mail: Mail) -> UrgeBy | None:
    """By which way its policy has somebody urged; None where it says nothing, or this mail urges nobody."""
    if mail.kind is not MailKind.REMINDER:
        return None
    step = ports.policies.version(case.policy.name, case.policy.version).urge(mail.n)
    return step.by if step else None


def _deliver_one(ports: Ports, promise: Promise, case: Case, order: Order | None, entry: Entry | None) -> None:
    if promise.wakes:
        wake_one(ports, case, promise)
        return
    if isinstance(promise.effect, RefundCall):
        refund_calls.begin(ports, case, promise.effect.part)
        return
    if order is None:
        raise Unavailable("order")
    if isinstance(promise.effect, NoteClues):
        clues.note(ports, promise, case, order)
        return
    mail = ports.compose(promise, case, order, beside(ports, promise, case, order))
    ports.mailer.send(replace(mail, correlation_id=entry.correlation_id) if entry else mail)


def _publish(ports: Ports, case: Case, batch: list[tuple[Promise, Event]], now: datetime, done: _Round) -> None:
    if not batch:
        return
    try:
        refused = ports.events.publish([event for _, event in batch])
    except Exception as error:
        for promise, _ in batch:
            _note_failure(ports, case, promise, error, now, done)
        return
    for promise, event in batch:
        if event.event_id in refused:
            _note_failure(ports, case, promise, Unavailable("events"), now, done)
        else:
            done.delivered.add(promise)


def _note_failure(ports: Ports, case: Case, promise: Promise, error: Exception, now: datetime, done: _Round) -> None:
    pending = after_failure(case.outbox[promise], now, ports.pace)
    done.failed[promise] = pending
    if isinstance(error, Unavailable) and pending.next_at:
        done.away[receiver(promise)] = pending.next_at
    # Only the kind of error: a message may carry an address.
    why = error.code if isinstance(error, BatalError) else type(error).__name__
    facts = {"case_id": case.case_id, "effect": encode(promise), "tries": pending.tries, "why": why}
    log.log(
        logging.ERROR if pending.held else logging.WARNING,
        "effect %s",
        "held" if pending.held else "failed",
        extra=facts,
    )


def _strike(ports: Ports, case: Case, done: _Round, now: datetime) -> Case:
    """Strike by key, in one write. Where the row moved on meanwhile, strike there too; only our own lease ends."""
    lease = (case.leased_to, case.lease_until)
    for _ in range(ATTEMPTS):
        ours = (case.leased_to, case.lease_until) == lease
        after = after_delivery(case, done.delivered, done.failed, now, ports.pace, holds_lease=ours)
        if after == case:
            return case
        after = replace(after, rev=case.rev + 1)
        # Listed first: what a row holds is never missing from the list, and what it no longer holds is not shown.
        if newly := set(held(after)) - set(held(case)):
            ports.store.list_held(case.case_id, newly, now)
        if ports.store.save_outbox(case, after):
            return after
        current = ports.store.case(case.case_id)
        if current is None:
            return case
        case = current
        done.failed = {key: pending for key, pending in done.failed.items() if key in case.outbox}
    log.warning("strike gave up, the effects will be delivered again", extra={"case_id": case.case_id})
    return case
