"""The contract as OpenAPI 3.1, made from the very types that parse the requests and that mypy checks the answers by."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_origin

import msgspec

from chalicelib.domain.parties import Role
from chalicelib.edge.answer_types import Listed
from chalicelib.edge.bodies import END, Id, OwnId
from chalicelib.edge.boundary import IDS_OF_OTHERS
from chalicelib.edge.limits import LONGEST_KEY
from chalicelib.edge.problems import PROBLEM_JSON, PROBLEMS
from chalicelib.edge.route import Route

_REFERENCE = "#/components/schemas/{name}"
_KEY = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}


@cache
def document(routes: tuple[Route, ...]) -> Mapping[str, Any]:
    """The whole contract of these routes."""
    queries = [route.query for route in routes]
    taken = [route.takes for route in routes if route.takes]
    given = [_item(route.gives) for route in routes]
    schemas, components = msgspec.json.schema_components([Id, OwnId, *queries, *taken, *given], ref_template=_REFERENCE)
    schemas, components = _plain(schemas), _plain(components)
    # By what the schema was asked for: types of equal names are told apart by msgspec.
    schema_of = dict(zip((id(each) for each in (Id, OwnId, *queries, *taken, *given)), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of, components)
    for query in queries:
        components.pop(query.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Batal",
            "version": "1",
            "description": "Cancelling an order after the seller has started processing it. Money is integers in the "
            "currency's minor unit (rupiah: whole rupiah), times are RFC 3339 in UTC.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _problem_schema()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "signature": {"type": "apiKey", "in": "header", "name": "webhook-signature"},
            },
            "responses": {
                "Problem": _answer("A refusal", {"$ref": _REFERENCE.format(name="Problem")}, PROBLEM_JSON),
                "TooManyRequests": _too_many(),
            },
        },
    }


def _operation(route: Route, schema_of: Mapping[int, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    places = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    kinds = {name: Id if name in IDS_OF_OTHERS else OwnId for name in places}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schema_of[id(kind)]} for name, kind in kinds.items()
    ]
    parameters += _query(components[route.query.__name__])
    if route.keyed:
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": _KEY})
    schema = schema_of[id(_item(route.gives))]
    ok = _answer(route.does, _list_of(schema) if get_origin(route.gives) is Listed else schema)
    made: dict[str, Any] = {
        "operationId": _name(route.method, route.path),
        "summary": route.does,
        "parameters": parameters,
        "responses": {
            **{str(status): ok for status in route.statuses},
            "429": {"$ref": "#/components/responses/TooManyRequests"},
            "default": {"$ref": "#/components/responses/Problem"},
        },
        "security": _security(route),
    }
    if route.roles:
        roles = [str(role) for role in Role if role in route.roles]
        made["description"], made["x-roles"] = f"For {', '.join(roles)}.", roles
    if route.counted:
        made["description"] += f" Counted for each caller and hour (`{route.counted}`)."
        made["x-quota"] = str(route.counted)
    if route.takes:
        content = {route.media: {"schema": schema_of[id(route.takes)]}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _query(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A query's type as parameters: what may be left out is left out, nobody writes null in an address."""
    required = schema.get("required", ())
    parameters = []
    for name, each in schema["properties"].items():
        value = {key: part for key, part in each.items() if key != "anyOf" and part is not None}
        kinds = [kind for kind in each.get("anyOf", ()) if kind != {"type": "null"}]
        value |= kinds[0] if kinds else {}
        parameters.append({"name": name, "in": "query", "required": name in required, "schema": value})
    return parameters


def _item(gives: Any) -> Any:
    """What a list holds; any other answer is itself."""
    return get_args(gives)[0] if get_origin(gives) is Listed else gives


def _plain(schema: Any) -> Any:
    """Patterns as the rest of the world writes them: there `$` is the very end."""
    if isinstance(schema, Mapping):
        return {
            name: each.replace(END, "$") if name == "pattern" and isinstance(each, str) else _plain(each)
            for name, each in schema.items()
        }
    return [_plain(each) for each in schema] if isinstance(schema, (list, tuple)) else schema


def _name(method: str, path: str) -> str:
    words = [part for part in path.replace(".", "/").split("/") if part and part != "v1" and not part.startswith("{")]
    return "_".join([method.lower(), *words, *(["one"] if path.endswith("}") else [])]).replace("-", "_")


def _answer(description: str, schema: Any, content_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {content_type: {"schema": schema}}}


def _too_many() -> dict[str, Any]:
    """API Gateway lets so many through at once, whatever they ask for; some operations are counted besides."""
    wait = {"description": "Seconds after which to come again", "required": True, "schema": {"type": "integer"}}
    answer = _answer("Too many at once, or in this hour", {"$ref": _REFERENCE.format(name="Problem")}, PROBLEM_JSON)
    return {**answer, "headers": {"Retry-After": wait}}


def _list_of(schema: Any) -> dict[str, Any]:
    cursor = {"type": ["string", "null"]}
    properties = {"items": {"type": "array", "items": schema}, "next_cursor": cursor}
    return {"type": "object", "properties": properties, "required": ["items", "next_cursor"]}


def _security(route: Route) -> list[dict[str, list[str]]]:
    if not route.roles:
        return []
    ways = ["bearer", "signature"] if route.signed else ["bearer"]
    return [{way: []} for way in ways]


def _problem_schema() -> dict[str, Any]:
    field = {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}}
    return {
        "type": "object",
        "description": "RFC 9457. `code` is stable; `x-codes` tells the HTTP status of each.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "enum": sorted(PROBLEMS)},
            "correlation_id": {"type": "string", "description": "As in X-Request-Id: name it when you ask"},
            "errors": {"type": "array", "items": field},
            "case": {"$ref": _REFERENCE.format(name="CaseAnswer")},
        },
        "required": ["type", "title", "status", "code"],
        "x-codes": {code: {"status": status, "title": title} for code, (status, title) in sorted(PROBLEMS.items())},
    }
