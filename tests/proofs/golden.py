"""What a released version leaves behind in the middle of its waits: rows, tokens, tickets, as they lie in the tables.

`python -m tests.proofs.golden` writes golden/<version>.json from the code as it is. A file, once released, is never
written again: later versions must go on from it (test_deploy_in_the_middle.py).
"""

import json
import sys
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.domain.cases.commands import Command
from infra.sandbox.builders import NOW, SUPPORT
from tests.proofs.scenarios import ask, pump, push, say, wait
from tests.proofs.step_functions import Execution
from tests.proofs.world import Laboratory, ProofWorld, laboratory

FOLDER = Path(__file__).parent / "golden"
EXECUTION = ("name", "given", "state", "data", "token", "status", "invoked")
TABLES = ("orders", "cases", "money", "settings", "keys")

# name: (the order, the steps up to the moment of the deploy)
MOMENTS: Mapping[str, tuple[Mapping[str, Any], tuple[Any, ...]]] = {
    "awaiting_seller": ({}, (ask, pump)),
    "awaiting_seller, nothing paid yet": ({}, (ask,)),
    "awaiting_support": ({}, (ask, pump, wait(86_403), pump)),
    "refunding": ({"tenders": {"card": 150_000}}, (ask, pump, say(Command.APPROVE), pump)),
    "closed": ({}, (ask, pump, say(Command.REJECT, reason_code="already_packed"), pump)),
    "instantly cancelled": ({"status": "placed", "placed_at": NOW - timedelta(minutes=5)}, (ask, pump)),
    "decided by support": (
        {},
        (ask, pump, wait(86_403), pump, say(Command.APPROVE, SUPPORT, note="seller is silent"), pump),
    ),
}


def left_behind(lab: Laboratory, name: str) -> dict[str, Any]:
    """The tables and the executions at that moment."""
    world = lab.world()
    order, steps = MOMENTS[name]
    push(world, **order)
    for step in steps:
        step(world)
    client = lab.store.tables.connection.client
    return {
        "at": world.clock().isoformat(),
        "tables": {table: client.scan(TableName=f"proof-{table}")["Items"] for table in TABLES},
        "executions": [
            {name: getattr(each, name) for name in EXECUTION} for each in world.executions.executions.values()
        ],
    }


def restored(lab: Laboratory, left: Mapping[str, Any]) -> ProofWorld:
    """A world that goes on from there with the code as it is now."""
    world = lab.world()
    world.clock.at = datetime.fromisoformat(left["at"])
    client = lab.store.tables.connection.client
    for table, items in left["tables"].items():
        for item in items:
            client.put_item(TableName=f"proof-{table}", Item=item)
    for kept in left["executions"]:
        execution = Execution(**kept)
        execution.waits_until = world.clock() + timedelta(seconds=execution.data["seconds"])
        world.executions.executions[execution.name] = execution
    return world


def main() -> None:
    """Write the file of the current version."""
    version = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["version"]
    with laboratory() as lab:
        content = {name: left_behind(lab, name) for name in MOMENTS}
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{version}.json"
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    sys.stdout.write(f"wrote {path}\n")


if __name__ == "__main__":
    main()
