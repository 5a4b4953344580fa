"""The template's parameters: read from what was typed, chosen among those who may say, looked at before anything is
deployed.

Who may say, the first that does: the command line; the stack, which keeps what it has; the stage file; the template's
default. The stage file is thus heard when a stack is made, or where it is asked for: `NAME=@stage`.
"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.stages import ROOT, Stage

COMMAND_LINE, STACK, STAGE_FILE, DEFAULT = "the command line", "the stack", "the stage file", "the template's default"

_NAME = re.compile(r"\s*([A-Za-z_]\w*)=")
_NEXT = re.compile(r"\s+(?=[A-Za-z_]\w*=)")


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter's value, and who says so."""

    value: str
    by: str


class _Plain(yaml.SafeLoader):  # type: ignore[misc]
    """Reads the template for its parameters; what `!Ref` and its like mean is CloudFormation's business."""


_Plain.add_multi_constructor("!", lambda *_: None)


@cache
def known() -> Mapping[str, Mapping[str, Any]]:
    """The template's parameters by name, each as CloudFormation describes it."""
    text = (ROOT / "infra" / "resources.yaml").read_text("utf-8")
    declared: dict[str, dict[str, Any]] = yaml.load(text, _Plain)["Parameters"]  # noqa: S506 - a SafeLoader
    return declared


def settings_of(text: str) -> list[tuple[str, str]]:
    """What `SET` says: `NAME=VALUE NAME=VALUE`. A value ends before the next ` NAME=`; JSON is taken whole, and so is
    what stands in quotes, without them. Raises ValueError where something is no such pair."""
    found, at = list[tuple[str, str]](), 0
    text = text.strip()
    while at < len(text):
        name = _NAME.match(text, at)
        if name is None:
            raise ValueError(f"Settings are NAME=VALUE, not {text[at : at + 40].strip()!r}.")
        value, at = _value(text, name.end())
        found.append((name[1], value))
    return found


def setting_of(text: str) -> tuple[str, str]:
    """One `NAME=VALUE`, its value exactly as it stands. Raises ValueError where it is no such pair."""
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise ValueError(f"Settings are NAME=VALUE, not {text!r}.")
    return name, value


def told(settings: Iterable[tuple[str, str]], stage: Stage) -> dict[str, str]:
    """What the command line says, by name: `@stage` brings the stage file's value, `@path` what stands in that file.

    Raises ValueError for two values of one name, and where a file or the stage file has nothing to bring.
    """
    found: dict[str, str] = {}
    for name, given in settings:
        value = _brought(name, given, stage)
        if found.setdefault(name, value) != value:
            raise ValueError(f"{name} is given twice, and differently.")
    strangers(found, "the command line")
    return found


def strangers(names: Iterable[str], where: str) -> None:
    """Raises ValueError where a name is none of the template's, with the nearest that is."""
    for name in names:
        if name not in known():
            lower = {each.lower(): each for each in known()}
            near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
            meant = f"did you mean {lower[near[0]]}?" if near else f"known are {', '.join(sorted(known()))}."
            raise ValueError(f"The template has no parameter {name}, which {where} names; {meant}")


def chosen(told: Mapping[str, str], held: Mapping[str, str], stage: Stage) -> dict[str, Choice]:
    """Every parameter's value, by name; one that nobody says and that has no default is missing."""
    said = ((told, COMMAND_LINE), (held, STACK), (stage.parameters, STAGE_FILE), (_defaults(), DEFAULT))
    return {
        name: next(Choice(values[name], by) for values, by in said if name in values)
        for name in known()
        if any(name in values for values, _ in said)
    }


def differences(choices: Mapping[str, Choice], held: Mapping[str, str], stage: Stage) -> list[str]:
    """What a person should see before saying yes: values that are new, and what the stage file says to no effect."""
    lines = []
    for name, choice in sorted(choices.items()):
        if name not in held:
            if choice.by != DEFAULT:
                lines.append(f"{name} = {_short(choice.value)} (by {choice.by})")
        elif choice.value != held[name]:
            lines.append(f"{name}: {_short(held[name])} -> {_short(choice.value)} (by {choice.by})")
        elif stage.parameters.get(name, choice.value) != choice.value and choice.by == STACK:
            wish = _short(stage.parameters[name])
            lines.append(f"{name}: {_short(choice.value)} stays; the stage file's {wish} comes by {name}=@stage")
    gone = sorted(set(held) - set(known()))
    return lines + [f"{name}: {_short(held[name])} goes; the template no longer knows it" for name in gone]


def _defaults() -> dict[str, str]:
    return {name: str(each["Default"]) for name, each in known().items() if "Default" in each}


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins at `at`, and where the next setting may begin."""
    first, end = text[at : at + 1], -1
    if first in ("{", "["):
        try:
            end = json.JSONDecoder().raw_decode(text, at)[1]
        except (ValueError, RecursionError):
            end = -1  # taken as it stands; whoever looks at the value says what is wrong with it
    elif first in ("'", '"'):
        end = text.find(first, at + 1) + 1
    if end > at and (end == len(text) or text[end].isspace()):
        return text[at:end] if first in "{[" else text[at + 1 : end - 1], end
    gap = _NEXT.search(text, at)
    return (text[at : gap.start()], gap.end()) if gap else (text[at:], len(text))


def _brought(name: str, given: str, stage: Stage) -> str:
    if given == "@stage":
        if name not in stage.parameters:
            raise ValueError(f"{name}=@stage: the stage file {stage.name}.json does not name {name}.")
        return stage.parameters[name]
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).expanduser().read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}={given}: the file cannot be read: {error}") from error


def _short(value: str) -> str:
    return value if 0 < len(value) <= 60 else f"{value[:48]}... ({len(value)} characters)" if value else "(empty)"
