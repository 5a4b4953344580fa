"""An operator's figures, lists and policies in a browser: phone and desktop, by day and by night."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Opener, save_screenshot
from tests.browser.test_accessibility import found_in

SMALL = {"width": 360, "height": 740}
LOOKS = [(SMALL, "id", False), (DESKTOP, "en", True)]
AXE = Axe()


@pytest.fixture(scope="module")
def address(peopled: tuple[str, dict[str, str]]) -> str:
    return peopled[0]


def is_sound(page: Page, name: str) -> None:
    """Nothing for axe to find, no scrolling to the side, every button large enough for a thumb."""
    assert found_in(page, AXE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('main button, main summary, .tile a, .tabs a')]"
        ".filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 44)"
        ".map(each => each.textContent.trim())"
    )
    assert small == []
    save_screenshot(page, name)


@pytest.mark.parametrize(("size", "language", "dark"), LOOKS)
def test_every_number_leads_on_and_says_how_it_is_counted(
    visit: Opener, size: dict[str, int], language: str, dark: bool
) -> None:
    omar = visit("Omar", size=size, language=language, dark=dark)
    omar.goto("/operations?days=7")
    is_sound(omar, f"operations-{size['width']}")
    links = [each.get_attribute("href") or "" for each in omar.locator(".figure a").all()]
    numbers = omar.locator(".figure .number").all_inner_texts()
    assert len(links) == len(numbers) >= 19
    omar.locator(".figure summary").first.click()
    expect(omar.locator(".figure details[open] p")).to_have_count(1)
    omar.locator("summary", has_text=re.compile("tabel|table")).click()
    expect(omar.locator("figure svg.chart").first).to_be_visible()
    drawn = omar.locator("svg.chart text").first.evaluate("each => each.getBoundingClientRect().height")
    assert drawn >= 10, "words in a chart can be read on a phone"
    is_sound(omar, f"operations-open-{size['width']}")
    for link in links:
        omar.goto(link)
        expect(omar.locator("[data-count]")).to_be_visible()
    omar.goto("/operations/figures/asked?days=90")
    is_sound(omar, f"figure-{size['width']}")


@pytest.mark.parametrize(("size", "language", "dark"), LOOKS)
def test_a_policy_is_changed_in_sentences(visit: Opener, size: dict[str, int], language: str, dark: bool) -> None:
    omar = visit("Omar", size=size, language=language, dark=dark)
    policy = "tiktok" if language == "id" else "shopee"
    omar.goto(f"/operations/policies/{policy}")
    is_sound(omar, f"policy-{size['width']}")
    omar.locator("a.button").click()
    is_sound(omar, f"policy-form-{size['width']}")
    requests = omar.locator("summary", has_text=re.compile("^Permintaan$|^Requests$"))
    requests.click()
    tries = omar.locator('[name="max_attempts"]')
    tries.fill("0")
    omar.locator("button[value=look]").click()
    expect(tries).to_have_attribute("aria-invalid", "true")
    is_sound(omar, f"policy-wrong-{size['width']}")
    tries.fill("8")
    omar.locator("button[value=look]").click()
    expect(omar.locator("ins").first).to_contain_text("8")
    is_sound(omar, f"policy-draft-{size['width']}")
    omar.locator("#note").fill("Ramai")
    omar.locator("button[value=keep]").click()
    expect(omar.locator(".diff")).to_contain_text("Ramai")
    omar.goto(f"/operations/policies/{policy}/history")
    is_sound(omar, f"policy-history-{size['width']}")
    omar.locator("button[value=restore]").first.click()
    expect(omar.locator("#note")).not_to_be_empty()
    omar.locator("button[value=keep]").click()
    expect(omar.locator("del").first).to_contain_text("8")
