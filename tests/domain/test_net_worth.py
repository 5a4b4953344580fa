"""What things are worth: facts of lines stand, everything is divided once, and any parts together are the whole."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases import asking
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.net_worth import Of, net_worth, shares_of
from chalicelib.domain.money.quote import Quote, quote
from chalicelib.domain.orders.body import (
    Charge,
    Discount,
    Funding,
    Line,
    LineDiscount,
    OrderBody,
    Pieces,
    RefundElsewhere,
    Relation,
    Scope,
)
from chalicelib.domain.orders.families import Gifts
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.sums import check_body, due_of
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee, Policy
from chalicelib.domain.policies.reasons import Kind
from infra.sandbox.builders import NOW, a_body, a_policy, an_asking, an_order, refunded

AMOUNTS = st.integers(0, 10**6)


def line(line_id: str, quantity: int = 1, price: int = 100, **more: Any) -> Line:
    return Line(line_id=line_id, name=f"L{line_id}", quantity=quantity, unit_price=price, **more)


def told(code: str, amount: int) -> LineDiscount:
    return LineDiscount(code=code, amount=amount, funded_by=Funding.SELLER)


def lowered(amount: int, code: str = "D", **more: Any) -> Discount:
    return Discount(code=code, amount=amount, funded_by=Funding.SELLER, **more)


def back(order: Order, wanted: Mapping[str, int] | None = None, policy: Policy | None = None, **more: Any) -> Quote:
    policy = policy or a_policy(fees={}, instant=())
    return quote(order, policy, more.pop("fault", Fault.BUYER), NOW, wanted=wanted, **more)


@st.composite
def bodies(draw: st.DrawFn) -> OrderBody:
    """Any order with all that lines and platforms may say of its money."""
    numbers = range(draw(st.integers(1, 4)))
    lines = []
    for number in numbers:
        quantity, price = draw(st.integers(1, 5)), draw(st.integers(0, 10_000))
        off = draw(st.integers(0, quantity * price)) if draw(st.booleans()) else 0
        lines.append(
            line(
                str(number),
                quantity,
                price,
                discounts=(told(draw(st.sampled_from("XY")), off),) if off else (),
                tax=draw(st.none() | st.integers(0, 5_000)),
                shipping=draw(st.none() | st.integers(0, 5_000)),
                tax_included=draw(st.sampled_from([None, None, False])),
            )
        )
    body = a_body(
        lines=tuple(lines),
        shipping_fee=draw(st.sampled_from([0, 0, 50_000])),
        service_fee=draw(st.integers(0, 5_000)),
        tax=draw(st.sampled_from([0, 50_000])),
        charges=tuple(
            Charge(
                kind="tip",
                amount=draw(AMOUNTS),
                line_id=draw(st.sampled_from([None, "0"])),
                refundable=draw(st.booleans()),
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
    )
    discounts: tuple[Discount, ...] = ()
    for code in draw(st.lists(st.sampled_from("ABC"), unique=True)):
        scope = draw(st.sampled_from(Scope))
        most = due_of(a_body_with(body, discounts))
        named = ("0",) if scope is Scope.LINES else ()
        discounts = (*discounts, lowered(draw(st.integers(0, most)), code, scope=scope, line_ids=named))
    return a_body_with(body, discounts)


def a_body_with(body: OrderBody, discounts: tuple[Discount, ...]) -> OrderBody:
    names = ("lines", "shipping_fee", "service_fee", "tax", "charges")
    return a_body(discounts=discounts, **{name: getattr(body, name) for name in names})


@given(bodies())
def test_all_places_together_are_what_was_paid_and_none_is_worth_less_than_nothing(body: OrderBody) -> None:
    check_body(body)
    worth = net_worth(body)
    assert all(worth.net(place) >= 0 for place in worth.gross)
    assert sum(worth.net(place) for place in worth.gross) == body.paid


@given(bodies(), st.data())
def test_any_parts_in_any_order_are_never_negative_and_together_the_whole(body: OrderBody, data: st.DataObject) -> None:
    worth, gone, parts = net_worth(body), dict[str, int](), []
    pieces = data.draw(st.permutations([x.line_id for x in body.lines for _ in range(x.quantity)]))
    while pieces:
        size = data.draw(st.integers(1, len(pieces)))
        more = dict(gone)
        for line_id in pieces[:size]:
            more[line_id] = more.get(line_id, 0) + 1
        parts.append(sum(share.amount for share in shares_of(worth, gone, more)))
        pieces, gone = pieces[size:], more
    assert min(parts) >= 0
    assert sum(parts) == body.paid


@st.composite
def lines_of_small_change(draw: st.DrawFn) -> OrderBody:
    """One line of many pieces whose price, tax, shipping and charge hardly come to a unit for each of them."""
    small = st.integers(0, 12)
    goods = line("0", draw(st.integers(1, 9)), draw(st.integers(0, 2)), tax=draw(small), shipping=draw(small))
    charges = tuple(
        Charge(kind="tip", amount=draw(small), line_id="0", refundable=draw(st.booleans())) for _ in range(2)
    )
    body = a_body(lines=(goods, line("1")), charges=charges)
    most = due_of(body) - 100
    off = (lowered(draw(st.integers(0, most)), "A"),) if most else ()
    return replace(body, discounts=(*off, lowered(0, "B")))


@given(lines_of_small_change(), st.data())
def test_of_no_price_and_no_discount_less_falls_on_more_pieces(body: OrderBody, data: st.DataObject) -> None:
    pieces = body.lines[0].quantity
    gone = data.draw(st.integers(0, pieces - 1))
    goes = data.draw(st.integers(gone + 1, pieces))
    for share in shares_of(net_worth(body), {"0": gone}, {"0": goes}):
        assert share.amount <= 0 if share.place is None else share.amount >= 0, share


@given(st.integers(1, 9), st.integers(0, 30), st.data())
def test_a_price_that_divides_evenly_is_shown_so_whatever_is_taken_off(
    quantity: int, price: int, data: st.DataObject
) -> None:
    off = data.draw(st.integers(0, quantity * price))
    body = a_body(lines=(line("0", quantity, price), line("1", 1, 0)), discounts=(lowered(off),) if off else ())
    gone = data.draw(st.integers(0, quantity - 1))
    goes = data.draw(st.integers(gone + 1, quantity))
    shares = shares_of(net_worth(body), {"0": gone}, {"0": goes})
    assert sum(share.amount for share in shares if share.place) == (goes - gone) * price


@given(bodies(), st.sampled_from(Fault), st.booleans(), st.booleans())
def test_a_quote_of_everything_gives_back_all_but_fees_and_what_is_not_refundable(
    body: OrderBody, fault: Fault, shipping: bool, service: bool
) -> None:
    order = an_order_of(body)
    kept = Fee(keep_shipping=shipping, keep_service_fee=service)
    made = back(order, fault=fault, fee=kept)
    assert sum(x.amount for x in made.lines) == made.refund_total == sum(t.amount for t in made.tenders)
    stays = sum(net_worth(body).net(place) for place in net_worth(body).gross if not net_worth(body).goes_back(place))
    if fault is not Fault.BUYER:
        assert made.refund_total == body.paid - stays
    assert 0 <= made.refund_total <= body.paid - stays


def an_order_of(body: OrderBody) -> Order:
    return Order(body=body, status=body.status, status_version=1, status_at=NOW)


# --- facts of lines --------------------------------------------------------------------------------------------------


def test_what_a_line_says_of_discount_and_tax_stands() -> None:
    """The one of three lines of an order with ten off that its platform says is worth 195.67 and 3.98 of tax."""
    lines = tuple(
        line(name, price=19_900, discounts=(told("TENOFF", off),), tax=398)
        for name, off in (("11", 334), ("12", 333), ("13", 333))
    )
    order = an_order(lines=lines, currency="USD", discounts=(lowered(1_000, "TENOFF"),))
    assert order.body.paid == 59_894
    assert back(order, {"12": 1}).refund_total == 19_965


def test_a_gift_that_its_discount_pays_for_is_worth_nothing() -> None:
    gift = line("g", price=152_704, discounts=(told("GIFT", 152_704),), parent_line_id="p", relation=Relation.GIFT)
    order = an_order(lines=(line("p", price=500_000), gift))
    assert order.body.paid == 500_000
    assert back(order, {"g": 1}).refund_total == 0


def test_shipping_that_a_promotion_paid_is_not_kept_from_the_buyer() -> None:
    order = an_order(
        lines=(line("1", price=100_000),),
        shipping_fee=12_000,
        discounts=(lowered(12_000, "FREE", scope=Scope.SHIPPING),),
    )
    assert back(order, fee=Fee(keep_shipping=True)).refund_total == 100_000


def test_shipping_of_a_line_comes_back_with_that_line() -> None:
    order = an_order(lines=(line("1", price=100, shipping=30), line("2", price=100)), shipping_fee=50)
    assert back(order, {"1": 1}).refund_total == 130
    assert back(order, {"2": 1}).refund_total == 100
    assert back(order).refund_total == 250


def test_tax_that_prices_hold_is_not_added() -> None:
    order = an_order(lines=(line("1", price=434_566),), tax=39_506, tax_included=True)
    assert (order.body.paid, back(order).refund_total) == (434_566, 434_566)


def test_a_charge_that_is_not_refundable_stays_paid_and_says_so() -> None:
    charges = (
        Charge(kind="cod_fee", amount=5_000, refundable=False),
        Charge(kind="gift_wrap", amount=2_000, line_id="1"),
    )
    order = an_order(lines=(line("1", price=100_000), line("2", price=50_000)), charges=charges)
    assert back(order, {"1": 1}).refund_total == 102_000
    whole = back(order, fault=Fault.SELLER)
    assert (whole.refund_total, whole.fees_total) == (152_000, 5_000)
    assert ("charge_kept", -5_000) in [(x.label, x.amount) for x in whole.lines]


def test_the_narrower_discount_goes_first_and_leaves_less_to_the_wider_one() -> None:
    discounts = (lowered(100, "all"), lowered(80, "one", scope=Scope.LINES, line_ids=("1",)))
    order = an_order(lines=(line("1"), line("2")), discounts=discounts)
    assert (back(order, {"1": 1}).refund_total, back(order, {"2": 1}).refund_total) == (3, 17)


def test_what_several_pay_for_is_called_shared() -> None:
    shared = Discount(code="S", amount=10, funded_by={Funding.SELLER: 1, Funding.BANK: 4})
    assert "shared_discount" in [x.label for x in back(an_order(lines=(line("1"),), discounts=(shared,))).lines]


@pytest.mark.parametrize(
    ("lines", "more", "told_wrong"),
    [
        ((line("7", price=50, discounts=(told("X", 60),)),), {}, {"line_id": "7", "discounts": 60, "line": 50}),
        ((line("7", tax=9),), {"tax": 5}, {"line_id": "7", "figure": "tax", "order": 5, "lines": 9}),
        ((line("7", shipping=9),), {"shipping_fee": 5}, {"line_id": "7", "order": 5, "lines": 9}),
        (
            (line("7", discounts=(told("D", 9),)),),
            {"discounts": (lowered(5),)},
            {"line_id": "7", "figure": "discount D", "order": 5, "lines": 9},
        ),
    ],
)
def test_a_sum_that_does_not_fit_is_refused_with_its_line_and_both_numbers(
    lines: tuple[Line, ...], more: Mapping[str, Any], told_wrong: Mapping[str, Any]
) -> None:
    with pytest.raises(Invalid) as invalid:
        check_body(a_body(lines=lines, **more))
    assert invalid.value.code == "amounts_do_not_add_up"
    assert told_wrong.items() <= invalid.value.details.items()


@pytest.mark.parametrize(
    "more",
    [
        {"lines": (line("1", parent_line_id="2", relation=Relation.GIFT),)},
        {"lines": (line("1", parent_line_id="1"),)},
        {"charges": (Charge(kind="tip", amount=1, line_id="x"),)},
        {"discounts": (lowered(1, scope=Scope.LINES),)},
        {"discounts": (lowered(1, line_ids=("1",)),)},
        {"refunds": (RefundElsewhere(refund_id="r", amount=1, at=NOW, tender_id="card"),)},
        {"refunds": (RefundElsewhere(refund_id="r", amount=1, at=NOW, lines=(Pieces(line_id="1", quantity=2),)),)},
    ],
)
def test_what_speaks_of_a_line_or_tender_that_is_not_there_is_refused(more: Mapping[str, Any]) -> None:
    with pytest.raises(Invalid):
        check_body(a_body(**more))


def test_the_worth_of_a_place_is_found_by_what_it_is_the_price_of() -> None:
    worth = net_worth(a_body(lines=(line("1"),), service_fee=7))
    assert [worth.net(place) for place in worth.gross if place.of is Of.SERVICE_FEE] == [7]


# --- gifts and bundles -----------------------------------------------------------------------------------------------


def with_a_gift() -> Order:
    gift = line("g", 2, 20_000, parent_line_id="p", relation=Relation.GIFT, discounts=(told("GIFT", 40_000),))
    return an_order(lines=(line("p", 2, 100_000), gift, line("x", 1, 30_000)))


def test_a_gift_goes_along_with_its_goods_piece_by_piece() -> None:
    policy = a_policy(instant=())
    options = asking.options(with_a_gift(), policy, Kind.CANCELLATION, NOW, lines={"p": 1})
    assert "gift_goes_too" in options.consequences
    asked = an_asking(with_a_gift(), policy=policy, lines={"p": 1}).case
    assert asked
    assert asked.lines == {"p": 1, "g": 1}


def test_a_gift_is_not_cancelled_alone() -> None:
    with pytest.raises(Refused) as refused:
        an_asking(with_a_gift(), lines={"g": 1})
    assert refused.value.code == "gift_goes_with_its_goods"


def test_where_policy_keeps_a_gifts_price_that_is_said_before_and_taken_off() -> None:
    policy = a_policy(instant=(), fees={}, gifts=Gifts.PRICE_KEPT)
    told_before = asking.options(with_a_gift(), policy, Kind.CANCELLATION, NOW, lines={"p": 1})
    assert "gift_price_is_kept" in told_before.consequences
    assert told_before.quote.refund_total == 80_000
    asked = an_asking(with_a_gift(), policy=policy, lines={"p": 1}).case
    assert asked
    assert asked.lines == {"p": 1}


def a_bundle() -> Order:
    parts = [
        line(part, 2 * count, 0, parent_line_id="b", relation=Relation.BUNDLE) for part, count in (("s", 1), ("t", 2))
    ]
    return an_order(lines=(line("b", 2, 50_000), *parts, line("x", 1, 30_000)))


def test_a_bundle_goes_as_one() -> None:
    asked = an_asking(a_bundle(), lines={"b": 1}).case
    assert asked
    assert (asked.lines, asked.quote.paid) == ({"b": 1, "s": 1, "t": 2}, 50_000)


@pytest.mark.parametrize("lines", [{"s": 1}, {"b": 1, "t": 1, "s": 2}, {"t": 2, "x": 1}])
def test_a_part_of_a_bundle_is_refused_unless_policy_lets_it_be_split(lines: Mapping[str, int]) -> None:
    with pytest.raises(Refused) as refused:
        an_asking(a_bundle(), lines=lines)
    assert refused.value.code == "bundle_goes_together"
    assert an_asking(a_bundle(), policy=a_policy(bundles_may_be_split=True), lines=lines).case


# --- money that went back elsewhere ----------------------------------------------------------------------------------


def given_back(amount: int, refund_id: str = "r1", **more: Any) -> RefundElsewhere:
    return RefundElsewhere(refund_id=refund_id, amount=amount, at=NOW, **more)


def two_lines(*refunds: RefundElsewhere, **more: Any) -> Order:
    tenders = more.pop("tenders", {"card": 300})
    return an_order(lines=(line("1"), line("2", 2)), tenders=tenders, refunds=refunds, **more)


def test_an_amount_that_went_back_elsewhere_is_not_offered_again() -> None:
    made = back(two_lines(given_back(10)))
    assert (made.refund_total, made.refunded_elsewhere) == (290, 10)
    assert back(two_lines(given_back(10)), {"1": 1}).refund_total == 90


def test_pieces_that_were_refunded_elsewhere_are_gone_whatever_was_paid_for_them() -> None:
    order = two_lines(given_back(90, lines=(Pieces(line_id="1", quantity=1),)))
    assert order.remaining == {"2": 2}
    assert back(order).refund_total == 200


def test_money_by_one_tender_lowers_what_that_tender_gives_back() -> None:
    made = back(two_lines(given_back(150, tender_id="card"), tenders={"card": 200, "wallet": 100}))
    assert {t.method.value: t.amount for t in made.tenders} == {"card": 50, "wallet": 100}


def test_batals_own_refund_told_back_is_not_counted_twice() -> None:
    order = two_lines(given_back(100, "rf_c1", lines=(Pieces(line_id="1", quantity=1),)))
    ours = replace(order, cases=("c1",), cancelled={"1": 1}, left={"card": 200})
    assert (back(ours).refund_total, back(ours).refunded_elsewhere) == (200, 0)


@given(st.lists(st.integers(0, 200), max_size=4), st.permutations(["1", "2", "2"]))
def test_with_all_that_went_back_elsewhere_no_more_than_was_paid_goes_back(
    amounts: list[int], pieces: list[str]
) -> None:
    order = two_lines(*(given_back(amount, f"r{number}") for number, amount in enumerate(amounts)))
    sent = 0
    for line_id in pieces:
        made = back(order, {line_id: 1})
        sent += made.refund_total
        order = refunded(order, made, {line_id: 1})
    assert sent == max(0, 300 - sum(amounts))
