"""moto's DynamoDB, quicker: around each of its actions moto spends as much again on HTTP, shapes and copies.

The actions, their validation and their refusals stay moto's. Cut is what surrounds them: a request is led to its action
without being made into a request of werkzeug's and read by its shape; answers, which are JSON already, are written as
they are; and a transaction keeps a copy of the items that it touches, not of whole tables. Nothing is signed, as moto
looks at no signature. `test_quick_moto.py` holds it to moto's answers; in full, `tests/contract` meets moto itself.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from functools import cache
from threading import RLock
from typing import Any
from urllib.parse import urlparse

import pytest
from botocore.signers import RequestSigner
from moto.core import DEFAULT_ACCOUNT_ID, responses  # type: ignore[attr-defined]
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.responses import ActionContext, ActionResult
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

_QUICK = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
# Every world makes its tables anew.
_QUICK |= {"CreateTable", "DescribeTable"}
# moto takes a failed transaction back by writing what was there before it: another thread's write in between would be
# lost, as DynamoDB loses none.
_ONE_AT_A_TIME = RLock()
_JSON = {"Content-Type": "application/x-amz-json-1.0"}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    return b64encode(value).decode() if isinstance(value, bytes) else value.to_json()


@contextmanager
def quick_dynamodb() -> Iterator[None]:
    """DynamoDB without the detours, while this lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ActionResult, "execute_result", _written(ActionResult.execute_result))
        patch.setattr(responses, "method_names_from_class", cache(responses.method_names_from_class))  # type: ignore[attr-defined]
        patch.setattr(BotocoreStubber, "process_request", _led(BotocoreStubber.process_request))
        patch.setattr(RequestSigner, "handler", _unsigned(RequestSigner.handler))
        patch.setattr(DynamoDBBackend, "transact_write_items", _with_few_copies(DynamoDBBackend.transact_write_items))
        patch.setattr(Table, "__deepcopy__", lambda table, memo: table, raising=False)
        yield


def _written(whole: Any) -> Any:
    """Answers about tables and items without moto's serializer."""

    def execute(self: ActionResult, context: ActionContext) -> Any:
        result = self.result
        quick = context.service_model.service_name == "dynamodb" and context.operation_model.name in _QUICK
        if not (quick and isinstance(result, dict)):
            return whole(self, context)
        return 200, dict(_JSON), json.dumps(result, default=_plain)

    return execute


def _led(whole: Any) -> Any:
    """Calls about tables and items straight to their action."""

    def process(self: BotocoreStubber, request: Any) -> Any:
        target = request.headers.get("X-Amz-Target", b"")
        service, _, operation = (target.decode() if isinstance(target, bytes) else target).partition(".")
        if not (service.startswith("DynamoDB_") and operation in _QUICK):
            return whole(self, request)
        handler = DynamoHandler()
        handler.headers = {"X-Amz-Target": f"{service}.{operation}", **_JSON}
        handler.querystring, handler.response_headers = {}, {"server": "amazon.com"}
        handler.current_account, handler.region = DEFAULT_ACCOUNT_ID, urlparse(request.url).netloc.split(".")[-3]
        handler.params = json.loads(request.body)
        with _ONE_AT_A_TIME:
            return handler.call_action()

    return process


def _unsigned(whole: Any) -> Any:
    def handle(self: RequestSigner, operation_name: Any = None, request: Any = None, **more: Any) -> Any:
        return None if self.signing_name == "dynamodb" else whole(self, operation_name, request, **more)

    return handle


def _with_few_copies(whole: Any) -> Any:
    """A transaction that takes back what it did to its own items; moto copies each table for it, whole."""

    def transact(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        touched = [_place(self, what) for item in transact_items for what in item.values()]
        before = [(rows, key, deepcopy(rows.get(key))) for rows, key in touched]
        try:
            whole(self, transact_items)
        except Exception:
            for rows, key, item in before:
                if item is None:
                    rows.pop(key, None)
                else:
                    rows[key] = item
            raise

    return transact


def _place(backend: DynamoDBBackend, what: Mapping[str, Any]) -> tuple[Any, DynamoType]:
    """Where an item of a transaction lies, or would lie: the rows, and its key among them."""
    table, given = backend.get_table(what["TableName"]), what.get("Key") or what["Item"]
    key = DynamoType(given[table.hash_key_attr])
    if table.range_key_attr is None:
        return table.items, key
    return table.items[key], DynamoType(given[table.range_key_attr])
