"""What a stack's tables may become, held against the tables of the last release.

CloudFormation changes no key and no index: it would make the table anew. Indexes that come or go do so one by one
(infra/indexes.py).
`python -m tests.deploy.test_tables_of_the_last_release` writes released_tables.json; only a release does that.
"""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.indexes import indexes_of

RELEASED = Path(__file__).parent / "released_tables.json"
Tables = dict[str, dict[str, Any]]


def tables_of(template: dict[str, Any]) -> Tables:
    """Keys, indexes and the types of key attributes, by the table's logical name."""
    return {
        name: {
            "keys": resource["Properties"]["KeySchema"],
            "types": {
                each["AttributeName"]: each["AttributeType"] for each in resource["Properties"]["AttributeDefinitions"]
            },
            "indexes": {
                index: {"keys": each["KeySchema"], "projection": each["Projection"]}
                for index, each in indexes_of(resource).items()
            },
        }
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def impossible(before: Tables, after: Tables) -> list[str]:
    """Why CloudFormation would refuse this update, or lose data by it."""
    wrong = [f"{name} is gone" for name in before if name not in after]
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        if old["keys"] != new["keys"]:
            wrong.append(f"{name}: its key changed")
        wrong += [
            f"{name}: {each} has another type"
            for each, kind in old["types"].items()
            if new["types"].get(each, kind) != kind
        ]
        indexes = old["indexes"], new["indexes"]
        changed = [each for each in indexes[0].keys() & indexes[1].keys() if indexes[0][each] != indexes[1][each]]
        wrong += [f"{name}: index {each} changed" for each in changed]
    return sorted(wrong)


def test_the_last_releases_tables_can_become_ours(template: dict[str, Any]) -> None:
    assert impossible(json.loads(RELEASED.read_text()), tables_of(template)) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda tables: tables.pop("Money"), "Money is gone"),
        (lambda tables: tables["Cases"]["keys"].reverse(), "Cases: its key changed"),
        (lambda tables: tables["Cases"]["types"].update(case_id="N"), "Cases: case_id has another type"),
        (lambda tables: tables["Cases"]["indexes"]["due"].update(projection={"ProjectionType": "ALL"}), "due changed"),
    ],
)
def test_a_table_that_cannot_be_reached_is_seen(change: Any, why: str) -> None:
    before = json.loads(RELEASED.read_text())
    after = copy.deepcopy(before)
    change(after)
    assert [each for each in impossible(before, after) if why in each]


def main() -> None:
    """Write the tables of the packaged template, as it is now."""
    template = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    RELEASED.write_text(json.dumps(tables_of(template), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
