"""What is worth much is not one person's alone to grant: by link, order and day; the timeline says whose it was."""

from typing import Any

import pytest

from chalicelib.domain.orders.body import Line
from infra.sandbox import tokens
from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Marketplace
from tests.e2e.test_stories import decision_link

NOTE = {"note": "talked to both"}


def laptops(count: int, price: int = 5_000_000) -> dict[str, Any]:
    return {"lines": (Line(line_id="1", name="Laptop", quantity=count, unit_price=price),)}


def link_of(market: Marketplace, case_id: str) -> str:
    market.waits_in(case_id)
    return decision_link(market, case_id)


def test_a_dear_request_is_not_decided_by_whoever_holds_the_link(market: Marketplace) -> None:
    case_id: str = market.ask(market.order("DEAR-1", **laptops(1, 6_500_000)))["case_id"]
    link = link_of(market, case_id)
    page = market.behind(link)
    assert page.status == 200
    assert f"/cases/{case_id}" in page.text
    assert 'name="answer"' not in page.text
    assert market.press(link, answer="approve").status == 403
    assert market.row(case_id).open


@pytest.mark.parametrize(("price", "status"), [(1_000_000, 303), (1_000_001, 403)])
def test_up_to_the_policys_amount_the_link_decides(market: Marketplace, price: int, status: int) -> None:
    case_id: str = market.ask(market.order(f"LINK-{price}", **laptops(1, price)))["case_id"]
    assert market.press(link_of(market, case_id), answer="approve").status == status


def test_in_another_currency_the_link_never_decides(market: Marketplace) -> None:
    case_id: str = market.ask(market.order("USD-1", currency="USD", **laptops(1, 100)))["case_id"]
    assert market.press(link_of(market, case_id), answer="approve").status == 403


def piece(market: Marketplace, order_id: str) -> str:
    wish = {"reason_code": "wrong_size", "channel": "phone", "accept_terms": True, "on_behalf_of": "budi"}
    line = {"lines": [{"line_id": "1", "quantity": 1}]}
    answer = market.support("POST", f"/v1/orders/{order_id}/cancellations", wish | line)
    assert answer.status == 201, answer
    return str(answer.json["case_id"])


def test_one_person_cannot_grant_a_dear_order_piece_by_piece(open_marketplace: Any) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, max_attempts=5))
    market.order("PIECES-1", **laptops(3))
    first = market.say("support", piece(market, "PIECES-1"), "approve", **NOTE)
    assert first["outcome"] == "cancelled"
    second = market.say("support", piece(market, "PIECES-1"), "approve", **NOTE)
    assert second["needs_second_person"]
    assert second["outcome"] is None


def test_one_person_grants_only_so_much_on_a_day(open_marketplace: Any) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, second_person_above_a_day=9_000_000))
    for number, alone in ((1, True), (2, False)):
        case_id = market.ask(market.order(f"DAY-{number}", **laptops(1)))["case_id"]
        said = market.say("support", case_id, "approve", **NOTE)
        assert (said["outcome"] == "cancelled") is alone
    market.later(86_400)
    case_id = market.ask(market.order("DAY-3", **laptops(1)))["case_id"]
    assert market.say("support", case_id, "approve", **NOTE)["outcome"] == "cancelled"


def entries(market: Marketplace, case_id: str) -> list[Any]:
    found: list[Any] = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    return found


def test_the_timeline_says_which_employee_and_through_which_door(market: Marketplace) -> None:
    by_link: str = market.ask(market.order("DOOR-1"))["case_id"]
    market.press(link_of(market, by_link), answer="approve")
    assert entries(market, by_link)[1]["facts"]["door"] == "link"
    by_api: str = market.ask(market.order("DOOR-2"))["case_id"]
    token = tokens.token("rina", "seller", "toko-baju")
    assert market.call("POST", f"/v1/cases/{by_api}/approve", {}, token=token).status == 200
    decided = entries(market, by_api)[1]
    assert (decided["facts"]["door"], decided["facts"]["person"]) == ("api", "rina")
    assert decided["actor"] == {"role": "seller", "id": "toko-baju"}
