"""Lists over HTTP: page by page, nothing twice, in the order that was asked for, with cursors of their own alone."""

from datetime import timedelta
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from tests.e2e.conftest import Marketplace
from tests.e2e.every_operation import NOTE, PNG, SLIP, a_case, an_order


def pages(market: Marketplace, role: str, who: str, path: str, limit: int = 2) -> list[list[Any]]:
    found, cursor = [], ""
    while True:
        answer = market.as_(role, who, "GET", f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}")
        assert answer.status == 200, answer
        found.append(answer.json["items"])
        if answer.json["next_cursor"] is None:
            return found
        cursor = f"&cursor={answer.json['next_cursor']}"


def uploaded(market: Marketplace, case_id: str) -> str:
    """A file that was announced, and really lies there."""
    evidence_id: str = market.buyer("POST", f"/v1/cases/{case_id}/evidence", SLIP).json["evidence_id"]
    key = f"evidence/{case_id}/{evidence_id}.png"
    boto3.client("s3").put_object(Bucket=wiring.settings().evidence_bucket, Key=key, Body=PNG)
    return evidence_id


def test_a_thread_a_timeline_and_files_are_read_page_by_page(shared: Marketplace) -> None:
    order_id = an_order(shared)
    shared.buyer("POST", f"/v1/orders/{order_id}/messages", {"text": "before"})
    case_id = shared.ask(order_id)["case_id"]
    for number in range(4):
        shared.seller("POST", f"/v1/cases/{case_id}/messages", {"text": f"{number}"})
    thread = pages(shared, "seller", "toko-baju", f"/v1/cases/{case_id}/messages")
    texts = [[each["text"] for each in page] for page in thread]
    assert texts == [["0", "1"], ["2", "3"]], "what the buyer wrote before the case is not the seller's to read"
    chat = pages(shared, "buyer", "budi", f"/v1/orders/{order_id}/messages", 3)
    assert [len(page) for page in chat] == [3, 2]

    for days in (1, 2):
        until = shared.row(case_id).deadline_at
        assert until
        shared.say("support", case_id, "extend", until=(until + timedelta(hours=days)).isoformat(), **NOTE)
    timeline = pages(shared, "buyer", "budi", f"/v1/cases/{case_id}/timeline")
    assert [[entry["seq"] for entry in page] for page in timeline] == [[1, 2], [3]]

    there = [uploaded(shared, case_id)]
    shared.buyer("POST", f"/v1/cases/{case_id}/evidence", SLIP)
    there += [uploaded(shared, case_id), uploaded(shared, case_id)]
    files = pages(shared, "seller", "toko-baju", f"/v1/cases/{case_id}/evidence")
    assert [[file["evidence_id"] for file in page] for page in files] == [there[:2], there[2:]]


def test_policies_are_read_page_by_page(shared: Marketplace) -> None:
    everything = shared.as_("operator", "omar", "GET", "/v1/policies?limit=100").json["items"]
    found = pages(shared, "operator", "omar", "/v1/policies")
    assert [policy for page in found for policy in page] == everything
    assert all(len(page) <= 2 for page in found)


def test_a_cursor_of_another_list_or_of_ones_own_making_is_refused(shared: Marketplace) -> None:
    first, second = a_case(shared), a_case(shared)
    for case_id in (first, second):
        for text in ("a", "b"):
            shared.buyer("POST", f"/v1/cases/{case_id}/messages", {"text": text})
    cursor = shared.buyer("GET", f"/v1/cases/{first}/messages?limit=1").json["next_cursor"]
    for path in (f"/v1/cases/{second}/messages", f"/v1/cases/{first}/timeline", f"/v1/cases/{first}/evidence"):
        for given in (cursor, "abc", "bm9uc2Vuc2U"):
            answer = shared.buyer("GET", f"{path}?cursor={given}")
            assert (answer.status, answer.json["code"]) == (400, "bad_cursor"), path
    for path in ("/v1/policies", "/v1/mail-stops"):
        assert shared.support("GET", f"{path}?cursor={cursor}").json["code"] == "bad_cursor"


@pytest.mark.parametrize(
    ("role", "who", "query"),
    [
        ("buyer", "dewi", ""),
        ("seller", "toko-dewi", ""),
        ("support", "sari", "&buyer_id=dewi"),
        ("operator", "omar", "&seller_id=toko-dewi"),
        ("support", "sari", ""),
    ],
)
def test_by_deadline_whoever_asks(shared: Marketplace, role: str, who: str, query: str) -> None:
    if not shared.as_("buyer", "dewi", "GET", "/v1/cases").json["items"]:
        for number, hours in enumerate((9, 2, 5)):
            order_id = shared.order(f"DEWI-{number}", buyer="dewi", seller="toko-dewi")
            case_id = shared.ask(order_id, who="dewi")["case_id"]
            until = shared.row(case_id).deadline_at
            assert until
            shared.say("support", case_id, "extend", until=(until + timedelta(hours=hours)).isoformat(), **NOTE)
        gone = shared.ask(shared.order("DEWI-9", buyer="dewi", seller="toko-dewi"), who="dewi")["case_id"]
        shared.say("buyer", gone, "withdraw", who="dewi")
    found = [case for page in pages(shared, role, who, f"/v1/cases?sort=deadline_at{query}") for case in page]
    hers = [case["order_id"] for case in found if case["buyer_id"] == "dewi"]
    assert hers == ["DEWI-1", "DEWI-2", "DEWI-0", "DEWI-9"]
    deadlines = [case["deadline_at"] for case in found if case["deadline_at"]]
    assert deadlines == sorted(deadlines)
