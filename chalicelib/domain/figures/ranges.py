"""Ranges of whole days, each beside the one of the same length that came before it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Invalid
from chalicelib.domain.figures.comparison import Comparison
from chalicelib.domain.figures.counting import WAITS
from chalicelib.domain.figures.figures import figures
from chalicelib.domain.zones import Zone

# What is offered by one press, in days up to today; and what is shown where nobody chose.
PRESETS, USUAL = (7, 28, 90), 28
LONGEST = 366
# From more days than this on a chart has a column for a week.
_MOST_DAYS_DRAWN = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """From the first to the last of these days in a zone, both included."""

    first: date
    last: date
    zone: Zone

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        """When it begins (UTC)."""
        return self.zone.begins(self.first)

    @property
    def until(self) -> datetime:
        """When it is over (UTC): the first moment that is not of it."""
        return self.zone.begins(self.last + timedelta(days=1))

    @property
    def before(self) -> "DateRange":
        """The range of as many days that ends the day before it begins."""
        return DateRange(
            first=self.first - timedelta(days=self.days), last=self.first - timedelta(days=1), zone=self.zone
        )

    def holds(self, at: datetime) -> bool:
        """Whether a moment is of it."""
        return self.since <= at < self.until


def last_days(days: int, today: date, zone: Zone) -> DateRange:
    """So many days up to today, today among them."""
    return DateRange(first=today - timedelta(days=days - 1), last=today, zone=zone)


def range_between(first: str, last: str, today: date, zone: Zone) -> DateRange:
    """The range between two days as forms send them (`2026-11-23`).

    Raises Invalid `validation_failed` with the fields `from` and `to`, each with a word for what is wrong: `no_day`,
    `to_come`, `turned_round` or `too_long`.
    """
    days = {name: _day(text) for name, text in (("from", first), ("to", last))}
    wrong = [(name, "no_day") for name, day in days.items() if day is None]
    begins, ends = days["from"], days["to"]
    if begins is None or ends is None:
        raise _wrong(wrong)
    if begins > today:
        raise _wrong([("from", "to_come")])
    if begins > ends:
        raise _wrong([("to", "turned_round")])
    found = DateRange(first=begins, last=min(ends, today), zone=zone)
    if found.days > LONGEST:
        raise _wrong([("from", "too_long")])
    return found


def compared_in(dates: DateRange, cases: Sequence[Case], now: datetime, *, before_known: bool) -> Comparison:
    """The requests made in a range beside those made in the one before; `before_known` says whether all of those are
    among the cases. Where there were none, there is nothing to compare with."""
    earlier = dates.before
    past = made_in(earlier, cases)
    return Comparison(
        earlier=earlier.since,
        since=dates.since,
        end=min(dates.until, now),
        figures=figures(made_in(dates, cases), now, dates.zone),
        before=figures(past, now, dates.zone) if before_known and past else None,
    )


def made_in(dates: DateRange, cases: Sequence[Case]) -> list[Case]:
    """The cases that were begun in a range of dates."""
    return [case for case in cases if dates.holds(case.created_at)]


def outcome_of(case: Case) -> str:
    """How a case ended, as columns count it, or WAITS."""
    return str(case.outcome or WAITS)


def columns(dates: DateRange, cases: Sequence[Case]) -> Sequence[tuple[date, Mapping[str, int]]]:
    """How the requests of each day ended, or that they wait (WAITS), by the day on which they were made, oldest first;
    of a long range of dates by week, named by its first day."""
    made = Counter((case.created_at.astimezone(dates.zone.clock).date(), outcome_of(case)) for case in cases)
    return drawn_of(dates, [(day, {outcome: count}) for (day, outcome), count in made.items()])


def asked_by_day(dates: DateRange, cases: Sequence[Case]) -> Sequence[tuple[date, Mapping[str, int]]]:
    """How the requests of each day of a range ended, or that they wait, by the day on which they were made, oldest
    first; days without any are left out."""
    found = dict[date, Counter[str]]()
    for case in made_in(dates, cases):
        found.setdefault(case.created_at.astimezone(dates.zone.clock).date(), Counter())[outcome_of(case)] += 1
    return sorted(found.items())


def drawn_of(
    dates: DateRange, by_day: Iterable[tuple[date, Mapping[str, int]]]
) -> Sequence[tuple[date, Mapping[str, int]]]:
    """The same, of what was counted by day (of the range's zone); days outside the range are left out."""
    step = 1 if dates.days <= _MOST_DAYS_DRAWN else 7
    found: dict[date, Counter[str]] = {
        dates.first + timedelta(days=number): Counter() for number in range(0, dates.days, step)
    }
    for day, outcomes in by_day:
        if dates.first <= day <= dates.last:
            after = (day - dates.first).days
            found[dates.first + timedelta(days=after - after % step)].update(outcomes)
    return list(found.items())


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # What comes before has no meaning here, and no room for a range of dates before it.
    return day if 2000 <= day.year < 2100 else None


def _wrong(found: Sequence[tuple[str, str]]) -> Invalid:
    return Invalid("validation_failed", errors=[{"field": name, "message": why} for name, why in found])
