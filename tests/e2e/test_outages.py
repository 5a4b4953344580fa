"""An outage of days as a marketplace meets it: through HTTP, with mails and events that really go out afterwards."""

from collections.abc import Callable
from functools import partial

import pytest

from chalicelib import wiring
from chalicelib.domain.cases.outbox import Pace
from infra.sandbox.outage import Service, events, outage
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

HOUR = 3600
BOTH = [("budi", "approved"), ("toko-baju", "approved")]


def through_an_outage(market: Marketplace, hours: int) -> str:
    """A case that is approved at its beginning; mail and bus come back at its end."""
    outage([Service.MAIL, Service.EVENTS], down=True)
    case_id: str = market.ask(market.order("OUT-1"))["case_id"]
    market.say("seller", case_id, "approve")
    market.later(2 * 60)
    for _ in range(hours):
        market.later(HOUR)
    outage([], down=False)
    return case_id


def told(case_id: str) -> list[str]:
    return [event["type"] for event in events() if event["case_id"] == case_id]


def test_an_outage_of_a_day_loses_nothing(market: Marketplace) -> None:
    case_id = through_an_outage(market, 26)
    assert market.kinds_mailed() == []
    market.later(HOUR)
    assert market.kinds_mailed() == BOTH
    assert told(case_id) == ["case.opened", "order.hold_shipment", "case.closed", "order.cancelled"]


def test_after_longer_ones_an_operator_finds_what_is_held_and_sends_it(market: Marketplace) -> None:
    case_id = through_an_outage(market, 80)
    market.later(HOUR)
    assert market.kinds_mailed() == []
    listed = market.operator("GET", "/v1/held").json["items"]
    mailed = {(one["to"], one["kind"]) for one in listed if one["effect"] == "mail"}
    assert mailed == {("buyer", "approved"), ("seller", "approved")}
    assert {one["state"] for one in listed} == {"closed"}
    assert {one["order_id"] for one in listed} == {"OUT-1"}
    assert all(one["helps"] for one in listed)
    first = market.operator("GET", "/v1/held?limit=1").json
    assert [one["id"] for one in first["items"]] == [listed[0]["id"]]
    mails = market.operator("POST", "/v1/held/deliver", {"kind": "mail", "note": "SES is back"})
    assert mails.status == 200
    assert len(mails.json["delivering"]) == 2
    market.later(60)
    assert market.kinds_mailed() == BOTH
    market.operator("POST", "/v1/held/deliver", {"since": "2026-01-01T00:00:00Z", "note": "the bus is back"})
    market.later(60)
    assert told(case_id)[-1] == "order.cancelled"
    assert market.operator("GET", "/v1/held").json == {"items": [], "next_cursor": None}
    entries = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    notes = [entry["note"] for entry in entries if entry["command"] == "deliver_again"]
    assert notes == ["SES is back", "the bus is back"]


def test_an_operator_sends_what_is_held_by_the_page(
    open_marketplace: Callable[..., Marketplace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "Pace", partial(Pace, max_tries=3))
    market = open_marketplace()
    through_an_outage(market, 3)
    omar = Phone(market)
    omar.sign_in("omar", "operator")
    assert "/operations/held" in omar.open("/operations").text
    listed = omar.open("/operations/held")
    assert all(words in listed.text for words in ("order.cancelled", "approved", "OUT-1"))
    nothing = omar.submit(listed, "/operations/held", what="ticked", note="semua pulih")
    assert nothing.status == 422
    assert "semua pulih" in nothing.text, "what was typed is still there"
    assert omar.submit(listed, "/operations/held", what="all", note=" ").status == 422
    sent = omar.submit(omar.open("/operations/held"), "/operations/held", what="all", note="semua pulih")
    assert sent.status == 200
    assert 'role="status"' in sent.text
    market.later(60)
    assert market.kinds_mailed() == BOTH
    assert "Semua sudah terkirim" in omar.open("/operations/held").text


def test_what_to_deliver_must_be_said_and_why(market: Marketplace) -> None:
    for body in ({"note": "all of it"}, {"kind": "mail"}, {"kind": "mail", "note": " "}, {"ids": [], "note": "x"}):
        assert market.operator("POST", "/v1/held/deliver", body).status == 422, body
    for role in ("buyer", "seller", "support", "system"):
        assert market.as_(role, "budi", "GET", "/v1/held").status == 403
