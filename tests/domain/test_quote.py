"""Money: every rupiah adds up, nobody gets back more than was paid, and each line names its rule."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.money.books import left_by
from chalicelib.domain.money.quote import Quote, quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Discount, Funding, Line, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee, Policy
from infra.sandbox.builders import NOW, a_policy, an_order

AMOUNTS = st.integers(min_value=0, max_value=10**9)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Any order of the shape in the contract: its amounts add up, its tenders are many."""
    lines = tuple(
        Line(line_id=str(number), name=f"L{number}", quantity=draw(st.integers(1, 9)), unit_price=draw(AMOUNTS))
        for number in range(draw(st.integers(1, 4)))
    )
    shipping, service, tax = draw(AMOUNTS), draw(AMOUNTS), draw(AMOUNTS)
    total = sum(line.amount for line in lines) + shipping + service + tax
    off = draw(st.integers(0, total))
    discounts = (Discount(code="D", amount=off, funded_by=draw(st.sampled_from(Funding))),) if off else ()
    rest, tenders = total - off, {}
    for method in draw(st.lists(st.sampled_from(Method), unique=True, min_size=1)):
        tenders[method] = draw(st.integers(0, rest))
        rest -= tenders[method]
    tenders[method] += rest
    status = draw(st.sampled_from(["unpaid", "placed", "processing", "ready_to_ship", "shipped", "delivered"]))
    order = an_order(
        status=status, lines=lines, shipping_fee=shipping, service_fee=service, tax=tax, discounts=discounts
    )
    made = tuple(Tender(method=m, amount=a) for m, a in tenders.items())
    order = replace(order, body=replace(order.body, tenders=made))
    if draw(st.booleans()):
        left = {m: draw(st.integers(0, a)) for m, a in tenders.items()}
        order = replace(order, left=left)
    return order


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    fee = Fee(
        basis_points=draw(st.integers(0, 10_000)),
        at_most=draw(st.none() | AMOUNTS),
        keep_shipping=draw(st.booleans()),
        keep_service_fee=draw(st.booleans()),
    )
    return a_policy(fees=dict.fromkeys(a_policy().answers, fee), instant=())


@given(orders(), policies(), st.sampled_from(Fault))
def test_lines_and_tenders_add_up_to_the_refund_and_never_exceed_what_was_paid(
    order: Order, policy: Policy, fault: Fault
) -> None:
    made = quote(order, policy, fault, NOW)
    assert sum(line.amount for line in made.lines) == made.refund_total
    assert sum(tender.amount for tender in made.tenders) == made.refund_total
    assert made.paid == made.refund_total + made.fees_total
    assert 0 <= made.refund_total <= made.paid <= order.body.paid
    assert made.fees_total >= 0
    left = left_by(with_books(order, policy.refund_order))
    for tender in made.tenders:
        assert 0 < tender.amount <= left[tender.tender_id]
    assert all(line.rule for line in made.lines)
    if fault is not Fault.BUYER:
        assert made.fees_total == 0


@given(orders(), policies())
def test_the_same_money_has_the_same_quote_id_at_any_moment(order: Order, policy: Policy) -> None:
    first, later = (quote(order, policy, Fault.BUYER, NOW + timedelta(minutes=m)) for m in (0, 7))
    assert first.quote_id == later.quote_id
    dearer = replace(order.body, lines=(replace(order.body.lines[0], name="another"), *order.body.lines[1:]))
    assert quote(replace(order, body=dearer), policy, Fault.BUYER, NOW).quote_id != first.quote_id


def told(made: Quote) -> list[tuple[str, int]]:
    return [(line.label, line.amount) for line in made.lines]


def test_budis_shirt_comes_back_whole_while_it_is_being_processed() -> None:
    order = an_order(status="processing", shipping_fee=12_000, service_fee=1_000)
    made = quote(order, a_policy(), Fault.BUYER, NOW)
    assert told(made) == [("goods", 150_000), ("shipping", 12_000), ("service_fee", 1_000)]
    assert (made.paid, made.refund_total, made.fees_total) == (163_000, 163_000, 0)


def test_a_travelling_parcel_costs_a_fee_its_shipping_and_the_service_fee() -> None:
    order = an_order(status="shipped", shipping_fee=12_000, service_fee=1_000)
    made = quote(order, a_policy(), Fault.BUYER, NOW)
    # 2 % of 150.000 = 3.000
    assert told(made)[3:] == [("cancellation_fee", -3_000), ("shipping_kept", -12_000), ("service_fee_kept", -1_000)]
    assert (made.refund_total, made.fees_total) == (147_000, 16_000)


def test_the_fee_has_a_ceiling() -> None:
    order = an_order(status="ready_to_ship", lines=(Line(line_id="1", name="TV", quantity=1, unit_price=5_000_000),))
    assert told(quote(order, a_policy(), Fault.BUYER, NOW))[-1] == ("cancellation_fee", -10_000)


def test_the_contracts_own_example_adds_up() -> None:
    order = an_order(
        lines=(Line(line_id="1", name="Kemeja", quantity=2, unit_price=150_000),),
        shipping_fee=12_000,
        service_fee=1_000,
        discounts=(Discount(code="HEMAT", amount=20_000, funded_by=Funding.PLATFORM),),
        tenders={"wallet": 200_000, "coins": 93_000},
    )
    made = quote(order, a_policy(), Fault.BUYER, NOW)
    assert told(made) == [
        ("goods", 300_000),
        ("shipping", 12_000),
        ("service_fee", 1_000),
        ("platform_discount", -20_000),
    ]
    assert [(tender.method, tender.amount) for tender in made.tenders] == [("wallet", 200_000), ("coins", 93_000)]


def test_fees_are_taken_of_money_alone() -> None:
    order = an_order(status="shipped", tenders={"voucher": 1_000, "coins": 2_500, "wallet": 146_500})
    made = quote(order, a_policy(), Fault.BUYER, NOW)
    assert made.fees_total == 2 * 146_500 // 100
    assert told(made) == [("goods", 150_000), ("cancellation_fee", -2_930)]
    assert {tender.method: tender.amount for tender in made.tenders} == {
        "voucher": 1_000,
        "coins": 2_500,
        "wallet": 146_500 - 2_930,
    }


def test_cash_on_delivery_was_never_collected_before_delivery() -> None:
    order = an_order(status="processing", tenders={"cod": 150_000}, paid=False)
    made = quote(order, a_policy(), Fault.BUYER, NOW)
    assert told(made) == [("goods", 150_000), ("not_collected", -150_000)]
    assert (made.paid, made.refund_total, made.tenders) == (0, 0, ())


def test_an_unpaid_order_has_nothing_to_refund() -> None:
    made = quote(an_order(status="unpaid", paid=False), a_policy(), Fault.BUYER, NOW)
    assert (made.paid, made.refund_total, made.fees_total) == (0, 0, 0)


def test_inside_the_instant_window_nothing_is_kept() -> None:
    order = an_order(platform="tokopedia", status="ready_to_ship", fulfilment="platform")
    assert quote(order, a_policy("tokopedia"), Fault.BUYER, NOW).fees_total == 0
    by_seller = an_order(platform="tokopedia", status="ready_to_ship", fulfilment="seller")
    assert quote(by_seller, a_policy("tokopedia"), Fault.BUYER, NOW).fees_total == 3_000


def test_each_method_has_its_own_latest_day() -> None:
    order = an_order(tenders={"wallet": 50_000, "card": 100_000})
    days = {tender.method: tender.arrives_by for tender in quote(order, a_policy(), Fault.BUYER, NOW).tenders}
    assert days[Method.WALLET] == NOW + timedelta(hours=24)
    # 14 working days after Monday 23 November, counted on a calendar: Friday 11 December.
    assert days[Method.CARD] == NOW + timedelta(days=18)
