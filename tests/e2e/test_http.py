"""HTTP as integrators expect it: retries with keys, HEAD, CORS, languages, signatures, everybody sees their own."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from standardwebhooks.webhooks import Webhook

from chalicelib import wiring
from infra.sandbox import tokens
from infra.sandbox.world import SECRETS
from tests.e2e.conftest import Marketplace
from tests.e2e.every_operation import EVERY_ROLE
from tests.e2e.test_wrong_input import WISH, order_push

ASK = "/v1/orders/LZD-1001/cancellations"
FOR_BUYERS = ("/v1/orders/LZD-1001/cancellation-options", "/v1/wallets/budi")


def test_a_key_replays_the_first_answer(market: Marketplace) -> None:
    market.push("LZD-1001")
    first = market.buyer("POST", ASK, WISH, Idempotency_Key="k1")
    again = market.buyer("POST", ASK, WISH, Idempotency_Key="k1")
    assert (first.status, again.status, again.json) == (201, 201, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    without = market.buyer("POST", ASK, WISH)
    assert (without.status, without.json["code"]) == (409, "case_open")


def test_a_key_with_another_body_is_refused(market: Marketplace) -> None:
    market.push("LZD-1001")
    market.buyer("POST", ASK, WISH, Idempotency_Key="k1")
    other = market.buyer("POST", ASK, WISH | {"comment": "please"}, Idempotency_Key="k1")
    assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")


def test_a_key_belongs_to_its_caller_and_path(market: Marketplace) -> None:
    market.push("LZD-1001")
    market.push("SHP-2001")
    case_id = market.buyer("POST", ASK, WISH, Idempotency_Key="k1").json["case_id"]
    other = market.buyer("POST", "/v1/orders/SHP-2001/cancellations", WISH, Idempotency_Key="k1")
    assert other.status == 201
    assert other.json["case_id"] != case_id


def test_a_refusal_is_not_kept_under_its_key(market: Marketplace) -> None:
    market.push("LZD-1001")
    refused = market.buyer("POST", ASK, WISH | {"accept_terms": False}, Idempotency_Key="k1")
    assert refused.status == 422
    assert market.buyer("POST", ASK, WISH, Idempotency_Key="k1").status == 201


def test_an_approval_may_be_repeated_with_its_key(market: Marketplace) -> None:
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    answers = [market.seller("POST", f"/v1/cases/{case_id}/approve", {}, Idempotency_Key="a") for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert answers[0].json == answers[2].json
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 163_000


def test_the_oms_may_sign_instead_of_bearing_a_token(market: Marketplace) -> None:
    body = json.dumps(order_push(market))
    now = datetime.now(UTC)
    signature = Webhook(SECRETS["ORDERS_SECRET"]).sign("m1", now, body)
    headers = {"webhook-id": "m1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    assert market.call("PUT", "/v1/orders/LZD-1001", body, headers=headers).json["applied"]
    forged = market.call("PUT", "/v1/orders/LZD-1001", body + " ", headers=headers)
    assert (forged.status, forged.json["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    "claims",
    [{"exp": 1}, {"aud": "somebody-else"}, {"iss": "somebody-else"}, {"role": "king"}, {"sub": ""}, {"aud": None}],
)
def test_a_token_that_is_not_meant_for_us_opens_nothing(market: Marketplace, claims: dict[str, Any]) -> None:
    token = tokens.token("budi", "buyer", claims=claims)
    assert market.call("GET", "/v1/orders", token=token).status == 401


def test_head_answers_like_get_without_a_body(market: Marketplace) -> None:
    market.push("LZD-1001")
    get, head = (market.buyer(method, "/v1/orders/LZD-1001") for method in ("GET", "HEAD"))
    assert (head.status, head.text) == (200, "")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_browsers_of_any_origin_may_ask(market: Marketplace) -> None:
    preflight = market.call("OPTIONS", ASK, headers={"Origin": "https://shop.example"})
    assert preflight.status == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert market.call("GET", "/health").headers["access-control-allow-origin"] == "*"
    assert market.call("GET", "/v1/orders").headers["access-control-allow-origin"] == "*"


def test_texts_come_in_the_callers_language(market: Marketplace) -> None:
    market.push("LZD-1001")
    path = "/v1/orders/LZD-1001/cancellation-options"
    indonesian, english = (market.buyer("GET", path, Accept_Language=tag).json for tag in ("id-ID", "en-US,en;q=0.9"))
    labels = [next(r["label"] for r in each["reasons"] if r["code"] == "wrong_size") for each in (indonesian, english)]
    assert labels == ["Salah ukuran", "Wrong size"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/orders/LZD-1001",
        "/v1/orders/LZD-1001/cancellation-options",
        "/v1/cases/{case}",
        "/v1/cases/{case}/timeline",
        "/v1/wallets/budi",
    ],
)
def test_strangers_find_nothing(market: Marketplace, path: str) -> None:
    market.push("LZD-1001")
    place = path.format(case=market.ask("LZD-1001")["case_id"])
    other = market.buyer("GET", place, who="ani")
    assert (other.status, other.json["code"]) == (404, "not_found")
    seller = market.seller("GET", place, who="toko-sepatu")
    assert seller.status == (403 if path in FOR_BUYERS else 404)
    assert market.buyer("GET", place).status == 200


def test_everybody_lists_their_own(market: Marketplace) -> None:
    for order_id in ("LZD-1001", "LZD-1002"):
        market.push(order_id)
    case_id = market.ask("LZD-1001")["case_id"]
    assert [o["order_id"] for o in market.buyer("GET", "/v1/orders").json["items"]] == ["LZD-1001"]
    assert [o["order_id"] for o in market.seller("GET", "/v1/orders", who="toko-sepatu").json["items"]] == ["LZD-1002"]
    assert [c["case_id"] for c in market.seller("GET", "/v1/cases").json["items"]] == [case_id]
    assert market.buyer("GET", "/v1/cases", who="ani").json == {"items": [], "next_cursor": None}
    assert [c["case_id"] for c in market.support("GET", "/v1/cases?state=awaiting_seller").json["items"]] == [case_id]
    assert market.support("GET", "/v1/cases?state=closed").json["items"] == []


def test_a_seller_does_not_learn_how_to_reach_the_buyer(market: Marketplace) -> None:
    market.push("LZD-1001")
    assert "budi@example.com" not in market.seller("GET", "/v1/orders/LZD-1001").text


def test_supports_note_stays_inside(market: Marketplace) -> None:
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.support("POST", f"/v1/cases/{case_id}/reject", {"reason_code": "policy", "note": "SECRET-NOTE"})
    market.ended(case_id)
    for path in (f"/v1/cases/{case_id}", f"/v1/cases/{case_id}/timeline"):
        assert "SECRET-NOTE" not in market.buyer("GET", path).text
    assert "SECRET-NOTE" in market.support("GET", f"/v1/cases/{case_id}/timeline").text
    assert not any("SECRET-NOTE" in mail.text + mail.html for mail in market.mails())


def test_get_and_head_never_write(market: Marketplace) -> None:
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    before = market.everything()
    app = market.world.app
    for route, methods in app.routes.items():
        for method in {"GET", "HEAD"} & set(methods):
            path = route.format(
                order_id="LZD-1001",
                case_id=case_id,
                refund_id=f"rf_{case_id}",
                webhook_id="w1",
                job_id="20261123T030000-x",
                buyer_id="budi",
                seller_id="toko-baju",
                payment_id="PAY-1",
                token="x",
                action="approve",
                state="refunding",
                name="batal.css" if "static" in route else "lazada",
            )
            for role, who in EVERY_ROLE:
                assert market.as_(role, who, method, path).status < 500
    assert market.everything() == before


def test_the_catalogue_of_reasons_is_open(market: Marketplace) -> None:
    reasons = market.call("GET", "/v1/reasons").json
    by_code = {reason["code"]: reason for reason in reasons["items"]}
    assert by_code["wrong_size"]["fault"] == "buyer"
    assert by_code["seller_slow"]["fault"] == "seller"
    assert "already_shipped" in [each["code"] for each in reasons["refusing"]]


def test_no_address_or_token_reaches_the_log(market: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="chalicelib")
    market.push("LZD-1001")
    boto3.client("sesv2").delete_email_identity(EmailIdentity="batal@example.com")
    market.ask("LZD-1001")
    market.later(100)
    text = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "@example.com" not in text
    assert "/d/" not in text


def test_where_not_even_a_page_about_the_failure_can_be_made_the_answer_is_a_problem_document(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> Any:
        raise RuntimeError("the secrets cannot be read")

    monkeypatch.setattr(wiring, "settings", fails)
    answer = market.call("GET", "/orders")
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
