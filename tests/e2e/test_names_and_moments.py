"""Long names, names that nobody tells, numbers that people know, and times as programs write them."""

from typing import Any

import msgspec
import pytest

from infra.sandbox.builders import a_body
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_pages import Phone


def pushed(market: Marketplace, order_id: str, **changes: Any) -> Answer:
    body = msgspec.to_builtins(a_body(order_id=order_id, placed_at=market.world.clock()))
    for name, value in changes.items():
        place, _, field = name.rpartition("__")
        (body[place] if place else body)[field] = value
    return market.oms("PUT", f"/v1/orders/{order_id}", body)


def test_names_may_be_long_or_empty(shared: Marketplace) -> None:
    market = shared
    line = {"line_id": "1", "name": "K" * 1000, "quantity": 1, "unit_price": 150_000}
    assert pushed(market, "N-1", buyer__name="B" * 1000, seller__name="", lines=[line]).status == 201
    assert pushed(market, "N-2", buyer__name=" ").status == 201
    assert pushed(market, "N-3", buyer__name="B" * 1001).json["errors"][0]["field"] == "buyer.name"
    assert pushed(market, "N-4", lines=[line | {"name": ""}]).status == 422
    market.waits_in(market.ask("N-1")["case_id"])
    market.waits_in(market.ask("N-2")["case_id"])
    assert any(mail.text.startswith("Halo,") for mail in market.mails())
    buyer, seller = Phone(market), Phone(market)
    buyer.sign_in()
    seller.sign_in("toko-baju", "seller")
    assert "<dd>Toko toko-baju</dd>" in buyer.open("/orders/N-1").text
    assert "<dd>Shop toko-baju</dd>" in buyer.open("/orders/N-1?lang=en").text
    assert "<dd>Pembeli</dd>" in seller.open("/orders/N-2").text


def test_people_read_the_number_that_they_know(shared: Marketplace) -> None:
    market = shared
    assert pushed(market, "9f86d081884c7d65", display_id="#1001").status == 201
    case = market.ask("9f86d081884c7d65")
    assert (case["order_id"], case["display_id"]) == ("9f86d081884c7d65", "#1001")
    market.waits_in(case["case_id"])
    mails = [mail for mail in market.mails() if case["case_id"] in mail.text]
    assert len(mails) == 2
    for mail in mails:
        assert "#1001" in mail.text
        assert "9f86d081884c7d65" not in mail.text + mail.subject
    buyer, seller, support = Phone(market), Phone(market), Phone(market)
    buyer.sign_in()
    seller.sign_in("toko-baju", "seller")
    support.sign_in("sari", "support")
    place = "/orders/9f86d081884c7d65"
    for page in (
        buyer.open("/orders"),
        buyer.open(place),
        buyer.open(f"{place}/cancel"),
        buyer.open(f"{place}/help?reason=salah"),
        buyer.open(f"/cases/{case['case_id']}"),
        buyer.open(f"/cases/{case['case_id']}/file"),
        seller.open("/seller"),
        support.open("/support?tab=seller"),
    ):
        assert "#1001" in page.text
        assert ">9f86d081884c7d65" not in page.text
    written = buyer.open(f"{place}/help?reason=salah").text
    assert "Nomor pesanan: #1001" in written


FORM = "such as `2026-11-22T10:00:00+07:00`"
NO_DATE = "leave the field out"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2026-11-22T10:00:00", FORM),
        ("2026-11-22", FORM),
        ("22/11/2026 10:00", FORM),
        ("0000-00-00T00:00:00Z", NO_DATE),
        ("0001-01-01T00:00:00", NO_DATE),
        ("0001-01-01T00:00:00Z", NO_DATE),
        ("0001-01-01T00:00:00+07:00", NO_DATE),
        ("1970-01-01T00:00:00Z", NO_DATE),
        ("1970-01-01T00:00:00+07:00", NO_DATE),
        ("1999-12-31T00:00:00Z", "2000 to 2099"),
    ],
)
def test_a_time_that_cannot_be_says_how_to_write_one(shared: Marketplace, given: str, told: str) -> None:
    answer = pushed(shared, "T-1", paid_at=given)
    (error,) = answer.json["errors"]
    assert (answer.status, error["field"]) == (422, "paid_at")
    assert told in error["message"], error
