"""The stages that can be deployed: infra/stages/<name>.json holds what each of them decides."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
_FOLDER = ROOT / "infra" / "stages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage.

    python         Lambda's Python, such as `3.11`
    architecture   `x86_64` or `arm64`
    parameters     of the template, by name; what is not named keeps its default
    """

    name: str
    python: str = "3.11"
    architecture: str = "x86_64"
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
        python=str(given.pop("python", "3.11")),
        architecture=str(given.pop("architecture", "x86_64")),
        parameters={key: str(value) for key, value in given.pop("parameters", {}).items()},
    )
    if given:
        raise ValueError(f"{path.name}: unknown {', '.join(sorted(given))}")
    if stage.architecture not in ("x86_64", "arm64") or stage.python not in ("3.11", "3.12", "3.13"):
        raise ValueError(f"{path.name}: python is 3.11 to 3.13, architecture x86_64 or arm64")
    return stage
