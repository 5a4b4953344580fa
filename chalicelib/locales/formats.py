"""Money, moments and lengths of time as people write them. Babel is imported only where something is written."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from chalicelib.domain.zones import Zone
from chalicelib.locales import numbers, say

# ISO 4217 exponents other than 2; Babel's own table follows CLDR, which rounds further currencies.
# IDR is ours: nobody pays in sen, so the whole rupiah is the minor unit.
_EXPONENTS = {
    **dict.fromkeys(
        ("IDR", "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def digits_of(currency: str) -> int:
    """How many digits follow the comma in amounts of this currency."""
    return _EXPONENTS.get(currency, 2)


def plain_amount(minor: int, currency: str) -> str:
    """Minor units as a number that programs read: `150000`, `15.00`."""
    return format(Decimal(minor).scaleb(-digits_of(currency)), "f")


def percent(share: float, locale: str) -> str:
    """A share of one as people write it, to a tenth: `10,8%` and `10.8%`."""
    from babel.numbers import format_percent

    return format_percent(round(share, 3), format="#,##0.0%", locale=numbers(locale))


def money(minor: int, currency: str, locale: str) -> str:
    """Minor units as money: `Rp150.000` in both languages, `-Rp12.000`, `US$15,00` and `$15.00`."""
    from babel.numbers import format_currency

    digits = digits_of(currency)
    language = "id" if currency == "IDR" else numbers(locale)
    pattern = "¤#,##0" + ("." + "0" * digits if digits else "")
    value = Decimal(minor).scaleb(-digits)
    return format_currency(value, currency, format=pattern, locale=language, currency_digits=False)


def moment(at: datetime, locale: str, zone: Zone) -> str:
    """A moment with its day and zone: `Senin, 23 November 2026 10.00 WIB`."""
    return f"{day(at, locale, zone)} {_clock(at, locale, zone)}"


def _clock(at: datetime, locale: str, zone: Zone) -> str:
    return f"{at.astimezone(zone.clock).strftime(say('language.clock', locale))} {zone.short(at)}"


def deadline(at: datetime, locale: str, zone: Zone) -> str:
    """A moment until which something can be done. Midnight ends the day before it and is said as its last minute,
    `Senin, 30 November 2026 23.59 WIB`: who reads `Selasa 00.00` loses a day. So does 01:00 where a day begins then."""
    return moment(_not_midnight(at, zone), locale, zone)


def _not_midnight(at: datetime, zone: Zone) -> datetime:
    local = at.astimezone(zone.clock)
    midnight = (local.hour, local.minute) == (0, 0) or zone.is_first_of_day(at)
    return at - timedelta(minutes=1) if midnight else at


def short(at: datetime, locale: str, zone: Zone) -> str:
    """A moment where there is little room, in lists and beside steps: `Sen, 23 Nov 2026 10.00 WIB`."""
    return f"{short_day(at, locale, zone)} {_clock(at, locale, zone)}"


def short_deadline(at: datetime, locale: str, zone: Zone) -> str:
    """The same of a moment until which something can be done; midnight as in `deadline`."""
    return short(_not_midnight(at, zone), locale, zone)


def brief_deadline(at: datetime, locale: str, zone: Zone) -> str:
    """The same in the subject of a mail, which is read soon, and whose text says all of it: `Sel 24 Nov 10.00`."""
    from babel.dates import format_date

    local = _not_midnight(at, zone).astimezone(zone.clock)
    clock = local.strftime(say("language.clock", locale))
    return f"{format_date(local.date(), 'EEE d MMM', locale=numbers(locale))} {clock}"


def short_day(at: datetime, locale: str, zone: Zone) -> str:
    """A moment's day where there is little room: `Sen, 23 Nov 2026`."""
    from babel.dates import format_date

    return format_date(at.astimezone(zone.clock).date(), "EEE, d MMM y", locale=numbers(locale))


def day(at: datetime, locale: str, zone: Zone) -> str:
    """A moment's day: `Senin, 23 November 2026`."""
    return weekday(at.astimezone(zone.clock).date(), locale)


def weekday(day: date, locale: str) -> str:
    """A day of the calendar: `Senin, 23 November 2026`."""
    from babel.dates import format_date

    return format_date(day, "EEEE, d MMMM y", locale=numbers(locale))


def duration(seconds: int, locale: str) -> str:
    """A length of time in words, in its two largest units: `1 hari 3 jam`, `1 day 3 hours`."""
    from babel.units import format_unit

    words: list[str] = []
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count or (unit == "second" and not words):
            words.append(format_unit(count, f"duration-{unit}", length="long", locale=numbers(locale)))
    return " ".join(words[:2])
