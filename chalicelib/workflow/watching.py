"""What tells operators that something is stuck. It stands apart from the sweep, which may be what is stuck."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from chalicelib.domain.cases.case import Case
from chalicelib.domain.money.outstanding import Hangs, Outstanding, outstanding
from chalicelib.domain.money.refund import Refund
from chalicelib.domain.ports import LONGEST_PAGE, OPEN_REFUND, Filter, Page, Ports, every
from chalicelib.workflow.figures import is_stuck
from chalicelib.workflow.refunds import promised_at

# Open refunds that are looked at, those whose next look comes first: half a minute of the function's time at the most.
MOST_REFUNDS = 5000
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How the service stands.

    oldest_due_seconds   how long the most overdue row has waited for the sweep; 0 where nothing is due
    refunds_pending      refunds of which something has not gone, counted up to MOST_REFUNDS
    refunds_stuck        those of them that failed, or are due beyond the provider's time
    late_parcels         parcels that left although their order was cancelled, and wait for customer service
    effects_held         what was tried in vain for days and waits for a person, counted up to a page of a list
    oldest_refund_days   for how many days the oldest of those refunds has been open; 0 where none is
    money                what they have open, in minor units: by currency, and by where it hangs
    """

    oldest_due_seconds: int
    refunds_pending: int
    refunds_stuck: int
    effects_held: int
    late_parcels: int
    oldest_refund_days: float
    money: Mapping[str, Mapping[Hangs, int]]


def watch(ports: Ports) -> Watched:
    """Look at what is due and at what providers owe. Changes nothing."""
    now = ports.now()
    overdue = [case for case_id in ports.store.due(now, 1) if (case := ports.store.case(case_id)) and case.wake_at]
    waited = max((int((now - case.wake_at).total_seconds()) for case in overdue if case.wake_at), default=0)
    refunding, stuck = list[tuple[Refund, datetime]](), 0
    for case in islice(every(lambda cursor: _page(ports, cursor)), MOST_REFUNDS):
        if case.refund:
            refunding.append((case.refund, promised_at(case)))
            stuck += is_stuck(case)
    found = outstanding(refunding)
    return Watched(
        oldest_due_seconds=max(0, waited),
        refunds_pending=len(refunding),
        refunds_stuck=stuck,
        late_parcels=len(ports.store.late_parcels(limit=LONGEST_PAGE).items),
        effects_held=len(ports.store.held(lambda held: True, limit=LONGEST_PAGE).items),
        oldest_refund_days=round((now - found.since).total_seconds() / _DAY, 3) if found.since else 0.0,
        money=_by_currency(found),
    )


def _page(ports: Ports, cursor: str | None) -> Page[Case]:
    return ports.store.cases(Filter(refund=OPEN_REFUND), limit=LONGEST_PAGE, cursor=cursor)


def _by_currency(found: Outstanding) -> Mapping[str, Mapping[Hangs, int]]:
    """Of a currency that has any money open, each place is named: a sum that fell to nothing is told."""
    currencies = sorted({currency for currency, _ in found.sums})
    return {currency: {place: found.sums.get((currency, place), 0) for place in Hangs} for currency in currencies}
