"""How a settlement file is laid out, as data: which columns say what, in which unit, with which sign, in which zone."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from chalicelib.domain.reconciliation.exact_amounts import NumberFormat, Unit
from chalicelib.domain.reconciliation.settled import SettledKind

# Names of one column, as files of different years and exports write it; the first that says something counts.
Column = tuple[str, ...]


class Sign(StrEnum):
    """What tells whether money came or went: the amount's own sign; its kind, where a refund goes whatever sign is
    written, and a payment comes unless it is below zero; a column that says debit or credit; or an amount that went
    where it is above zero."""

    WRITTEN = "written"
    BY_KIND = "by_kind"
    BY_SIDE = "by_side"
    PAID_OUT = "paid_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """Lines of this kind are those whose column says one of these words (`*` stands for anything, `?*` for something);
    `takes_back`: such a line takes one of its kind back."""

    column: Column
    words: tuple[str, ...]
    kind: SettledKind
    takes_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of file of one provider, with the `source` of its facts. Columns are found by name, in any order, in
    any case; those that nobody names are passed over. A file is of a layout where it has columns for a reference, the
    amount and the moment, and all that `must_have` names."""

    provider: str
    source: str
    references: tuple[Column, ...]  # the strongest first
    amount: Column
    at: Column = ()  # in the exporter's zone, unless it says its own
    at_utc: Column = ()  # in UTC, unless it says its own; looked at first
    zone_column: Column = ()
    zone: str = "UTC"  # the exporter's, where neither the file nor whoever asks says another
    forms: tuple[str, ...] = ()  # of moments that are not ISO 8601, as strptime takes them
    currency: Column = ("currency",)
    currency_unless_told: str | None = None
    kinds: tuple[KindRule, ...] = ()  # the first that holds
    kind_unless_told: SettledKind = SettledKind.OTHER
    unit: Unit = Unit.MAJOR
    sign: Sign = Sign.WRITTEN
    side: Column = ()
    separators: tuple[str, ...] = (",", ";", "\t")
    numbers: NumberFormat
    must_have: tuple[Column, ...] = ()
    any_provider: bool = False  # the marketplace's own: it speaks of payments by every provider

    @property
    def columns(self) -> tuple[str, ...]:
        """Every name of a column that it knows, as `named` writes it."""
        rules = tuple(rule.column for rule in self.kinds)
        known = (*self.references, self.amount, self.at, self.at_utc, self.zone_column, self.currency, self.side)
        return tuple(dict.fromkeys(named(name) for column in (*known, *rules, *self.must_have) for name in column))

    def fits(self, header: frozenset[str]) -> bool:
        """Whether a file with these columns, as `named` writes them, is of this layout."""
        wanted = (self.amount, (*self.at_utc, *self.at), *self.must_have)
        if self.sign is Sign.BY_SIDE:
            wanted = (*wanted, self.side)
        if self.currency_unless_told is None:
            wanted = (*wanted, self.currency)
        found = [any(named(name) in header for name in column) for column in wanted]
        return all(found) and any(named(name) in header for column in self.references for name in column)


def named(name: str) -> str:
    """A column's name or a word in it without what files differ in: case, and what stands between words."""
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


@cache
def pattern_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """What finds these words, as `named` writes them."""
    either = (
        ".+" if word == "?*" else ".*".join(re.escape(named(piece)) for piece in word.split("*")) for word in words
    )
    return re.compile("|".join(f"(?:{each})" for each in either))
