"""The contract is whole, and the API keeps it under random requests of every role."""

import json
import os
from collections import Counter
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies._internal import regex
from schemathesis import GenerationMode

from app import app
from chalicelib.edge.batches import NDJSON
from chalicelib.edge.queries import NoQuery
from infra.sandbox import tokens
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.contract import ROUTES, document
from tests.e2e.every_operation import REQUESTS, SETTLEMENT
from tests.proofs.figures import figure

pytestmark = pytest.mark.dynamodb  # what is thrown at it meets what will keep it

PAGES = ("/", "/sign-in", "/sign-out", "/static/", "/docs", "/orders", "/cases", "/d/", "/waiting/", "/finance")
OTHERS = {"buyer_id": ["budi", "ani"], "seller_id": ["toko-baju"], "name": ["lazada", "shopee", "nobody"]}
# The one refusal of a role that depends on more than the role: staff have no orders of their own.
NAMED_BY_STAFF = "GET /v1/orders"
# Requests of each kind, well-formed and not, to each operation; `make fuzz` makes ten thousand of all.
EACH = int(os.environ.get("BATAL_FUZZ", "3"))
PEOPLE = (
    ("buyer", "budi"),
    ("seller", "toko-baju"),
    ("support", "sari"),
    ("operator", "omar"),
    ("finance", "fitri"),
    ("system", "oms"),
)


def test_every_route_is_in_the_contract_and_nothing_else() -> None:
    open_to_all = ("/health", "/openapi.json")
    served = {(method, path) for path, methods in app.routes.items() for method in methods if method != "HEAD"}
    ours = {(method, path) for method, path in served if path.startswith("/v1/") or path in open_to_all}
    assert ours == set(ROUTES)
    assert all(path.startswith(PAGES) for _, path in served - ours)


def test_the_contract_is_what_is_served(shared: Marketplace) -> None:
    answer = shared.call("GET", "/openapi.json")
    assert answer.status == 200
    assert answer.json == json.loads(json.dumps(document()))
    named = {each["operationId"] for path in document()["paths"].values() for each in path.values()}
    assert len(named) == len(ROUTES), "every operation has a name of its own"


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(document())
    names = document()["components"]["schemas"]
    assert {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]} <= set(names)


def test_every_schema_has_a_plain_name_of_its_own() -> None:
    """Two types of one name are told apart by their modules' names, and generated clients by nothing."""
    schemas = document()["components"]["schemas"]
    assert [name for name in schemas if not name.isidentifier()] == []
    titles = [schema["title"] for schema in schemas.values() if "title" in schema]
    assert sorted(titles) == sorted(set(titles))


# --- fuzz

# Hypothesis works through a pattern's characters anew for each place of each draw; an address has 65,000 of them.
regex.regex_strategy = cache(regex.regex_strategy)


@schemathesis.serializer(NDJSON)
def a_line(ctx: Any, value: Any) -> bytes:
    """A batch of one line."""
    return as_json(value)


@cache
def operations() -> dict[str, Any]:
    schema = schemathesis.openapi.from_dict(document())
    found = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    return {f"{each.method.upper()} {each.path}": each for each in found}


@pytest.fixture(scope="module")
def names(shared: Marketplace) -> dict[str, list[str]]:
    """Names that exist: orders, and cases at several points."""
    cases = [shared.ask(shared.order(f"F-{number}"))["case_id"] for number in range(6)]
    shared.say("seller", cases[0], "offer", fee=1_000)
    shared.say("seller", cases[1], "reject", reason_code="already_packed")
    shared.say("seller", cases[2], "approve")
    orders = [f"F-{number}" for number in range(6)] + [shared.order(f"G-{number}") for number in range(3)]
    ours = [shared.as_(role, who, "POST", "/v1/reconciliations", SETTLEMENT).json for role, who in PEOPLE[3:5]]
    jobs = [job["job_id"] for job in ours]
    return {
        "job_id": [*jobs, "nope"],
        "webhook_id": [REQUESTS["GET", "/v1/webhooks/{webhook_id}"](shared).places["webhook_id"], "nope"],
        "order_id": orders,
        "case_id": cases,
        "refund_id": [f"rf_{cases[2]}"],
        "part": ["1", "7"],
        "role": ["buyer"],
        # Whose orders none of the other tests here reads.
        "person_id": ["nobody-in-particular"],
        **OTHERS,
    }


# A request without body or query has nothing that could be malformed.
DRAWN = [(f"{method} {path}", GenerationMode.POSITIVE) for method, path in ROUTES]
DRAWN += [
    (f"{method} {path}", GenerationMode.NEGATIVE)
    for (method, path), each in ROUTES.items()
    if each.takes or each.query is not NoQuery
]


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize(("label", "mode"), DRAWN, ids=[f"{label} {mode.value}" for label, mode in DRAWN])
def test_random_requests_never_break_the_contract(
    shared: Marketplace, names: dict[str, list[str]], label: str, mode: GenerationMode
) -> None:
    operation, heard = operations()[label], Counter[int]()
    roles = operation.definition.raw.get("x-roles")
    places = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    known = st.fixed_dictionaries({place: st.sampled_from(names[place]) for place in places})

    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        derandomize=EACH < 20,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), place=known, who=st.sampled_from(PEOPLE))
    def asked(case: Any, place: dict[str, str], who: tuple[str, str]) -> None:
        status = sent(shared, case, place, who).status
        heard[status] += 1
        if roles and who[0] not in roles:
            assert status == 403, who
        elif label != NAMED_BY_STAFF:
            assert status != 403, who

    asked()
    assert not [status for status in heard if status >= 500], heard
    figure("api fuzz", f"{label}, {mode.value}: {dict(sorted(heard.items()))}")


def sent(market: Marketplace, case: Any, place: dict[str, str], who: tuple[str, str]) -> Answer:
    """The request over HTTP; `call` holds the answer against the contract."""
    path = case.path.format(**{name: quote(str(value), safe="") for name, value in place.items()})
    query = {name: value for name, value in (case.query or {}).items() if value is not None}
    path += f"?{urlencode(query, doseq=True)}" if query else ""
    body = None if isinstance(case.body, schemathesis.core.NotSet) else as_json(case.body)
    role, name = who
    token = tokens.token(name, role, name if role == "seller" else None)
    return market.call(case.method.upper(), path, body, token=token)


def as_json(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
