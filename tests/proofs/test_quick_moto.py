"""The quicker DynamoDB answers what moto answers, and a refused transaction leaves nothing behind in either."""

from contextlib import nullcontext
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.proofs.quick_moto import quick_dynamodb

NAME = "things"
KEYS = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "part", "KeyType": "RANGE"}]
ATTRIBUTES = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "part")]


def key(thing: str, part: str = "a") -> dict[str, Any]:
    return {"id": {"S": thing}, "part": {"S": part}}


def item(thing: str, part: str = "a", n: int = 1) -> dict[str, Any]:
    return {**key(thing, part), "n": {"N": str(n)}, "map": {"M": {"x": {"L": [{"S": "y"}, {"NULL": True}]}}}}


def put(thing: str, part: str = "a", n: int = 1, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": NAME, "Item": item(thing, part, n), **more}}


def raised(thing: str, by: int) -> dict[str, Any]:
    clause = {"UpdateExpression": "SET n = n + :by", "ExpressionAttributeValues": {":by": {"N": str(by)}}}
    return {"Update": {"TableName": NAME, "Key": key(thing), **clause}}


def removed(thing: str) -> dict[str, Any]:
    return {"Delete": {"TableName": NAME, "Key": key(thing)}}


ONLY_NEW: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(id)"}
REFUSED = [raised("one", 5), removed("two"), put("new"), put("one", "b", **ONLY_NEW), put("three", **ONLY_NEW)]
TWICE = [raised("one", 5), put("new"), raised("one", 5)]
TAKEN = [raised("one", 5), removed("two"), put("new", **ONLY_NEW)]


def heard(client: Any, operation: str, **given: Any) -> Any:
    """The answer, or the refusal, without what differs from call to call."""
    try:
        answer = getattr(client, operation)(**given)
    except ClientError as error:
        answer = {**error.response, "code": error.response["Error"]["Code"]}
    answer.pop("ResponseMetadata")
    answer.get("Table", {}).pop("CreationDateTime", None)
    return answer


def everything_said(quick: bool) -> tuple[list[Any], list[Any]]:
    """What a run of calls is answered, and what stands in the table after each."""
    with mock_aws(), quick_dynamodb() if quick else nullcontext():
        client: Any = boto3.client("dynamodb", region_name="ap-southeast-1")
        client.create_table(
            TableName=NAME, KeySchema=KEYS, AttributeDefinitions=ATTRIBUTES, BillingMode="PAY_PER_REQUEST"
        )
        calls: list[tuple[str, dict[str, Any]]] = [
            *(("put_item", {"TableName": NAME, "Item": item(thing)}) for thing in ("one", "two", "three")),
            ("put_item", {"TableName": NAME, "Item": item("one"), **ONLY_NEW}),
            ("put_item", {"TableName": NAME, "Item": {"id": {"S": "no part"}}}),
            ("put_item", {"TableName": "elsewhere", "Item": item("one")}),
            *(("transact_write_items", {"TransactItems": items}) for items in (REFUSED, TWICE, TAKEN)),
            ("get_item", {"TableName": NAME, "Key": key("one"), "ConsistentRead": True}),
            ("get_item", {"TableName": NAME, "Key": key("nobody")}),
            ("batch_get_item", {"RequestItems": {NAME: {"Keys": [key("one"), key("new"), key("nobody")]}}}),
            (
                "query",
                {
                    "TableName": NAME,
                    "KeyConditionExpression": "id = :id",
                    "ExpressionAttributeValues": {":id": {"S": "one"}},
                },
            ),
            ("update_item", {**raised("one", 1)["Update"], "ReturnValues": "ALL_NEW"}),
            ("update_item", {**raised("one", 1)["Update"], "ConditionExpression": "attribute_not_exists(id)"}),
            ("delete_item", {"TableName": NAME, "Key": key("one"), "ReturnValues": "ALL_OLD"}),
            ("describe_table", {"TableName": NAME}),
            ("describe_table", {"TableName": "elsewhere"}),
        ]
        said, held = [], []
        for operation, given in calls:
            said.append(heard(client, operation, **given))
            held.append(client.scan(TableName=NAME)["Items"])
        return said, held


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")


def test_it_answers_and_keeps_what_moto_does() -> None:
    assert everything_said(quick=True) == everything_said(quick=False)


def test_a_refused_transaction_leaves_every_item_as_it_was() -> None:
    said, held = everything_said(quick=True)
    assert [each.get("code") for each in said[6:9]] == ["TransactionCanceledException", "ValidationException", None]
    assert held[5] == held[6] == held[7]
    assert held[8] != held[7]
