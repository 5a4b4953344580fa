"""The log over HTTP: everything that was told, in one order, page by page, for machines alone."""

import json
from typing import Any

import jsonschema_rs
import pytest

from chalicelib.adapters.dynamodb import log
from infra.event_schemas import FOLDER
from infra.sandbox import outage
from tests.e2e.conftest import Marketplace
from tests.e2e.every_operation import EVERY_ROLE, an_offer, an_order, goods_sent_back
from tests.fakes.memory_store import MemoryStore


def read(market: Marketplace, more: str = "", limit: int = 100, after: str = "") -> tuple[list[Any], str]:
    """Everything from a cursor on, and the cursor behind it."""
    found: list[Any] = []
    while True:
        answer = market.oms("GET", f"/v1/events?limit={limit}{more}{f'&after={after}' if after else ''}")
        assert answer.status == 200, answer
        found += answer.json["items"]
        after = answer.json["next_cursor"]
        assert len(answer.json["items"]) <= limit
        if not answer.json["has_more"]:
            return found, after


def told(events: list[Any]) -> list[tuple[str, int]]:
    return [(event["type"], event["seq"]) for event in events]


def test_the_events_of_an_order_are_read_in_their_order_without_holes(shared: Marketplace) -> None:
    order_id = an_order(shared)
    case_id = shared.ask(order_id)["case_id"]
    shared.say("seller", case_id, "approve")
    found, _ = read(shared, f"&order_id={order_id}", limit=2)
    assert told(found) == [
        ("case.opened", 1),
        ("order.hold_shipment", 2),
        ("order.cancelled", 3),
        ("case.closed", 4),
    ]
    assert [event["prev_seq"] for event in found] == [None, 1, 2, 3]
    assert {event["order_id"] for event in found} == {order_id}
    whole, _ = read(shared, limit=3)
    assert [event for event in whole if event["order_id"] == order_id] == found


def test_a_case_opened_long_ago_is_told_as_it_was_then(shared: Marketplace) -> None:
    order_id = an_order(shared)
    shared.say("seller", shared.ask(order_id)["case_id"], "approve")
    (opened,) = read(shared, f"&order_id={order_id}&type=case.opened")[0]
    assert opened["data"]["state"] == "awaiting_seller"


def test_a_reader_goes_on_from_its_cursor_and_hears_only_what_is_new(shared: Marketplace) -> None:
    before, cursor = read(shared)
    assert read(shared, after=cursor)[0] == []
    order_id = an_order(shared)
    shared.ask(order_id)
    new, _ = read(shared, after=cursor)
    assert {event["order_id"] for event in new} == {order_id}
    assert not {event["id"] for event in new} & {event["id"] for event in before}


def test_a_page_may_end_within_what_one_decision_told(shared: Marketplace) -> None:
    _, cursor = read(shared)
    shared.ask(an_order(shared))
    found, _ = read(shared, limit=1, after=cursor)
    assert [event["type"] for event in found] == ["case.opened", "order.hold_shipment"]


def test_what_is_told_of_one_type_is_found_among_all(shared: Marketplace) -> None:
    _, cursor = read(shared)
    an_offer(shared)
    goods_sent_back(shared)
    found, _ = read(shared, "&type=case.offer_made", after=cursor)
    assert [event["type"] for event in found] == ["case.offer_made"]


def test_what_is_young_waits_behind_the_horizon(shared: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    _, cursor = read(shared)
    shared.ask(an_order(shared))
    kept_by = shared.world.ports.store
    ticking: Any = kept_by if isinstance(kept_by, MemoryStore) else log
    past = ticking.clock() - 600_000_000
    monkeypatch.setattr(ticking, "clock", lambda: past)
    answer = shared.oms("GET", f"/v1/events?after={cursor}")
    assert (answer.json["items"], answer.json["has_more"]) == ([], False)
    monkeypatch.undo()
    assert len(read(shared, after=answer.json["next_cursor"])[0]) == 2


def test_an_order_that_nobody_knows_has_told_nothing(shared: Marketplace) -> None:
    answer = shared.oms("GET", "/v1/events?order_id=NOPE")
    assert answer.json["items"] == []
    assert answer.json["next_cursor"]


@pytest.mark.parametrize("after", ["x", "eyJwb3MiOjB9", "WzAsIiIsMF0.AAAA", "WzAsIiIsMF0"])
def test_a_cursor_that_we_did_not_make_is_refused(shared: Marketplace, after: str) -> None:
    answer = shared.oms("GET", f"/v1/events?after={after}")
    assert (answer.status, answer.json["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize("query", ["type=case.invented", "limit=0", "limit=101", "order_id=", "since=2026"])
def test_a_wrong_question_is_told_so(shared: Marketplace, query: str) -> None:
    assert shared.oms("GET", f"/v1/events?{query}").status == 422


def test_machines_and_operators_alone_read_the_log(shared: Marketplace) -> None:
    for role, who in EVERY_ROLE:
        status = shared.as_(role, who, "GET", "/v1/events").status
        assert status == (200 if role in ("system", "operator") else 403), role


def test_bus_and_log_tell_the_same(shared: Marketplace) -> None:
    shared.all_goes_out(goods_sent_back(shared))
    on_the_bus = {event["id"]: event for event in outage.events() if event["seq"]}
    in_the_log = {event["id"]: event for event in read(shared)[0]}
    assert on_the_bus
    for name, event in on_the_bus.items():
        logged = in_the_log[name]
        assert {**event, "data": None} == {**logged, "data": None}
        assert {field: event["data"][field] for field in logged["data"]} == logged["data"]


def test_every_event_says_what_its_schema_promises(shared: Marketplace) -> None:
    an_offer(shared)
    goods_sent_back(shared)
    shared.say("seller", shared.ask(an_order(shared))["case_id"], "approve")
    found, _ = read(shared)
    assert len({event["type"] for event in found}) > 5
    for event in found:
        schema = json.loads((FOLDER / f"{event['type']}.json").read_text("utf-8"))
        assert schema["$id"] == event["dataschema"]
        jsonschema_rs.validate(schema, event["data"])
