"""Customer service gives money back without a request on a page: typed amounts, a second person, no typed word lost."""

from typing import Any

import pytest

from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

TWO = (Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),)
TYPED = {"amount": "25rb", "note": "kerahnya sobek", "reason": "partial_keep", "tender_id": "card"}


def at_the_page(market: Marketplace, order_id: str, who: str = "sari") -> tuple[Phone, Answer, str]:
    phone = Phone(market)
    phone.sign_in(who, "support")
    place = f"/orders/{order_id}/goodwill"
    assert place in phone.open(f"/orders/{order_id}").text
    return phone, phone.open(place), place


def delivered(market: Marketplace, order_id: str) -> None:
    market.order(order_id, lines=TWO, status="delivered", tenders={"card": 60_000, "bank": 40_000})


def fields(page: Answer, which: str) -> dict[str, str]:
    return next(dict(form.fields) for form in forms_of(page) if which in form.fields)


def test_an_amount_is_shown_as_it_was_understood_and_given_when_said_again(market: Marketplace) -> None:
    delivered(market, "G-1")
    phone, page, place = at_the_page(market, "G-1")
    assert "Rp100.000" in page.text
    shown = phone.press(place, fields(page, "amount") | TYPED)
    assert (shown.status, "Rp25.000 akan dikembalikan" in shown.text) == (200, True)
    assert market.support("GET", "/v1/orders/G-1").json["cases"] == [], "nothing counts yet"
    done = phone.press(place, fields(shown, "sure"))
    assert done.status == 303
    (case_id,) = market.support("GET", "/v1/orders/G-1").json["cases"]
    case = market.case(case_id)
    assert (case["reason"]["code"], case["refund"]["total"]) == ("partial_keep", 25_000)
    assert [part["tender_id"] for part in case["refund"]["parts"]] == ["card"]
    page = phone.open(done.headers["location"])
    assert "Dananya dikembalikan." in page.text
    assert "kerahnya sobek" in page.text
    assert place in page.text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"amount": "sedikit"}, "20.000, 20rb, atau 1,5 jt"),
        ({"amount": "60.001"}, "paling banyak Rp100.000"),
        ({"amount": "0"}, "lebih dari nol"),
        ({"note": "   "}, "catatan"),
    ],
)
def test_what_will_not_do_is_refused_and_what_was_typed_stays(
    market: Marketplace, wrong: dict[str, str], told: str
) -> None:
    delivered(market, "G-2")
    phone, page, place = at_the_page(market, "G-2")
    filled = TYPED | wrong
    refused = phone.press(place, fields(page, "amount") | filled)
    assert refused.status == 422
    assert told in refused.text
    drawn = fields(refused, "amount")
    assert {name: drawn[name] for name in filled} == {name: text.strip() for name, text in filled.items()}
    assert market.support("GET", "/v1/orders/G-2").json["cases"] == []


@pytest.fixture
def careful(open_marketplace: Any) -> Marketplace:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, second_person_above=20_000))
    delivered(market, "G-3")
    return market


def test_a_second_person_reads_why_the_first_wanted_it_and_agrees(careful: Marketplace) -> None:
    first, page, place = at_the_page(careful, "G-3")
    waiting = first.press(place, fields(first.press(place, fields(page, "amount") | TYPED), "sure"))
    assert waiting.status == 303
    own = first.open(place)
    assert "perlu persetujuan orang lain" in own.text
    assert not [form for form in forms_of(own) if "agrees" in form.fields]
    assert "menunggu orang kedua" in first.open("/orders/G-3").text
    second, page, _ = at_the_page(careful, "G-3", "rini")
    assert "sari ingin mengembalikan Rp25.000" in page.text
    assert "kerahnya sobek" in page.text
    unsaid = second.press(place, fields(page, "agrees"))
    assert (unsaid.status, "Mohon tulis catatan" in unsaid.text) == (422, True)
    done = second.press(place, fields(page, "agrees") | {"note": "fotonya jelas"})
    assert done.status == 303
    page = second.open(done.headers["location"])
    assert "kerahnya sobek" in page.text
    assert "fotonya jelas" in page.text
    (case_id,) = careful.support("GET", "/v1/orders/G-3").json["cases"]
    assert careful.case(case_id)["first_yes"] == "sari"
    buyer = Phone(careful)
    buyer.sign_in("budi")
    assert "kerahnya" not in buyer.open(f"/cases/{case_id}").text


def test_who_agrees_to_what_does_not_wait_any_more_gives_nothing(careful: Marketplace) -> None:
    first, page, place = at_the_page(careful, "G-3")
    first.press(place, fields(first.press(place, fields(page, "amount") | TYPED), "sure"))
    second, page, _ = at_the_page(careful, "G-3", "rini")
    other = {"amount": 30_000, "note": "more"}
    assert careful.support("POST", "/v1/orders/G-3/refunds", other).status == 202
    late = second.press(place, fields(page, "agrees") | {"note": "fotonya jelas"})
    assert late.status == 409
    assert "Rp30.000" in late.text
    assert careful.support("GET", "/v1/orders/G-3").json["cases"] == []


def test_the_first_person_is_not_also_the_second(careful: Marketplace) -> None:
    first, page, place = at_the_page(careful, "G-3")
    shown = first.press(place, fields(page, "amount") | TYPED)
    first.press(place, fields(shown, "sure"))
    again = first.press(place, fields(first.press(place, fields(first.open(place), "amount") | TYPED), "sure"))
    assert again.status == 409
    assert "harus dari orang lain" in again.text
    assert fields(again, "amount")["note"] == "kerahnya sobek"


def test_a_button_that_is_pressed_twice_gives_once(market: Marketplace) -> None:
    delivered(market, "G-4")
    phone, page, place = at_the_page(market, "G-4")
    sure = fields(phone.press(place, fields(page, "amount") | TYPED), "sure")
    pressed = [phone.press(place, sure) for _ in range(2)]
    assert pressed[0].headers["location"] == pressed[1].headers["location"]
    assert len(market.support("GET", "/v1/orders/G-4").json["cases"]) == 1


@pytest.mark.parametrize(("who", "role"), [("budi", "buyer"), ("toko-baju", "seller"), ("omar", "operator")])
def test_nobody_else_gives(market: Marketplace, who: str, role: str) -> None:
    delivered(market, "G-5")
    phone = Phone(market)
    phone.sign_in(who, role)
    assert phone.open("/orders/G-5/goodwill").status == 403
    assert "/goodwill" not in phone.open("/orders/G-5").text


def test_where_nothing_is_left_the_page_says_so(market: Marketplace) -> None:
    market.order("G-6", lines=TWO, status="unpaid", paid=False, tenders={"card": 100_000})
    _, page, _ = at_the_page(market, "G-6")
    assert "Dana pesanan ini sudah dikembalikan semua" in page.text
    assert not [form for form in forms_of(page) if "amount" in form.fields]
