"""AWS's limits, which moto does not have: whatever a test sends or is answered is measured against them.

On for all tests (conftest.py). A call beyond a limit is refused as AWS refuses it, so that the code behaves as it
would there, and is remembered: the test that made it fails, even where the refusal was swallowed. A test that goes
beyond a limit on purpose takes what was remembered with `forgiven`.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.client import BaseClient
from chalice.app import Chalice

KB, MB = 1024, 1024 * 1024

EXPRESSION = 4 * KB
PARTITION_KEY, SORT_KEY = 2048, 1024
ITEM = 400 * KB
TRANSACTION_ACTIONS, TRANSACTION = 100, 4 * MB
BATCH_GET, BATCH_WRITE = 100, 25
EVENTS, EVENTS_AT_ONCE = 256 * KB, 10
STATE_MACHINE_PAYLOAD = 256 * KB
LAMBDA_ANSWER = 6 * MB
MAIL_HEADERS = 15

_EXPRESSIONS = (
    "UpdateExpression",
    "ConditionExpression",
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
)

_lock = threading.Lock()
_violations: list[str] = []
_make = BaseClient._make_api_call
_serve = Chalice.__call__


def watch() -> None:
    """Measure from now on, for as long as the process lives."""
    BaseClient._make_api_call = _strict
    Chalice.__call__ = _answer_fits  # type: ignore[assignment, method-assign]


def violations() -> list[str]:
    """What went beyond a limit since the last look."""
    with _lock:
        found = list(_violations)
        _violations.clear()
    return found


@contextmanager
def forgiven() -> Iterator[list[str]]:
    """What goes beyond a limit in here is meant; the list holds it afterwards."""
    meant: list[str] = []
    yield meant
    meant += violations()


class TooMuch(Exception):
    """What AWS would not take: the code of its refusal, and why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def _strict(client: Any, operation: str, params: dict[str, Any]) -> Any:
    service = client.meta.service_model.service_name
    try:
        check_request(service, operation, params)
        if service == "dynamodb":
            _check_with_table(client, operation, params)
    except TooMuch as beyond:
        _note(f"{service}.{operation}: {beyond}")
        refusal = {"Error": {"Code": beyond.code, "Message": str(beyond)}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise client.exceptions.from_code(beyond.code)(refusal, operation) from beyond
    # An item that an update makes too large is refused by moto itself.
    return _make(client, operation, params)


def _answer_fits(app: Any, event: Any, context: Any) -> Any:
    answer = _serve(app, event, context)
    size = len(json.dumps(answer, default=str))
    if size > LAMBDA_ANSWER:
        _note(f"lambda: {event.get('httpMethod')} {event.get('path')} answers {size} bytes")
        return {"statusCode": 502, "headers": {}, "body": '{"message": "Internal server error"}'}
    return answer


def _note(what: str) -> None:
    with _lock:
        _violations.append(what)


def check_request(service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Refuse a request that AWS would not take, whatever the tables hold. Raises TooMuch."""
    if service == "dynamodb":
        _check_dynamodb(operation, params)
    elif service == "events" and operation == "PutEvents":
        _check_events(params["Entries"])
    elif service == "stepfunctions":
        for name in ("input", "output"):
            _at_most(STATE_MACHINE_PAYLOAD, len(params.get(name, "").encode()), f"{name}", "ValidationException")
    elif service == "lambda" and operation == "Invoke":
        _at_most(LAMBDA_ANSWER, len(params.get("Payload", b"")), "payload", "RequestEntityTooLargeException")


def _check_dynamodb(operation: str, params: Mapping[str, Any]) -> None:
    for part in _writes(operation, params) or [params]:
        for name in _EXPRESSIONS:
            _at_most(EXPRESSION, len(part.get(name, "").encode()), name)
    if operation == "TransactWriteItems":
        _check_transaction(params["TransactItems"])
    for item in _whole_items(operation, params):
        _at_most(ITEM, size_of(item), "item")
    if operation == "BatchGetItem":
        _check_keys([key for each in params["RequestItems"].values() for key in each["Keys"]])
    if operation == "BatchWriteItem":
        _at_most(BATCH_WRITE, sum(len(each) for each in params["RequestItems"].values()), "batch")


def _check_transaction(items: list[dict[str, Any]]) -> None:
    _at_most(TRANSACTION_ACTIONS, len(items), "transaction")
    _at_most(TRANSACTION, len(json.dumps(items, default=str)), "transaction in bytes")


def _check_keys(keys: list[Mapping[str, Any]]) -> None:
    _at_most(BATCH_GET, len(keys), "batch")
    if len({json.dumps(key, sort_keys=True) for key in keys}) < len(keys):
        raise TooMuch("ValidationException", "Provided list of item keys contains duplicates")


def _check_events(entries: list[Mapping[str, Any]]) -> None:
    _at_most(EVENTS_AT_ONCE, len(entries), "entries")
    for entry in entries:
        # The sizes that EventBridge adds up: fourteen bytes of a time, then source, type and detail.
        size = 14 + sum(len(entry.get(name, "").encode()) for name in ("Source", "DetailType", "Detail"))
        _at_most(EVENTS, size, "entry")
    _at_most(EVENTS, sum(len(entry.get("Detail", "").encode()) for entry in entries), "entries in bytes")


def _check_with_table(client: Any, operation: str, params: Mapping[str, Any]) -> None:
    """What needs the table's keys: attributes of keys are never empty, and a cursor is a key of what is read."""
    for write in _writes(operation, params):
        schema = _keys_of(client, write["TableName"])
        if schema is None:
            continue
        for name in {each for keys in schema.values() for each in keys}:
            for value in (write.get("Item", {}).get(name), write.get("Key", {}).get(name)):
                if value in ({"S": ""}, {"B": b""}):
                    raise TooMuch("ValidationException", f"an empty value is not allowed for key {name}")
            _updated_key_is_filled(write, name)
        _keys_fit(write, schema)
    if operation == "Query" and "ExclusiveStartKey" in params:
        _cursor_is_a_key(client, params)


def _keys_fit(write: Mapping[str, Any], schema: Mapping[str, list[str]]) -> None:
    """What is put or updated as a key of the table or of an index is no longer than a key may be."""
    values = {**write.get("Item", {}), **write.get("Key", {}), **_updated(write)}
    for keys in schema.values():
        for name, most in zip(keys, (PARTITION_KEY, SORT_KEY), strict=False):
            if name in values:
                _at_most(most, _size_of_value(values[name]), f"key {name}")


def _updated(write: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that an update sets to a value, by name."""
    names, values = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
    clauses = (clause.partition("=") for clause in write.get("UpdateExpression", "").removeprefix("SET ").split(", "))
    return {
        names.get(place.strip(), place.strip()): values[value.strip().split(" ")[0]]
        for place, _, value in clauses
        if value.strip().split(" ")[0] in values
    }


def _updated_key_is_filled(write: Mapping[str, Any], name: str) -> None:
    """An update that empties an attribute which an index has for a key."""
    names, values = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
    places = {place for place, attribute in names.items() if attribute == name}
    for clause in write.get("UpdateExpression", "").removeprefix("SET ").split(", "):
        place, _, value = (each.strip() for each in clause.partition("="))
        if place in places and values.get(value.split(" ")[0]) == {"S": ""}:
            raise TooMuch("ValidationException", f"an empty value is not allowed for index key {name}")


def _cursor_is_a_key(client: Any, params: Mapping[str, Any]) -> None:
    schema = _keys_of(client, params["TableName"])
    if schema is None:
        return
    start = params["ExclusiveStartKey"]
    index = schema[params.get("IndexName", "")]
    if set(start) != {*schema[""], *index}:
        raise TooMuch("ValidationException", "The provided starting key is invalid")
    names, values = params.get("ExpressionAttributeNames", {}), params["ExpressionAttributeValues"]
    place, _, value = params["KeyConditionExpression"].partition(" AND ")[0].strip("()").partition(" = ")
    if names.get(place, place) == index[0] and start[index[0]] != values[value.strip()]:
        raise TooMuch("ValidationException", "The provided starting key is outside query boundaries")


def _keys_of(client: Any, table: str) -> dict[str, list[str]] | None:
    """The key attributes of moto's table (under an empty name) and of its indexes; None where it is not moto's."""
    found = _moto_table(client, table)
    if found is None:
        return None
    keys = {"": [each["AttributeName"] for each in found.schema]}
    return keys | {
        index.name: [each["AttributeName"] for each in index.schema]
        for index in (*found.indexes, *found.global_indexes)
    }


def _moto_table(client: Any, table: str) -> Any:
    from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
    from moto.dynamodb.models import dynamodb_backends

    if "amazonaws.com" not in client.meta.endpoint_url:
        return None
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][client.meta.region_name].tables.get(table)


def _writes(operation: str, params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if operation == "TransactWriteItems":
        return [what for item in params["TransactItems"] for what in item.values()]
    return [params] if operation in ("PutItem", "UpdateItem", "DeleteItem") else []


def _whole_items(operation: str, params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [write["Item"] for write in _writes(operation, params) if "Item" in write]


def size_of(value: Any) -> int:
    """What DynamoDB counts of an item in its own form: names and texts in UTF-8, numbers by their digits, one byte for
    each value of a list or a map, and three for the list or map itself."""
    if not isinstance(value, Mapping):
        return len(str(value).encode())
    return sum(len(name.encode()) + _size_of_value(each) for name, each in value.items())


def _size_of_value(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return len(value) // 2 + 2
    if kind == "B":
        return len(value)
    if kind == "L":
        return 3 + sum(1 + _size_of_value(each) for each in value)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _size_of_value(each) for name, each in value.items())
    return sum(len(str(each)) for each in value) if isinstance(value, (list, set)) else 1


def _at_most(limit: int, size: int, what: str, code: str = "ValidationException") -> None:
    if size > limit:
        raise TooMuch(code, f"{what} of {size}, at most {limit}")
