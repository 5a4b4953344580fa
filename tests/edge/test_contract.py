"""The contract is whole: every operation, refusal, event and property is told, with examples that hold."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.domain.cases.events import EventName
from chalicelib.domain.parties import Role
from chalicelib.edge.contract.components import without_meaning
from chalicelib.edge.contract.examples import examples
from chalicelib.edge.contract.meanings import MEANINGS
from chalicelib.edge.contract.refusals import codes_of
from chalicelib.edge.problems import PROBLEMS
from tests.e2e.contract import ROUTES, document, operation_of, resolved, validator_of

OPERATIONS = [pytest.param(method, path, id=f"{method} {path}") for method, path in ROUTES]


def test_it_is_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(json.loads(json.dumps(document()))).iter_errors()] == []


def test_every_property_says_what_it_means() -> None:
    assert list(without_meaning(document()["components"]["schemas"])) == []


def test_no_meaning_is_told_of_what_is_not_there() -> None:
    schemas = document()["components"]["schemas"]
    names = {f"{kind}.{name}" for kind, schema in schemas.items() for name in schema.get("properties", ())}
    for route in ROUTES.values():
        names |= {f"{route.query.__name__}.{name}" for name in route.query.__struct_fields__}
        names |= {f"path.{name}" for name in route.places}
    known = names | {name.partition(".")[2] for name in names}
    assert sorted(set(MEANINGS) - known) == []


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_operation_has_a_name_a_subject_and_sentences(method: str, path: str) -> None:
    told = operation_of(method, path)
    tags = {tag["name"] for tag in document()["tags"]}
    assert set(told["tags"]) <= tags
    assert told["operationId"].isidentifier()
    assert told["summary"]
    assert not told["summary"].endswith(".")
    assert told["description"].endswith(".")
    assert all(each["description"] for each in told["parameters"])


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_operation_refuses_as_what_it_takes_demands(method: str, path: str) -> None:
    route, told = ROUTES[method, path], operation_of(method, path)
    heard = {code for each in told["responses"].values() for code in resolved(each).get("x-codes", ())}
    assert heard == codes_of(route)
    by_status = {int(status): resolved(each) for status, each in told["responses"].items()}
    if route.roles:
        assert {"WWW-Authenticate"} <= set(by_status[401]["headers"])
        assert 403 in by_status
    assert all("Retry-After" in by_status[status]["headers"] for status in (429, 503))
    assert all(PROBLEMS[code][0] == status for status, each in by_status.items() for code in each.get("x-codes", ()))


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_made_says_where_it_is(method: str, path: str) -> None:
    route = ROUTES[method, path]
    # An answer may be the address itself.
    said = route.made_at is not None or "url" in getattr(route.gives, "__annotations__", ())
    assert 201 not in route.statuses or said, "made_at= of @route: where a 201 can be found"


def test_what_may_be_signed_names_all_headers_of_a_signature() -> None:
    schemes = document()["components"]["securitySchemes"]
    for method, path in ROUTES:
        for way in operation_of(method, path)["security"]:
            assert set(way) in ({"bearer"}, {"webhook-id", "webhook-timestamp", "webhook-signature"})
            assert set(way) <= set(schemes)


def test_customer_service_reads_in_the_contract_that_it_must_say_why() -> None:
    alone = frozenset({Role.SUPPORT, Role.OPERATOR})
    bodies = {route.takes for route in ROUTES.values() if route.roles and route.roles <= alone}
    told = {kind.__name__: document()["components"]["schemas"][kind.__name__] for kind in bodies if kind}
    noted = {name: schema["properties"]["note"] for name, schema in told.items() if "note" in schema["properties"]}
    assert len(noted) > 3
    assert [name for name, note in noted.items() if note.get("pattern") != r"\S"] == []


# --- examples


def test_every_operation_and_event_has_an_example_and_nothing_else_does() -> None:
    told = {route.name for route in ROUTES.values()} | {str(name) for name in EventName}
    assert set(examples()) == told, "python -m tests.e2e.write_examples"
    assert set(document()["webhooks"]) == {str(name) for name in EventName}


def shown(part: Any) -> Iterator[tuple[Any, Any]]:
    """Every example within a part of the document, with its schema."""
    if isinstance(part, dict):
        if "example" in part and "schema" in part:
            yield part["schema"], part["example"]
        for name, each in part.items():
            if name not in ("example", "schema"):
                yield from shown(each)
    elif isinstance(part, list):
        for each in part:
            yield from shown(each)


@pytest.mark.parametrize("part", ["paths", "webhooks", "components"])
def test_every_example_keeps_its_schema(part: str) -> None:
    found = list(shown(document()[part]))
    assert len(found) > 5
    for schema, example in found:
        assert [(error.message, example) for error in validator_of(schema).iter_errors(example)] == []


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_operation_shows_a_request_and_its_answer(method: str, path: str) -> None:
    told = operation_of(method, path)
    assert all("example" in each for each in told["parameters"] if each["in"] in ("path", "header"))
    good = [each for status, each in told["responses"].items() if status < "300"]
    assert any("example" in each["content"]["application/json"] for each in good)
    assert "requestBody" not in told or all("example" in each for each in told["requestBody"]["content"].values())
