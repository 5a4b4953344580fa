"""Bearer tokens whose keys lie at an address: new keys count at once, a house that is down stops nobody it let in, and
invented keys cost nothing."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chalicelib.domain.errors import Unavailable
from chalicelib.edge import issuers
from tests.e2e.conftest import Marketplace
from tests.e2e.json_server import json_server

OLD, NEW, STRANGER = (
    ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"}, private=True) for kid in ("a", "b", "c")
)


@dataclass
class House:
    """Publishes its keys, and counts how often somebody came for them."""

    address: str = ""
    keys: list[ECKey] = field(default_factory=lambda: [OLD])
    asked: int = 0
    down: bool = False


@pytest.fixture
def house() -> Iterator[House]:
    this = House()

    def says(*_: Any) -> tuple[int, Any]:
        this.asked += 1
        return 503 if this.down else 200, {"keys": [key.as_dict(private=False) for key in this.keys]}

    issuers.forget()
    with json_server(says) as address:
        this.address = f"{address}/jwks"
        yield this


@pytest.fixture
def market(open_marketplace: Callable[..., Marketplace], house: House) -> Marketplace:
    return open_marketplace(JWT_JWKS="", JWT_JWKS_URL=house.address, JWT_ISSUER="market")


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the clock by which documents age go on."""
    at = [1_000.0]
    monkeypatch.setattr("chalicelib.edge.issuers.time.monotonic", lambda: at[0])

    def later(seconds: float) -> None:
        at[0] += seconds

    return later


def signed(key: ECKey, **claims: Any) -> str:
    now = int(time.time())
    content = {"sub": "budi", "role": "buyer", "aud": "batal", "iss": "market", "exp": now + 600, **claims}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, content, key, algorithms=["ES256"])


def answer(market: Marketplace, token: str) -> int:
    return market.call("GET", "/v1/orders", token=token).status


def test_a_key_that_is_new_counts_at_once_and_one_that_is_gone_no_more(
    market: Marketplace, house: House, tick: Callable[[float], None]
) -> None:
    assert answer(market, signed(OLD)) == 200
    house.keys = [NEW]
    tick(61)
    assert answer(market, signed(NEW)) == 200
    assert answer(market, signed(OLD)) == 401
    assert house.asked == 2


def test_invented_keys_are_looked_for_once_a_minute(
    market: Marketplace, house: House, tick: Callable[[float], None]
) -> None:
    assert [answer(market, signed(STRANGER)) for _ in range(20)] == [401] * 20
    tick(61)
    assert [answer(market, signed(STRANGER)) for _ in range(20)] == [401] * 20
    assert house.asked == 2


def test_a_house_that_is_down_stops_nobody_whose_key_is_known(
    market: Marketplace, house: House, tick: Callable[[float], None]
) -> None:
    assert answer(market, signed(OLD)) == 200
    house.down = True
    tick(3_600)
    assert answer(market, signed(OLD)) == 200
    house.down = False
    tick(3_600)
    house.keys = [NEW]
    assert answer(market, signed(OLD)) == 401


def test_a_house_that_was_never_heard_of_is_a_matter_of_coming_again(market: Marketplace, house: House) -> None:
    house.down = True
    refused = market.call("GET", "/v1/orders", token=signed(OLD))
    assert (refused.status, "retry-after" in refused.headers) == (503, True)


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"role": ["staff", "buyer"]}, 200),
        ({"role": ["staff"]}, 401),
        ({"role": []}, 401),
        ({"role": [["buyer"]]}, 401),
        ({"role": {"buyer": 1}}, 401),
        ({"iss": "another"}, 401),
        ({"iss": None}, 401),
        ({"aud": "another"}, 401),
        ({"exp": 1}, 401),
        ({"custom:role": "operator", "role": None}, 401),
    ],
)
def test_what_a_token_must_say(market: Marketplace, claims: dict[str, Any], status: int) -> None:
    assert answer(market, signed(OLD, **claims)) == status


def test_without_an_issuer_of_its_own_a_deployment_takes_no_token(
    open_marketplace: Callable[..., Marketplace], house: House
) -> None:
    market = open_marketplace(JWT_JWKS="", JWT_JWKS_URL=house.address, JWT_ISSUER="")
    assert answer(market, signed(OLD)) == 401


def test_an_address_that_leads_elsewhere_says_too_much_or_never_ends_is_no_key_set(
    market: Marketplace, house: House, monkeypatch: pytest.MonkeyPatch, tick: Callable[[float], None]
) -> None:
    assert answer(market, signed(OLD)) == 200
    plain, asked = BaseHTTPRequestHandler.send_response, []

    def leads_on(self: BaseHTTPRequestHandler, status: int, message: str | None = None) -> None:
        asked.append(self.path)
        if self.path == "/jwks":
            plain(self, 302)
            self.send_header("Location", f"{house.address.removesuffix('/jwks')}/elsewhere")
        else:
            plain(self, status, message)

    house.keys = [NEW]
    monkeypatch.setattr(BaseHTTPRequestHandler, "send_response", leads_on)
    with pytest.raises(Unavailable):
        issuers.document(house.address)
    assert "/elsewhere" not in asked
    monkeypatch.undo()
    tick(3_600)
    with json_server(lambda *_: (200, {"keys": ["x" * 300_000]})) as address, pytest.raises(Unavailable):
        issuers.document(f"{address}/jwks")
    with pytest.raises(Unavailable):
        issuers.document("http://id.example/jwks")
