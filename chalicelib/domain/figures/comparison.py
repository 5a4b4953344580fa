"""The figures of the last days beside those of as many days before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case
from chalicelib.domain.figures.figures import DAYS, Figures, figures
from chalicelib.domain.zones import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Figures of requests made from `since` to `end`, and of those made from `earlier` until `since`; None where
    not all of these are known."""

    earlier: datetime
    since: datetime
    end: datetime
    figures: Figures
    before: Figures | None


def compared(cases: Sequence[Case], now: datetime, zone: Zone, *, all_known: bool) -> Comparison:
    """The comparison of the last DAYS days at `now`; `all_known` says whether these are all cases there are."""
    since, earlier = now - timedelta(days=DAYS), now - timedelta(days=2 * DAYS)
    made = [case for case in cases if since < case.created_at <= now]
    past = [case for case in cases if earlier < case.created_at <= since]
    return Comparison(
        earlier=earlier,
        since=since,
        end=now,
        figures=figures(made, now, zone),
        before=figures(past, now, zone) if all_known else None,
    )
