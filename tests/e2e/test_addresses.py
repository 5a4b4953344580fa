"""What is typed in an address is bounded like what stands in a body: a clear refusal, never a guess or a failure."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone

NINES = "9" * 30

# who, path, query: refused, naming which
WRONG: list[tuple[str, str, dict[str, str], str]] = [
    ("buyer", "/v1/orders", {"limit": "0001999"}, "limit"),
    ("buyer", "/v1/orders", {"limit": "0001" + NINES}, "limit"),
    ("buyer", "/v1/orders", {"limit": "9" * 5_000}, "limit"),
    ("buyer", "/v1/orders", {"limit": "0"}, "limit"),
    ("buyer", "/v1/orders", {"limit": ""}, "limit"),
    ("buyer", "/v1/orders", {"limit": "٣"}, "limit"),
    ("buyer", "/v1/orders", {"limit": "null"}, "limit"),
    ("buyer", "/v1/orders", {"cursor": ""}, "cursor"),
    ("buyer", "/v1/orders", {"status": ""}, "status"),
    ("support", "/v1/orders", {"buyer_id": ""}, "buyer_id"),
    ("support", "/v1/orders", {"seller_id": "a\nb"}, "seller_id"),
    ("support", "/v1/cases", {"buyer_id": ""}, "buyer_id"),
    ("support", "/v1/cases", {"seller_id": ""}, "seller_id"),
    ("support", "/v1/cases", {"order_id": ""}, "order_id"),
    ("support", "/v1/cases", {"order_id": "A-1\n"}, "order_id"),
    ("support", "/v1/cases", {"state": "asleep"}, "state"),
    ("support", "/v1/cases", {"outcome": ""}, "outcome"),
    ("support", "/v1/cases", {"sort": "newest"}, "sort"),
    ("support", "/v1/cases", {"due_before": ""}, "due_before"),
    ("support", "/v1/cases", {"due_before": "2026-01-01"}, "due_before"),
    ("support", "/v1/cases", {"due_before": "1767225600"}, "due_before"),
    ("support", "/v1/cases", {"updated_since": "0001-01-01T00:00:00Z"}, "updated_since"),
    ("support", "/v1/cases", {"selller_id": "toko-baju"}, "selller_id"),
    ("operator", "/v1/policies/lazada", {"version": "0001" + NINES}, "version"),
    ("operator", "/v1/policies/lazada", {"version": "0"}, "version"),
    ("operator", "/v1/policies/lazada", {"version": ""}, "version"),
    ("operator", "/v1/policies/lazada", {"version": "null"}, "version"),
    ("operator", "/v1/mail-stops", {"limit": "101"}, "limit"),
    ("buyer", "/v1/orders/LZD-1001/cancellation-options", {"lines": ""}, "lines"),
    ("buyer", "/v1/orders/LZD-1001/cancellation-options", {"lines": "1:0"}, "lines"),
    ("buyer", "/v1/orders/LZD-1001/cancellation-options", {"lines": "1:0002" + NINES}, "lines"),
    ("buyer", "/v1/orders/LZD-1001/cancellation-options", {"lines": "1:" + NINES}, "lines"),
    ("buyer", "/v1/orders/LZD-1001/cancellation-options", {"reason_code": ""}, "reason_code"),
    ("buyer", "/v1/orders/LZD-1001/cancellation-options", {"kind": ""}, "kind"),
    ("buyer", "/v1/wallets/budi", {"currency": ""}, "currency"),
    ("buyer", "/v1/wallets/budi", {"currency": "IDR\n"}, "currency"),
    ("buyer", "/v1/orders/LZD-1001", {"verbose": "1"}, "verbose"),
]
IDS = [f"{path}?{urlencode(query)[:40]}" for _, path, query, _ in WRONG]


@pytest.fixture(scope="module")
def known(shared: Marketplace) -> Marketplace:
    shared.push("LZD-1001")
    return shared


@pytest.mark.parametrize(("role", "path", "query", "field"), WRONG, ids=IDS)
def test_a_query_is_bounded_and_what_is_wrong_is_named(
    known: Marketplace, role: str, path: str, query: dict[str, str], field: str
) -> None:
    who = {"buyer": "budi", "support": "sari", "operator": "omar"}[role]
    answer = known.as_(role, who, "GET", f"{path}?{urlencode(query, quote_via=quote)}")
    assert (answer.status, answer.json["code"]) == (422, "validation_failed"), answer.text
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_all_unknown_names_are_told(known: Marketplace) -> None:
    answer = known.support("GET", "/v1/cases?sate=closed&limit=5&oder_id=A-1")
    assert [error["field"] for error in answer.json["errors"]] == ["oder_id", "sate"]


def test_a_body_is_not_taken_with_a_query(known: Marketplace) -> None:
    answer = known.buyer("POST", "/v1/orders/LZD-1001/messages?dry=1", {"text": "Halo"})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "dry")


@pytest.mark.parametrize("zone", ["+07:00", "%2B07:00", "Z"])
def test_a_moment_may_be_written_with_its_plus(known: Marketplace, zone: str) -> None:
    assert known.support("GET", f"/v1/cases?due_before=2026-12-01T00:00:00{zone}").status == 200


def test_an_id_does_not_end_in_a_new_line(known: Marketplace) -> None:
    body: dict[str, Any] = {"reason_code": "wrong_size\n", "channel": "app", "accept_terms": True}
    answer = known.buyer("POST", "/v1/orders/LZD-1001/cancellations", body)
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")


# --- pages


@pytest.fixture
def operator(known: Marketplace) -> Phone:
    phone = Phone(known)
    phone.sign_in("omar", "operator")
    return phone


@pytest.mark.parametrize("name", ["version", "against"])
@pytest.mark.parametrize("typed", ["0001" + NINES, "9" * 5_000, "-1", "two", "٣"])
def test_a_version_that_is_no_number_is_refused_on_a_page_as_well(operator: Phone, name: str, typed: str) -> None:
    assert operator.open(f"/operations/policies/lazada?{name}={quote(typed)}").status == 422


def test_a_form_with_too_many_fields_is_refused(operator: Phone) -> None:
    page = operator.open("/operations/policies/lazada")
    many = {f"x{number}": "1" for number in range(600)}
    assert operator.submit(page, "/operations/policies/lazada", source="{}", **many).status == 422


@pytest.mark.parametrize("source", ["[" * 30_000, '{"name":' * 15_000, '{"refund_days":' + "[" * 900 + "]" * 900 + "}"])
def test_a_policy_nested_without_end_is_refused(operator: Phone, source: str) -> None:
    page = operator.open("/operations/policies/lazada")
    assert operator.submit(page, "/operations/policies/lazada", source=source).status == 422


def test_a_policy_nested_without_end_is_refused_by_the_api(known: Marketplace) -> None:
    for body in (b'{"name":' * 15_000, b'{"refund_days":' + b"[" * 900 + b"]" * 900 + b"}"):
        answer = known.as_("operator", "omar", "PUT", "/v1/policies/lazada", body)
        assert answer.status in (400, 422)
