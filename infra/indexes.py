"""Indexes of tables, one change at a time: CloudFormation adds or removes one of a table in an update, goes on before
DynamoDB has built it, and the functions of that same update would read what is not there yet.

So what is added comes first, in updates of the running template that change nothing else; each waits until the index is
ACTIVE. What goes leaves last, when no function reads it any more.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from infra.stack import Stopped

TABLE = "AWS::DynamoDB::Table"
_LOOK_EVERY, _TELL_EVERY, _PATIENCE = 5, 60, 3600  # seconds

Template = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One update: what it does, the template that it leads to, and whether functions and what they are told stay."""

    does: str
    template: dict[str, Any]
    changes_indexes_alone: bool = True


def indexes_of(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table's indexes by name, as its template has them."""
    declared = table["Properties"].get("GlobalSecondaryIndexes", ())
    # A reference to nothing is a mapping, where indexes are a list.
    return {} if isinstance(declared, Mapping) else {each["IndexName"]: each for each in declared}


def steps(before: Template, after: Template) -> list[Step]:
    """The updates that lead from one template to the other; none where no index changes, and one update does it."""
    added, gone = _more(before, after), _more(after, before)
    if not added and not gone:
        return []
    way, reached = list[Step](), deepcopy(dict(before))
    for round_ in _rounds(added):
        for table, index in round_:
            _put(reached["Resources"][table], after["Resources"][table], index)
        way.append(Step(f"Building {_names(round_)}", deepcopy(reached)))
    reached = deepcopy(dict(after))
    leaving = _rounds(gone)
    for table, index in [each for round_ in leaving for each in round_]:
        _put(reached["Resources"][table], before["Resources"][table], index)
    way.append(Step("Everything else", deepcopy(reached), changes_indexes_alone=False))
    for round_ in leaving:
        for table, index in round_:
            _take(reached["Resources"][table], after["Resources"][table], index)
        way.append(Step(f"Removing {_names(round_)}", deepcopy(reached)))
    return way


def wait_until_built(
    client: Any, tables: list[str], say: Callable[[str], None], pause: Callable[[float], None]
) -> None:
    """Until every index of these tables is ACTIVE, an hour at most; says each minute what is being built. Raises
    Stopped after that."""
    waited = 0
    while building := sorted(each for table in tables for each in _building(client, table)):
        if waited >= _PATIENCE:
            raise Stopped(
                f"Still being built after an hour: {', '.join(building)}. AWS goes on with it, all runs as before, and"
                " nothing else was changed: say the same again later."
            )
        if waited % _TELL_EVERY == 0:
            say(f"  being built for {waited // _TELL_EVERY} min: {', '.join(building)}")
        pause(_LOOK_EVERY)
        waited += _LOOK_EVERY


def _building(client: Any, table: str) -> Iterator[str]:
    for each in client.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", ()):
        if (status := each.get("IndexStatus", "ACTIVE")) != "ACTIVE":
            yield f"{each['IndexName']} of {table} ({status})"


def _more(few: Template, many: Template) -> dict[str, list[str]]:
    """What `many` has of indexes beyond `few`, of the tables of both."""
    tables = [name for name, each in many["Resources"].items() if each["Type"] == TABLE and name in few["Resources"]]
    found = {
        name: sorted(indexes_of(many["Resources"][name]).keys() - indexes_of(few["Resources"][name]).keys())
        for name in tables
    }
    return {name: each for name, each in found.items() if each}


def _rounds(changes: Mapping[str, list[str]]) -> list[list[tuple[str, str]]]:
    """One index of each table at a time."""
    most = max(map(len, changes.values()), default=0)
    return [[(table, each[at]) for table, each in sorted(changes.items()) if at < len(each)] for at in range(most)]


def _names(round_: list[tuple[str, str]]) -> str:
    return ", ".join(f"index {index} of {table}" for table, index in round_)


def _put(table: dict[str, Any], source: Mapping[str, Any], index: str) -> None:
    kept = [*indexes_of(table).values(), indexes_of(source)[index]]
    _set(table, kept, source["Properties"]["AttributeDefinitions"])


def _take(table: dict[str, Any], source: Mapping[str, Any], index: str) -> None:
    kept = [each for name, each in indexes_of(table).items() if name != index]
    _set(table, kept, source["Properties"]["AttributeDefinitions"])


def _set(table: dict[str, Any], indexes: list[Any], more: list[Any]) -> None:
    """DynamoDB refuses attributes that are no part of a key, and keys whose attributes are not told."""
    properties = table["Properties"]
    keys = [*properties["KeySchema"], *(key for each in indexes for key in each["KeySchema"])]
    used = {key["AttributeName"] for key in keys}
    known = {each["AttributeName"]: each for each in (*more, *properties["AttributeDefinitions"])}
    properties["AttributeDefinitions"] = [known[name] for name in sorted(used)]
    if indexes:
        properties["GlobalSecondaryIndexes"] = deepcopy(indexes)
    else:
        properties.pop("GlobalSecondaryIndexes", None)
