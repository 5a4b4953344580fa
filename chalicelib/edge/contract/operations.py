"""One route as an operation of the contract."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chalicelib.domain.parties import Role
from chalicelib.edge import correlation
from chalicelib.edge.bodies import Id, OwnId
from chalicelib.edge.boundary import IDS_OF_OTHERS
from chalicelib.edge.contract.meanings import MEANINGS
from chalicelib.edge.contract.refusals import responses_of
from chalicelib.edge.limits import LONGEST_KEY
from chalicelib.edge.route import JSON, Route

PARAMETERS: Mapping[str, Any] = {
    "Accept-Language": {
        "name": "Accept-Language",
        "in": "header",
        "description": "In which language texts are wanted: Indonesian or English. The first that is named counts; a "
        "language that we do not speak is answered in English, none in Indonesian.",
        "schema": {"type": "string", "default": "id"},
        "example": "en",
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Any name of your own for this request: sent again within 48 hours, it gets its first answer "
        "again, marked `Idempotent-Replayed`. Of a signed request `webhook-id` is the key.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
        "example": "5f0c6a5e-1",
    },
    correlation.HEADER: {
        "name": correlation.HEADER,
        "in": "header",
        "description": "Your own number of this request, by which its answer, log lines, entry, mails and events are "
        "found; where there is none, or it is no harmless word, one is made.",
        "schema": {"type": "string"},
        "example": "checkout-4711",
    },
}
# All three headers of a signature (Standard Webhooks), or none.
SIGNED: Mapping[str, list[str]] = {"webhook-id": [], "webhook-timestamp": [], "webhook-signature": []}
# What they answer is in one language, or has no words.
_WORDLESS = ("/health", "/openapi.json")


def tag_of(route: Route) -> str:
    """The subject that an operation belongs to: the module of its view."""
    return route.subject.rpartition(".")[2].replace("_", "-")


def operation(
    route: Route, schema_of: Mapping[int, Any], query: Mapping[str, Any], example: Mapping[str, Any]
) -> dict[str, Any]:
    """The operation, with a request and an answer that were really sent."""
    first, _, _ = route.does.partition(". ")
    made: dict[str, Any] = {
        "operationId": route.name,
        "tags": [tag_of(route)],
        "summary": first.rstrip("."),
        "description": f"{route.does}{_told_roles(route)}",
        "parameters": [*_in_path(route, schema_of, example), *_in_query(query, example), *_in_headers(route)],
        "responses": {
            **{str(status): _good(route, status, schema_of[id(route.gives)], example) for status in route.statuses},
            **dict(responses_of(route)),
        },
        "security": _security(route),
    }
    if route.roles:
        made["x-roles"] = [str(role) for role in Role if role in route.roles]
    if route.counted:
        made["x-quota"] = str(route.counted)
    if route.takes:
        content = _content(schema_of[id(route.takes)], example, "body", route.media)
        made["requestBody"] = {"required": True, "content": content}
    return made


def _told_roles(route: Route) -> str:
    counted = f" Counted for each caller and hour (`{route.counted}`)." if route.counted else ""
    if not route.roles:
        return counted
    return f"{counted} For {', '.join(str(role) for role in Role if role in route.roles)}."


def _in_path(route: Route, schema_of: Mapping[int, Any], example: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds = {name: Id if name in IDS_OF_OTHERS else OwnId for name in route.places}
    known = example.get("places", {})
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _sentence(MEANINGS.get(f"path.{name}") or MEANINGS.get(name)),
            "schema": schema_of[id(kind)],
            **({"example": known[name]} if name in known else {}),
        }
        for name, kind in kinds.items()
    ]


def _in_query(schema: Mapping[str, Any], example: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A query's type as parameters: what may be left out is left out, nobody writes null in an address."""
    required, title = schema.get("required", ()), schema["title"]
    parameters = []
    for name, each in schema["properties"].items():
        value = {key: part for key, part in each.items() if key != "anyOf" and part is not None}
        kinds = [kind for kind in each.get("anyOf", ()) if kind != {"type": "null"}]
        value |= kinds[0] if kinds else {}
        parameter = {"name": name, "in": "query", "required": name in required, "schema": value}
        own = value.pop("description", None)
        parameter["description"] = _sentence(MEANINGS.get(f"{title}.{name}") or own or MEANINGS.get(name))
        if name in example.get("query", {}):
            parameter["example"] = example["query"][name]
        parameters.append(parameter)
    return parameters


def _sentence(said: str | None) -> str:
    """What nobody says is nothing, and the contract is served all the same: a test asks for it."""
    return said.rstrip(".") + "." if said else ""


def _in_headers(route: Route) -> list[dict[str, str]]:
    names = [] if route.path in _WORDLESS else ["Accept-Language"]
    names += ["Idempotency-Key"] if route.keyed else []
    names += [correlation.HEADER]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _good(route: Route, status: int, schema: Any, example: Mapping[str, Any]) -> dict[str, Any]:
    usual = status == example.get("status")
    names = ["Location"] if status == 201 and route.made_at else []
    names += ["Idempotent-Replayed"] if route.keyed else []
    names += [correlation.HEADER]
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {
        "description": f"{HTTPStatus(status).phrase}. {route.does}",
        **({"headers": headers} if headers else {}),
        "content": _content(schema, example if usual else {}, "answer"),
    }


def _content(schema: Any, example: Mapping[str, Any], part: str, media: str = JSON) -> dict[str, Any]:
    shown = {"example": example[part]} if part in example else {}
    return {media: {"schema": schema, **shown}}


def _security(route: Route) -> list[dict[str, list[str]]]:
    """A bearer token; or, where systems sign, all three headers of a signature."""
    if not route.roles:
        return []
    return [{"bearer": []}, dict(SIGNED)] if route.signed else [{"bearer": []}]
