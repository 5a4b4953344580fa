"""Counters: what each case adds to the figures of its seller, its platform, its policy and of all, by the hour.

What a case adds follows from its row alone. What it has added is kept beside it, and the difference is added with the
same transaction that keeps it anew: counted twice, or in any order, a case counts once, and a walk through all cases
comes to the same sums.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from chalicelib.domain.cases.case import Case
from chalicelib.domain.figures.figures import Figures, refunded_by, seconds_taken, was_decided
from chalicelib.domain.figures.lessons import Lesson, lesson_of
from chalicelib.domain.figures.rating import by_reading
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learned import UNHEARD, Cell, Cells, Situation, joined_cells
from chalicelib.domain.policies.policy import Rating
from chalicelib.domain.waits import bucket_of, quantile, summed
from chalicelib.domain.zones import Zone

# What a request is counted as for as long as it waits.
WAITS = "waits"


class About(StrEnum):
    """Of what figures are kept."""

    ALL = "all"
    PLATFORM = "platform"
    POLICY = "policy"
    SELLER = "seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose figures: of all there is no name, of policies alone there are versions."""

    about: About
    name: str = ""
    version: int = 0


EVERYTHING = Subject(about=About.ALL)
# Of whom odds are learned.
_TAUGHT = frozenset({About.PLATFORM, About.SELLER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one case adds, as of its revision `rev`. `took`: the bucket of its time to a decision, where somebody
    decided; `counts`: in which readings of the business it counts against its seller; `refunded` in minor units by
    currency; `lesson`: what it teaches of the odds."""

    rev: int
    subjects: tuple[Subject, ...]
    asked_at: datetime
    reason: str
    ended_at: datetime | None = None
    outcome: str = WAITS
    took: int | None = None
    lapsed: bool = False
    counts: tuple[Rating, ...] = ()
    counted: bool = False
    refunded: Mapping[str, int] = field(default_factory=dict)
    lesson: Lesson | None = None


def share_of(case: Case) -> Share:
    """What a case adds as it stands."""
    readings = tuple(rating for rating in Rating if by_reading(case, rating))
    return Share(
        rev=case.rev,
        subjects=(
            EVERYTHING,
            Subject(about=About.PLATFORM, name=case.platform),
            Subject(about=About.POLICY, name=case.policy.name, version=case.policy.version),
            Subject(about=About.SELLER, name=case.seller_id),
        ),
        asked_at=_hour(case.created_at),
        reason=case.asked.reason_code or "",
        ended_at=_hour(case.closed_at) if case.closed_at else None,
        outcome=str(case.outcome or WAITS),
        took=bucket_of(seconds_taken(case)) if was_decided(case) else None,
        lapsed=case.lapsed,
        counts=readings,
        counted=case.policy.rating in readings,
        refunded=refunded_by([case]),
        lesson=lesson_of(case),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Cases counted: how many by outcome (WAITS among them), by reason and outcome, by the bucket of their time; how
    many lapsed, and counted against the seller by the reading that each began with and by each reading; and what went
    back, in minor units by currency."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    took: Mapping[int, int] = field(default_factory=dict)
    lapsed: int = 0
    counted: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    refunded: Mapping[str, int] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """How many there are."""
        return sum(self.outcomes.values())

    @property
    def open(self) -> int:
        """How many of them wait."""
        return self.outcomes.get(WAITS, 0)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            outcomes=summed(self.outcomes, other.outcomes),
            reasons={
                reason: both
                for reason in sorted({*self.reasons, *other.reasons})
                if (both := summed(self.reasons.get(reason, {}), other.reasons.get(reason, {})))
            },
            took=summed(self.took, other.took),
            lapsed=self.lapsed + other.lapsed,
            counted=self.counted + other.counted,
            counts=summed(self.counts, other.counts),
            refunded=summed(self.refunded, other.refunded),
        )


def _tally(share: Share, times: int) -> Tally:
    return Tally(
        outcomes={share.outcome: times},
        reasons={share.reason: {share.outcome: times}},
        took={} if share.took is None else {share.took: times},
        lapsed=times * share.lapsed,
        counted=times * share.counted,
        counts={str(reading): times for reading in share.counts},
        refunded={currency: times * amount for currency, amount in share.refunded.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where figures lie: of a subject on a day (UTC), of all its days, or what its answers in a situation teach."""

    subject: Subject
    day: date | None = None
    situation: Situation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What lies at one place: cases by the hour (0 to 23, UTC) in which they were asked for, and by that in which they
    ended. At the place of all days there are no hours: both lie under 0. At the place of a situation there are answers
    by group of reasons and month instead. `rev` rises with every write."""

    rev: int = 0
    asked: Mapping[int, Tally] = field(default_factory=dict)
    ended: Mapping[int, Tally] = field(default_factory=dict)
    learned: Cells = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What some cases add that was not counted yet: by place, by hour of asking and by hour of ending; what they teach,
    of months from `since` on."""

    asked: Mapping[Place, Mapping[int, Tally]]
    ended: Mapping[Place, Mapping[int, Tally]]
    learned: Mapping[Place, Cells] = field(default_factory=dict)
    since: int = 0

    @property
    def places(self) -> Sequence[Place]:
        """All that something is added to."""
        return list(dict.fromkeys((*self.asked, *self.ended, *self.learned)))

    def onto(self, place: Place, known: Counters) -> Counters:
        """What lies there once this is added, one revision later."""
        more = self.learned.get(place, UNHEARD)
        return Counters(
            rev=known.rev + 1,
            asked=_each(known.asked, self.asked.get(place, {})),
            ended=_each(known.ended, self.ended.get(place, {})),
            learned={
                fault: cell
                for fault in sorted({*known.learned, *more})
                if (cell := joined_cells([known.learned.get(fault, {}), more.get(fault, {})], self.since))
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """One write: what each of these cases has added from now on, what was kept of those that had been counted, and the
    counters that say so, each a revision later than they were read."""

    shares: Mapping[str, Share]
    before: Mapping[str, Share]
    counters: Mapping[Place, Counters]


def wants_counting(known: Share | None, share: Share) -> bool:
    """Whether what is kept of a case is to be replaced: by a later revision of its row alone."""
    return known is None or share.rev > known.rev


def added(changes: Iterable[tuple[Share | None, Share]], since: int = 0) -> Added:
    """The differences between what was added of cases and what they add now; of what they teach, as far as it is of
    months from `since` on."""
    asked, ended = dict[Place, dict[int, Tally]](), dict[Place, dict[int, Tally]]()
    learned = dict[Place, dict[Fault, Cell]]()
    for before, after in changes:
        for place, lesson, times in _taught(before, after):
            if lesson.month >= since:
                cells = learned.setdefault(place, {})
                more = {lesson.month: lesson.told.times(times)}
                cells[lesson.fault] = joined_cells([cells.get(lesson.fault, {}), more])
        for share, times in ((before, -1), (after, 1)):
            if share is None:
                continue
            told = _tally(share, times)
            for book, at in ((asked, share.asked_at), (ended, share.ended_at)):
                for place, hour in _places(share, at):
                    hours = book.setdefault(place, {})
                    hours[hour] = hours.get(hour, Tally()) + told
    return Added(asked=asked, ended=ended, learned=learned, since=since)


def between(days: Mapping[date, Counters], since: datetime, until: datetime, *, ended: bool = False) -> Tally:
    """The cases that were asked for in the whole hours from `since` on and before `until`, or that ended in them."""
    return sum((tally for at, tally in _by_hour(days, ended=ended) if since <= at < until), Tally())


def by_day(days: Mapping[date, Counters], zone: Zone, *, ended: bool = False) -> Mapping[date, Tally]:
    """Cases by the day of asking, or of their end, in a zone, as the hours of UTC begin in it."""
    found = dict[date, Tally]()
    for at, tally in _by_hour(days, ended=ended):
        day = at.astimezone(zone.clock).date()
        found[day] = found.get(day, Tally()) + tally
    return found


def figures_of(tally: Tally, ended_by_day: Sequence[tuple[date, Tally]] = (), still_open: int | None = None) -> Figures:
    """What was counted, as figures; `still_open`: how many wait, where the tally is of what has ended alone."""
    waiting = tally.open if still_open is None else still_open
    outcomes = {outcome: count for outcome, count in tally.outcomes.items() if outcome != WAITS}
    return Figures(
        asked=sum(outcomes.values()) + waiting,
        open=waiting,
        outcomes=outcomes,
        by_day=[(day, each.outcomes) for day, each in ended_by_day],
        p50=quantile(tally.took, 0.5),
        p90=quantile(tally.took, 0.9),
        lapsed=tally.lapsed,
        counted=tally.counted,
        refunded=tally.refunded,
        counts=tally.counts,
    )


def _by_hour(days: Mapping[date, Counters], *, ended: bool) -> Iterator[tuple[datetime, Tally]]:
    for day, counters in days.items():
        for hour, tally in (counters.ended if ended else counters.asked).items():
            yield datetime(day.year, day.month, day.day, hour, tzinfo=UTC), tally


def _places(share: Share, at: datetime | None) -> Iterator[tuple[Place, int]]:
    for subject in share.subjects if at else ():
        yield Place(subject=subject), 0
        if at:
            yield Place(subject=subject, day=at.date()), at.hour


def _taught(before: Share | None, after: Share) -> Iterator[tuple[Place, Lesson, int]]:
    """What is taken back and what is taught anew, where it is to lie: nothing, where a case teaches what it taught."""
    if before is not None and (before.lesson, before.subjects) == (after.lesson, after.subjects):
        return
    for share, times in ((before, -1), (after, 1)):
        if share is None or share.lesson is None:
            continue
        for subject in share.subjects:
            if subject.about in _TAUGHT:
                yield Place(subject=subject, situation=share.lesson.situation), share.lesson, times


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _each(one: Mapping[int, Tally], other: Mapping[int, Tally]) -> dict[int, Tally]:
    both = {hour: one.get(hour, Tally()) + other.get(hour, Tally()) for hour in sorted({*one, *other})}
    return {hour: tally for hour, tally in both.items() if tally != Tally()}
