"""A part of an order is cancelled: nobody is told that the order is, and what goes on is said to go on."""

import pytest

from chalicelib.domain.orders.body import Line
from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
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
    assert "batal 1x Kemeja, Rp50.000 · " in wanted.subject
    assert "PART-1" in wanted.text
    page = market.behind(decision_link(market, asked)).text
    assert "sebagian pesanan ini" in page
    assert "Sisa pesanan tetap berjalan" in page
    market.say("seller", asked, "approve")
    market.all_goes_out(asked)
    told = {mail.to: mail for mail in market.mails() if mail.kind == "approved"}
    assert "Sisanya bisa dikirim seperti biasa" in told["toko-baju@example.com"].text
    assert told["budi@example.com"].subject.startswith("Dibatalkan, dana Anda kembali: 1x Kemeja, ")
    for mail in told.values():
        assert "pesanan ini dibatalkan" not in mail.text.lower()


@pytest.mark.parametrize(("who", "role"), [("budi", "buyer"), ("toko-baju", "seller"), ("sari", "support")])
def test_no_page_says_that_the_order_is_cancelled(market: Marketplace, asked: str, who: str, role: str) -> None:
    market.say("seller", asked, "approve")
    page = seen(market, f"/cases/{asked}", who, role)
    assert "Sebagian pesanan dibatalkan" in page
    assert "Sisa pesanan tetap berjalan" in page
    assert "Pesanan dibatalkan" not in page


def test_who_must_agree_second_has_one_button_for_it_and_who_agreed_first_is_not_waited_for(
    market: Marketplace,
) -> None:
    lines = (Line(line_id="1", name="TV", quantity=2, unit_price=5_000_000, category="electronics"),)
    order_id = market.order("TWO-1", lines=lines)
    case_id: str = market.ask(order_id)["case_id"]
    market.say("support", case_id, "approve", note="Sudah ditelepon")
    place = f"/cases/{case_id}"
    for who, buttons in (("sari", 0), ("rini", 1)):
        phone = Phone(market)
        phone.sign_in(who, "support")
        page = phone.open(place)
        actions = [form.action for form in forms_of(page)]
        assert (actions.count(f"{place}/confirm"), actions.count(f"{place}/approve")) == (buttons, 0)
        assert "Permintaan ini menunggu keputusan orang kedua" in page.text
        assert "menunggu keputusan Anda" not in page.text
        assert "<strong>Layanan pelanggan</strong> (sari)" in page.text
