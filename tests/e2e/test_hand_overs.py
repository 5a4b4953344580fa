"""From the marketplace's app or site into our pages: once, soon, and never as somebody else without saying so."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.edge import hand_overs
from tests.e2e.conftest import Answer, Marketplace, marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone

SHOP = "https://shop.example"


@pytest.fixture(scope="module")
def shared() -> Iterator[Marketplace]:
    with marketplace(SIGN_IN_URL=f"{SHOP}/sign-in") as made:
        yield made


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the real clock go on, by which hand-overs count."""
    at = [time.time()]
    monkeypatch.setattr("chalicelib.edge.hand_overs.time.time", lambda: at[0])

    def later(seconds: float) -> None:
        at[0] += seconds

    return later


def handed(market: Marketplace, **said: Any) -> str:
    """The path of an address that the marketplace was given."""
    answer = market.oms("POST", "/v1/hand-overs", {"role": "buyer", "sub": "budi", **said})
    assert answer.status == 201, answer
    return str(answer.json["url"]).removeprefix(wiring.settings().public_url)


def arrive(phone: Phone, place: str, **headers: str) -> Answer:
    """The page that a browser comes to."""
    left = phone.open(place, **headers)
    return phone.open(left.headers["location"]) if left.status == 303 else left


def go_on(phone: Phone, page: Answer) -> Answer:
    form = next(each for each in forms_of(page) if "/hand-over/" in each.action)
    return phone.press(form.action, form.fields)


def leads_on_by_itself(page: Answer) -> bool:
    return "hand_over.js" in page.text


def test_somebody_comes_from_the_marketplace_and_is_signed_in_where_they_wanted_to_be(shared: Marketplace) -> None:
    order_id = shared.order("HAND-1")
    phone = Phone(shared)
    page = arrive(phone, handed(shared, name="Budi Santoso", next=f"/orders/{order_id}?lang=en"))
    assert "Budi Santoso" in page.text
    assert phone.open("/orders").status == 303, "nobody is signed in by opening"
    done = go_on(phone, page)
    assert (done.status, done.headers["location"]) == (303, f"/orders/{order_id}?lang=en")
    assert "Max-Age=43200" in done.headers["set-cookie"]
    assert phone.open(f"/orders/{order_id}").status == 200
    assert "Budi Santoso" in phone.open("/orders").text


def test_a_sellers_clerk_speaks_for_the_shop(shared: Marketplace) -> None:
    case_id = shared.ask(shared.order("HAND-2"))["case_id"]
    phone = Phone(shared)
    page = arrive(phone, handed(shared, role="seller", sub="rina", seller_id="toko-baju", next=f"/cases/{case_id}"))
    assert "toko" in page.text
    assert go_on(phone, page).headers["location"] == f"/cases/{case_id}"
    assert phone.submit(phone.open(f"/cases/{case_id}"), f"/cases/{case_id}/approve").status == 303
    entry = shared.support("GET", f"/v1/cases/{case_id}/timeline").json["items"][1]
    assert (entry["actor"]["id"], entry["facts"]["person"]) == ("toko-baju", "rina")


def test_the_address_leaves_the_address_bar_and_opens_nothing_by_itself(shared: Marketplace) -> None:
    place = handed(shared)
    left = Phone(shared).open(place)
    clean = left.headers["location"]
    assert re.fullmatch(r"/hand-over/[0-9a-f]{20}", clean)
    assert left.headers["referrer-policy"] == "no-referrer"
    assert f"Path={clean}; Max-Age=600; HttpOnly; SameSite=Lax" in left.headers["set-cookie"]
    assert shared.call("GET", clean).status == 404
    phone = Phone(shared)
    assert place.rpartition("/")[2] not in arrive(phone, place).text


def test_a_second_use_is_answered_kindly(shared: Marketplace) -> None:
    place = handed(shared)
    first, second, late = Phone(shared), Phone(shared), Phone(shared)
    mine, other = arrive(first, place), arrive(second, place)
    unheard = Phone(shared, dict(first.cookies))
    assert go_on(first, mine).status == 303
    assert go_on(unheard, mine).status == 303, "its answer was lost, it is sent again"
    assert go_on(first, mine).status == 303, "and once more after going back"
    refused = go_on(second, other)
    assert (refused.status, "batal_session" in second.cookies) == (410, False)
    assert "satu kali" in refused.text
    assert "marketplace" in refused.text
    assert arrive(late, place).status == 410
    there = first.open(place)
    assert (there.status, there.headers["location"]) == (303, "/"), "who is in already is led on"
    again = handed(shared, next="/orders")
    assert go_on(first, arrive(first, again)).headers["location"] == "/orders"
    assert arrive(late, again).status == 410, "and used it up all the same"


def test_of_many_who_hold_it_at_once_one_is_let_in(shared: Marketplace) -> None:
    place = handed(shared)
    phones = [Phone(shared) for _ in range(8)]
    pages = [arrive(phone, place) for phone in phones]
    with ThreadPoolExecutor(8) as pool:
        found = sorted(answer.status for answer in pool.map(go_on, phones, pages))
    assert found == [303] + [410] * 7


def test_it_opens_within_a_minute_and_waits_ten_for_who_opened_it(
    shared: Marketplace, tick: Callable[[float], None]
) -> None:
    place, late = handed(shared), handed(shared)
    phone = Phone(shared)
    page = arrive(phone, place)
    tick(hand_overs.OPENS_FOR)
    assert arrive(Phone(shared), late).status == 410
    assert go_on(phone, page).status == 303
    slow = Phone(shared)
    page = arrive(slow, handed(shared))
    tick(hand_overs.WAITS_FOR)
    assert go_on(slow, page).status == 410


@pytest.mark.parametrize(
    ("headers", "at_once"),
    [
        ({"Referer": f"{SHOP}/my-orders", "Sec-Fetch-Site": "cross-site"}, True),
        ({"Referer": f"{SHOP}/"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Referer": "https://evil.example/", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Referer": "https://shop.example.evil.example/"}, False),
        ({}, False),
    ],
)
def test_only_who_comes_from_the_marketplaces_own_site_need_not_press(
    shared: Marketplace, headers: dict[str, str], at_once: bool
) -> None:
    assert leads_on_by_itself(arrive(Phone(shared), handed(shared), **headers)) is at_once


def test_nobody_becomes_somebody_else_without_a_press(shared: Marketplace) -> None:
    phone = Phone(shared)
    phone.sign_in("ani")
    page = arrive(phone, handed(shared, name="Budi"), Referer=f"{SHOP}/")
    assert not leads_on_by_itself(page)
    assert "ani" in page.text
    assert go_on(phone, page).status == 303
    assert leads_on_by_itself(arrive(phone, handed(shared))), "who is signed in already is nobody else"


def test_a_strangers_page_cannot_press(shared: Marketplace) -> None:
    phone = Phone(shared)
    page = arrive(phone, handed(shared))
    form = next(each for each in forms_of(page) if "/hand-over/" in each.action)
    assert Phone(shared).press(form.action, form.fields).status == 404, "without the cookie, which is SameSite"
    assert phone.press(form.action, {}).status == 403, "without the page's token"
    assert phone.press(handed(shared), form.fields).status == 404, "an address is opened, never posted to"


def test_opening_changes_nothing(shared: Marketplace) -> None:
    place = handed(shared)
    before = shared.everything()
    for method in ("HEAD", "GET", "HEAD"):
        assert shared.call(method, place).status == 303
    assert shared.everything() == before


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"next": "https://evil.example/"}, 422),
        ({"next": "//evil.example/"}, 422),
        ({"next": "/\\evil.example"}, 422),
        ({"next": "orders"}, 422),
        ({"role": "support"}, 422),
        ({"role": "operator"}, 422),
        ({"role": "system"}, 422),
        ({"role": "seller"}, 422),
        ({"sub": ""}, 422),
        ({"extra": 1}, 422),
    ],
)
def test_where_it_leads_and_whom_it_hands_over_is_bounded(
    shared: Marketplace, said: dict[str, Any], status: int
) -> None:
    assert shared.oms("POST", "/v1/hand-overs", {"role": "buyer", "sub": "budi", **said}).status == status


def test_only_the_marketplaces_systems_hand_over(shared: Marketplace) -> None:
    body = {"role": "buyer", "sub": "budi"}
    for role, who in (("buyer", "budi"), ("seller", "toko-baju"), ("support", "sari"), ("operator", "omar")):
        assert shared.as_(role, who, "POST", "/v1/hand-overs", body).status == 403


def test_what_was_not_signed_for_this_opens_nothing(shared: Marketplace) -> None:
    place = handed(shared)
    case_id = shared.ask(shared.order("HAND-3"))["case_id"]
    shared.waits_in(case_id)
    decision = wiring.links().decision(shared.row(case_id)).rpartition("/")[2]
    one = hand_overs.at_address(place.rpartition("/")[2])
    opened = hand_overs.opened(one, known=True)
    for token in (place[11:-2], decision, opened, "a.b"):
        assert Phone(shared).open(f"/hand-over/{token}").status == 404, token
    forged = Phone(shared)
    left = forged.open(place)
    forged.cookies["batal_link"] = place.rpartition("/")[2]
    assert forged.open(left.headers["location"]).status == 404


def test_nothing_of_it_is_logged(shared: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        place = handed(shared)
        phone = Phone(shared)
        go_on(phone, arrive(phone, place))
        arrive(phone, place)
    assert place.rpartition("/")[2] not in caplog.text
    assert not [each for each in caplog.records if each.name.startswith("chalicelib")]
