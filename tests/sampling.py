"""What `make test` takes of tests that are whole only where all is proved (`make proofs-ci`, `make proofs`).

Of a test marked `sampled` it takes so many cases as bring up each value of each parameter once, or with `every=5` each
fifth; of one marked `whole` none. Which cases those are depends on their order alone, never on chance.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import groupby
from typing import TypeVar

import pytest

T = TypeVar("T")


def left_out(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """What the quick form leaves out of what was collected."""
    gone = [item for item in items if item.get_closest_marker("whole")]
    rest = [item for item in items if item.get_closest_marker("sampled") and not item.get_closest_marker("whole")]
    for _, group in groupby(rest, _test_of):
        cases = list(group)
        every = cases[0].get_closest_marker("sampled").kwargs.get("every")  # type: ignore[union-attr]
        kept = cases[::every] if every else covering(cases, _values_of)
        gone += [case for case in cases if case not in kept]
    return gone


def covering(cases: Iterable[T], values_of: Callable[[T], Collection[Hashable]]) -> list[T]:
    """The cases that bring up what none before them did."""
    seen: set[Hashable] = set()
    kept = []
    for case in cases:
        new = set(values_of(case)) - seen
        if new or not seen:
            kept.append(case)
        seen |= new
    return kept


def _test_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _values_of(item: pytest.Item) -> Collection[Hashable]:
    """The values of its parameters, by name."""
    case = getattr(item, "callspec", None)
    return [(name, repr(value)) for name, value in case.params.items()] if case else ()
