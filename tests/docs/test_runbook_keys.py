"""The runbook's try without an AWS account: its keys are taken, and its tokens hold."""

import re
import subprocess
import sys
from pathlib import Path

from chalicelib.domain.parties import Role
from chalicelib.edge.auth import actor_of_bearer
from chalicelib.settings import Settings
from infra.values import faults
from tests.docs.pages import DOCS


def test_the_keys_are_taken_and_each_token_is_somebodys(tmp_path: Path) -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    found = re.search(r"keys\.py <<'END'\n(.*?)^END\n", page, re.DOTALL | re.MULTILINE)
    issuer = re.search(r"JwtJwks=@build/emulator/jwks\.json JwtIssuer=(\S+)'", page)
    assert found
    assert issuer
    place = tmp_path / "build" / "emulator"
    place.mkdir(parents=True)
    subprocess.run([sys.executable, "-c", found[1]], cwd=tmp_path, check=True)
    keys = (place / "jwks.json").read_text()
    assert faults({"JwtJwks": keys, "JwtIssuer": issuer[1]}) == []
    settings = Settings(jwt_jwks=keys, jwt_issuer=issuer[1])
    for role in ("system", "buyer", "seller", "support", "operator"):
        token = (place / f"{role}.jwt").read_text()
        assert actor_of_bearer(f"Bearer {token}", settings).role is Role(role)
