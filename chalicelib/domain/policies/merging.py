"""What somebody changed of a policy, carried over to a version that came meanwhile."""

from collections.abc import Mapping
from typing import Any


def carried_over(
    base: Mapping[str, Any], draft: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """`now` with all that differs between `base` and `draft`, plain values all three; and the places at which `now`
    says something else again, where the draft's word counts. Lists are taken as one."""
    merged, clashes = dict(now), list[str]()
    for name in [*draft, *(name for name in base if name not in draft)]:
        old, new, there = base.get(name), draft.get(name), now.get(name)
        if old == new:
            continue
        if isinstance(new, Mapping) and isinstance(old, Mapping) and isinstance(there, Mapping):
            merged[name], below = carried_over(old, new, there)
            clashes += [f"{name}.{place}" for place in below]
            continue
        if there not in (old, new):
            clashes.append(name)
        if name in draft:
            merged[name] = new
        else:
            merged.pop(name, None)
    return merged, clashes
