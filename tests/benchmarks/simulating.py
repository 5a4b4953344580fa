"""How long a simulation takes, and how much memory: `python -m tests.benchmarks.simulating 100000` makes that many past
cases of a few hundred that were lived through, and tries a draft on them."""

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.simulation.past import PastCase
from chalicelib.edge.past_cases import past_row, policy_row
from infra.simulate import main
from tests.proofs.test_policies_replayed import a_script, live, past_in, some_policy

SEED, LIVED, SHOPS = 20, 300, 400


def lived(count: int = LIVED, seed: int = SEED) -> tuple[Policy, list[PastCase]]:
    """A policy, and past cases that were lived through under it."""
    dice, found = random.Random(seed), list[PastCase]()
    policy = some_policy(random.Random(seed), 9)
    for number in range(count):
        around, case = live(a_script(dice, number), policy)
        past = past_in(around, case) if case else None
        if past:
            found.append(past)
    return policy, found


def lines(count: int, policy: Policy, pasts: list[PastCase], seed: int = SEED) -> Iterator[bytes]:
    """As many lines: the same cases, of other sellers and on other days."""
    dice = random.Random(seed)
    yield msgspec.json.encode(policy_row(policy)) + b"\n"
    for number in range(count):
        past, shop = dice.choice(pasts), dice.randrange(SHOPS)
        seller = replace(past.order.body.seller, id=f"shop-{shop}")
        order = replace(past.order, body=replace(past.order.body, seller=seller))
        yield msgspec.json.encode(past_row(replace(past, case_id=f"c{number}", order=order))) + b"\n"


def run(count: int) -> int:
    """Write the files, and run the command on them."""
    policy, pasts = lived()
    draft = some_policy(random.Random(SEED + 1), 10)
    with tempfile.TemporaryDirectory() as place:
        data, wanted = Path(place) / "past.ndjson", Path(place) / "draft.json"
        with data.open("wb") as out:
            out.writelines(lines(count, policy, pasts))
        wanted.write_text(json.dumps(msgspec.to_builtins(draft, str_keys=True)), encoding="utf-8")
        print(f"{data.stat().st_size / 1e6:.0f} MB of past cases")
        return main([f"--policy={wanted}", f"--data={data}"])


if __name__ == "__main__":
    raise SystemExit(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
