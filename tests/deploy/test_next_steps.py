"""What the deploy command tells whoever never deployed Batal before to do next."""

import pytest
from botocore.exceptions import NoCredentialsError

from infra import deploy
from infra.deploy import main, next_steps

OUTPUTS = {"EndpointURL": "https://x.example/api/", "SecretsId": "batal-dev/secrets"}
KEYS = {"JwtJwks": '{"keys": [{"kty": "EC"}]}', "JwtIssuer": "https://id.example.com"}


@pytest.mark.parametrize("held", [{}, {"JwtJwks": KEYS["JwtJwks"]}, {**KEYS, "JwtJwks": '{"keys": []}'}])
def test_a_stack_that_knows_nobody_says_how_keys_are_handed_over(held: dict[str, str]) -> None:
    said = next_steps(OUTPUTS, {"SenderEmail": "a@example.com", **held})
    assert "JwtJwks=@jwks.json JwtIssuer=" in said
    assert "  5. curl https://x.example/api/health" in said


def test_who_handed_keys_over_is_not_told_to() -> None:
    said = next_steps(OUTPUTS, {"SenderEmail": "a@example.com", **KEYS})
    assert "JwtJwks" not in said
    assert "orders_secret and payments_secret" in said
    assert "  4. curl https://x.example/api/health" in said


def test_without_credentials_it_says_where_they_are_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody(*_: object) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(deploy, "Deployment", nobody)
    assert main(["deploy", "--region", "ap-southeast-3", "--yes"]) == 1
    assert "AWS_PROFILE" in capsys.readouterr().err
