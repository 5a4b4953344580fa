"""The contract as OpenAPI 3.1, made from the very types that parse the requests and that mypy checks the answers by.

Only whoever asks for the document pays for it: nothing else imports this. What types cannot say stands beside them:
meanings.py (what every property means), refusals.py (which operation refuses with which code), webhooks.py (events) and
examples.json (requests that tests sent, and what they were answered).
"""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, get_args, get_origin

import msgspec

from chalicelib.edge.answer_types import EventAnswer, Listed
from chalicelib.edge.bodies import Id, OwnId
from chalicelib.edge.contract.components import described, limited, plain
from chalicelib.edge.contract.examples import examples
from chalicelib.edge.contract.operations import PARAMETERS, operation, tag_of
from chalicelib.edge.contract.refusals import HEADERS, RESPONSES, problem_schema
from chalicelib.edge.contract.webhooks import data_types, webhooks
from chalicelib.edge.route import Route

_REFERENCE = "#/components/schemas/{name}"
_ABOUT = (
    "Cancelling an order after the seller has started processing it. Money is integers in the currency's minor unit "
    "(rupiah: whole rupiah), times are RFC 3339 in UTC, texts come in the language of `Accept-Language` (`id` or "
    "`en`). Fields may be added to answers at any time: ignore those that you do not know. Refusals are RFC 9457 "
    "problem documents with a stable `code`. `Idempotency-Key` makes any POST safe to send again. No text may "
    "hold U+0000."
)


@cache
def document(routes: tuple[Route, ...], server: str = "http://127.0.0.1:8000") -> Mapping[str, Any]:
    """The whole contract of these routes, as served at this address."""
    lists = {id(route.gives): get_args(route.gives)[0] for route in routes if get_origin(route.gives) is Listed}
    asked: list[Any] = [Id, OwnId, EventAnswer]
    asked += [route.query for route in routes] + [route.takes for route in routes if route.takes]
    asked += [lists.get(id(route.gives), route.gives) for route in routes]
    made, components = msgspec.json.schema_components(asked, ref_template=_REFERENCE)
    made = plain(made)
    # By what the schema was asked for: types of equal names are told apart by msgspec.
    schema_of = dict(zip(map(id, asked), made, strict=True))
    for gives, item in lists.items():
        schema_of[gives] = _page(schema_of[id(item)], components)
    queries = {name: plain(components.pop(name)) for name in {route.query.__name__ for route in routes}}
    data_types(components)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        query = queries[route.query.__name__]
        paths.setdefault(route.path, {})[route.method.lower()] = operation(
            route, schema_of, query, examples().get(route.name, {})
        )
    said = {"type": "string", "enum": sorted(_said_to_cases(routes))}
    components["ActionAnswer"]["properties"]["action"] = said
    schemas = limited(described({**components, "Problem": problem_schema()}))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Batal",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
            "contact": {"name": "Whoever runs this deployment; buyers find them by GET /v1/support/contacts"},
        },
        "servers": [{"url": server, "description": "This deployment"}],
        "tags": _tags(routes),
        "paths": paths,
        "webhooks": webhooks(schemas),
        "components": {
            "schemas": schemas,
            "securitySchemes": _schemes(),
            "responses": RESPONSES,
            "parameters": PARAMETERS,
            "headers": HEADERS,
        },
    }


def _tags(routes: Sequence[Route]) -> list[dict[str, str]]:
    subjects = {tag_of(route): sys.modules[route.subject].__doc__ or "" for route in routes}
    return [{"name": name, "description": " ".join(about.split())} for name, about in sorted(subjects.items())]


def _said_to_cases(routes: Sequence[Route]) -> list[str]:
    place = "/v1/cases/{case_id}/"
    posts = [route for route in routes if route.method == "POST" and route.path.startswith(place)]
    return [route.path.removeprefix(place) for route in posts if route.subject.endswith(".decisions")]


def _page(item: Mapping[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """A list of such items, as a type with a name of its own: clients are generated from it."""
    name = item["$ref"].rpartition("/")[2]
    components[f"{name}Page"] = {
        "title": f"{name}Page",
        "description": "One page of a list.",
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": item},
            "next_cursor": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["items", "next_cursor"],
    }
    return {"$ref": _REFERENCE.format(name=f"{name}Page")}


def _schemes() -> dict[str, Any]:
    says = {
        "webhook-id": "Standard Webhooks: the id of the message, `msg_...`; sent again, the same. It is the key that "
        "makes a signed request safe to send again.",
        "webhook-timestamp": "When it was signed, in seconds of Unix time; five minutes off is too far.",
        "webhook-signature": "`v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, separated "
        "by blanks, while a secret changes.",
    }
    signed = {name: {"type": "apiKey", "in": "header", "name": name, "description": says[name]} for name in says}
    bearer = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of the marketplace's own issuer: `iss`, `aud`, `exp`, `sub`, `role` and, of sellers, "
        "`seller_id`. Signed by a key of its key set.",
    }
    return {"bearer": bearer, **signed}
