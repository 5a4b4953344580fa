"""What a change does to its order's row: what the OMS says, and what a case does, in one update.

Rows are written in the small form (order_rows.py) once the setting `format` says 2, and a plain one becomes small at
its first write from then on. That write tests the revision that it read, and every write that leaves a row plain tests
that it still is: whoever did not know yet of the small form is refused, and decides again.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeVar

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.adapters.dynamodb.books_rows import left_of, pack_books
from chalicelib.adapters.dynamodb.codec import loaded, stamp, thread_key
from chalicelib.adapters.dynamodb.line_digests import by_digest
from chalicelib.adapters.dynamodb.order_rows import (
    body_text,
    digest_of,
    gone_of,
    is_apart,
    pack_body,
    pack_gone,
    pack_parcels,
    tender_key,
    whole_numbers,
)
from chalicelib.adapters.dynamodb.tables import BODY, BodyRow, OrderRow, Tables
from chalicelib.domain.cases.change import Change, Push, Slot
from chalicelib.domain.ids import joined
from chalicelib.domain.orders.body import OrderBody

K = TypeVar("K")

# A body of at most so many bytes lies in its head: with all that the head of a short order comes to hold, it is still
# within the first KB, which is what a write costs.
INLINE = 400


@dataclass(slots=True)
class Update:
    """One update of an order's row, as it comes together, and the body that is put beside it."""

    row: OrderRow
    actions: list[Action] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    body: BodyRow | None = None

    @property
    def condition(self) -> Condition:
        """All conditions as one."""
        return reduce(operator.and_, self.conditions)


def update_of(
    tables: Tables, change: Change, small: Callable[[], bool], head: Callable[[], OrderRow | None]
) -> Update | None:
    """Push and slot in one update: a transaction may touch an item only once. None where a change is of no order.
    `small` says whether rows are to be written in the small form, `head` reads the row as it is."""
    push, slot = change.push, change.slot
    if push is None and slot is None:
        return None
    new = push is not None and push.before is None
    row, update = tables.order, Update(tables.order(change.order_id))
    if push:
        _add_push(row, push, update)
    if slot:
        _add_slot(row, slot, update)
    if _depends_on_form(push, slot):
        found = None if new else head()
        _write_books(row, found, change, update)
        if (found is not None and not _is_plain(found)) or small():
            _write_small(tables, found, change, update)
        else:
            _write_plain(row, found, change, update)
    update.actions.append(row.rev.set(1 if new else row.rev + 1))
    return update


def _depends_on_form(push: Push | None, slot: Slot | None) -> bool:
    """Whether body or pieces are written, or a case opens: what else a case writes is the same in both forms."""
    return push is not None or (slot is not None and bool(slot.seen or slot.cancelled or slot.returned))


def _add_push(row: type[OrderRow], push: Push, update: Update) -> None:
    """What the OMS says, but for the body; never a guard field (I7)."""
    order, body = push.after, push.after.body
    update.actions += [
        row.status.set(order.status),
        row.status_version.set(order.status_version),
        row.status_at.set(stamp(order.status_at)),
        row.moments.set({status.value: stamp(at) for status, at in order.moments.items()}),
        row.told.set(order.told) if order.told else row.told.remove(),
        row.buyer_id.set(body.buyer.id),
        row.seller_id.set(body.seller.id),
        row.placed.set(joined(stamp(body.placed_at), body.order_id)),
    ]
    for attribute, word in ((row.body_told, order.body_told), (row.status_told, order.status_told)):
        if word is not None:
            update.actions.append(attribute.set(word))
        elif body.buyer.is_erased or body.seller.is_erased:
            update.actions.append(attribute.remove())
    if order.parcels or order.claims:
        update.actions.append(row.parcels.set(pack_parcels(order)))
    if order.given:
        update.actions.append(row.given.set({tender_key(each): amount for each, amount in order.given.items()}))
    if order.late_parcel:
        update.actions.append(row.late_parcel.set(order.late_parcel))
    for attribute, value in ((row.tracking_number, order.tracking_number), (row.carrier, order.carrier)):
        if value is not None:
            update.actions.append(attribute.set(value))
        elif body.buyer.is_erased:
            update.actions.append(attribute.remove())
    if push.whole:
        counts = {"attempts": order.attempts, "return_attempts": order.return_attempts}
        counts |= {"granted_worth": order.granted_worth} if order.granted_worth else {}
        update.actions += [getattr(row, name).set(count) for name, count in counts.items()]
        if order.cases:
            update.actions.append(row.cases.set(list(order.cases)))
    update.conditions.append(row.rev == push.before.rev if push.before else row.order_id.does_not_exist())


def _add_slot(row: type[OrderRow], slot: Slot, update: Update) -> None:
    """What a case does to its order's guard fields (I1, I4), but for pieces and books."""
    if slot.worth:
        update.actions.append(row.granted_worth.add(slot.worth))
    if slot.seen:
        # Nothing that the decision rests on has changed, so guard fields may be written whole.
        update.conditions.append(row.rev == slot.seen.rev)
    if slot.takes:
        update.conditions.append(row.open_case.does_not_exist())
        if not slot.releases:
            update.actions.append(row.open_case.set(slot.case_id))
    elif not slot.beside:
        update.conditions.append(row.open_case == slot.case_id)
        if slot.releases:
            update.actions.append(row.open_case.remove())
    if slot.opens and slot.seen:
        update.actions += [
            row.cases.set(list(dict.fromkeys((*slot.seen.cases, slot.case_id)))),
            row.attempts.set(slot.seen.attempts + slot.attempts),
            row.return_attempts.set(slot.seen.return_attempts + slot.return_attempts),
        ]
    elif slot.attempts and not slot.retakes:
        update.actions.append(row.attempts.set(row.attempts + slot.attempts))


def _write_books(row: type[OrderRow], found: OrderRow | None, change: Change, update: Update) -> None:
    """The books after a push and what a case makes of it. An order without them says all that there is to know."""
    order = change.slot.seen if change.slot and change.slot.seen else change.push.after if change.push else None
    if order is None:
        return
    books = (change.slot.books if change.slot else None) or order.books
    had = found.books if found is not None else None
    if books is not None:
        left = left_of(order, books)
        by_key = {tender_key(tender_id): amount for tender_id, amount in left.items()}
        update.actions += [row.books.set(pack_books(books, left, had)), row.left.set(by_key)]
    elif had is not None:
        update.actions += [row.books.remove(), row.left.remove()]


# --- what is written by form -----------------------------------------------------------------------------------------
#
# Quantities are written whole: a clause for each line passes the 4 KB of an expression at 91 lines. While the slot is
# this case's nobody else changes them, and two decisions of one case meet on its row. Where the slot is not this case's
# any more, the condition on it fails, whatever is written here.


def _write_plain(row: type[OrderRow], found: OrderRow | None, change: Change, update: Update) -> None:
    if found is not None:
        update.conditions.append(row.body.exists())
    if change.push:
        update.actions.append(row.body.set(body_text(change.push.after.body)))
    for how, pieces in _pieces(change).items():
        before = getattr(found, how, None)
        kept = whole_numbers(before) if before is not None else {}
        update.actions.append(getattr(row, how).set(_added(kept, pieces)))


def _write_small(tables: Tables, found: OrderRow | None, change: Change, update: Update) -> None:
    row, turns = tables.order, _is_plain(found)
    if found is not None and turns:
        update.conditions.append(row.rev == found.rev)
        update.actions += [row.body.remove(), row.cancelled.remove(), row.returned.remove()]
    if (body := _body_to_write(found, change.push)) is not None:
        _write_body(tables, found, body, update)
    gone = dict(gone_of(found)) if found else {}
    more = _pieces(change)
    for how, pieces in more.items():
        gone[how] = _added(gone.get(how, {}), by_digest(pieces))
    if more or (turns and gone):
        update.actions.append(row.gone.set(pack_gone(gone)))


def _is_plain(found: OrderRow | None) -> bool:
    return found is not None and found.body is not None


def _body_to_write(found: OrderRow | None, push: Push | None) -> OrderBody | None:
    """None where the body stays as it lies: a change of status alone writes the head alone."""
    turns = _is_plain(found)
    if push is None:
        return loaded(found.body, OrderBody) if found is not None and turns else None
    same = push.before is not None and push.before.body == push.after.body
    return None if same and not turns else push.after.body


def _write_body(tables: Tables, found: OrderRow | None, body: OrderBody, update: Update) -> None:
    """The body in its head, or apart where it is long, or was once: nothing is left behind that nobody reads."""
    row, z = tables.order, pack_body(body)
    if len(z) <= INLINE and not (found is not None and is_apart(found)):
        update.actions.append(row.z.set(z))
    else:
        update.actions.append(row.z.remove())
        update.body = tables.body(thread_key(body.order_id), BODY, z=z)
    update.actions.append(row.body_digest.set(digest_of(z)))


def _pieces(change: Change) -> Mapping[str, Mapping[str, int]]:
    told = change.push.after if change.push and change.push.whole else change.slot
    both = {"cancelled": told.cancelled, "returned": told.returned} if told else {}
    return {how: pieces for how, pieces in both.items() if pieces}


def _added(before: Mapping[K, int], pieces: Mapping[K, int]) -> dict[K, int]:
    return {**before, **{line: before.get(line, 0) + quantity for line, quantity in pieces.items()}}
