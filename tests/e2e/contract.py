"""Whether an answer keeps what /openapi.json promises: every end-to-end test's answers are held against it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from app import app
from chalicelib.edge import contract, route

# Importing the app makes its routes known.
ROUTES = {key: known for key, known in route.ROUTES.items() if key[1] in app.routes}


def document() -> Any:
    """The contract of the whole app."""
    return contract.document(tuple(ROUTES.values()))


@cache
def _routes() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted({path for _, path in ROUTES}, key=lambda path: path.count("{"))
    # No path of ours has a letter that means something else in a pattern, but for its places.
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths]


def operation_of(method: str, path: str) -> Any:
    """What the contract says of an operation, each parameter written out."""
    found = document()["paths"][path][method.lower()]
    return {**found, "parameters": [resolved(each) for each in found["parameters"]]}


def response_of(method: str, path: str, status: int) -> Any:
    """What the contract says of this status, None where it knows no such one."""
    found = operation_of(method, path)["responses"].get(str(status))
    return resolved(found) if found else None


def resolved(part: Any) -> Any:
    """What a reference leads to; anything else is itself."""
    if "$ref" not in part:
        return part
    found = document()
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def validator_of(schema: Any) -> Any:
    """What tells how a value breaks a schema of the contract."""
    components = document()["components"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": components}, validate_formats=True)


@cache
def _validator(method: str, path: str, status: int) -> Any:
    ((_, content),) = response_of(method, path, status)["content"].items()
    return validator_of(content["schema"])


def breaches(method: str, path: str, status: int, headers: Mapping[str, str], body: Any) -> Iterator[str]:
    """How an answer of the API differs from its contract; pages and unknown routes have none."""
    place = path.partition("?")[0]
    known = next((template for pattern, template in _routes() if pattern.fullmatch(place)), None)
    if known is None or (method, known) not in ROUTES:
        return
    response = response_of(method, known, status)
    if response is None:
        yield f"{status} is not in the contract"
        return
    if headers.get("content-type", "") not in response["content"]:
        yield f"{status} as {headers.get('content-type')}"
    for name, header in response.get("headers", {}).items():
        if resolved(header).get("required") and name.lower() not in headers:
            yield f"{status} without {name}"
    if "x-codes" in response and body.get("code") not in response["x-codes"]:
        yield f"{status} with the code {body.get('code')}"
    for error in _validator(method, known, status).iter_errors(body):
        yield f"{error.instance_path}: {error.message}"
