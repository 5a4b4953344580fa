"""Customer service looks for what a caller says, on a phone and at a desk, and is told how it was understood."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, Opener, save_screenshot
from tests.browser.orders import an_order, asked
from tests.browser.test_accessibility import found_in

NARROW = {"width": 320, "height": 720}


@pytest.mark.parametrize(
    ("size", "scripts", "language"), [(NARROW, True, "id"), (DESKTOP, False, "en")], ids=["phone", "desk"]
)
def test_a_caller_is_found_by_their_number_and_it_is_said_so(
    visit: Opener, address: str, size: dict[str, int], language: str, *, scripts: bool
) -> None:
    order_id = f"CALLER-{language}-2026"
    buyer = {"id": "budi", "name": "Budi", "email": "budi@example.com", "phone": "+62 811-111-222", "locale": "id"}
    asked(address, an_order(address, order_id, buyer=buyer))
    sari = visit("Sari", size=size, scripts=scripts, language=language)
    row = sari.get_by_role("row").get_by_role("link", name=order_id)
    for _ in range(20):
        sari.goto("/support")
        sari.get_by_role("searchbox").fill("0811 111 222")
        sari.get_by_role("searchbox").press("Enter")
        if row.count():
            break
        sari.wait_for_timeout(250)
    expect(row).to_be_visible()
    how = sari.get_by_role("status").filter(has_text=re.compile("nomor telepon|phone number"))
    expect(how).to_be_visible()
    save_screenshot(sari, f"search-{language}")
    if scripts:
        assert found_in(sari, Axe()) == []
        assert not sari.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    sari.get_by_role("searchbox").fill("08999999999")
    sari.get_by_role("searchbox").press("Enter")
    expect(sari.get_by_text("08999999999").first).to_be_visible()
    expect(sari.get_by_role("row")).to_have_count(0)
