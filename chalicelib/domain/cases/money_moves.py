"""What a decision does to a case's money, as an entry of the ledger. Found by looking at the case before and after it,
so that no step can forget to tell."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.money.ledger import LedgerEntry, Occasion, kept_of, moves_of
from chalicelib.domain.money.refund import Refund
from chalicelib.domain.money.wallet import Credit


def moved_money(
    before: Case | None, after: Case, credits: Iterable[Credit], seq: int, at: datetime
) -> tuple[Case, LedgerEntry | None]:
    """The case after its `seq`-th entry, its refund marked as known to the ledger, and what the ledger says of that;
    None where no money moved."""
    was, now = before.refund if before else None, after.refund
    if was == now:
        return after, None
    # What was kept with a refund from before there was a ledger stays outside of it, as what was paid at once does.
    fees = 0 if was and not was.in_ledger else _kept(now, after) - _kept(was, before)
    moves = (*moves_of(was, now, credits, after.seller_id), *kept_of(after.platform, after.seller_id, fees))
    if now is not None:
        after = replace(after, refund=replace(now, in_ledger=True))
    refund = now or was
    if refund is None or not moves:
        return after, None
    entry = LedgerEntry(
        entry_id=f"{after.case_id}:{seq}",
        at=at,
        what=_about(was, now),
        currency=refund.currency,
        moves=moves,
        order_id=after.order_id,
        case_id=after.case_id,
        refund_id=refund.refund_id,
    )
    return after, entry


def _kept(refund: Refund | None, case: Case | None) -> int:
    """The fees that were kept by then."""
    return case.quote.fees_total if refund is not None and case is not None else 0


def _about(was: Refund | None, now: Refund | None) -> Occasion:
    if was is None:
        return Occasion.REFUND_GRANTED
    return Occasion.REFUND_RECALLED if now is None else Occasion.REFUND_MOVED
