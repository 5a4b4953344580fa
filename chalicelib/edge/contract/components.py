"""Types as the contract shows them: with a meaning for each property, with the limits that hold, in the dialect of the
rest of the world."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain import ids
from chalicelib.domain.policies.spans import FOREVER
from chalicelib.domain.zones import LONGEST_ZONE, Zone
from chalicelib.edge.bodies import END, MOMENT_SAYS
from chalicelib.edge.contract.meanings import MEANINGS

# What types of values say of themselves, wherever they stand.
_KINDS = (ids.WHAT_IS_ONE, MOMENT_SAYS, "ISO 4217")

# What the domain refuses by itself: its types know no other way to say it.
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "Span.amount": {"minimum": 1, "maximum": FOREVER},
    "RefundTime.amount": {"minimum": 1, "maximum": FOREVER},
    "Fee.basis_points": {"minimum": 0, "maximum": 10_000},
    "Offers.rounds": {"minimum": 0},
    "Returns.quick_at_most": {"minimum": 0},
    "Policy.version": {"minimum": 1},
    "Policy.max_attempts": {"minimum": 1},
    "Policy.extensions": {"minimum": 0},
    "SellerRule.name": {"minLength": 1, "maxLength": 80},
}


_ZONE: Mapping[str, Any] = {
    "title": "Zone",
    "description": "A zone as IANA writes it, or one of Indonesia's three by its short name",
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_ZONE,
    "examples": [*Zone, "Asia/Bangkok", "America/New_York"],
}


# A row of the table that a docstring may hold: `paid_by, paid_for   what it means`; what follows is indented further.
_ROW = re.compile(r"^(\w+(?:, \w+)*) {2,}(\S.*)$")


def plain(schema: Any) -> Any:
    """Patterns as the rest of the world writes them, where `$` is the very end, and prose on one line."""
    if schema == {"enum": [True]}:
        return {"type": "boolean", "const": True}
    if isinstance(schema, Mapping):
        return {name: _plain(name, each) for name, each in schema.items()}
    return [plain(each) for each in schema] if isinstance(schema, (list, tuple)) else schema


def _plain(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return plain(value)
    if name == "description":
        return " ".join(value.split())
    return value.replace(END, "$") if name == "pattern" else value


def described(components: Mapping[str, Any]) -> dict[str, Any]:
    """Each type and each property with what it means, in plain dialect."""
    return {kind: plain(_described(kind, schema)) for kind, schema in components.items()}


def _described(kind: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "properties" not in schema:
        return schema
    about, table = _read(schema.get("description", ""))
    # That nothing is said where nothing is said goes without saying; makers of clients would take it for a must.
    known = {name: _without_null(each) for name, each in schema["properties"].items()}
    said = {
        name: {**each, "description": meaning} if (meaning := _meaning(kind, name, each, table)) else each
        for name, each in known.items()
    }
    return {**schema, "description": about, "properties": said}


def _without_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: each for name, each in schema.items() if (name, each) != ("default", None)}


def _read(docstring: str) -> tuple[str, Mapping[str, str]]:
    """A docstring's prose, and what its table says of properties."""
    prose, table, names = [], dict[str, str](), list[str]()
    for line in inspect.cleandoc(docstring).splitlines():
        if row := _ROW.match(line):
            names = row[1].split(", ")
            table |= dict.fromkeys(names, row[2])
        elif names and line.startswith("    "):
            table |= {name: f"{table[name]} {line.strip()}" for name in names}
        else:
            names = []
            prose.append(line)
    return "\n".join(prose), table


def _meaning(kind: str, name: str, schema: Mapping[str, Any], table: Mapping[str, str]) -> str | None:
    """What a property says: of this type, else what its type of value says of this one, else of all of this name."""
    own: str | None = schema.get("description")
    kept = own if own in _KINDS else None
    meaning = MEANINGS.get(f"{kind}.{name}") or table.get(name) or (own if not kept else None) or MEANINGS.get(name)
    if meaning is None:
        return own
    sentence = meaning[0].upper() + meaning[1:].rstrip(".") + "."
    return f"{sentence} {kept}." if kept else sentence


def without_meaning(components: Mapping[str, Any]) -> Iterator[str]:
    """The properties of which nobody says what they mean."""
    for kind, schema in components.items():
        for name, each in schema.get("properties", {}).items():
            if each.get("description") in (None, "", *_KINDS):
                yield f"{kind}.{name}"


def limited(components: dict[str, Any]) -> dict[str, Any]:
    """The same with the limits that the domain sets by itself, and zones as what they are: not the three alone that
    their type lists."""
    if "Zone" in components:
        components["Zone"] = _ZONE
    for place, limits in _LIMITS.items():
        kind, _, name = place.partition(".")
        if kind in components:
            components[kind]["properties"][name] |= limits
    return components
