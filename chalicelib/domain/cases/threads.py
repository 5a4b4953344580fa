"""What people write to each other about an order, and the files they show as evidence."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.cases.case import Case
from chalicelib.domain.parties import Actor, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of an order's thread. `case_id` is None where it was written before there was a case: a chat of the
    buyer with customer service, which the case adopts."""

    message_id: str
    order_id: str
    at: datetime
    by: Actor
    text: str
    case_id: str | None = None


def may_read(message: Message, case: Case, role: Role) -> bool:
    """Whether this message belongs to the case's thread for this party. What the buyer told customer service before
    the case is not the seller's to read."""
    if message.case_id is None:
        return role is not Role.SELLER
    return message.case_id == case.case_id
