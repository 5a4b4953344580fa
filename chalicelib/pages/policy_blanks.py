"""The blanks of a policy's sentences: what stands in them, how a form shows it, and how what was typed is read."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import msgspec

from chalicelib.domain.errors import Invalid
from chalicelib.domain.policies.policy import Policy
from chalicelib.locales import numbers, say
from chalicelib.locales.amounts import read_amount
from chalicelib.locales.formats import money

Path = tuple[str | int, ...]
UNITS = ("hours", "days", "working_days", "seconds")
_MOST_SPAN, _MOST_COUNT = 100_000, 1_000


class Kind(StrEnum):
    """What a blank takes: a length of time, a number, an amount of money, percent, or a choice."""

    SPAN = "span"
    COUNT = "count"
    AMOUNT = "amount"
    PERCENT = "percent"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A setting inside a sentence. `choices` are the texts of what can be chosen, by what a form sends, and `values`
    what that means. `least` is the smallest number. It may be left empty where that is said in words, `empty`. `unsaid`
    is what holds where the policy says nothing."""

    path: Path
    kind: Kind
    choices: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    least: int = 1
    empty: str = ""
    unsaid: Any = None

    @property
    def name(self) -> str:
        """What its field is called in a form."""
        return ".".join(str(step) for step in self.path)

    @property
    def optional(self) -> bool:
        """Whether it may be left empty."""
        return bool(self.empty)

    def value(self, plain: Mapping[str, Any]) -> Any:
        """What the policy says there, as plain values."""
        found: Any = plain
        for step in self.path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return self.unsaid
        return found


def plain_of(policy: Policy) -> dict[str, Any]:
    """A policy as plain values, as JSON has them: lists that can be written to, no tuples."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(policy))
    return plain


def words_of(blank: Blank, plain: Mapping[str, Any], locale: str) -> str:
    """What stands in a blank, in words."""
    value = blank.value(plain)
    if value is None:
        return say(blank.empty, locale) if blank.empty else "–"
    match blank.kind:
        case Kind.SPAN:
            return span_in_words(value["amount"], value["unit"], locale)
        case Kind.AMOUNT:
            return money(value, plain["currency_of_figures"], locale)
        case Kind.PERCENT:
            return percent(value, locale)
        case Kind.CHOICE:
            return say(blank.choices[_as_choice(value)], locale)
        case Kind.COUNT:
            return str(value)


def span_in_words(amount: int, unit: str, locale: str) -> str:
    """A length of time as people agree on it: `1 working day`, `24 hours`."""
    return f"{amount} {say(f'unit.one.{unit}' if amount == 1 else f'unit.{unit}', locale)}"


def drawn(blank: Blank, plain: Mapping[str, Any], locale: str) -> Mapping[str, str]:
    """The fields of a blank as a form shows them, by their names."""
    value = blank.value(plain)
    match blank.kind:
        case Kind.SPAN:
            return {f"{blank.name}.amount": str(value["amount"]), f"{blank.name}.unit": value["unit"]}
        case Kind.AMOUNT:
            return {blank.name: "" if value is None else money(value, plain["currency_of_figures"], locale)}
        case Kind.PERCENT:
            return {blank.name: percent(value, locale)}
        case Kind.CHOICE:
            return {blank.name: "" if value is None else _as_choice(value)}
        case Kind.COUNT:
            return {blank.name: str(value)}


def percent(basis_points: int, locale: str) -> str:
    """Basis points as percent, without the sign: `2`, `2,5`."""
    from babel.numbers import get_decimal_symbol

    return f"{(Decimal(basis_points) / 100).normalize():f}".replace(".", get_decimal_symbol(numbers(locale)))


def filled_in(
    plain: Mapping[str, Any], blanks: Iterable[Blank], typed: Mapping[str, str], locale: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """The policy with what was typed into its blanks; and what cannot be meant, as a text for the field.

    Where a field says what it was drawn with, the policy stays as it is, with what it leaves unsaid. What is left empty
    is not sent.
    """
    draft, wrong = copy.deepcopy(dict(plain)), dict[str, str]()
    for blank in blanks:
        shown = drawn(blank, plain, locale)
        said = {name: typed.get(name, "").strip() for name in shown}
        if said == shown:
            continue
        try:
            put(draft, blank.path, _read(blank, said, plain))
        except (Invalid, ValueError, InvalidOperation, KeyError):
            wrong[next(iter(shown))] = f"policy.wrong.{blank.kind}"
    return draft, wrong


def put(plain: dict[str, Any], path: Path, value: Any) -> None:
    """Set one place; what a length of time has besides (a refund's times by channel) stays. A place in a list that is
    not there is left out."""
    *above, last = path
    at: Any = plain
    for step in above:
        if isinstance(step, int):
            if step >= len(at):
                return
            at = at[step]
        else:
            at[step] = at.get(step) or {}
            at = at[step]
    if isinstance(last, int) and last >= len(at):
        return
    if isinstance(value, dict) and isinstance(last, str) and isinstance(at.get(last), dict):
        value = at[last] | value
    at[last] = value


def _read(blank: Blank, said: Mapping[str, str], plain: Mapping[str, Any]) -> Any:
    """What was typed into a blank, as a plain value. Raises ValueError, InvalidOperation, KeyError or Invalid where it
    cannot be meant."""
    first, *others = said.values()
    match blank.kind:
        case Kind.SPAN:
            (unit,) = others
            return {"amount": _whole(first, 1, _MOST_SPAN), "unit": UNITS[UNITS.index(unit)]}
        case Kind.COUNT:
            return _whole(first, blank.least, _MOST_COUNT)
        case Kind.AMOUNT:
            return None if blank.optional and not first else read_amount(first, plain["currency_of_figures"])
        case Kind.PERCENT:
            points = Decimal(first.rstrip("% ").replace(",", ".")) * 100
            if not (points.is_finite() and points == int(points)):
                raise ValueError("hundredths of a percent are the least that can be said")
            return _within(int(points), 0, 10_000)
        case Kind.CHOICE:
            return blank.values[first]


def _whole(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError("a whole number")
    return _within(int(text), least, most)


def _within(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise ValueError(f"{least} to {most}")
    return number


def _as_choice(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
