"""Who has to act is spoken to, all others read who is waited for; no page about a return speaks of cancelling."""

import re

import pytest

from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.e2e.test_stories import decision_link

READERS = (("budi", "buyer"), ("toko-baju", "seller"), ("sari", "support"))


def seen(market: Marketplace, path: str, who: str, role: str) -> str:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone.open(path).text


def status(page: str) -> str:
    found = re.search(r'id="status">([^<]*)<', page)
    assert found is not None
    return found[1].strip()


def a_return(market: Marketplace, order_id: str) -> str:
    market.order(order_id, status="shipped")
    market.status(order_id, "delivered")
    wish = {"reason_code": "damaged", "channel": "app", "accept_terms": True}
    case_id: str = market.buyer("POST", f"/v1/orders/{order_id}/returns", wish).json["case_id"]
    return case_id


def test_a_seller_who_must_answer_reads_that_it_is_their_answer_and_all_others_that_it_is_the_sellers(
    market: Marketplace,
) -> None:
    case_id = market.ask(market.order("R-1"))["case_id"]
    place = f"/cases/{case_id}"
    shown = {role: seen(market, place, who, role) for who, role in READERS}
    assert {role: status(page) for role, page in shown.items()} == {
        "buyer": "Menunggu jawaban penjual",
        "seller": "Menunggu jawaban Anda",
        "support": "Menunggu jawaban penjual",
    }
    assert "Jika Anda tidak menjawab:" in shown["seller"]
    assert "Jika tidak ada jawaban:" in shown["buyer"]
    assert "Jika Anda tidak menjawab:" in seen(market, "/seller", "toko-baju", "seller")
    assert "Jika Anda tidak menjawab:" in market.behind(decision_link(market, case_id)).text


def test_a_buyer_with_an_offer_reads_that_it_waits_for_them(market: Marketplace) -> None:
    case_id = market.ask(market.order("R-2"))["case_id"]
    market.say("seller", case_id, "offer", fee=5_000)
    shown = {role: status(seen(market, f"/cases/{case_id}", who, role)) for who, role in READERS}
    assert shown == {
        "buyer": "Menunggu jawaban Anda",
        "seller": "Menunggu jawaban pembeli",
        "support": "Menunggu jawaban pembeli",
    }


def test_a_buyer_who_must_send_goods_reads_so_and_a_seller_who_must_look_at_them(market: Marketplace) -> None:
    case_id = a_return(market, "R-6")
    market.say("seller", case_id, "approve")
    place = f"/cases/{case_id}"
    to_send = {role: status(seen(market, place, who, role)) for who, role in READERS}
    market.say("buyer", case_id, "shipped-back", tracking_number="JNE-1")
    to_look = {role: status(seen(market, place, who, role)) for who, role in READERS}
    waits = "Menunggu barang kembali"
    assert to_send == {"buyer": "Menunggu Anda mengirim barangnya", "seller": waits, "support": waits}
    assert to_look == {"buyer": waits, "seller": "Menunggu konfirmasi Anda", "support": waits}


@pytest.mark.parametrize(("who", "role"), READERS)
def test_no_page_about_a_return_speaks_of_cancelling(market: Marketplace, who: str, role: str) -> None:
    case_id = a_return(market, "R-3")
    place, footer = f"/cases/{case_id}", "<footer"
    pages = [seen(market, place, who, role).partition(footer)[0]]
    market.say("seller", case_id, "offer", fee=5_000)
    pages.append(seen(market, place, who, role).partition(footer)[0])
    market.say("buyer", case_id, "decline-offer")
    market.say("support", case_id, "reject", reason_code="used_or_incomplete", note="Dilihat fotonya")
    pages.append(seen(market, place, who, role).partition(footer)[0])
    read = [page.partition("<main")[2] for page in pages]
    assert [re.findall(r">([^<>]*batal[^<>]*)<", page, re.IGNORECASE) for page in read] == [[], [], []]


def test_the_terms_and_the_refusal_of_a_return_speak_of_returning(market: Marketplace) -> None:
    market.order("R-4", status="shipped")
    market.status("R-4", "delivered")
    phone = Phone(market)
    phone.sign_in("budi", "buyer")
    page = phone.open("/orders/R-4/return?reason_code=damaged&what=quote")
    assert "Anda boleh meminta pengembalian barang" in page.text
    told = market.buyer("GET", "/v1/orders/R-4/cancellation-options?kind=return").json
    assert told["terms"]["text"].startswith("Anda boleh meminta pengembalian barang")
    a_return_asked = market.order("R-5")
    assert "Barang ini tidak bisa dikembalikan" in phone.open(f"/orders/{a_return_asked}/return").text


def test_of_their_own_messages_people_read_that_it_was_them(market: Marketplace) -> None:
    case_id = market.ask(market.order("R-7"))["case_id"]
    market.buyer("POST", f"/v1/cases/{case_id}/messages", {"text": "halo"})
    market.seller("POST", f"/v1/cases/{case_id}/messages", {"text": "siap"})

    def writers(who: str, role: str) -> list[str]:
        return re.findall(r'<span class="who">([^<]*)<', seen(market, f"/cases/{case_id}/thread", who, role))

    assert {role: writers(who, role) for who, role in READERS} == {
        "buyer": ["Anda", "Penjual"],
        "seller": ["Pembeli", "Anda"],
        "support": ["Pembeli", "Penjual"],
    }
