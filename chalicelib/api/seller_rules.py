"""A seller's own rules."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api.policies import strictly
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.bodies import SellerRulesPut
from chalicelib.edge.boundary import answer_json, boundary, call
from chalicelib.edge.cors import CORS, READ
from chalicelib.workflow import seller_rules

bp = Blueprint(__name__)


@bp.route("/v1/sellers/{seller_id}/policy", methods=READ, authorizer=authorize, cors=CORS)
@boundary
def get_seller_rules(seller_id: str) -> Response:
    """The rules by which a seller says yes in advance."""
    actor = call(bp.current_request).actor()
    return answer_json(200, seller_rules.seller_rules(wiring.ports(), actor, seller_id))


@bp.route("/v1/sellers/{seller_id}/policy", methods=["PUT"], authorizer=authorize, cors=CORS)
@boundary
def put_seller_rules(seller_id: str) -> Response:
    """Keep all of a seller's rules."""
    this = call(bp.current_request)
    actor, given = this.actor(), strictly(this.read(dict[str, Any]), SellerRulesPut)
    return answer_json(200, seller_rules.save_seller_rules(wiring.ports(), actor, seller_id, given.rules))
