"""What people would have said who were never asked: an estimate with its interval, from what became of requests like
theirs (policies/learned.py)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.policies.learned import (
    ENOUGH,
    NINE_OF_TEN,
    Cell,
    Heard,
    answered_upto,
    answers_in,
    cell_for,
    chance,
    month_of,
)
from chalicelib.domain.policies.learning import Learning
from chalicelib.domain.policies.odds import odds, usual_time
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.simulation.past import PastCase
from chalicelib.domain.waits import BOUNDS, bucket_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """A share (0 to 1), and between what it lies nine times of ten."""

    mean: float
    low: float
    high: float

    @property
    def rest(self) -> "Likely":
        """The other part of the whole."""
        return Likely(mean=1 - self.mean, low=1 - self.high, high=1 - self.low)

    def of(self, other: "Likely") -> "Likely":
        """This share of that one."""
        return Likely(mean=self.mean * other.mean, low=self.low * other.low, high=self.high * other.high)


SURE = Likely(mean=1.0, low=1.0, high=1.0)


def yes(past: PastCase, heard: Heard, learning: Learning) -> Likely:
    """The chance that such a request is granted, by whomever."""
    returning = past.kind is Kind.RETURN
    level = odds(past.order.standing, instant=False, returning=returning).level
    platform, seller = cell_for(heard.platform, past.fault), cell_for(heard.seller, past.fault)
    found = chance(level, platform, seller, month_of(past.asked_at), learning)
    return Likely(mean=found.probability, low=found.low, high=found.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How long sellers take to answer such a request, as far as it is known.

    curve   the share that is answered by the end of each bucket (domain/waits.py); None where too few were heard
    heard   how many waits ended in each bucket, one way or another
    ends    until when anybody was waited for, in seconds: of later answers nothing is known
    half, most   the table's own times, for where too few were heard
    """

    curve: Sequence[float] | None
    heard: Sequence[int]
    ends: float
    half: int
    most: int

    def within(self, seconds: float, after: float = 0.0) -> Likely:
        """The chance that the seller answers within so many seconds, not having done so `after` so many. Beyond what
        anybody was waited for they are taken to go on as before, and it may be all or none."""
        share = _over(self._upto(seconds), self._upto(after))
        if self.curve is None or after >= self.ends:
            return Likely(mean=share, low=0.0, high=1.0)
        known = _over(self._upto(min(seconds, self.ends)), self._upto(after))
        # Those who had not answered by then are fewer to learn from.
        weight = sum(self.heard[bucket_of(int(after)) :])
        off = NINE_OF_TEN * math.sqrt(known * (1 - known) / (weight + 1))
        return Likely(mean=share, low=max(0.0, known - off), high=1.0 if seconds > self.ends else min(1.0, known + off))

    def moments(self, seconds: float, after: float = 0.0) -> tuple[float, ...]:
        """When answers come that come within so many seconds and after so many: some moments, each as likely as the
        others."""
        least, most = self._upto(after), self._upto(seconds)
        places = [after, *(bound for bound in BOUNDS if after < bound < seconds), seconds]
        wanted = [least + (most - least) * (part + 0.5) / _PARTS for part in range(_PARTS)]
        return tuple(next(place for place in places if self._upto(place) >= each - 1e-9) for each in wanted)

    def _upto(self, seconds: float) -> float:
        if self.curve is None:
            return self._guessed(seconds)
        if seconds <= self.ends:
            return _at(self.curve, seconds)
        # As many of those who are left as in the time before.
        return 1 - math.pow(1 - _at(self.curve, self.ends), seconds / max(self.ends, 1))

    def _guessed(self, seconds: float) -> float:
        """By the table: half by its first time, nine of ten by its second, straight in between."""
        if seconds <= self.half:
            return 0.5 * seconds / self.half
        return min(0.9, 0.5 + 0.4 * (seconds - self.half) / max(1, self.most - self.half))


# In so many parts answers that are awaited are told, each at the moment of its middle.
_PARTS = 4


def answers_to(past: PastCase, heard: Heard, learning: Learning) -> Answers:
    """How long sellers take to answer requests like this one."""
    month = month_of(past.asked_at)
    cell = _basis(past, heard)
    answered, cut_off = (
        [sum(getattr(each, name).get(bucket, 0) for each in cell.values()) for bucket in range(len(BOUNDS))]
        for name in ("answered", "cut_off")
    )
    counts = [one + other for one, other in zip(answered, cut_off, strict=True)]
    usual = usual_time(past.order.standing, instant=False, returning=past.kind is Kind.RETURN)
    last = max((bucket for bucket, count in enumerate(counts) if count), default=0)
    # Waits that a deadline ended were over somewhere within their bucket.
    ends = BOUNDS[last] if cut_off[last] else BOUNDS[min(last + 1, len(BOUNDS) - 1)]
    return Answers(
        curve=answered_upto([cell], month, learning) if sum(counts) >= ENOUGH else None,
        heard=counts,
        ends=float(ends),
        half=usual.p50_seconds or BOUNDS[-2],
        most=usual.p90_seconds or BOUNDS[-1],
    )


def _basis(past: PastCase, heard: Heard) -> Cell:
    seller = cell_for(heard.seller, past.fault)
    return seller if answers_in(seller) >= ENOUGH else cell_for(heard.platform, past.fault)


def _over(upto: float, before: float) -> float:
    """Of those who were left before, the share that is gone by then."""
    return min(1.0, max(0.0, (upto - before) / (1 - before))) if before < 1 else 0.0


def _at(curve: Sequence[float], seconds: float) -> float:
    """The share that is answered by a moment; within a bucket answers are taken as spread evenly."""
    bucket = bucket_of(int(seconds))
    begins, before = BOUNDS[bucket], curve[bucket - 1] if bucket else 0.0
    if bucket + 1 == len(BOUNDS):
        return curve[bucket]
    return before + (curve[bucket] - before) * (seconds - begins) / (BOUNDS[bucket + 1] - begins)
