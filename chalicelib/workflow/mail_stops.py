"""What comes back from mails: addresses that do not take them, readers who call them spam, and answers."""

import logging
from collections.abc import Sequence

from chalicelib.domain.errors import Forbidden
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import MailStop, Why, stop_id
from chalicelib.domain.ports import PAGE, Page, Ports

log = logging.getLogger(__name__)

READERS = frozenset({Role.OPERATOR, Role.SUPPORT})
LIFTERS = frozenset({Role.OPERATOR})


def stop(ports: Ports, addresses: Sequence[str], why: Why, case_id: str | None) -> None:
    """No more mails to these addresses. The cases of their readers show it for as long as it holds."""
    for address in addresses:
        made = MailStop(address=address, why=why, at=ports.now(), case_id=case_id)
        ports.store.put_mail_stop(made)
        log.warning("address stopped", extra={"stop_id": made.stop_id, "why": why, "case_id": case_id})


def wanted_again(ports: Ports, addresses: Sequence[str]) -> None:
    """Readers said that our mail is no spam: whatever stopped their addresses holds no more."""
    for address in addresses:
        ports.store.lift_mail_stop(stop_id(address))
        log.info("address wants mail again", extra={"stop_id": stop_id(address)})


def stopped_parties(ports: Ports, order: Order) -> list[Role]:
    """Whom mails about this order do not reach."""
    readers = {Role.BUYER: order.body.buyer.email, Role.SELLER: order.body.seller.email}
    stopped = ports.store.stopped(set(readers.values()))
    return [role for role, address in readers.items() if address in stopped]


def stops(ports: Ports, actor: Actor, limit: int = PAGE, cursor: str | None = None) -> Page[MailStop]:
    """All stopped addresses. Raises Forbidden but for operators and support."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "see_mail_stops")
    return ports.store.mail_stops(limit=limit, cursor=cursor)


def lift(ports: Ports, actor: Actor, stop: str) -> None:
    """Let a stopped address have mail again. Raises Forbidden but for operators."""
    if actor.role not in LIFTERS:
        raise Forbidden(actor.role, "lift_mail_stop")
    ports.store.lift_mail_stop(stop)
