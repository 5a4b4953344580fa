"""Figures that were counted, read: those of a subject, all days and some days, as fresh as the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.cases.case import Case
from chalicelib.domain.figures.comparison import Comparison
from chalicelib.domain.figures.counting import (
    About,
    Counters,
    Place,
    Subject,
    Tally,
    between,
    by_day,
    figures_of,
)
from chalicelib.domain.figures.ranges import DateRange, drawn_of
from chalicelib.domain.ports import Ports
from chalicelib.domain.zones import Zone
from chalicelib.workflow import counting


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The cases of all days together, and those of some days (UTC), by the hour."""

    total: Tally
    days: Mapping[date, Counters]

    def ended_by_day(self, now: datetime, days: int, zone: Zone) -> Sequence[tuple[date, Tally]]:
        """How the cases of the last days ended, by the day of their end, oldest first."""
        found, today = by_day(self.days, zone, ended=True), now.astimezone(zone.clock).date()
        each = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
        return [(day, found.get(day, Tally())) for day in each]

    def compared(self, now: datetime, days: int) -> Comparison:
        """The requests made in the last days, beside those made in as many days before, by whole hours."""
        since, earlier = now - timedelta(days=days), now - timedelta(days=2 * days)
        return Comparison(
            earlier=earlier,
            since=since,
            end=now,
            figures=figures_of(between(self.days, since, now + timedelta(hours=1))),
            before=figures_of(between(self.days, earlier, since)),
        )

    def compared_in(self, dates: DateRange, now: datetime) -> Comparison:
        """The requests made in a range beside those made in the one before; where there were none, with nothing."""
        past = between(self.days, dates.before.since, dates.since)
        return Comparison(
            earlier=dates.before.since,
            since=dates.since,
            end=min(dates.until, now),
            figures=figures_of(between(self.days, dates.since, dates.until)),
            before=figures_of(past) if past.asked else None,
        )

    def asked_by_day(self, dates: DateRange) -> Mapping[date, Tally]:
        """The requests of a range by the day on which they were made, as far as there were any."""
        found = by_day(self.days, dates.zone)
        return {day: tally for day, tally in found.items() if dates.first <= day <= dates.last}

    def columns(self, dates: DateRange) -> Sequence[tuple[date, Mapping[str, int]]]:
        """How the requests of each day of a range ended, or that they wait."""
        found = by_day(self.days, dates.zone)
        return drawn_of(dates, [(day, tally.outcomes) for day, tally in found.items()])


def known_of(ports: Ports, subject: Subject, since: datetime, until: datetime) -> Known | None:
    """What was counted of a subject, with the days between these moments; None while not all was counted yet."""
    if not counting.progress(ports).complete:
        return None
    total = Place(subject=subject)
    first, last = since.date(), until.date()
    counters = ports.store.counters([total]).get(total, Counters())
    days = dict(ports.store.days_counted(subject, first, last))
    more = counting.ahead(ports, lambda case: _is_of(case, subject))
    for place in more.places:
        if place == total:
            counters = more.onto(place, counters)
        elif place.subject == subject and place.day and first <= place.day <= last:
            days[place.day] = more.onto(place, days.get(place.day, Counters()))
    return Known(total=counters.asked.get(0, Tally()), days=days)


def _is_of(case: Case, subject: Subject) -> bool:
    return subject.about is not About.SELLER or case.seller_id == subject.name
