"""Asking on one screen, by thumb and by keyboard: the quote follows, the press lands on the case."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Opener, save_screenshot
from tests.browser.orders import an_order
from tests.browser.test_accessibility import found_in
from tests.browser.test_hard_reading import LINES, WORD, sticks_out
from tests.sandbox.running import sandbox

SMALL = {"width": 360, "height": 740}
SHIRTS = [{"line_id": "1", "name": "Kemeja", "quantity": 3, "unit_price": 50_000, "variant": "M"}]
WAYS = pytest.mark.parametrize(
    ("size", "scripts"),
    [(SMALL, True), (SMALL, False), (DESKTOP, True), (DESKTOP, False)],
    ids=["phone", "phone without scripts", "desk", "desk without scripts"],
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with sandbox() as served:
        yield served


def is_settled(page: Page) -> None:
    expect(page.locator("#quote")).not_to_have_attribute("aria-busy", "true")


@WAYS
def test_a_reason_and_a_quantity_are_changed_the_quote_follows_and_the_press_lands_on_the_case(
    visit: Opener, address: str, size: dict[str, int], *, scripts: bool
) -> None:
    order_id = an_order(address, f"ASK-{size['width']}-{scripts}", lines=SHIRTS)
    budi = visit("Budi", size=size, scripts=scripts)
    budi.goto(f"/orders/{order_id}/cancel")
    expect(budi.locator("#press")).to_contain_text("Rp150.000")
    assert budi.locator("#press button").bounding_box()["y"] < size["height"], "without scrolling"  # type: ignore[index]
    budi.get_by_label("Alamat pengiriman salah").check()
    if scripts:
        budi.get_by_role("button", name="Kurangi Kemeja").click()
        budi.get_by_role("button", name="Kurangi Kemeja").click()
        expect(budi.locator("#told")).to_have_text("Dana kembali Rp50.000")
    else:
        budi.get_by_label("Kemeja").fill("1")
        budi.get_by_role("button", name="Hitung ulang").click()
    expect(budi.locator("#press")).to_contain_text("Rp50.000")
    expect(budi.get_by_text("Tidak harus dibatalkan")).to_be_visible()
    budi.get_by_label("Saya sudah membaca").check()
    assert not scripts or found_in(budi, Axe()) == []
    assert sticks_out(budi) == []
    save_screenshot(budi, f"asking {size['width']} {scripts}")
    budi.get_by_role("button", name="Ajukan pembatalan").click()
    expect(budi.get_by_text("sudah kami terima")).to_be_visible()
    expect(budi.get_by_text("Rp50.000").first).to_be_visible()


@WAYS
def test_what_is_done_at_once_is_pressed_twice(
    visit: Opener, address: str, size: dict[str, int], *, scripts: bool
) -> None:
    paid = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    order_id = an_order(
        address, f"NOW-{size['width']}-{scripts}", status="placed", placed_at=paid, paid_at=paid, lines=SHIRTS
    )
    budi = visit("Budi", size=size, scripts=scripts)
    budi.goto(f"/orders/{order_id}/cancel?reason_code=wrong_size")
    budi.get_by_label("Saya sudah membaca").check()
    budi.get_by_role("button", name="Batalkan pesanan").click()
    expect(budi.get_by_role("alert")).to_contain_text("langsung dibatalkan")
    assert not scripts or found_in(budi, Axe()) == []
    save_screenshot(budi, f"confirm {size['width']} {scripts}")
    budi.get_by_role("button", name="Kembali", exact=True).click()
    expect(budi.get_by_label("Saya sudah membaca")).to_be_checked()
    budi.get_by_role("button", name="Batalkan pesanan").click()
    budi.get_by_role("button", name="Ya, batalkan sekarang").click()
    expect(budi.get_by_text("Pesanan dibatalkan").first).to_be_visible()


def test_a_keyboard_alone_is_enough(visit: Opener, address: str) -> None:
    order_id = an_order(address, "KEYS-1", lines=SHIRTS)
    budi = visit("Budi", size=SMALL)
    budi.goto(f"/orders/{order_id}/cancel")
    budi.get_by_label("Berubah pikiran").focus()
    budi.keyboard.press("Space")
    budi.keyboard.press("ArrowDown")
    expect(budi.get_by_label("Salah ukuran")).to_be_checked()
    budi.keyboard.press("Tab")
    expect(budi.get_by_role("button", name="Kurangi Kemeja")).to_be_focused()
    budi.keyboard.press("Enter")
    expect(budi.locator("#told")).to_have_text("Dana kembali Rp100.000")
    for _ in range(3):
        budi.keyboard.press("Tab")
    budi.keyboard.type("Maaf")
    budi.keyboard.press("Tab")
    budi.keyboard.press("Space")
    expect(budi.get_by_label("Saya sudah membaca")).to_be_checked()
    for _ in range(4):
        budi.keyboard.press("Tab")
        if budi.evaluate("document.activeElement.closest('#press') !== null"):
            break
    is_settled(budi)
    budi.keyboard.press("Enter")
    expect(budi.get_by_text("sudah kami terima")).to_be_visible()


def test_a_quote_that_never_comes_leaves_the_button_that_works_it_out(visit: Opener, address: str) -> None:
    order_id = an_order(address, "LOST-1", lines=SHIRTS)
    budi = visit("Budi", size=SMALL)
    budi.goto(f"/orders/{order_id}/cancel")
    expect(budi.get_by_role("button", name="Hitung ulang")).to_be_hidden()
    budi.route("**/*part=quote*", lambda route: route.abort())
    budi.get_by_label("Salah ukuran").check()
    budi.get_by_role("button", name="Hitung ulang").click()
    expect(budi.get_by_label("Salah ukuran")).to_be_checked()


@pytest.mark.parametrize("width", [320, 1280])
def test_no_word_and_no_number_of_lines_breaks_asking(visit: Opener, address: str, width: int) -> None:
    lines = [
        {"line_id": str(each), "name": f"{WORD} {each}", "quantity": 2, "unit_price": 75_000_000, "variant": WORD}
        for each in range(40)
    ]
    order_id = an_order(address, f"HARD-{width}", lines=lines, tenders=[{"method": "wallet", "amount": 6_000_000_000}])
    budi = visit("Budi", size={"width": width, "height": 640})
    found = []
    for path in ("/orders", f"/orders/{order_id}", f"/orders/{order_id}/cancel?reason_code=wrong_size"):
        budi.goto(path)
        if budi.locator("#comment").count():
            budi.get_by_label("Pesan untuk penjual").fill(LINES[:900])
        for folded in budi.locator("details").all():
            folded.evaluate("each => { each.open = true }")
        found += [f"{path}: {each}" for each in sticks_out(budi)]
        save_screenshot(budi, f"hard asking {path.replace('/', ' ').replace('?', ' ')} {width}")
    assert found == []
