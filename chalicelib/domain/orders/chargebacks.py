"""Chargebacks: what the buyer's bank, or whoever gave the buyer's money, disputes of one tender, word by word.

What each means for money is reckoned from this whenever somebody asks (money/chargebacks.py). Amounts in minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

# So many words about one chargeback are remembered.
_REMEMBERED = 20


class ChargebackState(StrEnum):
    """How a chargeback stands."""

    INQUIRY = "inquiry"  # the bank only asks: nothing waits for it
    OPENED = "opened"  # the bank disputes the payment: what goes back by that tender waits
    WON = "won"  # the money stays with the marketplace, or came back to it
    LOST = "lost"  # the bank gave the money to the buyer
    WITHDRAWN = "withdrawn"  # the bank, or the buyer, does not pursue it any more


# What each may become by a later word. Nobody says in which order words were meant: one that leads back may be late, so
# it is kept and changes nothing. That money went is believed of whatever had ended otherwise: then less goes out.
MOVES: Mapping[ChargebackState, frozenset[ChargebackState]] = {
    ChargebackState.INQUIRY: frozenset(ChargebackState) - {ChargebackState.INQUIRY},
    ChargebackState.OPENED: frozenset({ChargebackState.WON, ChargebackState.LOST, ChargebackState.WITHDRAWN}),
    ChargebackState.WITHDRAWN: frozenset({ChargebackState.LOST}),
    ChargebackState.WON: frozenset({ChargebackState.LOST}),
    ChargebackState.LOST: frozenset(),
}

# Somebody has to answer these, by a day that the bank sets.
UNDECIDED = frozenset({ChargebackState.INQUIRY, ChargebackState.OPENED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackWord:
    """What was told of a chargeback under an id of the teller's own; `due_by` (UTC) is when the bank wants its answer,
    `at` when we heard it; not `taken`: it changed nothing, and is kept as a fact."""

    event_id: str
    state: ChargebackState
    amount: int
    due_by: datetime | None = None
    at: datetime | None = None
    taken: bool = True

    def says_the_same(self, other: "ChargebackWord") -> bool:
        """Whether it is that word once more."""
        return (self.state, self.amount, self.due_by) == (other.state, other.amount, other.due_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargeback:
    """A chargeback about one tender. `chargeback_id` is what the bank or provider calls it, where a tender has several;
    `words` are the latest that were told of it, oldest first."""

    tender_id: str
    chargeback_id: str | None = None
    state: ChargebackState
    amount: int
    due_by: datetime | None = None
    words: tuple[ChargebackWord, ...] = ()

    @property
    def is_undecided(self) -> bool:
        """Whether the bank has not decided yet."""
        return self.state in UNDECIDED


def after_word(known: Chargeback | None, tender_id: str, chargeback_id: str | None, word: ChargebackWord) -> Chargeback:
    """The chargeback after that word, which is kept whether or not it changed anything. What is still open takes a new
    amount or day along; of what was lost the largest amount told stays."""
    if known is None:
        return Chargeback(
            tender_id=tender_id,
            chargeback_id=chargeback_id,
            state=word.state,
            amount=word.amount,
            due_by=word.due_by,
            words=(word,),
        )
    again = word.state is known.state
    taken = word.state in MOVES[known.state] or (again and _is_more(known, word))
    words = (*known.words, replace(word, taken=taken))[-_REMEMBERED:]
    if not taken:
        return replace(known, words=words)
    ends = word.state not in UNDECIDED
    due_by = known.due_by if ends else word.due_by or known.due_by
    # What ended without money going has the amount that was disputed.
    amount = word.amount if not ends or word.state is ChargebackState.LOST else known.amount
    return replace(known, state=word.state, amount=amount, due_by=due_by, words=words)


def _is_more(known: Chargeback, word: ChargebackWord) -> bool:
    """Whether a word of the same state says something new."""
    if known.state is ChargebackState.LOST:
        return word.amount > known.amount
    new_day = word.due_by is not None and word.due_by != known.due_by
    return known.is_undecided and (word.amount != known.amount or new_day)
