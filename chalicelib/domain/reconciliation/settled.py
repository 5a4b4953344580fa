"""What a settlement file says: one line is one movement of money, or a row that cannot be read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# What exports write where there is nothing; taken for a name, it would bring together what has nothing in common.
_NOTHING = frozenset(("", "-", "--", "0", "n/a", "na", "null", "none", "nil"))


def names_something(text: str) -> bool:
    """Whether this can be a reference."""
    return text.casefold() not in _NOTHING


def has_half_a_character(text: str) -> bool:
    """Whether it was no UTF-8: such bytes come as halves of characters, which no file and no database takes."""
    return not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)


class SettledKind(StrEnum):
    """What a settled line moved money for. Only refunds and payments have something to be held against."""

    REFUND = "refund"
    PAYMENT = "payment"
    FEE = "fee"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLine:
    """One line of a settlement file. `amount` is what it changed the marketplace's balance by, in minor units: a
    payment is above zero, a refund below, and what takes one of them back has the other sign. `references` are the
    provider's names for it, the strongest first; `number` is its line in the file, counted from 1."""

    provider: str
    number: int
    kind: SettledKind
    references: tuple[str, ...]
    amount: int
    currency: str
    at: datetime

    @property
    def takes_back(self) -> bool:
        """Whether it moves money against the way of its kind."""
        return self.amount > 0 if self.kind is SettledKind.REFUND else self.amount < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountUnread:
    """A line of which all but the amount can be read, and why that cannot: it still tells what it is about, which is
    not missing then."""

    number: int
    kind: SettledKind
    references: tuple[str, ...]
    currency: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that cannot be read: its line in the file, counted from 1, and why. It never quotes the row, since rows
    hold people's names and accounts."""

    number: int
    why: str


Row = SettledLine | AmountUnread | Unreadable
