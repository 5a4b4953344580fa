"""Whom no mail reaches the marketplace is asked to tell: once, in order, and nothing of it is held."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Reject
from chalicelib.domain.orders.body import Line, Reach
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.people.mail_stops import Why
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.domain.ports import Event
from chalicelib.workflow.asking import ask
from chalicelib.workflow.decisions import say
from chalicelib.workflow.mail_stops import stop
from chalicelib.workflow.replies import NotTaken, Reply, take_reply
from chalicelib.workflow.sweeping import sweep
from chalicelib.workflow.waiting import enter
from infra.sandbox.builders import BUDI, SELLER, an_ask, an_order, outbox_now
from tests.fakes.ports import Neighbourhood, a_neighbourhood

BEYOND_MAIL = [
    {"email": None, "contact": Reach.NONE},
    {"email": None},
    {"email": "budi@example.com", "contact": Reach.NONE},
    {"email": "T** K*", "contact": Reach.MASKED},
    {"email": "********oo@shopee.test"},
]


def an_order_of(*, order: Order | None = None, **buyer: Any) -> Order:
    order = order or an_order()
    return replace(order, body=replace(order.body, buyer=replace(order.body.buyer, **buyer)))


def an_order_sold_by(**seller: Any) -> Order:
    order = an_order()
    return replace(order, body=replace(order.body, seller=replace(order.body.seller, **seller)))


def entered(around: Neighbourhood, order: Order) -> Case:
    around.push(order)
    case = ask(around.ports, "LZD-1", an_ask(), BUDI)
    enter(around.ports, case.case_id, 1, 1, "token")
    return around.case(case.case_id)


def told(around: Neighbourhood) -> list[Event]:
    return [event for event in around.bus.published if event.name == "person.tell"]


@pytest.mark.parametrize("buyer", BEYOND_MAIL)
def test_a_buyer_beyond_mail_is_told_by_the_marketplace(buyer: dict[str, Any]) -> None:
    around = a_neighbourhood()
    case = entered(around, an_order_of(locale="en", **buyer))
    assert around.outbox.kinds == ["decision_needed:seller"]
    assert outbox_now(case) == {}
    (event,) = told(around)
    assert event.event_id == f"{case.case_id}:1:mail:request_received:buyer"
    said = event.detail
    assert (said["role"], said["person_id"], said["mail_kind"]) == ("buyer", "budi", "request_received")
    assert (said["case_id"], said["order_id"], said["locale"]) == (case.case_id, "LZD-1", "en")
    assert said["subject"].endswith(case.number)
    assert "LZD-1" in said["text"]
    assert said["link"] in said["text"]
    assert "Hello Budi" in said["text"]
    assert "e-mail" not in said["text"]


def test_a_seller_beyond_mail_gets_the_link_that_decides() -> None:
    around = a_neighbourhood()
    entered(around, an_order_sold_by(email=None, contact=Reach.NONE))
    assert around.outbox.kinds == ["request_received:buyer"]
    (event,) = told(around)
    assert (event.detail["role"], event.detail["mail_kind"]) == ("seller", "decision_needed")
    assert "/d/" in event.detail["link"]
    assert event.detail["link"] in event.detail["text"]


def test_what_the_bus_did_not_take_waits_and_keeps_its_order() -> None:
    around = a_neighbourhood()
    around.bus.down = True
    case = entered(around, an_order_of(email=None))
    assert {key.partition(":")[2]: pending.tries for key, pending in outbox_now(case).items()} == {
        "mail:request_received:buyer": 1,
        "event:case.opened": 1,
        "event:order.hold_shipment": 1,
    }
    around.clock.advance(60)
    say(around.ports, case.case_id, Reject(reason_code=RefusingReason.ALREADY_PACKED), SELLER)
    around.bus.down = False
    for _ in range(3):
        around.clock.advance(200)
        sweep(around.ports)
    kinds = [event.detail["mail_kind"] for event in told(around)]
    assert kinds[-1] == "rejected"
    assert len(kinds) == len(set(kinds))
    assert outbox_now(around.case(case.case_id)) == {}


def test_a_platforms_relay_is_written_to_like_any_address() -> None:
    around = a_neighbourhood()
    entered(around, an_order_of(email="x1@relay.example", contact=Reach.PROXY))
    assert told(around) == []
    assert len(around.outbox.sent) == 2


@pytest.mark.parametrize(("why", "tells"), [(Why.BOUNCE, True), (Why.COMPLAINT, False)])
def test_what_a_relay_sends_back_is_told_by_the_marketplace_but_a_complaint_is_heard(why: Why, tells: bool) -> None:
    around = a_neighbourhood()
    stop(around.ports, ["x1@relay.example"], why, None)
    case = entered(around, an_order_of(email="x1@relay.example", contact=Reach.PROXY))
    assert around.outbox.kinds == ["decision_needed:seller"]
    assert bool(told(around)) is tells
    assert outbox_now(case) == {}


def test_nobody_answers_from_an_address_that_we_do_not_write_to() -> None:
    around = a_neighbourhood()
    case = entered(around, an_order_of(email="b***@example.com", contact=Reach.MASKED))
    reply = Reply(received_as="m1", case_id=case.case_id, role=Role.BUYER, sender="b***@example.com", text="ya")
    assert take_reply(around.ports, reply).why is NotTaken.STRANGER


def test_what_is_told_fits_into_an_event_however_large_the_order() -> None:
    around = a_neighbourhood()
    lines = tuple(
        Line(line_id=f"line-{number}", name="\U0001f457" * 200, quantity=1, unit_price=1_000) for number in range(500)
    )
    entered(around, an_order_of(order=an_order(lines=lines), email=None))
    (event,) = told(around)
    assert len(json.dumps(event.detail)) < 256 * 1024 - 4_096
    assert event.detail["text"].endswith(f"{event.detail['link']}\n")
