"""What limits and fees are held against: money of their own currency, and all that went of an order."""

from dataclasses import fields, replace
from typing import Any

import pytest

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.case import State
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.limits import needs_second_person
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.money.quote import quote
from chalicelib.domain.orders.body import Line, Pieces, RefundElsewhere
from chalicelib.domain.orders.books import Books
from chalicelib.domain.policies.drafts import AMOUNTS
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee
from infra.sandbox.builders import NOW, SUPPORT, a_case, a_context, a_policy, an_act, an_order

SHIRTS = (Line(line_id="1", name="Kaus", quantity=4, unit_price=100_000),)


def test_what_went_elsewhere_counts_beside_what_batal_granted_and_the_order_no_longer_tells() -> None:
    elsewhere = RefundElsewhere(refund_id="r1", amount=1, at=NOW, lines=(Pieces(line_id="1", quantity=1),))
    order = an_order(lines=SHIRTS, refunds=(elsewhere,), guard={"granted_worth": 70_000})
    assert order.worth({"1": 2}) == Money(70_000 + 100_000 + 200_000, "IDR")
    # Pieces that both speak of may be the same ones.
    order = replace(order, cancelled={"1": 1}, granted_worth=100_000)
    assert order.worth({"1": 2}) == Money(300_000, "IDR")


def test_pieces_that_went_elsewhere_count_though_others_were_acknowledged() -> None:
    books = Books(elsewhere={"1": 1}, acknowledged={"1": 1})
    order = an_order(lines=SHIRTS, guard={"granted_worth": 100_000, "cancelled": {"1": 1}, "books": books})
    assert order.gone == {"1": 1}, "the one that went elsewhere"
    assert order.worth({"1": 1}) == Money(300_000, "IDR")


def test_rows_from_before_it_was_kept_are_worth_their_pieces() -> None:
    order = an_order(lines=SHIRTS, guard={"cancelled": {"1": 1}, "returned": {"1": 1}})
    assert order.worth({"1": 1}) == Money(300_000, "IDR")


def test_a_case_from_before_its_worth_was_kept_is_worth_what_it_asks_for_though_nothing_was_collected() -> None:
    cash = an_order(lines=SHIRTS, tenders={"cod": 400_000}, paid=False)
    old = replace(a_case(cash, state=State.AWAITING_SUPPORT), worth=None)
    assert old.quote.refund_total == 0
    assert old.at_stake == Money(400_000, "IDR")
    assert needs_second_person(old, a_context(a_policy(second_person_above=399_999)))
    with_shipping = replace(a_case(an_order(lines=SHIRTS, shipping_fee=20_000)), worth=None)
    assert with_shipping.at_stake == Money(420_000, "IDR"), "as it was"


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_a_fee_that_names_an_amount_applies_in_its_own_currency_alone(currency: str) -> None:
    keeps = {"keep_shipping": True, "keep_service_fee": True}
    capped, bare = Fee(basis_points=200, at_most=10_000, **keeps), Fee(basis_points=200, **keeps)

    def kept(fee: Fee, paid_in: str, figures: str) -> dict[str, int]:
        order = an_order(status="shipped", lines=SHIRTS, shipping_fee=20_000, service_fee=1_000, currency=paid_in)
        policy = a_policy(fees=dict.fromkeys(a_policy().answers, fee), instant=(), currency_of_figures=figures)
        lines = quote(order, policy, Fault.BUYER, NOW).lines
        return {line.label: -line.amount for line in lines if line.amount < 0}

    stays = {"shipping_kept": 20_000, "service_fee_kept": 1_000}
    assert kept(capped, "IDR", "IDR") == stays | {"cancellation_fee": 8_000}
    assert kept(capped, currency, currency) == stays | {"cancellation_fee": 8_000}
    assert kept(capped, currency, "IDR") == stays
    assert kept(capped, "IDR", currency) == stays
    assert kept(bare, currency, "IDR") == stays | {"cancellation_fee": 8_000}, "a share is of any currency"


@pytest.mark.parametrize("name", sorted(AMOUNTS & {each.name for each in fields(Fee)}))
def test_no_amount_of_a_fee_applies_in_another_currency(name: str) -> None:
    given: dict[str, Any] = {name: 5}
    fee, policy = Fee(basis_points=200, keep_shipping=True, **given), a_policy()
    assert policy.fee_in("USD", fee) == Fee(keep_shipping=True)
    assert policy.fee_in("IDR", fee) == fee


@pytest.mark.parametrize("paid_in", ["IDR", "USD", "KWD"])
def test_customer_service_lowers_a_fee_in_the_orders_own_currency(paid_in: str) -> None:
    order = an_order(status="shipped", lines=SHIRTS, currency=paid_in)
    policy = a_policy(fees=dict.fromkeys(a_policy().answers, Fee(basis_points=200)), instant=())
    case = a_case(order, policy=policy, state=State.AWAITING_SUPPORT)
    assert case.quote.cancellation_fee == 8_000
    lower = advance(case, an_act(Approve(fee=3_000), SUPPORT), a_context(policy, order=order)).case
    assert lower
    assert (lower.quote.cancellation_fee, lower.quote.refund_total) == (3_000, 397_000)
