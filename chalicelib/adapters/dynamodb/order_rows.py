"""An order's row in both of its forms, and how an order is read from either.

plain   as 0.1.0 and 0.2.0 write it: `body` is the order as told, in JSON; `cancelled` and `returned` are maps by line
        id
small   a head that every decision may write whole: the body lies compressed, in the row itself (`z`) while that is
        short, else in an item of its own (BODY, under the order's messages); `body_digest` says which body is meant.
        `gone` counts pieces by digests of line ids: 500 ids of a platform are more than a decision should write

A row that has a `body` is plain. Which form is written is said by the setting `format` (order_writes.py).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypedDict

import msgspec

from chalicelib.adapters.dynamodb.books_rows import unpack_books
from chalicelib.adapters.dynamodb.codec import dumped, loaded, moment, named_by_method, thread_key
from chalicelib.adapters.dynamodb.line_digests import by_digest, by_line
from chalicelib.adapters.dynamodb.packing import ORDERS, packed, unpacked
from chalicelib.adapters.dynamodb.settings import get, translated
from chalicelib.adapters.dynamodb.tables import BODY, OrderRow, Tables
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.orders.body import OrderBody, Package, Tender
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.parcels import Claim
from chalicelib.domain.orders.statuses import OrderStatus

# A body may change between the reading of head and body, and again; who meets that so often meets a fault.
_TRIES = 5


def pack_body(body: OrderBody) -> bytes:
    """A body as it is stored in the small form."""
    return packed(body_text(body), ORDERS)


def body_text(body: OrderBody) -> str:
    """A body in JSON, without what it says by leaving out: of all that an order may tell most tell little."""
    return dumped(_told(body))


def _told(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        said = ((each.name, getattr(value, each.name), each.default) for each in fields(value))
        told = {name: _told(found) for name, found, unsaid in said if found != unsaid}
        return named_by_method(told) if isinstance(value, Tender) else told
    return [_told(each) for each in value] if isinstance(value, tuple) else value


def unpack_body(z: bytes) -> OrderBody:
    """The body of what is stored in the small form."""
    return loaded(unpacked(z), OrderBody)


def digest_of(z: bytes) -> str:
    """By which a head names its body."""
    return hashlib.sha256(z).hexdigest()[:24]


class ParcelsKept(TypedDict):
    """What a row keeps of parcels."""

    parcels: tuple[Package, ...]
    claims: tuple[Claim, ...]


def pack_parcels(order: Order) -> bytes:
    """Parcels and claims as they are stored; what is in a parcel as the body says it is left to the body."""
    inside = {package.package_id: package.lines for package in order.body.packages}
    parcels = [replace(x, lines=()) if inside.get(x.package_id) == x.lines else x for x in order.parcels]
    return msgspec.msgpack.encode({"parcels": parcels, "claims": order.claims})


def parcels_of(stored: bytes | None, body: OrderBody) -> ParcelsKept:
    """Parcels and claims of what is stored; of most orders nothing is."""
    if stored is None:
        return {"parcels": (), "claims": ()}
    kept = msgspec.msgpack.decode(stored, type=ParcelsKept)
    inside = {package.package_id: package.lines for package in body.packages}
    parcels = tuple(x if x.lines else replace(x, lines=inside.get(x.package_id, ())) for x in kept["parcels"])
    return {"parcels": parcels, "claims": kept["claims"]}


Gone = Mapping[str, Mapping[bytes, int]]


def gone_of(row: OrderRow) -> Gone:
    """Pieces `cancelled` and `returned`, by the digests of their lines; of rows in either form."""
    if row.gone is not None:
        return msgspec.msgpack.decode(row.gone, type=dict[str, dict[bytes, int]])
    plain = {"cancelled": row.cancelled, "returned": row.returned}
    return {how: by_digest(whole_numbers(found)) for how, found in plain.items() if found is not None}


def pack_gone(gone: Gone) -> bytes:
    """Gone pieces as they are stored in the small form."""
    return msgspec.msgpack.encode(gone)


def order(tables: Tables, order_id: str, keep: Callable[[OrderRow], None] = lambda head: None) -> Order | None:
    """The order, or None; its head is given to `keep`. Raises Unavailable where head and body do not come together."""
    for _ in range(_TRIES):
        row = get(tables.order, order_id)
        if row is None:
            return None
        apart = get(tables.body, thread_key(order_id), BODY) if is_apart(row) else None
        # Where a push came between the two reads, head and body are of different pushes.
        if whole := _whole(row, apart.z if apart else None):
            keep(row)
            return whole
    raise Unavailable("dynamodb")


def orders(tables: Tables, ids: Sequence[str]) -> list[Order | None]:
    """Orders by id, in that order; None where there is none."""
    with translated():
        rows = {row.order_id: row for row in tables.order.batch_get(list(ids), consistent_read=True)}
        keys = [(thread_key(order_id), BODY) for order_id, row in rows.items() if is_apart(row)]
        bodies = {each.case_id: each.z for each in tables.body.batch_get(keys, consistent_read=True)} if keys else {}
    found: list[Order | None] = []
    for order_id in ids:
        row = rows.get(order_id)
        whole = _whole(row, bodies.get(thread_key(order_id))) if row else None
        found.append(whole or (order(tables, order_id) if row else None))
    return found


def is_apart(row: OrderRow) -> bool:
    return row.body is None and row.z is None


def _whole(row: OrderRow, apart: bytes | None) -> Order | None:
    """The order of its row, and of the body that lies apart; None where the row means another body."""
    if row.body is not None:
        return _order(row, loaded(row.body, OrderBody))
    z: bytes | None = row.z if row.z is not None else apart
    return _order(row, unpack_body(z)) if z is not None and digest_of(z) == row.body_digest else None


def _order(row: OrderRow, body: OrderBody) -> Order:
    gone = {how: _by_line(row, how, body) for how in ("cancelled", "returned")}
    left = by_tender(row.left) if row.left is not None else None
    return Order(
        body=body,
        status=OrderStatus(row.status),
        status_version=int(row.status_version),
        status_at=moment(row.status_at),
        rev=int(row.rev),
        told=OrderStatus(row.told) if row.told else None,
        body_told=row.body_told,
        status_told=OrderStatus(row.status_told) if row.status_told else None,
        late_parcel=OrderStatus(row.late_parcel) if row.late_parcel else None,
        moments={OrderStatus(name): moment(at) for name, at in (row.moments.as_dict() if row.moments else {}).items()},
        tracking_number=row.tracking_number,
        carrier=row.carrier,
        open_case=row.open_case,
        cases=tuple(row.cases or ()),
        attempts=int(row.attempts or 0),
        return_attempts=int(row.return_attempts or 0),
        books=unpack_books(row.books, body, left) if row.books is not None else None,
        left=left if row.books is None else None,
        given=by_tender(row.given) if row.given is not None else {},
        granted_worth=int(row.granted_worth or 0),
        **parcels_of(row.parcels, body),
        cancelled=gone["cancelled"],
        returned=gone["returned"],
    )


def _by_line(row: OrderRow, how: str, body: OrderBody) -> Mapping[str, int]:
    if row.gone is None:
        plain = getattr(row, how)
        return whole_numbers(plain) if plain is not None else {}
    return by_line(gone_of(row).get(how, {}), body)


# A document path holds names and, in brackets, places in a list: brackets within a name would be read as those.
_ESCAPED = (("%", "%25"), ("[", "%5B"), ("]", "%5D"))
# pynamodb hands the names of a map on as Python's keywords.
_SELF = ("self", "%73elf")


def tender_key(tender_id: str) -> str:
    """Under which a tender lies in the maps of a row."""
    if tender_id == _SELF[0]:
        return _SELF[1]
    for sign, escaped in _ESCAPED:
        tender_id = tender_id.replace(sign, escaped)
    return tender_id


def by_tender(found: Any) -> Mapping[str, int]:
    """Amounts per tender id, of a stored map."""
    amounts = {}
    for key, amount in whole_numbers(found).items():
        tender_id = _SELF[0] if key == _SELF[1] else key
        for sign, escaped in reversed(_ESCAPED):
            tender_id = tender_id.replace(escaped, sign)
        amounts[tender_id] = amount
    return amounts


def whole_numbers(found: Any) -> Mapping[str, int]:
    """A stored map of numbers."""
    return {key: int(value) for key, value in found.as_dict().items()}
