"""Answers to mails: what a party writes back becomes a message on the case."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.cases.change import Answered
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.errors import NotFound
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import stop_id
from chalicelib.domain.ports import Ports
from chalicelib.workflow.threads import write_on_case

log = logging.getLogger(__name__)


# SES tells everything at least once; within this time a mail that is told again is known.
_REMEMBERED = timedelta(days=4)


_LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What somebody answered to a mail of ours: to the address for `role` on `case_id`, from an address of theirs.

    `received_as` is the receiver's own id of the mail, the same each time it is told.
    """

    received_as: str
    case_id: str
    role: Role
    sender: str
    text: str


def take_reply(ports: Ports, reply: Reply) -> Message | None:
    """The reply as a message on the case's thread; None where it is not taken: nothing said, an unknown case, a sender
    other than the party the mail went to (a forwarded mail is no proxy)."""
    case = ports.store.case(reply.case_id)
    order = ports.store.order(case.order_id) if case else None
    if case is None or order is None or not reply.text:
        return None
    party = {Role.BUYER: order.body.buyer, Role.SELLER: order.body.seller}[reply.role]
    if stop_id(party.email) != stop_id(reply.sender):
        log.warning("reply from somebody else", extra={"case_id": reply.case_id, "role": reply.role})
        return None
    key = hashlib.sha256(f"reply|{reply.received_as}".encode()).hexdigest()
    if ports.store.answered(key) is not None:
        return None

    def remember(message: Message) -> Answered:
        expires_at = message.at + _REMEMBERED
        return Answered(key=key, fingerprint=key, status=201, body="{}", expires_at=expires_at)

    actor = Actor(id=party.id, role=reply.role)
    try:
        return write_on_case(ports, reply.case_id, reply.text[:_LONGEST], actor, remember)
    except NotFound:
        return None
