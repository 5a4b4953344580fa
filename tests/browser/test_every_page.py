"""Every page is read for all eyes, so that none is forgotten: the lists are those of `tests/benchmarks/pages.py`, which
a test holds to the routes, and of `links.py` beside it. Staff's and sellers' main paths are walked by ear."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from chalicelib.domain.parties import Actor
from infra.sandbox.builders import SELLER
from tests.benchmarks.links import every_other_page
from tests.benchmarks.pages import SARI, every_page
from tests.browser.conftest import save_screenshot
from tests.browser.test_accessibility import found_in
from tests.browser.test_full_and_empty import served, walking
from tests.browser.test_hard_reading import sticks_out

# How each is looked at: on a phone, in Indonesian, in the light, and the other way round in all of it; each mixture in
# the whole form.
LOOKS = [dict(zip(("desk", "english", "dark"), look, strict=True)) for look in product((False, True), repeat=3)]


def named(look: Mapping[str, bool]) -> str:
    """A look as the end of a test's name, and of a picture's."""
    words = ("desk", "phone"), ("english", "indonesian"), ("dark", "light")
    return " ".join(yes if look[key] else no for key, (yes, no) in zip(look, words, strict=True))


# What a page fetches of itself while somebody looks on.
PART = "/progress"
ROLES = ("nobody", "buyer", "seller", "support", "operator", "finance")


Pages = Mapping[str, tuple[Actor | None, list[str]]]


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[str, dict[str, str], Pages]]:
    """Where the pages are served, cases by how they stand, and the pages of each role."""
    with served(12) as (address, cases):
        yield address, cases, by_role(cases)


def role_of(actor: Actor | None) -> str:
    return actor.role.value if actor else "nobody"


def by_role(cases: Mapping[str, str]) -> Pages:
    """The pages of each role: those that are weighed, and those that are opened by a link of a mail or of the
    marketplace, or once more has happened; a part of a page is read with its page."""
    found: dict[str, tuple[Actor | None, list[str]]] = {}
    for path, actor in (*every_page(cases), *every_other_page(cases)):
        if not path.endswith(PART):
            found.setdefault(role_of(actor), (actor, []))[1].append(path)
    assert set(found) == set(ROLES)
    return found


def place(path: str) -> str:
    """A path as the name of a picture."""
    return path.partition("?")[0].strip("/").replace("/", " ")[:40] or "start"


@pytest.mark.parametrize(
    "look",
    [pytest.param(each, marks=() if len(set(each.values())) == 1 else pytest.mark.whole) for each in LOOKS],
    ids=named,
)
@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing_on_any_page_that_there_is(
    browser: Browser, house: tuple[str, dict[str, str], Pages], role: str, look: dict[str, bool]
) -> None:
    address, _, pages = house
    axe, found = Axe(), []
    actor, paths = pages[role]
    with walking(browser, address, actor, **look, scripts=True) as page:
        for path in paths:
            answer = page.goto(path)
            assert answer
            found += [f"{path}: {answer.status}"] if answer.status != 200 else []
            found += [f"{path}: {each}" for each in (*found_in(page, axe), *sticks_out(page))]
            save_screenshot(page, f"every {role} {place(path)} {named(look)}")
    assert found == []


@pytest.mark.parametrize("role", ROLES)
def test_without_scripts_at_a_desk_in_the_dark_every_page_stands(
    browser: Browser, house: tuple[str, dict[str, str], Pages], role: str
) -> None:
    address, _, pages = house
    found = []
    actor, paths = pages[role]
    with walking(browser, address, actor, desk=True, english=False, dark=True, scripts=False) as page:
        for path in paths:
            answer = page.goto(path)
            assert answer
            found += [f"{path}: {answer.status}"] if answer.status != 200 else []
            found += [f"{path}: {each}" for each in sticks_out(page)]
    assert found == []


# What a screen reader is told of a page, in its order: where one is, how things stand, what can be done.
HEARD = {
    "the seller's inbox": (SELLER, "/seller", ("[level=1]", "searchbox", "checkbox", "Setujui yang dipilih")),
    "the seller's answer": (
        SELLER,
        "/cases/{waiting}",
        ("[level=1]", "Menunggu jawaban Anda", "Batas waktu", "Permintaan diajukan", 'button "Setujui"', "textbox"),
    ),
    "the seller's rules": (SELLER, "/seller/rules", ("[level=1]", "textbox", "button")),
    "the desk": (SARI, "/support", ("[level=1]", "searchbox", "Tidak ada permintaan yang menunggu")),
    "the cockpit": (
        SARI,
        "/cases/{waiting}",
        ("[level=1]", "Menunggu jawaban penjual", "Keterangan kedua pihak", "Percakapan", "Permintaan lain", "Riwayat"),
    ),
    "what a caller says": (SARI, "/support?q=budi", ("[level=1]", "searchbox", "table")),
}
NAMELESS = """() => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea")]
  .filter(each => each.offsetParent && !each.textContent.trim() && !each.labels?.length
    && !each.getAttribute("aria-label")).map(each => each.outerHTML)"""


def heard(page: Page) -> str:
    """The tree of the page's main part, as Chromium tells it to a screen reader."""
    return page.locator("main").aria_snapshot()


@pytest.mark.parametrize("path", HEARD)
def test_the_main_paths_of_sellers_and_of_customer_service_are_walked_by_ear(
    browser: Browser, house: tuple[str, dict[str, str], Pages], path: str
) -> None:
    address, cases, _ = house
    actor, opened, order = HEARD[path]
    with walking(browser, address, actor, **LOOKS[0], scripts=True) as page:
        page.goto(opened.format(**cases))
        told = heard(page)
        places = [told.find(word) for word in order]
        assert -1 not in places, (order, told)
        assert places == sorted(places), told
        assert told.count("[level=1]") == 1
        assert page.evaluate(NAMELESS) == []
