"""Money that was given for no piece counts once pieces go, and the quote calls it by its name."""

from dataclasses import replace

import pytest

from chalicelib.domain.money.goodwill import Gesture, parts_of, with_goodwill
from chalicelib.domain.money.quote import Quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.reasons import GivenFor
from tests.domain.test_money_table import cancel, line, of, push


def given(order: Order, amount: int, tender_id: str | None = None) -> Order:
    known = with_books(order, None)
    wish = Gesture(amount=amount, reason=GivenFor.GOODWILL, note="sorry", tender_id=tender_id)
    return replace(known, books=with_goodwill(known, parts_of(known, wish)))


def told(made: Quote) -> dict[str, int]:
    return {each.label: each.amount for each in made.lines}


def two(*tenders: tuple[str, int]) -> Order:
    return push(None, line("A", 2, 50_000), tenders=tuple(of(*each) for each in tenders) or "card")


def test_goodwill_is_a_line_of_the_first_pieces_that_it_counts_for() -> None:
    order, first = cancel(given(two(), 30_000), A=1)
    assert told(first) == {"goods": 50_000, "goodwill_before": -30_000}
    assert told(cancel(order)[1]) == {"goods": 50_000}


def test_goodwill_beyond_one_piece_counts_for_the_next_one_too() -> None:
    order, first = cancel(given(two(), 80_000), A=1)
    assert told(first) == {"goods": 50_000, "goodwill_before": -50_000}
    assert told(cancel(order)[1]) == {"goods": 50_000, "goodwill_before": -30_000}


def test_goodwill_by_one_tender_counts_for_what_the_other_would_have_brought() -> None:
    order, first = cancel(given(two(("card", 50_000), ("bank", 50_000)), 50_000, "card"), A=1)
    assert told(first) == {"goods": 50_000, "goodwill_before": -50_000}
    assert told(cancel(order)[1]) == {"goods": 50_000}


def test_what_nobody_paid_is_not_called_goodwill() -> None:
    order, first = cancel(given(two(("card", 50_000), ("cod", 50_000)), 30_000, "card"), A=1)
    assert told(first) == {"goods": 50_000, "goodwill_before": -25_000, "not_collected": -25_000}
    assert told(cancel(order)[1]) == {"goods": 50_000, "goodwill_before": -5_000, "not_collected": -25_000}


@pytest.mark.parametrize("amount", [1, 99_999, 100_000])
def test_all_of_it_counts_where_all_goes(amount: int) -> None:
    _, made = cancel(given(two(), amount))
    assert told(made) == {"goods": 100_000, "goodwill_before": -amount}
    assert made.refund_total == 100_000 - amount
