"""What a released version leaves behind in the middle of its waits: rows, tokens, tickets, as they lie in the tables.

`python -m tests.proofs.golden NAME` writes golden/NAME.json, one of FILES, from the code as it is; the name begins with
its version. A file, once released, is never written again: later versions must go on from it
(test_deploy_in_the_middle.py) and read it (test_deploy_reads_back.py, test_deploy_keeps_words.py).
"""

import json
import logging
import sys
import tomllib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from chalicelib.domain.cases.case import Case
from tests.proofs.golden_moments import (
    BOOKED,
    HEARD,
    IN_PARTS,
    MOMENTS,
    MORE,
    NEXT,
    ON_THE_DESK,
    SEEN,
    TOLD,
    URGED,
    Moments,
    latest,
)
from tests.proofs.scenarios import push
from tests.proofs.step_functions import Execution
from tests.proofs.world import Laboratory, ProofWorld, laboratory

FOLDER = Path(__file__).parent / "golden"
EXECUTION = ("name", "given", "state", "data", "token", "status", "invoked")
TABLES = ("orders", "cases", "money", "settings", "keys")

# One file each. A later version adds its own; the sets of released files stay as they are.
FILES: Mapping[str, Moments] = {
    "0.1.0": MOMENTS,
    "0.1.0-more": MORE,
    "0.2.0": NEXT,
    "0.3.0": SEEN,
    "0.4.0": TOLD,
    "0.5.0": BOOKED,
    "0.6.0": IN_PARTS,
    "0.7.0": ON_THE_DESK,
    "0.8.0": HEARD,
    "0.9.0": URGED,
}


def left_behind(lab: Laboratory, moments: Moments, name: str) -> dict[str, Any]:
    """The tables and the executions at that moment, and what the world outside had heard by then."""
    world = lab.world()
    order, steps = moments[name]
    push(world, **order)
    for step in steps:
        step(world)
    client = lab.store.tables.connection.client
    return {
        "at": world.clock().isoformat(),
        "tables": {table: client.scan(TableName=f"proof-{table}")["Items"] for table in TABLES},
        "executions": [
            {name: getattr(each, name) for name in EXECUTION}
            | {"waits_until": each.waits_until.isoformat() if each.waits_until else None}
            for each in world.executions.executions.values()
        ],
        "outside": {
            "mails": [[case_id, effect, times] for (case_id, effect), times in world.outside.mails.items()],
            "events": dict(world.outside.events),
        },
    }


def _in_json(value: bytes) -> str:
    """What is packed, as DynamoDB's own JSON has it."""
    return b64encode(value).decode()


def _typed(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of a file as botocore takes it."""
    return {name: {"B": b64decode(value["B"])} if "B" in value else value for name, value in item.items()}


@cache
def file_of(name: str) -> Any:
    """The content of a golden file."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def restored(lab: Laboratory, left: Mapping[str, Any], *, small: bool = True) -> ProofWorld:
    """A world that goes on from there with the code as it is now. Its new ids and tokens are like none before. Without
    `small` nobody has said yet that rows may become small."""
    world, numbers = lab.world(small=small), count(1)
    world.ports = replace(
        world.ports, new_id=lambda: f"new{next(numbers)}", new_reference=lambda: f"new{next(numbers)}"
    )
    world.executions.tokens = 1_000
    world.clock.at = datetime.fromisoformat(left["at"])
    client = lab.store.tables.connection.client
    for table, items in left["tables"].items():
        for item in items:
            client.put_item(TableName=f"proof-{table}", Item=_typed(item))
    # What was tried in vain before the deploy may be old news after it.
    rows = [item["owed"]["M"] for item in left["tables"]["cases"] if "owed" in item]
    world.outside.mail_failed = any(pending["M"]["tries"]["N"] != "0" for row in rows for pending in row.values())
    for kept in left["executions"]:
        execution = Execution(**{name: kept[name] for name in EXECUTION})
        execution.waits_until = world.clock() + timedelta(seconds=execution.data["seconds"])
        if "waits_until" in kept:  # files after the first say it
            until = kept["waits_until"]
            execution.waits_until = datetime.fromisoformat(until) if until else None
        world.executions.executions[execution.name] = execution
    heard = left.get("outside", {"mails": [], "events": {}})
    world.outside.mails.update({(case_id, effect): times for case_id, effect, times in heard["mails"]})
    world.outside.events.update(Counter(heard["events"]))
    return world


def after_deploy(lab: Laboratory, moment: str, file: str = "0.1.0-more") -> tuple[ProofWorld, Case]:
    """The world that goes on from a moment, and the latest case in it."""
    world = restored(lab, file_of(file)[moment])
    case = world.case(latest(world))
    assert case
    return world, case


def main(name: str) -> None:
    """Write one file of the current version."""
    version = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["version"]
    path = FOLDER / f"{name}.json"
    if path.exists():
        raise SystemExit(f"{path} is there already: what was released is never written again")
    if name not in FILES or name.partition("-")[0] != version:
        raise SystemExit(f"{name} is no file of version {version} that FILES knows")
    logging.getLogger("chalicelib").setLevel(logging.CRITICAL)
    with laboratory() as lab:
        content = {moment: left_behind(lab, FILES[name], moment) for moment in FILES[name]}
    FOLDER.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1, sort_keys=True, default=_in_json) + "\n")
    sys.stdout.write(f"wrote {path}\n")


if __name__ == "__main__":
    main(sys.argv[1])
