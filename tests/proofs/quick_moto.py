"""moto's DynamoDB, quicker: around each of its actions moto spends as much again on HTTP and shapes.

The actions, their validation and their refusals stay moto's. Cut is what surrounds them: a request is led to its action
without being made into a request of werkzeug's and read by its shape, and answers, which are JSON already, are written
as they are. Nothing is signed, as moto looks at no signature. `test_quick_moto.py` holds it to moto's answers; in full,
`tests/contract` meets moto itself.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
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
