"""What comes back from mails: addresses that do not take them, readers who call them spam, and answers."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import mail_of
from chalicelib.domain.cases.mail_fates import ASKING, Fate, MailFate, asks, may_ask
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.orders.body import Person, Reach
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.mail_stops import MailDelay, MailStop, Why, stop_id
from chalicelib.domain.ports import PAGE, Page, Ports

log = logging.getLogger(__name__)

READERS = frozenset({Role.OPERATOR, Role.SUPPORT})
LIFTERS = frozenset({Role.OPERATOR})
MOST_DELAYS = 100


def stop(ports: Ports, addresses: Sequence[str], why: Why, case_id: str | None) -> None:
    """No more mails to these addresses. The cases of their readers show it for as long as it holds.

    That the mail service keeps one on a list of its own adds nothing to what stopped it before.
    """
    known = ports.store.stopped(set(addresses)) if why is Why.SUPPRESSED else {}
    for address in addresses:
        if address in known:
            continue
        made = MailStop(address=address, why=why, at=ports.now(), case_id=case_id)
        ports.store.put_mail_stop(made)
        log.warning("address stopped", extra={"stop_id": made.stop_id, "why": why, "case_id": case_id})


def wanted_again(ports: Ports, addresses: Sequence[str]) -> None:
    """Readers said that our mail is no spam: whatever stopped their addresses holds no more."""
    for address in addresses:
        ports.store.lift_mail_stop(stop_id(address))
        log.info("address wants mail again", extra={"stop_id": stop_id(address)})


def delayed(ports: Ports, delay: MailDelay) -> None:
    """A mail is late on its way. It stops nothing: the mail service goes on trying, and says so where it gives up."""
    ports.store.put_mail_delay(delay)
    log.info("mail is late", extra={"case_id": delay.case_id, "why": delay.why})


def became(ports: Ports, case_id: str, effect: str, fate: Fate, at: datetime, handed_at: datetime | None) -> None:
    """Keep what became of a mail, where it asks whom its case waits for now; `effect` is the key of its promise. Of any
    other mail nothing is kept."""
    promise = mail_of(effect)
    if promise is None or not may_ask(promise):
        return
    case = ports.store.case(case_id)
    if case is None or not asks(promise, case):
        return
    told = MailFate(run=case.run, turn=case.turn, fate=fate, at=at, handed_at=handed_at)
    ports.store.put_mail_fate(case_id, told)
    log.info("mail told of", extra={"case_id": case_id, "effect": effect, "fate": fate})


def fate_of(ports: Ports, case: Case) -> MailFate | None:
    """What became of the mail that asks whom the case waits for; None where nothing is known, or none asks."""
    found = ports.store.mail_fate(case.case_id) if case.state in ASKING else None
    return found if found and found.is_about(case) else None


def delays(ports: Ports, actor: Actor) -> Sequence[MailDelay]:
    """The mails that were told to be late within a day, the latest first, at most MOST_DELAYS. Raises Forbidden but for
    operators and support."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "see_mail_delays")
    return ports.store.mail_delays(ports.now() - timedelta(days=1), limit=MOST_DELAYS)


class Way(StrEnum):
    """By whom, or in what, a party of an order is told what a mail would say."""

    MAIL = "mail"
    DIGEST = "digest"
    MARKETPLACE = "marketplace"
    NOBODY = "nobody"


def stopped_parties(ports: Ports, order: Order) -> list[Role]:
    """Whose address, of this order's parties, is stopped."""
    return list(_stops_of(ports, order))


def ways(ports: Ports, order: Order) -> Mapping[Role, Way]:
    """How each party of this order is told: by mail; by the marketplace, where no mail may go or the platform's own
    forwarding does not take it; not at all, where their address was stopped."""
    stopped = _stops_of(ports, order)
    return {role: _way(person, stopped.get(role)) for role, person in _readers(order).items()}


def _way(person: Person, why: Why | None) -> Way:
    if person.mailbox is None:
        return Way.MARKETPLACE
    if why is None:
        return Way.MAIL
    # What a platform's relay sends back says nothing of the person behind it; a reader who calls it spam wants none.
    forwarded = person.contact is Reach.PROXY and why is not Why.COMPLAINT
    return Way.MARKETPLACE if forwarded else Way.NOBODY


def _readers(order: Order) -> Mapping[Role, Person]:
    return {Role.BUYER: order.body.buyer, Role.SELLER: order.body.seller}


def _stops_of(ports: Ports, order: Order) -> Mapping[Role, Why]:
    boxes = {role: box for role, person in _readers(order).items() if (box := person.mailbox) is not None}
    stopped = ports.store.stopped(set(boxes.values())) if boxes else {}
    return {role: stopped[box] for role, box in boxes.items() if box in stopped}


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
