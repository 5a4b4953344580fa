"""Who is calling: a bearer token of the marketplace (what its own systems sign: signatures.py)."""

import logging
import time
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.edge.issuers import keys_of
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

log = logging.getLogger(__name__)

# Asymmetric only: a key set that everybody may read must not be able to sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]

# Clocks of two houses differ, in seconds.
_LEEWAY = 30

# Of a name that is shown to whom it belongs, in characters.
_LONGEST_NAME = 60


def actor_of_bearer(header: str | None, settings: Settings) -> Actor:
    """The actor of an `Authorization: Bearer` header. Raises Invalid `unauthorized`, without saying why: the reason
    would only help somebody who forges; Unavailable where the key set cannot be had."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Invalid("unauthorized")
    return actor_of_token(token, settings)[0]


def actor_of_token(token: str, settings: Settings) -> tuple[Actor, int]:
    """The actor of a bearer token, and until when it counts, in seconds of Unix time. Raises as actor_of_bearer."""
    claims = _verified_claims(token.strip(), settings)
    return actor_of_claims(claims), int(claims["exp"])


def actor_of_claims(claims: Mapping[str, Any]) -> Actor:
    """The actor that claims name: `sub`, `role`, `seller_id` for sellers, and `name`. Raises Invalid `unauthorized`."""
    role = role_in(claims.get("role"))
    subject = claims.get("seller_id" if role is Role.SELLER else "sub")
    if role is None or not isinstance(subject, str) or not subject:
        raise Invalid("unauthorized")
    person = claims.get("sub") if role is Role.SELLER else None
    employee = person if isinstance(person, str) and person not in ("", subject) else None
    # A buyer or seller is one however their id was typed, here as in orders.
    name = claims.get("name")
    called = name.strip()[:_LONGEST_NAME] if isinstance(name, str) and name.strip().isprintable() else None
    known = unicodedata.normalize("NFC", subject)
    return Actor(role=role, id=known, person=employee, door=Door.API, name=called or None)


def role_in(claim: Any) -> Role | None:
    """The role that a claim says: its word, or the first of several that is a role; None where none is."""
    words = claim if isinstance(claim, list) else [claim]
    return next((Role(word) for word in words if isinstance(word, str) and word in set(Role)), None)


def kid_of(token: str) -> str | None:
    """Which key a token says it is signed with; None where it says nothing that could be read."""
    from joserfc.errors import JoseError
    from joserfc.jws import extract_compact

    try:
        kid = extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return kid if isinstance(kid, str) else None


def _verified_claims(token: str, settings: Settings) -> Mapping[str, Any]:
    from joserfc import jwt
    from joserfc.errors import ClaimError, JoseError

    if not settings.jwt_issuer:
        # Without an issuer of its own a deployment would take the tokens of every other service behind these keys.
        log.error("JWT_ISSUER is not set: no bearer token is taken")
        raise Invalid("unauthorized")
    try:
        keys = keys_of(settings.jwt_jwks_url, kid_of(token)) if settings.jwt_jwks_url else _keys(settings.jwt_jwks)
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=_LEEWAY,
            exp={"essential": True},
            aud={"essential": True, "value": settings.jwt_audience},
            iss={"essential": True, "value": settings.jwt_issuer},
        )
        registry.validate(decoded.claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # For whoever connects the marketplace: claims are named, never what they hold.
        why = str(error) if isinstance(error, ClaimError) else type(error).__name__
        log.info("a bearer token was refused", extra={"why": why})
        raise Invalid("unauthorized") from error
    return decoded.claims


@lru_cache(maxsize=4)
def _keys(jwks: str) -> "KeySet":
    import json

    from joserfc.jwk import KeySet

    return KeySet.import_key_set(json.loads(jwks))
