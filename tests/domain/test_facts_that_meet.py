"""Refunds elsewhere, parcels, offers and corrections as they meet in one order: nothing twice, nothing lost."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases import asking
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import AcceptOffer, MakeOffer
from chalicelib.domain.cases.corrections import whole_of
from chalicelib.domain.cases.steps.amendments import amended_by
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Line, Package, Pieces, Quantities, RefundElsewhere
from chalicelib.domain.orders.order import Order, status_for
from chalicelib.domain.orders.pushes import GivenBack, StatusPush, with_given_back, with_status
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.orders.sums import check_body
from chalicelib.domain.policies.policy import Elsewhere
from chalicelib.domain.policies.reasons import Kind
from infra.sandbox.builders import BUDI, NOW, SYSTEM, a_body, a_context, a_policy, an_act, an_asking
from infra.sandbox.builders import told as told_now

A = Line(line_id="A", name="A", quantity=1, unit_price=100)
TWO_A = replace(A, quantity=2)
B = Line(line_id="B", name="B", quantity=1, unit_price=100)
POLICY = a_policy(fees={}, instant=())


def pieces(lines: Mapping[str, int]) -> tuple[Pieces, ...]:
    return tuple(Pieces(line_id=line_id, quantity=count) for line_id, count in lines.items())


def parcel(package_id: str, status: str, **lines: int) -> Package:
    return Package(package_id=package_id, status=OrderStatus(status), lines=pieces(lines), at=NOW)


def gone_back(refund_id: str, amount: int, **lines: int) -> RefundElsewhere:
    return RefundElsewhere(refund_id=refund_id, amount=amount, at=NOW, lines=pieces(lines))


def new(**body: Any) -> Order:
    made = a_body(**body)
    check_body(made)
    return told_now(None, made)


def pushed(order: Order, **body: Any) -> Order:
    made = a_body(**{"version": order.body.version + 1, **body})
    check_body(made)
    return told_now(order, made) if made.version > order.body.version else order


def back(order: Order, lines: Mapping[str, int] | None = None, kind: Kind = Kind.CANCELLATION) -> int:
    return asking.options(order, POLICY, kind, NOW, lines=lines).quote.refund_total


def opened(order: Order, **more: Any) -> Case:
    case = an_asking(order, policy=POLICY, **more).case
    assert case
    return case


def amended(case: Case, before: Order, order: Order) -> Case:
    known = replace(with_books(before, None), open_case=case.case_id)
    said = amended_by(case, known, replace(order, open_case=case.case_id), a_context(POLICY), NOW)
    after = advance(case, an_act(said, SYSTEM), a_context(POLICY, order=order)).case
    assert after
    return after


def test_a_fee_on_the_table_never_exceeds_what_goes_back_by_the_time_it_is_taken() -> None:
    order = new(lines=(A,))
    offered = advance(opened(order), an_act(MakeOffer(fee=80)), a_context(POLICY)).case
    assert offered
    now = pushed(order, lines=(A,), refunds=(gone_back("r1", 50),))
    less = amended(offered, order, now)
    taken = advance(less, an_act(AcceptOffer(), BUDI), a_context(POLICY, order=now)).case
    assert taken
    assert (taken.quote.refund_total, taken.quote.fees_total) == (0, 50)


@pytest.mark.parametrize("told", ["parcel", "rejected"])
def test_pieces_cancelled_and_refunded_elsewhere_are_not_paid_again(told: str) -> None:
    order = new(lines=(A, B))
    case = opened(order, lines={"A": 1})
    more: dict[str, Any] = {"packages": (parcel("P1", "cancelled", A=1),)}
    if told == "rejected":
        more = {"lines": (replace(A, quantities=Quantities(rejected=1)), B)}
    after = pushed(order, **{"lines": (A, B), "refunds": (gone_back("r1", 100, A=1),), **more})
    assert amended(case, order, after).quote.refund_total == 0


def test_a_piece_that_both_paid_back_is_not_made_up_for_by_the_next() -> None:
    order = replace(new(lines=(TWO_A, B)), cancelled={"A": 1}, left={"wallet": 200}, cases=("c0",))
    order = pushed(order, lines=(TWO_A, B), refunds=(gone_back("r1", 100, A=1),))
    assert back(order, {"A": 1}) == 0


def test_a_parcel_under_another_name_is_the_same_pieces_and_they_stand_where_it_came_furthest() -> None:
    order = new(lines=(A,), packages=(parcel("P1", "ready_to_ship", A=1),))
    order = pushed(order, lines=(A,), packages=(parcel("P2", "shipped", A=1),))
    assert (status_for(order, {"A": 1}), order.status) == ("shipped", "shipped")


def test_a_word_about_the_whole_order_is_one_about_each_of_its_parcels() -> None:
    order = new(lines=(A, B), packages=(parcel("P1", "shipped", A=1), parcel("P2", "shipped", B=1)))
    order = pushed(order, lines=(A, B), status="delivered")
    assert asking.options(order, POLICY, Kind.RETURN, NOW).verdict.eligible


def test_no_parcel_holds_more_pieces_than_there_are() -> None:
    push = StatusPush(status=OrderStatus.SHIPPED, at=NOW, event_id="e", package_id="P", lines=pieces({"A": 5}))
    with pytest.raises(Invalid):
        with_status(new(lines=(A,)), push, NOW)


def test_the_same_money_told_without_a_way_and_by_its_way_counts_once() -> None:
    order = with_given_back(new(lines=(A,), refunds=(gone_back("r1", 60),)), GivenBack(tender_id="wallet", amount=60))
    assert order
    assert (back(order), order.given_elsewhere) == (40, {"wallet": 60})


def test_a_refund_of_a_line_that_is_listed_no_more_costs_no_other_line() -> None:
    order = new(lines=(A, B), refunds=(gone_back("r1", 100, A=1),))
    assert back(pushed(order, lines=(B,))) == 100


@pytest.mark.parametrize("told", ["parcels", "rejected", "nothing"])
def test_an_order_cancelled_elsewhere_is_paid_whatever_says_so(told: str) -> None:
    before = new(lines=(A, B))
    more: dict[str, Any] = {"packages": (parcel("P1", "cancelled", A=1), parcel("P2", "cancelled", B=1))}
    if told == "rejected":
        more = {"lines": tuple(replace(line, quantities=Quantities(rejected=1)) for line in (A, B))}
    after = pushed(before, **{"lines": (A, B), "status": "cancelled", **(more if told != "nothing" else {})})
    paying = a_context(a_policy(cancelled_elsewhere=Elsewhere.BATAL_PAYS))
    whole = whole_of(before, after, paying, NOW)
    assert whole
    assert whole.quote.refund_total == 200


def test_what_arrived_is_not_paid_when_the_rest_is_cancelled_elsewhere() -> None:
    before = new(lines=(A, B), packages=(parcel("P1", "delivered", A=1), parcel("P2", "shipped", B=1)))
    push = StatusPush(status=OrderStatus.CANCELLED, at=NOW, version=9)
    after = with_status(before, push, NOW)
    assert after
    whole = whole_of(before, after, a_context(a_policy(cancelled_elsewhere=Elsewhere.BATAL_PAYS)), NOW)
    assert whole
    assert (whole.lines, whole.quote.refund_total) == ({"B": 1}, 100)


def test_a_silent_push_takes_no_fact_away() -> None:
    told = replace(TWO_A, quantities=Quantities(rejected=1))
    order = new(lines=(told,), shipment_arranged_at=NOW)
    order = pushed(order, lines=(TWO_A,), paid=False)
    assert (order.remaining, order.body.shipment_arranged_at, order.body.paid_at is None) == ({"A": 1}, NOW, False)


def test_an_older_body_tells_nothing_new_of_a_parcel_that_is_known() -> None:
    order = new(lines=(A,), packages=(parcel("P1", "ready_to_ship", A=1),))
    late = NOW + timedelta(hours=1)
    for status, version in (("shipped", 5), ("failed_delivery", 6)):
        order = with_status(order, StatusPush(status=OrderStatus(status), at=late, version=version), late) or order
    order = pushed(order, lines=(A,), version=4, packages=(parcel("P1", "shipped", A=1),))
    assert order.parcels[0].status == "failed_delivery"
