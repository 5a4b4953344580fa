"""The largest order that is accepted, granted piece by piece: nothing comes near what AWS takes.

Every call is held to AWS's limits by tests/strict_aws.py; how large items became is looked at here as well.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest

from chalicelib.adapters.dynamodb.order_rows import body_text
from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_body, a_policy
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.strict_aws import ITEM, size_of

pytestmark = pytest.mark.dynamodb

KB = 1024
LARGEST = 256 * KB
LETTERS = "abcdefghijklmnopqrstuvwxyzäëïöü0123456789"


def words(dice: random.Random, length: int) -> str:
    return "".join(dice.choices(LETTERS, k=length))


def the_largest(market: Marketplace) -> bytes:
    """500 lines, ids as long as they may be, names that no compression makes shorter; as many bytes as are taken."""
    dice = random.Random(500)
    many = tuple(
        Line(line_id=f"{number:03}-{dice.randbytes(30).hex()}", name=words(dice, 200), quantity=3, unit_price=500)
        for number in range(500)
    )
    body = a_body(order_id="LARGE-1", lines=many, placed_at=market.world.clock())
    text = body_text(body).encode()
    # What is still free goes into the first lines' other texts.
    while (free := LARGEST - len(text)) > 250:
        number = next(at for at, line in enumerate(body.lines) if line.sku is None)
        line = replace(body.lines[number], sku="s" * min(200, free))
        body = replace(body, lines=(*body.lines[:number], line, *body.lines[number + 1 :]))
        text = body_text(body).encode()
    assert LARGEST - 300 < len(text) <= LARGEST
    return text


def largest_items() -> dict[str, int]:
    """The largest item of each table, in bytes; of the cases' by the kind of its sort key."""
    client: Any = boto3.client("dynamodb")
    found: dict[str, int] = {}
    for table in client.list_tables()["TableNames"]:
        for page in client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                kind = f"{table.rpartition('-')[2]} {item.get('sk', {}).get('S', '')[:2]}"
                found[kind] = max(found.get(kind, 0), size_of(item))
    return found


def wish(pieces: Mapping[str, int]) -> dict[str, Any]:
    lines = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in pieces.items()]
    return {"channel": "app", "accept_terms": True, "reason_code": "seller_slow", "lines": lines}


@pytest.mark.whole
def test_the_largest_order_is_granted_piece_by_piece(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(policy=a_policy(version=2, max_attempts=10))
    answer = market.oms("PUT", "/v1/orders/LARGE-1", the_largest(market), Idempotency_Key="push-1")
    assert answer.status in (200, 201), answer.text[:300]
    ids = [line["line_id"] for line in answer.json["order"]["lines"]]
    # A piece, a line, a piece of each other line, then whatever is left.
    steps = [{ids[0]: 1}, {ids[1]: 3}, dict.fromkeys(ids[2:], 1), {ids[0]: 2, **dict.fromkeys(ids[2:], 2)}]
    for number, pieces in enumerate(steps):
        asked = market.buyer("POST", "/v1/orders/LARGE-1/cancellations", wish(pieces), Idempotency_Key=f"ask-{number}")
        assert asked.status == 201, asked.text[:300]
        case_id = asked.json["case_id"]
        granted = market.seller("POST", f"/v1/cases/{case_id}/approve", {}, Idempotency_Key=f"yes-{number}")
        assert granted.json["outcome"] == "cancelled", granted.text[:300]
        assert market.status("LARGE-1", "ready_to_ship", 2 + number).status == 200
    assert market.buyer("GET", "/v1/orders/LARGE-1").json["status"] == "cancelled"
    assert market.world.ports.store.wallet("budi", "IDR").balance == 500 * 3 * 500
    found = market.seller("GET", "/v1/orders?limit=100").json["items"], market.seller("GET", "/v1/cases?limit=100").json
    assert [order["order_id"] for order in found[0]] == ["LARGE-1"]
    assert len(found[1]["items"]) + bool(found[1]["next_cursor"]) > 1
    sizes = largest_items()
    assert max(sizes.values()) < ITEM / 2, sizes
    # What every decision writes of the order, however it was told.
    assert sizes["orders "] < 7 * KB


def test_the_largest_order_is_asked_for_by_its_page(open_marketplace: Callable[..., Marketplace]) -> None:
    """A form of a field for each line, and pages of all of them."""
    market = open_marketplace()
    assert market.oms("PUT", "/v1/orders/LARGE-1", the_largest(market)).status == 201
    phone = Phone(market)
    phone.sign_in()
    page = phone.open("/orders/LARGE-1/cancel?reason_code=seller_slow")
    asked = phone.submit(page, "/orders/LARGE-1/cancel", accept_terms="yes")
    assert asked.status == 303, asked.text[:300]
    assert phone.open(asked.headers["location"]).status == 200
    order = market.world.ports.store.order("LARGE-1")
    assert order
    assert len(market.row(order.cases[0]).lines) == 500


def test_an_order_of_one_byte_more_is_refused_with_the_number(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace()
    largest = the_largest(market)
    more = largest + b" " * (LARGEST - len(largest) + 1)
    refused = market.oms("PUT", "/v1/orders/LARGE-1", more)
    assert refused.status == 413
    assert refused.json["code"] == "body_too_large"
    assert (refused.json["bytes"], refused.json["at_most"]) == (LARGEST + 1, LARGEST)
    assert market.world.ports.store.order("LARGE-1") is None


def test_501_lines_are_refused(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace()
    lines = tuple(Line(line_id=f"{number}", name="Kancing", quantity=1, unit_price=1) for number in range(501))
    refused = market.oms("PUT", "/v1/orders/LARGE-1", a_body(order_id="LARGE-1", lines=lines))
    assert refused.json["code"] == "validation_failed"
