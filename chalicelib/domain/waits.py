"""How long things take, counted in buckets that are the same everywhere, so that counts of any times can be added.

Each bucket is a fifth longer than the one before, from a minute to some eighty days: what is read from them is off by a
fifth at the most, at any number of cases.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from itertools import accumulate
from typing import TypeVar

_K = TypeVar("_K", str, int)

# Seconds at which buckets begin: 0, a minute, and each a fifth later than the last.
BOUNDS: tuple[int, ...] = (0, *(round(60 * 1.2**step) for step in range(65)))


def summed(one: Mapping[_K, int], other: Mapping[_K, int]) -> dict[_K, int]:
    """Counts of the same things together, by their names: the same sums are the same text wherever they are kept. What
    comes to nothing is left out."""
    both = Counter(one)
    both.update(other)
    return {key: count for key, count in sorted(both.items()) if count}


def bucket_of(seconds: int) -> int:
    """The bucket of a time; what takes longer than all is in the last."""
    return bisect_right(BOUNDS, max(seconds, 0)) - 1


def quantile(buckets: Mapping[int, int], share: float) -> int | None:
    """Seconds within which this share (0 to 1) of the counted times lies; None below two of them. Within a bucket times
    are taken as spread evenly."""
    total = sum(buckets.values())
    if total < 2:
        return None
    wanted, places = share * total, sorted(buckets)
    for bucket, upto in zip(places, accumulate(buckets[place] for place in places), strict=True):
        if upto >= wanted:
            begins = BOUNDS[bucket]
            ends = BOUNDS[min(bucket + 1, len(BOUNDS) - 1)]
            within = 1 - (upto - wanted) / buckets[bucket]
            return round(begins + (ends - begins) * within)
    return BOUNDS[places[-1]]
