"""Figures follow what is decided: whoever comes by on schedule reads the log on, and counts the cases it names anew.

What a case adds is kept beside it and changes with the counters in one transaction (domain/figures/counting.py), so
that it does not matter who counts, how often, or where they die. Cases from before there were counters, and those that
the log does not name since they moved in, are met by a walk through all orders; until the first is over, figures are
taken from lists as before.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

import msgspec

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.log import Position
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.figures.counting import Added, Counters, Counting, Share, added, share_of, wants_counting
from chalicelib.domain.policies.learned import MONTHS_KEPT, month_of
from chalicelib.domain.ports import LONGEST_PAGE, Ports

# The setting that says how far counting is.
_PROGRESS = "figures_counted"
# Cases of one transaction: with their counters they stay below DynamoDB's hundred items.
_TOGETHER = 6
# Somebody else counts the same this often, and it is left to the next round.
_TRIES = 6
# Decisions read at once; and how many of those not counted yet a reader of figures adds by itself.
_READ, MOST_AHEAD = 200, 200
# Microseconds: a quiet log is not read from further back than this.
_NOW_AND_THEN = 3_600_000_000
# Pages of orders that one round walks through.
_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Up to where the log is counted; where the walk goes on, while there is one; whether a walk ever came to its end,
    so that what is counted is all there is."""

    after: Position | None = None
    walking: bool = True
    cursor: str | None = None
    complete: bool = False


def progress(ports: Ports) -> Progress:
    """How far counting is."""
    kept = ports.store.setting(_PROGRESS)
    return msgspec.convert(kept, Progress) if kept else Progress()


def walk_again(ports: Ports) -> None:
    """Let the next rounds look at all cases: some came that the log does not name."""
    _keep(ports, replace(progress(ports), walking=True, cursor=None))


def catch_up(ports: Ports, go_on: Callable[[], bool] = lambda: True) -> int:
    """Count what was decided since the last round, then go on with a walk; how many cases were counted anew."""
    counted = 0
    if progress(ports).after is None:
        # What lies further back the walk meets, which begins after this.
        _keep(ports, replace(progress(ports), after=Position(pos=ports.store.log_clock() - _NOW_AND_THEN)))
    while go_on():
        at = progress(ports)
        page = ports.store.log(at.after, horizon=ports.horizon, limit=_READ)
        counted += count_cases(ports, {item.case_id for item in page.items})
        if page.items or page.more or page.upto.pos - (at.after or Position(pos=0)).pos > _NOW_AND_THEN:
            _keep(ports, replace(progress(ports), after=page.upto))
        if not page.more:
            break
    return counted + _walk(ports, go_on)


def count_cases(ports: Ports, case_ids: Collection[str]) -> int:
    """Count these cases as they stand now, unless that is done; how many were counted anew. Raises Unavailable."""
    ids = iter(sorted(case_ids))
    return sum(_count(ports, some) for some in iter(lambda: list(islice(ids, _TOGETHER)), []))


def ahead(ports: Ports, wanted: Callable[[Case], bool]) -> Added:
    """What the cases of the latest decisions add that is not counted yet: what is shown is as fresh as the tables. Of
    more than MOST_AHEAD decisions the rest is counted within a minute or two."""
    page = ports.store.log(progress(ports).after, horizon=timedelta(), limit=MOST_AHEAD)
    cases = [case for case in _cases(ports, sorted({item.case_id for item in page.items})) if wanted(case)]
    known = ports.store.shares([case.case_id for case in cases])
    return added(_changes(cases, known).values())


def _walk(ports: Ports, go_on: Callable[[], bool]) -> int:
    counted = 0
    for _ in range(_PAGES):
        at = progress(ports)
        if not (at.walking and go_on()):
            break
        page = ports.store.all_orders(limit=LONGEST_PAGE, cursor=at.cursor)
        for order in page.items:
            counted += count_cases(ports, order.cases)
        ended = page.next_cursor is None
        _keep(
            ports,
            replace(progress(ports), cursor=page.next_cursor, walking=not ended, complete=at.complete or ended),
        )
    return counted


def _count(ports: Ports, case_ids: Sequence[str]) -> int:
    for _ in range(_TRIES):
        # What is kept is read first: a row that is read later is never older than what was counted of it.
        known = ports.store.shares(case_ids)
        changes = _changes(_cases(ports, case_ids), known)
        if not changes:
            return 0
        differences = added(changes.values(), since=month_of(ports.now()) - MONTHS_KEPT)
        lying = ports.store.counters(differences.places)
        if ports.store.count(
            Counting(
                shares={case_id: after for case_id, (_, after) in changes.items()},
                before={case_id: before for case_id, (before, _) in changes.items() if before},
                counters={place: differences.onto(place, lying.get(place, Counters())) for place in differences.places},
            )
        ):
            return len(changes)
    raise Unavailable("dynamodb")


def _changes(cases: Sequence[Case], known: Mapping[str, Share]) -> Mapping[str, tuple[Share | None, Share]]:
    found = {case.case_id: (known.get(case.case_id), share_of(case)) for case in cases}
    return {case_id: each for case_id, each in found.items() if wants_counting(*each)}


def _cases(ports: Ports, case_ids: Sequence[str]) -> list[Case]:
    return [case for case in map(ports.store.case, case_ids) if case]


def _keep(ports: Ports, at: Progress) -> None:
    ports.store.put_setting(_PROGRESS, msgspec.to_builtins(at))
