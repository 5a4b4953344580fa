"""Digests go out: what waits for a seller who chose a rhythm is told in one mail, once.

A case's promise becomes a note in one transaction with the digest that is to tell it, and is then struck; noted twice,
it is told once. Whoever sends a digest takes it first, so that no note joins it any more, then writes it from the cases
as they are, hands it over, and notes in one write what it told. Where it dies in between, the next one goes on: with
what was told it only clears up, else it sends. As with every mail, only who dies between handing over and noting so
sends twice.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.effects import Mail, Promise, encode, mail_of
from chalicelib.domain.cases.outbox import is_obsolete
from chalicelib.domain.errors import BatalError, Unavailable
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.people.digests import (
    LEASE,
    MOST_LISTED,
    Asked,
    Digest,
    DigestAsks,
    DigestNote,
    DigestTold,
    News,
    after_failure,
    awaits_seller,
    is_news,
    may_wait,
)
from chalicelib.domain.policies.rhythms import Rhythm, next_digest
from chalicelib.domain.ports import Ports
from chalicelib.domain.switches import Switch
from chalicelib.workflow.beside import beside
from chalicelib.workflow.events import instead_of_mail
from chalicelib.workflow.mail_stops import Way, ways

log = logging.getLogger(__name__)

# How many digests one sweep sends at most; the next one goes on.
_AT_ONCE = 50
# How often it is tried to note that one went out.
_TRIES = 3
# Where cases may wait for a seller.
_WITH_SELLERS = frozenset({State.AWAITING_SELLER, State.AWAITING_GOODS})


def rhythm_for(ports: Ports, order: Order) -> Rhythm:
    """In which rhythm the seller of this order is told what waits."""
    return ports.store.seller_rules(order.body.seller.id).digest


def waits_for_digest(ports: Ports, mail: Mail, case: Case, order: Order, rhythm: Rhythm) -> bool:
    """Whether a mail is told by its reader's next digest, and not by itself."""
    if rhythm is Rhythm.SINGLE or mail.to is not Role.SELLER:
        return False
    return may_wait(mail, case, next_digest(rhythm, ports.now(), order.body.seller.zone or ports.zone))


def note(ports: Ports, promise: Promise, case: Case, order: Order, rhythm: Rhythm) -> None:
    """Have the next digest tell it. Raises Unavailable."""
    seller, zone = order.body.seller.id, order.body.seller.zone or ports.zone
    noted = DigestNote(case_id=case.case_id, effect=encode(promise))
    at = next_digest(rhythm, ports.now(), zone)
    while not ports.store.note_for_digest(seller, at, noted):
        at = next_digest(rhythm, at, zone)


def send_due(ports: Ports, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send the digests whose moment has come; how many went out. One that fails keeps no other waiting."""
    sent = 0
    if Switch.MAILS in ports.off:
        return sent
    for digest in ports.store.due_digests(ports.now(), _AT_ONCE):
        if not go_on():
            break
        try:
            sent += _send(ports, digest)
        except Exception as error:
            # Only the kind of error: a message may carry an address.
            why = error.code if isinstance(error, BatalError) else type(error).__name__
            facts = {"seller_id": digest.seller_id, "tries": digest.tries + 1, "why": why}
            log.log(logging.WARNING, "digest failed", extra=facts)
    return sent


def _send(ports: Ports, digest: Digest) -> bool:
    if digest.told is not None:
        ports.store.end_digest(digest, ports.now())
        return False
    taken = replace(digest, rev=digest.rev + 1, next_at=ports.now() + LEASE)
    if not ports.store.put_digest(taken):
        return False
    gathered = _gathered(ports, taken)
    went = False
    try:
        if gathered.live:
            went = _hand_over(ports, taken, gathered)
    except Exception:
        ports.store.put_digest(after_failure(taken, ports.now()))
        raise
    told = replace(taken, rev=taken.rev + 1, next_at=None, told=tuple(each.key for each in gathered.notes))
    if _written(ports, told):
        ports.store.end_digest(told, ports.now())
    return went


def _written(ports: Ports, told: Digest) -> bool:
    """Note what went out, though the table should refuse for a moment: unnoted, it would go out again."""
    for _ in range(_TRIES):
        with suppress(Unavailable):
            return ports.store.put_digest(told)
    raise Unavailable("dynamodb")


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What was noted, and what of it is still worth telling, each with its case and order, in the order in which it was
    promised."""

    notes: Sequence[DigestNote]
    live: Sequence[tuple[Promise, Case, Order]]


def _gathered(ports: Ports, digest: Digest) -> _Gathered:
    notes = ports.store.digest_notes(digest.seller_id)
    live = list[tuple[Promise, Case, Order]]()
    for case_id in dict.fromkeys(each.case_id for each in notes):
        if (found := _with_order(ports, case_id)) is None:
            continue
        promises = [promise for each in notes if each.case_id == case_id and (promise := mail_of(each.effect))]
        case, order = found
        live += [(each, case, order) for each in promises if not is_obsolete(each, case, late=True)]
    return _Gathered(notes, sorted(live, key=lambda each: (each[1].updated_at, each[1].case_id, each[0].seq)))


def _with_order(ports: Ports, case_id: str) -> tuple[Case, Order] | None:
    case = ports.store.case(case_id)
    order = ports.store.order(case.order_id) if case else None
    return (case, order) if case and order else None


def _hand_over(ports: Ports, digest: Digest, gathered: _Gathered) -> bool:
    """Tell it: by one mail, to where the newest request's would go; or whoever no mail may reach, as single mails
    would be. Whether a mail went out."""
    _, _, newest = max(gathered.live, key=lambda each: each[1].created_at)
    way = ways(ports, newest)[Role.SELLER]
    if way is Way.NOBODY:
        log.warning("digest not sent: its address is stopped", extra={"seller_id": digest.seller_id})
        return False
    if way is Way.MARKETPLACE:
        _tell_marketplace(ports, gathered)
        return False
    told = _told(ports, digest, gathered, newest)
    asked = tuple(Asked(case_id=case.case_id, run=case.run, turn=case.turn) for case, _ in told.waiting)
    ports.store.put_digest_asks(DigestAsks(seller_id=digest.seller_id, at=digest.at, asked=asked))
    ports.mailer.send(ports.compose_digest(told))
    return True


def _tell_marketplace(ports: Ports, gathered: _Gathered) -> None:
    events = [
        instead_of_mail(promise, case, ports.tell(promise, case, order, beside(ports, promise, case, order)), None)
        for promise, case, order in gathered.live
    ]
    if ports.events.publish(events):
        raise Unavailable("events")


def _told(ports: Ports, digest: Digest, gathered: _Gathered, newest: Order) -> DigestTold:
    waiting = {case.case_id: (case, order) for _, case, order in gathered.live if _waits(ports, case)}
    cards = [card for card in ports.store.cards(digest.seller_id).items if card.state in _WITH_SELLERS]
    unread = [card for card in cards if card.case_id not in waiting]
    for card in unread[:MOST_LISTED]:
        found = _with_order(ports, card.case_id)
        if found and _waits(ports, found[0]):
            waiting[card.case_id] = found
    urgent = sorted(waiting.values(), key=lambda each: (each[0].deadline_at, each[0].case_id))
    news = [
        News(mail=promise.effect, case=case, order=order, beside=beside(ports, promise, case, order))
        for promise, case, order in gathered.live
        if isinstance(promise.effect, Mail) and is_news(promise.effect, case.case_id in waiting)
    ]
    return DigestTold(
        reader=newest.body.seller,
        seller_id=digest.seller_id,
        at=digest.at,
        waiting=urgent[:MOST_LISTED],
        news=news[:MOST_LISTED],
        more=len(urgent[MOST_LISTED:]) + len(news[MOST_LISTED:]) + len(unread[MOST_LISTED:]),
    )


def _waits(ports: Ports, case: Case) -> bool:
    return awaits_seller(case, ports.now())


def asked_about(ports: Ports, seller_id: str, at: datetime) -> Sequence[tuple[Asked, Case, Order]]:
    """What the digest of that moment asked about, the most urgent first, each as it is now; nothing where there was
    none."""
    asks = ports.store.digest_asks(seller_id, at)
    found = [(asked, _with_order(ports, asked.case_id)) for asked in (asks.asked if asks else ())]
    return [(asked, *case_and_order) for asked, case_and_order in found if case_and_order]
