"""Signing in with any OpenID Connect provider: authorization code flow with PKCE (RFC 7636), S256.

What belongs together, state, nonce, verifier and where to go on, travels in one signed cookie that lives ten minutes.
The provider's key set verifies the id token; its claims say who it is: `sub`, a role, and a seller's id. Cognito's own
names for custom claims (`custom:role`) and its groups are understood.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from itsdangerous import BadSignature, URLSafeTimedSerializer

from chalicelib.domain.errors import Invalid, Unavailable
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge.auth import ALGORITHMS, actor_of_claims
from chalicelib.settings import Settings

COOKIE = "batal_oidc"
SECONDS = 600
CALLBACK = "/sign-in/callback"
_PATIENCE = 5.0  # seconds for one answer of the provider
_LONGEST = 256 * 1024  # bytes of one answer
_KEPT = 600.0  # seconds that discovery and keys are remembered


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


def arrive(settings: Settings, query: Mapping[str, str], cookie: str | None) -> tuple[Actor, str]:
    """Who came back, and where they wanted to go. Raises Invalid `unauthorized` for anything that does not fit,
    Unavailable where the provider does not answer."""
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
    token = _post(told["token_endpoint"], form, settings).get("id_token")
    claims = _verified(str(token or ""), told, settings)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), str(nonce).encode()):
        raise Invalid("unauthorized")
    return actor_of_claims(_named(claims)), str(onward)


def challenge_of(verifier: str) -> str:
    """The S256 code challenge of RFC 7636, 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _named(claims: Mapping[str, Any]) -> dict[str, Any]:
    groups = claims.get("cognito:groups") or []
    known = next((group for group in groups if group in set(Role)), None) if isinstance(groups, list) else None
    role = claims.get("role") or claims.get("custom:role") or known
    seller = claims.get("seller_id") or claims.get("custom:seller_id")
    # The marketplace's own systems do not sign in on pages.
    known = None if role == Role.SYSTEM else role
    return {"sub": claims.get("sub"), "role": known, "seller_id": seller, "name": claims.get("name")}


def _verified(token: str, told: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        keys = KeySet.import_key_set(_get(told["jwks_uri"], _age()))
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
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
    told = _get(issuer.rstrip("/") + "/.well-known/openid-configuration", _age())
    if told.get("issuer") != issuer:
        # OpenID Connect Discovery 1.0, 4.3: the document must be the issuer's own.
        raise Unavailable("oidc")
    return told


def _age() -> int:
    return int(time.monotonic() / _KEPT)


@lru_cache(maxsize=8)
def _get(address: str, age: int) -> Any:
    """A document of the provider, remembered until `age` moves on."""
    return _answer(_request(address, {"Accept": "application/json"}))


def _post(address: str, form: Mapping[str, str], settings: Settings) -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if settings.oidc_client_secret:
        pair = f"{settings.oidc_client_id}:{settings.oidc_client_secret}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return _answer(_request(address, headers, urlencode(form).encode()))


def _answer(request: Request) -> Any:
    try:
        with urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - _request lets nothing else through
            found = json.loads(answer.read(_LONGEST))
    except URLError as error:
        # A refused code is an answer, too: 4xx means that this sign-in is none.
        if 400 <= getattr(error, "code", 0) < 500:
            raise Invalid("unauthorized") from error
        raise Unavailable("oidc") from error
    except (OSError, ValueError) as error:
        raise Unavailable("oidc") from error
    if not isinstance(found, dict):
        raise Unavailable("oidc")
    return found


def _request(address: str, headers: dict[str, str], data: bytes | None = None) -> Request:
    """A request by https; by http only on this very machine. Raises Unavailable for anything else."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise Unavailable("oidc")
    return Request(address, data=data, headers=headers)  # noqa: S310 - looked at above


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    if not settings.session_secret:
        raise ValueError("SESSION_SECRET is not set")
    return URLSafeTimedSerializer(
        settings.session_secret,
        salt="batal.oidc",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
