"""Whether an answer keeps what /openapi.json promises: every end-to-end test's answers are held against it."""

import re
from collections.abc import Iterator
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


@cache
def _validator(method: str, path: str, status: str) -> Any:
    """What holds for an answer, None where the contract knows no such status."""
    components = document()["components"]
    if status == "problem":
        schema = components["schemas"]["Problem"]
    else:
        responses = document()["paths"][path][method.lower()]["responses"]
        if status not in responses:
            return None
        schema = responses[status]["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": components}, validate_formats=True)


def breaches(method: str, path: str, status: int, content_type: str, body: Any) -> Iterator[str]:
    """How an answer of the API differs from its contract; pages and unknown routes have none."""
    place = path.partition("?")[0]
    known = next((template for pattern, template in _routes() if pattern.fullmatch(place)), None)
    if known is None or (method, known) not in ROUTES:
        return
    if status >= 400 and content_type != "application/problem+json":
        yield f"{status} as {content_type}"
    validator = _validator(method, known, "problem" if status >= 400 else str(status))
    if validator is None:
        yield f"{status} is not in the contract"
        return
    yield from (f"{error.instance_path}: {error.message}" for error in validator.iter_errors(body))
