"""Names and addresses of any script: in by a push of an order, and out right on pages, in mails, in files and in
searches."""

import csv
import io
import json
import re
import unicodedata
from html import unescape
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from infra.sandbox.builders import a_body
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.locales.test_harmless import evil_in

# What is told, and what people are shown of it.
NAMES = {
    "สมชาย ใจดี": "สมชาย ใจดี",
    "مُحَمَّد بن عبد الله": "مُحَمَّد بن عبد الله",
    "שָׁלוֹם כֹּהֵן": "שָׁלוֹם כֹּהֵן",
    "王 小明": "王 小明",
    "김철수": "김철수",
    "Nguyễn Thị Đào": "Nguyễn Thị Đào",
    "👩🏽‍🚀 Ani": "👩🏽‍🚀 Ani",
    "Z̷a̴l̵g̶o̷": "Z̷a̴l̵g̶o̷",
    "O": "O",
    "Ж" * 66: "Ж" * 66,
    "  Spasi  Ganda ": "Spasi Ganda",
    "\u202eiduB\u2066 \u200fX": "iduB X",
    "Budi\r\nBcc: evil@example.net": "Budi Bcc: evil@example.net",
    '=HYPERLINK("https://evil.example")': '=HYPERLINK("https://evil.example")',
    "＝1+1": "＝1+1",
    "<b>Ani</b> & 'Co' {{ 7*7 }} {name}": "<b>Ani</b> & 'Co' {{ 7*7 }} {name}",
}


def pushed(market: Marketplace, order_id: str, name: str) -> str:
    body: Any = msgspec.to_builtins(a_body(order_id=order_id, placed_at=market.world.clock()))
    body["buyer"] |= {"name": name}
    body["seller"] |= {"name": name, "shop_name": name, "return_address": f"{name}\nJl. 1"}
    body["lines"] = [each | {"name": name, "variant": name} for each in body["lines"]]
    answer = market.oms("PUT", f"/v1/orders/{order_id}", body)
    assert answer.status == 201, answer
    case_id = str(market.ask(order_id, comment=name)["case_id"])
    market.buyer("POST", f"/v1/orders/{order_id}/messages", {"text": name})
    return case_id


def visible(html: str) -> str:
    """The text of a page as it is read: without tags, blanks single."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def test_they_come_out_right_everywhere(shared: Marketplace) -> None:
    market, cases = shared, dict[str, str]()
    for number, name in enumerate(NAMES):
        cases[name] = pushed(market, f"SCRIPT-{number}", name)
    for case_id in cases.values():
        market.all_goes_out(case_id)
    desks = {role: Phone(market) for role in ("buyer", "seller", "support")}
    for role, who in (("buyer", "budi"), ("seller", "toko-baju"), ("support", "sari")):
        desks[role].sign_in(who, role)
    mails = market.mails()
    rows = list(csv.reader(io.StringIO(desks["seller"].open("/seller/file").text.lstrip("\ufeff"))))
    for number, (told, shown) in enumerate(NAMES.items()):
        order_id, case_id = f"SCRIPT-{number}", cases[told]
        # Who reads by a program has the very same.
        order = market.support("GET", f"/v1/orders/{order_id}").json
        assert (order["buyer"]["name"], order["lines"][0]["name"]) == (told, told)
        assert json.loads(market.support("GET", f"/v1/cases/{case_id}/file").text)["messages"][0]["text"] == told
        once = " ".join(shown.split())
        for role, places in {
            "buyer": (f"/orders/{order_id}", f"/cases/{case_id}", f"/orders/{order_id}/cancel?reason_code=wrong_size"),
            "seller": (f"/cases/{case_id}", f"/cases/{case_id}/file"),
            "support": (f"/orders/{order_id}", f"/cases/{case_id}"),
        }.items():
            for place in places:
                page = desks[role].open(place)
                assert page.status == 200, (role, place, page.status)
                assert once in visible(page.text), (role, place, told)
                assert evil_in(page.text) == []
                assert "<b>Ani</b>" not in page.text
        mine = [mail for mail in mails if order_id in mail.text.split()]
        assert mine, told
        for mail in mine:
            assert evil_in(mail.subject + mail.text + mail.html) == []
            assert "\nBcc:" not in mail.text.split("\n\n")[0]
        assert any(once in " ".join(mail.text.split()) for mail in mine), told
        (row,) = [row for row in rows if row[0] == order_id]
        # A card has thirty letters of a name.
        assert row[5].lstrip("'")[:30] == once[:30]
        assert not row[5].startswith(("=", "+", "-", "@", "＝"))
    assert {mail.to for mail in mails} <= {"budi@example.com", "toko-baju@example.com"}


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_seller_and_customer_service_find_a_name_in_any_spelling(shared: Marketplace, form: Any) -> None:
    market, name = shared, "Nguyễn Thị Đào"
    order_id = f"FIND-{form}"
    case_id = pushed(market, order_id, unicodedata.normalize("NFC" if form == "NFD" else "NFD", name))
    market.all_goes_out(case_id)
    seller, support = Phone(market), Phone(market)
    seller.sign_in("toko-baju", "seller")
    support.sign_in("rini", "support")
    for typed in (name, "nguyen dao", "THỊ ĐÀO", "\u202athi\u202c dao "):
        sought = quote(unicodedata.normalize(form, typed))
        assert case_id in seller.open(f"/seller?q={sought}").text, typed
        assert case_id in support.open(f"/support?q={sought}").text, typed
