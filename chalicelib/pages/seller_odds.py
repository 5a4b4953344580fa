"""What the odds that buyers read rest on: a seller's requests, each with how it counts, and how to contest it."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import NotFound
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.learned import Situation
from chalicelib.domain.policies.reasons import REQUESTS, Kind
from chalicelib.edge.cors import READ
from chalicelib.edge.shapes import contacts_shape
from chalicelib.pages.page import Visit, page
from chalicelib.pages.seller import seller
from chalicelib.workflow import figures, support

bp = Blueprint(__name__)

# How many of the latest are shown.
_ROWS = 100


@bp.route("/seller/odds", methods=READ)
@page(bp)
def counted_in_odds(visit: Visit) -> Response:
    """The requests that count in the odds of one situation; of the one that is contested, the message to customer
    service. Raises NotFound for what is no situation."""
    actor, ports = seller(visit), wiring.ports()
    kind, status = visit.query.get("kind", ""), visit.query.get("status", "")
    if kind not in REQUESTS or status not in set(OrderStatus):
        raise NotFound("page")
    situation = Situation(kind=Kind(kind), status=OrderStatus(status))
    told = [each for each in figures.odds_of_seller(ports, actor, actor.id) if each.situation == situation]
    found = figures.taught_by(ports, actor, actor.id, situation)
    contested = visit.query.get("contest", "")
    return visit.page(
        "seller_odds.html.j2",
        situation=situation,
        told=told,
        found=found[:_ROWS],
        more=len(found) - _ROWS,
        contested=next((each for each in found if each.case.case_id == contested), None),
        directory=contacts_shape(support.contacts(ports), visit.locale),
    )
