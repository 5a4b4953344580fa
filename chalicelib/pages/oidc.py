"""Signing in with any OpenID Connect provider: authorization code flow with PKCE (RFC 7636), S256.

What belongs together, state, nonce, verifier and where to go on, travels in one signed cookie that lives ten minutes.
The provider's key set verifies the id token; its claims say who it is: `sub`, a role, and a seller's id. Cognito's own
names for custom claims (`custom:role`) and its groups are understood.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer

from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge.auth import ALGORITHMS, actor_of_claims, kid_of, role_in
from chalicelib.edge.issuers import document, exchanged, keys_of
from chalicelib.settings import Settings

COOKIE = "batal_oidc"
SECONDS = 600
CALLBACK = "/sign-in/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Where the browser goes to sign in, and what it must bring back."""

    location: str
    cookie: str


def depart(settings: Settings, onward: str) -> Departure:
    """The way to the provider's own page. Raises Unavailable where the provider does not answer."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    asked = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": settings.public_url + CALLBACK,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    endpoint = _told(settings.oidc_issuer)["authorization_endpoint"]
    glue = "&" if urlsplit(endpoint).query else "?"
    kept = _signer(settings).dumps([state, nonce, verifier, onward])
    return Departure(location=f"{endpoint}{glue}{urlencode(asked)}", cookie=kept)


def arrive(settings: Settings, query: Mapping[str, str], cookie: str | None) -> tuple[Actor, int, str]:
    """Who came back, until when their token counts (Unix time), and where they wanted to go. Raises Invalid
    `unauthorized` for anything that does not fit, Unavailable where the provider does not answer."""
    try:
        state, nonce, verifier, onward = _signer(settings).loads(cookie or "", max_age=SECONDS)
    except (BadSignature, ValueError, TypeError) as error:
        raise Invalid("unauthorized") from error
    if not hmac.compare_digest(query.get("state", "").encode(), str(state).encode()) or not query.get("code"):
        raise Invalid("unauthorized")
    told = _told(settings.oidc_issuer)
    form = {
        "grant_type": "authorization_code",
        "code": query["code"],
        "redirect_uri": settings.public_url + CALLBACK,
        "client_id": settings.oidc_client_id,
        "code_verifier": verifier,
    }
    token = _posted(told["token_endpoint"], form, settings).get("id_token")
    claims = _verified(str(token or ""), told, settings)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), str(nonce).encode()):
        raise Invalid("unauthorized")
    return actor_of_claims(_named(claims)), int(claims["exp"]), str(onward)


def challenge_of(verifier: str) -> str:
    """The S256 code challenge of RFC 7636, 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _named(claims: Mapping[str, Any]) -> dict[str, Any]:
    # A person may be able to write their own attributes, and never their groups.
    role = role_in(claims.get("role")) or role_in(claims.get("cognito:groups")) or role_in(claims.get("custom:role"))
    seller = claims.get("seller_id") or claims.get("custom:seller_id")
    # The marketplace's own systems do not sign in on pages.
    known = None if role == Role.SYSTEM else role
    return {"sub": claims.get("sub"), "role": known, "seller_id": seller, "name": claims.get("name")}


def _verified(token: str, told: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        decoded = jwt.decode(token, keys_of(told["jwks_uri"], kid_of(token)), algorithms=ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=30,
            exp={"essential": True},
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_client_id},
        )
        registry.validate(decoded.claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Invalid("unauthorized") from error
    return decoded.claims


def _told(issuer: str) -> Any:
    told = document(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if told.get("issuer") != issuer:
        # OpenID Connect Discovery 1.0, 4.3: the document must be the issuer's own.
        raise Unavailable("oidc")
    return told


def _posted(address: str, form: Mapping[str, str], settings: Settings) -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if settings.oidc_client_secret:
        pair = f"{settings.oidc_client_id}:{settings.oidc_client_secret}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return exchanged(address, headers, urlencode(form).encode())


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    if not settings.session_secret:
        raise ValueError("SESSION_SECRET is not set")
    return URLSafeTimedSerializer(
        settings.session_secret,
        salt="batal.oidc",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
