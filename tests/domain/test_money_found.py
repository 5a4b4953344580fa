"""Small orders that properties of money were once broken by."""

from dataclasses import replace

from chalicelib.domain.money.books import accounts_of, left_by, unexplained
from chalicelib.domain.money.promising import promise, unpromise
from chalicelib.domain.money.quote import quote
from chalicelib.domain.money.recording import told_anew, with_books
from chalicelib.domain.orders.body import Charge, Funding, Line, LineDiscount, Package, Pieces
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order, left_too_many
from chalicelib.domain.orders.pushes import StatusPush, with_body, with_status
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee
from infra.sandbox.builders import NOW
from tests.domain.test_money_table import FREE, a_discount, cancel, late, line, moved, of, paid, parts, push


def test_a_voucher_that_an_order_is_told_with_later_is_no_money() -> None:
    order = push(push(None, line("A"), tenders="wallet", status="unpaid"), line("A"), tenders="voucher")
    assert accounts_of(with_books(order, None))["voucher"].promo
    assert parts(cancel(order, Fee(basis_points=1_000))[1]) == {"voucher": 100_000}


def test_shipping_that_was_kept_is_no_late_money() -> None:
    order, made = cancel(push(None, line("A", 1, 90_000), shipping_fee=10_000), Fee(keep_shipping=True))
    assert parts(made) == {"card": 90_000}
    assert parts(quote(order, FREE, Fault.PLATFORM, NOW, wanted={})) == {}


def test_a_charge_that_stays_paid_is_no_cash_that_never_came() -> None:
    fee = (Charge(kind="cod_fee", amount=5_000, refundable=False),)
    order = moved(push(None, line("A"), line("B"), tenders="cod", charges=fee), "delivered")
    assert left_by(with_books(order, None)) == {"cod": 205_000}
    order, made = cancel(order, A=1)
    assert parts(made) == {"cod": 100_000}
    assert parts(cancel(push(order, line("A"), line("B"), tenders="cod", charges=fee))[1]) == {"cod": 100_000}
    assert not unexplained(order)


def test_an_acknowledgement_of_a_part_of_what_is_gone_settles_nothing_of_the_whole_twice() -> None:
    order = paid(push(None, line("A"), line("B"), status="unpaid", shipping_fee=10_000), "card", 500_000)
    order, made = cancel(order)
    assert parts(made) == {"card": 210_000}
    order = push(order, line("B"), shipping_fee=10_000)
    assert not late(order)
    assert unexplained(order) == {"card": 290_000}


def test_a_parcel_with_what_an_acknowledgement_left_is_not_late() -> None:
    order, _ = cancel(push(None, line("A", 2)), A=1)
    parcel = Package(package_id="P1", status=OrderStatus.PROCESSING, lines=(Pieces(line_id="A", quantity=1),), at=NOW)
    order = push(order, line("A", 1), packages=(parcel,))
    shipped = with_status(order, StatusPush(status=OrderStatus.SHIPPED, package_id="P1", event_id="e", at=NOW), NOW)
    assert shipped
    assert not left_too_many(shipped)


def told_with(order: Order | None, *lines: Line, **tenders: int) -> Order:
    return push(order, *lines, tenders=tuple(of(name, amount) for name, amount in tenders.items()))


def collected_by(order: Order) -> dict[str, int]:
    return {name: x.collected for name, x in accounts_of(with_books(order, None)).items() if x.collected}


def test_two_tenders_that_are_made_one_and_told_apart_again_were_paid_once() -> None:
    two = told_with(None, line("A", 2, 50_000), card=60_000, bank=40_000)
    half, made = cancel(two, A=1)
    assert parts(made) == {"card": 30_000, "bank": 20_000}
    one = told_with(half, line("A", 2, 50_000), card=100_000)
    assert collected_by(one) == {"card": 100_000}
    again = told_with(one, line("A", 2, 50_000), card=60_000, bank=40_000)
    assert collected_by(again) == {"card": 60_000, "bank": 40_000}
    assert not late(again)
    assert parts(cancel(again)[1]) == {"card": 30_000, "bank": 20_000}


def test_money_that_is_told_of_another_tender_was_paid_once() -> None:
    before = told_with(None, line("A", 2, 50_000), card=60_000, bank=40_000)
    moved_over = told_with(before, line("A", 2, 50_000), card=40_000, bank=60_000)
    assert collected_by(moved_over) == {"card": 40_000, "bank": 60_000}
    with_a_third = told_with(moved_over, line("A", 2, 50_000), card=40_000, bank=30_000, wallet=30_000)
    assert collected_by(with_a_third) == {"card": 40_000, "bank": 30_000, "wallet": 30_000}
    grown = told_with(with_a_third, line("A", 2, 50_000), line("B", 1, 20_000), card=60_000, bank=30_000, wallet=30_000)
    assert sum(collected_by(grown).values()) == 120_000


def test_who_paid_for_what_some_acknowledge_is_told_by_the_tenders() -> None:
    order = told_with(None, line("A", 1, 1), line("B", 2, 1), card=1, bank=2)
    order, made = cancel(order, A=1, B=1)
    assert parts(made) == {"card": 1, "bank": 1}
    order = told_with(order, line("A", 1, 1), line("B", 1, 1), card=1, bank=1)
    assert parts(cancel(order)[1]) == {"bank": 1}
    assert not unexplained(order)


def test_what_is_owed_by_a_tender_that_is_told_and_gone_is_for_a_person() -> None:
    order = paid(push(None, line("A"), line("B"), tenders="card", status="unpaid"), "card", 200_000)
    order, _ = cancel(order, Fee(flat=20_000), A=1)
    order = told_with(order, line("B"), bank=100_000)
    assert not late(order)
    assert unexplained(order) == {"card": 100_000}


def test_what_is_kept_of_a_lines_shipping_is_the_same_however_a_request_is_cut() -> None:
    own = (LineDiscount(code="OWN", amount=6, funded_by=Funding.SELLER),)
    shipped = replace(line("A", 7, 1), shipping=4, discounts=own)
    fee = Fee(keep_shipping=True)
    at_once = cancel(push(None, shipped, line("B"), shipping_fee=4), fee, A=7)[1].refund_total
    order, in_parts = push(None, shipped, line("B"), shipping_fee=4), 0
    for _ in range(7):
        order, made = cancel(order, fee, A=1)
        in_parts += made.refund_total
    assert in_parts == at_once == 1


def test_a_tender_that_is_renamed_there_and_back_takes_nobody_elses_place() -> None:
    def told(order: Order | None, *names: str) -> Order:
        tenders = tuple(of(name, amount) for name, amount in zip(names, (60_000, 40_000), strict=True))
        return push(order, line("A", 2, 50_000), tenders=tenders)

    order, made = cancel(told(None, "card", "bank"), A=1)
    assert parts(made) == {"card": 30_000, "bank": 20_000}
    for names in (("card", "qris"), ("card", "bank"), ("wallet", "qris"), ("card", "bank")):
        order = told(order, *names)
    assert parts(cancel(order)[1]) == {"card": 30_000, "bank": 20_000}


def shipped_for(order: Order, *lines: tuple[Line, int], **tenders: int) -> Order:
    """The order with shipping told by line, in minor units."""
    named = tuple(of(name, amount) for name, amount in tenders.items())
    told = [replace(each, shipping=shipping) for each, shipping in lines]
    return push(order, *told, tenders=named, shipping_fee=sum(shipping for _, shipping in lines))


def test_what_is_acknowledged_in_two_pushes_settles_no_more_than_its_tender_fell_by() -> None:
    order, made = cancel(push(None, line("A", 1, 0), line("B", 4, 1), tenders=(of("wallet", 7),), tax=3), A=1, B=2)
    assert parts(made) == {"wallet": 3}
    # The one line that is gone whole is still listed, and the tax goes as shipping of the line that stands.
    order = shipped_for(order, (line("A", 1, 0), 0), (line("B", 3, 1), 3), wallet=6)
    order = shipped_for(order, (line("B", 2, 1), 2), wallet=4)
    assert accounts_of(with_books(order, None))["wallet"].settled == 3
    order = shipped_for(order, (line("B", 2, 1), 2), card=3, bank=1)
    assert sum(collected_by(order).values()) == 7
    assert not late(order)
    assert sum(parts(cancel(order)[1]).values()) == 4


def test_a_refund_that_is_taken_back_is_so_for_whatever_tender_took_the_place_of_its_own() -> None:
    order = push(None, line("A"), line("B"), tenders="card")
    asked, fee = {"A": 1}, Fee(basis_points=1_000)
    known = with_books(order, None)
    made = quote(known, replace(FREE, fees={order.status: fee}), Fault.BUYER, NOW, wanted=asked)
    booked = promise(known, asked, made.promised)
    granted = replace(known, books=booked.books, cancelled=asked)
    assert booked.kept
    renamed = with_books(push(granted, line("A"), line("B"), tenders="bank"), None)
    back = replace(renamed, books=unpromise(renamed, asked, made.promised, booked.kept), cancelled={})
    account = accounts_of(with_books(back, None))["bank"]
    assert (account.collected, account.taken, account.kept) == (200_000, 0, 0)
    assert parts(cancel(back)[1]) == {"bank": 200_000}


def test_which_pieces_were_acknowledged_is_told_by_what_the_tenders_fell_by() -> None:
    shirts = line("B", 4, 1417, tax=5060, discounts=(LineDiscount(code="D0", amount=1528, funded_by=Funding.PLATFORM),))
    paid_by = (of("wallet", 66), of("coins", 9522))
    order = push(None, line("A", 1, 221, tax=168), shirts, tenders=paid_by, discounts=(a_discount("D0", 1529),))
    order, _ = cancel(order, A=1)
    order = shipped_for(order, (line("A", 1, 221), 168), (line("B", 4, 1417), 3531), wallet=66, coins=9522)
    first, made = cancel(order, B=1)
    assert parts(made) == {"wallet": 16, "coins": 2283}
    order, made = cancel(first, B=1)
    assert parts(made) == {"wallet": 15, "coins": 2285}
    # The first of the two is acknowledged, of which our own shares are one unit more.
    order = shipped_for(order, (line("A", 1, 221), 168), (line("B", 3, 1417), 2649), wallet=50, coins=7239)
    order, made = cancel(order)
    assert parts(made) == {"wallet": 32, "coins": 4568}
    assert not unexplained(order)


def test_what_stays_paid_of_a_line_is_never_less_for_more_of_its_pieces() -> None:
    """2 of tax, which go back, and 1 that does not, over five pieces: the third was once charged -1."""
    tip = (Charge(kind="tip", amount=1, line_id="A", refundable=False),)
    order = push(None, replace(line("A", 5, 0), tax=2), line("B"), charges=tip)
    kept = []
    for _ in range(5):
        order, made = cancel(order, A=1)
        assert all(each.amount >= 0 for each in made.lines if each.label == "charge_tip"), made.lines
        assert made.fees_total >= 0
        kept.append(made.fees_total)
    assert sum(kept) == 1


def test_shipping_of_a_line_that_is_kept_is_never_less_for_more_of_its_pieces() -> None:
    """2 of tax and 1 of shipping over five pieces: of the third, -1 was once kept, and more given back than it cost."""
    order, kept = push(None, replace(line("A", 5, 0), tax=2, shipping=1), line("B")), []
    for _ in range(5):
        order, made = cancel(order, Fee(keep_shipping=True), A=1)
        assert made.fees_total >= 0
        kept.append(made.fees_total)
    assert sum(kept) == 1


def test_where_money_goes_back_first_a_later_part_may_have_none_to_take_the_fee_from() -> None:
    """docs/money.md, "What cannot hold": 4 at once, 3 piece by piece; refund and fee together are the same."""
    filled = replace(FREE, refund_order=(Method.WALLET, Method.VOUCHER))
    goods, paid_by = replace(line("A", 2, 197), tax=394), (of("wallet", 200), of("voucher", 588))
    fee = Fee(basis_points=200)
    body = replace(push(None, goods, tenders=paid_by).body, status=OrderStatus.PROCESSING)
    new = with_body(None, body, NOW)
    assert new
    order = told_anew(None, new, filled.refund_order)
    _, at_once = cancel(order, fee, policy=filled)
    order, first = cancel(order, fee, policy=filled, A=1)
    _, second = cancel(order, fee, policy=filled, A=1)
    assert at_once.fees_total == 4
    assert (first.fees_total, second.fees_total, parts(second)) == (3, 0, {"voucher": 394})
    assert first.paid + second.paid == at_once.paid
