"""The two reference stories of the business, end to end, with figures worked out by hand."""

import re
from collections.abc import Callable

import pytest

from infra.sandbox.aws import DEFINITION
from tests.e2e.conftest import Marketplace

# LZD-1001: Kemeja 150.000 + ongkos kirim 12.000 + biaya layanan 1.000, paid by wallet.
BUDI_PAID = 163_000
# LZD-1002: Sepatu 350.000 + 12.000 + 1.000. Who returns by choice gets the price of the goods.
ANI_PAID, ANI_GETS = 363_000, 350_000


def decision_link(market: Marketplace, case_id: str) -> str:
    (mail,) = [mail for mail in market.mails() if mail.kind == "decision_needed" and mail.case_id == case_id]
    found = re.search(r"http://\S+/d/\S+", mail.text)
    assert found
    assert found[0] in mail.html
    return found[0].replace("http://127.0.0.1:8000", "")


def budi(market: Marketplace) -> None:
    """Wrong size, still being processed: asks in the app, the seller approves through the mailed link."""
    market.push("LZD-1001")
    options = market.buyer("GET", "/v1/orders/LZD-1001/cancellation-options").json
    assert (options["eligible"], options["needs"], options["odds"]["level"]) == (True, "seller", "high")
    assert options["quote"]["refund_total"] == BUDI_PAID
    assert options["odds"]["probability"] is None

    case = market.ask("LZD-1001", quote_id=options["quote"]["quote_id"])
    assert (case["state"], case["waiting_for"], case["if_silent"]) == ("awaiting_seller", "seller", "escalate")
    market.waits_in(case["case_id"])
    assert market.kinds_mailed() == [("budi", "request_received"), ("toko-baju", "decision_needed")]

    link = decision_link(market, case["case_id"])
    page = market.behind(link)
    assert page.status == 200
    assert "Salah ukuran" in page.text
    assert market.case(case["case_id"])["state"] == "awaiting_seller", "opening the link decides nothing"
    pressed = market.press(link, answer="approve")
    assert pressed.status == 303

    assert market.ended(case["case_id"]) == ["AwaitSeller", "Route", "Closed"]
    closed = market.case(case["case_id"])
    assert (closed["state"], closed["outcome"]) == ("closed", "cancelled")
    assert (closed["refund"]["state"], closed["refund"]["total"]) == ("succeeded", BUDI_PAID)
    assert [(part["method"], part["amount"], part["state"]) for part in closed["refund"]["parts"]] == [
        ("wallet", BUDI_PAID, "succeeded")
    ]
    wallet = market.buyer("GET", "/v1/wallets/budi").json
    assert (wallet["balance"], [entry["amount"] for entry in wallet["entries"]]) == (BUDI_PAID, [BUDI_PAID])
    order = market.buyer("GET", "/v1/orders/LZD-1001").json
    assert (order["status"], order["open_case"], order["lines"][0]["cancelled_quantity"]) == ("cancelled", None, 1)
    assert market.kinds_mailed() == [
        ("budi", "approved"),
        ("budi", "request_received"),
        ("toko-baju", "approved"),
        ("toko-baju", "decision_needed"),
    ]


def ani(market: Marketplace) -> None:
    """The shoes are on their way: the seller refuses, and she may return them later."""
    market.push("LZD-1002")
    options = market.buyer("GET", "/v1/orders/LZD-1002/cancellation-options", who="ani").json
    assert (options["eligible"], options["needs"], options["odds"]["level"]) == (True, "seller", "medium")
    assert [each["code"] for each in options["alternatives"]] == ["return_after_delivery"]
    case = market.ask("LZD-1002", who="ani", reason_code="changed_mind")
    market.waits_in(case["case_id"])

    path = f"/v1/cases/{case['case_id']}/reject"
    refused = market.seller("POST", path, {"reason_code": "already_shipped"}, who="toko-sepatu")
    assert (refused.status, refused.json["code"]) == (422, "tracking_number_required")
    body = {"reason_code": "already_shipped", "tracking_number": "JNE-881", "comment": "Sudah di kurir"}
    refused = market.seller("POST", path, body, who="toko-sepatu")
    assert (refused.status, refused.json["outcome"]) == (200, "rejected")

    assert market.ended(case["case_id"]) == ["AwaitSeller", "Route", "Closed"]
    order = market.buyer("GET", "/v1/orders/LZD-1002", who="ani").json
    assert (order["status"], order["open_case"]) == ("shipped", None)
    assert market.buyer("GET", "/v1/wallets/ani", who="ani").json["balance"] == 0
    seen = market.buyer("GET", f"/v1/cases/{case['case_id']}", who="ani").json
    assert (seen["decision"]["reason_code"], seen["decision"]["tracking_number"]) == ("already_shipped", "JNE-881")
    (mail,) = [mail for mail in market.mails() if mail.kind == "rejected" and mail.to == "ani@example.com"]
    assert "Paket sudah dikirim" in mail.text
    assert "JNE-881" in mail.text
    assert "Sudah di kurir" in mail.text
    assert "pengembalian barang" in mail.text
    assert market.kinds_mailed() == [
        ("ani", "rejected"),
        ("ani", "request_received"),
        ("toko-sepatu", "decision_needed"),
        ("toko-sepatu", "rejected"),
    ]


def ani_returns_them(market: Marketplace) -> None:
    """The second half: the shoes arrive, are returned with the seller's consent, and their price comes back."""
    ani(market)
    assert market.status("LZD-1002", "delivered").json["applied"]
    now = market.buyer("GET", "/v1/orders/LZD-1002/cancellation-options", who="ani").json
    assert (now["eligible"], now["refusal"]["code"]) == (False, "already_delivered")
    path = "/v1/orders/LZD-1002/cancellation-options?kind=return&reason_code=changed_mind"
    options = market.buyer("GET", path, who="ani").json
    assert (options["eligible"], options["needs"]) == (True, "seller")
    assert (options["quote"]["refund_total"], options["quote"]["fees_total"]) == (ANI_GETS, ANI_PAID - ANI_GETS)
    wish = {"reason_code": "changed_mind", "channel": "web", "accept_terms": True}
    asked = market.buyer("POST", "/v1/orders/LZD-1002/returns", wish, who="ani")
    assert (asked.status, asked.json["kind"]) == (201, "return")
    case_id = asked.json["case_id"]
    market.waits_in(case_id)
    assert market.say("seller", case_id, "approve", who="toko-sepatu")["state"] == "awaiting_goods"
    market.waits_in(case_id, 2)
    sent = market.say("buyer", case_id, "shipped-back", who="ani", tracking_number="JNT-77")
    assert (sent["waiting_for"], sent["goods"]["tracking_number"]) == ("seller", "JNT-77")
    done = market.say("seller", case_id, "goods-received", who="toko-sepatu")
    assert (done["outcome"], done["refund"]["state"], done["refund"]["total"]) == ("returned", "succeeded", ANI_GETS)
    assert market.ended(case_id) == ["AwaitSeller", "Route", "AwaitGoods", "Route", "Closed"]
    assert market.buyer("GET", "/v1/wallets/ani", who="ani").json["balance"] == ANI_GETS
    order = market.buyer("GET", "/v1/orders/LZD-1002", who="ani").json
    assert (order["lines"][0]["returned_quantity"], order["lines"][0]["cancelled_quantity"]) == (1, 0)
    mailed = sorted((mail.to.split("@")[0], mail.kind) for mail in market.mails() if mail.case_id == case_id)
    assert mailed == [
        ("ani", "approved"),
        ("ani", "goods_awaited"),
        ("ani", "request_received"),
        ("toko-sepatu", "approved"),
        ("toko-sepatu", "decision_needed"),
        ("toko-sepatu", "goods_awaited"),
        ("toko-sepatu", "goods_sent"),
    ]


STORIES = pytest.mark.parametrize("story", [budi, ani, ani_returns_them])


@STORIES
def test_the_story_runs(market: Marketplace, story: Callable[[Marketplace], None]) -> None:
    story(market)


@STORIES
def test_the_story_fails_where_the_seller_is_not_waited_for(
    open_marketplace: Callable[..., Marketplace], story: Callable[[Marketplace], None]
) -> None:
    """A control: the stories really rest on the shipped AwaitSeller."""
    shorted = DEFINITION.read_text().replace('"StartAt": "AwaitSeller"', '"StartAt": "Closed"')
    with pytest.raises(AssertionError):
        story(open_marketplace(definition=shorted, patience=2))
