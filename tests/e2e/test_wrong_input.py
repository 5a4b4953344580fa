"""Wrong input gets a clear problem document, and every table and the outbox stay as they were."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chalicelib.locales import has, say
from infra.sandbox.seed import ORDERS, body_of
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_pages import Phone


def order_push(market: Marketplace, order_id: str = "LZD-1001", **changes: Any) -> dict[str, Any]:
    order = next(order for order in ORDERS if order["order_id"] == order_id)
    pushed: dict[str, Any] = msgspec.to_builtins(body_of(order, market.world.clock()))
    return pushed | changes


def ask(market: Marketplace, body: Any, order_id: str = "LZD-1005", who: str = "budi") -> Answer:
    return market.buyer("POST", f"/v1/orders/{order_id}/cancellations", body, who=who)


def push_to(market: Marketplace, email: str) -> Answer:
    """An order of a buyer with this address."""
    pushed = order_push(market)
    return market.oms(
        "PUT", "/v1/orders/P-1", pushed | {"order_id": "P-1", "buyer": pushed["buyer"] | {"email": email}}
    )


WISH = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}

# name: (what is sent, expected status, expected code)
Sent = Callable[[Marketplace, str], Answer]
WRONG: dict[str, tuple[Sent, int, str]] = {
    "unknown order": (lambda m, c: ask(m, WISH, "LZD-9999"), 404, "not_found"),
    "somebody else's order": (lambda m, c: ask(m, WISH, "LZD-1001", who="ani"), 404, "not_found"),
    "wrong amounts": (
        lambda m, c: m.oms("PUT", "/v1/orders/X-1", order_push(m, order_id="LZD-1001") | {"order_id": "X-1", "tax": 1}),
        422,
        "amounts_do_not_add_up",
    ),
    "an address with a comment": (lambda m, c: push_to(m, "budi(x)@example.com"), 422, "validation_failed"),
    "an address with two dots": (lambda m, c: push_to(m, "budi..x@example.com"), 422, "validation_failed"),
    "a domain that cannot be": (lambda m, c: push_to(m, "budi@x\u2028.example"), 422, "validation_failed"),
    "unknown reason": (lambda m, c: ask(m, WISH | {"reason_code": "bored"}, "SHP-2001"), 422, "reason_not_allowed"),
    "no reason": (lambda m, c: ask(m, {"channel": "app", "accept_terms": True}, "SHP-2001"), 422, "reason_not_allowed"),
    "terms not accepted": (lambda m, c: ask(m, WISH | {"accept_terms": False}, "SHP-2001"), 422, "terms_not_accepted"),
    "second case for one order": (lambda m, c: ask(m, WISH, "LZD-1001"), 409, "case_open"),
    "delivered order": (lambda m, c: ask(m, WISH), 409, "already_delivered"),
    "another quote": (lambda m, c: ask(m, WISH | {"quote_id": "q_0"}, "SHP-2001"), 409, "quote_changed"),
    "a line that is not there": (
        lambda m, c: ask(m, WISH | {"lines": [{"line_id": "7", "quantity": 1}]}, "SHP-2001"),
        422,
        "validation_failed",
    ),
    "decision by another seller": (
        lambda m, c: m.seller("POST", f"/v1/cases/{c}/approve", {}, who="toko-sepatu"),
        404,
        "not_found",
    ),
    "decision by the buyer": (lambda m, c: m.buyer("POST", f"/v1/cases/{c}/approve", {}), 403, "forbidden"),
    "decision on an unknown case": (lambda m, c: m.seller("POST", "/v1/cases/nope/approve", {}), 404, "not_found"),
    "refusal without a known reason": (
        lambda m, c: m.seller("POST", f"/v1/cases/{c}/reject", {"reason_code": "bored"}),
        422,
        "reason_not_allowed",
    ),
    "a field of another command": (
        lambda m, c: m.seller("POST", f"/v1/cases/{c}/approve", {"alternative": "change_address"}),
        422,
        "validation_failed",
    ),
    "an alternative that nobody knows": (
        lambda m, c: m.seller("POST", f"/v1/cases/{c}/offer", {"alternative": "send_cash"}),
        422,
        "alternative_not_allowed",
    ),
    "an appeal that says nothing": (lambda m, c: m.buyer("POST", f"/v1/cases/{c}/appeal", {}), 422, "comment_required"),
    "a word that no warehouse knows": (
        lambda m, c: m.oms("POST", f"/v1/cases/{c}/parcel", {"result": "lost"}),
        422,
        "validation_failed",
    ),
    "malformed JSON": (lambda m, c: ask(m, b'{"channel": "app",', "SHP-2001"), 400, "malformed_json"),
    "not UTF-8": (lambda m, c: ask(m, b'{"channel": "\xff"}', "SHP-2001"), 400, "malformed_json"),
    "a moment long ago": (
        lambda m, c: m.oms(
            "POST", "/v1/orders/LZD-1001/status", b'{"status":"shipped","version":9,"at":"0506-01-01T00:00:00Z"}'
        ),
        422,
        "validation_failed",
    ),
    "NaN": (
        lambda m, c: m.oms(
            "POST", "/v1/orders/LZD-1001/status", b'{"status":"shipped","version":NaN,"at":"2026-01-01T00:00:00Z"}'
        ),
        400,
        "malformed_json",
    ),
    "unknown field": (lambda m, c: ask(m, WISH | {"reasn": "x"}, "SHP-2001"), 422, "validation_failed"),
    "wrong type": (lambda m, c: ask(m, WISH | {"accept_terms": "yes"}, "SHP-2001"), 422, "validation_failed"),
    "an array": (lambda m, c: ask(m, [WISH], "SHP-2001"), 422, "validation_failed"),
    "deeply nested": (lambda m, c: ask(m, b"[" * 50_000, "SHP-2001"), 422, "validation_failed"),
    "a body of 1 MB": (lambda m, c: ask(m, WISH | {"comment": "x" * 1_000_000}, "SHP-2001"), 413, "body_too_large"),
    "a comment too long": (lambda m, c: ask(m, WISH | {"comment": "x" * 2001}, "SHP-2001"), 422, "validation_failed"),
    "no token": (lambda m, c: m.call("GET", f"/v1/cases/{c}"), 401, "unauthorized"),
    "a bad token": (lambda m, c: m.call("GET", f"/v1/cases/{c}", token="nonsense"), 401, "unauthorized"),
    "no token on a route that takes signatures": (
        lambda m, c: m.call("PUT", "/v1/orders/LZD-1001", {}),
        401,
        "unauthorized",
    ),
    "an order pushed by a buyer": (lambda m, c: m.buyer("PUT", "/v1/orders/LZD-1001", order_push(m)), 403, "forbidden"),
    "an order under another's address": (
        lambda m, c: m.oms("PUT", "/v1/orders/OTHER", order_push(m)),
        422,
        "validation_failed",
    ),
    "an order that changes hands": (
        lambda m, c: m.oms(
            "PUT", "/v1/orders/LZD-1001", order_push(m, version=9, seller=order_push(m, "LZD-1002")["seller"])
        ),
        422,
        "identity_changed",
    ),
    "status of an unknown order": (
        lambda m, c: m.oms(
            "POST", "/v1/orders/NOPE/status", {"status": "shipped", "version": 2, "at": "2026-01-01T00:00:00Z"}
        ),
        409,
        "order_unknown_yet",
    ),
    "an id that cannot be one": (lambda m, c: m.support("GET", "/v1/cases/a%2Fb%00"), 404, "not_found"),
    "an unknown route": (lambda m, c: m.buyer("GET", "/v1/nothing"), 404, "not_found"),
    "a method not taken": (lambda m, c: m.call("DELETE", "/health"), 405, "method_not_allowed"),
    "another content type": (
        lambda m, c: m.buyer("POST", "/v1/orders/SHP-2001/cancellations", "a=b", Content_Type="text/plain"),
        415,
        "unsupported_media_type",
    ),
    "a limit out of range": (lambda m, c: m.buyer("GET", "/v1/orders?limit=101"), 422, "validation_failed"),
    "a cursor of somebody's own": (lambda m, c: m.buyer("GET", "/v1/orders?cursor=abc"), 400, "bad_cursor"),
    "an idempotency key too long": (
        lambda m, c: m.buyer("POST", "/v1/orders/SHP-2001/cancellations", WISH, Idempotency_Key="k" * 256),
        422,
        "validation_failed",
    ),
    "a return before delivery": (
        lambda m, c: m.buyer("POST", "/v1/orders/SHP-2001/returns", WISH),
        409,
        "not_delivered",
    ),
    "a refund event for a case without refund": (
        lambda m, c: m.oms(
            "POST",
            f"/v1/refunds/rf_{c}/events",
            {"event_id": "e", "status": "succeeded", "amount": 1, "at": "2026-01-01T00:00:00Z"},
        ),
        409,
        "not_now",
    ),
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One world for all of them: none of them may change it."""
    import threading

    from infra.sandbox.server import make_server
    from infra.sandbox.world import world

    with world() as made:
        server = make_server(made.app, 0)
        threading.Thread(target=server.server.serve_forever, daemon=True).start()
        market = Marketplace(made, server.server.server_address[1])
        for order_id in ("LZD-1001", "LZD-1002", "LZD-1005", "SHP-2001"):
            market.push(order_id)
        case_id = market.ask("LZD-1001")["case_id"]
        market.waits_in(case_id)
        yield market, case_id
        server.server.shutdown()
        server.server.server_close()


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("name", WRONG)
def test_is_refused_clearly_and_changes_nothing(prepared: tuple[Marketplace, str], name: str) -> None:
    market, case_id = prepared
    send, status, code = WRONG[name]
    before = market.everything(counters=False)
    answer = send(market, case_id)
    assert (answer.status, answer.json["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["title"]
    assert market.everything(counters=False) == before


# Each names the field that is wrong, wherever it stood.
NAMED = {
    "approve": ({"alternative": "change_address"}, "alternative"),
    "reject": ({"comment": "no"}, "reason_code"),
    "offer": ({"fee": -1}, "fee"),
    "extend": ({"until": "2026-11-25T03:00:00Z", "days": 3}, "days"),
}


@pytest.mark.parametrize("action", NAMED)
def test_what_is_wrong_is_named(prepared: tuple[Marketplace, str], action: str) -> None:
    market, case_id = prepared
    body, field = NAMED[action]
    answer = market.support("POST", f"/v1/cases/{case_id}/{action}", body)
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")
    assert [error["field"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize(
    ("decision", "code", "field"),
    [
        ({"action": "approve", "alternative": "change_address"}, "validation_failed", "alternative"),
        ({"action": "approve", "reason_code": "other"}, "reason_not_allowed", None),
        ({"action": "offer", "fee": 1_000, "tracking_number": "JNE-1"}, "validation_failed", "tracking_number"),
        ({"action": "reject"}, "reason_not_allowed", None),
        ({"action": "reject", "reason_code": "bored"}, "reason_not_allowed", None),
        ({"action": "offer", "alternative": "send_cash"}, "alternative_not_allowed", None),
    ],
)
def test_one_of_many_decisions_takes_what_its_own_call_takes(
    prepared: tuple[Marketplace, str], decision: dict[str, Any], code: str, field: str | None
) -> None:
    market, case_id = prepared
    before = market.everything(counters=False)
    answer = market.seller("POST", "/v1/cases/bulk-decisions", {"decisions": [{"case_id": case_id, **decision}]})
    problem = answer.json["items"][0]["problem"]
    assert (problem["status"], problem["code"]) == (422, code)
    assert field is None or [error["field"] for error in problem["errors"]] == [field]
    assert market.everything(counters=False) == before


LONG = "9" * 30
# who, where, what is filled in: refused as what, naming what.
FORMS: dict[str, tuple[str, str, dict[str, str], str]] = {
    "days that pass a cap by their first digits": ("support", "extend", {"days": "001" + LONG, "note": "wait"}, "days"),
    "days without end": ("support", "extend", {"days": LONG * 200, "note": "wait"}, "days"),
    "no days": ("support", "extend", {"days": "", "note": "wait"}, "days"),
    "days in words": ("support", "extend", {"days": "tiga", "note": "wait"}, "days"),
    "a field that nobody knows": ("seller", "approve", {"sure": "yes"}, "sure"),
    "a field of another command": ("seller", "approve", {"tracking_number": "JNE-1"}, "tracking_number"),
    "a moment where days are asked": ("support", "extend", {"days": "1", "until": "x", "note": "wait"}, "until"),
    "words without end": ("seller", "approve", {"comment": "x" * 2_001}, "comment"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_refused_as_clearly(prepared: tuple[Marketplace, str], name: str) -> None:
    market, case_id = prepared
    role, action, filled, field = FORMS[name]
    phone = Phone(market)
    phone.sign_in("toko-baju" if role == "seller" else "sari", role)
    page, before = phone.open(f"/cases/{case_id}"), market.everything(counters=False)
    answer = phone.submit(page, f"/cases/{case_id}/{action}", **filled)
    assert answer.status == 422
    called = f"field.{field}"
    assert f"({say(called, 'id') if has(called, 'id') else field})" in answer.text
    assert market.everything(counters=False) == before


@pytest.mark.parametrize("filled", [{"line-1": "1" + "0" * 6}, {"line-1": "satu"}, {"line-7": "1"}, {"sure": "yes"}])
def test_an_asking_by_a_form_is_refused_as_clearly(prepared: tuple[Marketplace, str], filled: dict[str, str]) -> None:
    market, _ = prepared
    phone = Phone(market)
    phone.sign_in()
    page = phone.open("/orders/SHP-2001/cancel?reason_code=wrong_size")
    before = market.everything(counters=False)
    answer = phone.submit(page, "/orders/SHP-2001/cancel", accept_terms="yes", **filled)
    assert answer.status == 422
    assert market.everything(counters=False) == before
