"""Figures as a file for spreadsheets: one row for each number, with how it is counted."""

from collections.abc import Iterator, Mapping

from chalicelib.domain.figures.counting import WAITS
from chalicelib.domain.figures.figures import Figure, Figures
from chalicelib.domain.policies.policy import Rating
from chalicelib.edge.sheets import sheet
from chalicelib.locales import say
from chalicelib.locales.formats import plain_amount
from chalicelib.workflow.dashboard import Dated

_COLUMNS = ("figure", "of", "from", "to", "value", "unit", "before", "formula")
_COUNTS = (Figure.ASKED, Figure.OPEN, Figure.LAPSED, Figure.COUNTED)
_TIMES = (Figure.P50, Figure.P90)


def written(found: Dated, locale: str) -> str:
    """Figures of a range of dates as CSV. Days are those of the range's zone; amounts and numbers are plain ones."""
    heading = [say(f"figure.file.{name}", locale) for name in _COLUMNS]
    return sheet([heading, *_numbers(found, locale), *_outcomes(found, locale), *_days(found, locale)])


def _numbers(found: Dated, locale: str) -> Iterator[list[str]]:
    now, before = found.comparison.figures, found.comparison.before
    cases, seconds = (say(f"figure.unit.{unit}", locale) for unit in ("cases", "seconds"))
    for figure in (*_COUNTS, *_TIMES):
        value, past = _number(getattr(now, figure)), _number(getattr(before, figure) if before else None)
        yield _row(found, figure, "", value, seconds if figure in _TIMES else cases, past, locale)
    for reading in Rating:
        of = say(f"policy.choice.rating.{reading}", locale)
        value, past = str(now.counts.get(reading, 0)), str(before.counts.get(reading, 0)) if before else ""
        yield _row(found, "counts", of, value, cases, past, locale)
        yield _row(found, "rate", of, _share(now, reading), "%", _share(before, reading), locale)
    for currency in sorted({*now.refunded, *(before.refunded if before else ())}):
        past = plain_amount(before.refunded.get(currency, 0), currency) if before else ""
        amount = plain_amount(now.refunded.get(currency, 0), currency)
        yield _row(found, Figure.REFUNDED, "", amount, currency, past, locale)


def _outcomes(found: Dated, locale: str) -> Iterator[list[str]]:
    now, before = _all_outcomes(found.comparison.figures), found.comparison.before
    past, unit = _all_outcomes(before) if before else {}, say("figure.unit.cases", locale)
    for outcome in sorted({*now, *past}):
        was = str(past.get(outcome, 0)) if before else ""
        yield _row(found, "outcomes", outcome_name(outcome, locale), str(now.get(outcome, 0)), unit, was, locale)


def _days(found: Dated, locale: str) -> Iterator[list[str]]:
    name, unit = say("page.figures.by_day_made", locale), say("figure.unit.cases", locale)
    formula = say("figure.outcomes.formula", locale)
    for day, outcomes in found.by_day:
        for outcome, count in sorted(outcomes.items()):
            of = outcome_name(outcome, locale)
            yield [name, of, day.isoformat(), day.isoformat(), str(count), unit, "", formula]


def outcome_name(outcome: str, locale: str) -> str:
    """How an outcome is called, or that a request still waits."""
    return say("page.figures.waits" if outcome == WAITS else f"outcome.{outcome}", locale)


def _all_outcomes(figures: Figures) -> Mapping[str, int]:
    return {**figures.outcomes, **({WAITS: figures.open} if figures.open else {})}


def _row(found: Dated, figure: str, of: str, value: str, unit: str, before: str, locale: str) -> list[str]:
    dates = found.dates
    name, formula = say(f"figure.{figure}", locale), say(f"figure.{figure}.formula", locale)
    return [name, of, dates.first.isoformat(), dates.last.isoformat(), value, unit, before, formula]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _share(figures: Figures | None, reading: Rating) -> str:
    share = figures.rate(reading) if figures else None
    return "" if share is None else f"{100 * share:.2f}"
