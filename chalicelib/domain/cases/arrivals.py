"""Cases that a house of ours wrote down, and how any case arrives that began elsewhere (told_cases.py has those that
others tell of).

Nothing of what they were is told to anybody again. An open one lives on from where it stood: its deadline runs, its
execution begins, and whoever it waits for can answer.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change, Slot
from chalicelib.domain.cases.outbox import fresh, leased, with_clues
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.cases.step import StepContext
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.orders.order import Order

# Entries of a timeline that one transaction takes in, beside the rows that go with them.
MOST_ENTRIES = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKept:
    """A case as a house of ours wrote it down, with its whole timeline, and what it had promised to programs by then
    and not yet said."""

    case: Case
    timeline: tuple[Entry, ...]
    promised: tuple[str, ...] = ()

    @property
    def case_id(self) -> str:
        """Its id."""
        return self.case.case_id

    @property
    def order_id(self) -> str:
        """Its order's id."""
        return self.case.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """What is needed of the moment in which a case arrives, and by which job."""

    now: datetime
    decision_id: str
    salt: str


def kept_case(kept: CaseKept, order: Order, context: StepContext, arriving: Arriving) -> Change:
    """The case that a house of ours wrote down, as it was; its money is where it was, and nothing is asked for again.

    Raises Invalid `timeline_broken` where its timeline was changed, `timeline_too_long`, `identity_changed` where it is
    other people's than its order, Refused `not_at_rest` where
    programs were still to hear of it, which nobody would tell them any more, `case_open` where the order has another
    open case.
    """
    case, entries = kept.case, kept.timeline
    if kept.promised:
        raise Refused("not_at_rest", case_id=case.case_id, promised=list(kept.promised))
    body = order.body
    if (case.platform, case.buyer_id, case.seller_id) != (body.platform, body.buyer.id, body.seller.id):
        raise Invalid("identity_changed", order_id=order.order_id)
    if examine(entries, case.entries, case.head).whole is Soundness.TAMPERED or not entries:
        raise Invalid("timeline_broken", case_id=case.case_id)
    if len(entries) > MOST_ENTRIES:
        raise Invalid("timeline_too_long", entries=len(entries), at_most=MOST_ENTRIES)
    holds = case.open and case.holds_slot
    slot = Slot(order_id=order.order_id, case_id=case.case_id, seen=order, opens=True, beside=not holds)
    # What was told in the other house is not told again: its events stay there, and its promises too.
    entries = tuple(replace(entry, events=None, log_place=None) for entry in entries)
    return arrived(replace(case, outbox={}), entries, slot, context, arriving)


def arrived(case: Case, entries: tuple[Entry, ...], slot: Slot, context: StepContext, arriving: Arriving) -> Change:
    """The commit: an open case begins its run, and is found by what callers say; a closed one promises nothing."""
    order = slot.seen
    if slot.takes and order and order.open_case:
        raise Refused("case_open", case_id=order.open_case)
    after = replace(case, rev=max(1, case.rev), lease_until=None, wake_at=None)
    if case.open:
        outbox = with_clues(fresh(len(entries), context.with_run(())), after.rev)
        after = leased(replace(after, outbox=outbox), arriving.now, context.pace, context.deliverer)
    return Change(case=after, earlier=entries[:-1], entry=entries[-1], slot=slot)
