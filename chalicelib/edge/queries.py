"""What addresses may carry behind their question mark: one bounded type per route that takes anything there.

Values are text; numbers are read from it, all else is taken as it stands. Unknown names are refused.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.jobs import JobKind
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.ports import LONGEST_PAGE, PAGE
from chalicelib.domain.simulation.suggesting import Lever, Target
from chalicelib.edge.bodies import END, Currency, EffectKind, Id, Moment, OwnId
from chalicelib.edge.limits import LAST_VERSION, LONGEST_CURSOR, LONGEST_OWN_ID, MOST_LINES

# `1:2,3:1`: quantities by line; MOST_PIECES has six digits.
_LINE = r"[^,:]+:[1-9][0-9]{0,5}"
_LINES = rf"^{_LINE}(,{_LINE}){{0,{MOST_LINES - 1}}}{END}"
_LINES_SAY = (
    "`line_id:quantity,...`; all that is left unless said. `%`, `,` and `:` within an id are percent-encoded, "
    "before the whole is encoded for the address"
)
Lines = Annotated[str, Meta(pattern=_LINES, description=_LINES_SAY)]
Cursor = Annotated[str, Meta(min_length=1, max_length=LONGEST_CURSOR, description="`next_cursor` of the page before")]
After = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_CURSOR, description="`next_cursor` of the page before; none: the oldest")
]
Sort = Annotated[Literal["deadline_at"], Meta(description="Open cases by deadline; then closed ones")]

RefundWord = Literal[
    "pending",
    "succeeded",
    "failed",
    "stuck",
    "due",
    "sent",
    "reversed",
    "held",
    "needs_account",
    "redirected",
    "charged_back",
]


class NoQuery(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Nothing."""


class PageQuery(NoQuery, kw_only=True, frozen=True):
    """Which page of a list."""

    limit: Annotated[int, Meta(ge=1, le=LONGEST_PAGE)] = PAGE
    cursor: Cursor | None = None


class JobsQuery(PageQuery, kw_only=True, frozen=True):
    """Which jobs."""

    kind: JobKind | None = None


class OrdersQuery(PageQuery, kw_only=True, frozen=True):
    """Whose orders, and which of them. Buyers and sellers get their own."""

    status: OrderStatus | None = None
    buyer_id: Id | None = None
    seller_id: Id | None = None


class RefundsQuery(PageQuery, kw_only=True, frozen=True):
    """Which refunds: by how they stand, or one of their parts does, and of which order."""

    state: RefundWord | None = None
    order_id: Id | None = None


class CasesQuery(PageQuery, kw_only=True, frozen=True):
    """Which cases. Buyers and sellers get their own."""

    state: State | None = None
    outcome: Outcome | None = None
    kind: Kind | None = None
    order_id: Id | None = None
    seller_id: Id | None = None
    buyer_id: Id | None = None
    due_before: Moment | None = None
    updated_since: Moment | None = None
    sort: Sort | None = None


Day = Annotated[str, Meta(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{END}", description="A day, `2026-11-23`")]


class FiguresFileQuery(NoQuery, kw_only=True, frozen=True, rename={"first": "from", "last": "to"}):
    """Of which days, in the marketplace's zone, both included; the last 28 up to today unless said, 366 at most."""

    first: Day | None = None
    last: Day | None = None


class OptionsQuery(NoQuery, kw_only=True, frozen=True):
    """What the buyer thinks of asking."""

    kind: Literal["cancellation", "return"] = "cancellation"
    lines: Lines | None = None
    reason_code: OwnId | None = None


class PolicyQuery(NoQuery, kw_only=True, frozen=True):
    """Which version."""

    version: Annotated[int, Meta(ge=1, le=LAST_VERSION)] | None = None


class SimulateQuery(NoQuery, kw_only=True, frozen=True):
    """What is to be reached, where a lever of the draft shall be moved."""

    suggest: Lever | None = None
    decided: Annotated[int, Meta(ge=1, le=100)] = 90
    within: Annotated[int, Meta(ge=1, le=240)] = 12
    more_fees: Annotated[int, Meta(ge=0, le=1000)] = 2

    @property
    def target(self) -> Target | None:
        """The same in the words of the domain; None where nothing is to be suggested."""
        if self.suggest is None:
            return None
        share, more = self.decided / 100, self.more_fees / 100
        return Target(lever=self.suggest, share=share, within=self.within, more_fees=more)


class WalletQuery(PageQuery, kw_only=True, frozen=True):
    """Which of a buyer's wallets."""

    currency: Currency = "IDR"


class LedgerQuery(PageQuery, kw_only=True, frozen=True):
    """Which entries of the ledger: in one currency, from `since` on and before `until`; unless said, those of the last
    31 days."""

    since: Moment | None = None
    until: Moment | None = None
    currency: Currency = "IDR"


class CaseFileQuery(NoQuery, kw_only=True, frozen=True):
    """Which part of it: the latest messages, or those before a cursor (`messages_earlier`)."""

    cursor: Cursor | None = None


class HeldQuery(PageQuery, kw_only=True, frozen=True):
    """Which held effects: of a kind, held `since` and before `until`."""

    kind: EffectKind | None = None
    since: Moment | None = None
    until: Moment | None = None


class EventsQuery(NoQuery, kw_only=True, frozen=True):
    """What was told after a place in the log; of one type, of one order."""

    after: After | None = None
    limit: Annotated[int, Meta(ge=1, le=LONGEST_PAGE)] = PAGE
    type: EventName | None = None
    order_id: Id | None = None


class WebhooksQuery(PageQuery, kw_only=True, frozen=True):
    """Those that are told of a type."""

    type: EventName | None = None


class MailStopQuery(NoQuery, kw_only=True, frozen=True):
    """Which stop."""

    id: Annotated[str, Meta(min_length=1, max_length=LONGEST_OWN_ID)]
