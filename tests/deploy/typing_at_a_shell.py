"""The deploy command as a person types it: a plain `sh`, the real Makefile, and in Python's place something that writes
down what arrives."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.stages import ROOT

_RECORDER = """
import json, os, sys
told = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
with open(os.environ["ARRIVED"], "a", encoding="utf-8") as file:
    print(json.dumps([sys.argv[1:], told]), file=file)
"""
# What an outer make would leave to this one.
_NOT_OURS = ("MAKELEVEL", "MFLAGS", "STAGE", "SENDER", "SET", "YES", "DATA", "AWS_REGION", "AWS_DEFAULT_REGION")


@dataclass(frozen=True)
class Arrived:
    """One run of the command: its arguments, and AWS's variables in its environment."""

    arguments: list[str]
    environment: dict[str, str]


def typed(script: str, scratch: Path, **environment: str) -> list[Arrived]:
    """What arrives at `python -m infra.deploy`, run by run. Raises where the script, or one of its commands, fails."""
    shims = scratch / "bin"
    shims.mkdir(exist_ok=True)
    record, ready, arrived = scratch / "record.py", scratch / "ready", scratch / "arrived"
    record.write_text(_RECORDER)
    arrived.write_text("")
    for name, content in (("python", f'exec "{sys.executable}" "{record}" "$@"'), ("curl", 'echo "curl $*"')):
        (shims / name).write_text(f"#!/bin/sh\n{content}\n")
        (shims / name).chmod(0o755)
    ready.touch()
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
    around = {
        "PATH": f"{shims}:{os.environ['PATH']}",
        "MAKEFLAGS": f" -- BIN={shims} READY={ready}",
        "ARRIVED": str(arrived),
    }
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=ROOT,
        env=kept | around | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    runs = [json.loads(line) for line in arrived.read_text("utf-8").splitlines()]
    for arguments, _ in runs:
        assert arguments[:2] == ["-m", "infra.deploy"]
    return [Arrived(arguments[2:], told) for arguments, told in runs]
