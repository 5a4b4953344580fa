"""Indexes of tables come and go one by one: before anything reads them, after nothing does."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.build import Package
from infra.changes import Changes
from infra.deployment import Deployment
from infra.indexes import indexes_of, steps, wait_until_built
from infra.stack import Stopped
from tests.deploy.conftest import DEV, REGION, account

NAMES = ("a", "b", "c")


def a_table(*indexes: str) -> dict[str, Any]:
    keys = [{"AttributeName": "id", "KeyType": "HASH"}]
    declared = [
        {"IndexName": each, "KeySchema": [{"AttributeName": f"by_{each}", "KeyType": "HASH"}]} for each in indexes
    ]
    attributes = [{"AttributeName": each, "AttributeType": "S"} for each in ("id", *(f"by_{each}" for each in indexes))]
    properties = {"KeySchema": keys, "AttributeDefinitions": attributes}
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": properties | ({"GlobalSecondaryIndexes": declared} if declared else {}),
    }


def a_template(version: str, **tables: tuple[str, ...]) -> dict[str, Any]:
    made = {name: a_table(*indexes) for name, indexes in tables.items()}
    return {"Resources": {**made, "Enter": {"Type": "AWS::Lambda::Function", "Properties": {"Version": version}}}}


some_indexes = st.lists(st.sampled_from(NAMES), unique=True).map(tuple)


@given(old=st.tuples(some_indexes, some_indexes), new=st.tuples(some_indexes, some_indexes))
def test_each_update_changes_one_index_of_a_table_and_functions_meet_all_that_they_read(
    old: tuple[Any, Any], new: tuple[Any, Any]
) -> None:
    before, after = a_template("old", Cases=old[0], Money=old[1]), a_template("new", Cases=new[0], Money=new[1])
    untouched = deepcopy((before, after))
    way = steps(before, after)
    assert (before, after) == untouched
    assert bool(way) is (set(old[0]) != set(new[0]) or set(old[1]) != set(new[1]))
    here = before
    for step in way:
        there = step.template
        for name, reads in (("Cases", {"old": old[0], "new": new[0]}), ("Money", {"old": old[1], "new": new[1]})):
            was, is_ = indexes_of(here["Resources"][name]), indexes_of(there["Resources"][name])
            assert len(was.keys() ^ is_.keys()) <= 1
            running = there["Resources"]["Enter"]["Properties"]["Version"]
            assert set(reads[running]) <= is_.keys()
            # What is told of attributes is what the keys need, no less and no more.
            keys = {"id", *(f"by_{each}" for each in is_)}
            told = there["Resources"][name]["Properties"]["AttributeDefinitions"]
            assert {each["AttributeName"] for each in told} == keys
            if was.keys() != is_.keys() and was.keys() < is_.keys():
                assert running == "old", "it is built before the functions change"
        assert step.changes_indexes_alone is (here["Resources"]["Enter"] == there["Resources"]["Enter"])
        here = there
    if way:
        for name in ("Cases", "Money"):
            assert indexes_of(here["Resources"][name]) == indexes_of(after["Resources"][name])


class Building:
    """DynamoDB, which builds an index for so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def describe_table(self, TableName: str) -> Any:  # noqa: N803 - as boto3 names it
        self.looks -= 1
        status = "CREATING" if self.looks >= 0 else "ACTIVE"
        return {"Table": {"GlobalSecondaryIndexes": [{"IndexName": "desk", "IndexStatus": status}]}}


def test_an_index_is_waited_for_and_each_minute_says_so() -> None:
    said, paused = list[str](), list[float]()
    wait_until_built(Building(13), ["batal-dev-cases"], said.append, paused.append)
    assert sum(paused) == 65
    line = "being built for {} min: desk of batal-dev-cases (CREATING)"
    assert [each.strip() for each in said] == [line.format(0), line.format(1)]
    with pytest.raises(Stopped, match="Still being built after an hour: desk of batal-dev-cases"):
        wait_until_built(Building(1_000), ["batal-dev-cases"], said.append, paused.append)


def test_two_indexes_more_and_one_less_are_four_updates_and_one_question(package: Package, tmp_path: Path) -> None:
    """moto, like DynamoDB, refuses two changes of a table's indexes at once."""
    said, asked = list[str](), list[None]()
    with account(package):
        stack = Deployment(boto3.Session(region_name=REGION), DEV, say=said.append)
        stack.deploy({"SenderEmail": "first@example.com", "KeepData": "false"}, lambda: True, tmp_path)
        template = stack._stack.template()
        (bucket,) = (
            each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"] if "packages" in each["Name"]
        )
        changed = deepcopy(json.loads(json.dumps(template)))
        properties = changed["Resources"]["Cases"]["Properties"]
        *kept, gone = properties["GlobalSecondaryIndexes"]
        more = [{**deepcopy(gone), "IndexName": name} for name in ("first", "second")]
        properties["GlobalSecondaryIndexes"] = [*kept, *more]

        changes = Changes(stack.session, stack._stack, bucket, {"app": "batal"})
        changes.update(changed, stack.parameters(), lambda: asked.append(None) or True)  # type: ignore[func-returns-value]
        table = boto3.client("dynamodb", region_name=REGION).describe_table(TableName="batal-dev-cases")["Table"]
        running = stack._stack.template()
    assert {each["IndexName"] for each in table["GlobalSecondaryIndexes"]} == {
        *(each["IndexName"] for each in kept),
        "first",
        "second",
    }
    assert indexes_of(running["Resources"]["Cases"]).keys() == indexes_of(changed["Resources"]["Cases"]).keys()
    assert len(asked) == 1
    assert [line for line in said if line.endswith(("of Cases.", "else."))] == [
        "Building index first of Cases.",
        "Building index second of Cases.",
        "Everything else.",
        f"Removing index {gone['IndexName']} of Cases.",
    ]
