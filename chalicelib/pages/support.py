"""Customer service's desk: the queue with owner, age and deadline, stalled sellers, refunds under way, search."""

from collections.abc import Mapping, Sequence

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.ids import as_id
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor
from chalicelib.domain.ports import Filter
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_TYPED_ID
from chalicelib.pages.page import Visit, page
from chalicelib.workflow import access, search

bp = Blueprint(__name__)

TABS: Mapping[str, State] = {
    "ours": State.AWAITING_SUPPORT,
    "seller": State.AWAITING_SELLER,
    "refunds": State.REFUNDING,
}
# Closed cases whose parcel left all the same.
_LATE = "late"
_MANY = 50


@bp.route("/support", methods=READ)
@page(bp)
def desk(visit: Visit) -> Response:
    """What waits for customer service, by deadline; or what was searched for."""
    actor = visit.signed_in()
    if actor.role not in search.SEARCHERS:
        raise Forbidden(actor.role, "see_desk")
    wanted = visit.query.get("q", "").strip()[:LONGEST_TYPED_ID]
    tab = visit.query.get("tab", "ours")
    tab = tab if tab in TABS or tab == _LATE else "ours"
    orders, cases = _found(actor, wanted) if wanted else ([], _queue(actor, tab))
    return visit.page("desk.html.j2", tab=tab, tabs=[*TABS, _LATE], query=wanted, orders=orders, cases=cases)


def _found(actor: Actor, wanted: str) -> tuple[Sequence[Order], Sequence[Case]]:
    known = as_id(wanted)
    return search.found(wiring.ports(), actor, known, _MANY) if known else ([], [])


def _queue(actor: Actor, tab: str) -> Sequence[Case]:
    if tab == _LATE:
        return access.late_parcels(wiring.ports(), actor, _MANY).items
    return access.cases_of(wiring.ports(), actor, Filter(state=TABS[tab]), _MANY, None).items
