"""The JWT authorizer: API Gateway asks it before any view runs, and remembers its answer for a while."""

from chalice.app import AuthRequest, AuthResponse, Blueprint

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Role
from chalicelib.edge.auth import actor_of_bearer

bp = Blueprint(__name__)


@bp.authorizer(ttl_seconds=300)
def authorize(request: AuthRequest) -> AuthResponse:
    """Good token: all routes, since the answer is cached across them; who may do what is decided in handlers."""
    try:
        actor = actor_of_bearer(request.token, wiring.settings())
    except Invalid:
        return AuthResponse(routes=[], principal_id="nobody")
    named = {"sub": actor.person or actor.id, "role": str(actor.role)}
    if actor.role is Role.SELLER:
        named["seller_id"] = actor.id
    return AuthResponse(routes=["*"], principal_id=actor.id, context=named)
