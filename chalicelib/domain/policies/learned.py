"""Learned odds: the chance of a yes, and the wait for it, by what became of requests like this one.

A cell holds the answers to requests of one kind, by month: of a status, a group of reasons, a stage of the parcel. An
answer loses half its weight in `half_life` months, so that a shop that changed is known anew. What is little known
leans on what is known better: a seller's cell on the platform's, that on the business's own table (policies/odds.py),
each as if it were so many answers more as its `strength` says. Sums of whole numbers are all that is kept, so a closed
case costs the same however many there were, and counting anew comes to the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from math import sqrt

from chalicelib.domain.policies.odds import Level
from chalicelib.domain.waits import BOUNDS, bucket_of

# From so many answers on a percentage is told; before that the level in words.
ENOUGH = 30
# Older months say nothing any more.
MONTHS_KEPT = 24
# How likely the true chance lies in the interval: nine times of ten.
_NINE_OF_TEN = 1.6449


class Scope(StrEnum):
    """What a chance rests on."""

    SELLER = "seller"
    PLATFORM = "platform"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How learning goes, as policy says: as how many answers the business's table counts for a platform, and a platform
    for a seller; in how many months an answer loses half its weight."""

    table_strength: float = 8.0
    platform_strength: float = 8.0
    half_life: float = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Answers of one month: how many were a yes, how many were not; waits by bucket (domain/waits.py), of those that
    ended with an answer and of those that were still open, or ended otherwise, when last heard of."""

    yes: int = 0
    no: int = 0
    answered: Mapping[int, int] = field(default_factory=dict)
    cut_off: Mapping[int, int] = field(default_factory=dict)

    @property
    def answers(self) -> int:
        """How many there were."""
        return self.yes + self.no


# Answers by month; months are counted from the year 0.
Cell = Mapping[int, Month]
NOTHING: Cell = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The chance of a yes (0 to 1) and the interval in which it lies nine times of ten, with `yes` of `cases` answers
    that it rests on, in `scope`."""

    probability: float
    low: float
    high: float
    yes: int
    cases: int
    scope: Scope

    @property
    def told(self) -> bool:
        """Whether a percentage may be said."""
        return self.scope is not Scope.DEFAULT and self.cases >= ENOUGH

    @property
    def level(self) -> Level:
        """The chance in words."""
        return next(level for least, level in _LEVELS if self.probability >= least)


_LEVELS = ((0.85, Level.VERY_HIGH), (0.65, Level.HIGH), (0.4, Level.MEDIUM), (0.0, Level.LOW))
# What the words of the business's table stand for, where they are the beginning of what is learned.
MEANT: Mapping[Level, float] = {
    Level.VERY_HIGH: 0.93,
    Level.HIGH: 0.75,
    Level.MEDIUM: 0.5,
    Level.LOW: 0.25,
    Level.NONE: 0.02,
}


def noted(cell: Cell, month: int, *, yes: bool | None, seconds: int) -> Cell:
    """The cell with one more request of a month: answered yes or no, or (None) not answered, after so many seconds."""
    known, bucket = cell.get(month, Month()), bucket_of(seconds)
    waits = known.cut_off if yes is None else known.answered
    more = {**waits, bucket: waits.get(bucket, 0) + 1}
    told = Month(
        yes=known.yes + (yes is True),
        no=known.no + (yes is False),
        answered=known.answered if yes is None else more,
        cut_off=more if yes is None else known.cut_off,
    )
    return {each: of for each, of in {**cell, month: told}.items() if each > max(cell, default=month) - MONTHS_KEPT}


def chance(table: Level, platform: Cell, seller: Cell, month: int, learning: Learning) -> Chance:
    """The chance in a month, of a request to this seller on this platform, for which the table says this level."""
    level = MEANT[table]
    prior = _leaning(level, learning.table_strength, platform, month, learning)
    mean, weight = _leaning(prior[0], learning.platform_strength, seller, month, learning)
    basis, scope = seller, Scope.SELLER
    if _answers(seller) < ENOUGH and _answers(platform) >= ENOUGH:
        basis, scope = platform, Scope.PLATFORM
    elif not _answers(seller):
        basis, scope = platform, Scope.PLATFORM if _answers(platform) else Scope.DEFAULT
    off = _NINE_OF_TEN * sqrt(mean * (1 - mean) / (weight + 1))
    return Chance(
        probability=mean,
        low=max(0.0, mean - off),
        high=min(1.0, mean + off),
        yes=sum(each.yes for each in basis.values()),
        cases=_answers(basis),
        scope=scope,
    )


def waits(cells: Iterable[Cell], month: int, learning: Learning) -> tuple[int | None, int | None]:
    """Seconds within which half, and nine of ten, of such requests are answered; None where so many never were. Those
    that were not answered count for as long as they waited (Kaplan and Meier's estimate, bucket by bucket)."""
    answered, left = [0.0] * len(BOUNDS), [0.0] * len(BOUNDS)
    for cell in cells:
        for each, told in cell.items():
            weight = _weight(month - each, learning)
            for bucket, count in told.answered.items():
                answered[bucket] += weight * count
            for bucket, count in told.cut_off.items():
                left[bucket] += weight * count
    # At risk in a bucket is whoever came as far as it.
    gone = [0.0, *accumulate(one + other for one, other in zip(answered, left, strict=True))]
    waiting, found = 1.0, list[float]()
    for bucket, heard in enumerate(answered):
        at_risk = gone[-1] - gone[bucket]
        waiting *= 1 - heard / at_risk if at_risk > 0 else 1
        found.append(1 - waiting)
    return _within(found, 0.5), _within(found, 0.9)


def _within(answered: Sequence[float], share: float) -> int | None:
    bucket = next((each for each, upto in enumerate(answered) if upto >= share - 1e-9), None)
    return None if bucket is None else BOUNDS[min(bucket + 1, len(BOUNDS) - 1)]


def _leaning(prior: float, strength: float, cell: Cell, month: int, learning: Learning) -> tuple[float, float]:
    """The mean of the Beta distribution once these answers are added to a prior of this mean and strength, and its
    weight: as many answers as it stands for."""
    told = [(_weight(month - each, learning), of) for each, of in cell.items()]
    yes = sum(weight * of.yes for weight, of in told)
    weight = strength + sum(weight * of.answers for weight, of in told)
    return (prior * strength + yes) / weight, weight


def _weight(months: int, learning: Learning) -> float:
    return float(0.5 ** (max(months, 0) / learning.half_life))


def _answers(cell: Cell) -> int:
    return sum(each.answers for each in cell.values())
