"""Many orders in one call, a line each."""

from typing import Any

import msgspec

from infra.sandbox.builders import a_body
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.signing import ORDERS, headers_for
from tests.workflow.moving_houses import an_order_row, lines_of

NDJSON = "application/x-ndjson"


def batch(market: Marketplace, rows: bytes, **headers: str) -> Answer:
    return market.oms("POST", "/v1/orders/batch", rows, Content_Type=NDJSON, **headers)


def test_a_batch_answers_line_by_line_and_a_bad_line_stops_no_other(shared: Marketplace) -> None:
    rows = [an_order_row("B-1"), an_order_row("B-2", version=0), an_order_row("B-1"), an_order_row("B-3")]
    answer = batch(shared, lines_of(rows[:3]) + b"\n{\n" + lines_of(rows[3:]))
    assert answer.status == 200
    told = [(x["line"], x["order_id"], x["status"], x.get("applied")) for x in answer.json["items"]]
    assert told == [
        (1, "B-1", 201, True),
        (2, "B-2", 422, None),
        (3, "B-1", 200, False),
        (5, None, 400, None),
        (6, "B-3", 201, True),
    ]
    assert answer.json["items"][1]["problem"]["errors"][0]["field"] == "version"
    assert shared.oms("GET", "/v1/orders/B-3").json["version"] == 1


def test_a_version_that_says_something_else_is_refused_in_a_batch_as_alone(shared: Marketplace) -> None:
    batch(shared, lines_of([an_order_row("B-10")]))
    (item,) = batch(shared, lines_of([an_order_row("B-10", display_id="INV/1")])).json["items"]
    assert (item["status"], item["problem"]["code"]) == (409, "version_taken")


def test_a_batch_that_is_signed_gets_its_first_answer_again(shared: Marketplace) -> None:
    raw = lines_of([an_order_row("B-20")])
    headers = {**headers_for(raw.decode(), ORDERS, "msg-batch"), "Content-Type": NDJSON}
    first, again = (shared.call("POST", "/v1/orders/batch", raw, headers=headers) for _ in range(2))
    assert first.json["items"][0]["status"] == 201
    assert again.json == first.json
    assert again.headers["idempotent-replayed"] == "true"


def test_a_batch_has_bounds_of_its_own(shared: Marketplace) -> None:
    many = b"{}\n" * 501
    assert batch(shared, many).json["code"] == "too_many_rows"
    large = lines_of([an_order_row("B-30", lines=[_a_long_line(number) for number in range(500)])])
    assert len(large) > 256 * 1024
    assert batch(shared, large).json["items"][0]["problem"]["code"] == "amounts_do_not_add_up"
    too_large = batch(shared, b" " * (4 * 1024 * 1024 + 1))
    assert (too_large.status, too_large.json["at_most"]) == (413, 4 * 1024 * 1024)
    assert shared.oms("PUT", "/v1/orders/B-30", large).status == 413
    assert batch(shared, b"\n\n").status == 422


def _a_long_line(number: int) -> dict[str, Any]:
    return {"line_id": f"{number}", "name": "Kemeja " + "x" * 600, "quantity": 1, "unit_price": 1}


def test_a_batch_takes_what_put_takes(shared: Marketplace) -> None:
    body = a_body(order_id="B-40", placed_at=shared.world.clock())
    (item,) = batch(shared, msgspec.json.encode(body)).json["items"]
    assert item["status"] == 201
