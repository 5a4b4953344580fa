"""Days off: Indonesia's public holidays and joint holidays, and the days that an operator added."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from chalicelib.domain.policies.days_off import SETTING, PublicDay, days_off_in
from chalicelib.domain.ports import Store
from chalicelib.locales import known

# How long a Lambda may go on without the days that an operator added meanwhile, in seconds of real time.
_FRESH = 300.0


@dataclass(slots=True, kw_only=True)
class IndonesianDaysOff:
    """From the `holidays` library, imported only when a deadline needs it, and the operator's own from the store."""

    store: Store
    real_time: Callable[[], float] = time.monotonic
    _added: tuple[float, frozenset[date]] = field(default=(float("-inf"), frozenset()))

    def holidays(self, now: datetime) -> Collection[date]:
        """The days off of last year, this one and the next: a wait of December may end in January, and one that is
        looked at in January may have begun in December."""
        read_at, added = self._added
        if self.real_time() - read_at > _FRESH:
            added = frozenset(each.day for each in days_off_in(self.store.setting(SETTING)))
            self._added = (self.real_time(), added)
        return public_days_off(now.year) | added

    def public_days(self, year: int, locale: str) -> Sequence[PublicDay]:
        """Public and joint holidays of Indonesia, as far as they were announced when the library was made."""
        from holidays.constants import GOVERNMENT, PUBLIC
        from holidays.countries.indonesia import Indonesia

        # As the country calls them, or in English.
        own = Indonesia.default_language
        language = own if known(locale) == own else "en_US"
        found: dict[date, PublicDay] = {}
        for category in (GOVERNMENT, PUBLIC):
            for day, name in Indonesia(years=year, categories=(category,), language=language).items():
                found[day] = PublicDay(day=day, name=name, joint=category == GOVERNMENT)
        return [found[day] for day in sorted(found)]


@lru_cache(maxsize=4)
def public_days_off(year: int) -> frozenset[date]:
    """Indonesia's public and joint holidays around a year."""
    from holidays.constants import GOVERNMENT, PUBLIC
    from holidays.countries.indonesia import Indonesia

    # GOVERNMENT are the joint holidays (cuti bersama).
    return frozenset(Indonesia(years=(year - 1, year, year + 1), categories=(PUBLIC, GOVERNMENT)))
