"""Searches by SPIN: the program is written, compiled and run, and looks at every world that can come of the first."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.model.promela import program
from tests.model.relation import Rules, World

# Megabytes after which a search gives up, which is an error: what was not looked at was not shown.
MEMORY = 6_000
DEEPEST = 10_000


@dataclass(frozen=True)
class Verdict:
    """What SPIN says."""

    states: int
    errors: int
    way: tuple[str, ...]  # the steps that lead to the error


def searched(scratch: Path, rules: Rules, world: World) -> Verdict:
    """Look at everything that can happen from this world on; it stops at the first thing that does not hold."""
    (scratch / "model.pml").write_text(program(rules, world))
    _run(scratch, "spin", "-a", "model.pml")
    options = ("-DSAFETY", "-DCOLLAPSE", "-DVECTORSZ=2048", f"-DMEMLIM={MEMORY}")
    _run(scratch, "gcc", "-O1", "-w", *options, "-o", "pan", "pan.c")
    said = _run(scratch, "./pan", f"-m{DEEPEST}")
    assert "Search not completed" not in said or "errors: 1" in said, said
    assert "max search depth too small" not in said, said
    errors, states = re.search(r"errors: (\d+)", said), re.search(r"(\d+) states, stored", said)
    assert errors, said
    assert states, said
    found = int(errors[1])
    return Verdict(int(states[1]), found, _way(scratch) if found else ())


def _way(scratch: Path) -> tuple[str, ...]:
    """The names of the steps of the trail, which stand in the program as comments of their lines."""
    lines = (scratch / "model.pml").read_text().splitlines()
    told = _run(scratch, "spin", "-t", "-p", "model.pml")
    steps = [lines[int(number) - 1] for number in re.findall(r"model\.pml:(\d+)", told)]
    named = [re.search(r"/\* (.*?) \*/", line) for line in steps]
    ways = [each[1] for each in named if each]
    return tuple(name for at, name in enumerate(ways) if at == 0 or name != ways[at - 1])


def _run(scratch: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout
