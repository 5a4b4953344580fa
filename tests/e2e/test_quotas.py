"""Quotas of callers: whoever asks, writes or guesses too often within an hour is told until when to wait. What holds is
let through, a replay counts once, and where nothing can be counted everybody is let through."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app import app
from chalicelib import wiring
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.people.uses import Counted, Use
from infra.sandbox import tokens
from tests.e2e.conftest import Answer, Marketplace, marketplace
from tests.e2e.contract import ROUTES, operation_of, response_of
from tests.e2e.forms import forms_of
from tests.e2e.signing import ORDERS, headers_for
from tests.e2e.test_pages import Phone

pytestmark = pytest.mark.dynamodb

WISH = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
QUOTAS = "asks=2,messages=2,bad_tokens=3,bad_links=3,hand_overs=2"


@pytest.fixture(scope="module")
def strict() -> Iterator[Marketplace]:
    """A marketplace with little patience, for a whole module: each test lets an hour pass."""
    with marketplace(QUOTAS=QUOTAS) as made:
        yield made


@pytest.fixture
def market(strict: Marketplace) -> Marketplace:
    strict.later(3600)
    return strict


def ask(market: Marketplace, order_id: str, who: str = "budi", **headers: str) -> Answer:
    return market.buyer("POST", f"/v1/orders/{order_id}/cancellations", WISH, who=who, **headers)


def is_too_much(answer: Answer) -> bool:
    return answer.status == 429 and 0 < int(answer.headers["retry-after"]) <= 3_602


def test_a_buyer_who_asks_too_often_is_told_until_when_to_wait(market: Marketplace) -> None:
    orders = [market.order(f"MANY-{number}") for number in range(4)]
    assert [ask(market, each).status for each in orders[:2]] == [201, 201]
    refused = ask(market, orders[2])
    assert is_too_much(refused)
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json["code"], refused.json["at_most"], refused.json["counted"]) == ("too_many_requests", 2, "asks")
    assert market.support("GET", f"/v1/orders/{orders[2]}").json["open_case"] is None
    market.later(int(refused.headers["retry-after"]))
    assert ask(market, orders[2]).status == 201


def test_customer_service_asks_for_as_many_as_call(market: Marketplace) -> None:
    for number in range(4):
        wish = {**WISH, "channel": "phone", "on_behalf_of": "budi"}
        order_id = market.order(f"CALLS-{number}")
        assert market.support("POST", f"/v1/orders/{order_id}/cancellations", wish).status == 201


def test_an_answer_that_is_given_again_counts_once(market: Marketplace) -> None:
    first, second, third = (market.order(f"AGAIN-{number}") for number in range(3))
    answers = [ask(market, first, Idempotency_Key="once") for _ in range(5)]
    assert {answer.status for answer in answers} == {201}
    assert ask(market, second).status == 201
    assert is_too_much(ask(market, third))
    assert ask(market, first, Idempotency_Key="once").status == 201, "what was answered once is answered still"


def test_of_many_who_ask_at_once_no_more_are_let_through_than_may(market: Marketplace) -> None:
    orders = [market.order(f"RACE-{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = sorted(answer.status for answer in pool.map(lambda each: ask(market, each), orders))
    assert found == [201] * 2 + [429] * 6


def test_each_person_has_messages_of_their_own(market: Marketplace) -> None:
    order_id = market.order("WORDS-1")
    case_id = ask(market, order_id).json["case_id"]

    def writes(role: str, who: str, path: str) -> int:
        return market.as_(role, who, "POST", path, {"text": "Halo"}).status

    places = (f"/v1/orders/{order_id}/messages", f"/v1/cases/{case_id}/messages")
    assert [writes("buyer", "budi", place) for place in (*places, *places)] == [201, 201, 429, 429]
    assert [writes("seller", "toko-baju", places[1]) for _ in range(3)] == [201, 201, 429]
    assert [writes("support", "sari", places[1]) for _ in range(4)] == [201] * 4
    clerk = tokens.token("rina", "seller", "toko-baju")
    assert market.call("POST", places[1], {"text": "Halo"}, token=clerk).status == 201


def test_on_pages_it_is_said_kindly_and_nothing_typed_is_lost(market: Marketplace) -> None:
    case_id = ask(market, market.order("PAGES-1")).json["case_id"]
    phone = Phone(market)
    phone.sign_in("budi", "buyer")

    def writes(text: str) -> Answer:
        form = next(each for each in forms_of(phone.open(f"/cases/{case_id}")) if "messages" in each.action)
        return phone.press(f"/cases/{case_id}/messages", {**form.fields, "text": text})

    assert [writes(f"pesan {number}").status for number in range(2)] == [303, 303]
    refused = writes("yang ketiga")
    assert is_too_much(refused)
    assert "yang ketiga" in refused.text
    assert "sudah banyak sekali" in refused.text
    again = next(each for each in forms_of(refused) if "text" in each.fields)
    kept = {**again.fields, "text": again.fields["text"].removeprefix("\n")}  # as browsers read a textarea
    market.later(3600)
    assert phone.press(again.action, kept).status == 303
    assert phone.press(again.action, kept).status == 303, "and once more is the same message"
    texts = [each["text"] for each in market.support("GET", f"/v1/cases/{case_id}/messages").json["items"]]
    assert texts.count("yang ketiga") == 1


def test_asking_on_a_page_counts_as_well(market: Marketplace) -> None:
    for number in range(2):
        assert ask(market, market.order(f"FORM-{number}")).status == 201
    order_id = market.order("FORM-2")
    phone = Phone(market)
    phone.sign_in("budi", "buyer")
    drawn = phone.open(f"/orders/{order_id}/cancel?reason_code=wrong_size")
    form = next(each for each in forms_of(drawn) if "quoted" in each.fields)
    sent = {**form.fields, "reason_code": "wrong_size", "accept_terms": "yes", "what": "ask", "comment": "kekecilan"}
    refused = phone.press(f"/orders/{order_id}/cancel", sent)
    assert is_too_much(refused)
    assert "kekecilan" in refused.text


@pytest.mark.parametrize("sent", [{"Authorization": "Bearer x.y.z"}, headers_for("{}", "whsec_AAAA", "m1")])
def test_tokens_and_signatures_that_do_not_hold_are_counted_by_their_address(
    market: Marketplace, sent: dict[str, str]
) -> None:
    order_id = market.order(f"BAD-{len(sent)}")
    place, body = f"/v1/orders/{order_id}/status", "{}"
    assert [market.call("POST", place, body, headers=sent).status for _ in range(4)] == [401, 401, 401, 429]
    told = json.dumps({"status": "shipped", "version": 2, "at": "2026-11-24T03:00:00Z", "order_id": order_id})
    good = market.call("POST", place, told, headers=headers_for(told, ORDERS, f"good-{len(sent)}"))
    assert good.status == 200, "who has the right secret is let through whoever shares their address"


def test_who_shows_no_token_guesses_none(market: Marketplace) -> None:
    order_id = market.order("NONE-1")
    assert [market.call("POST", f"/v1/orders/{order_id}/status", "{}").status for _ in range(6)] == [401] * 6


def test_links_that_do_not_hold_are_counted_and_those_that_do_open_all_the_same(market: Marketplace) -> None:
    case_id = ask(market, market.order("LINKS-1")).json["case_id"]
    market.waits_in(case_id)
    link = wiring.links().decision(market.row(case_id)).removeprefix(wiring.settings().public_url)
    guesses = [market.call("GET", f"/d/{link[3:-4]}{number:04}") for number in range(4)]
    assert [each.status for each in guesses] == [404, 404, 404, 429]
    assert is_too_much(guesses[-1])
    assert "e-mail kami" in guesses[-1].text
    assert is_too_much(market.call("GET", "/payout/a.b"))
    assert market.behind(link).status == 200
    assert market.call("GET", "/d/0123456789abcdef0123").status == 404, "a clean address is no guess"


def test_what_holds_writes_nothing_on_get(market: Marketplace) -> None:
    case_id = ask(market, market.order("READS-1")).json["case_id"]
    market.waits_in(case_id)
    link = wiring.links().decision(market.row(case_id)).removeprefix(wiring.settings().public_url)
    before = market.everything()
    assert market.buyer("GET", f"/v1/cases/{case_id}").status == 200
    assert market.behind(link).status == 200
    assert market.everything() == before


def test_where_nothing_can_be_counted_everybody_is_let_through(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def throttled(*_: Any) -> bool:
        raise Unavailable("dynamodb")

    monkeypatch.setattr(DynamoStore, "take", throttled)
    orders = [market.order(f"OPEN-{number}") for number in range(4)]
    with caplog.at_level(logging.WARNING):
        assert [ask(market, each).status for each in orders] == [201] * 4
    assert [each.message for each in caplog.records].count("not counted: let through") == 4


def test_whoever_is_known_to_have_used_up_their_hour_costs_no_more_writes(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    take: Callable[..., bool] = DynamoStore.take

    def counted(store: DynamoStore, use: Use) -> bool:
        calls.append(use.key)
        return take(store, use)

    monkeypatch.setattr(DynamoStore, "take", counted)
    for number in range(10):
        market.call("GET", f"/d/guess.{number}")
    assert len(calls) == 4
    assert "127.0.0.1" not in "".join(calls)


def test_zero_is_never_refused(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUOTAS", "asks=0")
    wiring.settings.cache_clear()
    for number in range(3):
        assert ask(market, market.order(f"ZERO-{number}")).status == 201
    monkeypatch.undo()
    wiring.settings.cache_clear()


def test_the_contract_says_429_of_every_operation_and_which_are_counted() -> None:
    counted = {}
    for method, path in ROUTES:
        operation, answer = operation_of(method, path), response_of(method, path, 429)
        assert "too_many_requests" in answer["x-codes"]
        assert "Retry-After" in answer["headers"]
        counted[method, path] = operation.get("x-quota")
    assert {key: what for key, what in counted.items() if what} == {
        key: route.counted for key, route in ROUTES.items() if route.counted
    }
    assert {Counted.ASKS, Counted.MESSAGES} <= set(counted.values())
    assert app
