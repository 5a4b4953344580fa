"""Paying what a row owes: mails, events, wake-ups. Take the lease, pay, strike in one write.

Without a crash each effect happens exactly once. A crash between paying and striking makes whoever pays next pay it
again: at most twice, never lost.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.cases.case import Case, Owed, State
from chalicelib.domain.cases.outbox import (
    after_failure,
    after_payment,
    is_obsolete,
    is_wake_up,
    lease_runs,
    may_pay_at_once,
    next_wake,
    others_pay,
    payable,
    taken_over,
    what_of,
)
from chalicelib.domain.errors import BatalError, Unavailable
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Event, House
from chalicelib.workflow.committing import ATTEMPTS, wake_one
from chalicelib.workflow.events import event_of
from chalicelib.workflow.mail_stops import stopped_parties

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Round:
    """One payer's round over one row."""

    paid: set[str] = field(default_factory=set)
    failed: dict[str, Owed] = field(default_factory=dict)


def pay(house: House, case: Case, *, executing: bool = False, leased: bool = False) -> Case:
    """Pay what is payable now and strike it; gives back the row as it then is.

    `executing`: the row's own execution is speaking, so waking it is done already, and the lease that the commit set
    is its own while enough of it is left. `leased`: the caller's own commit took the lease. Everyone else first takes
    it under `rev`, and leaves a row alone whose lease somebody else holds.
    """
    now = house.now()
    if not leased:
        if others_pay(case, now) or (lease_runs(case, now) and not executing):
            return case
        if not (executing and may_pay_at_once(case, now, house.pace)):
            if not case.owed and case.wake_at == next_wake(case, now, house.pace):
                return case
            taken = replace(taken_over(case, now, house.pace), rev=case.rev + 1)
            if not house.store.keep(case, taken):
                return house.store.case(case.case_id) or case
            case = taken
    if case.state is State.REFUNDING and not case.money_sent:
        # From here on a parcel that moves comes too late to hold the money back (I5): say so before it is true.
        marked = replace(case, money_sent=True, rev=case.rev + 1)
        if not house.store.keep(case, marked):
            return house.store.case(case.case_id) or case
        case = marked
    done = _Round()
    order = house.store.order(case.order_id) if any(not is_wake_up(key) for key in case.owed) else None
    silent = _stopped(house, case, order, now)
    batch: list[tuple[str, Event]] = []
    for effect_id in payable(case, now):
        try:
            if is_obsolete(effect_id, case) or (executing and is_wake_up(effect_id)) or effect_id in silent:
                done.paid.add(effect_id)
            elif what_of(effect_id).startswith("event:"):
                batch.append((effect_id, event_of(effect_id, case, order)))
            else:
                _pay_one(house, effect_id, case, order)
                done.paid.add(effect_id)
        except Exception as error:
            _note_failure(house, case, effect_id, error, now, done)
    _publish(house, case, batch, now, done)
    return _strike(house, case, done, now)


def _stopped(house: House, case: Case, order: Order | None, now: datetime) -> Collection[str]:
    """The mails that nobody would get: their reader's address is stopped. Found by one read, where there are any."""
    mails = [key for key in payable(case, now) if what_of(key).startswith("mail:")]
    if not mails or order is None:
        return ()
    parties = stopped_parties(house, order)
    silent = {key for key in mails if what_of(key).split(":")[2] in parties}
    for key in silent:
        log.warning("mail not sent: its address is stopped", extra={"case_id": case.case_id, "effect": key})
    return silent


def _pay_one(house: House, effect_id: str, case: Case, order: Order | None) -> None:
    if is_wake_up(effect_id):
        wake_one(house, case, effect_id)
        return
    if order is None:
        raise Unavailable("order")
    house.mailer.send(house.compose(effect_id, case, order))


def _publish(house: House, case: Case, batch: list[tuple[str, Event]], now: datetime, done: _Round) -> None:
    if not batch:
        return
    try:
        house.events.publish([event for _, event in batch])
        done.paid.update(effect_id for effect_id, _ in batch)
    except Exception as error:
        for effect_id, _ in batch:
            _note_failure(house, case, effect_id, error, now, done)


def _note_failure(house: House, case: Case, effect_id: str, error: Exception, now: datetime, done: _Round) -> None:
    owed = after_failure(case.owed[effect_id], now, house.pace)
    done.failed[effect_id] = owed
    # Only the kind of error: a message may carry an address.
    why = error.code if isinstance(error, BatalError) else type(error).__name__
    facts = {"case_id": case.case_id, "effect": effect_id, "tries": owed.tries, "why": why}
    log.log(
        logging.ERROR if owed.parked else logging.WARNING,
        "effect %s",
        "parked" if owed.parked else "failed",
        extra=facts,
    )


def _strike(house: House, case: Case, done: _Round, now: datetime) -> Case:
    """Strike by key, in one write. Where the row moved on meanwhile, strike there too; only our own lease ends."""
    lease = (case.leased_to, case.lease_until)
    for _ in range(ATTEMPTS):
        ours = (case.leased_to, case.lease_until) == lease
        after = after_payment(case, done.paid, done.failed, now, house.pace, holds_lease=ours)
        if after == case:
            return case
        after = replace(after, rev=case.rev + 1)
        if house.store.keep(case, after):
            return after
        current = house.store.case(case.case_id)
        if current is None:
            return case
        case = current
        done.failed = {key: owed for key, owed in done.failed.items() if key in case.owed}
    log.warning("strike gave up, the effects will be paid again", extra={"case_id": case.case_id})
    return case
