"""Small orders and what is right for them, act by act: cancelled in parts, paid late, told anew."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.books import due, left_by, owed_by, unexplained
from chalicelib.domain.money.quote import Quote, quote
from chalicelib.domain.money.recording import collected, told_anew, with_books
from chalicelib.domain.orders.body import (
    Discount,
    Funding,
    Line,
    Package,
    Pieces,
    RefundElsewhere,
    Scope,
    Tender,
    TenderState,
)
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import StatusPush, with_status
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.orders.sums import check_body, due_of
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee, LostPromotions
from infra.sandbox.builders import NOW, a_body, a_policy, refunded, told

FREE = a_policy(fees={}, instant=())


def line(line_id: str = "A", quantity: int = 1, price: int = 100_000, **more: Any) -> Line:
    return Line(line_id=line_id, name=line_id, quantity=quantity, unit_price=price, **more)


def a_discount(code: str, amount: int, scope: Scope = Scope.ORDER, *line_ids: str, min_spend: int = 0) -> Discount:
    return Discount(
        code=code, amount=amount, funded_by=Funding.PLATFORM, scope=scope, line_ids=line_ids, min_spend=min_spend
    )


def push(before: Order | None, *lines: Line, tenders: Any = "card", status: str = "processing", **more: Any) -> Order:
    """The order as told, paid by what it comes to unless said otherwise; nobody says when."""
    body = a_body(lines=lines, status=status, paid=False, **more)
    if isinstance(tenders, str):
        tenders = (Tender(method=Method(tenders), amount=due_of(replace(body, tenders=()))),)
    body = replace(body, tenders=tenders)
    if before is not None:
        body = replace(body, version=before.body.version + 1)
    check_body(body)
    return told(before, body)


def moved(order: Order, status: str) -> Order:
    news = StatusPush(status=OrderStatus(status), version=order.status_version + 1, at=NOW)
    after = with_status(order, news, NOW)
    assert after
    return told_anew(order, after, None)


def paid(order: Order, tender_id: str, amount: int) -> Order:
    return collected(with_books(order, None), tender_id, amount)


def cancel(order: Order, fee: Fee | None = None, *, policy: Any = FREE, **wanted: int) -> tuple[Order, Quote]:
    """By the seller's fault, or by the buyer's own choice at this fee."""
    known = with_books(order, policy.refund_order)
    fault = Fault.BUYER if fee else Fault.SELLER
    made = quote(known, policy, fault, NOW, wanted=wanted or known.remaining, fee=fee)
    assert sum(x.amount for x in made.lines) == made.refund_total == sum(x.amount for x in made.tenders)
    return replace(refunded(known, made, wanted or known.remaining), cases=("c1",)), made


def parts(made: Quote) -> Mapping[str, int]:
    return {tender.tender_id: tender.amount for tender in made.tenders}


def late(order: Order) -> Mapping[str, int]:
    return {name: amount for name, amount in owed_by(with_books(order, None)).items() if amount}


def pay_late(order: Order) -> Order:
    known = with_books(order, None)
    made = quote(known, FREE, Fault.PLATFORM, NOW, wanted={})
    assert parts(made) == late(known)
    return replace(refunded(known, made, {}), cases=("c1",))


def of(method: str, amount: int, tender_id: str = "", **more: Any) -> Tender:
    return Tender(method=Method(method), amount=amount, tender_id=tender_id, **more)


def test_discounts_as_large_as_the_goods_bring_the_shipping_back_with_the_last_piece() -> None:
    discounts = (a_discount("S", 45_450), a_discount("P", 54_550))
    order, given = push(None, line("A", 4, 25_000), tenders="wallet", discounts=discounts, shipping_fee=10_000), []
    for _ in range(4):
        order, made = cancel(order, A=1)
        given.append(made.refund_total)
    assert given == [0, 0, 0, 10_000]


def test_free_shipping_is_not_paid_for_twice() -> None:
    free = (a_discount("FREE", 10_000, Scope.SHIPPING),)
    order = push(None, line("A", 1, 50_000), line("B", 1, 50_000), shipping_fee=10_000, discounts=free)
    assert cancel(order, A=1)[1].refund_total == 50_000
    made = cancel(order, Fee(basis_points=200, at_most=10_000, keep_shipping=True))[1]
    assert (made.refund_total, made.fees_total) == (98_000, 2_000)


def test_a_voucher_and_cash_that_was_not_collected_yet() -> None:
    order = push(None, line("A", 2, 50_000), tenders=(of("voucher", 50_000), of("cod", 50_000)))
    order, made = cancel(order, A=1)
    assert parts(made) == {"voucher": 25_000}
    assert due(order) == {"voucher": 25_000, "cod": 25_000}
    assert parts(cancel(moved(order, "delivered"))[1]) == {"voucher": 25_000, "cod": 25_000}
    took = paid(moved(order, "delivered"), "cod", 50_000)
    assert late(took) == {"cod": 25_000}
    assert parts(cancel(pay_late(took))[1]) == {"voucher": 25_000, "cod": 25_000}


def test_a_missing_moment_of_payment_is_not_a_missing_payment() -> None:
    assert parts(cancel(push(None, line(price=113_000)))[1]) == {"card": 113_000}
    order = moved(push(None, line(price=113_000), status="unpaid"), "processing")
    assert parts(cancel(push(order, line(price=113_000)))[1]) == {"card": 113_000}
    assert parts(cancel(push(order, line(price=113_000), status="unpaid"))[1]) == {"card": 113_000}
    assert parts(cancel(push(None, line(price=113_000), status="unpaid"))[1]) == {}
    assert parts(cancel(push(None, line(price=113_000), status="payment_review"))[1]) == {}


def test_a_smaller_quantity_acknowledges_and_is_no_second_cancellation() -> None:
    order, _ = cancel(push(None, line("A", 2, 50_000)), A=1)
    order = moved(push(order, line("A", 1, 50_000)), "delivered")
    assert (order.standing, order.remaining) == ("delivered", {"A": 1})
    assert not late(order)
    assert not unexplained(order)
    assert parts(cancel(order)[1]) == {"card": 50_000}


def test_amounts_of_an_acknowledgement_are_those_of_what_it_lists() -> None:
    order, _ = cancel(push(None, line("A", 3)), A=1)
    assert parts(cancel(push(order, line("A", 2)))[1]) == {"card": 200_000}


def test_amounts_of_a_push_that_acknowledges_nothing_are_those_of_all_pieces() -> None:
    order, _ = cancel(push(None, line("A", 2)), A=1)
    order = push(order, line("A", 2, 75_000))
    assert not late(order)
    order, made = cancel(order)
    assert parts(made) == {"card": 50_000}
    assert unexplained(order) == {"card": 50_000}


def test_told_as_one_piece_it_is_an_acknowledgement_and_another_price() -> None:
    order, _ = cancel(push(None, line("A", 2)), A=1)
    assert parts(cancel(push(order, line("A", 1, 150_000)))[1]) == {"card": 100_000}


def test_an_order_told_cheaper_gives_back_what_it_now_costs_and_shows_the_rest() -> None:
    order = push(push(None, line(price=113_000)), line(price=63_000))
    assert not late(order)
    assert unexplained(order) == {"card": 50_000}
    assert parts(cancel(order)[1]) == {"card": 63_000}


def test_money_told_as_refunded_for_what_became_cheaper_explains_it() -> None:
    order = push(push(None, line(price=113_000)), line(price=63_000))
    told_back = replace(order, given={"card": 50_000})
    assert unexplained(with_books(told_back, None)) == {}
    assert parts(cancel(told_back)[1]) == {"card": 63_000}


def test_another_payment_method_takes_the_place_of_the_first() -> None:
    order = push(push(None, line(price=113_000)), line(price=113_000), tenders="bank")
    assert not unexplained(with_books(order, None))
    assert parts(cancel(order)[1]) == {"bank": 113_000}
    order, _ = cancel(push(None, line("A", 2, 50_000)), A=1)
    order = push(order, line("A", 2, 50_000), tenders="bank")
    assert not late(order)
    assert parts(cancel(order)[1]) == {"bank": 50_000}


def test_a_tender_renamed_there_and_back_loses_nothing_and_forgets_no_refund_elsewhere() -> None:
    order = replace(push(None, line("A", 2, 50_000)), given={"card": 30_000})
    for method in ("bank", "card", "bank"):
        order = push(order, line("A", 2, 50_000), tenders=method)
    assert parts(cancel(order)[1]) == {"bank": 70_000}


def test_money_that_comes_after_the_cancellation_goes_back() -> None:
    order, made = cancel(push(None, line(price=113_000), tenders="virtual_account", status="unpaid"))
    assert parts(made) == {}
    assert not late(order)
    assert late(paid(order, "virtual_account", 113_000)) == {"virtual_account": 113_000}
    order, _ = cancel(push(None, line("A", 2, 50_000), tenders="virtual_account", status="unpaid"), A=1)
    assert late(paid(order, "virtual_account", 100_000)) == {"virtual_account": 50_000}
    assert late(paid(order, "virtual_account", 50_000)) == {}


def test_coins_come_back_alike_at_once_and_in_parts_and_no_fee_falls_on_what_nobody_paid() -> None:
    fee = Fee(basis_points=500, flat=10_000)
    order = push(None, line("A", 2, 200_000), tenders=(of("cod", 300_000), of("coins", 100_000)))
    assert parts(cancel(order, fee)[1]) == {"coins": 100_000}
    order, first = cancel(order, fee, A=1)
    order, second = cancel(order, fee, A=1)
    assert (parts(first), parts(second)) == ({"coins": 50_000}, {"coins": 50_000})


def test_discounts_larger_than_the_goods_owe_nothing_until_the_last_piece() -> None:
    order = push(
        None,
        line("A", 1, 50_000),
        line("B", 1, 50_000),
        shipping_fee=30_000,
        discounts=(a_discount("D", 110_000),),
    )
    order, made = cancel(order, A=1)
    assert parts(made) == {}
    assert not any(x.label == "not_collected" for x in made.lines)
    assert parts(cancel(order)[1]) == {"card": 20_000}


def test_the_narrower_discount_goes_first_and_leaves_less_to_the_wider_one() -> None:
    discounts = (a_discount("all", 100), a_discount("only A", 80, Scope.LINES, "A"))
    order = push(None, line("A", 1, 100), line("B", 1, 100), discounts=discounts)
    order, first = cancel(order, A=1)
    assert (first.refund_total, cancel(order)[1].refund_total) == (3, 17)


def test_tenders_of_two_and_one_end_in_parts_as_at_once() -> None:
    tenders = (of("card", 2), of("bank", 1))
    order, given = push(None, line("A", 3, 1), tenders=tenders), []
    for _ in range(3):
        order, made = cancel(order, A=1)
        given.append(parts(made))
    assert {x: sum(each.get(x, 0) for each in given) for x in ("card", "bank")} == {"card": 2, "bank": 1}
    assert not any(left_by(order).values())


def test_several_tenders_of_one_method_each_get_back_their_own() -> None:
    tenders = tuple(of("card", amount, name) for name, amount in (("x", 1), ("y", 3), ("z", 3)))
    for at_once in range(1, 8):
        whole = parts(cancel(push(None, line("A", 7, 1), tenders=tenders), A=at_once)[1])
        order, given = push(None, line("A", 7, 1), tenders=tenders), dict[str, int]()
        for _ in range(at_once):
            order, made = cancel(order, A=1)
            given = {name: given.get(name, 0) + parts(made).get(name, 0) for name in "xyz"}
        assert {name: amount for name, amount in given.items() if amount} == whole


def test_overpaid_cash_never_takes_the_place_of_a_voucher() -> None:
    tenders = (of("cod", 50_000), of("voucher", 50_000))
    order = paid(push(None, line("A", 2, 50_000), tenders=tenders), "cod", 100_000)
    order, made = cancel(order, A=1)
    assert parts(made) == {"cod": 25_000, "voucher": 25_000}
    assert unexplained(order) == {"cod": 50_000}


def test_a_piece_refunded_by_card_is_not_refunded_again_by_the_bank_that_was_told_later() -> None:
    order, _ = cancel(paid(push(None, line("A", 2), status="unpaid"), "card", 200_000), A=1)
    order = paid(push(order, line("A", 2), tenders="bank"), "bank", 200_000)
    assert not late(order)
    assert parts(cancel(order)[1]) == {"bank": 100_000}


def test_an_indivisible_voucher_comes_back_whole_with_the_last_piece() -> None:
    tenders = (of("voucher", 50_000, indivisible=True), of("card", 50_000))
    order, made = cancel(push(None, line("A", 2, 50_000), tenders=tenders), A=1)
    assert parts(made) == {"card": 25_000}
    assert ("voucher_waits", -25_000) in [(x.label, x.amount) for x in made.lines]
    made = cancel(order)[1]
    assert parts(made) == {"voucher": 50_000, "card": 25_000}


def test_shipping_that_is_kept_stays_with_every_tender_in_proportion() -> None:
    tenders = (of("voucher", 50_000), of("card", 50_000))
    order = push(None, line("A", 1, 90_000), tenders=tenders, shipping_fee=10_000)
    assert parts(cancel(order, Fee(keep_shipping=True))[1]) == {"voucher": 45_000, "card": 45_000}
    assert parts(cancel(order)[1]) == {"voucher": 50_000, "card": 50_000}


def test_a_stale_push_after_an_acknowledgement_adds_no_money() -> None:
    order, _ = cancel(push(None, line("A", 3)), A=1)
    order = push(push(order, line("A", 2)), line("A", 3))
    assert not late(order)
    assert parts(cancel(order)[1]) == {"card": 200_000}


def test_a_line_that_was_told_away_and_comes_back_is_not_paid_twice() -> None:
    order, _ = cancel(push(None, line("A"), line("B")), A=1)
    order = push(push(order, line("B")), line("A"), line("B"))
    assert order.remaining == {"A": 1, "B": 1}
    assert parts(cancel(order)[1]) == {"card": 100_000}


def test_an_order_told_below_what_went_back_takes_nothing_from_anyone() -> None:
    order, _ = cancel(push(None, line("A", 2)), A=1)
    order = push(order, line("A", 2, 40_000))
    assert not late(order)
    assert parts(cancel(order)[1]) == {}


def test_a_closed_account_that_is_paid_after_all_waits_for_a_person() -> None:
    order = push(push(None, line(price=113_000), tenders="virtual_account", status="unpaid"), line(price=113_000))
    order = paid(order, "virtual_account", 113_000)
    assert not late(order)
    assert unexplained(order) == {"virtual_account": 113_000}
    assert parts(cancel(order)[1]) == {"card": 113_000}


def test_an_added_piece_is_not_taken_for_a_cancelled_one() -> None:
    order = push(push(None, line("A", 2)), line("A", 3))
    assert not late(order)
    assert parts(cancel(order)[1]) == {"card": 300_000}


def test_a_tender_that_is_still_awaited_is_not_collected_though_the_order_goes_on() -> None:
    awaited = (of("bank", 60_000, state=TenderState.PENDING), of("card", 40_000))
    assert parts(cancel(push(None, line(), tenders=awaited))[1]) == {"card": 40_000}
    # Of an unpaid order it says no more than that.
    order = moved(push(None, line(), tenders=awaited, status="unpaid"), "processing")
    assert parts(cancel(order)[1]) == {"bank": 60_000, "card": 40_000}


def test_a_tender_that_is_told_as_collected_counts_whatever_the_status() -> None:
    told_so = (of("bank", 100_000, state=TenderState.COLLECTED),)
    assert parts(cancel(push(None, line(), tenders=told_so, status="unpaid"))[1]) == {"bank": 100_000}


def test_a_voided_tender_counts_for_nothing() -> None:
    tenders = (of("card", 100_000, state=TenderState.VOID), of("bank", 100_000))
    assert parts(cancel(push(None, line(), tenders=tenders))[1]) == {"bank": 100_000}


def test_the_fee_of_an_order_is_the_same_however_a_request_is_cut_and_never_above_its_bound() -> None:
    fee = Fee(basis_points=333, flat=1_000, at_most=10_000)
    order = push(None, line("A", 7, 9_999), shipping_fee=5_000)
    at_once = cancel(order, fee)[1]
    charged = 0
    for _ in range(7):
        order, made = cancel(order, fee, A=1)
        charged += made.fees_total
    assert charged == at_once.fees_total == 1_000 + 333 * 7 * 9_999 // 10_000


def test_cancelling_by_the_sellers_fault_later_charges_no_fee_of_earlier() -> None:
    order, made = cancel(push(None, line("A", 2)), Fee(basis_points=5_000, at_most=10_000), A=1)
    assert made.fees_total == 10_000
    assert cancel(order)[1].fees_total == 0


def test_a_lost_promotion_is_charged_by_policy_alone_and_told_as_its_own_line() -> None:
    order = push(None, line("A", 3, 50_000), discounts=(a_discount("D", 90_000, min_spend=100_000),))
    assert cancel(order, Fee(), A=2)[1].refund_total == 40_000
    charging, given = replace(FREE, lost_promotions=LostPromotions.CHARGE), []
    for cut in ([1, 1, 1], [2, 1], [3]):
        left, back = order, []
        for pieces in cut:
            left, made = cancel(left, Fee(), policy=charging, A=pieces)
            back.append(made.refund_total)
        given.append(back)
    assert given == [[20_000, 0, 40_000], [10_000, 50_000], [60_000]]
    made = cancel(order, Fee(), policy=charging, A=2)[1]
    assert ("promotion_lost", -30_000) in [(x.label, x.amount) for x in made.lines]


@pytest.mark.parametrize("told_first", [True, False])
def test_pieces_that_went_elsewhere_are_the_marketplaces_to_pay(told_first: bool) -> None:
    order = push(None, line("A"), line("B"))
    refund = {"refunds": (a_refund(100_000),)}
    order = push(order, line("A"), line("B"), **(refund if told_first else {"packages": (a_cancelled_parcel(),)}))
    assert not late(order)
    assert order.remaining == {"B": 1}
    assert parts(cancel(order)[1]) == {"card": 100_000}


def a_refund(amount: int) -> RefundElsewhere:
    return RefundElsewhere(refund_id="r1", amount=amount, at=NOW, lines=(Pieces(line_id="A", quantity=1),))


def a_cancelled_parcel() -> Package:
    pieces = (Pieces(line_id="A", quantity=1),)
    return Package(package_id="P1", status=OrderStatus.CANCELLED, lines=pieces, at=NOW)


def test_a_tender_that_was_money_is_no_voucher_under_the_same_name() -> None:
    order = push(None, line(), tenders=(of("card", 100_000, "T1"),))
    with pytest.raises(Invalid):
        push(order, line(), tenders=(of("voucher", 100_000, "T1"),))
