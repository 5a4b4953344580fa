"""Ids and names as long as they may be, without a blank: no page grows wider than the screen, and axe finds nothing."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot
from tests.browser.orders import an_order, asked
from tests.browser.test_accessibility import found_in

LONG, TITLE = "W" * 126, "M" * 1000


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_page_is_wider_than_the_screen(visit: Opener, address: str, size: dict[str, int]) -> None:
    which = f"{size['width']}"[:1]
    line = {"line_id": LONG, "name": TITLE, "quantity": 2, "unit_price": 75_000, "category": "fashion"}
    told: dict[str, Any] = {"payment_id": f"{LONG}{which}p", "lines": [line], "status": "processing"}
    orders = [an_order(address, f"{LONG}{which}{number}", **told) for number in range(2)]
    case_id = asked(address, orders[1])
    place = f"/orders/{orders[0]}"
    pages = {
        "Budi": (
            "/orders",
            place,
            f"{place}/cancel?reason_code=wrong_size",
            f"{place}/help?reason=salah",
            f"/payments/{told['payment_id']}?reason_code=wrong_size",
            f"/cases/{case_id}",
            f"/cases/{case_id}/file",
            f"/cases/{case_id}/evidence",
        ),
        "Toko Baju": ("/seller", f"/cases/{case_id}", place),
        "Sari": ("/support?tab=seller", f"/support?q={orders[0]}", f"/cases/{case_id}"),
    }
    found = []
    for who, paths in pages.items():
        page = visit(who, size=size)
        for number, path in enumerate(paths):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            save_screenshot(page, f"long ids {who} {number} {size['width']}")
            found += [f"{who} {path[:40]}: {each}" for each in found_in(page, Axe())]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{who} {path[:40]}: wider than the screen")
    assert found == []
