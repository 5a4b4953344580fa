"""What moving in and out takes: the requests, and the rows of a file. A row is an order or a case as another house has
it, or one that a house of ours wrote down."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from chalicelib.domain.cases.case import Outcome
from chalicelib.domain.cases.choices import Channel
from chalicelib.domain.jobs import Exported, Imported
from chalicelib.domain.policies.policy import Silence
from chalicelib.edge.bodies import Amount, Currency, Id, LineWish, Moment, OwnId, Words
from chalicelib.edge.limits import MOST_INLINE, MOST_LINES, MOST_TENDERS

# How a row says that a house of ours wrote it down, and in which form.
ORDER_FORM, CASE_FORM = "batal-order/1", "batal-case/1"


class ImportPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is to be taken in: a file of lines (NDJSON) that is uploaded, or a few `rows` at once. A `dry_run` says what
    would come of each row, and changes nothing."""

    kind: Imported
    dry_run: bool = False
    source: Literal["upload", "inline"] = "upload"
    rows: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1, max_length=MOST_INLINE)] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where rows come with an upload, or none without one."""
        if (self.rows is not None) is not (self.source == "inline"):
            raise ValueError("rows: say them where source is inline, and only there")


class ExportPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is to be written down; of cases and files what changed from `since` on and before `until`, of orders what
    was placed then, of ledger and events what happened then. `currency` is the ledger's."""

    kind: Exported
    since: Moment | None = None
    until: Moment | None = None
    currency: Currency | None = None


class RefundedRow(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What went back by a tender, in minor units."""

    tender_id: Id
    amount: Amount


class CaseRow(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A case as another house has it: open, with whom it waits for and until when, or at its end, with its outcome."""

    case_id: OwnId
    order_id: Id
    kind: Literal["cancellation", "return"]
    asked_at: Moment
    state: Literal["awaiting_seller", "awaiting_support", "closed"] = "awaiting_seller"
    reason_code: OwnId | None = None
    comment: Words | None = None
    lines: Annotated[tuple[LineWish, ...], Meta(min_length=1, max_length=MOST_LINES)] | None = None
    attempt: Annotated[int, Meta(ge=1, le=1000)] = 1
    channel: Channel | None = None
    deadline_at: Moment | None = None
    if_silent: Silence = Silence.ESCALATE
    outcome: Outcome | None = None
    closed_at: Moment | None = None
    decided_by: Literal["buyer", "seller", "support", "system"] | None = None
    decision_reason: Annotated[OwnId, Meta(description="Why it was refused, by the catalogue")] | None = None
    decision_comment: Words | None = None
    refunded: Annotated[tuple[RefundedRow, ...], Meta(max_length=MOST_TENDERS)] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where an open case has an end or no deadline, or one that ended has none."""
        ended = self.outcome is not None
        if ended is not (self.closed_at is not None) or (self.state == "closed" and not ended):
            raise ValueError("outcome and closed_at: a case that ended has both, an open one has none")
        if not ended and self.deadline_at is None:
            raise ValueError("deadline_at: say until when an open case waits")
        if not ended and self.refunded:
            raise ValueError("refunded: of an open case nothing went back")
        if ended and self.closed_at and self.closed_at < self.asked_at:
            raise ValueError("closed_at: not before asked_at")
