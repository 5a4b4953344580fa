"""The stages that can be deployed: infra/stages/<name>.json holds what each of them decides."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
_FOLDER = ROOT / "infra" / "stages"

# What a function may run on, and what it does unless its stage says otherwise.
PYTHONS, ARCHITECTURES = ("3.11", "3.12", "3.13", "3.14"), ("x86_64", "arm64")
PYTHON, ARCHITECTURE = "3.13", "arm64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage.

    python         Lambda's Python, such as `3.13`
    architecture   `x86_64` or `arm64`
    parameters     of the template, by name; what is not named keeps its default
    """

    name: str
    python: str = PYTHON
    architecture: str = ARCHITECTURE
    parameters: Mapping[str, str] = field(default_factory=dict)


def stage_named(name: str) -> Stage:
    """The stage of that name. Raises ValueError where its file is missing or says something unknown."""
    path = _FOLDER / f"{name}.json"
    if not re.fullmatch(r"[a-z][a-z0-9]{0,15}", name) or not path.is_file():
        known = ", ".join(sorted(each.stem for each in _FOLDER.glob("*.json")))
        raise ValueError(f"There is no stage {name!r}; known are {known}. A stage is a file infra/stages/<name>.json.")
    given = json.loads(path.read_text("utf-8"))
    stage = Stage(
        name=name,
        python=str(given.pop("python", PYTHON)),
        architecture=str(given.pop("architecture", ARCHITECTURE)),
        parameters={key: str(value) for key, value in given.pop("parameters", {}).items()},
    )
    if given:
        raise ValueError(f"{path.name}: unknown {', '.join(sorted(given))}")
    if stage.architecture not in ARCHITECTURES or stage.python not in PYTHONS:
        raise ValueError(f"{path.name}: python is {' or '.join(PYTHONS)}, architecture {' or '.join(ARCHITECTURES)}")
    return stage
