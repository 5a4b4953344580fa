"""What Batal knows should have moved: a part of a refund, or a payment. An export has one JSON object on each line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.amounts import is_currency
from chalicelib.domain.ids import LONGEST
from chalicelib.domain.reconciliation.exact_amounts import MOST
from chalicelib.domain.reconciliation.settled import SettledKind, has_half_a_character, names_something

_MOST_REFERENCES = 20
_KINDS = (SettledKind.REFUND, SettledKind.PAYMENT)


class ExpectedState(StrEnum):
    """How far Batal knows the money to have come. Of the last three none should have moved, all told."""

    DUE = "due"
    SENT = "sent"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    COLLECTED = "collected"
    FAILED = "failed"
    REVERSED = "reversed"
    VOID = "void"


_NOTHING_MOVES = (ExpectedState.FAILED, ExpectedState.REVERSED, ExpectedState.VOID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A part of a refund (`rf_<case>:<tender>`) or a payment. `amount` is above zero, in minor units, whichever way it
    goes; `references` are the provider's names for it; `due_by` is the last moment at which it is in time, None where
    nobody promised one; `number` is its line in the export, counted from 1."""

    id: str
    kind: SettledKind
    provider: str
    order_id: str
    references: tuple[str, ...]
    amount: int
    currency: str
    state: ExpectedState
    due_by: datetime | None = None
    number: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Everything by which a file may name it: references, its own id, its order."""
        return (*self.references, self.id, self.order_id)

    @property
    def moves(self) -> int:
        """What it should have changed the marketplace's balance by, in minor units."""
        if self.state in _NOTHING_MOVES:
            return 0
        return -self.amount if self.kind is SettledKind.REFUND else self.amount


def read_expected(text: str, number: int) -> Expected:
    """The expected movement that a line of an export tells. Raises ValueError saying which field is wrong; a field
    that we do not know is passed over, so that the export may grow."""
    told = _DECODER.decode(text)
    if not isinstance(told, dict):
        raise ValueError("not an object")
    if has_half_a_character("".join(each for each in told.values() if isinstance(each, str))):
        raise ValueError("not UTF-8")
    return Expected(
        id=_text(told, "id"),
        kind=_one_of(told, "kind"),
        provider=_text(told, "provider"),
        order_id=_text(told, "order_id"),
        references=_references(told),
        amount=_amount(told),
        currency=_currency(told),
        state=_state(told),
        due_by=_due_by(told),
        number=number,
    )


def _no_fraction(written: str) -> None:
    raise ValueError(f"{written[:20]} is no whole number of minor units")


# Made once: that takes as long as reading a line does.
_DECODER = json.JSONDecoder(parse_float=_no_fraction, parse_constant=_no_fraction)


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST * 2:
        raise ValueError(f"{name} is missing")
    return value.strip()


def _one_of(told: Mapping[str, Any], name: str) -> SettledKind:
    value = _text(told, name)
    if value not in _KINDS:
        raise ValueError(f"{name} is refund or payment")
    return SettledKind(value)


def _state(told: Mapping[str, Any]) -> ExpectedState:
    value = _text(told, "state")
    try:
        return ExpectedState(value)
    except ValueError:
        raise ValueError(f"state is one of {', '.join(ExpectedState)}") from None


def _references(told: Mapping[str, Any]) -> tuple[str, ...]:
    value = told.get("references", [])
    whole = isinstance(value, list) and len(value) <= _MOST_REFERENCES
    if not whole or not all(isinstance(each, str) and len(each) <= LONGEST * 2 for each in value):
        raise ValueError(f"references are a list of at most {_MOST_REFERENCES} texts")
    if has_half_a_character("".join(value)):
        raise ValueError("not UTF-8")
    return tuple(each.strip() for each in value if names_something(each.strip()))


def _amount(told: Mapping[str, Any]) -> int:
    value = told.get("amount")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST:
        raise ValueError("amount is a whole number of minor units above 0")
    return value


def _currency(told: Mapping[str, Any]) -> str:
    value = _text(told, "currency")
    if not is_currency(value):
        raise ValueError("currency is a code such as IDR")
    return value


def _due_by(told: Mapping[str, Any]) -> datetime | None:
    value = told.get("due_by")
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("due_by is a moment with its zone") from None
