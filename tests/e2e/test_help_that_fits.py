"""The message that is written for a buyer asks for what fits their order as it stands, on the page and in the API."""

import re

from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone


def told(market: Marketplace, order_id: str) -> str:
    phone = Phone(market)
    phone.sign_in()
    page = phone.open(f"/orders/{order_id}/help?reason=ukurannya+salah").text
    body = {"channel": "chat", "order_id": order_id, "reason": "ukurannya salah"}
    answer = str(market.buyer("POST", "/v1/support/messages", body).json["text"])
    assert answer in page, "both say the same"
    return answer


def test_it_asks_for_what_fits_the_order(market: Marketplace) -> None:
    assert "membatalkan pesanan ON-ITS-WAY" in told(market, market.order("ON-ITS-WAY", status="shipped"))
    assert "mengembalikan barang dari pesanan ARRIVED" in told(market, market.order("ARRIVED", status="delivered"))
    case_id = market.ask(market.order("ASKED"))["case_id"]
    assert f"menanyakan permintaan {case_id} untuk pesanan ASKED" in told(market, "ASKED")
    market.say("seller", case_id, "approve")
    market.all_goes_out(case_id)
    assert re.search(r"menanyakan pengembalian dana permintaan BTL-\w{9} untuk pesanan ASKED", told(market, "ASKED"))


def test_a_strangers_order_is_as_if_nobody_knew_it(market: Marketplace) -> None:
    market.ask(market.order("NOT-HERS"))
    body = {"channel": "chat", "order_id": "NOT-HERS", "reason": "x"}
    assert "membatalkan pesanan" in market.buyer("POST", "/v1/support/messages", body, who="ani").json["text"]
