"""Each route and each page, for strangers of each role: of another's order, case or refund they read nothing. And what
the parties of a case may not know of each other, and of customer service, is in nothing that they read."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.edge.route import ROUTES
from infra.sandbox.builders import a_body
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.every_operation import REQUESTS
from tests.e2e.test_pages import Phone

# People of another order, of the same roles.
STRANGERS = (("buyer", "ani"), ("seller", "toko-sepatu"))
# What stands in the orders that the requests of tests are about, and in nothing of strangers.
OTHERS = ("Budi", "budi@example.com", "+62811111", "toko-baju", "Toko Baju", "Kemeja")
PLACED = [
    key for key, route in ROUTES.items() if "{" in route.path and any(role in route.roles for role, _ in STRANGERS)
]
# What they may call without naming an object in the address: lists, and what names objects in its body.
LISTS = [key for key, route in ROUTES.items() if "{" not in route.path and route.roles & {"buyer", "seller"}]


def sent_by(market: Marketplace, key: tuple[str, str], who: tuple[str, str]) -> Answer:
    request = REQUESTS[key](market)
    place = key[1].format(**request.places)
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    return market.as_(*who, key[0], f"{place}?{query}" if query else place, request.body, **request.headers)


def found_in(text: str, words: tuple[str, ...] = OTHERS) -> list[str]:
    return [word for word in words if word in text]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("key", PLACED, ids=str)
def test_a_stranger_finds_nothing_of_anothers(shared: Marketplace, key: tuple[str, str]) -> None:
    for who in STRANGERS:
        answer = sent_by(shared, key, who)
        if "policies/" not in key[1]:
            assert answer.status in (403, 404), (who, answer)
        assert found_in(answer.text) == [], who


@pytest.mark.parametrize("key", LISTS, ids=str)
def test_what_names_nothing_in_its_address_holds_nothing_of_others(shared: Marketplace, key: tuple[str, str]) -> None:
    said = str(REQUESTS[key](shared).body)
    for who in STRANGERS:
        found = found_in(sent_by(shared, key, who).text)
        assert [word for word in found if word not in said] == [], "but for what they typed themselves"


def places_of(market: Marketplace) -> Mapping[str, str]:
    case_id = market.ask(market.order("OTHERS-1"))["case_id"]
    case = market.case(case_id)
    known = {"case_id": case_id, "order_id": case["order_id"], "payment_id": "p-1", "name": "lazada", "token": "a.b"}
    return defaultdict(lambda: "approve", known)


def test_pages_show_strangers_nothing_of_anothers(shared: Marketplace) -> None:
    market = shared
    places = places_of(market)
    for role, who in (*STRANGERS, ("finance", "fitri"), ("", "")):
        phone = Phone(market)
        if who:
            phone.sign_in(who, role)
        for path, methods in app.routes.items():
            # The contract's examples are of the same people; it is the same for everybody, and made from no table.
            if path.startswith(("/v1/", "/sandbox", "/static")) or path in ("/{proxy+}", "/openapi.json"):
                continue
            place = path.format_map(places)
            for method in methods:
                page = phone.open(place) if method != "POST" else phone.press(place, {"text": "x"})
                assert found_in(page.text) == [], (role, method, path)


SECRET = {
    "staff": "SARI-OF-THE-DESK",
    "shop_mail": "shop-secret@example.com",
    "shop_phone": "+6289998887",
    "buyer_mail": "buyer-secret@example.com",
}


def a_story(market: Marketplace) -> tuple[str, str]:
    """A case in which customer service had its hands, many times."""
    order_id = "SECRETS-1"
    plain = a_body(order_id=order_id, placed_at=market.world.clock() - timedelta(days=1))
    body = replace(
        plain,
        buyer=replace(plain.buyer, email=SECRET["buyer_mail"]),
        seller=replace(plain.seller, email=SECRET["shop_mail"], phone=SECRET["shop_phone"]),
    )
    assert market.oms("PUT", f"/v1/orders/{order_id}", body).status == 201
    case_id = market.ask(order_id)["case_id"]
    staff, note = SECRET["staff"], {"note": "looked into it"}

    def acts(path: str, body: Any) -> None:
        answer = market.as_("support", staff, "POST", path, body)
        assert answer.status < 300, answer

    market.waits_in(case_id)
    acts(f"/v1/cases/{case_id}/messages", {"text": "Kami bantu"})
    market.say("seller", case_id, "reject", reason_code="already_packed")
    acts(f"/v1/cases/{case_id}/reopen", note)
    acts(f"/v1/cases/{case_id}/claim", note)
    acts(f"/v1/cases/{case_id}/approve", note)
    market.later(60)
    return order_id, case_id


def test_nobody_reads_who_of_customer_service_it_was_nor_how_a_shop_is_reached(shared: Marketplace) -> None:
    market = shared
    order_id, case_id = a_story(market)
    places = defaultdict(lambda: "approve", {"case_id": case_id, "order_id": order_id, "refund_id": f"rf_{case_id}"})
    leaks: list[Any] = []
    for role, who in (("buyer", "budi"), ("seller", "toko-baju")):
        hidden = (SECRET["staff"], *((SECRET["shop_mail"], SECRET["shop_phone"]) if role == "buyer" else ()))
        phone = Phone(market)
        phone.sign_in(who, role)
        mine = places | {"buyer_id": "budi", "seller_id": "toko-baju"}
        for path, methods in app.routes.items():
            if "GET" not in methods or path.startswith(("/sandbox", "/static", "/sign")) or "{proxy" in path:
                continue
            place = path.format_map(defaultdict(lambda: "approve", mine))
            answer = market.as_(role, who, "GET", place) if path.startswith("/v1/") else phone.open(place)
            leaks += [(role, path, word) for word in found_in(answer.text, hidden)]
        told = [mail for mail in market.mails() if mail.to == SECRET["buyer_mail" if role == "buyer" else "shop_mail"]]
        assert told
        leaks += [
            (role, mail.kind, word) for mail in told for word in found_in(mail.subject + mail.text + mail.html, hidden)
        ]
    assert not leaks, "\n".join(map(str, leaks))
