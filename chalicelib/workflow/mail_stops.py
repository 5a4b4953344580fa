"""What comes back from mails: addresses that do not take them, readers who call them spam, and answers."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.cases.case import Actor, Role
from chalicelib.domain.cases.change import Answered
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.orders.order import Order
from chalicelib.domain.people.mail_stops import MailStop, Why, stop_id
from chalicelib.domain.ports import House, Page
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


def stop(house: House, addresses: Sequence[str], why: Why, case_id: str | None) -> None:
    """No more mails to these addresses. The cases of their readers show it for as long as it holds."""
    for address in addresses:
        made = MailStop(address=address, why=why, at=house.now(), case_id=case_id)
        house.store.put_mail_stop(made)
        log.warning("address stopped", extra={"stop_id": made.stop_id, "why": why, "case_id": case_id})


def stopped_parties(house: House, order: Order) -> list[Role]:
    """Whom mails about this order do not reach."""
    readers = {Role.BUYER: order.body.buyer.email, Role.SELLER: order.body.seller.email}
    stopped = house.store.stopped(set(readers.values()))
    return [role for role, address in readers.items() if address in stopped]


def stops(house: House, actor: Actor, limit: int = 20, cursor: str | None = None) -> Page[MailStop]:
    """All stopped addresses. Raises Forbidden but for operators and support."""
    if actor.role not in (Role.OPERATOR, Role.SUPPORT):
        raise Forbidden(actor.role, "see_mail_stops")
    return house.store.mail_stops(limit=limit, cursor=cursor)


def lift(house: House, actor: Actor, stop: str) -> None:
    """Let a stopped address have mail again. Raises Forbidden but for operators."""
    if actor.role is not Role.OPERATOR:
        raise Forbidden(actor.role, "lift_mail_stop")
    house.store.lift_mail_stop(stop)


def take_reply(house: House, reply: Reply) -> Message | None:
    """The reply as a message on the case's thread; None where it is not taken: nothing said, an unknown case, a sender
    other than the party the mail went to (a forwarded mail is no proxy)."""
    case = house.store.case(reply.case_id)
    order = house.store.order(case.order_id) if case else None
    if case is None or order is None or not reply.text:
        return None
    party = {Role.BUYER: order.body.buyer, Role.SELLER: order.body.seller}[reply.role]
    if stop_id(party.email) != stop_id(reply.sender):
        log.warning("reply from somebody else", extra={"case_id": reply.case_id, "role": reply.role})
        return None
    key = hashlib.sha256(f"reply|{reply.received_as}".encode()).hexdigest()
    if house.store.answered(key) is not None:
        return None

    def keep(message: Message) -> Answered:
        expires_at = message.at + _REMEMBERED
        return Answered(key=key, fingerprint=key, status=201, body="{}", expires_at=expires_at)

    actor = Actor(id=party.id, role=reply.role)
    try:
        return write_on_case(house, reply.case_id, reply.text[:_LONGEST], actor, keep)
    except NotFound:
        return None
