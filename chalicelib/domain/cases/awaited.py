"""What a case waits for, as whoever is waited for sees it: one thing to do, by one day."""

from enum import StrEnum

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind


class Awaited(StrEnum):
    """The one thing that is to be done."""

    ANSWER = "answer"  # the seller's, to the request
    OFFER = "offer"  # the buyer's, to an offer
    SEND_GOODS = "send_goods"  # the buyer's, whose return was agreed
    CHECK_GOODS = "check_goods"  # the seller's, of goods that are on their way back or there
    CALL_BACK = "call_back"  # the seller's, of a parcel on its way to the buyer


def awaited_of(case: Case, role: Role) -> Awaited | None:
    """What the case waits for this party to do; None where it waits for somebody else, or for nobody."""
    if case.deadline_at is None or case.waiting_for is not role:
        return None
    if case.state is State.AWAITING_SELLER:
        return Awaited.ANSWER
    if case.state is State.AWAITING_BUYER:
        return Awaited.OFFER
    if case.state is not State.AWAITING_GOODS:
        return None
    if role is Role.BUYER:
        return Awaited.SEND_GOODS
    comes = case.kind is Kind.RETURN or (case.goods is not None and case.goods.arrived_at is not None)
    return Awaited.CHECK_GOODS if comes else Awaited.CALL_BACK
