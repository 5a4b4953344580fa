"""moto, quicker: it walks through the shape of every value that DynamoDB answers, which is half of a proof's time.

DynamoDB's answers are JSON already, so they are written as they are. Refusals still go through moto's own code. The
methods of a class, which moto looks up for every call, are looked up once.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from moto.core import responses
from moto.core.responses import ActionContext, ActionResult

_ITEMS = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems"}


def _plain(value: Any) -> Any:
    return b64encode(value).decode() if isinstance(value, bytes) else value.to_json()


@contextmanager
def quick_dynamodb() -> Iterator[None]:
    """Answers of single items and queries without moto's serializer."""
    whole, names = ActionResult.execute_result, responses.method_names_from_class  # type: ignore[attr-defined]

    def execute(self: ActionResult, context: ActionContext) -> Any:
        result = self.result
        quick = context.service_model.service_name == "dynamodb" and context.operation_model.name in _ITEMS
        if not (quick and isinstance(result, dict)):
            return whole(self, context)
        body = json.dumps(result, default=_plain)
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, body

    ActionResult.execute_result = execute  # type: ignore[method-assign]
    responses.method_names_from_class = cache(names)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ActionResult.execute_result = whole  # type: ignore[method-assign]
        responses.method_names_from_class = names  # type: ignore[attr-defined]
