"""An order whose buyer, or whose seller, was erased: what is left of them is their id. The goods, the money and the
other side stay."""

from dataclasses import replace
from typing import TypeVar

from chalicelib.domain.orders.body import OrderBody, Person, Reach, Seller
from chalicelib.domain.orders.books import Books
from chalicelib.domain.orders.order import Order

P = TypeVar("P", bound=Person)


def nobody(person: P) -> P:
    """What is left of a person: the marketplace's id of them. Without a language, which every push tells or means, they
    are known for one who was erased."""
    return replace(person, name="", email=None, phone=None, locale="", contact=Reach.NONE, zone=None)


def without_buyer(order: Order) -> Order:
    """The order without a word of or about its buyer. No amount changes, and no piece."""
    body = as_erased(replace(order.body, buyer=nobody(order.body.buyer)))
    books = order.books and _without_notes(order.books)
    parcels = tuple(replace(each, tracking_number=None, carrier=None) for each in order.parcels)
    return replace(order, body=body, books=books, parcels=parcels, tracking_number=None, carrier=None, body_told=None)


def no_shop(seller: Seller) -> Seller:
    """What is left of a seller: the marketplace's id. The name over the shop goes, too: many are people's own."""
    return replace(nobody(seller), return_address=None, shop_name=None)


def without_seller(order: Order) -> Order:
    """The order without a word of or about its seller. No amount changes, and no piece; the buyer stays."""
    body = replace(order.body, seller=no_shop(order.body.seller))
    return replace(order, body=body, books=order.books and _without_notes(order.books), body_told=None)


def _without_notes(books: Books) -> Books:
    corrections = tuple(replace(each, note="") for each in books.corrections)
    return replace(books, corrections=corrections, wish=replace(books.wish, note="") if books.wish else None)


def as_erased(body: OrderBody) -> OrderBody:
    """A body without what leads to its buyer's door, and without the words for which it was cancelled elsewhere."""
    packages = tuple(replace(each, tracking_number=None, carrier=None) for each in body.packages)
    return replace(body, packages=packages, cancel_reason=None)


def as_told_of(before: Order | None, body: OrderBody) -> OrderBody:
    """A push as it is taken in: an order's system that goes on naming somebody who was erased brings nobody back."""
    if before is not None and before.body.seller.is_erased:
        body = replace(body, seller=before.body.seller)
    if before is not None and before.body.buyer.is_erased:
        body = as_erased(replace(body, buyer=before.body.buyer))
    return body
