"""What DynamoDB charges for a call, worked out from the items as they lie in moto before and after it.

A read item costs half a unit for each started 4 KB, and twice that where it must be the latest; a query reads its items
together, and at least one such piece.

A written item costs a unit for each started KB of it as it was or as it is, whichever is larger: an update of one
attribute as well, and what is refused as much; twice that in a transaction. Beside it each index costs a unit for each
started KB of its entry that came, went or changed, and two where its key changed; nothing where the entry is the same
(AWS: "Write considerations for Global Secondary Indexes").
"""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID  # type: ignore[attr-defined]
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

Attributes = Mapping[str, tuple[str, int]]  # what each is, and its bytes, name and all


@dataclass(slots=True)
class Used:
    """Units that a call took: of writes, of these the indexes', and halves of reads."""

    writes: int = 0
    of_indexes: int = 0
    half_reads: int = 0


@contextmanager
def charging(operation: str, params: Mapping[str, Any]) -> Iterator[Used]:
    """What the call within writes, known once it is over."""
    writes = list(_writes(operation, params))
    before = [_attributes(write) for write in writes]
    used = Used()
    try:
        yield used
    finally:
        times = 2 if operation == "TransactWriteItems" else 1
        for write, was in zip(writes, before, strict=True):
            becomes = _attributes(write)
            used.of_indexes += sum(_of_index(index, was, becomes) for index in _table(write).global_indexes)
            used.writes += times * max(_kilobytes(was), _kilobytes(becomes))
        used.writes += used.of_indexes


def half_reads(operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]) -> int:
    """Halves of units that a call read, by what it was answered: what a filter or a projection left out is not seen."""
    if operation == "GetItem":
        return _pieces([answer.get("Item", {})], params)
    if operation == "Query":
        return _pieces(answer.get("Items", ()), params)
    if operation == "BatchGetItem":
        found = answer["Responses"]
        # Of those that are not there each counts as a small one.
        there = {
            table: [*found.get(table, ()), *[{}] * len(asked["Keys"])]
            for table, asked in params["RequestItems"].items()
        }
        return sum(
            _pieces([item], asked)
            for table, asked in params["RequestItems"].items()
            for item in there[table][: len(asked["Keys"])]
        )
    return 0


def _pieces(items: Sequence[Mapping[str, Any]], asked: Mapping[str, Any]) -> int:
    size = sum(len(name) + _bytes(DynamoType(value)) for item in items for name, value in item.items())
    return max(1, math.ceil(size / 4096)) * (2 if asked.get("ConsistentRead") else 1)


def _writes(operation: str, params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            yield from item.values()
    elif operation == "BatchWriteItem":
        for table, requests in params["RequestItems"].items():
            for request in requests:
                for what in request.values():
                    yield {"TableName": table, **what}
    elif operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield params


def _table(write: Mapping[str, Any]) -> Any:
    region = os.environ["AWS_DEFAULT_REGION"]
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][region].tables[write["TableName"]]


def _attributes(write: Mapping[str, Any]) -> Attributes:
    table, given = _table(write), write.get("Key") or write["Item"]
    item = table.get_item(*(DynamoType(given[name]) for name in table.table_key_attrs))
    return (
        {name: (repr(value.to_json()), len(name) + _bytes(value)) for name, value in item.attrs.items()} if item else {}
    )


def _bytes(value: Any) -> int:
    # moto keeps some binary values as Base64.
    size: int = value.size()
    return size * 3 // 4 if value.type == "B" and isinstance(value.value, str) else size


def _kilobytes(item: Attributes) -> int:
    """Started KB; 1 where there is no item."""
    return max(1, math.ceil(sum(size for _, size in item.values()) / 1024))


def _of_index(index: Any, was: Attributes, becomes: Attributes) -> int:
    former, entry = (_entry(index, item) for item in (was, becomes))
    if former == entry:
        return 0
    if former and entry and any(former[name] != entry[name] for name in index.schema_key_attrs):
        return _kilobytes(former) + _kilobytes(entry)
    return max(_kilobytes(former), _kilobytes(entry))


def _entry(index: Any, item: Attributes) -> Attributes:
    """The item as the index has it; nothing where it lacks the index's key."""
    keys: Sequence[str] = index.schema_key_attrs
    if any(name not in item for name in keys):
        return {}
    if index.projection["ProjectionType"] == "ALL":
        return item
    held = {*keys, *index.table_key_attrs, *index.projection.get("NonKeyAttributes", ())}
    return {name: value for name, value in item.items() if name in held}
