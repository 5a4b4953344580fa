"""What people would have said who were never asked: an estimate with its interval, from what became of requests like
theirs (policies/learned.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

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


def answered(past: PastCase, heard: Heard, learning: Learning, within: float, after: float = 0.0) -> Likely:
    """The chance that the seller answers within so many seconds, not having done so `after` so many; where nothing was
    learned by the table of usual times, as a guess without bounds."""
    month = month_of(past.asked_at)
    cell = _basis(past, heard)
    known = sum(sum(each.answered.values()) + sum(each.cut_off.values()) for each in cell.values())
    if known < ENOUGH:
        share = _over(_guessed(past, within), _guessed(past, after))
        return Likely(mean=share, low=0.0, high=1.0)
    curve = answered_upto([cell], month, learning)
    share = _over(_at(curve, within), _at(curve, after))
    # Those who had not answered by then are fewer to learn from.
    weight = max(1.0, known * (1 - _at(curve, after)))
    off = NINE_OF_TEN * sqrt(share * (1 - share) / (weight + 1))
    return Likely(mean=share, low=max(0.0, share - off), high=min(1.0, share + off))


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


def _guessed(past: PastCase, seconds: float) -> float:
    """By the table: half by its first time, nine of ten by its second, straight in between."""
    usual = usual_time(past.order.standing, instant=False, returning=past.kind is Kind.RETURN)
    half, most = usual.p50_seconds or BOUNDS[-2], usual.p90_seconds or BOUNDS[-1]
    if seconds <= half:
        return 0.5 * seconds / half
    return min(0.9, 0.5 + 0.4 * (seconds - half) / max(1, most - half))


# In so many parts answers that are awaited are told, each at the moment of its middle.
_PARTS = 4


def answer_times(
    past: PastCase, heard: Heard, learning: Learning, within: float, after: float = 0.0
) -> tuple[float, ...]:
    """When answers come that come within so many seconds and after so many: some moments, each as likely as the
    others."""
    cell, month = _basis(past, heard), month_of(past.asked_at)
    known = sum(sum(each.answered.values()) for each in cell.values())
    curve = answered_upto([cell], month, learning) if known >= ENOUGH else None

    def upto(seconds: float) -> float:
        return _guessed(past, seconds) if curve is None else _at(curve, seconds)

    least, most = upto(after), upto(within)
    if most <= least:
        return (within,)
    found, moment = list[float](), after
    places = [after, *(bound for bound in BOUNDS if after < bound < within), within]
    for part in range(_PARTS):
        wanted = least + (most - least) * (part + 0.5) / _PARTS
        moment = next(place for place in places if upto(place) >= wanted - 1e-9)
        found.append(moment)
    return tuple(found)
