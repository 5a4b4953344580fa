"""What pages say of a parcel that had left and is called back: what is true, and what its reader can do."""

import pytest

from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone


def agreed(market: Marketplace, platform: str) -> str:
    order_id = market.order("BACK-1", platform=platform, status="ready_to_ship")
    market.status(order_id, "shipped")
    case_id: str = market.ask(order_id)["case_id"]
    return case_id


def seen(market: Marketplace, case_id: str, who: str, role: str) -> str:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone.open(f"/cases/{case_id}").text


@pytest.mark.parametrize(
    ("platform", "says"),
    [("shopee", "jadi mohon tarik kembali"), ("lazada", "langsung dikembalikan ke pembeli")],
)
def test_before_a_yes_the_seller_reads_what_they_must_do_with_the_parcel(
    market: Marketplace, platform: str, says: str
) -> None:
    page = seen(market, agreed(market, platform), "toko-baju", "seller")
    assert says in page
    assert "Paketnya sudah dalam perjalanan" in page


def test_a_buyer_whose_parcel_is_called_back_is_not_asked_to_send_it(market: Marketplace) -> None:
    case_id = agreed(market, "shopee")
    market.say("seller", case_id, "approve")
    buyer = seen(market, case_id, "budi", "buyer")
    assert "Paketnya sedang ditarik kembali" in buyer
    assert "nomor resi" not in buyer
    assert "jika disetujui" not in buyer, "it is agreed to"
    assert "Jika paketnya belum kembali sampai saat itu" in buyer
    seller = seen(market, case_id, "toko-baju", "seller")
    assert "Mohon tarik kembali paketnya" in seller
    assert "Pembeli akan mengirim" not in seller


def test_goods_that_nobody_got_back_are_not_said_to_be_back(market: Marketplace) -> None:
    case_id = agreed(market, "shopee")
    market.say("seller", case_id, "approve")
    market.status("BACK-1", "cancelled", version=3)
    buyer = seen(market, case_id, "budi", "buyer")
    assert "Barang diterima penjual" not in buyer
    assert "Jika paketnya tetap sampai kepada Anda" in buyer
    assert "Marketplace membatalkan pesanan ini" in seen(market, case_id, "sari", "support")


def test_goods_that_came_back_are_a_step_of_the_way(market: Marketplace) -> None:
    case_id = agreed(market, "shopee")
    market.say("seller", case_id, "approve")
    market.say("seller", case_id, "goods-received")
    buyer = seen(market, case_id, "budi", "buyer")
    assert "Barang diterima penjual" in buyer
    assert "Jika paketnya tetap sampai" not in buyer


def test_money_is_said_to_be_there_only_when_it_is_and_a_day_only_when_it_is_known(market: Marketplace) -> None:
    case_id: str = market.ask(market.order("DAY-1"))["case_id"]
    before = seen(market, case_id, "budi", "buyer")
    assert "Saldo: Rp" in before
    assert "paling lambat" not in before.split("Saldo: Rp", 1)[1].split("</li>", 1)[0]
    market.say("seller", case_id, "approve")
    assert "sudah masuk ke saldo Anda" in seen(market, case_id, "budi", "buyer")


@pytest.mark.parametrize(
    ("way", "buyer", "seller"),
    [
        (None, "Paketnya ternyata tetap dikirim", "mohon hentikan sekarang"),
        ("recall", "Mohon jangan terima paketnya", "Mohon tarik kembali paket"),
        ("keeps", "meminta Anda membayar lagi Rp150.000", "menagih lagi Rp150.000"),
        ("returns", "mohon kirim kembali", "Pembeli mengirim kembali barang"),
    ],
)
def test_both_sides_read_on_the_page_what_becomes_of_a_parcel_that_left_late(
    market: Marketplace, way: str | None, buyer: str, seller: str
) -> None:
    case_id: str = market.ask(market.order("LATE-1"))["case_id"]
    market.say("seller", case_id, "approve")
    market.status("LATE-1", "shipped")
    if way:
        market.say("support", case_id, "settle-parcel", way=way, note="Sudah ditelepon")
    assert buyer in seen(market, case_id, "budi", "buyer")
    page = seen(market, case_id, "toko-baju", "seller")
    assert seller in page
    assert "perubahan status pesanan: Sedang Dikirim" in page
    assert page.count("menyetujui: Pesanan dibatalkan") == 1
    assert page.count(": Pesanan dibatalkan") == 1, "said by the entry that brought it, and by no later one"


def test_a_called_back_parcel_that_arrives_after_the_money_went_is_seen(market: Marketplace) -> None:
    case_id = agreed(market, "shopee")
    market.say("seller", case_id, "approve")
    market.status("BACK-1", "cancelled", version=3)
    market.status("BACK-1", "shipped", version=4)
    assert market.case(case_id)["late_parcel"] is None, "it was known to be on its way"
    market.status("BACK-1", "delivered", version=5)
    assert market.case(case_id)["late_parcel"] == {"status": "delivered", "way": None}


def test_the_inbox_shows_that_a_cancelled_orders_parcel_left(market: Marketplace) -> None:
    case_id: str = market.ask(market.order("LATE-1"))["case_id"]
    market.say("seller", case_id, "approve")
    market.status("LATE-1", "shipped")
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    assert "Dikirim setelah dibatalkan" in phone.open("/seller?tab=closed").text
