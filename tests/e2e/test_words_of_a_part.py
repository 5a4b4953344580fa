"""A part of an order is cancelled: nobody is told that the order is, and what goes on is said to go on."""

import pytest

from chalicelib.domain.orders.order import Line
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.e2e.test_stories import decision_link

LINES = (Line(line_id="1", name="Kemeja", quantity=3, unit_price=50_000, category="fashion"),)
ONE = [{"line_id": "1", "quantity": 1}]


@pytest.fixture
def asked(market: Marketplace) -> str:
    case_id: str = market.ask(market.order("PART-1", lines=LINES), lines=ONE)["case_id"]
    market.waits_in(case_id)
    return case_id


def seen(market: Marketplace, path: str, who: str, role: str) -> str:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone.open(path).text


def test_the_seller_is_asked_about_a_part_and_told_that_the_rest_can_go_out(market: Marketplace, asked: str) -> None:
    wanted = next(mail for mail in market.mails() if mail.kind == "decision_needed")
    assert "sebagian pesanan PART-1" in wanted.subject
    page = Phone(market).open(decision_link(market, asked)).text
    assert "sebagian pesanan ini" in page
    assert "sisa pesanan tetap berjalan" in page
    market.say("seller", asked, "approve")
    market.money_is_sent(asked)
    told = {mail.to: mail for mail in market.mails() if mail.kind == "approved"}
    assert "sisanya bisa dikirim seperti biasa" in told["toko-baju@example.com"].text
    assert told["budi@example.com"].subject == "Sebagian pesanan PART-1 dibatalkan"
    for mail in told.values():
        assert "pesanan ini dibatalkan" not in mail.text.lower()


@pytest.mark.parametrize(("who", "role"), [("budi", "buyer"), ("toko-baju", "seller"), ("sari", "support")])
def test_no_page_says_that_the_order_is_cancelled(market: Marketplace, asked: str, who: str, role: str) -> None:
    market.say("seller", asked, "approve")
    page = seen(market, f"/cases/{asked}", who, role)
    assert "Sebagian pesanan dibatalkan" in page
    assert "Sisa pesanan tetap berjalan" in page
    status, _, _ = page.partition("Riwayat")
    assert "Pesanan dibatalkan" not in status
