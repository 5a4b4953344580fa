"""Who is calling: a bearer token of the marketplace, or its signature on what its own systems send."""

import time
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.parties import Actor, Door, Role
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

# Asymmetric only: a key set that everybody may read must not be able to sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]

# Clocks of two houses differ, in seconds.
_LEEWAY = 30

# Of a name that is shown to whom it belongs, in characters.
_LONGEST_NAME = 60


def actor_of_bearer(header: str | None, settings: Settings) -> Actor:
    """The actor of an `Authorization: Bearer` header. Raises Invalid `unauthorized`, without saying why: the reason
    would only help somebody who forges."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Invalid("unauthorized")
    return actor_of_claims(_verified_claims(token.strip(), settings))


def actor_of_claims(claims: Mapping[str, Any]) -> Actor:
    """The actor that claims name: `sub`, `role`, `seller_id` for sellers, and `name`. Raises Invalid `unauthorized`."""
    role, subject = claims.get("role"), claims.get("seller_id" if claims.get("role") == Role.SELLER else "sub")
    if role not in set(Role) or not isinstance(subject, str) or not subject:
        raise Invalid("unauthorized")
    person = claims.get("sub") if role == Role.SELLER else None
    employee = person if isinstance(person, str) and person not in ("", subject) else None
    # A buyer or seller is one however their id was typed, here as in orders.
    name = claims.get("name")
    called = name.strip()[:_LONGEST_NAME] if isinstance(name, str) and name.strip().isprintable() else None
    known = unicodedata.normalize("NFC", subject)
    return Actor(role=Role(role), id=known, person=employee, door=Door.API, name=called or None)


def actor_of_signature(headers: Mapping[str, str], body: bytes, settings: Settings) -> Actor:
    """The marketplace's own system, by Standard Webhooks headers over the raw body. Raises Invalid `unauthorized`."""
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError

    if not settings.webhook_secret:
        raise Invalid("unauthorized")
    try:
        Webhook(settings.webhook_secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError, TypeError, KeyError, UnicodeError) as error:
        raise Invalid("unauthorized") from error
    return Actor(role=Role.SYSTEM, id="webhook", door=Door.API)


def _verified_claims(token: str, settings: Settings) -> Mapping[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        decoded = jwt.decode(token, _keys(settings.jwt_jwks), algorithms=ALGORITHMS)
        wanted: dict[str, Any] = {
            "exp": {"essential": True},
            "aud": {"essential": True, "value": settings.jwt_audience},
        }
        if settings.jwt_issuer:
            wanted["iss"] = {"essential": True, "value": settings.jwt_issuer}
        jwt.JWTClaimsRegistry(now=int(time.time()), leeway=_LEEWAY, **wanted).validate(decoded.claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Invalid("unauthorized") from error
    return decoded.claims


@lru_cache(maxsize=4)
def _keys(jwks: str) -> "KeySet":
    import json

    from joserfc.jwk import KeySet

    return KeySet.import_key_set(json.loads(jwks))
