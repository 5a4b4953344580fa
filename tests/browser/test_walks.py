"""The main paths where they are hard to walk: on a slow line, in two tabs, and by ear."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Opener
from tests.browser.orders import an_order, asked


def slowed(page: Page) -> None:
    """A line as in a lift: half a second to answer, 30 kB a second."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 500, "downloadThroughput": 30_000, "uploadThroughput": 15_000},
    )


def test_on_a_slow_line_a_request_is_asked_once_for_what_was_on_the_screen(visit: Opener, address: str) -> None:
    order_id = an_order(address, "SLOW")
    budi = visit("Budi")
    slowed(budi)
    budi.goto(f"/orders/{order_id}/cancel")
    budi.get_by_role("radio", name=re.compile("^Berubah pikiran")).check()
    budi.get_by_label("Saya sudah membaca").check()
    # Pressed before the quote for this reason has come, and once more.
    button = budi.locator("#press button")
    button.click(no_wait_after=True)
    expect(budi.get_by_text("sudah kami terima").or_(budi.get_by_text("Belum ada yang diajukan")).first).to_be_visible(
        timeout=15_000
    )
    if budi.get_by_text("Belum ada yang diajukan").count():
        button.dblclick(no_wait_after=True)
    expect(budi.get_by_text("sudah kami terima")).to_be_visible(timeout=15_000)
    budi.goto(f"/orders/{order_id}")
    links = budi.locator("a[href*='/cases/']").evaluate_all("each => [...new Set(each.map(link => link.pathname))]")
    assert len(links) == 1


def test_what_was_answered_in_one_tab_is_seen_in_the_other_and_not_answered_twice(visit: Opener, address: str) -> None:
    case_id = asked(address, an_order(address, "TABS"))
    first = visit("Toko Baju", size=DESKTOP)
    second = first.context.new_page()
    for tab in (first, second):
        tab.goto(f"/cases/{case_id}")
    second.locator("#decide").locator("xpath=..").get_by_text("Tolak", exact=True).first.click()
    second.locator("#comment-reject").fill("Maaf, sudah dikemas")
    first.get_by_role("button", name="Setujui", exact=True).click()
    expect(first.locator("#status")).to_have_text("Pesanan dibatalkan")
    # The other tab follows, and leaves what is being written.
    expect(second.locator("#status")).to_have_text("Pesanan dibatalkan", timeout=20_000)
    expect(second.locator("#comment-reject")).to_have_value("Maaf, sudah dikemas")
    second.locator("#reason").select_option("already_packed")
    second.locator("#comment-reject").locator("xpath=ancestor::form").get_by_role("button", name="Tolak").click()
    expect(second.get_by_role("alert").first).to_be_visible()
    expect(second.locator("#status")).to_have_text("Pesanan dibatalkan")


def test_the_main_path_is_walked_by_ear(visit: Opener, address: str) -> None:
    """What a screen reader is told, in its order: where one is, how things stand, what can be done."""
    order_id = an_order(address, "BY-EAR")
    budi = visit("Budi")
    budi.goto(f"/orders/{order_id}/cancel?reason_code=wrong_size")
    heard = budi.locator("main").aria_snapshot()
    order = ["heading", "Alasan Anda", "radio", "Dana yang dikembalikan", "checkbox", "Ajukan pembatalan"]
    places = [heard.index(word) for word in order]
    assert places[:3] == sorted(places[:3])
    assert heard.count("[level=1]") == 1
    case_id = asked(address, order_id)
    budi.goto(f"/cases/{case_id}")
    heard = budi.locator("main").aria_snapshot()
    places = [
        heard.index(word) for word in ("[level=1]", "Menunggu jawaban penjual", "Batas waktu", "Permintaan diajukan")
    ]
    assert places == sorted(places)
    assert "list " in heard
    nameless = budi.evaluate(
        "() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea')]"
        ".filter(each => each.offsetParent && !(each.innerText || '').trim() && !each.labels?.length"
        " && !each.getAttribute('aria-label')).map(each => each.outerHTML)"
    )
    assert nameless == []
