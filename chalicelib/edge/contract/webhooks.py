"""Events as the contract tells them: each in the envelope of CloudEvents, with what it says as `data`."""

from typing import Any

import msgspec

from chalicelib.domain.cases import events
from chalicelib.domain.cases.events import Event, EventHead, schema_id
from chalicelib.edge.contract.examples import examples
from chalicelib.edge.contract.operations import SIGNED

_REFERENCE = "#/components/schemas/{name}"
TAG = "events"


def every_event() -> list[type[Event]]:
    """Every event, in the order of their module."""
    kinds = [each for each in vars(events).values() if isinstance(each, type) and issubclass(each, Event)]
    return [each for each in kinds if each is not Event]


def said_by(kind: type[Event], reference: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of an event's `data`, and of the types that it is made of. All events say something of their case;
    unknown fields are allowed, since later versions may add some."""
    head, own = _parts(EventHead, reference), _parts(kind, reference)
    schema = {
        "title": str(kind.name),
        "description": own[0].get("description", ""),
        "type": "object",
        "properties": {**head[0]["properties"], **own[0]["properties"]},
        "required": [*head[0]["required"], *own[0]["required"]],
    }
    return schema, own[1]


def _parts(kind: type, reference: str) -> tuple[dict[str, Any], dict[str, Any]]:
    _, known = msgspec.json.schema_components([kind], ref_template=reference)
    return known.pop(kind.__name__), known


def data_types(components: dict[str, Any]) -> None:
    """Put what events say among the components."""
    for kind in every_event():
        data, types = said_by(kind, _REFERENCE)
        components |= {name: each for name, each in types.items() if name not in components}
        components[kind.__name__] = data


def webhooks(schemas: dict[str, Any]) -> dict[str, Any]:
    """Every event as an entry of `webhooks`; their envelopes are put among the schemas."""
    return {str(kind.name): _webhook(kind, schemas) for kind in every_event()}


def _webhook(kind: type[Event], schemas: dict[str, Any]) -> dict[str, Any]:
    envelope, said = schemas["EventAnswer"], schemas[kind.__name__]["description"]
    own: dict[str, Any] = {
        "type": {"type": "string", "const": str(kind.name)},
        "dataschema": {"type": "string", "const": schema_id(kind.name)},
        "data": {"$ref": _REFERENCE.format(name=kind.__name__)},
    }
    told = {
        name: {**own.get(name, each), "description": each.get("description", "")}
        for name, each in envelope["properties"].items()
    }
    name = f"{kind.__name__}Event"
    schemas[name] = {**envelope, "title": name, "description": said, "properties": told}
    content = {"schema": {"$ref": _REFERENCE.format(name=name)}}
    if example := examples().get(str(kind.name)):
        content["example"] = example["told"]
    return {
        "post": {
            "operationId": str(kind.name).replace(".", "_"),
            "tags": [TAG],
            "summary": said.partition(". ")[0].rstrip("."),
            "description": said,
            "requestBody": {"required": True, "content": {"application/json": content}},
            "security": [dict(SIGNED)],
            "responses": {"204": {"description": "Heard. Anything of 2xx says so; the same `id` may come again."}},
        }
    }
