"""Who may see what: everyone their own, support and operators all, finance no orders and cases (I9). Somebody else's
looks like nothing at all. That staff looked is logged, and written into no table."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.limits import at_stake
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.money.wallet import Wallet
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import SEES_ALL, SEES_ORDERS, STAFF, Actor, Role
from chalicelib.domain.ports import PAGE, Filter, Page, Ports

log = logging.getLogger(__name__)

# What a line says by which a look is known; the stack takes such lines out of the log and keeps them for longer.
LOOKED = "looked"

# Who looks at a seller's figures and rules.
SEES_SELLERS = frozenset({Role.SELLER, Role.SUPPORT, Role.OPERATOR})
# Whose orders are listed, and who looks into wallets.
LISTS_ORDERS = SEES_ORDERS - {Role.SYSTEM}
SEES_WALLETS = SEES_ORDERS - {Role.SELLER}


def order_for(ports: Ports, order_id: str, actor: Actor) -> Order:
    """The order, if the actor is its buyer, its seller, or staff. Raises NotFound."""
    order = ports.store.order(order_id)
    if order is None or not _is_party(actor, order.body.buyer.id, order.body.seller.id):
        raise NotFound("order")
    _note_look(actor, order_id=order_id)
    return order


def case_for(ports: Ports, case_id: str, actor: Actor) -> Case:
    """The case, if the actor is a party to it or staff. Raises NotFound."""
    case = ports.store.case(case_id)
    if case is None or not _is_party(actor, case.buyer_id, case.seller_id):
        raise NotFound("case")
    _note_look(actor, order_id=case.order_id, case_id=case_id)
    return case


def _note_look(actor: Actor, **what: str) -> None:
    """Say in the log which of the marketplace's people read what is one person's: by ids alone (docs/security.md)."""
    if actor.role in STAFF:
        log.info(LOOKED, extra={"by": actor.id, "role": actor.role.value, **what})


def cases_of_order(ports: Ports, order: Order, actor: Actor) -> Sequence[Case]:
    """All cases of an order, the latest first, for its parties and staff. Raises NotFound for others."""
    return [case_for(ports, case_id, actor) for case_id in reversed(order.cases)]


class Latest(TypedDict):
    """How much of the end of a thread or a timeline is read: so many, and so many stored bytes."""

    newest_first: bool
    limit: int
    most_bytes: int


# On a page, where what people wrote stands beside other things; in a file that a page prints; in one to keep.
LATEST: Latest = {"newest_first": True, "limit": PAGE, "most_bytes": 64 * 1024}
TO_PRINT: Latest = {**LATEST, "limit": 1000}
TO_KEEP: Latest = {**LATEST, "limit": 1000, "most_bytes": 256 * 1024}


def latest_entries(
    ports: Ports, case_id: str, actor: Actor, before: str | None = None, within: Latest | None = None
) -> Page[Entry]:
    """The end of the timeline, oldest first, or what lies `before`; the cursor leads to earlier ones. Raises NotFound,
    Invalid `bad_cursor`. Notes of support stay among staff."""
    case_for(ports, case_id, actor)
    page = ports.store.timeline_page(case_id, cursor=before, **(within or LATEST))
    return page.backwards


def timeline_page(ports: Ports, case_id: str, actor: Actor, limit: int, cursor: str | None) -> Page[Entry]:
    """The timeline, oldest first, page by page. Raises NotFound, Invalid `bad_cursor`."""
    case_for(ports, case_id, actor)
    return ports.store.timeline_page(case_id, limit=limit, cursor=cursor)


def orders_of(
    ports: Ports,
    actor: Actor,
    status: str | None,
    limit: int,
    cursor: str | None,
    *,
    buyer_id: str | None = None,
    seller_id: str | None = None,
) -> Page[Order]:
    """The actor's own orders, newest first; staff name a buyer or a seller. Raises Forbidden where neither is given."""
    if actor.role is Role.BUYER:
        return ports.store.orders(buyer_id=actor.id, status=status, limit=limit, cursor=cursor)
    if actor.role is Role.SELLER:
        return ports.store.orders(seller_id=actor.id, status=status, limit=limit, cursor=cursor)
    if actor.role not in LISTS_ORDERS or (buyer_id is None and seller_id is None):
        raise Forbidden(actor.role, "list_orders")
    return ports.store.orders(buyer_id=buyer_id, seller_id=seller_id, status=status, limit=limit, cursor=cursor)


def cases_of(
    ports: Ports, actor: Actor, wanted: Filter, limit: int, cursor: str | None, *, by_deadline: bool = False
) -> Page[Case]:
    """Cases the actor may see: a buyer's own, a seller's inbox; staff name whatever they look for. Raises Forbidden for
    who has nothing to do with cases."""
    if actor.role not in SEES_ORDERS:
        raise Forbidden(actor.role, "list_cases")
    if actor.role is Role.BUYER:
        wanted = replace(wanted, buyer_id=actor.id)
    elif actor.role is Role.SELLER:
        wanted = replace(wanted, seller_id=actor.id)
    return ports.store.cases(wanted, limit=limit, cursor=cursor, by_deadline=by_deadline)


def wallet_for(
    ports: Ports, buyer_id: str, currency: str, actor: Actor, limit: int, cursor: str | None = None
) -> Wallet:
    """The buyer's own wallet, with a page of its entries. Raises NotFound for other buyers, Forbidden for sellers
    and finance, Invalid `bad_cursor`."""
    if actor.role not in SEES_WALLETS:
        raise Forbidden(actor.role, "see_wallet")
    if actor.role is Role.BUYER and actor.id != buyer_id:
        raise NotFound("wallet")
    return ports.store.wallet(buyer_id, currency, limit=limit, cursor=cursor)


def _is_party(actor: Actor, buyer_id: str, seller_id: str) -> bool:
    if actor.role in SEES_ALL:
        return True
    return (actor.role, actor.id) in ((Role.BUYER, buyer_id), (Role.SELLER, seller_id))


def sees_seller(actor: Actor, seller_id: str) -> None:
    """Raises NotFound for other sellers, Forbidden for who never looks at a seller."""
    if actor.role is Role.SELLER and actor.id != seller_id:
        raise NotFound("seller")
    if actor.role not in SEES_SELLERS:
        raise Forbidden(actor.role, "see_seller")


def late_parcels(ports: Ports, actor: Actor, limit: int) -> Page[Case]:
    """The cases whose parcel left although they had cancelled its order. Raises Forbidden but for staff."""
    if actor.role not in SEES_ALL:
        raise Forbidden(actor.role, "see_late_parcels")
    return ports.store.late_parcels(limit=limit)


def above_link(ports: Ports, case: Case) -> bool:
    """Whether this is worth too much to be decided by whoever holds a link: by its list price, and always in a currency
    that the limit does not speak of."""
    policy = ports.policies.version(case.policy.name, case.policy.version)
    return policy.is_above(policy.link_at_most, at_stake(case, ports.store.order(case.order_id)))
