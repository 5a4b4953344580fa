"""Signing in at an OpenID Connect provider: a provider of our own that keeps to the letter of the specification."""

import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chalicelib import wiring
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge import issuers
from chalicelib.pages import oidc, sessions
from tests.e2e.conftest import Marketplace
from tests.e2e.json_server import json_server
from tests.e2e.test_pages import Phone

KEY = ECKey.generate_key("P-256", {"kid": "idp", "use": "sig", "alg": "ES256"}, private=True)


@dataclass
class Provider:
    """Signs in whoever comes, as `claims` say; codes work once and only with their verifier."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "budi", "role": "buyer"})
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: KEY)
    down: bool = False

    def authorize(self, location: str) -> str:
        """What its sign-in page does when somebody agrees; gives the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, form: Mapping[str, str], authorization: str | None) -> tuple[int, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        client = b64decode((authorization or " ").partition(" ")[2]).decode()
        proved = asked is not None and oidc.challenge_of(form.get("code_verifier", "")) == asked["code_challenge"]
        if not proved or asked is None or client != "batal:secret":
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        content = {"iss": self.issuer, "aud": "batal", "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        signed = jwt.encode({"alg": "ES256", "kid": "idp"}, content | self.claims, self.key, algorithms=["ES256"])
        return 200, {"id_token": signed}


@pytest.fixture
def provider() -> Iterator[Provider]:
    this = Provider()

    def says(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        if body:
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            return this.token(form, headers.get("authorization"))
        documents: Mapping[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": this.issuer,
                "authorization_endpoint": f"{this.issuer}/authorize",
                "token_endpoint": f"{this.issuer}/token",
                "jwks_uri": f"{this.issuer}/keys",
            },
            "/keys": {"keys": [KEY.as_dict(private=False)]},
        }
        return 500 if this.down else 200, documents.get(path, {})

    issuers.forget()
    with json_server(says) as address:
        this.issuer = address
        yield this


@pytest.fixture
def market(open_marketplace: Callable[..., Marketplace], provider: Provider) -> Marketplace:
    return open_marketplace(OIDC_ISSUER=provider.issuer, OIDC_CLIENT_ID="batal", OIDC_CLIENT_SECRET="secret")


def back(market: Marketplace, way: str) -> str:
    return way.replace("http://127.0.0.1:8000", "")


def test_somebody_signs_in_and_comes_to_where_they_wanted(market: Marketplace, provider: Provider) -> None:
    market.push("LZD-1001")
    phone = Phone(market)
    left = phone.open("/sign-in?next=/orders/LZD-1001")
    assert left.status == 303
    returned = phone.open(back(market, provider.authorize(left.headers["location"])))
    assert (returned.status, returned.headers["location"]) == (303, "/orders/LZD-1001")
    assert "LZD-1001" in phone.open("/orders").text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Budi Santoso", "Budi Santoso"),
        ("<b>Budi</b>", "&lt;b&gt;Budi&lt;/b&gt;"),
        ("B" * 300, "B" * 60),
        ("", "budi"),
        ("Bu\u202edi", "budi"),
        (["Budi"], "budi"),
        (None, "budi"),
    ],
)
def test_people_are_called_by_their_name_where_it_is_told_as_one(
    market: Marketplace, provider: Provider, name: Any, shown: str
) -> None:
    provider.claims = {"sub": "budi", "role": "buyer", "name": name}
    phone = Phone(market)
    phone.open(back(market, provider.authorize(phone.open("/sign-in").headers["location"])))
    assert f'<span class="quiet">{shown}</span>' in phone.open("/orders").text


def test_a_cookie_of_an_earlier_version_keeps_its_session(market: Marketplace) -> None:
    settings = wiring.settings()
    for held in (["buyer", "budi"], ["buyer", "budi", None]):
        kept = sessions._signer(settings).dumps(held)
        actor = sessions.actor_of({"cookie": f"{sessions.COOKIE}={kept}"}, settings)
        assert actor == Actor(role=Role.BUYER, id="budi")


@pytest.mark.parametrize(
    ("claims", "page"),
    [
        ({"sub": "u1", "custom:role": "seller", "custom:seller_id": "toko-baju"}, "/seller"),
        ({"sub": "sari", "cognito:groups": ["staff", "support"]}, "/support"),
    ],
)
def test_cognitos_names_are_understood(
    market: Marketplace, provider: Provider, claims: dict[str, Any], page: str
) -> None:
    provider.claims = claims
    phone = Phone(market)
    phone.open(back(market, provider.authorize(phone.open("/sign-in").headers["location"])))
    assert phone.open(page).status == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "budi", "role": "king"},
        {"sub": "oms", "role": "system"},
        {"sub": "budi", "role": "buyer", "aud": "somebody-else"},
        {"sub": "budi", "role": "buyer", "iss": "https://evil.example"},
        {"sub": "budi", "role": "buyer", "exp": 1},
        {"sub": "budi", "role": "buyer", "nonce": "another"},
        {"role": "buyer"},
        {"sub": "u1", "role": "seller"},
    ],
)
def test_a_token_that_does_not_fit_signs_nobody_in(
    market: Marketplace, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    phone = Phone(market)
    answer = phone.open(back(market, provider.authorize(phone.open("/sign-in").headers["location"])))
    assert answer.status == 401
    assert "batal_session" not in phone.cookies


def test_a_token_signed_with_another_key_signs_nobody_in(market: Marketplace, provider: Provider) -> None:
    provider.key = ECKey.generate_key("P-256", {"kid": "idp"}, private=True)
    phone = Phone(market)
    assert phone.open(back(market, provider.authorize(phone.open("/sign-in").headers["location"]))).status == 401


def test_a_stolen_code_is_worth_nothing_in_another_browser(market: Marketplace, provider: Provider) -> None:
    victim, thief = Phone(market), Phone(market)
    way = back(market, provider.authorize(victim.open("/sign-in").headers["location"]))
    thief.open("/sign-in")
    assert thief.open(way).status == 401
    assert Phone(market).open(way).status == 401
    assert victim.open(way).status == 303, "and the code is still the victim's"
    assert victim.open(way).status == 401, "once"


def test_a_provider_that_is_down_is_said_kindly(market: Marketplace, provider: Provider) -> None:
    provider.down = True
    answer = Phone(market).open("/sign-in")
    assert (answer.status, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")


def test_the_challenge_is_the_one_of_the_specification() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert oidc.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
