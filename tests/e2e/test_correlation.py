"""One number finds all that came of a request: its answer, its log lines, the timeline, the mails, the events."""

import email
import logging
import re
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.ports import Mail
from chalicelib.mail.mime import as_bytes
from infra.sandbox.outage import events
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_pages import Phone

WISH = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
NUMBER = "shop-4711-abcdef"


def ask(market: Marketplace, order_id: str, **headers: str) -> Answer:
    answer = market.buyer("POST", f"/v1/orders/{market.order(order_id)}/cancellations", WISH, **headers)
    assert answer.status == 201
    return answer


def test_one_number_finds_answer_entry_mails_and_events(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Mail] = []
    mailer = type(wiring.ports().mailer)
    send = mailer.send

    def kept(self: Any, mail: Mail) -> None:
        sent.append(mail)
        send(self, mail)

    monkeypatch.setattr(mailer, "send", kept)
    answer = ask(market, "TRACE-1", X_Request_Id=NUMBER)
    assert answer.headers["x-request-id"] == NUMBER
    case_id = answer.json["case_id"]
    market.waits_in(case_id)
    no = {"reason_code": "already_packed"}
    other = market.seller("POST", f"/v1/cases/{case_id}/reject", no, X_Request_Id="another-number")
    assert other.headers["x-request-id"] == "another-number"
    market.all_goes_out(case_id)

    entries = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    assert [each["correlation_id"] for each in entries] == [NUMBER, "another-number"]
    assert "correlation_id" not in market.buyer("GET", f"/v1/cases/{case_id}/timeline").json["items"][0]

    of_asking = [mail for mail in sent if mail.correlation_id == NUMBER]
    assert len(of_asking) == 2, "to the buyer and to the seller"
    assert {mail.correlation_id for mail in sent} == {NUMBER, "another-number"}
    assert email.message_from_bytes(as_bytes(of_asking[0], "x@example.com"))["X-Batal-Correlation"] == NUMBER

    told = [each for each in market.oms("GET", "/v1/events").json["items"] if each["case_id"] == case_id]
    assert {each["type"]: each["correlationid"] for each in told}["case.opened"] == NUMBER
    assert {each["correlationid"] for each in told} == {NUMBER, "another-number"}
    of_one = market.oms("GET", f"/v1/events?order_id={answer.json['order_id']}").json["items"]
    assert [each["correlationid"] for each in of_one] == [each["correlationid"] for each in told]
    on_bus = {each["type"]: each["correlationid"] for each in events()}
    assert on_bus["case.opened"] == NUMBER


def test_what_no_request_made_has_no_number(market: Marketplace) -> None:
    case_id = ask(market, "TRACE-2", X_Request_Id=NUMBER).json["case_id"]
    market.expire(case_id)
    entries = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    assert [each.get("correlation_id") for each in entries][:2] == [NUMBER, None]
    told = [each for each in market.oms("GET", "/v1/events").json["items"] if each["case_id"] == case_id]
    assert [each.get("correlationid") for each in told if each["type"] == "case.expired"] in ([None], [])


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ({"X_Request_Id": "0f8fad5b-d9cb-469f-a165-70867728950e"}, "0f8fad5b-d9cb-469f-a165-70867728950e"),
        (
            {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ),
        (
            {"X_Request_Id": "bad one", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ),
        ({"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"}, None),
        ({"traceparent": "00-xyz"}, None),
        ({"X_Request_Id": "budi@example.com"}, None),
        ({"X_Request_Id": "short"}, None),
        ({"X_Request_Id": "x" * 65}, None),
        ({"X_Request_Id": "<script>alert(1)</script>"}, None),
        ({"X_Request_Id": "%0d%0aSet-Cookie: x=1"}, None),
        ({}, None),
    ],
)
def test_a_number_is_taken_where_it_is_harmless_and_made_otherwise(
    shared: Marketplace, given: dict[str, str], number: str | None
) -> None:
    answer = shared.buyer("GET", "/v1/orders", **given)
    said = answer.headers["x-request-id"]
    assert said == number if number else re.fullmatch(r"[0-9a-f]{32}|[0-9a-f-]{36}", said)


def test_problems_and_pages_of_failures_say_it(shared: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, token in (("/v1/orders/NOBODYS", "x.y.z"), ("/v1/nothing", None)):
        refused = shared.call("GET", path, token=token)
        assert refused.json["correlation_id"] == refused.headers["x-request-id"]
    refused = shared.support("GET", "/v1/cases/NOBODYS", X_Request_Id=NUMBER)
    assert refused.json["correlation_id"] == NUMBER
    phone = Phone(shared)
    phone.sign_in()
    assert "x-request-id" in phone.open("/orders").headers

    monkeypatch.setattr("chalicelib.pages.buyer.access", None)
    broken = phone.open("/orders/ANY-1", **{"X-Request-Id": NUMBER})
    assert (broken.status, NUMBER in broken.text) == (500, True)


def test_every_log_line_of_a_request_says_its_number(shared: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        shared.support("GET", "/v1/orders", X_Request_Id=NUMBER)
        case_id = ask(shared, "TRACE-LOG").json["case_id"]
        phone = Phone(shared)
        phone.sign_in("sari", "support")
        phone.open(f"/support?q={case_id}", **{"X-Request-Id": NUMBER})
    lines = [each for each in caplog.records if each.message == "searched"]
    assert [getattr(each, "correlation_id", None) for each in lines] == [NUMBER]
    logging.getLogger("elsewhere").warning("outside of any request")
    assert not hasattr(caplog.records[-1], "correlation_id")
