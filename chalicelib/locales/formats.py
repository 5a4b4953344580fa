"""Money and moments as people write them. Babel is imported only where something is really written."""

from datetime import datetime
from decimal import Decimal

from chalicelib.domain.deadline import Zone
from chalicelib.locales import known, say

# Currencies whose minor unit Batal takes to be the unit itself, whatever ISO 4217 says: nobody pays in sen.
_WHOLE = frozenset({"IDR"})


def money(amount: int, currency: str, locale: str) -> str:
    """Minor units as money: `Rp150.000` in both languages, `-Rp12.000`, `US$15.00`."""
    from babel.numbers import format_currency, get_currency_precision

    digits = 0 if currency in _WHOLE else get_currency_precision(currency)
    language = "id" if currency in _WHOLE else known(locale)

    pattern = "¤#,##0" + ("." + "0" * digits if digits else "")
    value = Decimal(amount).scaleb(-digits)
    return format_currency(value, currency, format=pattern, locale=language, currency_digits=False)


def moment(at: datetime, locale: str, zone: Zone) -> str:
    """A moment with its day and zone: `Senin, 23 November 2026 10.00 WIB`."""
    from babel.dates import format_time

    local = at.astimezone(zone.offset)
    clock = format_time(local.replace(tzinfo=None), "HH.mm" if known(locale) == "id" else "HH:mm", locale=known(locale))
    return f"{day(at, locale, zone)} {clock} {zone}"


def day(at: datetime, locale: str, zone: Zone) -> str:
    """A day: `Senin, 23 November 2026`."""
    from babel.dates import format_date

    return format_date(at.astimezone(zone.offset).date(), "EEEE, d MMMM y", locale=known(locale))


def duration(seconds: int, locale: str) -> str:
    """A length of time in its largest whole unit."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return say(f"duration.{unit}", locale, count=seconds // size)
    return say("duration.seconds", locale, count=seconds)
