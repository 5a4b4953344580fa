"""Effects: their form as text and back, what events say, and that they say what was true at the decision."""

import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.commands import AcceptOffer, Approve, MakeOffer, Reject, ShippedBack, Withdraw
from chalicelib.domain.cases.effects import (
    Announcement,
    Effect,
    Mail,
    MailKind,
    Promise,
    Resume,
    Start,
    Strange,
    decode,
    encode,
)
from chalicelib.domain.cases.events import EventName, digest_of
from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.orders.body import Line
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from infra.sandbox.builders import BUDI, NOW, SELLER, a_context, a_policy, an_act, an_asking, an_order, outbox_of

EVERY: list[Effect] = [
    Start(),
    Resume(),
    *(Announcement(name) for name in EventName),
    *(Mail(kind, to, n) for kind, to, n in product(MailKind, (Role.BUYER, Role.SELLER), (0, 1, 12))),
]
TWO_LINES = (
    Line(line_id="1", name="Kemeja", quantity=2, unit_price=100_000),
    Line(line_id="2", name="Celana", quantity=1, unit_price=50_000),
)


@pytest.mark.parametrize("effect", EVERY, ids=str)
def test_what_is_written_is_read_as_the_same(effect: Effect) -> None:
    promise = Promise(7, effect)
    assert decode(encode(promise)) == promise


@pytest.mark.parametrize(
    "text", ["3:mail:poem:buyer", "3:event:order.eaten", "3:whatsapp:x", "3:mail:approved:buyer:0", "3:mail:approved"]
)
def test_what_a_later_version_promised_is_carried_along(text: str) -> None:
    promise = decode(text)
    assert isinstance(promise.effect, Strange)
    assert encode(promise) == text


def said(change: Change) -> dict[str, dict[str, Any]]:
    assert change.entry
    return {name: dict(payload) for name, payload in (change.entry.events or {}).items()}


def opened(**more: Any) -> Case:
    case = an_asking(an_order(lines=TWO_LINES), **more).case
    assert case
    return case


def test_events_say_what_was_true_at_the_decision() -> None:
    asked = an_asking(an_order(lines=TWO_LINES))
    assert asked.case
    event = said(asked)["case.opened"]
    assert (event["state"], event["sequence"]) == ("awaiting_seller", 1)
    assert event["lines"] == [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}]
    assert event["answer_by"].endswith("Z")
    closed = said(advance(asked.case, an_act(Approve()), a_context(order=an_order(lines=TWO_LINES))))["order.cancelled"]
    assert (closed["state"], closed["outcome"], closed["sequence"]) == ("closed", "cancelled", 2)
    assert (closed["refund_total"], closed["fault"]) == (250_000, "buyer")


def test_a_cancellation_in_part_lets_the_rest_go_on() -> None:
    part = opened(lines={"1": 1})
    change = advance(part, an_act(Approve()), a_context())
    assert said(change)["order.cancelled"]["lines"] == [{"line_id": "1", "quantity": 1}]
    released = said(change)["order.release_shipment"]["lines"]
    assert released == [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 1}]
    assert change.case
    assert "2:event:order.release_shipment" in outbox_of(change.case)


def test_where_nothing_remains_nothing_is_released() -> None:
    assert "order.release_shipment" not in said(advance(opened(), an_act(Approve()), a_context()))


def test_what_was_never_held_is_not_released() -> None:
    at_once = an_asking(an_order(lines=TWO_LINES, status="unpaid"), lines={"1": 1})
    assert "order.release_shipment" not in said(at_once)


def test_every_end_without_cancelling_releases_what_was_held() -> None:
    part = opened(lines={"1": 1})
    for command, actor in ((Reject(reason_code=RefusingReason.OTHER), SELLER), (Withdraw(), BUDI)):
        events = said(advance(part, an_act(command, actor), a_context()))
        assert events["order.release_shipment"]["lines"] == [{"line_id": "1", "quantity": 1}]


def test_an_agreement_says_what_was_agreed() -> None:
    offered = advance(opened(), an_act(MakeOffer(alternative="change_address")), a_context())  # type: ignore[arg-type]
    assert offered.case
    assert said(offered)["case.offer_made"]["alternative"] == "change_address"
    settled = said(advance(offered.case, an_act(AcceptOffer(), BUDI), a_context()))
    assert settled["order.change_agreed"]["alternative"] == "change_address"
    assert len(settled["order.change_agreed"]["lines"]) == 2


def test_returns_say_which_pieces_come_back_and_by_when() -> None:
    delivered = replace(an_order(status="delivered", lines=TWO_LINES), status_at=NOW)
    case = an_asking(delivered, kind=Kind.RETURN, reason_code="damaged", lines={"2": 1}).case
    assert case
    agreed = advance(case, an_act(Approve()), a_context())
    assert agreed.case
    approved = said(agreed)["return.approved"]
    assert (approved["lines"], approved["send_by"] is not None) == ([{"line_id": "2", "quantity": 1}], True)
    sent = said(advance(agreed.case, an_act(ShippedBack(tracking_number="JNE-1"), BUDI), a_context()))
    assert (sent["return.shipped"]["tracking_number"], sent["return.shipped"]["confirm_by"] is not None) == (
        "JNE-1",
        True,
    )


def test_the_chain_covers_what_events_say_and_holds_without_them() -> None:
    asked = an_asking(an_order(lines=TWO_LINES), policy=a_policy())
    assert asked.entry
    assert asked.case
    events = asked.entry.events or {}
    assert asked.entry.facts
    assert asked.entry.facts["events"] == {name: digest_of(payload) for name, payload in events.items()}
    assert json.loads(json.dumps(events)) == events, "plain JSON values"
    forgotten = replace(asked.entry, events=None)
    found = examine([forgotten], 1, asked.case.head).whole
    assert found is Soundness.INTACT, "payloads may be kept for less long than the chain"
