"""What a row owes the world: effects promised by a commit, paid afterwards, struck when done.

An effect's id is `<seq>:<what>`, where seq is the timeline entry that promised it, so an id never comes twice and
striking an old promise cannot strike a newer one. `what` is one of

    start                       start this run's execution
    resume                      tell the waiting execution that the row has moved on
    mail:<kind>:<role>          one e-mail; mail:<kind>:<role>:<n> where one wait promises several of a kind
    event:<name>                one event on the bus
"""

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case, Owed, Payer, Role, State

START = "start"
RESUME = "resume"
REFUND_REQUESTED = "event:refund.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the house runs.

    orchestrated   Step Functions wait and wake; otherwise the sweep does everything
    lease          seconds that a commit, or a payer, keeps others from paying
    grace          seconds after a deadline that the sweep leaves to the execution's own timer
    max_tries      how often an effect is tried before it is parked
    spread         seconds over which a herd that has one deadline is spread, each case at a place of its own
    """

    orchestrated: bool = True
    lease: int = 90
    grace: int = 60
    max_tries: int = 8
    spread: int = 0

    def jitter(self, case_id: str) -> int:
        """The case's own place in the spread, in seconds; always the same."""
        return zlib.crc32(case_id.encode()) % self.spread if self.spread else 0

    def patience(self, case_id: str) -> int:
        """Seconds after a deadline before the sweep acts on it."""
        return self.jitter(case_id) + (self.grace if self.orchestrated else 0)


def effect_ids(seq: int, whats: Iterable[str]) -> dict[str, Owed]:
    """Fresh promises made by timeline entry `seq`."""
    return {f"{seq}:{what}": Owed() for what in whats}


def what_of(effect_id: str) -> str:
    """The effect without the entry that promised it."""
    return effect_id.partition(":")[2]


def is_wake_up(effect_id: str) -> bool:
    """Whether the effect only starts or resumes the execution."""
    return what_of(effect_id) in (START, RESUME)


# A plea for an answer that nobody needs any more is dropped, not sent.
_PLEAS = {
    "mail:decision_needed:seller": State.AWAITING_SELLER,
    "mail:offer_made:buyer": State.AWAITING_BUYER,
}
_REMINDER = "mail:reminder:"


def is_obsolete(effect_id: str, case: Case) -> bool:
    """Whether paying it would only confuse: a plea after the answer, a start after the end."""
    what = what_of(effect_id)
    if what == START:
        return not case.open
    if what.startswith(_REMINDER):
        return case.deadline_at is None or case.waiting_for != what.split(":")[2]
    return what in _PLEAS and case.state is not _PLEAS[what]


def without_reminders(owed: Mapping[str, Owed]) -> dict[str, Owed]:
    """What is owed, less the reminders of a deadline that holds no longer."""
    return {key: value for key, value in owed.items() if not what_of(key).startswith(_REMINDER)}


def reminders(case: Case, seq: int, moments: Iterable[datetime], now: datetime) -> dict[str, Owed]:
    """One promise for each moment that is still to come, to whoever the case waits for; people of the platform look
    at their queue instead."""
    if case.waiting_for not in (Role.BUYER, Role.SELLER):
        return {}
    coming = sorted(moment for moment in moments if moment > now)
    return {
        f"{seq}:{_REMINDER}{case.waiting_for}:{number}": Owed(next_at=moment)
        for number, moment in enumerate(coming, start=1)
    }


# A conversation that goes to and fro is announced once, when it pauses for so long.
_QUIET = timedelta(minutes=2)


def noticed(case: Case, by: Role, now: datetime, pace: Pace) -> Case:
    """The row owing a notice of a new message to the parties other than its writer.

    A notice that still waits speaks for the new message, too; one that may be on its way already does not.
    """
    owed = dict(case.owed)
    for role in (Role.BUYER, Role.SELLER):
        what = f"mail:message:{role}"
        waits = any(what_of(key) == what and value.next_at and value.next_at > now for key, value in owed.items())
        if role is not by and not waits:
            # The revision makes the id new: no earlier strike can hit it.
            owed[f"{case.rev + 1}:{what}"] = Owed(next_at=now + _QUIET)
    return _with_wake(replace(case, owed=owed, rev=case.rev + 1), now, pace)


def payable(case: Case, now: datetime) -> list[str]:
    """Ids of the effects to try now, oldest promise first; parked ones wait for a person."""
    due = [key for key, owed in case.owed.items() if not owed.parked and (owed.next_at is None or owed.next_at <= now)]
    return sorted(due, key=lambda key: (int(key.partition(":")[0]), not is_wake_up(key), key))


def after_failure(owed: Owed, now: datetime, pace: Pace) -> Owed:
    """The promise after one more failed try: doubling waits from 30 seconds to an hour, then parked."""
    tries = owed.tries + 1
    if tries >= pace.max_tries:
        return Owed(tries=tries, parked=True)
    return Owed(tries=tries, next_at=now + timedelta(seconds=min(3600, 15 * 2**tries)))


def leased(case: Case, now: datetime, pace: Pace, payer: Payer) -> Case:
    """The row as a commit leaves it: for the length of the lease what it owes belongs to `payer` alone.

    A sweep that is paying right now keeps its lease, and so does whoever is paying when a sweep commits: what the
    commit adds waits until they have struck what they paid.
    """
    if lease_runs(case, now) and Payer.SWEEP in (case.leased_to, payer):
        return _with_wake(case, now, pace)
    owes = any(not owed.parked and (owed.next_at is None or owed.next_at <= now) for owed in case.owed.values())
    pays = owes and (pace.orchestrated or payer is Payer.SWEEP)
    until = now + timedelta(seconds=pace.lease) if pays else None
    return _with_wake(replace(case, leased_to=payer, lease_until=until), now, pace)


def took_lease(case: Case, pace: Pace) -> bool:
    """Whether the commit that left this row took its lease for the sweep."""
    return case.leased_to is Payer.SWEEP and case.lease_until == case.updated_at + timedelta(seconds=pace.lease)


def taken_over(case: Case, now: datetime, pace: Pace) -> Case:
    """The row leased to a payer that is not its execution."""
    until = now + timedelta(seconds=pace.lease)
    return _with_wake(replace(case, leased_to=Payer.SWEEP, lease_until=until), now, pace)


def lease_runs(case: Case, now: datetime) -> bool:
    """Whether somebody may be paying right now."""
    return case.lease_until is not None and case.lease_until > now


def may_pay_at_once(case: Case, now: datetime, pace: Pace) -> bool:
    """Whether the row's own execution may pay without taking the lease anew.

    Half of it must be left: an execution that comes late takes it anew rather than meet the sweep.
    """
    return (
        case.leased_to is Payer.EXECUTION
        and case.lease_until is not None
        and case.lease_until - now >= timedelta(seconds=pace.lease / 2)
    )


def others_pay(case: Case, now: datetime) -> bool:
    """Whether somebody other than the row's execution may be paying right now."""
    return case.leased_to is Payer.SWEEP and lease_runs(case, now)


def after_payment(
    case: Case,
    paid: Collection[str],
    failed: Mapping[str, Owed],
    now: datetime,
    pace: Pace,
    *,
    holds_lease: bool = True,
) -> Case:
    """The row after a payer struck what it paid and noted what failed; a lease of its own ends with that."""
    owed = {key: failed.get(key, value) for key, value in case.owed.items() if key not in paid}
    after = replace(case, owed=owed)
    if not holds_lease:
        return after
    return _with_wake(replace(after, leased_to=Payer.EXECUTION, lease_until=None), now, pace)


def next_wake(case: Case, now: datetime, pace: Pace) -> datetime | None:
    """When the sweep must look at this row again; None means never.

    The deadline with its grace, and, while something is owed, the end of the lease or the next try.
    """
    lapse = case.deadline_at and case.deadline_at + timedelta(seconds=pace.patience(case.case_id))
    if lease_runs(case, now):
        return _earliest(case.lease_until, lapse)
    return _earliest(*(owed.next_at or now for owed in case.owed.values() if not owed.parked), lapse)


def _with_wake(case: Case, now: datetime, pace: Pace) -> Case:
    return replace(case, wake_at=next_wake(case, now, pace))


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)
