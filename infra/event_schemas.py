"""docs/events/*.json: a JSON Schema of what each event says under `data`, made from the events themselves;
`python -m infra.events_page` writes them beside the page."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.cases.events import Event, schema_id
from chalicelib.edge.contract.components import plain
from chalicelib.edge.contract.webhooks import said_by
from infra.stages import ROOT

FOLDER = ROOT / "docs" / "events"


def schema_of(kind: type[Event]) -> dict[str, Any]:
    """The schema of an event, whole in one file."""
    said, types = said_by(kind, "#/$defs/{name}")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": schema_id(kind.name)}
    whole: dict[str, Any] = plain({**head, **said, **({"$defs": types} if types else {})})
    return whole


def files(kinds: list[type[Event]]) -> Mapping[str, str]:
    """Each schema as the text of its file, by the file's name."""
    return {f"{kind.name}.json": json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n" for kind in kinds}
