"""Goodwill: a case that nobody asked for, by which customer service gives money back beside whatever else is open.

Nothing of the order is cancelled or returned by it. What is large two persons have to say alike before anything moves.
"""

from dataclasses import replace

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.change import Change, Granted
from chalicelib.domain.cases.commands import Correct
from chalicelib.domain.cases.corrections import correction, paid_back
from chalicelib.domain.cases.limits import gives_too_much
from chalicelib.domain.cases.step import Act, StepContext
from chalicelib.domain.errors import Refused
from chalicelib.domain.money.books import books_of
from chalicelib.domain.money.goodwill import Gesture, goodwill_quote, parts_of, with_goodwill
from chalicelib.domain.orders.order import Order


def waiting(order: Order, wish: Gesture, person: str, context: StepContext) -> Order | None:
    """The order, which has its books, with this as the word of a first person; None where it may be given now: it is
    small, or somebody else said the same (amount, tender and reason). Another word takes the place of one that waits.

    Raises Invalid as parts_of, Refused `same_person` where the first of two says it again.
    """
    parts_of(order, wish)
    books = books_of(order)
    if not gives_too_much(order, Money(wish.amount, order.body.currency), context):
        return None
    if books.wish is None or not wish.is_what(books.wish):
        return replace(order, books=replace(books, wish=wish.first(person)))
    if books.wish.by == person:
        raise Refused("same_person")
    return None


def give(order: Order, wish: Gesture, act: Act[Correct], context: StepContext, case_id: str) -> Change:
    """The case that gives it, with its money on the way; its timeline keeps why the first of two persons wanted it
    beside the second one's note. The order has its books."""
    parts, first = parts_of(order, wish), books_of(order).wish
    money = goodwill_quote(order, context.policy, wish, parts, act.now, context.holidays)
    case = correction(order, money, act, context, case_id)
    case = replace(
        case,
        asked=replace(case.asked, reason_code=wish.reason.value, comment=None),
        first_yes=first.by if first and wish.is_what(first) else None,
        holds_slot=False,
    )
    books = with_goodwill(order, parts)
    if wish.is_what(first):
        books = replace(books, wish=None)
    facts = {"first_note": first.note} if first and wish.is_what(first) and first.note else {}
    change = paid_back(case, order, act, context, beside=True, books=books, facts=facts)
    worth = Money(wish.amount, order.body.currency)
    granted = Granted(person=act.actor.id, day=act.now.date(), worth=worth, seen=context.granted_today)
    return replace(change, granted=granted)
