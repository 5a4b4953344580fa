"""Every operation of the contract does what the contract says: valid requests are taken, by its roles and no others."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from chalicelib.edge.contract.examples import examples
from chalicelib.edge.route import JSON
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.contract import ROUTES, operation_of, validator_of
from tests.e2e.every_operation import EVERY_ROLE, REQUESTS, Request

LABELS = [f"{method} {path}" for method, path in ROUTES]


def sent(market: Marketplace, method: str, path: str, request: Request, who: tuple[str, str], **headers: str) -> Answer:
    place = path.format(**request.places) + (f"?{urlencode(request.query)}" if request.query else "")
    role, name = who
    return market.as_(role, name, method, place, request.body, **{**request.headers, **headers})


def not_valid(method: str, path: str, request: Request) -> list[str]:
    """What the contract says against a request."""
    operation = operation_of(method, path)
    values = {("query", name): value for name, value in request.query.items()}
    values |= {("path", name): value for name, value in request.places.items()}
    known = {(each["in"], each["name"]): each for each in operation["parameters"]}
    wrong = [f"unknown {key}" for key in values.keys() - known.keys()]
    wrong += [f"{key} is missing" for key, each in known.items() if each.get("required") and key not in values]
    told = [(known[key]["schema"], value) for key, value in values.items() if key in known]
    if "requestBody" in operation:
        ((_, content),) = operation["requestBody"]["content"].items()
        told.append((content["schema"], request.said))
    elif request.body is not None:
        wrong.append("no body is taken")
    for schema, value in told:
        wrong += [error.message for error in validator_of(schema).iter_errors(value)]
    return wrong


WRITE = "the contract shows another request or answer: python -m tests.e2e.write_examples"


def shape_of(value: Any) -> Any:
    """The names of what a value holds, without what they say."""
    if isinstance(value, dict):
        return {name: shape_of(each) for name, each in value.items()}
    return [shape_of(each) for each in value[:1]] if isinstance(value, (list, tuple)) else None


def shows_all(shown: Any, answer: Any) -> bool:
    """Whether an example has each field that the answer has."""
    return not isinstance(answer, dict) or "openapi" in answer or set(answer) == set(shown)


def test_every_operation_has_a_request_that_works() -> None:
    assert set(REQUESTS) == set(ROUTES)


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=LABELS)
def test_roles_are_as_the_contract_says_and_a_valid_request_is_taken(
    shared: Marketplace, method: str, path: str
) -> None:
    request, operation = REQUESTS[method, path](shared), operation_of(method, path)
    assert not_valid(method, path, request) == []
    roles = set(operation.get("x-roles", (role for role, _ in EVERY_ROLE)))
    strangers = [who for who in EVERY_ROLE if who[0] not in roles]
    for who in strangers:
        answer = sent(shared, method, path, request, who)
        assert (answer.status, answer.json["code"]) == (403, "forbidden"), who
    answer = sent(shared, method, path, request, request.who)
    assert str(answer.status) in operation["responses"], answer.text
    assert answer.status < 300
    shown = examples()[ROUTES[method, path].name]
    assert shape_of(shown.get("body")) == shape_of(request.said), WRITE
    assert set(shown.get("query", ())) == set(request.query), WRITE
    assert shows_all(shown["answer"], answer.json), WRITE
    others = [who for who in EVERY_ROLE if who[0] in roles and who != request.who]
    assert [who for who in others if sent(shared, method, path, request, who).status == 403] == []


@pytest.mark.parametrize(
    ("method", "path"), [key for key, route in ROUTES.items() if route.takes and route.roles], ids=str
)
def test_a_role_that_may_never_call_is_refused_before_its_body_is_read(
    shared: Marketplace, method: str, path: str
) -> None:
    roles = operation_of(method, path)["x-roles"]
    places = dict.fromkeys(("order_id", "case_id", "seller_id", "buyer_id", "name", "webhook_id"), "nope") | {
        "refund_id": "rf_nope",
        "part": "1",
    }
    for role, who in EVERY_ROLE:
        answer = shared.as_(role, who, method, path.format(**places), b"{")
        # Of lines each is answered by itself.
        read = 400 if ROUTES[method, path].media == JSON else 200
        assert answer.status == (read if role in roles else 403), (role, answer.text)


# A provider tells under its own signature, and again as often as it likes.
KEYED = [key for key, route in ROUTES.items() if (route.method == "POST" and route.roles) or route.signed]


def test_a_key_is_promised_by_every_post_and_what_may_be_signed_and_by_nothing_else() -> None:
    promised = {
        (method, path)
        for method, path in ROUTES
        if any(each["name"] == "Idempotency-Key" for each in operation_of(method, path)["parameters"])
    }
    assert promised == set(KEYED)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(("method", "path"), KEYED, ids=[path for _, path in KEYED])
def test_a_key_is_kept_wherever_it_is_promised(shared: Marketplace, method: str, path: str) -> None:
    request = REQUESTS[method, path](shared)
    key = f"k-{path}"
    first = sent(shared, method, path, request, request.who, Idempotency_Key=key)
    again = sent(shared, method, path, request, request.who, Idempotency_Key=key)
    assert first.status < 300, first.text
    assert (again.status, again.json) == (first.status, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    # The same said otherwise: another body.
    place = path.format(**request.places)
    raw = b" " + msgspec.json.encode(request.body)
    other = shared.as_(*request.who, method, place, raw, Idempotency_Key=key)
    if path.endswith("/bulk-decisions"):
        assert [item["problem"]["code"] for item in other.json["items"]] == ["idempotency_mismatch"]
    else:
        assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")
    long = sent(shared, method, path, request, request.who, Idempotency_Key="k" * 256)
    assert long.status == 422


def test_a_push_that_is_no_news_is_kept_under_its_key_as_well(shared: Marketplace) -> None:
    request = REQUESTS["POST", "/v1/orders/{order_id}/status"](shared)
    place = f"/v1/orders/{request.places['order_id']}/status"
    shared.oms("POST", place, request.body)
    first = shared.oms("POST", place, request.body, Idempotency_Key="old")
    assert first.json == {"applied": False}
    again = shared.oms("POST", place, request.body, Idempotency_Key="old")
    assert (again.json, again.headers["idempotent-replayed"]) == ({"applied": False}, "true")
    other = shared.oms("POST", place, request.body | {"version": 9}, Idempotency_Key="old")
    assert other.json["code"] == "idempotency_mismatch"


def test_a_file_announced_by_many_at_once_under_one_key_is_one_file(shared: Marketplace) -> None:
    request = REQUESTS["POST", "/v1/cases/{case_id}/evidence"](shared)
    place = f"/v1/cases/{request.places['case_id']}/evidence"
    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(shared.buyer, "POST", place, request.body, Idempotency_Key="once") for _ in range(4)]
    answers = [each.result() for each in tries]
    assert {answer.json["evidence_id"] for answer in answers if answer.status == 201} == {
        evidence.evidence_id for evidence in shared.world.ports.store.evidence(request.places["case_id"])
    }
    assert {answer.status for answer in answers} <= {201, 409}
    assert len(shared.world.ports.store.evidence(request.places["case_id"])) == 1
