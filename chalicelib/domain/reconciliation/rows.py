"""A row of a settlement file, read by its layout. What is wrong with a row is said of that row, and stops nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from chalicelib.domain.amounts import is_currency
from chalicelib.domain.errors import BatalError
from chalicelib.domain.reconciliation.exact_amounts import minor_units, plainly
from chalicelib.domain.reconciliation.layouts import Column, Layout, Sign, named, pattern_of
from chalicelib.domain.reconciliation.moments import moment, zone_of
from chalicelib.domain.reconciliation.settled import (
    AmountUnread,
    Row,
    SettledKind,
    SettledLine,
    Unreadable,
    names_something,
)

_LONGEST_REFERENCE = 256

Places = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """Reads rows under one header. `width` is how many cells a row has; where each thing stands is found once."""

    layout: Layout
    width: int
    zone: tzinfo
    digits: Callable[[str], int]
    references: tuple[Places, ...]
    amount: Places
    currency: Places
    at: Places
    at_utc: Places
    zone_at: Places
    side: Places
    kinds: tuple[Places, ...]

    def read(self, number: int, cells: Sequence[str]) -> Row:
        """The line that a row tells."""
        try:
            return self._line(number, cells)
        except ValueError as wrong:
            return Unreadable(number, str(wrong))
        except BatalError:
            return Unreadable(number, "time zone: not known")

    def _line(self, number: int, cells: Sequence[str]) -> SettledLine | AmountUnread:
        # Some programs end every row with a separator; anything else has moved cells under another column's name.
        if len(cells) < self.width or any(cell.strip() for cell in cells[self.width :]):
            raise ValueError(f"{len(cells)} cells where the header has {self.width}")
        currency = (_first(cells, self.currency) or self.layout.currency_unless_told or "").upper()
        if not is_currency(currency):
            raise ValueError("currency: not a code such as IDR")
        kind, takes_back = self._kind(cells)
        references, at = _references(_first(cells, places) for places in self.references), self._at(cells)
        try:
            amount = self._amount(cells, currency, kind, takes_back=takes_back)
        except ValueError as wrong:
            why = f"amount_unreadable: {wrong}"
            return AmountUnread(number=number, kind=kind, references=references, currency=currency, at=at, why=why)
        return SettledLine(
            provider=self.layout.provider,
            number=number,
            kind=kind,
            references=references,
            amount=amount,
            currency=currency,
            at=at,
        )

    def _kind(self, cells: Sequence[str]) -> tuple[SettledKind, bool]:
        for rule, places in zip(self.layout.kinds, self.kinds, strict=True):
            if places and pattern_of(rule.words).fullmatch(_word(_first(cells, places))):
                return rule.kind, rule.takes_back
        return self.layout.kind_unless_told, False

    def _amount(self, cells: Sequence[str], currency: str, kind: SettledKind, *, takes_back: bool) -> int:
        layout = self.layout
        amount = minor_units(_first(cells, self.amount), layout.unit, self.digits(currency), layout.numbers)
        if layout.sign is Sign.PAID_OUT:
            return -amount
        if layout.sign is Sign.BY_SIDE:
            return self._by_side(cells, abs(amount))
        if layout.sign is Sign.BY_KIND and kind is SettledKind.REFUND:
            amount = -abs(amount)
        return -amount if takes_back else amount

    def _by_side(self, cells: Sequence[str], amount: int) -> int:
        side = _first(cells, self.side).casefold()
        if side not in ("debit", "credit"):
            raise ValueError("debit or credit: neither")
        return -amount if side == "debit" else amount

    def _at(self, cells: Sequence[str]) -> datetime:
        zone: tzinfo = UTC
        written = _first(cells, self.at_utc)
        if not written:
            written = _first(cells, self.at)
            told = _first(cells, self.zone_at)
            zone = zone_of(told) if told else self.zone
        try:
            return moment(written, zone, self.layout.forms)
        except ValueError:
            raise ValueError("moment: missing" if not written else "moment: not understood") from None


def reader_for(layout: Layout, header: Sequence[str], zone: str | None, digits: Callable[[str], int]) -> RowReader:
    """What reads rows under this header. Raises ValueError where a column that is needed stands twice, since nobody
    can tell which is meant, and Invalid `unknown_zone`."""
    names = [named(name) for name in header]
    if twice := [name for name in layout.columns if names.count(name) > 1]:
        raise ValueError(f"the column {twice[0]!r} stands twice")
    places = {name: place for place, name in enumerate(names)}

    def of(column: Column) -> Places:
        return tuple(places[named(name)] for name in column if named(name) in places)

    return RowReader(
        layout=layout,
        width=len(names),
        zone=zone_of(zone or layout.zone),
        digits=digits,
        references=tuple(found for found in map(of, layout.references) if found),
        amount=of(layout.amount),
        currency=of(layout.currency),
        at=of(layout.at),
        at_utc=of(layout.at_utc),
        zone_at=of(layout.zone_column),
        side=of(layout.side),
        kinds=tuple(of(rule.column) for rule in layout.kinds),
    )


def cells_of(told: Mapping[str, Any], header: Sequence[str]) -> list[str]:
    """The cells of a row of JSON under these columns, as CSV would have had them. Raises ValueError for an amount with
    an exponent, or a value that is no text and no number."""
    by_name = {named(name): value for name, value in told.items()}
    return [_text(by_name.get(name)) for name in header]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return plainly(value)
    raise ValueError("a value that is neither text nor number")


def _first(cells: Sequence[str], places: Places) -> str:
    for place in places:
        if value := cells[place].strip():
            return value
    return ""


@lru_cache(maxsize=1024)
def _word(text: str) -> str:
    return named(text)


def _references(written: Iterable[str]) -> tuple[str, ...]:
    # Excel's way of keeping a long number whole is an apostrophe before it.
    plain = (each.removeprefix("'")[:_LONGEST_REFERENCE] for each in written)
    return tuple(dict.fromkeys(each for each in plain if names_something(each)))
