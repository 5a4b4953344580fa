"""One decision, one transaction.

A transaction that is refused is looked into by reading, not by its cancellation reasons: those come in another order
than the operations, and the timeline entry at our place tells more surely whose write it was.
"""

import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.codec import (
    case_attributes,
    dumped,
    entry_attributes,
    evidence_key,
    message_key,
    order_of,
    quota_key,
    stamp,
    thread_key,
)
from chalicelib.adapters.dynamodb.settings import get
from chalicelib.adapters.dynamodb.tables import BALANCE, ROW, KeyRow, OrderRow, Tables, entry_key, granted_key
from chalicelib.domain.cases.change import Answered, Change, Granted, Push, Slot
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.quotas import Quota
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.errors import Conflict, Refused, Unavailable
from chalicelib.domain.money.wallet import Credit
from chalicelib.domain.orders.order import Order

_TRIES = 5
_PASSING = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "TransactionInProgress")


def commit(tables: Tables, change: Change, sleep: Callable[[float], None] = time.sleep) -> None:
    """Write the whole change or nothing. Raises Conflict, Refused `idempotency_in_progress`, Unavailable."""
    for attempt in range(1, _TRIES + 1):
        try:
            with TransactWrite(connection=tables.connection) as transaction:
                _put_case(tables, transaction, change)
                _update_order(tables, transaction, change)
                _credit(tables, transaction, change.credits)
                _keep_answer(tables, transaction, change.answered)
                _put_message(tables, transaction, change.message)
                _put_evidence(tables, transaction, change.evidence)
                _count(tables, transaction, change.granted)
                _take_place(tables, transaction, change.quota)
            return
        except TransactWriteError as error:
            codes = {reason.code for reason in error.cancellation_reasons if reason}
            refused = "ConditionalCheckFailed" in codes
            if not refused and attempt < _TRIES and codes & set(_PASSING):
                # Somebody is writing one of these rows this very moment: let them finish.
                sleep(random.uniform(0.01, 0.05) * 2**attempt)
                continue
            if _landed(tables, change):
                return
            if not refused:
                raise Unavailable("dynamodb") from error
            if change.answered and _key_taken(tables, change.answered):
                raise Refused("idempotency_in_progress") from error
            if change.quota and _used_up(tables, change.quota):
                raise change.quota.used_up() from error
            raise Conflict("case" if change.case else "order") from error
        except PynamoDBException as error:
            if _landed(tables, change):
                return
            raise Unavailable("dynamodb") from error


def _put_case(tables: Tables, transaction: TransactWrite, change: Change) -> None:
    case, entry = change.case, change.entry
    if case is None:
        return
    row, rev = tables.case, tables.case.rev
    transaction.save(
        row(case.case_id, ROW, **case_attributes(case)),
        condition=rev.does_not_exist() if case.rev == 1 else rev == case.rev - 1,
    )
    if entry is not None:
        transaction.save(
            tables.entry(case.case_id, entry_key(entry.seq), **entry_attributes(entry, case.case_id)),
            condition=tables.entry.case_id.does_not_exist(),
        )


def _update_order(tables: Tables, transaction: TransactWrite, change: Change) -> None:
    """Push and slot in one update: a transaction may touch an item only once."""
    push, slot = change.push, change.slot
    if push is None and slot is None:
        return
    row = tables.order
    actions: list[Action] = []
    conditions: list[Condition] = []
    if push:
        _add_push(row, push, actions, conditions)
    if slot:
        _add_slot(row, slot, actions, conditions)
    new = push is not None and push.before is None
    actions.append(row.rev.set(1 if new else row.rev + 1))
    together = conditions[0]
    for condition in conditions[1:]:
        together = together & condition
    order_id = push.after.order_id if push else slot.order_id if slot else ""
    transaction.update(row(order_id), actions=actions, condition=together)


def _add_push(row: type[OrderRow], push: Push, actions: list[Action], conditions: list[Condition]) -> None:
    """What the OMS says; never a guard field (I7)."""
    order = push.after
    body = order.body
    actions += [
        row.body.set(dumped(body)),
        row.status.set(order.status),
        row.status_version.set(order.status_version),
        row.status_at.set(stamp(order.status_at)),
        row.moments.set({status.value: stamp(at) for status, at in order.moments.items()}),
        row.told.set(order.told) if order.told else row.told.remove(),
        row.buyer_id.set(body.buyer.id),
        row.seller_id.set(body.seller.id),
        row.placed.set(f"{stamp(body.placed_at)}#{body.order_id}"),
    ]
    if order.late_parcel:
        actions.append(row.late_parcel.set(order.late_parcel))
    for attribute, value in ((row.tracking_number, order.tracking_number), (row.carrier, order.carrier)):
        if value is not None:
            actions.append(attribute.set(value))
    conditions.append(row.rev == push.before.rev if push.before else row.order_id.does_not_exist())


def _add_slot(row: type[OrderRow], slot: Slot, actions: list[Action], conditions: list[Condition]) -> None:
    """What a case does to its order's guard fields (I1, I4)."""
    if slot.seen:
        conditions += [row.rev == slot.seen.rev, row.open_case.does_not_exist()]
        if not slot.releases:
            actions.append(row.open_case.set(slot.case_id))
        if not slot.retakes:
            _open_slot(row, slot, slot.seen, actions)
        return
    conditions.append(row.open_case == slot.case_id)
    for method, part in slot.take.items():
        conditions.append(row.left[method] >= part)
        actions.append(row.left[method].set(row.left[method] - part))
    if slot.cancelled or slot.returned:
        _add_pieces(row, slot, actions)
    if slot.attempts:
        actions.append(row.attempts.set(row.attempts + slot.attempts))
    if slot.releases:
        actions.append(row.open_case.remove())


def _add_pieces(row: type[OrderRow], slot: Slot, actions: list[Action]) -> None:
    """Quantities are written whole: a clause for each line passes the 4 KB of an expression at 91 lines.

    While the slot is this case's nobody else writes them, and two decisions of one case meet on its row. Where the slot
    is not this case's any more, the condition on it fails, whatever is written here.
    """
    found = get(row, slot.order_id)
    order = order_of(found) if found else None
    if slot.cancelled:
        actions.append(row.cancelled.set(_added(order.cancelled if order else {}, slot.cancelled)))
    if slot.returned:
        actions.append(row.returned.set(_added(order.returned if order else {}, slot.returned)))


def _added(before: Mapping[str, int], pieces: Mapping[str, int]) -> dict[str, int]:
    return {**before, **{line_id: before.get(line_id, 0) + quantity for line_id, quantity in pieces.items()}}


def _open_slot(row: type[OrderRow], slot: Slot, seen: Order, actions: list[Action]) -> None:
    """`rev` proves that the guard fields are still those that were read, so they may be written whole."""
    left = {method: amount - slot.take.get(method, 0) for method, amount in seen.left_to_refund.items()}
    if min(left.values(), default=0) < 0:
        raise Conflict("order")
    actions += [
        row.cases.set([*seen.cases, slot.case_id]),
        row.attempts.set(seen.attempts + slot.attempts),
        row.return_attempts.set(seen.return_attempts + slot.return_attempts),
        row.left.set(left),
        row.cancelled.set(_added(seen.cancelled, slot.cancelled)),
        row.returned.set(dict(seen.returned)),
    ]


def _credit(tables: Tables, transaction: TransactWrite, credits: tuple[Credit, ...]) -> None:
    """Entries put only once; the balance by ADD, one per wallet, since an item may stand in a transaction once."""
    sums: dict[str, int] = {}
    for credit in credits:
        wallet = f"{credit.buyer_id}#{credit.currency}"
        sums[wallet] = sums.get(wallet, 0) + credit.amount
        sk = f"E#{credit.refund_id}#{credit.part}"
        transaction.save(tables.money(wallet, sk, body=dumped(credit)), condition=tables.money.wallet.does_not_exist())
    for wallet, amount in sums.items():
        transaction.update(tables.money(wallet, BALANCE), actions=[tables.money.balance.add(amount)])


def _keep_answer(tables: Tables, transaction: TransactWrite, answered: Answered | None) -> None:
    if answered:
        row = tables.key
        transaction.save(
            row(
                answered.key,
                fingerprint=answered.fingerprint,
                status=answered.status,
                body=answered.body,
                expires=int(answered.expires_at.timestamp()),
            ),
            condition=row.key.does_not_exist(),
        )


def _put_message(tables: Tables, transaction: TransactWrite, message: Message | None) -> None:
    if message:
        row = tables.message(thread_key(message.order_id), message_key(message), body=dumped(message))
        transaction.save(row, condition=tables.message.case_id.does_not_exist())


def _put_evidence(tables: Tables, transaction: TransactWrite, evidence: Evidence | None) -> None:
    """The same file said again is the same row, until its bytes were seen."""
    if evidence:
        row = tables.evidence(evidence.case_id, evidence_key(evidence), body=dumped(evidence))
        transaction.save(row, condition=tables.evidence.seen.does_not_exist())


def _take_place(tables: Tables, transaction: TransactWrite, quota: Quota | None) -> None:
    if quota:
        row = tables.quota
        free = row.used.does_not_exist() | (row.used < quota.most)
        item = row(thread_key(quota.order_id), quota_key(quota))
        transaction.update(item, actions=[row.used.add(1)], condition=free)


def _used_up(tables: Tables, quota: Quota) -> bool:
    found = get(tables.quota, thread_key(quota.order_id), quota_key(quota))
    return found is not None and int(found.used) >= quota.most


def _count(tables: Tables, transaction: TransactWrite, granted: Granted | None) -> None:
    if granted:
        row, day = tables.granted, datetime.combine(granted.day, datetime.min.time(), UTC)
        gone = int((day + timedelta(days=3)).timestamp())
        actions: list[Action] = [row.amount.add(granted.amount), row.expires.set(gone)]
        transaction.update(row(granted_key(granted.person, granted.day)), actions=actions)


def _landed(tables: Tables, change: Change) -> bool:
    """Whether this very change was written already: its reply was lost, and it was sent again.

    The timeline entry at our place carries our decision id even when the row has moved on since. A push without a
    case needs no proof: told again, it is simply no news.
    """
    if change.message:
        return _get_message(tables, change.message)
    if change.case is None or change.entry is None:
        return False
    try:
        found = tables.entry.get(change.case.case_id, entry_key(change.entry.seq), consistent_read=True)
    except tables.entry.DoesNotExist:
        return False
    except PynamoDBException as error:
        raise Unavailable("dynamodb") from error
    return found.decision_id == change.entry.decision_id


def _get_message(tables: Tables, message: Message) -> bool:
    try:
        return bool(tables.message.get(thread_key(message.order_id), message_key(message), consistent_read=True))
    except tables.message.DoesNotExist:
        return False
    except PynamoDBException as error:
        raise Unavailable("dynamodb") from error


def _key_taken(tables: Tables, answered: Answered) -> bool:
    row: Any = tables.key
    try:
        found: KeyRow = row.get(answered.key, consistent_read=True)
    except row.DoesNotExist:
        return False
    return bool(found)
