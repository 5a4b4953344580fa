"""The site of the docs holds all pages, leads nowhere wrong, and asks no other host for anything."""

import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Request, sync_playwright

from infra.site.hooks import llms
from infra.stages import ROOT

SITE, DOCS = ROOT / "build" / "docs", ROOT / "docs"
# By which tag and attribute a browser fetches by itself.
FETCHED = {
    "script": "src",
    "img": "src",
    "link": "href",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}
# Names of kinds of links that are fetched by nobody.
TOLD_ONLY = {"canonical", "next", "prev", "alternate"}


def pages() -> list[Path]:
    found = sorted(SITE.rglob("*.html"))
    assert len(found) > 30
    return found


def test_every_page_of_the_docs_is_a_page_of_the_site() -> None:
    assert [page for page in DOCS.rglob("*.md") if not _made_of(page).is_file()] == []


def _made_of(page: Path) -> Path:
    name = "index.html" if page.name == "README.md" else f"{page.stem}.html"
    return SITE / page.relative_to(DOCS).parent / name


def test_no_page_has_a_browser_fetch_anything_from_elsewhere() -> None:
    fetched = [
        (page.name, tag.name, str(tag[FETCHED[tag.name]]))
        for page in pages()
        for tag in BeautifulSoup(page.read_text("utf-8"), "html.parser").find_all(list(FETCHED))
        if tag.get(FETCHED[tag.name]) and not TOLD_ONLY & set(tag.get_attribute_list("rel"))
    ]
    assert len(fetched) > 100
    assert [each for each in fetched if re.match(r"(https?:)?//", each[2])] == []
    sheets = "".join(each.read_text("utf-8") for each in SITE.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)\s]*", sheets) == []
    scripts = "".join(each.read_text("utf-8") for each in (SITE / "assets").rglob("*.js"))
    assert re.findall(r"unpkg\.com|jsdelivr|cdnjs|googleapis", scripts) == []


def test_links_lead_to_pages_and_places_that_are_there() -> None:
    places = {page: BeautifulSoup(page.read_text("utf-8"), "html.parser") for page in pages()}
    ids = {page: {tag["id"] for tag in soup.find_all(id=True)} for page, soup in places.items()}
    broken = []
    for page, soup in places.items():
        for link in soup.select("article a[href]"):
            path, _, anchor = str(link["href"]).partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            target = (page.parent / path).resolve() if path else page
            if not target.is_file() or (anchor and target in ids and anchor not in ids[target]):
                broken.append((page.name, link["href"]))
    assert broken == []


def test_llms_txt_says_what_there_is_and_the_pages_are_there_as_they_were_written() -> None:
    told = (SITE / "llms.txt").read_text("utf-8")
    named = re.findall(r"\]\(([^)]+)\)", told)
    assert {page.name for page in DOCS.glob("*.md")} - {Path(each).name for each in named} == {"index.md", "tour.md"}
    assert [each for each in named if (SITE / each).read_bytes() != (DOCS / each).read_bytes()] == []
    assert llms([{"Connect": [{"Quick start": "quick-start.md"}]}], DOCS) in told


@pytest.fixture
def address() -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(SITE))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(not shutil.which("chromium"), reason="`make browser` brings Chromium")
def test_in_chromium_diagrams_are_drawn_search_finds_and_nothing_is_asked_of_another_host(address: str) -> None:
    asked: list[str] = []

    def noted(request: Request) -> None:
        asked.append(request.url)

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 780})
        page.on("request", noted)
        page.goto(f"{address}/states.html")
        # The theme draws into a closed shadow: what was the source is gone, and something with a size stands there.
        page.wait_for_selector("div.mermaid")
        assert (page.locator("div.mermaid").first.bounding_box() or {"height": 0})["height"] > 50
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.locator("[data-md-component=search-query]").click()
        page.locator("[data-md-component=search-query]").press_sequentially("order_unknown_yet")
        page.wait_for_selector(".md-search-result__item")
        browser.close()
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith((address, "data:", "blob:", "about:"))] == []
