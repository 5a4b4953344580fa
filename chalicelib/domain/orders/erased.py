"""An order whose buyer was erased: what is left of them is their id. The goods, the money and the seller stay."""

from dataclasses import replace

from chalicelib.domain.orders.body import OrderBody, Person, Reach
from chalicelib.domain.orders.order import Order


def nobody(person: Person) -> Person:
    """What is left of a person: the marketplace's id of them."""
    return replace(person, name="", email=None, phone=None, contact=Reach.NONE, zone=None)


def without_buyer(order: Order) -> Order:
    """The order without a word of or about its buyer. No amount changes, and no piece."""
    body = as_erased(replace(order.body, buyer=nobody(order.body.buyer)))
    books = order.books
    if books is not None:
        corrections = tuple(replace(each, note="") for each in books.corrections)
        books = replace(books, corrections=corrections, wish=replace(books.wish, note="") if books.wish else None)
    parcels = tuple(replace(each, tracking_number=None, carrier=None) for each in order.parcels)
    return replace(order, body=body, books=books, parcels=parcels, tracking_number=None, carrier=None, body_told=None)


def as_erased(body: OrderBody) -> OrderBody:
    """A body without what leads to its buyer's door, and without the words for which it was cancelled elsewhere."""
    packages = tuple(replace(each, tracking_number=None, carrier=None) for each in body.packages)
    return replace(body, packages=packages, cancel_reason=None)


def as_told_of(before: Order | None, body: OrderBody) -> OrderBody:
    """A push as it is taken in: an order's system that goes on naming a buyer who was erased brings nobody back."""
    if before is None or not before.body.buyer.is_erased:
        return body
    return as_erased(replace(body, buyer=before.body.buyer))
