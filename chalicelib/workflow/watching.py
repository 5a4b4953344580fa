"""What tells operators that something is stuck. It stands apart from the sweep, which may be what is stuck."""

from dataclasses import dataclass

from chalicelib.domain.ports import LONGEST_PAGE, OPEN_REFUND, Filter, Ports
from chalicelib.workflow.figures import is_stuck, read_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How the service stands.

    oldest_due_seconds   how long the most overdue row has waited for the sweep; 0 where nothing is due
    refunds_pending      refunds of which something has not gone, counted up to MOST
    refunds_stuck        those of them that failed, or are due beyond the provider's time
    late_parcels         parcels that left although their order was cancelled, and wait for customer service
    effects_held         what was tried in vain for days and waits for a person, counted up to a page of a list
    """

    oldest_due_seconds: int
    refunds_pending: int
    refunds_stuck: int
    effects_held: int
    late_parcels: int


def watch(ports: Ports) -> Watched:
    """Look at what is due and at what providers owe. Changes nothing."""
    now = ports.now()
    overdue = [case for case_id in ports.store.due(now, 1) if (case := ports.store.case(case_id)) and case.wake_at]
    waited = max((int((now - case.wake_at).total_seconds()) for case in overdue if case.wake_at), default=0)
    refunding = read_cases(ports, Filter(refund=OPEN_REFUND))
    stuck = [case for case in refunding if is_stuck(case)]
    return Watched(
        oldest_due_seconds=max(0, waited),
        refunds_pending=len(refunding),
        refunds_stuck=len(stuck),
        late_parcels=len(ports.store.late_parcels(limit=LONGEST_PAGE).items),
        effects_held=len(ports.store.held(lambda held: True, limit=LONGEST_PAGE).items),
    )
