"""What customer service needs beside a case to decide it: what else these two asked and refused, and how to call
them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.orders.body import Person
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import SEES_ALL, Actor, Role
from chalicelib.domain.ports import Filter, Ports

log = logging.getLogger(__name__)

CALLERS = frozenset({Role.SUPPORT})
# How many of a party's other cases are shown, and how far they are counted.
SHOWN, COUNTED = 5, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """The other cases of a party: the first ones, and how many there are; `more`: or more than that."""

    cases: Sequence[Case]
    count: int
    more: bool


def others_of(ports: Ports, case: Case, actor: Actor) -> Mapping[Role, Others]:
    """What else the buyer asked for, the latest first, and what else lies with the seller, open ones first. Raises
    Forbidden but for staff."""
    if actor.role not in SEES_ALL:
        raise Forbidden(actor.role, "see_others")
    return {
        Role.BUYER: _others(ports, case, Filter(buyer_id=case.buyer_id)),
        Role.SELLER: _others(ports, case, Filter(seller_id=case.seller_id)),
    }


def _others(ports: Ports, case: Case, wanted: Filter) -> Others:
    page = ports.store.cases(wanted, limit=COUNTED + 1)
    found = [each for each in page.items if each.case_id != case.case_id]
    more = page.next_cursor is not None or len(found) > COUNTED
    return Others(cases=list(islice(found, SHOWN)), count=min(len(found), COUNTED), more=more)


def look_up(case: Case, order: Order, party: Role, actor: Actor) -> Person:
    """The buyer or the seller, with the phone by which customer service reaches them where no mail does. Who looked is
    logged, what they saw is not. Raises Forbidden but for customer service."""
    if actor.role not in CALLERS or party not in (Role.BUYER, Role.SELLER):
        raise Forbidden(actor.role, "see_phone")
    log.info("contact looked up", extra={"case_id": case.case_id, "party": party.value, "by": actor.id})
    return order.body.buyer if party is Role.BUYER else order.body.seller
