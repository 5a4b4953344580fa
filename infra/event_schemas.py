"""docs/events/*.json: a JSON Schema of what each event says under `data`, made from the events themselves;
`python -m infra.events_page` writes them beside the page."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.domain.cases.events import Event, EventHead, schema_id
from infra.stages import ROOT

FOLDER = ROOT / "docs" / "events"


def schema_of(kind: type[Event]) -> dict[str, Any]:
    """The schema of an event: what all say of their case, and its own fields. Unknown fields are allowed, since later
    versions may add some."""
    head, own = _parts(EventHead), _parts(kind)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_id(kind.name),
        "title": str(kind.name),
        "description": _prose(own[0].get("description", "")),
        "type": "object",
        "properties": {**head[0]["properties"], **own[0]["properties"]},
        "required": [*head[0]["required"], *own[0]["required"]],
        **({"$defs": own[1]} if own[1] else {}),
    }


def files(kinds: list[type[Event]]) -> Mapping[str, str]:
    """Each schema as the text of its file, by the file's name."""
    return {f"{kind.name}.json": json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n" for kind in kinds}


def _parts(kind: type) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of the type itself, and of those that it is made of."""
    known = {name: _plain(each) for name, each in msgspec.json.schema(kind)["$defs"].items()}
    return known.pop(kind.__name__), known


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    if "description" not in schema:
        return schema
    return {**schema, "description": _prose(schema["description"])}


def _prose(text: str) -> str:
    return " ".join(text.split())
