"""What answers say beside their body: where to find what was made, how to say who calls, in which language."""

from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Marketplace
from tests.e2e.contract import ROUTES
from tests.e2e.every_operation import REQUESTS, a_case
from tests.e2e.test_every_operation import sent

MAKING = [pytest.param(*key, id=f"{key[0]} {key[1]}") for key, route in ROUTES.items() if route.made_at]


@pytest.mark.parametrize(("method", "path"), MAKING)
def test_what_was_made_is_found_where_its_answer_says_the_second_time_too(
    shared: Marketplace, method: str, path: str
) -> None:
    request = REQUESTS[method, path](shared)
    first = sent(shared, method, path, request, request.who, Idempotency_Key=f"made-{path}")
    again = sent(shared, method, path, request, request.who, Idempotency_Key=f"made-{path}")
    assert first.status == 201
    where = first.headers["location"]
    assert (again.headers["location"], again.headers["idempotent-replayed"]) == (where, "true")
    assert where.startswith("http://127.0.0.1:8000/v1/")
    assert shared.as_(*request.who, "GET", urlsplit(where).path).status == 200


def test_an_order_that_is_known_is_not_made_again(shared: Marketplace) -> None:
    request = REQUESTS["PUT", "/v1/orders/{order_id}"](shared)
    path = f"/v1/orders/{request.places['order_id']}"
    shared.oms("PUT", path, request.body)
    again = shared.oms("PUT", path, request.body)
    assert (again.status, "location" in again.headers) == (200, False)


def test_an_id_of_any_platform_stands_encoded_where_it_is_found(shared: Marketplace) -> None:
    shared.order("INV/2026 ü?#1")
    path = "/v1/orders/INV%2F2026%20%C3%BC%3F%231/messages"
    assert shared.buyer("POST", path, {"text": "Halo"}).headers["location"].endswith(path)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/v1/orders", {}),
        ("POST", "/v1/orders/x/status", {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,x"}),
    ],
    ids=["by the authorizer", "by the signature"],
)
def test_who_is_unknown_is_told_how_to_say_who_they_are(
    shared: Marketplace, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = shared.call(method, path, {} if method == "POST" else None, headers=headers)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(("language", "why"), [("en", "price"), ("id", "Harga")])
def test_the_case_that_a_refusal_shows_speaks_the_callers_language(
    shared: Marketplace, language: str, why: str
) -> None:
    case_id = a_case(shared)
    shared.say("seller", case_id, "approve")
    refused = shared.seller("POST", f"/v1/cases/{case_id}/approve", {}, Accept_Language=language)
    assert (refused.status, refused.json["code"]) == (409, "already_decided")
    assert why in refused.json["case"]["quote"]["lines"][0]["why"]
    many = {"decisions": [{"case_id": case_id, "action": "approve"}]}
    answer = shared.seller("POST", "/v1/cases/bulk-decisions", many, Accept_Language=language)
    assert why in answer.json["items"][0]["problem"]["case"]["quote"]["lines"][0]["why"]
