"""How one part of a refund is asked of its provider: what is remembered of it, and what to do next.

No step here sends anything. Whoever does keeps this order, so that a crash anywhere cannot send money twice:
`next_step`, then `begun` **is stored**, then the provider is called, then `answered` or `unanswered` is stored.

A lost answer keeps its key. Before a key is sent again its provider is asked about it, and where it cannot be asked,
the key is not sent again. The number of the try rises only after the provider confirmed a final failure. Whatever
cannot go on by itself is given up where people see it. What providers tell by themselves is taken in by hearing.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.money.providers import (
    Ability,
    AfterLoss,
    Became,
    Habits,
    Never,
    NotBefore,
    ProviderAnswer,
    Shut,
    is_all_of,
    key_of,
)
from chalicelib.domain.money.refund import MOST_TRIES

# So long people need not know that nothing is certain yet; a person's retry, or news that contradicts what was known,
# begins it anew.
PATIENCE = timedelta(days=14)
# After silence: 30 seconds, then doubling up to six hours; a request that is still on its way has arrived by then.
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
# How often to look after what is pending, where the provider tells failures by itself.
_LOOK_AFTER = timedelta(days=1)
# When to look after what went, where it may still come back: that is told, too, but what is told may be lost.
_LOOKS = tuple(timedelta(days=days) for days in (1, 3, 7, 14))
# So long a provider's list may lag behind what it did.
_LISTS_LAG = timedelta(days=1)
# Before another try after a final failure that may pass.
_AFTER_FAILURE = timedelta(hours=6)


class Stuck(StrEnum):
    """Why sending does not go on by itself, beyond a shut way and the provider's own refusal."""

    REFUSED = "refused"  # the provider refused finally; its code says why
    REVERSED = "reversed"  # it had gone, and came back
    NO_CERTAINTY = "no_certainty"  # too long without a final word
    CANNOT_BE_ASKED = "cannot_be_asked"  # an answer was lost, and nobody can ask what became of it
    KEY_TOO_OLD = "key_too_old"  # its key protects no more
    VANISHED = "vanished"  # the provider had taken it, and knows it no more
    WRONG_AMOUNT = "wrong_amount"  # the provider speaks of another amount
    TWO_SUCCEEDED = "two_succeeded"  # a try that had finally failed is told to have gone after all


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What is remembered of asking for one part; `amount` in minor units, moments in UTC.

    number     of the try, from 1; 0: nothing was ever sent
    sent_at    when this try was sent first; None: not yet
    since      from when on its final word is waited for, if not since then
    open       it was sent, and nobody knows what became of that
    went       the provider once said that the money had gone
    went_at    since when that is known; `looked_at`: when it was last seen to stand
    reported   whoever asked for it heard that it went
    silences   how often in a row nothing certain came back
    last_at    when the provider was last called; None: it is time to call
    answer     its last word about this try
    stuck      what needs a person
    events     notifications already taken in
    earlier    the keys of tries that ended in a final failure, and by what the provider knew them
    """

    part: str
    amount: int
    number: int = 0
    sent_at: datetime | None = None
    open: bool = False
    went: bool = False
    silences: int = 0
    last_at: datetime | None = None
    answer: ProviderAnswer | None = None
    stuck: Stuck | None = None
    events: tuple[str, ...] = ()
    since: datetime | None = None
    went_at: datetime | None = None
    looked_at: datetime | None = None
    reported: bool = False
    earlier: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of the present try; of the first where none was sent."""
        return key_of(self.part, max(self.number, 1))

    @property
    def known_as(self) -> str | None:
        """By what the provider knows the present try."""
        return self.answer.reference if self.answer else None

    @property
    def has_gone(self) -> bool:
        """Whether the provider says that the money went."""
        return self.answer is not None and self.answer.became is Became.SUCCEEDED


@dataclass(frozen=True, slots=True)
class Find:
    """Ask the provider what became of this key."""

    key: str


@dataclass(frozen=True, slots=True)
class Send:
    """Ask it for the money, under this key."""

    number: int
    key: str


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Do nothing before this moment (UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """People must look. `failed`: certainly nothing went; else it is held, since that is in doubt."""

    failed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """The money went; `look_at`: when to see whether it stayed away (UTC)."""

    look_at: datetime | None = None


Next = Find | Send | WaitUntil | GiveUp | Done


def next_step(sending: Sending, ability: Ability, habits: Habits, now: datetime) -> Next:
    """What to do next about this part. `ability` is judged for the same moment."""
    answer = sending.answer
    if sending.stuck is not None:
        return GiveUp(failed=False, why=sending.stuck)
    if answer is not None and answer.became is Became.SUCCEEDED:
        look_at = _look_at(sending, habits)
        is_due = sending.reported and look_at is not None and look_at <= now
        return Find(sending.key) if is_due else Done(look_at)
    if answer is not None and answer.became is Became.FAILED and answer.is_final:
        return _after_failure(sending, answer, ability, now)
    if sending.sent_at is None:
        return _first(sending, ability, now)
    since = sending.since or sending.sent_at
    if now >= since + PATIENCE:
        return GiveUp(failed=False, why=Stuck.NO_CERTAINTY)
    at = _again_at(sending, habits)
    if at is not None and now < at:
        return WaitUntil(at)
    if sending.open or answer is None or answer.became is not Became.UNKNOWN:
        if sending.known_as is not None or habits.after_loss is AfterLoss.ASK:
            return Find(sending.key)
        if habits.after_loss is AfterLoss.SEARCH:
            found_by = since + _LISTS_LAG
            return GiveUp(failed=False, why=Stuck.CANNOT_BE_ASKED) if now >= found_by else Find(sending.key)
    return _once_more(sending, sending.sent_at, ability, habits, now)


def once_again(sending: Sending, now: datetime) -> Sending:
    """What a person wants asked anew, under the key that it has: at once, and with patience that begins anew."""
    return replace(sending, stuck=None, open=sending.number > 0, silences=0, last_at=None, since=now, reported=False)


def reported(sending: Sending) -> Sending:
    """After whoever asked for it heard that the money went: that is said once, and looked after from now on."""
    return replace(sending, reported=True)


def begun(sending: Sending, step: Find | Send, now: datetime) -> Sending:
    """What must be stored before the provider is called."""
    if isinstance(step, Find):
        return replace(sending, last_at=now)
    if step.number == sending.number:
        # That it was not taken before, as by "not now", says nothing of this call.
        is_news = sending.answer is not None and sending.answer.became is not Became.UNKNOWN
        return replace(sending, last_at=now, open=True, answer=sending.answer if is_news else None)
    earlier = {**sending.earlier, sending.key: sending.known_as} if sending.number else sending.earlier
    return replace(
        sending,
        number=step.number,
        sent_at=now,
        since=None,
        last_at=now,
        open=True,
        silences=0,
        answer=None,
        earlier=earlier,
    )


def unanswered(sending: Sending, now: datetime) -> Sending:
    """After a call to which no answer came: whatever was known before is known still."""
    return replace(sending, last_at=now, silences=sending.silences + 1)


def answered(sending: Sending, step: Find | Send, answer: ProviderAnswer, now: datetime) -> Sending:
    """After an answer to that step. What had gone and has failed since came back."""
    before = sending.answer
    if answer.reference is None and before is not None:
        answer = replace(answer, reference=before.reference)
    taken = before is not None and before.became is not Became.UNKNOWN
    if answer.wait is not None and answer.became is Became.UNKNOWN:
        # "Not now" to a question says nothing of what was asked about; to a request, that it was not taken.
        still = sending.open and isinstance(step, Find)
        kept = before if taken or still else answer
        return replace(sending, last_at=now, silences=sending.silences + 1, open=still, answer=kept)
    if answer.became is Became.UNKNOWN and taken:
        return _missing(sending, now)
    if answer.became is not Became.FAILED and not is_all_of(answer.became, answer.amount, sending.amount):
        return replace(sending, last_at=now, open=False, answer=answer, stuck=Stuck.WRONG_AMOUNT)
    if answer.became is Became.FAILED and sending.went:
        return replace(sending, last_at=now, open=False, answer=answer, stuck=Stuck.REVERSED)
    certain = answer.became in (Became.SUCCEEDED, Became.FAILED)
    silences = 0 if certain else sending.silences + 1
    looked_at = now if answer.became is Became.SUCCEEDED and sending.has_gone else sending.looked_at
    after = replace(sending, last_at=now, open=False, answer=answer, silences=silences, looked_at=looked_at)
    return known_to_have_gone(after, now)


def known_to_have_gone(sending: Sending, now: datetime) -> Sending:
    """With a note of it, where its answer says for the first time that the money went."""
    if not sending.has_gone or sending.went_at is not None:
        return sending
    return replace(sending, went=True, went_at=now)


def _missing(sending: Sending, now: datetime) -> Sending:
    """The provider had taken it and does not know it now: lists lag behind for a while, then people must look."""
    if sending.sent_at is None or now < sending.sent_at + _LISTS_LAG:
        return replace(sending, last_at=now, silences=sending.silences + 1)
    return replace(sending, last_at=now, stuck=Stuck.VANISHED)


def _first(sending: Sending, ability: Ability, now: datetime) -> Next:
    match ability:
        case Never(why):
            return GiveUp(failed=True, why=why)
        case NotBefore(at) if now < at:
            return WaitUntil(at)
        case _:
            return Send(1, key_of(sending.part, 1))


def _once_more(sending: Sending, sent_at: datetime, ability: Ability, habits: Habits, now: datetime) -> Next:
    """The provider did not take it: the same key goes out again, while that is harmless."""
    if habits.key_lives is not None and now >= sent_at + habits.key_lives:
        return GiveUp(failed=False, why=Stuck.KEY_TOO_OLD)
    match ability:
        case Never(why):
            return GiveUp(failed=False, why=why)
        case NotBefore(at) if now < at:
            return WaitUntil(at)
        case _:
            return Send(sending.number, sending.key)


def _after_failure(sending: Sending, answer: ProviderAnswer, ability: Ability, now: datetime) -> Next:
    """Confirmed by the provider: nothing went under this key, and nothing will."""
    if answer.way_gone:
        return GiveUp(failed=True, why=Shut.WAY_GONE)
    if not answer.again or sending.number >= MOST_TRIES:
        return GiveUp(failed=True, why=f"{Stuck.REFUSED}:{answer.code}" if answer.code else Stuck.REFUSED)
    at = (sending.last_at or now) + (answer.wait or _AFTER_FAILURE)
    match ability:
        case Never(why):
            return GiveUp(failed=True, why=why)
        case NotBefore(opens):
            at = max(at, opens)
    return WaitUntil(at) if now < at else Send(sending.number + 1, key_of(sending.part, sending.number + 1))


def _look_at(sending: Sending, habits: Habits) -> datetime | None:
    """When to look after money that went; None: never again. A look without an answer is made up for."""
    if not habits.takes_back or sending.went_at is None:
        return None
    seen = sending.looked_at or sending.went_at
    due = next((at for at in (sending.went_at + after for after in _LOOKS) if at > seen), None)
    if due is None or sending.last_at is None or sending.last_at < due:
        return due
    return sending.last_at + _wait_after(sending.silences)


def _again_at(sending: Sending, habits: Habits) -> datetime | None:
    """When the provider is called next about what was sent; None: at once."""
    answer, last = sending.answer, sending.last_at
    if last is None:
        return None
    if answer is not None and answer.wait is not None:
        return last + answer.wait
    if answer is not None and answer.became is Became.UNKNOWN and not sending.open:
        return None
    if habits.tells_failure and answer is not None and answer.became is Became.PENDING:
        return last + _LOOK_AFTER
    return last + _wait_after(sending.silences)


def _wait_after(silences: int) -> timedelta:
    return min(_FIRST_WAIT * (1 << min(silences, 12)), _LONGEST_WAIT)
