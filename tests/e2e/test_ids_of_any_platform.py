"""Ids as platforms make them: each goes all the way, over HTTP, as one id however it was typed."""

import html
import re
import unicodedata
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_body
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

WIDE = "\U0001f6d2" * 128  # four bytes each
IDS = (
    "INV/20170720/XVII/VII/12000000",
    "gid://shopify/Order/1",
    "BRSD#02",
    "shop with blank",
    "100%",
    "100%25",
    "%23a#b%2F..",
    "a;b:c,d|e?f&g=h+i",
    "{order_id}",
    "\"<b>'&amp;",
    "pesanan-é-注文",
    WIDE,
    "A" * 128,
    "%" * 128,
    "...",
)
ODD = pytest.mark.parametrize("odd", IDS, ids=[ascii(each[:20]) for each in IDS])


def enc(text: str) -> str:
    return quote(text, safe="")


def an_order_of(market: Marketplace, odd: str, order_id: str | None = None, **more: Any) -> str:
    """An order whose buyer, seller and lines have this id, and itself where no other is given."""
    order_id = order_id or odd
    lines = tuple(
        Line(line_id=line_id, name="Kemeja", quantity=2, unit_price=50_000, category="fashion")
        for line_id in (odd, f"{odd[:120]}-2")
    )
    placed_at = market.world.clock() - timedelta(days=1)
    made = a_body(order_id=order_id, buyer="x", seller="y", lines=lines, **{"placed_at": placed_at, **more})
    body = msgspec.to_builtins(made)
    body["buyer"] |= {"id": odd, "email": "budi@example.com"}
    body["seller"] |= {"id": odd, "email": "toko@example.com"}
    answer = market.oms("PUT", f"/v1/orders/{enc(order_id)}", body)
    assert answer.status == 201, answer
    return order_id


@pytest.mark.sampled(every=4)
@ODD
def test_an_id_goes_all_the_way(shared: Marketplace, odd: str) -> None:
    market = shared
    order_id = an_order_of(market, odd)
    place = f"/v1/orders/{enc(order_id)}"
    assert market.buyer("GET", place, who=odd).json["order_id"] == order_id
    assert market.buyer("GET", place, who=f"{odd[:100]}x").status == 404
    assert order_id in [each["order_id"] for each in market.buyer("GET", "/v1/orders", who=odd).json["items"]]
    by_seller = market.support("GET", f"/v1/orders?seller_id={enc(odd)}").json["items"]
    assert [each["order_id"] for each in by_seller] == [order_id]
    lines = enc(f"{enc(odd)}:1")
    options = market.buyer("GET", f"{place}/cancellation-options?lines={lines}", who=odd)
    assert options.status == 200, options
    wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
    wish |= {"lines": [{"line_id": odd, "quantity": 1}]}
    asked, again = (
        market.buyer("POST", f"{place}/cancellations", wish, who=odd, Idempotency_Key="k") for _ in range(2)
    )
    assert (asked.status, again.json) == (201, asked.json), asked
    case_id = asked.json["case_id"]
    assert asked.json["lines"] == [{"line_id": odd, "quantity": 1}]
    market.waits_in(case_id)
    found = market.support("GET", f"/v1/cases?order_id={enc(order_id)}&buyer_id={enc(odd)}").json["items"]
    assert [each["case_id"] for each in found] == [case_id]
    mails = [mail for mail in market.mails() if case_id in mail.text]
    assert {mail.to for mail in mails} == {"budi@example.com", "toko@example.com"}
    assert all(order_id in mail.text for mail in mails)
    assert market.buyer("POST", f"{place}/messages", {"text": "halo"}, who=odd).status == 201
    assert [each["text"] for each in market.buyer("GET", f"{place}/messages", who=odd).json["items"]] == ["halo"]
    photo = {"filename": "foto.jpg", "content_type": "image/jpeg", "size": 3}
    assert market.buyer("POST", f"/v1/cases/{case_id}/evidence", photo, who=odd).status == 201
    rules = {"rules": [], "return_address": "Jl. Melati 1"}
    assert market.seller("PUT", f"/v1/sellers/{enc(odd)}/policy", rules, who=odd).status == 200
    kept = market.seller("GET", f"/v1/sellers/{enc(odd)}/policy", who=odd).json
    assert kept["return_address"] == "Jl. Melati 1"
    assert market.seller("GET", f"/v1/sellers/{enc(odd)}/metrics", who=odd).status == 200
    yes = market.seller("POST", f"/v1/cases/{case_id}/approve", {}, who=odd)
    assert yes.status == 200, yes
    market.ended(case_id)
    wallet = market.buyer("GET", f"/v1/wallets/{enc(odd)}", who=odd).json
    assert (wallet["buyer_id"], wallet["balance"], wallet["entries"][0]["order_id"]) == (odd, 50_000, order_id)
    file = market.buyer("GET", f"/v1/cases/{case_id}/file", who=odd).json
    assert file["order"]["order_id"] == order_id
    assert market.buyer("GET", place, who=odd).json["lines"][0]["cancelled_quantity"] == 1


@pytest.mark.sampled(every=4)
@ODD
def test_lists_are_paged_to_their_end(shared: Marketplace, odd: str) -> None:
    market, owner = shared, f"{odd[:120]}/paged"
    made = [an_order_of(market, owner, f"{odd[:120]}/{number}") for number in range(3)]
    for order_id in made:
        wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
        asked = market.buyer("POST", f"/v1/orders/{enc(order_id)}/cancellations", wish, who=owner)
        assert asked.status == 201, asked
    for path, name in (
        ("/v1/orders", "order_id"),
        ("/v1/cases", "order_id"),
        ("/v1/cases?sort=deadline_at", "order_id"),
    ):
        for ask in (market.buyer, market.seller):
            found: list[str] = []
            cursor = ""
            while True:
                page = ask("GET", f"{path}{'&' if '?' in path else '?'}limit=1{cursor}", who=owner).json
                found += [each[name] for each in page["items"]]
                if page["next_cursor"] is None:
                    break
                cursor = f"&cursor={page['next_cursor']}"
            assert sorted(found) == sorted(made), path
    for number in range(2):
        market.buyer("POST", f"/v1/orders/{enc(made[0])}/messages", {"text": str(number)}, who=owner)
    place = f"/v1/orders/{enc(made[0])}/messages?limit=1"
    first = market.buyer("GET", place, who=owner).json
    second = market.buyer("GET", f"{place}&cursor={first['next_cursor']}", who=owner).json
    assert [each["text"] for page in (first, second) for each in page["items"]] == ["0", "1"]


def followed(page: Answer, wanted: str) -> str:
    """The first link of a page that begins so."""
    assert page.status == 200, page
    links = [html.unescape(each) for each in re.findall(r'<a [^>]*href="([^"]*)"', page.text)]
    return next(link for link in links if link.startswith(wanted))


@pytest.mark.sampled(every=4)
@ODD
def test_pages_are_clicked_through(shared: Marketplace, odd: str) -> None:
    market, owner = shared, f"{odd[:120]}/pages"
    order_id = an_order_of(market, owner, f"{odd[:120]}/p")
    buyer, seller, support = Phone(market), Phone(market), Phone(market)
    buyer.sign_in(owner)
    seller.sign_in(owner, "seller")
    support.sign_in("sari", "support")
    place = followed(buyer.open("/orders"), f"/orders/{enc(order_id)}")
    assert order_id in html.unescape(buyer.open(place).text)
    page = buyer.open(followed(buyer.open(place), place + "/cancel"))
    (form,) = [form for form in forms_of(page) if form.action == f"{place}/cancel"]
    of_lines = [name for name in form.fields if name.startswith("line-")]
    assert len(of_lines) == 2
    wished = form.fields | {"reason_code": "wrong_size", of_lines[0]: "1", of_lines[1]: "0"}
    quoted = buyer.press(form.action, wished | {"what": "quote"})
    assert quoted.status == 200
    asked = buyer.submit(quoted, form.action, accept_terms="yes")
    assert asked.status == 303, asked
    case = asked.headers["location"].partition("?")[0]
    case_id = case.rpartition("/")[2]
    assert market.row(case_id).lines == {owner: 1}
    written = buyer.submit(buyer.open(f"{place}/help"), f"{place}/messages", text="halo")
    assert written.headers["location"] == f"{place}/help#messages"
    assert "halo" in buyer.open(f"{place}/help").text
    assert "halo" in buyer.open(f"{place}/thread").text
    assert followed(buyer.open(case), place) == place
    named = followed(seller.open("/seller"), case)
    assert seller.submit(seller.open(named), f"{case}/approve").status == 303
    assert market.row(case_id).granted_lines == {owner: 1}
    assert buyer.open(f"{case}/file").status == 200
    found = support.open(f"/support?q={enc(order_id)}")
    assert support.open(followed(found, place)).status == 200
    assert support.open(f"/support?q={enc(owner)}").text.count(case) == 1, "of the buyer and of the seller, once"
    onward = Phone(market).open(place).headers["location"]
    assert onward == f"/sign-in?next={quote(place)}"
    assert f'href="{place}?lang=id"' in buyer.open(f"{place}?lang=en").text


def test_an_id_is_one_however_it_was_typed(shared: Marketplace) -> None:
    market = shared
    composed, parted = (unicodedata.normalize(form, "é/한글") for form in ("NFC", "NFD"))
    assert composed != parted
    an_order_of(market, composed)
    for typed in (composed, parted):
        answer = market.buyer("GET", f"/v1/orders/{enc(typed)}", who=typed)
        assert answer.json["order_id"] == composed
        listed = market.support("GET", f"/v1/orders?buyer_id={enc(typed)}").json["items"]
        assert [each["order_id"] for each in listed] == [composed]
    body = msgspec.to_builtins(a_body(order_id=parted, version=2))
    body["buyer"]["id"] = body["seller"]["id"] = parted
    assert market.oms("PUT", f"/v1/orders/{enc(composed)}", body).json["applied"]


BAD = [
    ".",
    "..",
    " a",
    "a ",
    "\u00a0a",
    "a\u3000",
    "a\nb",
    "a\x00b",
    "a\x7f",
    "a\x85b",
    "a\u2028b",
    "a\u202eb",
    "\u2066a",
]


@pytest.mark.parametrize("bad", [*BAD, "", "x" * 129], ids=ascii)
def test_what_cannot_be_an_id_is_refused_by_name(shared: Marketplace, bad: str) -> None:
    market, body = shared, msgspec.to_builtins(a_body(order_id="X-1"))
    for field, pushed in {
        "payment_id": body | {"payment_id": bad},
        "buyer.id": body | {"buyer": body["buyer"] | {"id": bad}},
        "lines[0].line_id": body | {"lines": [body["lines"][0] | {"line_id": bad}]},
    }.items():
        answer = market.oms("PUT", "/v1/orders/X-1", pushed)
        named = answer.json["errors"][0]["field"].replace("[...]", "[0]")
        assert (answer.status, named) == (422, field), answer
    if bad.strip("."):
        assert market.oms("GET", f"/v1/orders/{enc(bad)}").status == 404


def test_half_a_character_is_no_id(shared: Marketplace) -> None:
    body = msgspec.json.encode(a_body(order_id="X-1")).replace(b'"X-1"', rb'"X-\ud8001"')
    assert shared.oms("PUT", "/v1/orders/X-1", body).status in (400, 422)


def test_a_broken_escape_is_no_id(shared: Marketplace) -> None:
    an_order_of(shared, "%FF")
    assert shared.oms("GET", "/v1/orders/%25FF").status == 200
    assert shared.oms("GET", "/v1/orders/%FF").status == 404


def test_the_order_of_a_body_is_the_one_of_its_path(shared: Marketplace) -> None:
    body = msgspec.to_builtins(a_body(order_id="a/b"))
    assert shared.oms("PUT", "/v1/orders/a%2Fc", body).status == 422
    assert shared.oms("PUT", "/v1/orders/a%2Fb", body).status == 201


def test_ids_of_our_own_stay_strict(shared: Marketplace) -> None:
    assert shared.oms("GET", "/v1/cases/a%2Fb").status == 404
    shared.order("N-1")
    wish = {"reason_code": "a/b", "channel": "app", "accept_terms": True}
    refused = shared.buyer("POST", "/v1/orders/N-1/cancellations", wish)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "reason_code")


def test_signs_that_need_no_escape_may_come_without_one(shared: Marketplace) -> None:
    an_order_of(shared, "a;b:c@d,e+f=g")
    for place in ("a;b:c@d,e+f=g", "a%3Bb%3Ac%40d%2Ce%2Bf%3Dg"):
        assert shared.oms("GET", f"/v1/orders/{place}").json["order_id"] == "a;b:c@d,e+f=g"


def test_a_key_is_the_same_however_its_path_was_spelled(shared: Marketplace) -> None:
    owner = "k;1"
    an_order_of(shared, owner)
    wish = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True}
    first, again = (
        shared.buyer("POST", f"/v1/orders/{place}/cancellations", wish, who=owner, Idempotency_Key="k")
        for place in ("k;1", "k%3b1")
    )
    assert (first.status, again.json) == (201, first.json)
