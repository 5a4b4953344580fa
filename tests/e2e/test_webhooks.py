"""Webhooks as integrators and operators meet them: over HTTP, signed, at least once, and never lost."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook

from infra.sandbox import aws
from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.json_server import json_server
from tests.e2e.test_pages import Phone

TICK = {"detail-type": "Scheduled Event"} | dict.fromkeys(
    ("version", "account", "region", "detail", "source", "time", "id", "resources"), "x"
)


@dataclass
class Took:
    """What a receiver was posted, and how it answers: with one status, and otherwise to one case."""

    answers: int = 200
    refuses: str = ""
    posts: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(body) for _, body in self.posts]


@contextmanager
def receiver() -> Iterator[tuple[str, Took]]:
    """A receiver on this machine: its address, and what it was posted."""
    took = Took()

    def says(path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        status = 500 if took.refuses and took.refuses.encode() in body else took.answers
        if status < 300:
            took.posts.append((headers, body))
        return status, {"said": "thanks"}

    with json_server(says) as url:
        yield f"{url}/hooks", took


def handed_over(market: Marketplace) -> None:
    answer, failed = aws.invoke(market.world.app, "webhooks", TICK)
    assert not failed, answer


def made(market: Marketplace, url: str, **more: Any) -> dict[str, Any]:
    answer = market.operator("POST", "/v1/webhooks", {"url": url, **more})
    assert answer.status == 201, answer
    created: dict[str, Any] = answer.json
    return created


def test_a_receiver_hears_what_is_decided_signed_and_as_the_log_tells_it(market: Marketplace) -> None:
    with receiver() as (url, took):
        webhook = made(market, url)
        market.say("seller", market.ask(market.order("W-1"))["case_id"], "approve")
        handed_over(market)
        handed_over(market)
    told = market.oms("GET", "/v1/events?order_id=W-1&limit=100").json["items"]
    assert took.events == told
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    for headers, body in took.posts:
        Webhook(webhook["secret"]).verify(body, dict(headers))
        assert headers["webhook-id"] == msgspec.json.decode(body)["id"]
    assert "secret" not in market.operator("GET", f"/v1/webhooks/{webhook['webhook_id']}").json


def test_a_receiver_that_was_down_for_three_days_has_everything_in_the_end(market: Marketplace) -> None:
    with receiver() as (url, took):
        webhook_id = made(market, url)["webhook_id"]
        took.answers = 503
        for number in range(9):
            market.ask(market.order(f"D-{number}"))
            handed_over(market)
            market.later(8 * 3600)
        one = market.operator("GET", f"/v1/webhooks/{webhook_id}").json
        assert (one["state"], len(one["waiting"]) > 0) == ("away", True)
        tried = market.operator("GET", f"/v1/webhooks/{webhook_id}/deliveries?limit=2").json
        assert [(each["taken"], each["status"]) for each in tried["items"]] == [(False, 503)] * 2
        assert "thanks" in tried["items"][0]["answer"]
        assert tried["next_cursor"]
        took.answers = 200
        assert market.operator("POST", f"/v1/webhooks/{webhook_id}/test").json["taken"]
        handed_over(market)
        assert market.operator("GET", f"/v1/webhooks/{webhook_id}").json["state"] == "on"
    heard = {event["id"] for event in took.events} - {took.events[0]["id"]}
    cursor, told = "", set[str]()
    while True:
        page = market.oms("GET", f"/v1/events?limit=100{cursor}").json
        told |= {event["id"] for event in page["items"]}
        cursor = f"&after={page['next_cursor']}"
        if not page["has_more"]:
            break
    assert heard == told


def test_a_secret_is_changed_while_both_sign(market: Marketplace) -> None:
    with receiver() as (url, took):
        webhook = made(market, url)
        path = f"/v1/webhooks/{webhook['webhook_id']}"
        changed = market.operator("POST", f"{path}/rotate", {"overlap_seconds": 60}).json
        assert changed["secret"] != webhook["secret"]
        market.operator("POST", f"{path}/test")
        market.later(61)
        market.operator("POST", f"{path}/test")
    (during, first), (after, last) = took.posts
    for secret in (webhook["secret"], changed["secret"]):
        Webhook(secret).verify(first, dict(during))
    Webhook(changed["secret"]).verify(last, dict(after))
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(webhook["secret"]).verify(last, dict(after))


def test_what_was_told_is_told_again_on_request(market: Marketplace) -> None:
    with receiver() as (url, took):
        path = f"/v1/webhooks/{made(market, url)['webhook_id']}"
        market.ask(market.order("R-1"))
        handed_over(market)
        before = took.events
        assert market.operator("POST", f"{path}/replay", {"event_id": before[1]["id"], "only": True}).status == 200
        handed_over(market)
        assert took.events[len(before) :] == [before[1]]
        since = market.world.clock().isoformat()
        market.later(10)
        market.ask(market.order("R-2"))
        handed_over(market)
        took.posts.clear()
        assert market.operator("POST", f"{path}/replay", {"since": since}).status == 200
        handed_over(market)
        assert {event["order_id"] for event in took.events} == {"R-2"}


def test_only_types_that_were_asked_for_come_and_lists_are_filtered_by_type(market: Marketplace) -> None:
    with receiver() as (url, took):
        webhook_id = made(market, url, types=["order.hold_shipment"])["webhook_id"]
        market.ask(market.order("T-1"))
        handed_over(market)
    assert [event["type"] for event in took.events] == ["order.hold_shipment"]

    def listed(type: str) -> list[str]:
        items = market.operator("GET", f"/v1/webhooks?type={type}").json["items"]
        return [each["webhook_id"] for each in items]

    assert listed("order.hold_shipment") == [webhook_id]
    assert listed("case.opened") == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "ftp://shop.example"}, 422),
        ({"url": "nonsense"}, 422),
        ({"url": "https://user:pass@shop.example"}, 422),
        ({"url": ""}, 422),
        ({}, 422),
        ({"url": "https://shop.example", "types": ["case.opened", "case.closed_twice"]}, 422),
        ({"url": "https://shop.example", "types": []}, 422),
        ({"url": "https://shop.example", "contact": "nobody"}, 422),
        ({"url": "https://shop.example", "secret": "mine"}, 422),
    ],
)
def test_what_makes_no_webhook_is_refused(market: Marketplace, body: dict[str, Any], status: int) -> None:
    assert market.operator("POST", "/v1/webhooks", body).status == status
    assert market.operator("GET", "/v1/webhooks").json["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"since": "yesterday"},
        {"since": "2099-01-01T00:00:00Z"},
        {"event_id": "nobodys:1:event:case.opened", "since": "2026-11-01T00:00:00Z"},
        {"only": True, "since": "2026-11-01T00:00:00Z"},
    ],
)
def test_what_cannot_be_told_again_is_refused(market: Marketplace, body: dict[str, Any]) -> None:
    with receiver() as (url, _):
        path = f"/v1/webhooks/{made(market, url)['webhook_id']}/replay"
    assert market.operator("POST", path, body).status == 422
    assert market.operator("POST", path, {"event_id": "nobodys:1:event:case.opened"}).status == 404


def test_nobody_but_operators_sees_a_webhook(market: Marketplace) -> None:
    with receiver() as (url, _):
        webhook_id = made(market, url)["webhook_id"]
    for role, who in (("buyer", "budi"), ("seller", "toko-baju"), ("support", "sari"), ("system", "oms")):
        assert market.as_(role, who, "GET", f"/v1/webhooks/{webhook_id}").status == 403
        assert market.as_(role, who, "POST", "/v1/webhooks", {"url": url}).status == 403
    assert market.operator("GET", "/v1/webhooks/nobodys").status == 404


PAGE = "/operations/webhooks"


def test_an_operator_does_all_of_it_on_pages(market: Marketplace) -> None:
    omar = Phone(market)
    omar.sign_in("omar", "operator")
    drawn = forms_of(omar.open(PAGE))[-1].fields
    wrong = omar.press(PAGE, drawn | {"url": "ftp://x.example", "contact": "ops@example.com", "types": "case.opened"})
    assert wrong.status == 422
    assert 'value="ftp://x.example"' in wrong.text
    assert 'value="ops@example.com"' in wrong.text
    assert 'value="case.opened" checked' in wrong.text
    with receiver() as (url, took):
        added = omar.press(PAGE, forms_of(omar.open(PAGE))[-1].fields | {"url": url})
        (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", added.text)
        (webhook,) = market.operator("GET", "/v1/webhooks").json["items"]
        path = f"{PAGE}/{webhook['webhook_id']}"
        assert url in omar.open(PAGE).text
        assert secret not in omar.open(path).text

        def press(what: str, number: int = 0) -> str:
            found = [form for form in forms_of(omar.open(path)) if ("what", what) in form.buttons]
            answer = omar.press(path, found[number].fields | {"what": what})
            assert answer.status == 200, (what, answer.text)
            return answer.text

        assert "Uji coba sampai" in press("test")
        market.ask(market.order("P-1"))
        handed_over(market)
        told = len(took.posts)
        press("again")
        handed_over(market)
        assert len(took.posts) == told + 1
        press("day")
        handed_over(market)
        assert len(took.posts) > told + 1
        assert secret not in press("rotate")
        took.answers = 500
        assert "tidak sampai" in press("test")
        assert "&#34;said&#34;" in omar.open(path).text or "said" in omar.open(path).text
        for number in range(9):
            market.ask(market.order(f"Q-{number}"))
        handed_over(market)
        assert "Tidak menjawab" in omar.open(path).text
        took.answers = 200
        press("enable")
        handed_over(market)
        assert "Tidak ada yang menunggu" in omar.open(path).text
        assert "dihapus" in press("remove")
    assert market.operator("GET", "/v1/webhooks").json["items"] == []
    assert omar.open(path).status == 404


def test_pages_of_webhooks_are_for_operators_alone(market: Marketplace) -> None:
    phone = Phone(market)
    phone.sign_in("sari", "support")
    assert phone.open(PAGE).status == 403
