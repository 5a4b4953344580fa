"""An open page follows its case by itself, and takes away nothing that somebody is writing."""

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot
from tests.browser.orders import an_order, asked, later, say


def test_an_open_page_follows_its_case_and_leaves_alone_what_somebody_types(visit: Opener, address: str) -> None:
    case_id = asked(address, an_order(address, "LIVE"))
    buyer, writer = visit("Budi", size=PHONE), visit("Budi", size=DESKTOP)
    for page in (buyer, writer):
        page.goto(f"/cases/{case_id}")
        page.evaluate("window.here = 'since the start'")
    words = writer.get_by_placeholder("Tulis pesan")
    words.fill("Apakah masih bisa?")
    say(address, "seller", case_id, "offer", fee=20_000)
    for page in (buyer, writer):
        expect(page.locator("#status")).to_have_text("Menunggu jawaban Anda")
        expect(page.locator(".tracker .done").last).to_contain_text("Penjual memberi tawaran")
        assert page.title().startswith("Menunggu jawaban Anda")
        assert page.evaluate("window.here") == "since the start", "nothing was loaded anew"
    # Whoever types nothing has the new buttons as well; whoever types keeps their words and is told.
    expect(buyer.get_by_role("button", name="Terima tawaran")).to_be_visible()
    expect(buyer.locator("[data-changed]")).to_be_hidden()
    expect(words).to_have_value("Apakah masih bisa?")
    expect(writer.locator("[data-changed]")).to_contain_text("Ada perubahan")
    expect(writer.get_by_role("button", name="Terima tawaran")).to_have_count(0)
    save_screenshot(writer, "tracker-changed-while-writing")
    writer.locator("[data-changed] a").click()
    expect(writer.get_by_role("button", name="Terima tawaran")).to_be_visible()
    expect(words).to_have_value("Apakah masih bisa?")
    # What is typed into a form that the page put in is kept as well.
    late = buyer.get_by_placeholder("Tulis pesan")
    late.fill("Baik, terima kasih.")
    buyer.reload()
    expect(late).to_have_value("Baik, terima kasih.")
    late.fill("")
    # The new buttons work, and what they bring about is followed, too.
    buyer.get_by_role("button", name="Terima tawaran").click()
    expect(buyer.locator("#status")).to_have_text("Pesanan dibatalkan")
    expect(writer.locator("#status")).to_have_text("Pesanan dibatalkan")
    expect(writer.locator(".deadline")).to_have_count(0)


def test_the_last_hour_is_said_more_strongly_and_a_page_asks_no_more_once_nothing_moves(
    visit: Opener, address: str
) -> None:
    case_id = asked(address, an_order(address, "HURRY"))
    first = visit("Budi")
    first.goto(f"/cases/{case_id}")
    left = int(first.locator("[data-countdown]").get_attribute("data-left") or "")
    later(address, left - 1800)
    page = visit("Budi")
    page.goto(f"/cases/{case_id}")
    expect(page.locator(".deadline .chip.last")).to_contain_text("Jam terakhir")
    save_screenshot(page, "tracker-last-hour")
    say(address, "seller", case_id, "reject", reason_code="already_packed")
    expect(page.locator("#status")).to_have_text("Permintaan ditolak")
    assert page.locator("[data-now]").count() == 0
    save_screenshot(page, "tracker-rejected")
