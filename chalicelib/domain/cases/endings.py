"""What the end of a case leaves to its seller: to ship on, to ship nothing, to have a parcel brought back."""

from enum import StrEnum

from chalicelib.domain.cases.case import Case, Outcome
from chalicelib.domain.cases.choices import ParcelWay
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.steps.late_parcels import may_yet_arrive
from chalicelib.domain.orders.statuses import BOUND_FOR_BUYER, PARCEL_LEFT, OrderStatus
from chalicelib.domain.policies.reasons import Kind


class LeftToSeller(StrEnum):
    """What a seller has to do, or to leave, once a request has ended."""

    GOES_ON = "goes_on"  # the order goes on as if nobody had asked
    SOME = "some"  # what was not cancelled is shipped
    GONE = "gone"  # nothing is shipped
    LEFT = "left"  # the parcel had left, and is to come back
    RECALLED = "recalled"  # it was stopped, or is back
    EXPECTED = "expected"  # goods may be on their way back
    BACK = "back"
    NOTHING = "nothing"


def left_to_seller(case: Case) -> LeftToSeller:
    """What a case that ended leaves to its seller, by what is known of its goods."""
    if case.is_goodwill:
        return LeftToSeller.NOTHING
    if case.outcome is Outcome.CANCELLED:
        return _of_cancelled(case)
    if case.outcome is Outcome.RETURNED:
        return _of_returned(case)
    if case.outcome is Outcome.OVERTAKEN and case.moved_to is OrderStatus.CANCELLED:
        return LeftToSeller.GONE
    travels = case.order_status in PARCEL_LEFT
    return LeftToSeller.NOTHING if travels or case.kind is Kind.RETURN else LeftToSeller.GOES_ON


_BY_WAY = {
    ParcelWay.RECALL: LeftToSeller.LEFT,
    ParcelWay.KEEPS: LeftToSeller.NOTHING,
    ParcelWay.RETURNS: LeftToSeller.EXPECTED,
}


def _of_cancelled(case: Case) -> LeftToSeller:
    if case.late_parcel:
        return _BY_WAY[case.late_parcel_way] if case.late_parcel_way else LeftToSeller.LEFT
    if may_yet_arrive(case):
        return LeftToSeller.LEFT
    if case.goods is not None or case.order_status in BOUND_FOR_BUYER:
        return LeftToSeller.RECALLED
    return LeftToSeller.SOME if case.is_of_some else LeftToSeller.GONE


def _of_returned(case: Case) -> LeftToSeller:
    if case.goods is None:
        return LeftToSeller.NOTHING
    seen = case.decision is not None and case.decision.command is Command.GOODS_RECEIVED
    return LeftToSeller.BACK if seen or case.goods.arrived_at else LeftToSeller.EXPECTED
