"""Every state x command that the table accepts, reached through HTTP, by every role that may say it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.transitions import TABLE
from chalicelib.domain.parties import Role
from chalicelib.edge.route import ROUTES
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.pages_that_are_true import untruths

NUMBERS = count(1)
NOTE = {"note": "looked into it"}
CELLS = sorted((state, command, role) for (state, command), rule in TABLE.items() for role in rule.by)


def asked(market: Marketplace, **order: Any) -> str:
    order_id = market.order(f"CELL-{next(NUMBERS)}", **order)
    return str(market.ask(order_id)["case_id"])


def awaiting_buyer(market: Marketplace) -> str:
    case_id = asked(market)
    market.say("seller", case_id, "offer", fee=10_000)
    return case_id


def awaiting_support(market: Marketplace, **order: Any) -> str:
    case_id = asked(market, **order)
    market.say("seller", case_id, "offer", fee=10_000)
    market.say("buyer", case_id, "decline-offer")
    return case_id


def awaiting_goods(market: Marketplace) -> str:
    order_id = market.order(f"CELL-{next(NUMBERS)}", status="shipped")
    market.status(order_id, "delivered")
    wish = {"reason_code": "damaged", "channel": "app", "accept_terms": True}
    case_id = market.buyer("POST", f"/v1/orders/{order_id}/returns", wish).json["case_id"]
    market.say("seller", case_id, "approve")
    return str(case_id)


def goods_on_their_way(market: Marketplace, *, nobody_saw_them: bool) -> str:
    """Goods that the buyer sent; where nobody saw them in time, customer service has the case."""
    case_id = awaiting_goods(market)
    market.say("buyer", case_id, "shipped-back", tracking_number="JNE-5")
    if nobody_saw_them:
        market.expire(case_id)
    return case_id


def refunding(market: Marketplace) -> str:
    case_id = asked(market, tenders={"card": 150_000})
    market.say("seller", case_id, "approve")
    return case_id


def closed(market: Marketplace) -> str:
    case_id = asked(market)
    market.say("seller", case_id, "reject", reason_code="already_packed")
    return case_id


def cancelled(market: Marketplace, method: str) -> str:
    case_id = asked(market, tenders={method: 150_000})
    market.say("seller", case_id, "approve")
    return case_id


WITH_PART = {Command.PART_TOLD, Command.RETRY_PART, Command.REDIRECT_PART, Command.RESOLVE_PART, Command.PAY_OUT}

IN_STATE: dict[State, Callable[[Marketplace], str]] = {
    State.AWAITING_SELLER: asked,
    State.AWAITING_BUYER: awaiting_buyer,
    State.AWAITING_SUPPORT: awaiting_support,
    State.AWAITING_GOODS: awaiting_goods,
    State.REFUNDING: refunding,
    State.CLOSED: closed,
}


def sent(market: Marketplace, case_id: str, command: Command, role: Role) -> Answer | None:
    """The command over HTTP, with what must be said along with it."""
    case = market.case(case_id)
    said: dict[str, Any] = dict(NOTE) if role is Role.SUPPORT else {}
    if command is Command.EXPIRE:
        market.expire(case_id)
        return None
    if command is Command.ORDER_MOVED:
        return market.status(case["order_id"], "completed" if case["kind"] == "return" else "shipped", version=9)
    if command is Command.AMENDED:
        (tender,) = market.support("GET", f"/v1/orders/{case['order_id']}").json["tenders"]
        given = {"event_id": "e1", "tender_id": tender["method"], "state": "refunded", "amount": 5_000}
        return market.oms("POST", f"/v1/orders/{case['order_id']}/payments", {**given, "at": "2026-11-23T03:00:00Z"})
    if command in (Command.REFUND_SUCCEEDED, Command.REFUND_FAILED):
        event = {"event_id": f"e-{command}", "amount": 150_000, "at": market.world.clock().isoformat()}
        status = command.removeprefix("refund_")
        return market.oms("POST", f"/v1/refunds/rf_{case_id}/events", {**event, "status": status})
    if command is Command.PAY_OUT:
        account = {"bank": "BCA", "account_number": "1234567890", "holder": "Budi Santoso"}
        who = "budi" if role is Role.BUYER else "rini"
        return market.as_(role, who, "PUT", f"/v1/refunds/rf_{case_id}/payout-account", account | said)
    if command in WITH_PART:
        path, now = f"/v1/refunds/rf_{case_id}/parts/1", market.world.clock().isoformat()
        if command is Command.PART_TOLD:
            state = "failed" if case["state"] == "refunding" else "pending"
            event = {"event_id": "p1", "state": state, "amount": 150_000, "at": now}
            return market.oms("POST", f"{path}/events", event)
        more = {Command.REDIRECT_PART: {"to": "wallet"}, Command.RESOLVE_PART: {"reference": "TF-1"}}.get(command, {})
        return market.as_(role, "rini", "POST", f"{path}/{command.removesuffix('_part')}", {**NOTE, **more})
    if command is Command.CHARGEBACK_TOLD:
        told = {"event_id": "cb1", "tender_id": "card", "state": "opened", "amount": 150_000}
        return market.oms("POST", f"/v1/orders/{case['order_id']}/chargebacks", told)
    if command is Command.PARCEL_ANSWERED:
        return market.oms("POST", f"/v1/cases/{case_id}/parcel", {"result": "held"})
    if command is Command.RETURN_LABEL:
        return market.oms("POST", f"/v1/cases/{case_id}/return-label", {"pickup_code": "JNE-4711"})
    if command is Command.EXTEND:
        deadline = market.row(case_id).deadline_at or market.world.clock()
        said["until"] = (deadline + timedelta(days=1)).isoformat()
    said |= {  # type: ignore[call-overload]
        Command.REJECT: {"reason_code": "already_packed"},
        Command.OFFER: {"fee": 5_000},
        Command.APPEAL: {"comment": "please look again"},
        Command.SETTLE_PARCEL: {"way": "recall"},
        Command.SHIPPED_BACK: {"tracking_number": "JNE-5"},
        Command.CONTEST_GOODS: {"fault": "damaged", "comment": "Kancingnya lepas"},
    }.get(command, {})
    who = {Role.BUYER: "budi", Role.SELLER: "toko-baju", Role.SUPPORT: "rini"}[role]
    return market.as_(role, who, "POST", f"/v1/cases/{case_id}/{command.replace('_', '-')}", said)


@pytest.mark.sampled
@pytest.mark.parametrize(("state", "command", "role"), CELLS)
def test_every_accepting_cell_is_reached_through_http(
    shared: Marketplace, state: State, command: Command, role: Role
) -> None:
    if command is Command.SETTLE_PARCEL or (state, command) == (State.CLOSED, Command.ORDER_MOVED):
        case_id = cancelled(shared, "card" if state is State.REFUNDING else "wallet")
        if command is Command.SETTLE_PARCEL:
            shared.money_is_sent(case_id)
            shared.status(shared.case(case_id)["order_id"], "shipped")
    elif command in {*WITH_PART, Command.CHARGEBACK_TOLD} or (state, command) == (State.CLOSED, Command.REFUND_FAILED):
        case_id = cancelled(shared, "card")
        shared.money_is_sent(case_id)
        if state is State.CLOSED:
            assert sent(shared, case_id, Command.REFUND_SUCCEEDED, Role.SYSTEM)
            shared.later(3600)
        if command in {*WITH_PART, Command.CHARGEBACK_TOLD} - {Command.PART_TOLD}:
            # It failed, or came back.
            now = shared.world.clock().isoformat()
            event = {"event_id": "p0", "state": "reversed", "amount": 150_000, "at": now}
            shared.oms("POST", f"/v1/refunds/rf_{case_id}/parts/1/events", event)
    elif command is Command.CONFIRM:
        case_id = awaiting_support(shared, tenders=None, lines=_dear())
        first = shared.say("support", case_id, "approve", **NOTE)
        assert first["needs_second_person"]
    elif command is Command.CONTEST_GOODS or (
        state is State.AWAITING_SUPPORT and command in (Command.GOODS_RECEIVED, Command.SHIPPED_BACK)
    ):
        case_id = goods_on_their_way(shared, nobody_saw_them=state is State.AWAITING_SUPPORT)
    else:
        case_id = IN_STATE[state](shared)
    before = shared.row(case_id)
    assert before.state is state
    answer = sent(shared, case_id, command, role)
    assert answer is None or answer.status == 200, answer
    after = shared.row(case_id)
    assert (after.outcome or after.state) in TABLE[state, command].to
    entries = shared.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    assert entries[before.entries]["command"] == command
    assert entries[before.entries]["actor"]["role"] == role
    assert list(untruths(shared, after, entries)) == []


def test_a_page_that_says_what_is_not_so_is_found_out(shared: Marketplace) -> None:
    case_id = closed(shared)
    row, entries = shared.row(case_id), shared.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    assert list(untruths(shared, row, entries)) == []
    assert len(list(untruths(shared, row, entries[:1]))) == 3, "nobody refused"
    assert len(list(untruths(shared, replace(row, state=State.AWAITING_SELLER), entries))) == 3, "nobody is waited for"
    appealed = [*entries, {"command": "reject", "actor": {"role": "support"}}]
    assert len(list(untruths(shared, row, appealed))) == 3, "customer service refused, and that is not told"


def _dear() -> Any:
    from chalicelib.domain.orders.body import Line

    return (Line(line_id="1", name="Laptop", quantity=1, unit_price=9_000_000),)


SPOKEN = {Role.BUYER: "budi", Role.SELLER: "toko-baju", Role.SUPPORT: "rini"}


def said_to_cases(role: Role) -> list[Command]:
    """All that this role may ever say at an address under the case."""
    ever = {command for (_, command), rule in TABLE.items() if role in rule.by}
    return sorted(each for each in ever if ("POST", f"/v1/cases/{{case_id}}/{each.replace('_', '-')}") in ROUTES)


@pytest.mark.sampled
@pytest.mark.parametrize("role", SPOKEN)
@pytest.mark.parametrize("state", IN_STATE)
def test_what_is_offered_is_taken_and_what_is_not_offered_is_refused(
    shared: Marketplace, state: State, role: Role
) -> None:
    case_id = IN_STATE[state](shared)
    offered = shared.as_(role, SPOKEN[role], "GET", f"/v1/cases/{case_id}").json["available_actions"]
    words = {each["action"]: each for each in offered}
    wrong, tried = [], set()
    for command in said_to_cases(role):
        word = command.replace("_", "-")
        tried.add(word)
        # What is taken changes the case, so that each has one of its own.
        answer = sent(shared, IN_STATE[state](shared) if word in words else case_id, command, role)
        assert answer is not None
        if (answer.status == 200) != (word in words):
            wrong.append((word, answer.status, answer.json.get("code")))
    assert wrong == [], set(words)
    assert set(words) <= tried
    assert all(each["by"] == role for each in offered)
