"""Whether a request counts against its seller. Two readings of one business, both data (docs/rules.md R47)."""

from chalicelib.domain.cases.case import Case, Outcome
from chalicelib.domain.orders.statuses import NOT_BEGUN
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Rating
from chalicelib.domain.policies.reasons import Kind


def counts_against_seller(case: Case) -> bool:
    """By the reading that was fixed when the case began."""
    return by_reading(case, case.policy.rating)


def by_reading(case: Case, reading: Rating) -> bool:
    """By one of the readings.

    `marketplace`: cancellations and returns by the seller's fault, and answers that lapsed.

    `buyer-protection`: cancellations of processed orders, except those that the seller's own fault caused.
    """
    granted = case.outcome in (Outcome.CANCELLED, Outcome.RETURNED)
    by_fault = case.asked.fault == Fault.SELLER
    if reading is Rating.MARKETPLACE:
        return case.lapsed or (granted and by_fault)
    return granted and not by_fault and case.kind is Kind.CANCELLATION and case.order_status not in NOT_BEGUN
