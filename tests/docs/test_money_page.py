"""The worked examples of the page on money are what the code computes."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from chalicelib.domain.money.books import unexplained
from chalicelib.domain.money.goodwill import Gesture, parts_of, with_goodwill
from chalicelib.domain.money.quote import Quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Scope
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.policy import Fee
from chalicelib.domain.policies.reasons import GivenFor
from tests.docs.pages import DOCS, table_rows
from tests.domain.test_money_table import a_discount, cancel, late, line, moved, of, paid, parts, pay_late, push

FREE = (a_discount("FREE", 10_000, Scope.SHIPPING),)
TWO_WAYS = (of("voucher", 50_000), of("cod", 50_000))


def amount(made: Quote | Mapping[str, int], *, named: bool = True) -> str:
    found = parts(made) if isinstance(made, Quote) else made
    if not named or len(found) == 0:
        return f"{sum(found.values()):,}"
    return ", ".join(f"{name.replace('cod', 'cash')} {value:,}" for name, value in found.items())


def plain(made: Quote) -> str:
    return amount(made, named=False)


def waiting(order: Order) -> str:
    return f"{sum(unexplained(with_books(order, None)).values()):,} unexplained"


def in_parts(order: Order, *wishes: Mapping[str, int], named: bool = False, fee: Fee | None = None) -> list[str]:
    said = []
    for wish in wishes:
        order, made = cancel(order, fee, **wish)
        said.append(amount(made, named=named))
    return said


def four() -> Order:
    discounts = (a_discount("S", 45_450), a_discount("P", 54_550))
    return push(None, line("A", 4, 25_000), tenders="wallet", discounts=discounts, shipping_fee=10_000)


def free_shipping() -> Order:
    return push(None, line("A", 1, 50_000), line("B", 1, 50_000), shipping_fee=10_000, discounts=FREE)


def with_cash() -> Order:
    return push(None, line("A", 2, 50_000), tenders=TWO_WAYS)


def returned() -> str:
    order, first = cancel(with_cash(), A=1)
    return f"{amount(first)}; then {amount(cancel(moved(order, 'delivered'))[1])}"


def courier() -> str:
    order, first = cancel(with_cash(), A=1)
    return f"{amount(first)}; then late {amount(late(paid(moved(order, 'delivered'), 'cod', 50_000)))}"


def told_anew(first: Order, *, then: tuple[int, int], status: str | None = None) -> str:
    order, one = cancel(first, A=1)
    order = push(order, line("A", *then))
    order, rest = cancel(moved(order, status) if status else order)
    over = unexplained(with_books(order, None))
    return f"{plain(one)}; then {plain(rest)}" + (f", and {waiting(order)}" if over else "")


def unpaid_first() -> str:
    order = moved(push(None, line(price=113_000), status="unpaid"), "processing")
    return plain(cancel(push(order, line(price=113_000)))[1])


def cheaper() -> str:
    order, made = cancel(push(push(None, line(price=113_000)), line(price=63_000)))
    return f"{plain(made)}, and {waiting(order)}"


def by_bank() -> str:
    return amount(cancel(push(push(None, line(price=113_000)), line(price=113_000), tenders="bank"))[1])


def paid_late() -> str:
    order, made = cancel(push(None, line(price=113_000), tenders="virtual_account", status="unpaid"))
    after = paid(order, "virtual_account", 113_000)
    told = f"{plain(made)}; then late {amount(late(after), named=False)}"
    assert late(pay_late(after)) == {}
    return told


def coins() -> Order:
    return push(None, line("A", 2, 200_000), tenders=(of("cod", 300_000), of("coins", 100_000)))


def beyond_the_goods() -> Order:
    discounts = (a_discount("D", 110_000),)
    return push(None, line("A", 1, 50_000), line("B", 1, 50_000), shipping_fee=30_000, discounts=discounts)


def by_two() -> Order:
    return push(None, line("A", 2, 50_000), tenders=(of("card", 50_000), of("bank", 50_000)))


def narrow() -> Order:
    discounts = (a_discount("all", 100), a_discount("only A", 80, Scope.LINES, "A"))
    return push(None, line("A", 1, 100), line("B", 1, 100), discounts=discounts)


def with_goodwill_first(order: Order, amount: int, tender_id: str) -> Order:
    known = with_books(order, None)
    wish = Gesture(amount=amount, reason=GivenFor.GOODWILL, note="sorry", tender_id=tender_id)
    return replace(known, books=with_goodwill(known, parts_of(known, wish)))


TRAVELLING = Fee(basis_points=200, at_most=10_000, keep_shipping=True)
EXAMPLES: Mapping[tuple[str, str], Callable[[], str]] = {
    (
        "4 pieces of 25,000, discounts 45,450 and 54,550, shipping 10,000; wallet",
        "cancelled piece by piece, seller's fault",
    ): lambda: ", ".join(in_parts(four(), *({"A": 1},) * 4)),
    ("A and B of 50,000, shipping 10,000 that a promotion paid; card", "A is cancelled"): lambda: plain(
        cancel(free_shipping(), A=1)[1]
    ),
    (
        "A and B of 50,000, shipping 10,000 that a promotion paid; card",
        "all cancelled by choice once shipped, 2 % fee, shipping kept",
    ): lambda: plain(cancel(free_shipping(), TRAVELLING)[1]),
    ("2 of 50,000; voucher 50,000, cash 50,000", "one is cancelled before delivery"): lambda: amount(
        cancel(with_cash(), A=1)[1]
    ),
    ("2 of 50,000; voucher 50,000, cash 50,000", "one is cancelled, one delivered and returned"): returned,
    ("2 of 50,000; voucher 50,000, cash 50,000", "one is cancelled, the courier takes 50,000 all the same"): courier,
    ("113,000 by card, no moment of payment, `processing`", "cancelled"): lambda: plain(
        cancel(push(None, line(price=113_000)))[1]
    ),
    (
        "113,000 by card, `unpaid`, then `processing`, then told again without a moment of payment",
        "cancelled",
    ): unpaid_first,
    ("2 of 50,000 by card", "one is cancelled, the order is told with 1, delivered, returned"): lambda: told_anew(
        push(None, line("A", 2, 50_000)), then=(1, 50_000), status="delivered"
    ),
    ("3 of 100,000 by card", "one is cancelled, the order is told with 2, the rest is cancelled"): lambda: told_anew(
        push(None, line("A", 3)), then=(2, 100_000)
    ),
    (
        "2 of 100,000 by card",
        "one is cancelled, the order is told with 2 of 75,000, the rest is cancelled",
    ): lambda: told_anew(push(None, line("A", 2)), then=(2, 75_000)),
    (
        "2 of 100,000 by card",
        "one is cancelled, the order is told with 1 of 150,000, the rest is cancelled",
    ): lambda: told_anew(push(None, line("A", 2)), then=(1, 150_000)),
    ("113,000 by card", "told anew as 63,000, cancelled"): cheaper,
    ("113,000 by card, told anew as paid by bank", "cancelled"): by_bank,
    ("113,000 by virtual account, `unpaid`", "cancelled, paid after that"): paid_late,
    ("2 of 200,000; cash 300,000, coins 100,000", "cancelled at once before delivery"): lambda: amount(
        cancel(coins())[1]
    ),
    ("2 of 200,000; cash 300,000, coins 100,000", "cancelled in two parts before delivery"): lambda: "; then ".join(
        in_parts(coins(), {"A": 1}, {"A": 1}, named=True)
    ),
    ("A and B of 50,000, shipping 30,000, discount 110,000; card", "A, then B"): lambda: "; then ".join(
        in_parts(beyond_the_goods(), {"A": 1}, {"B": 1})
    ),
    ("A and B of 100; 80 off A, 100 off the order; card", "A, then B"): lambda: "; then ".join(
        in_parts(narrow(), {"A": 1}, {"B": 1})
    ),
    ("2 of 50,000 by card", "30,000 of goodwill, then one by one"): lambda: "; then ".join(
        in_parts(with_goodwill_first(push(None, line("A", 2, 50_000)), 30_000, "card"), {"A": 1}, {"A": 1})
    ),
    (
        "2 of 50,000; card 50,000, bank 50,000",
        "40,000 of goodwill by card, then one by one",
    ): lambda: "; then ".join(in_parts(with_goodwill_first(by_two(), 40_000, "card"), {"A": 1}, {"A": 1}, named=True)),
    ("3 of 1; card 2, bank 1", "one by one"): lambda: "; then ".join(
        in_parts(push(None, line("A", 3, 1), tenders=(of("card", 2), of("bank", 1))), *({"A": 1},) * 3, named=True)
    ),
}


def test_every_worked_example_is_what_the_code_computes() -> None:
    page = (DOCS / "money.md").read_text(encoding="utf-8")
    told = {(order, acts): result for order, acts, result in table_rows(page, 3)}
    assert told == {example: computed() for example, computed in EXAMPLES.items()}
