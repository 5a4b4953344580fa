"""What systems sign: bound to the object that its address names, heard once, each with secrets of its own."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import msgspec
import pytest

from chalicelib import wiring
from chalicelib.edge.route import ROUTES
from infra.sandbox.builders import a_body
from infra.sandbox.serving import welcome
from tests.e2e.conftest import Marketplace
from tests.e2e.every_operation import REQUESTS, an_order, goods_on_their_way
from tests.e2e.signing import ORDERS, PAYMENTS, headers_for, signed

SIGNED = [key for key, known in ROUTES.items() if known.signed]
AT = "2026-11-24T03:00:00Z"


def shipped(order_id: str | None, version: int = 2, **more: Any) -> dict[str, Any]:
    said = {"status": "shipped", "version": version, "at": AT, "tracking_number": "JNE-1", **more}
    return said if order_id is None else {**said, "order_id": order_id}


def pushed(market: Marketplace, order_id: str) -> Any:
    """A whole order, as its system tells it."""
    return msgspec.to_builtins(a_body(order_id=order_id, placed_at=market.world.clock() - timedelta(days=1)))


@pytest.mark.parametrize(("method", "path"), SIGNED, ids=[f"{method} {path}" for method, path in SIGNED])
def test_what_is_signed_counts_for_the_object_that_it_names_and_for_no_other(
    shared: Marketplace, method: str, path: str
) -> None:
    request = REQUESTS[method, path](shared)
    secret = PAYMENTS if "orders" not in ROUTES[method, path].signed else ORDERS
    names = re.findall(r"{(\w+)}", path)
    body = json.loads(request.body) if isinstance(request.body, bytes) else request.body
    told = {**body, **{name: request.places[name] for name in names}}
    address = re.sub(r"{(\w+)}", lambda place: request.places[place[1]], path)
    for name in names:
        silent = {field: said for field, said in told.items() if field != name}
        if name != "order_id" or method != "PUT":
            answer = signed(shared, method, address, silent, secret=secret)
            assert (answer.status, answer.json["code"]) == (422, f"{name}_required"), name
        answer = signed(shared, method, address, {**told, name: "another"}, secret=secret)
        assert (answer.status, answer.json["code"]) == (422, "validation_failed"), name
    assert signed(shared, method, address, told, secret=secret).status in (200, 201)


def test_one_signed_body_moves_one_order_alone(shared: Marketplace) -> None:
    mine, others = an_order(shared), [an_order(shared) for _ in range(3)]
    text = json.dumps(shipped(mine))
    headers = headers_for(text, ORDERS, "once")
    for other in others:
        assert shared.call("POST", f"/v1/orders/{other}/status", text, headers=headers).status == 422
    assert shared.call("POST", f"/v1/orders/{mine}/status", text, headers=headers).json["applied"]


def test_a_message_that_is_sent_again_gets_its_first_answer(shared: Marketplace) -> None:
    order_id = an_order(shared)
    first, again = (
        signed(shared, "POST", f"/v1/orders/{order_id}/status", shipped(order_id), message="again") for _ in range(2)
    )
    assert first.json["applied"]
    assert again.json == first.json
    push = pushed(shared, "SIGNED-1")
    first, again = (signed(shared, "PUT", "/v1/orders/SIGNED-1", push, message="push") for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json


def test_a_message_under_the_name_of_another_is_refused(shared: Marketplace) -> None:
    order_id = an_order(shared)
    signed(shared, "POST", f"/v1/orders/{order_id}/status", shipped(order_id), message="named")
    other = signed(shared, "POST", f"/v1/orders/{order_id}/status", shipped(order_id, 3), message="named")
    assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")


def test_what_was_refused_may_be_said_again_under_its_name(shared: Marketplace) -> None:
    body = shipped("LATER-1")
    early = signed(shared, "POST", "/v1/orders/LATER-1/status", body, message="early")
    assert (early.status, early.json["code"]) == (409, "order_unknown_yet")
    assert int(early.headers["retry-after"]) > 0
    shared.order("LATER-1")
    assert signed(shared, "POST", "/v1/orders/LATER-1/status", body, message="early").json["applied"]


def test_each_system_has_secrets_of_its_own(shared: Marketplace) -> None:
    order_id = an_order(shared)
    status = f"/v1/orders/{order_id}/status"
    assert signed(shared, "POST", status, shipped(order_id), secret=PAYMENTS).status == 401
    case_id = goods_on_their_way(shared)
    label = {"pickup_code": "JNE-1", "case_id": case_id}
    assert signed(shared, "POST", f"/v1/cases/{case_id}/return-label", label, secret=PAYMENTS).status == 401
    debit = {"event_id": "d1", "currency": "IDR", "amount": 1, "reason": "x", "buyer_id": "budi"}
    assert signed(shared, "POST", "/v1/wallets/budi/debits", debit, secret=ORDERS).status == 401


AN_HOUR_AGO = {"webhook-timestamp": str(int(time.time()) - 3600)}


@pytest.mark.parametrize(
    ("changed", "header", "says"),
    [
        ({"webhook-id": ""}, "webhook-id", "missing"),
        ({"webhook-timestamp": ""}, "webhook-timestamp", "seconds since 1970"),
        (AN_HOUR_AGO, "webhook-timestamp", "seconds from it"),
        ({"webhook-timestamp": "1795854862000"}, "webhook-timestamp", "milliseconds"),
        ({"webhook-timestamp": "nan"}, "webhook-timestamp", "seconds since 1970"),
        ({"webhook-signature": "c2lnbmVk"}, "webhook-signature", "`v1,`"),
        ({"webhook-signature": "v1,c2lnbmVk"}, "webhook-signature", "orders_secret"),
    ],
)
def test_a_signature_that_is_refused_says_which_header_to_look_at(
    shared: Marketplace, changed: dict[str, str], header: str, says: str
) -> None:
    order_id = an_order(shared)
    text = json.dumps(shipped(order_id))
    headers = {**headers_for(text, ORDERS, "which"), **changed}
    refused = shared.call("POST", f"/v1/orders/{order_id}/status", text, headers=headers)
    assert (refused.status, refused.json["code"]) == (401, "unauthorized")
    [told] = refused.json["errors"]
    assert told["field"] == header
    assert says in told["message"]


@pytest.fixture
def two_secrets(shared: Marketplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """The order system's secret is being changed: the old one and the new one count."""
    new = "whsec_bmV3LXNlY3JldC1vZi10aGUtb3JkZXJz"
    monkeypatch.setenv("ORDERS_SECRET", f"{ORDERS},{new}")
    wiring.settings.cache_clear()
    yield ORDERS, new
    monkeypatch.undo()
    wiring.settings.cache_clear()


def test_two_secrets_count_while_one_is_changed_and_no_third(shared: Marketplace, two_secrets: tuple[str, str]) -> None:
    for number, secret in enumerate((*two_secrets, "whsec_" + "A" * 32)):
        order_id = shared.order(f"TWO-{number}")
        status = signed(shared, "POST", f"/v1/orders/{order_id}/status", shipped(order_id), secret=secret).status
        assert status == (401 if number == 2 else 200)


def test_a_secret_that_is_changed_counts_in_functions_that_are_warm(
    shared: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret lies in Secrets Manager, which is asked again where a signature does not fit, once a minute."""
    kept = {"ORDERS_SECRET": ORDERS}
    monkeypatch.setenv("SECRETS_ID", "batal-secrets")
    monkeypatch.delenv("ORDERS_SECRET")
    monkeypatch.setattr(wiring, "secret_settings", lambda *_: dict(kept))
    tick = [0.0]
    monkeypatch.setattr("chalicelib.wiring.time.monotonic", lambda: tick[0])
    wiring.settings.cache_clear()
    new = "whsec_bmV3LXNlY3JldC1vZi10aGUtb3JkZXJz"
    order_id = shared.order("WARM-1")

    def told(version: int, secret: str) -> int:
        push = shipped(order_id, version, status="shipped")
        return signed(shared, "POST", f"/v1/orders/{order_id}/status", push, secret=secret).status

    assert told(2, ORDERS) == 200
    assert told(3, new) == 401
    kept["ORDERS_SECRET"] = new
    assert told(3, new) == 401, "it was asked a moment ago"
    tick[0] = 61
    assert told(3, new) == 200
    assert told(4, ORDERS) == 401
    monkeypatch.undo()
    wiring.settings.cache_clear()


def test_every_secret_that_is_changed_counts_after_some_minutes_and_none_is_lost_meanwhile(
    shared: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Providers' keys, for example, of which nothing that comes in says that they do not fit."""
    kept = {"MIDTRANS_SERVER_KEY": "old", "ORDERS_SECRET": ORDERS}
    monkeypatch.setenv("SECRETS_ID", "batal-secrets")
    away: list[Exception] = []

    def secrets(*_: object) -> dict[str, str]:
        if away:
            raise away[0]
        return dict(kept)

    monkeypatch.setattr(wiring, "secret_settings", secrets)
    tick = [1_000.0]
    monkeypatch.setattr("chalicelib.wiring.time.monotonic", lambda: tick[0])

    def forget() -> None:
        for made in (wiring.settings, wiring.links, wiring.built_ports):
            made.cache_clear()

    def known() -> str:
        wiring.ports()
        return wiring.settings().midtrans_server_key

    try:
        forget()
        assert known() == "old"
        kept["MIDTRANS_SERVER_KEY"] = "new"
        tick[0] += 299
        assert known() == "old"
        before = wiring.ports()
        tick[0] += 1
        assert known() == "new"
        assert wiring.ports() is not before, "who asks providers has the new key"
        away.append(ValueError("no JSON"))
        tick[0] += 300
        assert known() == "new", "what cannot be read stops nothing"
    finally:
        monkeypatch.undo()
        forget()


def test_forged_signatures_open_nothing(shared: Marketplace) -> None:
    order_id = an_order(shared)
    text = json.dumps(shipped(order_id))
    good = headers_for(text, ORDERS, "forged")
    mark = good["webhook-signature"].removeprefix("v1,")
    places = [(at, sign) for at, sign in product(range(len(mark) - 1), "AQgw") if mark[at] != sign]
    forged = [f"v1,{mark[:at]}{sign}{mark[at + 1 :]}" for at, sign in places]
    forged += ["", "v1,", "v1", mark, f"v2,{mark}", f"v1a,{mark}", "v1,=" * 100, f"V1,{mark}", "v1,\u00e9"]
    wrong = [{"webhook-signature": each} for each in forged]
    wrong += [{"webhook-id": "other"}, {"webhook-timestamp": "1"}, {"webhook-timestamp": "x"}, {"webhook-id": ""}]
    for each in wrong:
        answer = shared.call("POST", f"/v1/orders/{order_id}/status", text, headers={**good, **each})
        assert answer.status == 401, each
    assert shared.oms("GET", f"/v1/orders/{order_id}").json["status"] == "processing"


def test_one_version_says_one_thing(shared: Marketplace) -> None:
    order_id = "VERSIONS-1"
    push = pushed(shared, order_id)
    assert shared.oms("PUT", f"/v1/orders/{order_id}", push).status == 201
    assert shared.oms("PUT", f"/v1/orders/{order_id}", push).json == {"applied": False}
    renamed = {**push, "lines": [{**push["lines"][0], "name": "Something else"}, *push["lines"][1:]]}
    answer = shared.oms("PUT", f"/v1/orders/{order_id}", renamed)
    assert (answer.status, answer.json["code"], answer.json["version"]) == (409, "version_taken", 1)
    assert shared.oms("POST", f"/v1/orders/{order_id}/status", shipped(None)).json["applied"]
    assert shared.oms("POST", f"/v1/orders/{order_id}/status", shipped(None)).json == {"applied": False}
    answer = shared.oms("POST", f"/v1/orders/{order_id}/status", shipped(None, status="delivered"))
    assert (answer.status, answer.json["code"]) == (409, "version_taken")
    assert (
        shared.oms("POST", f"/v1/orders/{order_id}/status", shipped(None, 1, status="placed")).json["applied"] is False
    )


def test_a_status_of_an_order_that_is_not_there_yet_is_to_be_said_again(shared: Marketplace) -> None:
    for path, body in (("status", shipped(None)), ("shipping-claim", {"event_id": "c1"})):
        answer = shared.oms("POST", f"/v1/orders/NOT-YET/{path}", body)
        assert (answer.status, answer.json["code"]) == (409, "order_unknown_yet")
        assert answer.headers["retry-after"]


def test_the_sandbox_says_its_secrets_and_how_to_sign(shared: Marketplace) -> None:
    url = f"http://127.0.0.1:{shared.port}"
    assert {ORDERS, PAYMENTS} <= set(re.findall(r"whsec_\S+", welcome(url)))
    shared.order("LZD-1002")
    said = welcome(url).partition("/sandbox/secrets")[2]
    lines = re.search(r"(body=.*webhook-signature: v1,\$mark\")", said, re.DOTALL)
    assert lines
    told = subprocess.run(["bash", "-c", lines[1]], capture_output=True, text=True, check=True).stdout
    assert json.loads(told)["applied"], told
