"""Customer service's desk: the queue with owner, age and deadline, stalled sellers, refunds under way, search."""

from collections.abc import Mapping, Sequence

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.ports import Filter
from chalicelib.edge.boundary import is_id
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_ID
from chalicelib.pages.page import Visit, page

bp = Blueprint(__name__)

TABS: Mapping[str, State] = {
    "ours": State.AWAITING_SUPPORT,
    "seller": State.AWAITING_SELLER,
    "refunds": State.REFUNDING,
}
_MANY = 50


@bp.route("/support", methods=READ)
@page(bp)
def desk(visit: Visit) -> Response:
    """What waits for customer service, by deadline; or what was searched for."""
    actor = visit.signed_in()
    if actor.role not in (Role.SUPPORT, Role.OPERATOR):
        raise Forbidden(actor.role, "see_desk")
    wanted = visit.query.get("q", "").strip()[:LONGEST_ID]
    tab = visit.query.get("tab", "ours")
    tab = tab if tab in TABS else "ours"
    orders, cases = _found(wanted) if wanted else ([], _queue(TABS[tab]))
    return visit.page("desk.html.j2", tab=tab, tabs=list(TABS), query=wanted, orders=orders, cases=cases)


def _queue(state: State) -> Sequence[Case]:
    return wiring.ports().store.cases(Filter(state=state), limit=_MANY).items


def _found(wanted: str) -> tuple[Sequence[Order], Sequence[Case]]:
    """Orders and cases of that very number, else those of a buyer or a seller of that name."""
    if not is_id(wanted):
        return [], []
    store = wiring.ports().store
    case = store.case(wanted.removeprefix("rf_"))
    order = store.order(wanted) or (store.order(case.order_id) if case else None)
    if order:
        its_cases = [case] if case else [each for each in (store.case(name) for name in order.cases) if each]
        return [order], its_cases
    orders = [*store.orders(buyer_id=wanted, limit=_MANY).items, *store.orders(seller_id=wanted, limit=_MANY).items]
    found = [
        *store.cases(Filter(buyer_id=wanted), limit=_MANY).items,
        *store.cases(Filter(seller_id=wanted), limit=_MANY).items,
    ]
    return orders, found
