"""Every page in every state, in both languages, light and dark: axe-core finds nothing, and no picture is broken."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot
from tests.browser.orders import every_case
from tests.sandbox.running import sandbox

LOOKS = [("id", False), ("id", True), ("en", False), ("en", True)]
PAGES = {
    "Budi": (
        "/orders",
        "/orders?status=shipped",
        "/orders/LZD-1001",
        "/orders/LZD-1005",
        "/orders/LZD-1001/cancel",
        "/orders/SHP-2005/cancel?reason_code=wrong_size",
        "/orders/LZD-1005/return?reason_code=damaged",
        "/orders/TKP-3003/cancel",
        "/orders?q=nothing-here",
        "/orders/LZD-1001/help?reason=salah+ukuran",
        "/cases/{awaiting_seller}/evidence",
        "/cases/{awaiting_seller}/file",
        "/orders/nothing-here",
    ),
    "Toko Baju": (
        "/seller",
        "/seller?tab=waiting",
        "/seller?tab=goods",
        "/seller?tab=closed",
        "/seller?tab=answer&reason=wrong_size&from=1000&to=salah",
        "/seller?q=zzz",
        "/seller/answer?tab=answer&answer=reject&all=1",
        "/seller/figures",
        "/seller/rules",
        "/orders",
        "/orders/LZD-1001",
    ),
    "Sari": (
        "/support",
        "/support?tab=seller",
        "/support?tab=refunds",
        "/support?tab=late",
        "/support?tab=mine",
        "/support?tab=second",
        "/support?tab=stuck",
        "/support?kind=cancellation&amount=banyak",
        "/support?q=budi",
        "/support?q=nobody",
        "/orders/SHP-2001/cancel?reason_code=wrong_size",
    ),
    "Omar": (
        "/operations",
        "/operations/held",
        "/operations/jobs",
        "/operations/lists/due_soon",
        "/operations/figures/p50?days=90",
        "/operations/days-off",
        "/operations/days-off?year=2028",
        "/operations/policies",
        "/operations/policies/lazada",
        "/operations/policies/lazada?against=1",
        "/operations/policies/lazada/change",
        "/operations/policies/lazada/history",
    ),
    "Fitri": ("/finance", "/finance/reconciliations"),
    None: ("/", "/sign-in"),
}
VIEWERS = ("Budi", "Toko Baju", "Sari")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as served:
        yield served


@pytest.fixture(scope="module")
def cases(address: str) -> dict[str, str]:
    return every_case(address)


def found_in(page: Page, axe: Axe) -> list[str]:
    """What axe-core says, in one line each."""
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    answer = axe.run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for each in answer.response["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(
    ("language", "dark"), LOOKS, ids=[f"{lang} {'dark' if dark else 'light'}" for lang, dark in LOOKS]
)
@pytest.mark.parametrize("who", PAGES, ids=str)
def test_axe_finds_nothing_on_any_page(
    visit: Opener, cases: dict[str, str], who: str | None, language: str, *, dark: bool
) -> None:
    axe, found = Axe(), []
    page = visit(who, size=DESKTOP if dark else PHONE, language=language, dark=dark)
    paths = PAGES[who] + tuple(f"/cases/{case_id}" for case_id in cases.values() if who in VIEWERS)
    names = {case_id: name for name, case_id in cases.items()}
    for path in paths:
        page.goto(path.format(**cases))
        found += [f"{path}: {each}" for each in found_in(page, axe)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path}: wider than the screen")
        place = names.get(path.rpartition("/")[2], path.strip("/").replace("/", "_").replace("?", "_") or "start")
        save_screenshot(page, f"{who or 'nobody'} {place} {language} {'dark' if dark else 'light'}")
    assert found == []
