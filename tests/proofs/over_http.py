"""One request over HTTP, as API Gateway hands it to the app: to a world's house, with claims that were checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import msgspec

from app import app
from chalicelib import wiring
from chalicelib.domain.parties import Actor
from tests.proofs.world import ProofWorld


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    body: Any
    headers: Mapping[str, str]


def request(
    world: ProofWorld,
    actor: Actor,
    method: str,
    route: str,
    body: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    **places: str,
) -> Reply:
    """`route` as Chalice knows it, `places` for what stands in its braces, `key` as the Idempotency-Key."""
    event = {
        "requestContext": {
            "resourcePath": route,
            "path": route.format(**places),
            "httpMethod": method,
            "authorizer": {"role": actor.role.value, "sub": actor.id, "seller_id": actor.id},
        },
        "pathParameters": places or None,
        "multiValueQueryStringParameters": None,
        "headers": {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})},
        "body": msgspec.json.encode(body).decode() if body is not None else None,
        "isBase64Encoded": False,
        "stageVariables": None,
    }
    with patch.object(wiring, "ports", lambda: world.ports), patch.object(wiring, "now", world.clock):
        answer = app(event, None)
    headers = answer["headers"] | {name: values[-1] for name, values in answer.get("multiValueHeaders", {}).items()}
    return Reply(status=answer["statusCode"], body=msgspec.json.decode(answer["body"]), headers=headers)
