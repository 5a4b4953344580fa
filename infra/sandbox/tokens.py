"""The sandbox's own marketplace key: signs bearer tokens for whoever asks."""

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

_SECONDS = 12 * 3600


@cache
def _key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "sandbox", "use": "sig", "alg": "ES256"}, private=True)


def jwks() -> dict[str, Any]:
    """The public key set."""
    return {"keys": [_key().as_dict(private=False)]}


def token(sub: str, role: str, seller_id: str | None = None, claims: Mapping[str, Any] | None = None) -> str:
    """A bearer token; `claims` override, for tests that forge."""
    now = int(time.time())
    content = {"sub": sub, "role": role, "aud": "batal", "iss": "sandbox", "iat": now, "exp": now + _SECONDS}
    if seller_id:
        content["seller_id"] = seller_id
    return jwt.encode({"alg": "ES256", "kid": "sandbox"}, content | dict(claims or {}), _key(), algorithms=["ES256"])
