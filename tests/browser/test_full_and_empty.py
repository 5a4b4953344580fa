"""All audiences walk through a marketplace with five hundred requests and through one with nothing in it: on the
narrowest phone and at a desk, in both languages, light and dark, with scripts and without."""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app import app
from chalicelib.domain.parties import Actor, Role
from chalicelib.pages import sessions
from infra.sandbox.builders import BUDI, OPERATOR, SELLER
from infra.sandbox.server import make_server
from tests.benchmarks.pages import SARI, SETTINGS, furnished
from tests.browser.conftest import DESKTOP, save_screenshot
from tests.browser.test_accessibility import found_in
from tests.browser.test_hard_reading import NARROW, sticks_out

FITRI = Actor(role=Role.FINANCE, id="fitri")
MANY = 500
# How often the tab key is pressed at most until what matters has the focus, past the link that skips the menu.
MOST_TABS = 30

# By who walks: each page, and what it is there for.
PAGES: Mapping[str, tuple[Actor | None, Sequence[tuple[str, str]]]] = {
    "buyer": (
        BUDI,
        (
            ("/orders", "main a[href*='/orders/']"),
            ("/orders/O-505", "main a[href$='/cancel']"),
            ("/orders/O-505/cancel", "input[name=reason_code]"),
            ("/cases/{waiting}", "#text"),
            ("/cases/{cancelled}", "main a"),
        ),
    ),
    "seller": (
        SELLER,
        (
            ("/seller", "input[name=case_id]"),
            ("/seller?tab=closed", "main a[href*='/cases/']"),
            ("/seller/figures", "main"),
            ("/seller/rules", "input[name=name]"),
            ("/cases/{waiting}", "form[action$='/approve'] button"),
        ),
    ),
    "support": (
        SARI,
        (
            ("/support", "input[name=q]"),
            ("/support?tab=seller", "main a[href*='/cases/']"),
            ("/support?q=budi", "main a[href*='/orders/']"),
            ("/cases/{waiting}", "#content a, #content button"),
        ),
    ),
    "operator": (
        OPERATOR,
        (
            ("/operations", "main a"),
            ("/operations?days=90", "main a"),
            ("/operations/lists/due_soon", "main a"),
            ("/operations/open/awaiting_seller", "main a[href*='/cases/']"),
            ("/operations/policies", "main a"),
            ("/operations/days-off", "input[name=day]"),
        ),
    ),
    "finance": (FITRI, (("/finance", "main"), ("/finance/reconciliations", "select[name=provider]"))),
    "stranger": (None, (("/", "main a"), ("/sign-in", "textarea[name=token]"))),
}
EMPTY = {
    "buyer": ("/orders", "/orders?status=shipped", "/orders?q=nothing"),
    "seller": ("/seller", "/seller?tab=closed", "/seller/figures", "/seller/rules", "/orders"),
    "support": ("/support", "/support?tab=mine", "/support?q=nobody"),
    "operator": ("/operations", "/operations/held", "/operations/lists/stuck", "/operations/lists/overdue"),
    "finance": ("/finance", "/finance/reconciliations"),
}


@contextmanager
def served(asked: int) -> Iterator[tuple[str, dict[str, str]]]:
    """A marketplace from memory; gives its address, and cases by how they stand."""
    with furnished(asked) as cases, at_an_address() as place:
        yield place, cases


@contextmanager
def at_an_address() -> Iterator[str]:
    """The pages of whatever store stands in, served by this process."""
    server = make_server(app, 0)
    threading.Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server.server_address[1]}"
    finally:
        server.server.shutdown()
        server.server.server_close()


@pytest.fixture(scope="module")
def full() -> Iterator[tuple[str, dict[str, str]]]:
    with served(MANY) as found:
        yield found


@contextmanager
def walking(
    browser: Browser, address: str, actor: Actor | None, *, desk: bool, english: bool, dark: bool, scripts: bool
) -> Iterator[Page]:
    """A browser of somebody who is signed in."""
    context = browser.new_context(
        base_url=address,
        viewport=DESKTOP if desk else NARROW,  # type: ignore[arg-type]
        locale="en-GB" if english else "id-ID",
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
    )
    if actor:
        name, _, value = sessions.begin(actor, SETTINGS, 2**33).partition(";")[0].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    try:
        yield page
    finally:
        context.close()


def found_in_both_lights(page: Page, axe: Axe, *, dark: bool) -> list[str]:
    """What axe-core says of a page, and what it says of its colours once it turned light or dark."""
    found = found_in(page, axe)
    page.emulate_media(color_scheme="light" if dark else "dark")
    found += [f"{'light' if dark else 'dark'}: {each}" for each in found_in(page, axe, ["color-contrast"])]
    page.emulate_media(color_scheme="dark" if dark else "light")
    return found


def reached(page: Page, wanted: str) -> bool:
    """Whether the keyboard alone comes to what the page is there for."""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.closest(wanted) !== null", wanted):
            return True
    return False


# Each audience on the phone and at the desk, in another language each; read in one light, and its colours in both.
FULL = [
    pytest.param(who, desk, english, dark, id=f"{who} {'desk' if desk else 'phone'}")
    for number, who in enumerate(PAGES)
    for desk, english, dark in (
        (False, number % 2 == 0, number % 4 < 2),
        (True, number % 2 == 1, number % 4 >= 2),
    )
]


@pytest.mark.parametrize(("who", "desk", "english", "dark"), FULL)
def test_five_hundred_requests_are_walked_through(
    browser: Browser, full: tuple[str, dict[str, str]], who: str, *, desk: bool, english: bool, dark: bool
) -> None:
    address, cases = full
    actor, pages = PAGES[who]
    axe, found = Axe(), []
    with walking(browser, address, actor, desk=desk, english=english, dark=dark, scripts=True) as page:
        for path, wanted in pages:
            answer = page.goto(path.format(**cases))
            assert answer
            found += [f"{path}: {answer.status}"] if answer.status != 200 else []
            found += [f"{path}: {each}" for each in (*found_in_both_lights(page, axe, dark=dark), *sticks_out(page))]
            found += [] if reached(page, wanted) else [f"{path}: no key leads to {wanted}"]
            save_screenshot(page, f"full {who} {path.strip('/').replace('/', ' ').replace('?', ' ')} {desk} {dark}")
    assert found == []


@pytest.mark.parametrize("who", PAGES)
def test_without_scripts_as_well(browser: Browser, full: tuple[str, dict[str, str]], who: str) -> None:
    address, cases = full
    actor, pages = PAGES[who]
    found: list[str] = []
    with walking(browser, address, actor, desk=False, english=False, dark=True, scripts=False) as page:
        for path, wanted in pages:
            page.goto(path.format(**cases))
            found += [f"{path}: {each}" for each in sticks_out(page)]
            found += [] if reached(page, wanted) else [f"{path}: no key leads to {wanted}"]
    assert found == []


def test_where_there_is_nothing_yet_every_page_says_what_to_do(browser: Browser) -> None:
    axe, found = Axe(), []
    with served(0) as (address, _):
        for number, (who, paths) in enumerate(EMPTY.items()):
            desk, english = number % 2 == 0, number % 3 == 0
            with walking(
                browser, address, PAGES[who][0], desk=desk, english=english, dark=not desk, scripts=True
            ) as page:
                for path in paths:
                    answer = page.goto(path)
                    assert answer
                    found += [f"{path}: {answer.status}"] if answer.status != 200 else []
                    seen = (*found_in_both_lights(page, axe, dark=not desk), *sticks_out(page))
                    found += [f"{path}: {each}" for each in seen]
                    found += [] if page.locator("main").inner_text().count(" ") > 8 else [f"{path}: says nothing"]
                    save_screenshot(page, f"empty {who} {path.strip('/').replace('/', ' ').replace('?', ' ')}")
    assert found == []


def test_a_long_inbox_is_counted_and_paged_both_ways(browser: Browser, full: tuple[str, dict[str, str]]) -> None:
    looks = {"desk": False, "english": False, "dark": False, "scripts": False}
    with walking(browser, full[0], SELLER, **looks) as seller:
        seller.goto("/seller")
        shown, first = seller.locator(".shown"), seller.locator(".requests h2").first
        expect(shown).to_contain_text(re.compile(r"^1–\d+ dari 494"))
        expect(seller.locator(".tabs [aria-current]")).to_contain_text("494")
        begun = first.inner_text()
        seller.locator("a[rel=next]").click()
        expect(shown).not_to_contain_text(re.compile("^1–"))
        expect(first).not_to_have_text(begun)
        # To the very last one, and back again.
        pages = int(re.findall(r"\d+", seller.locator(".pager span").inner_text())[-1])
        seller.goto(re.sub(r"page=\d+", f"page={pages}", seller.url))
        expect(shown).to_contain_text("–494 dari 494")
        expect(seller.locator("a[rel=next]")).to_have_count(0)
        for _ in range(pages - 1):
            seller.locator("a[rel=prev]").click()
        expect(first).to_have_text(begun)


def test_filters_go_with_the_search_from_page_to_page_and_are_kept_as_a_view(
    browser: Browser, full: tuple[str, dict[str, str]]
) -> None:
    looks = {"desk": True, "english": False, "dark": False, "scripts": True}
    with walking(browser, full[0], SELLER, **looks) as seller:
        seller.goto("/seller")
        shown = seller.locator(".shown")
        seller.locator("summary", has_text="Saring").click()
        seller.get_by_label("Marketplace").select_option("lazada")
        seller.get_by_label("Batas waktu").select_option("dalam 7 hari")
        seller.get_by_label("Nilai sampai").fill("1jt")
        seller.get_by_label(re.compile("^Cari nomor")).fill("kemeja")
        seller.get_by_role("button", name="Tampilkan").click()
        expect(shown).to_contain_text("1–50 dari 494")
        seller.locator("a[rel=next]").click()
        expect(shown).to_contain_text(re.compile("^51–"))
        expect(seller).to_have_url(re.compile("q=kemeja&platform=lazada&to=1jt&within=7&page=2"))
        expect(seller.get_by_label("Nilai sampai")).to_have_value("1jt")
        # The way of looking is kept under a name, found again from the plain inbox, and forgotten.
        seller.get_by_label("Simpan pencarian ini dengan nama").fill("Minggu ini")
        seller.get_by_role("button", name="Simpan", exact=True).click()
        kept = seller.get_by_role("navigation", name="Tampilan cepat").get_by_role("link", name="Minggu ini")
        expect(kept).to_have_attribute("aria-current", "true")
        seller.goto("/seller")
        kept.click()
        expect(seller.get_by_label("Batas waktu")).to_have_value("7")
        expect(shown).to_contain_text("1–50 dari 494")
        save_screenshot(seller, "inbox filters")
        seller.locator(".keep-view").get_by_role("button", name="Hapus").click()
        expect(kept).to_have_count(0)
        # Nothing is above a rupiah and below one: the page says so, and one filter is taken away by itself.
        seller.goto("/seller?tab=answer&platform=lazada&to=1")
        expect(seller.get_by_text("Tidak ada permintaan di sini yang cocok")).to_be_visible()
        seller.get_by_role("list", name="Saringan yang dipakai").get_by_role("link", name="Nilai sampai").click()
        expect(shown).to_contain_text("dari 494")
