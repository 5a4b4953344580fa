"""What people write to each other about an order, and the files they show as evidence."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.parties import Actor, Role

# Answers by mail: how long after a case closed its reply addresses still take them (a thank-you, a late photo), and how
# many of one party in 24 hours and in all. Two autoresponders that answer each other come to their end by these.
REPLIES_AFTER_CLOSE = timedelta(days=14)
REPLIES_A_DAY = 10
REPLIES_A_CASE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of an order's thread. `case_id` is None where it was written before there was a case: a chat of the
    buyer with customer service, which the case adopts. `erased_at`: its words are gone since."""

    message_id: str
    order_id: str
    at: datetime
    by: Actor
    text: str
    case_id: str | None = None
    erased_at: datetime | None = None


def may_read(message: Message, case: Case, role: Role, joined: Collection[str] = ()) -> bool:
    """Whether this message belongs to the case's thread for this party; `joined` are the ids of the cases whose
    conversation is one with it. What the buyer told customer service before the case is not the seller's to read."""
    if message.case_id is None:
        return role is not Role.SELLER
    return message.case_id == case.case_id or message.case_id in joined


def takes_replies(case: Case, now: datetime) -> bool:
    """Whether the case's reply addresses still lead to it. They expire with the case, REPLIES_AFTER_CLOSE after its
    end, and live again where it is looked at anew."""
    return case.state is not State.CLOSED or case.closed_at is None or now < case.closed_at + REPLIES_AFTER_CLOSE
