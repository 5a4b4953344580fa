"""What people and platforms write breaks no page: words without a blank, forty lines, on the narrowest phone; a page
of which nothing was made yet says what to do."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Opener, save_screenshot
from tests.browser.orders import an_order, as_, say
from tests.sandbox.running import sandbox

NARROW = {"width": 320, "height": 640}
WORD = "Pertanggungjawabanmempertanggungjawabkanketidakbertanggungjawaban1"
LINES = "\n".join(f"Baris {number} {WORD if number == 20 else 'biasa'}" for number in range(40))

# What sticks out of the window, but for what may be pushed sideways on purpose.
STICKS_OUT = """() => [...document.querySelectorAll("main *, header *, footer *")].filter(each => {
  const box = each.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
  for (let up = each; up; up = up.parentElement)
    if (["auto", "scroll", "hidden"].includes(getComputedStyle(up).overflowX) && up !== document.body) return false;
  return true;
}).slice(0, 3).map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as served:
        yield served


@pytest.fixture(scope="module")
def hard(address: str) -> str:
    """A request about which everybody wrote as hard to set as they could."""
    people: dict[str, Any] = {
        "buyer": {"id": "budi", "name": WORD, "email": "budi@example.com"},
        "seller": {"id": "toko-baju", "name": WORD, "email": "toko-baju@example.com", "shop_name": WORD},
    }
    lines = [
        {"line_id": str(number), "name": f"{WORD} {number}", "quantity": 2, "unit_price": 75_000_000, "variant": WORD}
        for number in range(2)
    ]
    tenders = [{"method": "wallet", "amount": 300_000_000}]
    an_order(address, "HARD", **people, lines=lines, tenders=tenders)
    asked = {"reason_code": "wrong_size", "channel": "app", "accept_terms": True, "comment": LINES[:1000]}
    case = as_(address, "buyer", "budi", "/v1/orders/HARD/cancellations", asked)
    say(address, "buyer", case["case_id"], "messages", text=LINES[:1000])
    say(address, "seller", case["case_id"], "messages", text=WORD)
    say(address, "seller", case["case_id"], "offer", fee=1_000_000, comment=LINES[:1000])
    return str(case["case_id"])


@pytest.mark.parametrize("size", [NARROW, DESKTOP], ids=["narrow", "desk"])
@pytest.mark.parametrize("who", ["Budi", "Toko Baju", "Sari", "Omar"])
def test_no_word_and_no_length_breaks_a_page(visit: Opener, hard: str, who: str, size: dict[str, int]) -> None:
    pages = {
        "Budi": ("/orders", "/orders/HARD", "/orders/HARD/help", f"/cases/{hard}", f"/cases/{hard}/file"),
        "Toko Baju": ("/seller", "/seller?tab=waiting", f"/cases/{hard}", "/orders/HARD"),
        "Sari": ("/support", "/support?q=HARD", f"/cases/{hard}", f"/cases/{hard}/file"),
        "Omar": ("/operations", f"/cases/{hard}"),
    }
    found: list[str] = []
    page = visit(who, size=size)
    for path in pages[who]:
        page.goto(path)
        found += [f"{path}: {each}" for each in sticks_out(page)]
        save_screenshot(page, f"hard {who} {path.strip('/').replace('/', ' ').replace('?', ' ')} {size['width']}")
    assert found == []


def sticks_out(page: Page) -> list[str]:
    return list(page.evaluate(STICKS_OUT))


@pytest.mark.parametrize(
    ("who", "path"), [("Budi", "/orders?status=cancelled"), ("Toko Sepatu", "/seller"), ("Sari", "/support")]
)
def test_a_list_without_anything_says_what_to_do(visit: Opener, address: str, who: str, path: str) -> None:
    page = visit(who, size=NARROW)
    page.goto(path)
    expect(page.locator(".empty").first).to_have_text(re.compile(".{21,}", re.DOTALL))
    save_screenshot(page, f"empty {who}")
