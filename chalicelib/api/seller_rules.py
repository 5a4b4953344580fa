"""A seller's own rules."""

from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.policies.seller_rules import SellerRules
from chalicelib.edge.bodies import SellerRulesPut
from chalicelib.edge.reading import strictly
from chalicelib.edge.route import Call, route
from chalicelib.workflow import seller_rules
from chalicelib.workflow.access import SEES_SELLERS

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/sellers/{seller_id}/policy", roles=SEES_SELLERS)
def get_seller_rules(call: Call, seller_id: str) -> SellerRules:
    """The rules by which a seller says yes in advance, where returned goods come to, and how often digests go out."""
    return seller_rules.seller_rules(wiring.ports(), call.actor, seller_id)


@route(bp, "PUT", "/v1/sellers/{seller_id}/policy", roles=seller_rules.WRITERS, takes=SellerRulesPut)
def put_seller_rules(call: Call, seller_id: str, body: dict[str, Any]) -> SellerRules:
    """Keep all of a seller's rules; they count for requests made from now on."""
    given = strictly(body, SellerRulesPut)
    return seller_rules.save_seller_rules(
        wiring.ports(), call.actor, seller_id, given.rules, given.return_address, given.digest
    )
