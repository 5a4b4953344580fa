"""A card pays nothing back at once: a payment provider owes its answer, and says it doubled, late or never."""

from typing import Any

import boto3
import pytest

from chalicelib.workflow import events as promised
from tests.e2e.conftest import Answer, Marketplace

# SHP-2001: Celana 180.000 + ongkos kirim 12.000 + biaya layanan 1.000, by card.
PAID = 193_000


def said(market: Marketplace, case_id: str, event_id: str, status: str = "succeeded", amount: int = PAID) -> Answer:
    body = {"event_id": event_id, "status": status, "amount": amount, "at": "2026-11-23T10:00:00Z"}
    return market.oms("POST", f"/v1/refunds/rf_{case_id}/events", body)


@pytest.fixture
def refunding(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> tuple[Marketplace, str, list[Any]]:
    """Approved, and waiting for the provider; with the events that went out."""
    events: list[Any] = []
    made = promised.event_of

    def noted(*given: Any) -> Any:
        event = made(*given)
        events.append(event)
        return event

    monkeypatch.setattr("chalicelib.workflow.delivering.event_of", noted)
    market.push("SHP-2001")
    case_id = market.ask("SHP-2001")["case_id"]
    market.waits_in(case_id)
    approved = market.seller("POST", f"/v1/cases/{case_id}/approve", {})
    assert (approved.json["state"], approved.json["waiting_for"]) == ("refunding", "system")
    market.waits_in(case_id, turn=2)
    return market, case_id, events


def test_the_case_closes_when_the_provider_says_the_money_went(refunding: tuple[Marketplace, str, list[Any]]) -> None:
    market, case_id, events = refunding
    (request,) = [event for event in events if event.name == "refund.requested"]
    assert request.detail["refund_id"] == f"rf_{case_id}"
    part = {"method": "card", "amount": PAID, "tender_id": "card", "channel": None, "account_ending": None}
    assert request.detail["parts"] == [{**part, "part": "1", "key": f"rf_{case_id}-1-1"}]
    assert ("budi", "money_returned") not in market.kinds_mailed()
    answer = said(market, case_id, "e1")
    assert (answer.status, answer.json["state"]) == (200, "succeeded")
    assert market.ended(case_id) == ["AwaitSeller", "Route", "AwaitRefund", "Closed"]
    assert market.case(case_id)["outcome"] == "cancelled"
    assert market.kinds_mailed().count(("budi", "money_returned")) == 1
    assert market.buyer("GET", "/v1/orders/SHP-2001").json["status"] == "cancelled"


def test_the_providers_words_may_come_twice_and_late(refunding: tuple[Marketplace, str, list[Any]]) -> None:
    market, case_id, _ = refunding
    assert said(market, case_id, "e1", "failed").json["state"] == "failed"
    assert said(market, case_id, "e1", "failed").json["state"] == "failed"
    assert market.case(case_id)["state"] == "refunding"
    assert said(market, case_id, "e2").json["state"] == "succeeded"
    market.ended(case_id)
    before = market.everything()
    for event_id, status in (("e2", "succeeded"), ("e3", "succeeded"), ("e1", "failed")):
        assert said(market, case_id, event_id, status).json["state"] == "succeeded"
    assert market.everything() == before
    late = said(market, case_id, "e4", "failed").json
    assert late["state"] == "succeeded"
    assert [(each["event_id"], each["not_taken"]) for each in late["not_taken"]] == [("e4", "older_than_what_is_known")]


def test_another_amount_is_refused(refunding: tuple[Marketplace, str, list[Any]]) -> None:
    market, case_id, _ = refunding
    wrong = said(market, case_id, "e1", amount=PAID - 1)
    assert (wrong.status, wrong.json["code"]) == (422, "amount_differs")
    assert market.case(case_id)["state"] == "refunding"


def test_a_silent_provider_is_asked_again_and_the_refund_is_seen_to_be_stuck(
    refunding: tuple[Marketplace, str, list[Any]],
) -> None:
    market, case_id, events = refunding
    market.later(8 * 86400)
    market.later(100)
    found = market.case(case_id)
    assert (found["state"], found["refund"]["state"]) == ("refunding", "stuck")
    assert [event.name for event in events].count("refund.requested") == 2
    assert "refund.overdue" in [event.name for event in events]
    assert said(market, case_id, "e1").json["state"] == "succeeded"
    assert market.ended(case_id)[-1] == "Closed"


def test_the_event_bus_took_what_was_owed(refunding: tuple[Marketplace, str, list[Any]]) -> None:
    _, _, events = refunding
    names = [event.name for event in events]
    assert names == ["case.opened", "order.hold_shipment", "order.cancelled", "refund.requested"]
    assert "batal" in [bus["Name"] for bus in boto3.client("events").list_event_buses()["EventBuses"]]
