"""An order's books as its row keeps them: packed, without what is nothing, lines by their digests.

`left` lies beside them as functions of the version before write it, for as long as some of them may be warm: what they
took from it since is promised money, too.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import msgspec

from chalicelib.adapters.dynamodb.line_digests import by_digest, by_line
from chalicelib.domain.orders.body import OrderBody
from chalicelib.domain.orders.books import Account, Books
from chalicelib.domain.orders.order import Order

_BY_LINE = ("elsewhere", "acknowledged")


def left_of(order: Order, books: Books) -> dict[str, int]:
    """What is left to refund per tender id, as the version before counts it, in minor units."""
    taken = {tender_id: account.taken for tender_id, account in books.accounts.items()}
    return {x.tender_id: max(0, x.amount - taken.get(x.tender_id, 0)) for x in order.body.valid_tenders}


def pack_books(books: Books, left: Mapping[str, int], before: bytes | None) -> bytes:
    """Books as they are stored. What the row knew `before` of lines that the order does not list stays known."""
    kept: dict[str, Any] = _said(books)
    earlier = msgspec.msgpack.decode(before, type=dict[str, Any]) if before else {}
    for name in _BY_LINE:
        counts = {**earlier.get(name, {}), **by_digest(getattr(books, name))}
        if counts:
            kept[name] = counts
    kept["accounts"] = {tender_id: _said(account) for tender_id, account in books.accounts.items()}
    kept["left"] = left
    return msgspec.msgpack.encode(kept)


def unpack_books(stored: bytes, body: OrderBody, left: Mapping[str, int] | None) -> Books:
    """Books from what is stored, with what the version before took of what was `left` since."""
    kept = msgspec.msgpack.decode(stored, type=dict[str, Any])
    written = kept.pop("left", {})
    for name in _BY_LINE:
        kept[name] = by_line(kept.get(name, {}), body)
    books = msgspec.convert(kept, Books)
    accounts = dict(books.accounts)
    for tender_id, amount in written.items():
        more = amount - (left or written).get(tender_id, amount)
        if more:
            account = accounts.get(tender_id, Account())
            accounts[tender_id] = replace(account, taken=account.taken + more)
    return replace(books, accounts=accounts)


def _said(value: Any) -> dict[str, Any]:
    """What is not as it is by itself; nested values as they are."""
    found = {each.name: getattr(value, each.name) for each in fields(value) if each.name not in (*_BY_LINE, "accounts")}
    return {
        name: sorted(one) if isinstance(one, frozenset) else one
        for name, one in found.items()
        if one not in (0, None, False, (), frozenset())
    }
