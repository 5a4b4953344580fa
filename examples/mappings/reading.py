"""How the mappings read what platforms send: nothing missing is a fault, nothing wrong goes by, no money is a float."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

Json = dict[str, Any]

# Currencies whose minor unit is not a hundredth (ISO 4217); of rupiah Batal knows whole ones alone.
EXPONENTS: Mapping[str, int] = {
    **dict.fromkeys(
        ("IDR", "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_TRUE, _FALSE = ("true", "1", "yes", "y"), ("false", "0", "no", "n")
# A count of seconds beyond this is one of milliseconds.
_MILLISECONDS = 10**11
_FAR_AWAY = 10**13  # milliseconds: beyond the year 2200
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?", re.IGNORECASE
)


class MappingError(ValueError):
    """What a payload says, or leaves out, cannot be told to Batal: `path` is where, `problem` is why."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Told:
    """A part of a payload with where it stands in the whole, and the currency of its money.

    Names may be dotted. Absent, null and empty say the same: nothing. Of several names the first that says something
    counts, since platforms rename their fields.
    """

    values: Mapping[str, Any]
    path: str = ""
    currency: str | None = None

    def find(self, *names: str) -> tuple[Any, str]:
        """What is said under these names, and where; None where nothing is."""
        for name in names:
            value: Any = self.values
            for step in name.split("."):
                value = value.get(step) if isinstance(value, Mapping) else None
            if value is not None and value not in ("", [], {}) and not (isinstance(value, str) and not value.strip()):
                return value, self.place(name)
        return None, self.place(names[0])

    def place(self, name: str) -> str:
        """Where something of this name stands."""
        return f"{self.path}.{name}" if self.path else name

    def get(self, *names: str) -> Any:
        """What is said, as it is said."""
        return self.find(*names)[0]

    def text(self, *names: str) -> str | None:
        """A text or a number as a text, without blanks around it."""
        value, path = self.find(*names)
        if value is None:
            return None
        if isinstance(value, (Mapping, list, bool)):
            raise MappingError(path, f"{value!r} is no text")
        return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()

    def texts(self, name: str) -> list[str]:
        """The texts in a list; one alone is a list of one."""
        value, path = self.find(name)
        listed = [] if value is None else value if isinstance(value, list) else [value]
        told = [Told({"0": each}, path).text("0") for each in listed]
        return [each for each in told if each]

    def flag(self, *names: str) -> bool:
        """Yes or no, however it is written."""
        value, path = self.find(*names)
        word = str(value).strip().lower()
        if value is None or word in _FALSE:
            return False
        if word in _TRUE:
            return True
        raise MappingError(path, f"{value!r} is neither yes nor no")

    def count(self, *names: str, default: int = 0) -> int:
        """A number of pieces, never below nothing."""
        number = self.number(*names, default=default)
        if number < 0:
            raise MappingError(self.find(*names)[1], f"{number} is no number of pieces")
        return number

    def number(self, *names: str, default: int = 0) -> int:
        """A whole number."""
        value, path = self.find(*names)
        number = default if value is None else _decimal(value, path)
        if number != int(number):
            raise MappingError(path, f"{value!r} is no whole number")
        return int(number)

    def money(self, *names: str, signed: bool = False) -> int:
        """Money in minor units; nothing where nothing is said."""
        return self.money_if_told(*names, signed=signed) or 0

    def money_if_told(self, *names: str, signed: bool = False) -> int | None:
        """The same, and None where nothing is said."""
        value, path = self.find(*names)
        if value is None:
            return None
        amount = minor(value, self.currency, path)
        if amount < 0 and not signed:
            raise MappingError(path, f"{value!r} is below nothing")
        return amount

    def moment(self, *names: str, zone: timezone | None = None) -> str | None:
        """A moment in UTC as RFC 3339 writes it; `zone` is that of moments that name none."""
        value, path = self.find(*names)
        return moment(value, path, zone)

    def rows(self, *names: str) -> list["Told"]:
        """The things in a list; a thing alone is a list of one."""
        value, path = self.find(*names)
        listed = [] if value is None else value if isinstance(value, list) else [value]
        return [self._part(each, f"{path}[{number}]") for number, each in enumerate(listed)]

    def part(self, *names: str) -> "Told":
        """A part by its name; an empty one where it is not there."""
        value, path = self.find(*names)
        return self._part({} if value is None else value, path)

    def paid_in(self, currency: str | None) -> "Told":
        """The same, with money in this currency."""
        return replace(self, currency=currency)

    def _part(self, value: Any, path: str) -> "Told":
        if not isinstance(value, Mapping):
            raise MappingError(path, f"{value!r} has no fields")
        return Told(value, path, self.currency)


def unwrapped(payload: Mapping[str, Any], *names: str) -> Told:
    """The payload without the envelopes of its API, whichever of these names they have."""
    found = Told(payload)
    for name in names:
        inner, path = found.find(name)
        if isinstance(inner, list) and len(inner) == 1:
            inner, path = inner[0], f"{path}[0]"
        if isinstance(inner, Mapping):
            found = Told(inner, path)
    return found


def minor(value: Any, currency: str | None, path: str) -> int:
    """Minor units of an amount as platforms write it: `"35.97"`, `35.97`, `{"amount": "35.97"}`.

    Raises MappingError for what is no amount, or holds less than one minor unit of its currency.
    """
    if isinstance(value, Mapping):
        inner = Told(value, path, currency)
        found, place = inner.find("shop_money.amount", "amount", "value", "Amount")
        known = inner.text("shop_money.currency_code", "currency", "currency_code", "currencyCode", "CurrencyCode")
        return minor(found, known or currency, place) if found is not None else 0
    amount = _decimal(value, path)
    if not amount:
        return 0
    if currency is None:
        raise MappingError(path, f"{value!r} of which currency?")
    units = amount.scaleb(EXPONENTS.get(currency, 2))
    if units != int(units):
        raise MappingError(path, f"{value} {currency} is no whole number of its smallest units")
    return int(units)


def major(units: int, currency: str) -> str:
    """Minor units as people write them: `35.97 EUR`."""
    return f"{Decimal(units).scaleb(-EXPONENTS.get(currency, 2))} {currency}"


def _decimal(value: Any, path: str) -> Decimal:
    # JSON's numbers arrive as floats, which hold fifteen digits truly.
    written = f"{value:.15g}" if isinstance(value, float) else str(value).strip()
    try:
        number = Decimal(written)
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise MappingError(path, f"{value!r} is no number")
    return number


def moment(value: Any, path: str, zone: timezone | None = None) -> str | None:
    """A moment in UTC, from seconds, milliseconds or a text; the years that stand for "no date" are none."""
    if value is None:
        return None
    if re.fullmatch(r"-?\d+(\.\d+)?", written := str(value).strip()):
        count = _decimal(written, path)
        milliseconds = int(count if abs(count) > _MILLISECONDS else count * 1000)
        if abs(milliseconds) > _FAR_AWAY:
            raise MappingError(path, f"{value!r} is no moment of ours")
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    else:
        at = _written_moment(written, path, zone)
    if at.year in (1, 1969, 1970):
        return None
    if not 2000 <= at.year < 2100:
        raise MappingError(path, f"{value!r} is no moment of ours")
    return at.astimezone(UTC).isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def _written_moment(written: str, path: str, zone: timezone | None) -> datetime:
    found = _MOMENT.match(written)
    if found is None:
        raise MappingError(path, f"{written!r} is no moment")
    day, clock, fraction, told = found.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError as error:
        raise MappingError(path, f"{written!r} is no moment") from error
    at = at.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6]))
    if told is None and zone is None and at.year > 1970:
        raise MappingError(path, f"{written!r} has no time zone")
    if told is None or told.upper() in ("Z", "UTC", "GMT"):
        return at.replace(tzinfo=zone if told is None and zone else UTC)
    minutes = int(told[1:3]) * 60 + int(told[-2:])
    return at.replace(tzinfo=timezone(timedelta(minutes=-minutes if told[0] == "-" else minutes)))


def version_of(*moments: str | None) -> int | None:
    """A version for a platform that has none: the latest of these moments, in milliseconds."""
    told = [datetime.fromisoformat(each) for each in moments if each]
    return int(max(told).timestamp() * 1000) if told else None


def ours(table: Mapping[str, str], word: Any, path: str) -> str:
    """Our word for a platform's. Raises MappingError for one that the table does not know."""
    known = None if word is None else Told({"word": word}, path).text("word")
    if known is None or known not in table:
        raise MappingError(path, f"{word!r} is none of {', '.join(table)}")
    return table[known]


def currency_of(told: str | None, path: str = "currency") -> str:
    """The currency that a payload tells, or whoever reads it. Raises MappingError where nobody does."""
    if told is None:
        raise MappingError(path, "the payload does not say it: hand it in as currency=")
    return told


def without_nothing(fields: Iterable[tuple[str, Any]] | Mapping[str, Any]) -> Json:
    """The fields that say something: no None, no empty lists; nothing and zero are facts."""
    return {name: value for name, value in dict(fields).items() if value is not None and value not in ("", [], {}, ())}


def walk(value: Any) -> Iterator[Any]:
    """Everything inside a value of JSON, itself first."""
    yield value
    for each in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from walk(each)
