"""Where moto 5.2 is kinder than AWS, made as strict: a sandbox that forgives would hide defects.

1. conditional writes and transactions are not atomic across threads   -> one lock around DynamoDB
2. a task token is accepted twice, and after its execution stopped      -> refused, as AWS refuses it
3. a machine's definition is parsed anew for each execution             -> parsed once (speed only)
4. each task of an execution makes a client of Lambda anew              -> made once (speed only)
5. a symmetric key of KMS gets an RSA key that nobody uses             -> it gets none (speed only)
6. a path into a task's JSON is parsed anew at each look                -> parsed once (speed only)
7. a transaction copies whole tables, to put back what it wrote         -> it keeps the items it touches (speed only)
8. a query looks at all items of its table, sorted                      -> at those under its key (speed only)
"""

import copy
import functools
import threading
from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import AWSError
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.kms import models as kms
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackPoolManager
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

_DONE: list[bool] = []


class TaskTimedOut(AWSError):
    """What AWS says to a late or second answer."""

    TYPE = "TaskTimedOut"


def repair() -> None:
    """Apply the repairs, once per process."""
    if _DONE:
        return
    _DONE.append(True)
    _atomic_dynamodb()
    _strict_tokens()
    AmazonStateLanguageParser.parse = staticmethod(functools.lru_cache(maxsize=32)(AmazonStateLanguageParser.parse))  # type: ignore[method-assign]
    json_path.parse = functools.lru_cache(maxsize=256)(json_path.parse)  # type: ignore[attr-defined]
    _one_client_of_lambda()
    _symmetric_keys_alone()
    _transactions_keep_what_they_touch()
    _queries_look_under_their_key()


def _atomic_dynamodb() -> None:
    lock, unlocked = threading.RLock(), DynamoHandler.call_action

    def locked(self: DynamoHandler) -> Any:
        with lock:
            return unlocked(self)

    DynamoHandler.call_action = locked  # type: ignore[method-assign]


def _strict_tokens() -> None:
    lenient = CallbackPoolManager.notify

    def strict(self: CallbackPoolManager, callback_id: Any, outcome: Any) -> Any:
        endpoint = self._pool.get(callback_id)
        if endpoint is not None and endpoint._notify_event.is_set():
            raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
        return lenient(self, callback_id, outcome)

    CallbackPoolManager.notify = strict  # type: ignore[method-assign]


def _one_client_of_lambda() -> None:
    make = functools.cache(lambda_eval_utils.boto_client_for)  # type: ignore[attr-defined]
    # Whoever the task is, is of no interest here: ours have no credentials of their own.
    lambda_eval_utils.boto_client_for = lambda region, service, state_credentials=None: make(region, service)  # type: ignore[attr-defined]


def _symmetric_keys_alone() -> None:
    make: Any = kms.generate_private_key  # type: ignore[attr-defined]
    kms.generate_private_key = lambda spec: None if spec == "SYMMETRIC_DEFAULT" else make(spec)  # type: ignore[attr-defined, assignment, return-value]


def _transactions_keep_what_they_touch() -> None:
    """Under the lock of _atomic_dynamodb nobody else writes meanwhile."""
    whole: Any = DynamoDBBackend.transact_write_items

    def transact(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        touched = [_place(self, what) for item in transact_items for what in item.values()]
        before = [(rows, key, copy.deepcopy(rows.get(key))) for rows, key in touched]
        try:
            whole(self, transact_items)
        except Exception:
            for rows, key, item in before:
                if item is None:
                    rows.pop(key, None)
                else:
                    rows[key] = item
            raise

    DynamoDBBackend.transact_write_items = transact  # type: ignore[method-assign]
    Table.__deepcopy__ = lambda self, memo: self  # type: ignore[attr-defined]


def _place(backend: DynamoDBBackend, what: Mapping[str, Any]) -> tuple[Any, DynamoType]:
    """Where an item of a transaction lies, or would lie: the rows, and its key among them."""
    table, given = backend.get_table(what["TableName"]), what.get("Key") or what["Item"]
    key = DynamoType(given[table.hash_key_attr])
    if table.range_key_attr is None:
        return table.items, key
    return table.items[key], DynamoType(given[table.range_key_attr])


def _queries_look_under_their_key() -> None:
    without: Any = Table.query

    def narrow(self: Any, hash_key: DynamoType | None, *rest: Any, **more: Any) -> Any:
        index_name, known = rest[6], self.items
        if index_name is None:
            self.items = {hash_key: known[hash_key]} if hash_key in known else {}
        elif self.range_key_attr and (conditions := more.get("hash_key_conditions")):
            self.items = _having(known, *conditions[0])
        try:
            return without(self, hash_key, *rest, **more)
        finally:
            self.items = known

    Table.query = narrow  # type: ignore[method-assign]


def _having(known: Mapping[Any, Mapping[Any, Item]], name: str, value: DynamoType) -> Mapping[Any, Mapping[Any, Item]]:
    """Of a table with range keys those items that have this value under a name."""
    found = dict[Any, dict[Any, Item]]()
    for first, items in known.items():
        for second, item in items.items():
            has = item.attrs.get(name)
            if has is not None and has == value:
                found.setdefault(first, {})[second] = item
    return found
