"""Days off: the public holidays of a country, Indonesia's joint holidays, and the days that an operator added."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from chalicelib.domain.policies.days_off import SETTING, PublicDay, days_off_in
from chalicelib.domain.ports import Store
from chalicelib.locales import known

# How long a Lambda may go on without the days that an operator added meanwhile, in seconds of real time.
_FRESH = 300.0

# Whose holidays are known, by their code of ISO 3166: modules of the `holidays` library, which are all of it that
# travels. All of them rest on Saturdays and Sundays, which is what a working day leaves out everywhere.
COUNTRIES: Mapping[str, str] = {
    "AU": "australia",
    "ID": "indonesia",
    "JP": "japan",
    "MY": "malaysia",
    "NZ": "new_zealand",
    "PH": "philippines",
    "SG": "singapore",
    "TH": "thailand",
    "US": "united_states",
    "VN": "vietnam",
}
# Indonesia's joint holidays (cuti bersama) go by this name in the library, beside the public ones.
_JOINT = {"ID": ("government",)}
_PUBLIC = "public"
_ENGLISH = "en_US"


@dataclass(slots=True, kw_only=True)
class KnownDaysOff:
    """From the `holidays` library, imported only when a deadline needs it, and the operator's own from the store."""

    store: Store
    real_time: Callable[[], float] = time.monotonic
    _added: tuple[float, frozenset[date]] = field(default=(float("-inf"), frozenset()))

    @property
    def countries(self) -> Collection[str]:
        """Those whose public holidays are known."""
        return COUNTRIES.keys()

    def holidays(self, now: datetime, country: str | None) -> Collection[date]:
        """The days off of last year, this one and the next: a wait of December may end in January, and one that is
        looked at in January may have begun in December."""
        read_at, added = self._added
        if self.real_time() - read_at > _FRESH:
            added = frozenset(each.day for each in days_off_in(self.store.setting(SETTING)))
            self._added = (self.real_time(), added)
        return (public_days_off(now.year, country) if country in COUNTRIES else frozenset()) | added

    def public_days(self, year: int, locale: str, country: str) -> Sequence[PublicDay]:
        """Public and joint holidays of a country, as far as they were announced when the library was made."""
        found: dict[date, PublicDay] = {}
        if country not in COUNTRIES:
            return []
        for category in (*_JOINT.get(country, ()), _PUBLIC):
            for day, name in _of(country, (year,), (category,), _language(country, locale)).items():
                found[day] = PublicDay(day=day, name=name, joint=category != _PUBLIC)
        return [found[day] for day in sorted(found)]


@lru_cache(maxsize=8)
def public_days_off(year: int, country: str) -> frozenset[date]:
    """The public and joint holidays of a country around a year."""
    return frozenset(_of(country, (year - 1, year, year + 1), (_PUBLIC, *_JOINT.get(country, ()))))


def _of(country: str, years: Sequence[int], categories: Sequence[str], language: str | None = None) -> Any:
    return calendar_of(country)(years=years, categories=categories, language=language)


def _language(country: str, locale: str) -> str | None:
    """The country's own language where it is the reader's, else English; None where the library has no names in it.
    Named in any case: without a name the library goes by the machine's language."""
    calendar, wanted = calendar_of(country), known(locale)
    if wanted == calendar.default_language:
        return wanted
    return _ENGLISH if _ENGLISH in calendar.supported_languages else calendar.default_language


@cache
def calendar_of(country: str) -> Any:
    """The library's calendar of a country: the class that its module has under the country's code."""
    return getattr(import_module(f"holidays.countries.{COUNTRIES[country]}"), country)
