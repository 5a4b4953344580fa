"""Why a bearer token was refused: nobody outside is told, and the log tells whoever connects a marketplace."""

import json
import logging
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.edge.auth import actor_of_bearer
from chalicelib.settings import Settings
from infra.sandbox import tokens

SETTINGS = Settings(jwt_jwks=json.dumps(tokens.jwks()), jwt_issuer="sandbox")


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another-house"}, "invalid_claim: Invalid claim: 'aud'"),
        ({"iss": "https://id.example"}, "invalid_claim: Invalid claim: 'iss'"),
        ({"exp": 1}, "expired_token"),
        (None, "MissingKeyError"),
    ],
)
def test_the_log_names_the_claim_that_is_wrong_and_the_answer_does_not(
    claims: dict[str, Any] | None, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = tokens.token("budi", "buyer", claims=claims)
    settings = Settings(jwt_jwks='{"keys": []}', jwt_issuer="sandbox") if claims is None else SETTINGS
    with caplog.at_level(logging.INFO), pytest.raises(Invalid) as refused:
        actor_of_bearer(f"Bearer {token}", settings)
    assert (refused.value.code, refused.value.details) == ("unauthorized", {})
    [told] = [vars(record)["why"] for record in caplog.records if "refused" in record.message]
    assert why in told
    assert "another-house" not in caplog.text + told
    assert token not in caplog.text
