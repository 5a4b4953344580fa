"""A real browser before a running sandbox.

`make browser` installs Debian's Chromium and runs these tests; `make test` leaves them out.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.orders import every_case
from tests.sandbox.running import ROOT, sandbox

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENS = ROOT / "build" / "screens"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

# Where pictures of goods lie, as the sandbox is told; no such host is ever asked.
PICTURES = "pictures.test"

Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as served:
        yield served


@pytest.fixture(scope="session")
def peopled() -> Iterator[tuple[str, dict[str, str]]]:
    """A sandbox with a case in every state, and those by their state's name: for whoever looks on, and moves neither
    them nor the clock by more than minutes. Its goods may have pictures."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMAGE_HOSTS", PICTURES)
        with sandbox() as served:
            yield served, every_case(served)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "there is no Chromium: make browser"
    quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Opener]:
    """Opens a browser of its own for one person, signed in, with scripts or without, and closes it afterwards."""
    contexts: list[Any] = []

    def opened(
        who: str | None, *, size: Any = None, scripts: bool = True, language: str = "id", dark: bool = False
    ) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport=size or PHONE,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            locale="id-ID" if language == "id" else "en-GB",
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        if who:
            page.goto("/sandbox/people")
            page.get_by_role("button", name=who).click()
        return page

    yield opened
    for context in contexts:
        context.close()


def save_screenshot(page: Page, name: str) -> None:
    """A picture of the whole page, to be looked at; the folder is not kept in git."""
    Path(SCREENS).mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)
