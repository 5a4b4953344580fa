"""The marketplace brings somebody into our pages."""

from chalice.app import Blueprint

from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Role
from chalicelib.domain.people.uses import Counted
from chalicelib.edge import hand_overs
from chalicelib.edge.answer_types import HandOverAnswer
from chalicelib.edge.auth import actor_of_claims
from chalicelib.edge.bodies import HandOverPost
from chalicelib.edge.quotas import count_person
from chalicelib.edge.route import Call, route
from chalicelib.links import is_ours

bp = Blueprint(__name__)


@route(bp, "POST", "/v1/hand-overs", roles=frozenset({Role.SYSTEM}), status=201, counted=Counted.HAND_OVERS)
def post_hand_over(call: Call, body: HandOverPost) -> HandOverAnswer:
    """An address that signs a buyer, or somebody of a seller's, in on our pages: it opens once, within a minute, and
    leads to `next`. Send the browser there at once, and keep it nowhere."""
    if body.role == "seller" and body.seller_id is None:
        raise Invalid("validation_failed", errors=[{"field": "seller_id", "message": "a seller's hand-over needs it"}])
    if not is_ours(body.next):
        raise Invalid("validation_failed", errors=[{"field": "next", "message": "a path of our pages, from / on"}])
    said = {"role": body.role, "sub": body.sub, "seller_id": body.seller_id, "name": body.name}
    actor = actor_of_claims(said)
    count_person(Counted.HAND_OVERS, actor)
    url, expires_at = hand_overs.made(actor, body.next)
    return {"url": url, "expires_at": expires_at}
