"""How many calls and units a case takes of AWS: what grows turns red here, what shrinks as well, to be written down.

python -m infra.cost --json > tests/e2e/used.json
"""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.cost import STORIES, used
from infra.sandbox.world import world
from infra.units import charging, half_reads

KNOWN = json.loads(Path(__file__).with_name("used.json").read_text(encoding="utf-8"))


@pytest.mark.dynamodb
@pytest.mark.parametrize("story", STORIES)
def test_a_story_takes_as_many_calls_and_units_as_are_known(story: str) -> None:
    assert used(story) == KNOWN[story]


def test_all_that_is_known_is_looked_at() -> None:
    assert set(KNOWN) == set(STORIES)


TABLE: dict[str, Any] = {
    "TableName": "t",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in ("id", "buyer", "owner")],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": name,
            "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": kind, **more},
        }
        for name, kind, more in (("buyer", "KEYS_ONLY", {}), ("owner", "INCLUDE", {"NonKeyAttributes": ["card"]}))
    ],
}
HEAVY = "x" * 1500


def item(**attributes: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in {"id": "1", **attributes}.items()}


# What lies there, what is put instead, and what that costs: the item, and its entries in the two indexes.
WRITES = {
    "new, in no index": (None, item(), 1, 0),
    "new, in one": (None, item(buyer="a"), 1, 1),
    "larger than a KB": (None, item(more=HEAVY), 2, 0),
    "smaller than it was": (item(more=HEAVY), item(), 2, 0),
    "an index's key changes": (item(buyer="a"), item(buyer="b"), 1, 2),
    "an index's key goes": (item(buyer="a"), item(), 1, 1),
    "what no index holds": (item(buyer="a", owner="a"), item(buyer="a", owner="a", more="x"), 1, 0),
    "what one of them holds": (item(buyer="a", owner="a"), item(buyer="a", owner="a", card="x"), 1, 1),
    "what one holds of more than a KB": (item(owner="a"), item(owner="a", card=HEAVY), 2, 2),
    "nothing changes": (item(buyer="a", owner="a"), item(buyer="a", owner="a"), 1, 0),
}


@pytest.mark.dynamodb
@pytest.mark.parametrize("write", WRITES)
def test_a_write_costs_its_started_kilobytes_and_each_entry_of_an_index_that_changes(write: str) -> None:
    was, becomes, of_item, of_indexes = WRITES[write]
    with world():
        client = boto3.client("dynamodb")
        client.create_table(**TABLE)
        for operation, params, times in (
            ("PutItem", {"TableName": "t", "Item": becomes}, 1),
            ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "t", "Item": becomes}}]}, 2),
        ):
            client.delete_item(TableName="t", Key={"id": {"S": "1"}})
            if was:
                client.put_item(TableName="t", Item=was)
            with charging(operation, params) as charged:
                client._make_api_call(operation, params)
            assert (charged.writes, charged.of_indexes) == (times * of_item + of_indexes, of_indexes)


def test_reading_costs_half_a_unit_for_each_started_four_kilobytes_and_twice_that_for_the_latest() -> None:
    heavy = item(more="x" * 5000)
    assert half_reads("GetItem", {}, {"Item": item()}) == 1
    assert half_reads("GetItem", {"ConsistentRead": True}, {"Item": heavy}) == 4
    assert half_reads("GetItem", {}, {}) == 1
    assert half_reads("Query", {}, {"Items": [item(more="x" * 1000)] * 4}) == 1
    assert half_reads("Query", {}, {"Items": [heavy] * 2}) == 3
    asked: dict[str, Any] = {"RequestItems": {"t": {"Keys": [{}, {}, {}]}}}
    assert half_reads("BatchGetItem", asked, {"Responses": {"t": [heavy]}}) == 4
