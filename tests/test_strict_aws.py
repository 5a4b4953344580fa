"""The limits that all tests are held to: each refuses what AWS refuses, and takes what AWS takes."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.adapters.dynamodb import DynamoStore
from tests import strict_aws


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-3")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with mock_aws():
        DynamoStore(prefix="strict-").create_tables()
        yield boto3.client("dynamodb")


def refused(call: Any, **params: Any) -> str:
    with strict_aws.forgiven() as meant, pytest.raises(ClientError) as refusal:
        call(**params)
    assert len(meant) == 1, "a refusal is remembered, so that nobody can swallow it"
    assert refusal.value.response["Error"]["Code"] == "ValidationException"
    return meant[0]


def test_an_expression_has_at_most_4096_bytes(tables: Any) -> None:
    key = {"order_id": {"S": "x"}}
    clauses = ", ".join(f"a.b{number} = :v" for number in range(400))
    why = refused(
        tables.update_item,
        TableName="strict-orders",
        Key=key,
        UpdateExpression=f"SET {clauses}",
        ExpressionAttributeValues={":v": {"N": "1"}},
    )
    assert "UpdateExpression" in why


def test_an_item_has_at_most_400_kilobytes(tables: Any) -> None:
    item = {"key": {"S": "x"}, "body": {"S": "x" * (400 * 1024)}}
    assert "item of" in refused(tables.put_item, TableName="strict-keys", Item=item)


def test_a_transaction_has_at_most_a_hundred_actions(tables: Any) -> None:
    puts = [{"Put": {"TableName": "strict-keys", "Item": {"key": {"S": str(number)}}}} for number in range(101)]
    assert "transaction of 101" in refused(tables.transact_write_items, TransactItems=puts)


@pytest.mark.parametrize(("size", "fits"), [(1024, True), (1025, False)])
def test_a_sort_key_has_at_most_1024_bytes(tables: Any, size: int, fits: bool) -> None:
    row = {"case_id": {"S": "x"}, "sk": {"S": "y" * size}}
    if fits:
        tables.put_item(TableName="strict-cases", Item=row)
    else:
        assert "key sk" in refused(tables.put_item, TableName="strict-cases", Item=row)


def test_a_key_of_an_index_that_is_updated_has_its_size_too(tables: Any) -> None:
    why = refused(
        tables.update_item,
        TableName="strict-orders",
        Key={"order_id": {"S": "x"}},
        UpdateExpression="SET #a = :a, #b = :b",
        ExpressionAttributeNames={"#a": "status", "#b": "placed"},
        ExpressionAttributeValues={":a": {"S": "z" * 5000}, ":b": {"S": "z" * 1025}},
    )
    assert "key placed" in why


def test_attributes_of_keys_are_never_empty(tables: Any) -> None:
    row = {"case_id": {"S": "x"}, "sk": {"S": "ROW"}, "buyer_id": {"S": ""}, "created": {"S": "2026"}}
    assert "buyer_id" in refused(tables.put_item, TableName="strict-cases", Item=row)


@pytest.mark.parametrize(
    "start",
    [
        {"buyer_id": {"S": "budi"}, "placed": {"S": "2026"}},
        {"buyer_id": {"S": "ani"}, "placed": {"S": "2026"}, "order_id": {"S": "x"}},
        {"order_id": {"S": "x"}},
    ],
)
def test_a_cursor_is_a_key_of_what_is_read(tables: Any, start: Any) -> None:
    why = refused(
        tables.query,
        TableName="strict-orders",
        IndexName="by_buyer",
        KeyConditionExpression="#h = :h",
        ExpressionAttributeNames={"#h": "buyer_id"},
        ExpressionAttributeValues={":h": {"S": "budi"}},
        ExclusiveStartKey=start,
    )
    assert "starting key" in why


def test_keys_of_a_batch_are_named_once(tables: Any) -> None:
    keys = [{"order_id": {"S": "x"}}] * 2
    assert "duplicates" in refused(tables.batch_get_item, RequestItems={"strict-orders": {"Keys": keys}})


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("events", "PutEvents", {"Entries": [{"Detail": "x" * 257 * 1024}]}),
        ("events", "PutEvents", {"Entries": [{"Detail": "x" * 30 * 1024}] * 9}),
        ("events", "PutEvents", {"Entries": [{"Detail": "{}"}] * 11}),
        ("stepfunctions", "StartExecution", {"input": "x" * 257 * 1024}),
        ("stepfunctions", "SendTaskSuccess", {"output": "x" * 257 * 1024}),
        ("lambda", "Invoke", {"Payload": b"x" * 7 * 1024 * 1024}),
    ],
)
def test_payloads_have_their_limits(service: str, operation: str, params: Any) -> None:
    with pytest.raises(strict_aws.TooMuch):
        strict_aws.check_request(service, operation, params)


def test_what_is_within_the_limits_is_let_through(tables: Any) -> None:
    tables.put_item(TableName="strict-keys", Item={"key": {"S": "x"}, "body": {"S": "x" * 100_000}})
    strict_aws.check_request("events", "PutEvents", {"Entries": [{"Detail": "x" * 20 * 1024}] * 10})
