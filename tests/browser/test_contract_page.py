"""The contract as people read it: from us alone, within the pages' policy, and without scripts as well."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot


def watched(page: Page) -> tuple[list[str], list[str]]:
    """What the page asks for, and what its policy or its scripts complain about."""
    asked: list[str] = []
    complaints: list[str] = []

    def heard(message: Any) -> None:
        # Every browser asks for a picture to remember the page by, and there is none.
        if message.type == "error" and not message.location.get("url", "").endswith("/favicon.ico"):
            complaints.append(message.text)

    page.on("request", lambda request: asked.append(request.url))
    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return asked, complaints


@pytest.mark.parametrize(
    ("size", "language", "dark"), [(PHONE, "id", False), (DESKTOP, "en", True)], ids=["phone", "desk, in the dark"]
)
def test_the_contract_is_read_and_tried_within_our_own_house(
    visit: Opener, address: str, size: Any, language: str, dark: bool
) -> None:
    page = visit(None, size=size, language=language, dark=dark)
    asked, complaints = watched(page)
    page.goto("/docs")
    page.locator(".opblock-tag").first.wait_for()
    expect(page.locator(".opblock-tag").nth(14)).to_be_attached()
    page.locator("#operations-tag-catalogue, [data-tag=catalogue]").first.click()
    page.locator("[id$=-reasons] .opblock-summary-control").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table .response-col_status", has_text="200").first.wait_for()
    assert complaints == []
    assert [url for url in asked if not url.startswith((address, "blob:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    save_screenshot(page, f"contract-{language}-{size['width']}")


def test_without_scripts_every_operation_is_a_line(visit: Opener) -> None:
    page = visit(None, scripts=False)
    page.goto("/docs")
    expect(page.locator("#contract")).to_contain_text("PUT /v1/orders/{order_id}")
    save_screenshot(page, "contract-plain")
