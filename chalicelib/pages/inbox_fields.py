"""What is looked for in the inbox, as it stands in the address of its pages: nothing is kept anywhere else."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.card import Card
from chalicelib.domain.errors import Invalid
from chalicelib.domain.zones import Zone
from chalicelib.edge.limits import LONGEST_LINE
from chalicelib.locales.amounts import read_amount
from chalicelib.workflow.inbox import Sought, Tab

TAB, PAGE, CASE = "tab", "page", "case_id"
FIELDS = ("q", "status", "reason", "kind", "platform", "from", "to", "within")
# What `within` may be: the end of today, or so many days from now.
WITHIN: Mapping[str, int] = {"today": 0, "1": 1, "3": 3, "7": 7}
_USUAL = "IDR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What an address says: the tab, the page, what was filled in, and whether an amount could not be read."""

    tab: Tab
    page: int
    filled: Mapping[str, str]
    sought: Sought
    wrong: Sequence[str]
    currency: str

    @property
    def kept(self) -> str:
        """The same as it stands in an address, without the page."""
        return addressed(self.tab, self.filled)

    def on(self, tab: Tab, page: int = 1) -> str:
        """The same for another tab, or another page of it."""
        return addressed(tab, self.filled) + (f"&{PAGE}={page}" if page > 1 else "")

    def without(self, name: str) -> str:
        """The same without one of its fields."""
        return addressed(self.tab, {each: value for each, value in self.filled.items() if each != name})


def addressed(tab: str, filled: Mapping[str, str]) -> str:
    """What stands behind the `?`."""
    return urlencode({TAB: tab, **filled})


def filled_in(query: Mapping[str, str]) -> dict[str, str]:
    """What of a query or a form is one of these fields, cut to a length."""
    told = {name: query.get(name, "").strip()[:LONGEST_LINE] for name in FIELDS}
    return {name: value for name, value in told.items() if value}


def fields_of(query: Mapping[str, str], cards: Sequence[Card], now: datetime, zone: Zone) -> Fields:
    """What an address looks for. An amount is of the currency that most cards have, and one that cannot be read is
    left out and named in `wrong`."""
    filled = filled_in(query)
    currency = max(Counter(card.currency for card in cards).items(), key=lambda each: each[1], default=(_USUAL, 0))[0]
    amounts, wrong = dict[str, Money | None](), []
    for name in ("from", "to"):
        try:
            amounts[name] = Money(read_amount(filled[name], currency), currency) if name in filled else None
        except Invalid:
            wrong.append(name)
    tab, page = query.get(TAB, ""), query.get(PAGE, "")
    return Fields(
        tab=Tab(tab) if tab in set(Tab) else Tab.ANSWER,
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        filled=filled,
        sought=Sought(
            text=filled.get("q"),
            status=filled.get("status"),
            reason=filled.get("reason"),
            kind=filled.get("kind"),
            platform=filled.get("platform"),
            least=amounts.get("from"),
            most=amounts.get("to"),
            due_by=_due_by(filled.get("within"), now, zone),
        ),
        wrong=wrong,
        currency=currency,
    )


def _due_by(within: str | None, now: datetime, zone: Zone) -> datetime | None:
    days = WITHIN.get(within or "")
    if days is None:
        return None
    if days:
        return now + timedelta(days=days)
    # A deadline at midnight is told as the last minute of the day before.
    today = now.astimezone(zone.clock).date()
    return zone.begins(today + timedelta(days=1))
