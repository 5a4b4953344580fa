"""Rows of what is long past, laid into the tables many at once: for the sandbox alone, where nobody else writes
meanwhile. What is laid so is read by the very code that reads any other row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.dynamodb.books_rows import left_of, pack_books
from chalicelib.adapters.dynamodb.codec import case_attributes, dumped, entry_attributes, stamp
from chalicelib.adapters.dynamodb.figures import key_of_place
from chalicelib.adapters.dynamodb.line_digests import by_digest
from chalicelib.adapters.dynamodb.order_rows import digest_of, pack_body, pack_gone
from chalicelib.adapters.dynamodb.packing import CASES, packed
from chalicelib.adapters.dynamodb.tables import COUNTED, ROW, OrderRow, Tables, entry_key
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.figures.counting import Counters, Place, Share
from chalicelib.domain.ids import joined
from chalicelib.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A request that has ended, with its order and its timeline."""

    order: Order
    case: Case
    timeline: Sequence[Entry]


def lay_requests(store: DynamoStore, ended: Iterable[Ended], shares: Mapping[str, Share]) -> None:
    """Lay requests, with what each adds to figures: they count as counted, and nobody is told of them."""
    tables = store.tables
    with tables.counted.batch_write() as batch:
        for case_id, share in shares.items():
            batch.save(tables.counted(case_id, COUNTED, z=packed(dumped(share), CASES), rev=share.rev))
    for kind, rows in _rows(tables, ended).items():
        with kind.batch_write() as batch:
            for row in rows:
                batch.save(row)


def lay_counters(store: DynamoStore, counters: Mapping[Place, Counters]) -> None:
    """Lay counters over what lies at their places."""
    row = store.tables.figures
    with row.batch_write() as batch:
        for place, each in counters.items():
            batch.save(row(*key_of_place(place), z=packed(dumped(each), CASES), rev=each.rev))


def _rows(tables: Tables, ended: Iterable[Ended]) -> Mapping[Any, list[Any]]:
    found: dict[Any, list[Any]] = {tables.order: [], tables.case: [], tables.entry: []}
    for each in ended:
        done = replace(each.case, outbox={}, lease_until=None, wake_at=None)
        found[tables.order].append(order_row(tables, each.order))
        found[tables.case].append(tables.case(done.case_id, ROW, **case_attributes(done, small=True)))
        found[tables.entry] += [
            tables.entry(done.case_id, entry_key(entry.seq), **entry_attributes(entry, small=True))
            for entry in each.timeline
        ]
    return found


def order_row(tables: Tables, order: Order) -> OrderRow:
    """The row of an order that stands alone: in no parcels, never told otherwise, with its body in its head."""
    body, z = order.body, pack_body(order.body)
    books = order.books
    left = left_of(order, books) if books else None
    return tables.order(
        order.order_id,
        rev=order.rev,
        z=z,
        body_digest=digest_of(z),
        status=order.status,
        status_version=order.status_version,
        status_at=stamp(order.status_at),
        moments={status.value: stamp(at) for status, at in order.moments.items()},
        body_told=order.body_told,
        status_told=order.status_told,
        buyer_id=body.buyer.id,
        seller_id=body.seller.id,
        placed=joined(stamp(body.placed_at), body.order_id),
        cases=list(order.cases),
        attempts=order.attempts,
        granted_worth=order.granted_worth or None,
        left=left,
        books=pack_books(books, left, None) if books and left is not None else None,
        gone=pack_gone({"cancelled": by_digest(order.cancelled)}) if order.cancelled else None,
    )
