"""An open page follows its case by itself, and takes away nothing that somebody is writing."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot
from tests.browser.orders import an_order, asked, later, say
from tests.sandbox.running import call


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
        expect(page).to_have_title(re.compile("^Menunggu jawaban Anda"))
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
    expect(page.locator("[data-now]")).to_have_count(0)
    save_screenshot(page, "tracker-rejected")


def test_a_deadline_at_midnight_belongs_to_the_day_before_and_a_late_refund_says_so(
    visit: Opener, address: str
) -> None:
    mine = asked(address, an_order(address, "LATE", method="card"))
    say(address, "seller", mine, "approve")
    wib = datetime.fromisoformat(call(address, "/sandbox/clock")[1]["now"]).astimezone(timezone(timedelta(hours=7)))
    midnight = wib.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    later(address, int((midnight - wib).total_seconds()) + 1)
    # Shopee's sellers have 24 hours: until the next midnight.
    case_id = asked(address, an_order(address, "MIDNIGHT", platform="shopee"))
    budi = visit("Budi")
    for who in (budi, visit("Toko Baju")):
        who.goto(f"/cases/{case_id}")
        expect(who.locator(".deadline strong")).to_contain_text("23.59 WIB")
        expect(who.locator(".tracker [aria-current=step] time")).to_contain_text("23.59 WIB")
        # What happened at midnight did happen on the new day; what lasts until midnight does not.
        until_midnight = re.compile("sampai.*00[.]0\\d WIB")
        expect(who.locator("main")).not_to_contain_text(until_midnight, use_inner_text=True)
    mails = list[Any]()
    for _ in range(100):
        mails = [mail for mail in call(address, "/sandbox/outbox")[1]["items"] if mail["case_id"] == case_id]
        if {mail["kind"] for mail in mails} >= {"request_received", "decision_needed"}:
            break
    assert all("23.59 WIB" in mail["text"] and "00.00 WIB" not in mail["text"] for mail in mails)
    budi.goto(f"/cases/{mine}")
    expect(budi.locator("main")).to_contain_text("sampai paling lambat")
    later(address, 40 * 86_400)
    budi.goto(f"/cases/{mine}")
    expect(budi.locator(".status")).to_contain_text("butuh waktu lebih lama dari rencana")
    expect(budi.locator(".status p").first).not_to_contain_text("sampai paling lambat")
    save_screenshot(budi, "late refund")


# Timers of the tracker are noted and come at once, so that what it would wait is known without waiting.
NOTED = """
window.waits = [];
const timer = window.setTimeout;
window.setTimeout = (then, wait, ...more) =>
  then.name === "isStillTrue" ? (waits.push(wait), timer(then, 0)) : timer(then, wait, ...more);
"""


# Looked at within the page: Playwright's own way of waiting for a condition needs `eval`, which our pages forbid.
MORE_WAITS = """most => new Promise(done => {
  (function look() { waits.length > most ? done() : setTimeout(look, 10) })()
})"""


def test_an_unchanged_page_asks_ever_less_often_by_its_mark_and_not_at_all_while_hidden(
    visit: Opener, address: str
) -> None:
    case_id = asked(address, an_order(address, "QUIET"))
    page = visit("Budi")
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if answer.url.endswith("/now") else None)
    page.add_init_script(NOTED)
    page.goto(f"/cases/{case_id}")
    page.evaluate(MORE_WAITS, 12)
    waits = page.evaluate("waits.slice(0, 12)")
    assert waits[:4] == [2000, 3000, 4500, 6750]
    assert waits == sorted(waits)
    assert waits[-1] == 60_000
    assert set(answers) == {304}, "what did not change is not sent again"
    hidden = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => HIDDEN })"
    page.evaluate(hidden.replace("HIDDEN", "true") + "; document.dispatchEvent(new Event('visibilitychange'))")
    looks = "fetch(document.querySelector('[data-now]').dataset.now).then(() => waits.length)"
    stopped = [page.evaluate(looks) for _ in range(4)]
    assert stopped[1:] == [stopped[1]] * 3
    page.evaluate(hidden.replace("HIDDEN", "false") + "; document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate(MORE_WAITS, stopped[-1] + 1)
    assert page.evaluate("before => waits.slice(before, before + 2)", stopped[-1]) == [200, 3000]
