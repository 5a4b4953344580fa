"""Asking on one screen: what is pressed is what was shown, what cannot be undone is pressed twice, nothing typed is
lost, and every way that is shut says which one is open."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.orders.body import Line
from chalicelib.settings import read
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

SHIRTS = (Line(line_id="1", name="Kemeja", quantity=3, unit_price=50_000),)
HOST = "img.shop.example"


def phone_of(market: Marketplace, who: str = "budi", role: str = "buyer") -> Phone:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone


def just_paid(market: Marketplace, order_id: str = "NEW-1") -> str:
    """An order inside the window in which nobody has to agree; gives the address of its asking."""
    placed = market.world.clock() - timedelta(minutes=5)
    return f"/orders/{market.order(order_id, status='placed', lines=SHIRTS, placed_at=placed)}/cancel"


def asked_already(market: Marketplace) -> list[Any]:
    return list(market.support("GET", "/v1/cases").json["items"])


def form_of(page: Answer, action: str) -> dict[str, str]:
    return next(form for form in forms_of(page) if form.action == action).fields


def test_one_screen_does_where_the_reason_changes_nothing_that_was_shown(market: Marketplace) -> None:
    path = f"/orders/{market.order('ONE-1')}/cancel"
    phone = phone_of(market)
    page = phone.open(path)
    done = phone.submit(page, path, reason_code="wrong_size", accept_terms="yes", comment="Maaf")
    assert done.status == 303, "the first press, without any round trip"
    assert market.row(done.headers["location"].partition("?")[0].removeprefix("/cases/")).asked.reason_code


def test_a_reason_that_changes_the_money_is_shown_before_it_is_asked(market: Marketplace) -> None:
    path = f"/orders/{market.order('BACK-1', status='delivered', shipping_fee=9_000)}/return"
    phone = phone_of(market)
    page = phone.open(path)
    shown = phone.submit(page, path, reason_code="damaged", accept_terms="yes")
    assert shown.status == 200
    assert "Belum ada yang diajukan" in shown.text
    assert not asked_already(market)
    assert phone.submit(shown, path).status == 303, "the tick is still there"


def test_the_quote_alone_follows_the_quantity(market: Marketplace) -> None:
    path = f"/orders/{market.order('LIVE-1', lines=SHIRTS)}/cancel"
    phone = phone_of(market)
    whole, one = (phone.open(f"{path}?part=quote&reason_code=wrong_size&line-1={count}") for count in (3, 1))
    for answer, amount in ((whole, "Rp150.000"), (one, "Rp50.000")):
        assert answer.status == 200
        assert "<html" not in answer.text
        assert f"Dana kembali {amount}" in answer.text
        assert 'name="quoted"' in answer.text
    assert len(one.text) < 6_000


def test_what_the_quote_alone_says_is_what_the_page_would(market: Marketplace) -> None:
    path = f"/orders/{market.order('LIVE-2', lines=SHIRTS)}/cancel"
    phone = phone_of(market)
    opened = form_of(phone.open(f"{path}?reason_code=wrong_size&line-1=2"), path)
    alone = phone.open(f"{path}?part=quote&reason_code=wrong_size&line-1=2").text
    assert f'name="quoted" value="{opened["quoted"]}"' in alone
    assert f'name="quote_id" value="{opened["quote_id"]}"' in alone


@pytest.mark.parametrize("typed", ["0", "9", "satu", "-1"])
def test_a_quantity_that_is_none_is_said_beside_the_form_and_asks_for_nothing(market: Marketplace, typed: str) -> None:
    path = f"/orders/{market.order('BAD-1', lines=SHIRTS)}/cancel"
    phone = phone_of(market)
    alone = phone.open(f"{path}?part=quote&reason_code=wrong_size&line-1={typed}")
    assert "belum benar" in alone.text
    assert "<button" not in alone.text
    sent = {"reason_code": "wrong_size", "line-1": typed, "accept_terms": "yes", "comment": "Maaf"}
    refused = phone.submit(phone.open(path), path, **sent)
    assert refused.status == 422
    assert sent.items() <= form_of(refused, path).items(), "everything that was typed is there"
    assert not asked_already(market)


@pytest.mark.parametrize("missing", ["accept_terms", "reason_code"])
def test_a_refused_form_comes_back_with_everything_that_was_typed(market: Marketplace, missing: str) -> None:
    path = f"/orders/{market.order('KEPT-1', lines=SHIRTS)}/cancel"
    sari = phone_of(market, "sari", "support")
    sent = {"reason_code": "wrong_size", "line-1": "2", "comment": "Maaf", "channel": "chat", "accept_terms": "yes"}
    del sent[missing]
    quoted = sari.submit(sari.open(path), path, what="quote", **sent)
    refused = sari.submit(quoted, path, **sent)
    assert refused.status == 422
    assert sent.items() <= form_of(refused, path).items()
    assert missing not in form_of(refused, path)


def test_what_cannot_be_undone_is_asked_once_more_with_its_sum(market: Marketplace) -> None:
    path = just_paid(market)
    phone = phone_of(market)
    sure = phone.submit(phone.open(path), path, reason_code="wrong_size", accept_terms="yes", **{"line-1": "3"})
    assert sure.status == 200
    for told in ("langsung dibatalkan", "Rp150.000", "<bdi>Kemeja</bdi> × 3", "Salah ukuran"):
        assert told in sure.text
    assert not asked_already(market)
    back = phone.submit(sure, path, what="quote")
    assert "Ya, batalkan sekarang" not in back.text
    assert {"reason_code": "wrong_size", "accept_terms": "yes"}.items() <= form_of(back, path).items()
    assert phone.submit(sure, path).status == 303
    assert market.buyer("GET", "/v1/orders/NEW-1").json["status"] == "cancelled"


def test_a_confirmation_of_something_else_confirms_nothing(market: Marketplace) -> None:
    path = just_paid(market)
    phone = phone_of(market)
    sent = {"reason_code": "wrong_size", "accept_terms": "yes"}
    one = phone.submit(phone.open(f"{path}?line-1=1"), path, **sent)
    word = form_of(one, path)["confirmed"]
    all_of_it = phone.submit(phone.open(path), path, **sent, confirmed=word)
    assert "Ya, batalkan sekarang" in all_of_it.text
    assert not asked_already(market)


def test_where_the_seller_is_asked_first_there_is_no_second_question(market: Marketplace) -> None:
    path = f"/orders/{market.order('FREE-1')}/cancel"
    phone = phone_of(market)
    assert phone.submit(phone.open(path), path, reason_code="wrong_size", accept_terms="yes").status == 303


def test_a_seller_finds_the_orders_of_the_shop_and_says_that_one_cannot_be_sent(market: Marketplace) -> None:
    market.order("SHOP-1")
    market.order("SHOP-2", status="shipped")
    seller = phone_of(market, "toko-baju", "seller")
    assert 'href="/orders"' in seller.open("/seller").text
    listed = seller.open("/orders").text
    assert re.findall(r'href="(/orders/[^"]*)#cannot-deliver"', listed) == ["/orders/SHOP-1"]
    assert 'id="cannot-deliver"' in seller.open("/orders/SHOP-1").text
    assert "sudah dikirim" in seller.open("/orders/SHOP-2").text
    assert seller.open("/orders/SHOP-1/cancel").headers["location"] == "/orders/SHOP-1#cannot-deliver"
    sure = seller.submit(seller.open("/orders/SHOP-1"), "/orders/SHOP-1/cancel", reason_code="out_of_stock")
    assert "penilaian" in sure.text
    assert not asked_already(market)
    assert seller.submit(sure, "/orders/SHOP-1/cancel").status == 303
    assert market.buyer("GET", "/v1/orders/SHOP-1").json["status"] == "cancelled"


def test_an_order_is_found_by_its_number_and_nobody_elses_is(market: Marketplace) -> None:
    market.order("FIND-1", display_id="#77")
    market.order("FIND-2", buyer="ani")
    phone = phone_of(market)
    for typed in ("FIND-1", "%2377"):
        assert 'href="/orders/FIND-1"' in phone.open(f"/orders?q={typed}").text
    stranger = phone.open("/orders?q=FIND-2").text
    assert 'href="/orders/FIND-2"' not in stranger
    assert "Tidak ada pesanan dengan nomor FIND-2" in stranger
    assert "Lihat semua pesanan" in stranger


def test_lists_keep_their_filter_and_lead_back_to_the_start(market: Marketplace) -> None:
    for number in range(21):
        market.order(f"PAGE-{number}")
    phone = phone_of(market)
    onward = re.findall(r'href="(/orders\?[^"]*cursor=[^"]*)"', phone.open("/orders?status=processing").text)
    assert len(onward) == 1
    assert onward[0].startswith("/orders?status=processing&amp;cursor=")
    second = phone.open(onward[0].replace("&amp;", "&")).text
    assert '<a class="button second" href="/orders?status=processing">Kembali ke awal</a>' in second


def test_pictures_come_from_the_hosts_that_are_named_alone(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(IMAGE_HOSTS=f"{HOST},cdn.shop.example:8443")
    shown = (f"https://{HOST}/a.jpg", "https://cdn.shop.example:8443/b.jpg")
    not_shown = (f"https://evil{HOST}/d.jpg", f"https://{HOST}@evil.example/e.jpg", f"https://{HOST}:81/f.jpg")
    lines = [
        {"line_id": str(number), "name": f"Kemeja {number}", "quantity": 1, "unit_price": 25_000, "image_url": url}
        for number, url in enumerate((*shown, *not_shown))
    ]
    told = market.oms("PUT", "/v1/orders/PIC-1", _body(market, "PIC-1", lines))
    phone = phone_of(market)
    for place in ("/orders/PIC-1", "/orders/PIC-1/cancel"):
        page = phone.open(place)
        assert re.findall(r'<img [^>]*src="([^"]*)"', page.text) == list(shown), told.text
        (sources,) = re.findall(r"img-src ([^;]*)", page.headers["content-security-policy"])
        assert sources == f"'self' https://{HOST} https://cdn.shop.example:8443"


@pytest.mark.parametrize("host", ["img.example; script-src *", "*", "https://img.example", "'unsafe-inline'"])
def test_nothing_but_hosts_gets_into_the_policy_of_pages(host: str) -> None:
    with pytest.raises(ValueError, match="IMAGE_HOSTS"):
        read({"IMAGE_HOSTS": host})


def test_without_a_host_there_is_no_picture(market: Marketplace) -> None:
    line = {
        "line_id": "1",
        "name": "Kemeja",
        "quantity": 1,
        "unit_price": 150_000,
        "image_url": f"https://{HOST}/a.jpg",
    }
    market.oms("PUT", "/v1/orders/PIC-2", _body(market, "PIC-2", [line]))
    page = phone_of(market).open("/orders/PIC-2")
    assert "<img" not in page.text
    assert "img-src 'self';" in page.headers["content-security-policy"]


def test_what_can_be_mended_instead_is_a_link(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(ALTERNATIVE_LINKS="change_address=https://shop.example/o/{order_id}/address")
    path = f"/orders/{market.order('A/1')}/cancel".replace("A/1", "A%2F1")
    phone = phone_of(market)
    assert 'href="https://shop.example/o/A%2F1/address"' in phone.open(f"{path}?reason_code=wrong_address").text
    by_service = phone.open(f"{path}?reason_code=wrong_size").text
    assert "Tidak harus dibatalkan" in by_service
    assert 'href="/orders/A%2F1/help"' in by_service


def test_many_lines_fold_and_their_sum_stays(market: Marketplace) -> None:
    lines = tuple(Line(line_id=str(number), name="Kancing", quantity=1, unit_price=1_000) for number in range(40))
    market.order("MANY-1", lines=lines)
    phone = phone_of(market)
    order, asking = phone.open("/orders/MANY-1").text, phone.open("/orders/MANY-1/cancel").text
    for page in (order, asking):
        assert "32 barang lainnya" in page
        before_folded = page.partition("<details")[0]
        assert before_folded.count("Kancing") in (8, 8 + before_folded.count('alt="Kancing"'))
    assert "Rp40.000" in re.sub(r"<details.*?</details>", "", order, flags=re.DOTALL)
    assert "Rp40.000" in re.sub(r"<details.*?</details>", "", asking, flags=re.DOTALL)


def test_a_usual_order_is_asked_for_in_less_than_sixty_kilobytes(market: Marketplace) -> None:
    market.push("LZD-1001")
    phone = phone_of(market)
    page = phone.open("/orders/LZD-1001/cancel")
    assets = re.findall(r'(?:href|src)="(/static/[^"]*)"', page.text)
    assert len(assets) >= 5
    assert len(page.text) + sum(len(phone.open(each).text) for each in assets) < 60_000


def _body(market: Marketplace, order_id: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    placed = (market.world.clock() - timedelta(days=1)).isoformat()
    return {
        "order_id": order_id,
        "platform": "lazada",
        "version": 1,
        "status": "processing",
        "buyer": {"id": "budi", "name": "Budi", "email": "budi@example.com"},
        "seller": {"id": "toko-baju", "name": "Toko Baju", "email": "toko-baju@example.com"},
        "placed_at": placed,
        "paid_at": placed,
        "currency": "IDR",
        "lines": lines,
        "tenders": [{"method": "wallet", "amount": sum(line["unit_price"] for line in lines)}],
    }


def test_who_asks_for_a_reason_that_wants_photos_comes_to_the_page_that_takes_them(market: Marketplace) -> None:
    order_id = market.order("PHOTOS", status="delivered")
    phone = Phone(market)
    phone.sign_in()
    place = f"/orders/{order_id}/return"
    asked = phone.submit(phone.open(f"{place}?reason_code=damaged"), place, accept_terms="yes")
    onward = asked.headers["location"]
    assert re.fullmatch(r"/cases/[^/?]+/evidence\?did=.+", onward)
    page = phone.open(onward).text
    for told in ("Permintaan Anda sudah kami terima", "Barangnya rusak", onward.replace("/evidence", "")):
        assert told in page
    assert "sudah kami terima" not in phone.open(onward.partition("?")[0]).text
    other = market.order("NO-PHOTOS", status="delivered")
    place = f"/orders/{other}/return"
    asked = phone.submit(phone.open(f"{place}?reason_code=changed_mind"), place, accept_terms="yes")
    assert "/evidence" not in asked.headers["location"]
