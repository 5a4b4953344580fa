"""The contract as OpenAPI 3.1, made from the very types that parse the requests and that mypy checks the answers by."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.orders.order import OrderStatus
from chalicelib.domain.policies.reasons import Kind
from chalicelib.edge import bodies
from chalicelib.edge.operations import OPERATIONS, Operation
from chalicelib.edge.problems import PROBLEM_JSON, PROBLEMS

_REFERENCE = "#/components/schemas/{name}"
_MOMENT = {"type": "string", "format": "date-time"}
_ID = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
_LINES = {
    "type": "string",
    "pattern": r"X",
}

# Query parameters by name, as far as their schema does not depend on the route.
_QUERY: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": "string", "minLength": 1, "maxLength": 64},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    "cursor": {"type": "string"},
    "version": {"type": "integer", "minimum": 1, "maximum": 9_999_999},
    "status": {"type": "string", "enum": [str(status) for status in OrderStatus]},
    "state": {"type": "string", "enum": [str(state) for state in State]},
    "outcome": {"type": "string", "enum": [str(outcome) for outcome in Outcome]},
    "kind": {"type": "string", "enum": [str(kind) for kind in Kind]},
    "order_id": _ID,
    "seller_id": _ID,
    "buyer_id": _ID,
    "due_before": _MOMENT,
    "updated_since": _MOMENT,
    "sort": {"type": "string", "enum": ["deadline_at"]},
    "lines": _LINES,
    "reason_code": _ID,
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "default": "IDR"},
}


@cache
def document() -> Mapping[str, Any]:
    """The whole contract."""
    taken = [operation.takes for operation in OPERATIONS.values() if operation.takes]
    given = [operation.gives for operation in OPERATIONS.values()]
    schemas, components = msgspec.json.schema_components([*taken, *given], ref_template=_REFERENCE)
    schema_of = dict(zip([id(each) for each in (*taken, *given)], schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), operation in OPERATIONS.items():
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, operation, schema_of)
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
            "responses": {"Problem": _answer("A refusal", {"$ref": _REFERENCE.format(name="Problem")}, PROBLEM_JSON)},
        },
    }


def _operation(method: str, path: str, operation: Operation, schema_of: Mapping[int, Any]) -> dict[str, Any]:
    places = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": _ID} for name in places]
    parameters += [{"name": name, "in": "query", "schema": _QUERY[name]} for name in operation.query]
    if method == "POST":
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": key})
    schema = schema_of[id(operation.gives)]
    ok = _answer(operation.does, _list_of(schema) if operation.many else schema)
    statuses = (200, 201) if (method, operation.takes) == ("PUT", bodies.OrderPut) else (operation.status,)
    made: dict[str, Any] = {
        "operationId": _name(method, path),
        "summary": operation.does,
        "parameters": parameters,
        "responses": {
            **{str(status): ok for status in statuses},
            "default": {"$ref": "#/components/responses/Problem"},
        },
        "security": _security(operation),
    }
    if operation.roles:
        made["description"] = f"For {operation.roles}."
    if operation.takes:
        content = {"application/json": {"schema": schema_of[id(operation.takes)]}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _name(method: str, path: str) -> str:
    words = [part for part in path.replace(".", "/").split("/") if part and part != "v1" and not part.startswith("{")]
    return "_".join([method.lower(), *words, *(["one"] if path.endswith("}") else [])]).replace("-", "_")


def _answer(description: str, schema: Any, content_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {content_type: {"schema": schema}}}


def _list_of(schema: Any) -> dict[str, Any]:
    cursor = {"type": ["string", "null"]}
    properties = {"items": {"type": "array", "items": schema}, "next_cursor": cursor}
    return {"type": "object", "properties": properties, "required": ["items"]}


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if not operation.roles:
        return []
    ways = ["bearer", "signature"] if operation.signed else ["bearer"]
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
            "errors": {"type": "array", "items": field},
            "case": {"$ref": _REFERENCE.format(name="CaseAnswer")},
        },
        "required": ["type", "title", "status", "code"],
        "x-codes": {code: {"status": status, "title": title} for code, (status, title) in sorted(PROBLEMS.items())},
    }
