"""What cases say when they are counted: for a seller about their shop, for an operator about all."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import quantiles

from chalicelib.domain.amounts import Money, by_currency
from chalicelib.domain.cases.case import Case, Outcome
from chalicelib.domain.figures.rating import by_reading, counts_against_seller
from chalicelib.domain.money.refund import STUCK_PARTS
from chalicelib.domain.policies.policy import Rating
from chalicelib.domain.zones import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of some cases.

    asked, open      how many there are, and how many of them still wait
    outcomes         how the closed ones ended
    by_day           per day of closing (of the last two weeks, oldest first) how many ended how
    p50, p90         seconds from asking to the end, of cases that somebody decided; None below two of them
    lapsed           the seller let a deadline pass
    counted          cases that count against the seller (rating.py), each by the reading that it began with
    counts           how many would by each of the two readings
    refunded         minor units that were promised back and did not fail, per currency
    """

    asked: int
    open: int
    outcomes: Mapping[str, int]
    by_day: Sequence[tuple[date, Mapping[str, int]]]
    p50: int | None
    p90: int | None
    lapsed: int
    counted: int
    refunded: Mapping[str, int]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def closed(self) -> int:
        """How many have ended."""
        return self.asked - self.open

    @property
    def one_more(self) -> float | None:
        """By how much one of these that counts against the seller moves the rate; None where nothing has ended."""
        return 1 / self.closed if self.closed else None

    @property
    def readings(self) -> Sequence[tuple[Rating, int, float | None]]:
        """By each of the readings how many count, and their rate."""
        return [(reading, self.counts.get(reading, 0), self.rate(reading)) for reading in Rating]

    def rate(self, reading: Rating) -> float | None:
        """The cancellation rate by a reading: what counts by it, as a share of what has ended; None where nothing
        has."""
        return self.counts.get(reading, 0) / self.closed if self.closed else None


class Figure(StrEnum):
    """What is shown as a number; its name and its formula are texts, `figure.<name>` and `figure.<name>.formula`."""

    ASKED = "asked"
    OPEN = "open"
    P50 = "p50"
    P90 = "p90"
    LAPSED = "lapsed"
    REFUNDED = "refunded"
    COUNTED = "counted"


DAYS = 14
_DECIDED = frozenset({Outcome.CANCELLED, Outcome.RETURNED, Outcome.REJECTED, Outcome.SETTLED})


def figures(cases: Sequence[Case], now: datetime, zone: Zone = Zone.WIB) -> Figures:
    """The counts of these cases at `now`; days are those of `zone`."""
    ended = [case for case in cases if case.outcome and case.closed_at]
    took = sorted(map(seconds_taken, counted_in(Figure.P50, cases)))
    tenths = quantiles(took, n=10, method="inclusive") if len(took) > 1 else None
    return Figures(
        asked=len(cases),
        open=len(counted_in(Figure.OPEN, cases)),
        outcomes=Counter(str(case.outcome) for case in ended),
        by_day=_by_day(ended, now.astimezone(zone.clock).date(), zone),
        p50=int(tenths[4]) if tenths else None,
        p90=int(tenths[8]) if tenths else None,
        lapsed=len(counted_in(Figure.LAPSED, cases)),
        counted=len(counted_in(Figure.COUNTED, cases)),
        refunded=refunded_by(cases),
        counts=Counter(str(reading) for case in cases for reading in Rating if by_reading(case, reading)),
    )


def counted_in(figure: Figure, cases: Sequence[Case]) -> list[Case]:
    """Those of these cases that a figure counts, or is taken from."""
    return [case for case in cases if _COUNTS[figure](case)]


def refunded_by(cases: Iterable[Case]) -> Mapping[str, int]:
    """What was promised back for these cases, by currency, in minor units: what failed, or came back, did not go."""
    refunds = [case.refund for case in cases if case.refund]
    return by_currency(
        Money(sum(part.amount for part in each.going if part.state not in STUCK_PARTS), each.currency)
        for each in refunds
    )


def was_decided(case: Case) -> bool:
    """Whether somebody decided it, so that its time counts."""
    return case.outcome in _DECIDED and case.closed_at is not None


def seconds_taken(case: Case) -> int:
    """How long it took from asking to the end; of a case that has not ended, 0."""
    return int((case.closed_at - case.created_at).total_seconds()) if case.closed_at else 0


_COUNTS: Mapping[Figure, Callable[[Case], bool]] = {
    Figure.ASKED: lambda case: True,
    Figure.OPEN: lambda case: case.open,
    Figure.P50: was_decided,
    Figure.P90: was_decided,
    Figure.LAPSED: lambda case: case.lapsed,
    Figure.REFUNDED: lambda case: case.refund is not None,
    Figure.COUNTED: counts_against_seller,
}


def _by_day(ended: Sequence[Case], today: date, zone: Zone) -> list[tuple[date, Mapping[str, int]]]:
    days: dict[date, Counter[str]] = {today - timedelta(days=back): Counter() for back in range(DAYS - 1, -1, -1)}
    for case in ended:
        day = case.closed_at.astimezone(zone.clock).date() if case.closed_at else None
        if day in days:
            days[day][str(case.outcome)] += 1
    return list(days.items())
