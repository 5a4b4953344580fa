"""Late answers, second answers, old news: refused or ignored, and nothing changes."""

from collections.abc import Callable

from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Marketplace
from tests.e2e.test_wrong_input import order_push


def test_an_old_order_version_is_no_error_and_changes_nothing(market: Marketplace) -> None:
    push = order_push(market)
    market.oms("PUT", "/v1/orders/LZD-1001", {**push, "version": 2})
    market.oms("POST", "/v1/orders/LZD-1001/status", {"status": "shipped", "version": 5, "at": "2026-11-23T00:00:00Z"})
    before = market.everything()
    again = market.oms("PUT", "/v1/orders/LZD-1001", push)
    late = market.oms(
        "POST", "/v1/orders/LZD-1001/status", {"status": "processing", "version": 4, "at": "2026-11-22T00:00:00Z"}
    )
    assert [(answer.status, answer.json) for answer in (again, late)] == [(200, {"applied": False})] * 2
    assert market.everything() == before


def test_a_decision_after_the_deadline_is_refused_before_and_after_silence_spoke(
    open_marketplace: Callable[..., Marketplace],
) -> None:
    market = open_marketplace(policy=a_policy("lazada", version=2, if_silent="expire"), ORCHESTRATOR="sweep")
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.later(1)
    market.world.clock.advance(3 * 86400)
    for _ in range(2):
        before = market.everything()
        late = market.seller("POST", f"/v1/cases/{case_id}/approve", {})
        assert (late.status, late.json["code"], late.json["case"]["case_id"]) == (409, "deadline_passed", case_id)
        assert market.everything() == before
        market.later(1)
    assert market.case(case_id)["outcome"] == "expired"


def test_a_second_answer_is_told_what_was_decided(market: Marketplace) -> None:
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    market.seller("POST", f"/v1/cases/{case_id}/approve", {})
    market.ended(case_id)
    before = market.everything()
    second = market.seller("POST", f"/v1/cases/{case_id}/reject", {"reason_code": "other"})
    assert (second.status, second.json["code"], second.json["case"]["outcome"]) == (409, "already_decided", "cancelled")
    assert market.everything() == before
