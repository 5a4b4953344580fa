"""One decision, one transaction.

A transaction that is refused is looked into by reading, not by its cancellation reasons: those come in another order
than the operations, and the timeline entry at our place tells more surely whose write it was.
"""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from pynamodb.exceptions import PynamoDBException, TransactWriteError, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.codec import (
    case_attributes,
    dumped,
    entry_attributes,
    evidence_key,
    message_key,
    quota_key,
    stored,
    thread_key,
)
from chalicelib.adapters.dynamodb.log import head_actions, log_row, logged
from chalicelib.adapters.dynamodb.money import debit_of, put_money
from chalicelib.adapters.dynamodb.order_writes import Update, update_of
from chalicelib.adapters.dynamodb.settings import get
from chalicelib.adapters.dynamodb.tables import (
    ROW,
    KeyRow,
    OrderRow,
    Tables,
    entry_key,
    granted_key,
)
from chalicelib.domain.cases.change import Answered, Change, Granted
from chalicelib.domain.cases.evidence import Evidence
from chalicelib.domain.cases.log import Logged
from chalicelib.domain.cases.quotas import Quota
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.errors import Conflict, Refused, Unavailable

_TRIES = 5
_REFUSED = "ConditionalCheckFailed"
_PASSING = (
    "TransactionConflict",
    "ThrottlingError",
    "Throttling",
    "ProvisionedThroughputExceeded",
    "TransactionInProgress",
)


def commit(
    tables: Tables,
    change: Change,
    small: Callable[[], bool],
    sleep: Callable[[float], None] = time.sleep,
    known: OrderRow | None = None,
) -> None:
    """Write the whole change or nothing; `small` says whether rows are to be written in the small form, `known` is the
    head of its order as it was read before, by somebody who need not have looked again since.

    Raises Conflict, Refused `idempotency_in_progress`, Unavailable.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            _write(tables, change, small, known)
            return
        except (TransactWriteError, UpdateError) as error:
            codes = _codes(error)
            refused = _REFUSED in codes
            if refused and known is not None and attempt < _TRIES:
                # Perhaps only because the order has moved since: what is refused as it stands now is refused.
                known = None
                continue
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
            raise Conflict("case" if change.case else "wallet" if change.debit else "order") from error
        except PynamoDBException as error:
            if _landed(tables, change):
                return
            raise Unavailable("dynamodb") from error


def _write(tables: Tables, change: Change, small: Callable[[], bool], known: OrderRow | None) -> None:
    @cache
    def head() -> OrderRow | None:
        return known or get(tables.order, change.order_id)

    update, item = update_of(tables, change, small, head), logged(change, head)
    if item:
        update = update or Update(tables.order(item.order_id))
        actions, untouched = head_actions(tables.order, item)
        update.actions += actions
        update.conditions.append(untouched)
    if update and known is not None and head.cache_info().currsize:
        update.conditions.append(tables.order.rev == known.rev)
    if update and update.body is None and change == Change(push=change.push):
        # Nothing but the row of an order: alone it costs half.
        update.row.update(actions=update.actions, condition=update.condition)
        return
    with TransactWrite(connection=tables.connection) as transaction:
        _put_case(tables, transaction, change, item, small)
        if item:
            transaction.save(log_row(tables, item), condition=tables.log.case_id.does_not_exist())
        if update:
            transaction.update(update.row, actions=update.actions, condition=update.condition)
            if update.body:
                transaction.save(update.body)
        put_money(tables, transaction, change)
        _keep_answer(tables, transaction, change.answered, small)
        _put_message(tables, transaction, change.message)
        _put_evidence(tables, transaction, change.evidence)
        _count(tables, transaction, change.granted)
        _take_place(tables, transaction, change.quota)


def _codes(error: TransactWriteError | UpdateError) -> set[str]:
    """Why it was refused, as transactions say it: alone, an update says the same as the name of an exception."""
    if isinstance(error, TransactWriteError):
        return {reason.code for reason in error.cancellation_reasons if reason}
    return {(error.cause_response_code or "").removesuffix("Exception")}


def _put_case(
    tables: Tables, transaction: TransactWrite, change: Change, item: Logged | None, small: Callable[[], bool]
) -> None:
    case, entry = change.case, change.entry
    if case is None:
        return
    row, rev = tables.case, tables.case.rev
    # One that began in another house of ours is new here whatever its revision.
    new = case.rev == 1 or (change.slot is not None and change.slot.opens)
    transaction.save(
        row(case.case_id, ROW, **case_attributes(case, small=small())),
        condition=rev.does_not_exist() if new else rev == case.rev - 1,
    )
    if entry is not None:
        for each in (*change.earlier, replace(entry, log_place=item.place if item else None)):
            transaction.save(
                tables.entry(case.case_id, entry_key(each.seq), **entry_attributes(each, small=small())),
                condition=tables.entry.case_id.does_not_exist(),
            )


def _keep_answer(
    tables: Tables, transaction: TransactWrite, answered: Answered | None, small: Callable[[], bool]
) -> None:
    if answered:
        row = tables.key
        free = row.key.does_not_exist()
        if answered.since is not None:
            free = free | (row.expires <= int(answered.since.timestamp()))
        transaction.save(
            row(
                answered.key,
                fingerprint=answered.fingerprint,
                status=answered.status,
                expires=int(answered.expires_at.timestamp()),
                **stored(answered.body, small=small()),
            ),
            condition=free,
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
    """Only where nothing was counted since this was decided: of two yeses at once one is decided again."""
    if granted:
        row, day = tables.granted, datetime.combine(granted.day, datetime.min.time(), UTC)
        gone = int((day + timedelta(days=3)).timestamp())
        seen, more = granted.seen, granted.seen.with_more(granted.worth)
        as_seen = row.amount == seen.told
        actions: list[Action] = [row.amount.set(more.told), row.sums.set(dict(more.sums)), row.expires.set(gone)]
        transaction.update(
            row(granted_key(granted.person, granted.day)),
            actions=actions,
            condition=as_seen if seen.told else as_seen | row.amount.does_not_exist(),
        )


def _landed(tables: Tables, change: Change) -> bool:
    """Whether this very change was written already: its reply was lost, and it was sent again.

    The timeline entry at our place carries our decision id even when the row has moved on since. A push without a
    case needs no proof: told again, it is simply no news.
    """
    if change.message:
        return _get_message(tables, change.message)
    if change.debit:
        return debit_of(tables, change.debit) == change.debit
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
    return answered.since is None or int(found.expires) > int(answered.since.timestamp())
