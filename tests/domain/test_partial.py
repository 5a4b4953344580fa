"""Parts of an order: what they are worth, what stays with the rest, and that any sequence adds up to the whole."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.asking import options
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.books import due, left_by
from chalicelib.domain.money.quote import quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Discount, Funding, Line
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.reasons import Kind
from infra.sandbox.builders import NOW, a_policy, an_asking, an_order, refunded

SHIRTS = Line(line_id="1", name="Kemeja", quantity=2, unit_price=150_000, package="A")
SOCKS = Line(line_id="2", name="Kaus kaki", quantity=3, unit_price=10_000, package="A")
HAT = Line(line_id="3", name="Topi", quantity=1, unit_price=70_000, package="B")
FREE = replace(a_policy(), fees={}, max_attempts=100)


def three_lines(**more: Any) -> Order:
    return an_order(lines=(SHIRTS, SOCKS, HAT), shipping_fee=12_000, service_fee=1_000, **more)


def worth(order: Order, wanted: dict[str, int], fault: Fault = Fault.SELLER) -> int:
    return quote(order, FREE, fault, NOW, wanted=wanted).refund_total


def after(order: Order, wanted: dict[str, int]) -> Order:
    """The order once that part was cancelled and refunded."""
    return refunded(order, quote(order, FREE, Fault.SELLER, NOW, wanted=wanted), wanted)


def test_one_piece_is_worth_its_price_and_shipping_stays_with_the_rest() -> None:
    assert worth(three_lines(), {"1": 1}) == 150_000


def test_the_last_piece_brings_shipping_and_service_fee_back() -> None:
    rest = after(three_lines(), {"1": 2, "2": 3})
    assert worth(rest, {"3": 1}) == 70_000 + 12_000 + 1_000


def test_a_discount_is_shared_by_price() -> None:
    order = three_lines(discounts=(Discount(code="HEMAT", amount=40_000, funded_by=Funding.PLATFORM),))
    assert worth(order, {"1": 1}) == 150_000 - 15_000


def test_a_fee_falls_on_the_cancelled_goods_alone() -> None:
    order = three_lines(status="ready_to_ship")
    made = quote(order, a_policy(), Fault.BUYER, NOW, wanted={"3": 1})
    assert (made.paid, made.fees_total) == (70_000, 1_400)


def test_of_cash_on_delivery_a_part_lessens_what_will_be_collected() -> None:
    order = three_lines(tenders={"voucher": 13_000, "cod": 400_000})
    assert worth(order, {"1": 2}) == 9_443, "the voucher's part of it, and no cash"
    rest = after(order, {"1": 2})
    assert due(with_books(rest, None)) == {"voucher": 3_557, "cod": 109_443}
    assert worth(rest, {"2": 3, "3": 1}) == 3_557


def test_what_was_paid_by_several_methods_goes_back_in_proportion_or_as_policy_fills_them() -> None:
    order = three_lines(tenders={"wallet": 300_000, "card": 113_000})
    shared = quote(order, FREE, Fault.SELLER, NOW, wanted={"1": 1})
    assert {t.method: t.amount for t in shared.tenders} == {"card": 41_041, "wallet": 108_959}
    filling = replace(FREE, refund_order=("card", "wallet"))
    filled = quote(order, filling, Fault.SELLER, NOW, wanted={"1": 1})
    assert {t.method: t.amount for t in filled.tenders} == {"card": 113_000, "wallet": 37_000}


wanted_parts = st.lists(st.tuples(st.sampled_from("123"), st.integers(1, 3)), min_size=1, max_size=8)


@given(
    parts=wanted_parts,
    discount=st.integers(0, 400_000),
    tax=st.integers(0, 50_000),
    shipping=st.integers(0, 60_000),
    wallet=st.integers(0, 100),
)
def test_any_sequence_of_parts_adds_up_to_the_whole(
    parts: list[tuple[str, int]], discount: int, tax: int, shipping: int, wallet: int
) -> None:
    discounts = (Discount(code="D", amount=discount, funded_by=Funding.SELLER),) if discount else ()
    paid = 400_000 + shipping + tax - discount
    share = paid * wallet // 100
    order = an_order(
        lines=(SHIRTS, SOCKS, HAT),
        shipping_fee=shipping,
        tax=tax,
        discounts=discounts,
        tenders={"wallet": share, "card": paid - share},
    )
    whole, so_far = worth(order, dict(order.remaining)), 0
    for line_id, quantity in parts:
        wanted = {line_id: min(quantity, order.remaining.get(line_id, 0))}
        if not wanted[line_id]:
            continue
        made = quote(order, FREE, Fault.SELLER, NOW, wanted=wanted)
        assert made.refund_total >= 0
        assert sum(line.amount for line in made.lines) == made.refund_total == sum(t.amount for t in made.tenders)
        so_far += made.refund_total
        order = after(order, wanted)
    if order.remaining:
        so_far += worth(order, dict(order.remaining))
        order = after(order, dict(order.remaining))
    assert so_far == whole == paid
    assert not any(left_by(with_books(order, None)).values())


def test_a_part_is_asked_and_the_rest_may_be_asked_later() -> None:
    change = an_asking(three_lines(), lines={"1": 1})
    assert change.case
    assert change.slot
    assert change.case.lines == {"1": 1}
    assert change.slot.attempts == 1
    later = an_asking(three_lines(guard={"cancelled": {"1": 1}, "attempts": 1}), case_id="c2").case
    assert later
    assert later.lines == {"1": 1, "2": 3, "3": 1}
    assert later.attempt == 2


@pytest.mark.parametrize("lines", [{"4": 1}, {"1": 3}, {"1": 2, "2": 9}])
def test_lines_that_are_not_there_are_wrong(lines: dict[str, int]) -> None:
    with pytest.raises(Invalid) as invalid:
        an_asking(three_lines(), lines=lines)
    assert invalid.value.code == "validation_failed"
    with pytest.raises(Invalid):
        options(three_lines(), a_policy(), Kind.CANCELLATION, NOW, lines=lines)


def test_lines_packed_together_warn_and_go_together_by_policy() -> None:
    packed, torn = three_lines(status="ready_to_ship"), {"1": 2}
    loose = options(packed, a_policy(), Kind.CANCELLATION, NOW, lines=torn)
    assert loose.verdict.eligible
    assert "packed_together" in loose.verdict.warnings
    tight = replace(a_policy(), packages_go_together=True)
    told = options(packed, tight, Kind.CANCELLATION, NOW, lines=torn)
    assert told.verdict.refusal == "packed_together"
    with pytest.raises(Refused) as refused:
        an_asking(packed, policy=tight, lines=torn)
    assert refused.value.code == "packed_together"
    assert an_asking(packed, policy=tight, lines={"1": 2, "2": 3}).case
    assert an_asking(packed, policy=tight, lines={"3": 1}).case


def test_before_packing_lines_of_one_package_are_free() -> None:
    tight = replace(a_policy(), packages_go_together=True)
    assert an_asking(three_lines(), policy=tight, lines={"1": 1}).case
