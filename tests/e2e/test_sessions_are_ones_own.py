"""Nobody is signed in as somebody else by a stranger's page; a session ends with its token, and everywhere when it is
ended."""

import time
from urllib.parse import urlencode

import pytest

from chalicelib import wiring
from chalicelib.domain.parties import Actor, Role
from chalicelib.pages import sessions
from infra.sandbox import tokens
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import FORM, Phone

BUDI = Actor(role=Role.BUYER, id="budi")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, 303),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8000.evil.example"}, 403),
    ],
)
def test_only_pages_of_ours_and_of_the_marketplace_sign_people_in(
    shared: Marketplace, said: dict[str, str], status: int
) -> None:
    form = urlencode({"token": tokens.token("mallory", "buyer"), "next": "/orders"})
    answer = shared.call("POST", "/sign-in", form, headers={"Content-Type": FORM, **said})
    assert answer.status == status
    assert ("set-cookie" in answer.headers) == (status == 303)


def test_who_signs_out_is_out_wherever_the_cookie_lies(shared: Marketplace) -> None:
    phone, copy, other = Phone(shared), Phone(shared), Phone(shared)
    phone.sign_in()
    other.sign_in()
    copy.cookies |= phone.cookies
    assert copy.open("/orders").status == 200
    assert phone.submit(phone.open("/orders"), "/sign-out").status == 303
    for _ in range(2):
        assert copy.open("/orders").headers["location"] == "/sign-in?next=/orders"
    assert other.open("/orders").status == 200, "another session of the same person goes on"


def test_a_session_ends_with_its_token() -> None:
    settings, now = wiring.settings(), int(time.time())
    for until, counts in ((now + 600, True), (now, False), (now - 5, False)):
        begun = sessions.begin(BUDI, settings, until)
        kept = {"cookie": begun.partition(";")[0]}
        assert (sessions.actor_of(kept, settings) is not None) == counts
        assert f"Max-Age={max(0, until - now)}" in begun or f"Max-Age={max(0, until - now - 1)}" in begun


def test_no_session_is_longer_than_a_working_day(shared: Marketplace) -> None:
    assert "Max-Age=43200" in sessions.begin(BUDI, wiring.settings(), int(time.time()) + 10**6)
