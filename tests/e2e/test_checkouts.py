"""Orders that were paid together: one page, one reason, one press, and a case for each."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.errors import Unavailable
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import FORM, Phone

PAYMENT = "PAY/2026#1 100%"
PLACE = "/payments/PAY%2F2026%231%20100%25"


def checkout(market: Marketplace, **more: Any) -> None:
    """Two orders of two shops, and one that has arrived; beside them one paid alone, and one of Ani's."""
    market.order("A/1", payment_id=PAYMENT, display_id="#1", **more)
    market.order("A/2", payment_id=PAYMENT, display_id="#2", seller="toko-sepatu", **more)
    market.order("A/3", payment_id=PAYMENT, display_id="#3", status="completed", **more)
    market.order("B/1", display_id="#4")
    market.order("C/1", payment_id=PAYMENT, display_id="#5", buyer="ani")


def budi(market: Marketplace) -> Phone:
    phone = Phone(market)
    phone.sign_in()
    return phone


def confirmed(phone: Phone, page: Answer, **filled: str) -> Answer:
    """The form that asks, sent with every hidden field it has, repeated ones too."""
    (form,) = [form for form in forms_of(page) if form.action == PLACE]
    wanted = page.text.split('name="wanted" value="')[1:]
    pairs = [(name, value) for name, value in form.fields.items() if name != "wanted"]
    pairs += [("wanted", each.partition('"')[0]) for each in wanted]
    pairs = [(name, value) for name, value in pairs if name not in filled]
    return phone._call("POST", PLACE, urlencode([*pairs, *filled.items()]), {"Content-Type": FORM})


def cases(market: Marketplace) -> list[str]:
    return sorted(each["order_id"] for each in market.buyer("GET", "/v1/cases").json["items"])


def test_a_checkout_is_cancelled_in_one_press(market: Marketplace) -> None:
    checkout(market)
    phone = budi(market)
    order = phone.open("/orders/A%2F1")
    assert "3 pesanan yang dibayar bersama" in order.text
    assert f'href="{PLACE}"' in order.text
    assert "dibayar bersama" not in phone.open("/orders/B%2F1").text
    page = phone.open(PLACE)
    for known in ("#1", "#2", "#3"):
        assert f">{known}<" in page.text
    for other in ("#4", "#5"):
        assert f">{other}<" not in page.text
    assert 'name="wanted"' not in page.text, "a reason comes first"
    chosen = phone.open(f"{PLACE}?reason_code=wrong_size")
    assert "Ajukan pembatalan untuk 2 pesanan" in chosen.text
    done = confirmed(phone, chosen, accept_terms="yes", comment="maaf")
    assert done.status == 200
    assert done.text.count("Sudah diajukan.") == 2
    assert cases(market) == ["A/1", "A/2"]
    again = confirmed(phone, chosen, accept_terms="yes", comment="maaf")
    assert again.text.count("Sudah diajukan.") == 2
    assert cases(market) == ["A/1", "A/2"]
    case = market.row(market.buyer("GET", "/v1/orders/A%2F2").json["open_case"])
    assert (case.asked.reason_code, case.asked.comment, case.asked.channel) == ("wrong_size", "maaf", "web")


def test_a_press_whose_answer_was_lost_asks_for_nothing_twice(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout(market)
    phone = budi(market)
    chosen = phone.open(f"{PLACE}?reason_code=wrong_size")

    def dies(*_: Any) -> None:
        raise Unavailable("dynamodb")

    with monkeypatch.context() as broken:
        broken.setattr("chalicelib.pages.pressing.keep", dies)
        assert confirmed(phone, chosen, accept_terms="yes").status == 503
    assert cases(market) == ["A/1", "A/2"]
    assert confirmed(phone, chosen, accept_terms="yes").text.count("Sudah diajukan.") == 2
    assert cases(market) == ["A/1", "A/2"]


def test_what_could_not_be_asked_is_said_and_the_others_are_asked(market: Marketplace) -> None:
    checkout(market)
    phone = budi(market)
    chosen = phone.open(f"{PLACE}?reason_code=wrong_size")
    market.ask("A/1")
    done = confirmed(phone, chosen, accept_terms="yes")
    assert (done.text.count("Sudah diajukan."), done.text.count("Tidak bisa diajukan.")) == (1, 1)
    assert cases(market) == ["A/1", "A/2"]


def test_money_that_changed_since_is_not_asked_for(market: Marketplace) -> None:
    checkout(market)
    phone = budi(market)
    chosen = phone.open(f"{PLACE}?reason_code=wrong_size")
    market.order("A/1", payment_id=PAYMENT, display_id="#1", version=2, shipping_fee=9_000)
    done = confirmed(phone, chosen, accept_terms="yes")
    assert "Perhitungan dananya berubah" in done.text
    assert cases(market) == ["A/2"]


def test_without_the_terms_nothing_is_asked(market: Marketplace) -> None:
    checkout(market)
    phone = budi(market)
    refused = confirmed(phone, phone.open(f"{PLACE}?reason_code=wrong_size"))
    assert refused.status == 422
    assert cases(market) == []


@pytest.mark.parametrize(("who", "role", "status"), [("siti", "buyer", 404), ("toko-baju", "seller", 403)])
def test_a_checkout_is_its_buyers(market: Marketplace, who: str, role: str, status: int) -> None:
    checkout(market)
    phone = Phone(market)
    phone.sign_in(who, role)
    assert phone.open(PLACE).status == status


def test_orders_of_long_ago_are_not_looked_through(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.workflow.checkouts.LOOKED_THROUGH", 1)
    now = market.world.clock()
    market.order("A/1", payment_id=PAYMENT, placed_at=now - timedelta(days=2))
    market.order("A/2", payment_id=PAYMENT)
    assert "dibayar bersama" not in budi(market).open("/orders/A%2F1").text


def test_what_would_be_cancelled_for_good_is_confirmed_first(market: Marketplace) -> None:
    """Orders so young that no seller is asked; what was written stays."""
    now = market.world.clock()
    for number, seller in ((1, "toko-baju"), (2, "toko-sepatu")):
        young = {"status": "placed", "placed_at": now, "paid_at": now}
        market.order(f"A/{number}", payment_id=PAYMENT, display_id=f"#{number}", seller=seller, **young)
    phone = budi(market)
    asked = confirmed(phone, phone.open(f"{PLACE}?reason_code=changed_mind"), accept_terms="yes", comment="maaf")
    assert asked.status == 200
    assert "langsung dibatalkan dan tidak bisa dikembalikan" in asked.text
    assert cases(market) == []
    done = confirmed(phone, asked)
    assert done.text.count("Sudah diajukan.") == 2
    assert cases(market) == ["A/1", "A/2"]
    assert market.buyer("GET", "/v1/orders/A%2F1").json["status"] == "cancelled"
    (case_id,) = market.buyer("GET", "/v1/orders/A%2F1").json["cases"]
    assert market.row(case_id).asked.comment == "maaf"
    assert confirmed(phone, asked).text.count("Sudah diajukan.") == 2, "and once"


def test_another_reason_than_was_worked_out_is_shown_its_money_first(market: Marketplace) -> None:
    checkout(market)
    phone = budi(market)
    page = phone.open(f"{PLACE}?reason_code=wrong_size")
    typed = {"accept_terms": "yes", "comment": "maaf & terima kasih"}
    changed = confirmed(phone, page, reason_code="changed_mind", **typed)
    assert changed.status == 422
    assert "Belum ada yang diajukan" in changed.text
    assert cases(market) == []
    (form,) = [form for form in forms_of(changed) if form.action == PLACE]
    assert {"reason_code": "changed_mind", **typed}.items() <= form.fields.items()
    assert confirmed(phone, changed, **typed).text.count("Sudah diajukan.") == 2


def test_the_money_is_worked_out_by_a_press_and_alone_for_a_page_that_is_open(market: Marketplace) -> None:
    checkout(market)
    phone = budi(market)
    pressed = confirmed(phone, phone.open(PLACE), what="quote", reason_code="wrong_size", comment="maaf")
    assert pressed.status == 200
    assert ">maaf</textarea>" in pressed.text
    assert cases(market) == []
    alone = phone.open(f"{PLACE}?part=quote&reason_code=wrong_size").text
    assert "<html" not in alone
    assert 'id="press"' in alone
    assert "Rp300.000" in alone, "what comes back of both"
    assert "Pilih alasannya dulu" in phone.open(f"{PLACE}?part=quote").text


def test_going_back_from_what_is_for_good_keeps_what_was_typed(market: Marketplace) -> None:
    now = market.world.clock()
    market.order("A/1", payment_id=PAYMENT, status="placed", placed_at=now, paid_at=now)
    phone = budi(market)
    asked = confirmed(phone, phone.open(f"{PLACE}?reason_code=changed_mind"), accept_terms="yes", comment="maaf")
    back = confirmed(phone, asked, what="quote")
    assert ">maaf</textarea>" in back.text
    assert cases(market) == []
