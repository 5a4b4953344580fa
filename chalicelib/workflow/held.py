"""What was tried in vain for days and waits for a person: found in any state of its case, and let go out again."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from chalicelib.domain.cases import outbox
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.change import Answered, Change
from chalicelib.domain.cases.commands import DeliverAgain
from chalicelib.domain.cases.effects import Announcement, Mail, Promise, effect_id, encode, mail_of
from chalicelib.domain.cases.held import deliver_again, hold_unsent
from chalicelib.domain.cases.step import act_of
from chalicelib.domain.errors import Conflict, Forbidden, Refused, Unavailable
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import LONGEST_PAGE, PAGE, Filter, Held, Page, Ports, Store, every
from chalicelib.workflow.committing import ATTEMPTS, commit, context_for

T = TypeVar("T")

READERS = frozenset({Role.OPERATOR})
# How many rows one call lets go out, so that it ends before its caller gives up; it says whether more are left.
MOST = 200
# SES tells everything at least once; within this time a notice that is told again is known.
_TOLD_AGAIN = timedelta(days=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which of the held effects; what is None lets all through. `kind` is a kind of effect or of mail, or an event's
    name; `since` and `until` (UTC, not included) say when it was held."""

    ids: Collection[str] | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, held: Held) -> bool:
        """Whether this one is meant."""
        return (
            (self.ids is None or held.id in self.ids)
            and self.kind in (None, effect_of(held.promise), kind_of(held.promise))
            and (self.since is None or held.since >= self.since)
            and (self.until is None or held.since < self.until)
        )


@dataclass(slots=True)
class Released:
    """What goes out again, what no longer helps and was dropped, by their ids; and whether more is left of what was
    meant."""

    delivering: list[str] = field(default_factory=list)
    no_longer_help: list[str] = field(default_factory=list)
    more: bool = False


def effect_of(promise: Promise) -> str:
    """What kind of effect it is."""
    match promise.effect:
        case Mail():
            return "mail"
        case Announcement():
            return "event"
        case _:
            return "wake_up" if promise.wakes else "unknown"


def kind_of(promise: Promise) -> str:
    """The kind of a mail, the name of an event; for anything else what it says of itself."""
    match promise.effect:
        case Mail(kind) | Announcement(kind):
            return str(kind)
        case _:
            return encode(promise).partition(":")[2]


def helps(held: Held) -> bool:
    """Whether delivering it still does: not a plea after the answer, a start after the end."""
    return not outbox.is_obsolete(held.promise, held.case)


def held_effects(
    ports: Ports, actor: Actor, which: Which, *, limit: int = PAGE, cursor: str | None = None
) -> Page[Held]:
    """What is held, the longest held first. Raises Forbidden but for operators."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "see_held_effects")
    return ports.store.held(which.matches, which.since, limit=limit, cursor=cursor)


def release(ports: Ports, actor: Actor, which: Which, note: str) -> Released:
    """Let go out again what is meant, of at most MOST rows; the sweep delivers it within a minute.

    Each row is a commit of its own with an entry in its timeline, so a call that broke off is simply made again. Raises
    Forbidden but for operators.
    """
    if actor.role not in READERS:
        raise Forbidden(actor.role, "deliver_held_effects")
    meant = _by_row(ports, which)
    done = Released(more=len(meant) > MOST)
    for case_id, promises in list(meant.items())[:MOST]:
        _release(ports, actor, case_id, promises, note, done)
    return done


def _by_row(ports: Ports, which: Which) -> Mapping[str, Collection[Promise]]:
    """What is meant, of one row more than MOST. All of it is read before anything is released, so that no page slips
    from under us."""
    meant: dict[str, list[Promise]] = {}
    read = partial(ports.store.held, which.matches, which.since, limit=LONGEST_PAGE)
    for held in every(lambda cursor: read(cursor=cursor)):
        meant.setdefault(held.case.case_id, []).append(held.promise)
        if len(meant) > MOST:
            break
    return meant


def _release(
    ports: Ports, actor: Actor, case_id: str, promises: Collection[Promise], note: str, done: Released
) -> None:
    for _ in range(ATTEMPTS):
        case = ports.store.case(case_id)
        if case is None:
            return
        act = act_of(DeliverAgain(note=note), actor, ports.now(), ports.new_id(), ports.new_salt())
        change = deliver_again(case, promises, act, context_for(ports, case))
        if change is None or change.case is None:
            return
        if not commit(ports, change):
            continue
        released = [promise for promise in outbox.held(case) if promise in promises]
        for promise in released:
            ids = done.delivering if promise in change.case.outbox else done.no_longer_help
            ids.append(effect_id(case_id, encode(promise)))
        ports.store.unlist_held(case_id, released)
        return
    raise Conflict("case")


def not_sent(ports: Ports, mail_id: str, case_id: str, effect: str) -> bool:
    """A mail that was handed over never went out: hold its effect, so that operators see it and can let it go again.

    `mail_id` is the mail service's own, so that a notice that is told twice counts once. False where there is nothing
    to hold. Raises Unavailable while whoever handed it over has yet to strike it; told again, it is held then.
    """
    now = ports.now()
    kept = Answered(
        key=hashlib.sha256(f"not_sent|{mail_id}".encode()).hexdigest(),
        fingerprint=mail_id,
        status=200,
        body="{}",
        expires_at=now + _TOLD_AGAIN,
        since=now,
    )
    promise = mail_of(effect)
    if promise is None or ports.store.answered(kept.key, now) is not None:
        return False
    for _ in range(ATTEMPTS):
        case = ports.store.case(case_id)
        if case is None:
            return False
        there = case.outbox.get(promise)
        if there is not None and not there.held and outbox.lease_runs(case, ports.now()):
            raise Unavailable("lease")
        if there is None or not there.held:
            # Listed first, as everywhere: what a row holds is never missing from the list.
            ports.store.list_held(case_id, [promise], ports.now())
            if not ports.store.save_outbox(case, hold_unsent(case, promise, ports.now(), ports.pace)):
                continue
        try:
            ports.store.commit(Change(answered=kept))
        except Refused as error:
            if error.code != "idempotency_in_progress":
                raise
        return True
    raise Conflict("case")


def find_unlisted(store: Store, now: datetime) -> int:
    """List everything that any row holds, as held from `now` on where it was not listed: what version 0.1.0 held, and
    listed nowhere. Reads every case; gives how many effects are listed."""
    listed: set[tuple[str, Promise]] = set()
    for one in every(lambda cursor: store.held(lambda held: True, limit=LONGEST_PAGE, cursor=cursor)):
        listed.add((one.case.case_id, one.promise))
    for state in State:
        for case in every(partial(_cases, store, state)):
            new = [promise for promise in outbox.held(case) if (case.case_id, promise) not in listed]
            store.list_held(case.case_id, new, now)
            listed |= {(case.case_id, promise) for promise in new}
    return len(listed)


def _cases(store: Store, state: State, cursor: str | None) -> Page[Case]:
    return store.cases(Filter(state=state), limit=LONGEST_PAGE, cursor=cursor)
