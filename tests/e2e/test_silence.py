"""Nobody answers: the shipped definition's own timer, or the sweep alone, ends the case as the policy says."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.policies.policy import Answer, Policy, Silence
from chalicelib.domain.policies.spans import Span
from chalicelib.workflow.waiting import time_out
from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Marketplace

A_SECOND = Span(amount=1, unit="seconds")
TWO_HOURS = Span(amount=2, unit="hours")
TIMED_OUT = ["AwaitSeller", "Expire", "Route", "Closed"]


def impatient(if_silent: str, within: Span = A_SECOND, **changes: Any) -> Policy:
    """Lazada with a second to answer."""
    return a_policy("lazada", version=2, within=within, if_silent=if_silent, **changes)


def test_silence_approves_where_the_policy_says_so(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(policy=impatient("approve"))
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    assert market.ended(case_id) == TIMED_OUT
    assert market.case(case_id)["outcome"] == "cancelled"
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 163_000
    (mail,) = [mail for mail in market.mails() if mail.kind == "approved" and mail.to == "budi@example.com"]
    assert "Batas waktu" in mail.text or "batas waktu" in mail.text


def test_silence_ends_the_request_where_the_policy_says_so(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(policy=impatient("expire"))
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    assert market.ended(case_id) == TIMED_OUT
    assert market.case(case_id)["outcome"] == "expired"
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 0
    assert market.buyer("GET", "/v1/orders/LZD-1001").json["status"] == "processing"
    assert ("budi", "expired") in market.kinds_mailed()
    assert ("toko-baju", "expired") in market.kinds_mailed()


def test_silence_escalates_where_the_policy_says_so_and_support_decides(
    open_marketplace: Callable[..., Marketplace],
) -> None:
    market = open_marketplace(policy=impatient("escalate"))
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id, turn=2)
    assert market.case(case_id)["state"] == "awaiting_support"
    late = market.seller("POST", f"/v1/cases/{case_id}/approve", {})
    assert (late.status, late.json["code"]) == (409, "deadline_passed")
    assert late.json["case"]["state"] == "awaiting_support"
    without_note = market.support("POST", f"/v1/cases/{case_id}/approve", {})
    assert (without_note.status, without_note.json["code"]) == (422, "note_required")
    approved = market.support("POST", f"/v1/cases/{case_id}/approve", {"note": "seller unreachable"})
    assert (approved.status, approved.json["outcome"]) == (200, "cancelled")
    assert market.ended(case_id) == ["AwaitSeller", "Expire", "Route", "AwaitSupport", "Route", "Closed"]
    assert market.buyer("GET", "/v1/wallets/budi").json["balance"] == 163_000
    assert all(n == 1 for n in counted(market.kinds_mailed()).values())


def test_supports_own_silence_ends_the_case(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(
        policy=impatient(
            "escalate",
            support=Answer(within=A_SECOND, if_silent=Silence.EXPIRE),
        )
    )
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    assert market.ended(case_id) == ["AwaitSeller", "Expire", "Route", "AwaitSupport", "Expire", "Route", "Closed"]
    assert market.case(case_id)["outcome"] == "expired"


@pytest.mark.parametrize(
    ("if_silent", "state", "outcome"),
    [("approve", "closed", "cancelled"), ("expire", "closed", "expired"), ("escalate", "awaiting_support", None)],
)
def test_without_step_functions_the_sweep_does_the_same(
    open_marketplace: Callable[..., Marketplace], if_silent: str, state: str, outcome: str | None
) -> None:
    market = open_marketplace(policy=impatient(if_silent, TWO_HOURS), ORCHESTRATOR="sweep")
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.later(3600)
    assert market.case(case_id)["state"] == "awaiting_seller"
    assert market.kinds_mailed() == [("budi", "request_received"), ("toko-baju", "decision_needed")]
    market.later(3600)
    found = market.case(case_id)
    assert (found["state"], found["outcome"]) == (state, outcome)
    assert market.execution(case_id) is None
    assert all(n == 1 for n in counted(market.kinds_mailed()).values())
    assert len(market.kinds_mailed()) > 2


def test_a_deadline_that_comes_late_for_the_timer_is_met_by_the_sweep(market: Marketplace) -> None:
    """The sandbox clock outruns the execution's timer: the sweep decides, and the waiting execution follows."""
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    market.expire(case_id)
    assert market.case(case_id)["state"] == "awaiting_support"
    market.waits_in(case_id, turn=2)
    market.expire(case_id)
    assert market.case(case_id)["outcome"] == "expired"
    assert market.ended(case_id) == ["AwaitSeller", "Route", "AwaitSupport", "Route", "Closed"]


def test_a_timer_that_fires_early_leads_back_to_the_wait(open_marketplace: Callable[..., Marketplace]) -> None:
    """ "Not yet" is an answer too: here the timer of a one-second ticket meets a deadline far away."""
    market = open_marketplace()
    market.push("LZD-1001")
    case_id = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    ticket = time_out(market.world.ports, case_id, 1, 1)
    assert (ticket["next"], ticket["turn"]) == ("AwaitSeller", 1)
    assert ticket["seconds"] > 80_000
    assert market.case(case_id)["state"] == "awaiting_seller"


def counted(found: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    return {each: found.count(each) for each in found}
