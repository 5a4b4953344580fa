"""From the marketplace into our pages in a real browser: led on by itself from its own site, by a press from elsewhere,
with scripts or without; and what is left in the address bar and behind the back button."""

import json
import re
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot
from tests.browser.test_accessibility import found_in

SMALL = {"width": 320, "height": 640}


def posted(address: str, path: str, body: object, token: str = "") -> str:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(address + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return str(answer.read().decode())


def handed(address: str, name: str = "Budi Santoso") -> str:
    token = json.loads(posted(address, "/sandbox/token", {"sub": "oms", "role": "system"}))["token"]
    said = {"role": "buyer", "sub": "budi", "name": name, "next": "/orders"}
    return str(json.loads(posted(address, "/v1/hand-overs", said, token))["url"])


@pytest.mark.parametrize("scripts", [True, False])
def test_one_press_from_elsewhere(visit: Opener, address: str, *, scripts: bool) -> None:
    page = visit(None, scripts=scripts)
    page.goto(handed(address))
    assert re.search(r"/hand-over/[0-9a-f]{20}$", page.url)
    page.get_by_role("button", name="Lanjut").click()
    expect(page).to_have_url(f"{address}/orders")
    expect(page.get_by_text("Budi Santoso").first).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Lanjut").click()
    expect(page).to_have_url(f"{address}/orders")


def test_nobody_presses_who_comes_from_the_marketplaces_own_site(visit: Opener, address: str) -> None:
    page = visit(None)
    page.goto(handed(address), referer=f"{address}/sandbox/people")
    page.wait_for_url(f"{address}/orders")
    stranger = visit("Ani")
    stranger.goto(handed(address), referer=f"{address}/sandbox/people")
    expect(stranger.get_by_text("Ani").first).to_be_visible()
    stranger.get_by_role("button", name="Lanjut").click()
    expect(stranger.get_by_text("Budi Santoso").first).to_be_visible()


@pytest.mark.parametrize(("language", "dark"), [("id", False), ("en", True)])
def test_the_page_is_easy_to_read(visit: Opener, address: str, language: str, *, dark: bool) -> None:
    for who, size in ((None, SMALL), (None, PHONE), ("Ani", DESKTOP)):
        page = visit(who, size=size, language=language, dark=dark)
        page.goto(handed(address, "Budi Santoso Wirawan Kusumaningrat"))
        assert found_in(page, Axe()) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        save_screenshot(page, f"hand-over {who or 'nobody'} {size['width']} {language}")
