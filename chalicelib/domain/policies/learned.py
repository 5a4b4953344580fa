"""Learned odds: the chance of a yes, and the wait for it, by what became of requests like this one.

A cell holds the answers to requests of one kind, by month: of a status, a group of reasons, a stage of the parcel. An
answer loses half its weight in `half_life` months, so that a shop that changed is known anew. What is little known
leans on what is known better: a seller's cell on the platform's, that on the business's own table (policies/odds.py),
each as if it were so many answers more as its `strength` says. Sums of whole numbers are all that is kept, so a closed
case costs the same however many there were, and counting anew comes to the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate
from math import sqrt

from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learning import Learning
from chalicelib.domain.policies.odds import Level, Odds, OddsScope, UsualTime
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.waits import BOUNDS, bucket_of, summed

# From so many answers on a percentage is told; before that the level in words.
ENOUGH = 30
# Older months say nothing any more.
MONTHS_KEPT = 24
# How likely the true chance lies in the interval: nine times of ten.
NINE_OF_TEN = 1.6449


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Answers of one month: how many were a yes, how many were not; waits by bucket (domain/waits.py), of those that
    ended with an answer and of those that ended otherwise; of those that still wait for one, the hour (since 1970)
    in which they were made."""

    yes: int = 0
    no: int = 0
    answered: Mapping[int, int] = field(default_factory=dict)
    cut_off: Mapping[int, int] = field(default_factory=dict)
    waiting: Mapping[int, int] = field(default_factory=dict)

    @property
    def answers(self) -> int:
        """How many there were."""
        return self.yes + self.no

    def __add__(self, other: "Month") -> "Month":
        return Month(
            yes=self.yes + other.yes,
            no=self.no + other.no,
            answered=summed(self.answered, other.answered),
            cut_off=summed(self.cut_off, other.cut_off),
            waiting=summed(self.waiting, other.waiting),
        )

    def times(self, factor: int) -> "Month":
        """So often the same; -1 takes it away."""
        return Month(
            yes=factor * self.yes,
            no=factor * self.no,
            answered={bucket: factor * count for bucket, count in self.answered.items()},
            cut_off={bucket: factor * count for bucket, count in self.cut_off.items()},
            waiting={hour: factor * count for hour, count in self.waiting.items()},
        )


# Answers by month; months are counted from the year 0.
Cell = Mapping[int, Month]
NOTHING: Cell = {}
# Cells by the group of reasons.
Cells = Mapping[Fault, Cell]
UNHEARD: Cells = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What requests have in common that are like each other, but for their reason: what is asked for, and where the
    order stood, which says how far the shipment is."""

    kind: Kind
    status: OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is known of requests in a situation: to one seller, and on their platform."""

    seller: Cells = field(default_factory=dict)
    platform: Cells = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The chance of a yes (0 to 1) and the interval in which it lies nine times of ten, with `yes` of `cases` answers
    that it rests on, in `scope`."""

    probability: float
    low: float
    high: float
    yes: int
    cases: int
    scope: OddsScope

    @property
    def told(self) -> bool:
        """Whether a percentage may be said."""
        return self.scope is not OddsScope.DEFAULT and self.cases >= ENOUGH

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


NOTHING_HEARD = Heard()


def month_of(at: datetime) -> int:
    """The month (UTC) of a moment, counted from the year 0."""
    return at.year * 12 + at.month - 1


def hour_of(at: datetime) -> int:
    """The hour of a moment, counted from 1970."""
    return int(at.timestamp()) // 3600


def joined_cells(cells: Iterable[Cell], since: int = 0) -> Cell:
    """The sums of cells, as far as their months still say something: those from `since` on."""
    found = dict[int, Month]()
    for cell in cells:
        for month, told in cell.items():
            if month >= since:
                found[month] = found.get(month, Month()) + told
    return {month: told for month, told in sorted(found.items()) if told != Month()}


def noted(cell: Cell, month: int, *, yes: bool | None, seconds: int) -> Cell:
    """The cell with one more request of a month: answered yes or no, or (None) not answered, after so many seconds."""
    wait = {bucket_of(seconds): 1}
    told = Month(
        yes=int(yes is True),
        no=int(yes is False),
        answered={} if yes is None else wait,
        cut_off=wait if yes is None else {},
    )
    return joined_cells([cell, {month: told}], since=max(cell, default=month) - MONTHS_KEPT + 1)


def learned(
    table: Odds, usual: UsualTime, heard: Heard, fault: Fault | None, at: datetime, learning: Learning
) -> tuple[Odds, UsualTime]:
    """The odds and the wait at a moment, for a reason of this group or before one is chosen, where the table says
    these, learned as the policy says: in words as long as little is known, and the table's own where nothing is."""
    month = month_of(at)
    seller, platform = (cell_for(cells, fault) for cells in (heard.seller, heard.platform))
    found = chance(table.level, platform, seller, month, learning)
    if found.scope is OddsScope.DEFAULT:
        return table, usual
    odds = Odds(level=found.level, yes=found.yes, cases=found.cases, scope=found.scope)
    if not found.told:
        return odds, usual
    odds = replace(odds, probability=found.probability, low=found.low, high=found.high)
    basis = seller if found.scope is OddsScope.SELLER else platform
    half, most = waits([basis], month, learning, hour=hour_of(at))
    if half is None or sum(sum(each.answered.values()) for each in basis.values()) < ENOUGH:
        return odds, usual
    text = "usual_time.learned" if most is not None else "usual_time.learned.half"
    return odds, UsualTime(text=text, p50_seconds=half, p90_seconds=most)


def cell_for(cells: Cells, fault: Fault | None) -> Cell:
    """What was heard of a group of reasons; of all of them before one is chosen."""
    return joined_cells(cells.values()) if fault is None else cells.get(fault, NOTHING)


def chance(table: Level, platform: Cell, seller: Cell, month: int, learning: Learning) -> Chance:
    """The chance in a month, of a request to this seller on this platform, for which the table says this level."""
    level = MEANT[table]
    prior = _leaning(level, learning.table_strength, platform, month, learning)
    mean, weight = _leaning(prior[0], learning.platform_strength, seller, month, learning)
    basis, scope = seller, OddsScope.SELLER
    if answers_in(seller) < ENOUGH and answers_in(platform) >= ENOUGH:
        basis, scope = platform, OddsScope.PLATFORM
    elif not answers_in(seller):
        basis, scope = platform, OddsScope.PLATFORM if answers_in(platform) else OddsScope.DEFAULT
    off = NINE_OF_TEN * sqrt(mean * (1 - mean) / (weight + 1))
    return Chance(
        probability=mean,
        low=max(0.0, mean - off),
        high=min(1.0, mean + off),
        yes=sum(each.yes for each in basis.values()),
        cases=answers_in(basis),
        scope=scope,
    )


def waits(cells: Iterable[Cell], month: int, learning: Learning, hour: int = 0) -> tuple[int | None, int | None]:
    """Seconds within which half, and nine of ten, of such requests are answered; None where so many never were."""
    found = answered_upto(cells, month, learning, hour)
    return _within(found, 0.5), _within(found, 0.9)


def answered_upto(cells: Iterable[Cell], month: int, learning: Learning, hour: int = 0) -> Sequence[float]:
    """Which share (0 to 1) of such requests is answered by the end of each bucket of waits. Those that were not
    answered count for as long as they waited, those that still wait up to this hour (Kaplan and Meier's estimate,
    bucket by bucket)."""
    answered, left = [0.0] * len(BOUNDS), [0.0] * len(BOUNDS)
    for cell in cells:
        for each, told in cell.items():
            weight = _weight(month - each, learning)
            for bucket, count in told.answered.items():
                answered[bucket] += weight * count
            for bucket, count in told.cut_off.items():
                left[bucket] += weight * count
            for asked, count in told.waiting.items():
                left[bucket_of(3600 * (hour - asked))] += weight * count
    # At risk in a bucket is whoever came as far as it.
    gone = [0.0, *accumulate(one + other for one, other in zip(answered, left, strict=True))]
    waiting, found = 1.0, list[float]()
    for bucket, heard in enumerate(answered):
        at_risk = gone[-1] - gone[bucket]
        waiting *= 1 - heard / at_risk if at_risk > 0 else 1
        found.append(1 - waiting)
    return found


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


def answers_in(cell: Cell) -> int:
    """How many answers a cell holds, of whatever age."""
    return sum(each.answers for each in cell.values())
