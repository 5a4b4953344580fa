"""Judging a group: the lines of a file and the expected movements that name each other, all refunds or all payments.

A line aims at those expected movements that carry the first of its references which any of them carries: a refund's own
key decides before the order that it shares with another. Then, in this order, each line counting once:

1. a line that takes another back goes with it;
2. one line is the whole of one movement;
3. several lines together are, as where a refund is sent in two;
4. one line is the whole of several, as where orders were paid together;
5. what is left of a movement's own lines is a wrong amount, in another currency a wrong currency;
6. lines that are left came again, or speak of what Batal holds for failed; movements that are left are missing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeVar

from chalicelib.domain.reconciliation.expected import Expected
from chalicelib.domain.reconciliation.findings import Aside, Finding, FindingKind, Period, of_line, of_unread
from chalicelib.domain.reconciliation.settled import AmountUnread, SettledLine

# Of so many every subset is tried, which is a few thousand sums; of more only all together.
_TRIED = 12

Some = TypeVar("Some")


@dataclass(slots=True)
class _Group:
    """What is not judged yet. Expected movements go by their place, lines by their number."""

    expected: Sequence[Expected]
    aims: Mapping[int, tuple[int, ...]]  # the places that a line aims at
    lines: dict[int, SettledLine]
    waiting: dict[int, Expected]
    pairs: list[list[SettledLine]] = field(default_factory=list)  # a line, and what takes it back
    whole: dict[int, list[SettledLine]] = field(default_factory=dict)
    shared: dict[int, SettledLine] = field(default_factory=dict)  # one line for several
    told: set[int] = field(default_factory=set)  # by what was taken back

    def aimed_at(self, place: int) -> list[SettledLine]:
        """The lines that are left and aim here, oldest first."""
        return _oldest_first(line for line in self.lines.values() if place in self.aims[line.number])

    def take(self, lines: Iterable[SettledLine]) -> None:
        """These lines are judged."""
        for line in lines:
            del self.lines[line.number]


def judge(
    lines: Sequence[SettledLine | AmountUnread], expected: Sequence[Expected], period: Period
) -> Iterator[Finding]:
    """The findings of a group. Every line and every expected movement is in exactly one. What would have no line is
    found with one that names it and whose amount nobody can read: it may well have moved."""
    readable = [line for line in lines if isinstance(line, SettledLine)]
    if len(readable) == len(lines):
        yield from _judged(readable, expected, period)
        return
    unread = {line.number: line for line in lines if isinstance(line, AmountUnread)}
    aims = _aims(list(unread.values()), expected)
    for finding in _judged(readable, expected, period):
        each = finding.expected
        about = (n for n in unread if not finding.numbers and any(expected[place] is each for place in aims[n]))
        number = next(about, None)
        yield finding if number is None else of_unread(unread.pop(number), each)
    yield from map(of_unread, unread.values())


def _judged(lines: Sequence[SettledLine], expected: Sequence[Expected], period: Period) -> Iterator[Finding]:
    if len(expected) == 1 and (plain := _plainly(lines, expected[0], period)):
        yield plain
        return
    ordered = sorted(expected, key=lambda each: (each.due_by is None, each.due_by or period.until, each.number))
    aims = _aims(lines, ordered)
    yield from (of_line(line, FindingKind.UNKNOWN) for line in lines if not aims[line.number])
    # Who names one movement alone chooses before who could mean several.
    chosen = sorted(lines, key=lambda line: (len(aims[line.number]), line.at, line.number))
    group = _Group(
        expected=ordered,
        aims=aims,
        lines={line.number: line for line in chosen if aims[line.number]},
        waiting={place: each for place, each in enumerate(ordered) if each.moves},
    )
    _pair_what_was_taken_back(group)
    _one_for_one(group)
    _several_for_one(group)
    _one_for_several(group)
    yield from _wrong_ones(group)
    yield from _taken_back(group)
    yield from (_matched(ordered[place], group.whole[place]) for place in sorted(group.whole))
    for place in sorted(group.shared):
        yield replace(_matched(ordered[place], [group.shared[place]]), settled=ordered[place].moves)
    yield from _lines_left(group)
    yield from (_without_a_line(each, period) for each in group.waiting.values())


def _plainly(lines: Sequence[SettledLine], each: Expected, period: Period) -> Finding | None:
    """What nearly every group is, found sooner: one line that is the whole of one movement, or none at all."""
    if not each.moves or len(lines) > 1:
        return None
    if not lines:
        return _without_a_line(each, period)
    whole = (lines[0].currency, lines[0].amount) == (each.currency, each.moves)
    return _matched(each, lines) if whole and not set(each.names).isdisjoint(lines[0].references) else None


def _oldest_first(lines: Iterable[SettledLine]) -> list[SettledLine]:
    return sorted(lines, key=lambda line: (line.at, line.number))


def _aims(lines: Sequence[SettledLine | AmountUnread], expected: Sequence[Expected]) -> dict[int, tuple[int, ...]]:
    by_name = defaultdict[str, list[int]](list)
    for place, each in enumerate(expected):
        for name in dict.fromkeys(each.names):
            by_name[name].append(place)
    named = {name: tuple(places) for name, places in by_name.items()}
    return {line.number: next((named[name] for name in line.references if name in named), ()) for line in lines}


def _pair_what_was_taken_back(group: _Group) -> None:
    gone = defaultdict[tuple[str, int], list[SettledLine]](list)
    for line in group.lines.values():
        if not line.takes_back:
            gone[line.currency, -line.amount].append(line)
    for back in [line for line in group.lines.values() if line.takes_back]:
        there, places = gone[back.currency, back.amount], set(group.aims[back.number])
        if match := next((line for line in there if not places.isdisjoint(group.aims[line.number])), None):
            there.remove(match)
            group.pairs.append([match, back])
            group.take((match, back))


def _one_for_one(group: _Group) -> None:
    for line in list(group.lines.values()):
        for place in group.aims[line.number]:
            each = group.waiting.get(place)
            if each and (each.currency, each.moves) == (line.currency, line.amount):
                group.whole[place] = [line]
                group.take((line,))
                del group.waiting[place]
                break


def _several_for_one(group: _Group) -> None:
    for place, each in list(group.waiting.items()):
        lines = [line for line in group.aimed_at(place) if line.currency == each.currency]
        if some := _adding_up(lines, [line.amount for line in lines], each.moves):
            group.whole[place] = some
            group.take(some)
            del group.waiting[place]


def _one_for_several(group: _Group) -> None:
    for line in list(group.lines.values()):
        waiting = [place for place in group.aims[line.number] if place in group.waiting]
        places = [place for place in waiting if group.waiting[place].currency == line.currency]
        if some := _adding_up(places, [group.waiting[place].moves for place in places], line.amount):
            group.shared.update(dict.fromkeys(some, line))
            group.take((line,))
            for place in some:
                del group.waiting[place]


def _adding_up(things: list[Some], amounts: Sequence[int], wanted: int) -> list[Some]:
    """The fewest of these whose amounts together are what is wanted, at least two, the first such; none is empty."""
    if len(things) > _TRIED:
        return things if sum(amounts) == wanted else []
    for size in range(2, len(things) + 1):
        for some in combinations(range(len(things)), size):
            if sum(amounts[place] for place in some) == wanted:
                return [things[place] for place in some]
    return []


def _wrong_ones(group: _Group) -> Iterator[Finding]:
    for place, each in list(group.waiting.items()):
        lines = group.aimed_at(place)
        kind, of_currency = FindingKind.WRONG_AMOUNT, [line for line in lines if line.currency == each.currency]
        if not of_currency:
            kind, of_currency = FindingKind.WRONG_CURRENCY, lines[:1]
        if of_currency:
            some, together = of_currency[:1], of_currency[0].amount
            for line in of_currency[1:]:
                # More lines belong to it as long as they fill it up; what goes beyond came again.
                if abs(together + line.amount) <= each.amount:
                    some.append(line)
                    together += line.amount
            group.take(some)
            del group.waiting[place]
            yield _together(kind, some, each)


def _taken_back(group: _Group) -> Iterator[Finding]:
    """Pairs belong to a movement that still waits, or failed, or was sent again and is whole by now."""
    lines_of = defaultdict[int, list[SettledLine]](list)
    for pair in group.pairs:
        currency, amount = pair[0].currency, abs(pair[0].amount)
        aims = group.aims[pair[0].number]
        places = [place for place in aims if group.expected[place].currency == currency]
        if not places:
            # Money of two currencies is never one sum, even one that comes to nothing.
            yield _together(FindingKind.DOUBLED, pair, group.expected[aims[0]])
            continue
        waits = (place for place in places if place in group.waiting and group.waiting[place].amount == amount)
        nothing_moves = (place for place in places if place in lines_of or not group.expected[place].moves)
        place = next(waits, next(nothing_moves, places[0]))
        if place in group.whole:
            group.whole[place].extend(pair)
        elif place in lines_of or place in group.waiting or not group.expected[place].moves:
            lines_of[place].extend(pair)
            group.waiting.pop(place, None)
        else:
            yield _together(FindingKind.DOUBLED, pair, group.expected[place])
    for place, lines in lines_of.items():
        each = group.expected[place]
        # Of what Batal holds for failed the file may show that it went again afterwards: one finding tells it all.
        again = [] if each.moves else [line for line in group.aimed_at(place) if line.currency == each.currency]
        kind = FindingKind.TAKEN_BACK if each.moves else FindingKind.CONTRADICTED if again else FindingKind.MATCHED
        group.take(again)
        group.told.add(place)
        yield _together(kind, [*lines, *again], each)


def _matched(each: Expected, lines: Sequence[SettledLine]) -> Finding:
    late = each.due_by is not None and max(line.at for line in lines) > each.due_by
    return _together(FindingKind.LATE if late else FindingKind.MATCHED, lines, each)


def _lines_left(group: _Group) -> Iterator[Finding]:
    contradicting = dict[int, list[SettledLine]]()
    for line in _oldest_first(group.lines.values()):
        places = group.aims[line.number]
        stands = [place for place in places if group.expected[place].moves or place in group.told]
        if stands:
            yield _together(FindingKind.DOUBLED, [line], group.expected[stands[0]])
        elif contradicting.setdefault(places[0], [line])[0].currency != line.currency:
            # Money of two currencies is never one sum.
            yield _together(FindingKind.DOUBLED, [line], group.expected[places[0]])
        elif line not in contradicting[places[0]]:
            contradicting[places[0]].append(line)
    for place, each in enumerate(group.expected):
        if place in contradicting:
            yield _together(FindingKind.CONTRADICTED, contradicting[place], each)
        elif not each.moves and place not in group.told:
            yield Finding(kind=FindingKind.ASIDE, why=Aside.NOTHING_MOVES, expected=each, moved=each.kind)


def _without_a_line(each: Expected, period: Period) -> Finding:
    kind, why = FindingKind.MISSING, ""
    if each.due_by is not None and each.due_by >= period.until:
        kind, why = FindingKind.ASIDE, Aside.NOT_DUE_YET
    elif each.due_by is not None and period.since is not None and each.due_by < period.since:
        kind, why = FindingKind.ASIDE, Aside.DUE_BEFORE
    return Finding(kind=kind, why=why, expected=each, moved=each.kind)


def _together(kind: FindingKind, lines: Sequence[SettledLine], each: Expected) -> Finding:
    last = _oldest_first(lines)[-1]
    return Finding(
        kind=kind,
        expected=each,
        numbers=tuple(sorted(line.number for line in lines)),
        moved=last.kind,
        reference=last.references[0],
        settled=sum(line.amount for line in lines),
        currency=last.currency,
        at=last.at,
    )
