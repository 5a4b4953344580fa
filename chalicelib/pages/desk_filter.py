"""What of a queue is looked at: kind, reason, platform and amount, as the address of the page keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Invalid
from chalicelib.edge.limits import LONGEST_OWN_ID
from chalicelib.locales.amounts import read_amount

# How many rows a page of the desk shows.
ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFilter:
    """What was chosen; nothing lets everything through. `amount` is typed as people write money: at least so much."""

    kind: str = ""
    reason: str = ""
    platform: str = ""
    amount: str = ""

    @property
    def chosen(self) -> Mapping[str, str]:
        """What was chosen, by the name of its field."""
        fields = {"kind": self.kind, "reason": self.reason, "platform": self.platform, "amount": self.amount}
        return {name: text for name, text in fields.items() if text}

    def of(self, cases: Sequence[Case]) -> Sequence[Case]:
        """The cases that are meant. Raises Invalid `amount_not_understood`."""
        least = {currency: read_amount(self.amount, currency) for currency in _currencies(cases) if self.amount}
        return [
            case
            for case in cases
            if self.kind in ("", case.kind)
            and self.reason in ("", case.asked.reason_code)
            and self.platform in ("", case.platform)
            and case.quote.refund_total >= least.get(case.quote.currency, 0)
        ]


def chosen_in(query: Mapping[str, str]) -> DeskFilter:
    """What an address chooses."""
    names = ("kind", "reason", "platform", "amount")
    return DeskFilter(**{name: query.get(name, "").strip()[:LONGEST_OWN_ID] for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One page of the rows that are meant, which one it is, and what may be chosen."""

    cases: Sequence[Case]
    number: int
    pages: int
    found: int
    wrong_amount: bool
    choices: Mapping[str, Sequence[str]]


def rows_of(cases: Sequence[Case], wanted: DeskFilter, number: str) -> Rows:
    """The page of this number; the nearest one where there is none."""
    wrong = False
    try:
        found = wanted.of(cases)
    except Invalid:
        found, wrong = cases, True
    pages = max(1, -(-len(found) // ROWS))
    at = min(max(1, int(number) if number.isdecimal() and len(number) < 6 else 1), pages)
    return Rows(
        cases=found[(at - 1) * ROWS : at * ROWS],
        number=at,
        pages=pages,
        found=len(found),
        wrong_amount=wrong,
        choices={
            "kind": _known(wanted.kind, [case.kind for case in cases]),
            "reason": _known(wanted.reason, [case.asked.reason_code for case in cases]),
            "platform": _known(wanted.platform, [case.platform for case in cases]),
        },
    )


def address_of(tab: str, wanted: DeskFilter, number: int = 1) -> str:
    """What follows the desk's path: the tab, what was chosen, and the page."""
    return urlencode({"tab": tab, **wanted.chosen, **({"page": number} if number > 1 else {})})


def _currencies(cases: Sequence[Case]) -> set[str]:
    return {case.quote.currency for case in cases}


def _known(chosen: str, there: Sequence[str | None]) -> Sequence[str]:
    return sorted({str(each) for each in there if each} | ({chosen} if chosen else set()))
