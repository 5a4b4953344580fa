"""Finding orders and cases by what customer service is told: a number, a buyer, a seller, or what a caller says of
themselves and their parcel."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.ids import as_id
from chalicelib.domain.orders.order import REFUND, Order
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.clues import readings
from chalicelib.domain.ports import Filter, Page, Ports
from chalicelib.domain.reference import as_reference

SEARCHERS = frozenset({Role.SUPPORT, Role.OPERATOR})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finds:
    """What was found, and by what: words that say how the search was understood, the most exact first.

    more  there are more cases or orders, or may be
    """

    orders: Sequence[Order] = ()
    cases: Sequence[Case] = ()
    by: Sequence[str] = ()
    more: bool = False


def find(ports: Ports, actor: Actor, typed: str, most: int) -> Finds:
    """Orders and cases of that very number, else at most so many of each that a buyer or a seller of that id has, or
    that a caller may mean by it, the newest first. What was looked for is not logged.

    Raises Forbidden but for customer service and operators.
    """
    if actor.role not in SEARCHERS:
        raise Forbidden(actor.role, "search")
    known = as_id(typed)
    finds = (_by_number(ports, known) if known else None) or _by_words(ports, known, typed, most)
    log.info("searched", extra={"by": actor.id, "found_by": list(finds.by), "cases": len(finds.cases)})
    return finds


def case_named(ports: Ports, typed: str) -> Case | None:
    """The case of this number, in whichever spelling, or of this id. One from before ids were numbers may have been
    given a number later."""
    reference = as_reference(typed)
    case = ports.store.case(reference or typed)
    if case is not None or reference is None:
        return case
    older = ports.store.case_known_as(reference)
    return ports.store.case(older) if older else ports.store.case(typed)


def _by_number(ports: Ports, wanted: str) -> Finds | None:
    store = ports.store
    # Of a refund's number what follows `rf_` is the case's; a key is never empty.
    number = wanted.removeprefix(REFUND) or wanted
    case = case_named(ports, number)
    if case is not None:
        order = store.order(case.order_id)
        return Finds(orders=[order] if order else [], cases=[case], by=["reference" if number == wanted else "refund"])
    order = store.order(wanted)
    if order is None:
        return None
    its_cases = [each for each in (store.case(name) for name in order.cases) if each]
    return Finds(orders=[order], cases=its_cases, by=["order"])


def _by_words(ports: Ports, wanted: str | None, typed: str, most: int) -> Finds:
    store, orders, cases, by, more = ports.store, dict[str, Order](), dict[str, Case](), list[str](), False

    def add(word: str, of_orders: Page[Order] | None, found: Sequence[Case], longer: bool) -> None:
        nonlocal more
        if found or (of_orders and of_orders.items):
            by.append(word)
        orders.update((order.order_id, order) for order in (of_orders.items if of_orders else ()))
        cases.update((case.case_id, case) for case in found)
        more = more or longer or (of_orders is not None and of_orders.next_cursor is not None)

    if wanted:
        bought, asked = store.orders(buyer_id=wanted, limit=most), store.cases(Filter(buyer_id=wanted), limit=most)
        add("buyer", bought, asked.items, asked.next_cursor is not None)
        sold, told = store.orders(seller_id=wanted, limit=most), store.cases(Filter(seller_id=wanted), limit=most)
        add("seller", sold, told.items, told.next_cursor is not None)
    for reading in readings(typed):
        found = store.cases_by_clues([ports.fingerprint(clue) for clue in reading.clues], ports.now(), most)
        add(reading.kind.value, None, found.cases, found.more)
    # A list of one kind keeps its order; of several the newest come first.
    listed = list(cases.values())
    if len(by) > 1:
        listed.sort(key=lambda case: case.created_at, reverse=True)
    return Finds(orders=list(orders.values()), cases=listed[:most], by=by, more=more or len(listed) > most)
