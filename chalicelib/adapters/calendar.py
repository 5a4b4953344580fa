"""Indonesian public holidays."""

from collections.abc import Collection
from datetime import date, datetime
from functools import lru_cache


class IndonesianHolidays:
    """National holidays of Indonesia, from the `holidays` library; imported only when a deadline needs it."""

    def holidays(self, now: datetime) -> Collection[date]:
        """The public holidays of this year and the next."""
        return _of_years(now.year)


@lru_cache(maxsize=4)
def _of_years(year: int) -> frozenset[date]:
    from holidays.countries.indonesia import Indonesia

    return frozenset(Indonesia(years=(year, year + 1)))
