"""What sellers, customer service and operators met that was missing or led nowhere: each of it walked once more."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.sandbox.builders import OPERATOR
from tests.benchmarks.pages import standing_in
from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot
from tests.browser.orders import an_order, as_, asked, later, say
from tests.browser.test_full_and_empty import at_an_address, walking
from tests.browser.test_stories import mailed_link
from tests.fakes.ports import a_neighbourhood
from tests.workflow.test_held import held_after_days

ANI: dict[str, Any] = {"id": "ani", "name": "=Ani Lestari", "email": "ani@example.com", "locale": "id"}
BATIK = [{"line_id": "1", "name": "Batik tulis", "quantity": 1, "unit_price": 150_000}]
BUDI: dict[str, Any] = {
    "id": "budi",
    "name": "Budi",
    "email": "budi@example.com",
    "phone": "+62 811 222 333",
    "locale": "id",
}
DEAR: dict[str, Any] = {
    "lines": [{"line_id": "1", "name": "Cincin", "quantity": 1, "unit_price": 6_000_000}],
    "tenders": [{"method": "wallet", "amount": 6_000_000}],
}


@pytest.fixture(scope="module")
def address(peopled: tuple[str, dict[str, str]]) -> str:
    return peopled[0]


@pytest.fixture(scope="module")
def of_ani(address: str) -> str:
    """A case of somebody whose name a spreadsheet would reckon."""
    an_order(address, "SHOP-778899", buyer=ANI, lines=BATIK)
    wish = {"reason_code": "changed_mind", "channel": "app", "accept_terms": True}
    return str(as_(address, "buyer", "ani", "/v1/orders/SHOP-778899/cancellations", wish)["case_id"])


def appealed(address: str, order_id: str, **order: Any) -> str:
    """A case that the seller refused, and about which the buyer asks customer service."""
    case_id = asked(address, an_order(address, order_id, buyer=BUDI, **order))
    say(address, "seller", case_id, "reject", reason_code="already_packed", comment="Sudah dibungkus rapi")
    say(address, "buyer", case_id, "appeal", comment="Belum dikemas")
    return case_id


def test_a_seller_finds_any_request_and_keeps_what_was_looked_for(visit: Opener, of_ani: str) -> None:
    seller = visit("Toko Baju", size=PHONE)
    found = seller.locator(".requests h2 a")
    for looked_for in ("SHOP-778899", "778899", "lestari", "batik", of_ani.lower().replace("-", " ")):
        seller.goto("/seller")
        seller.get_by_role("searchbox").fill(looked_for)
        seller.get_by_role("searchbox").press("Enter")
        expect(found).to_have_text(["SHOP-778899"])
    seller.goto("/seller?tab=goods&q=JNE-77")
    expect(found.first).to_be_visible()
    # What one looks for stands in the address, outlives signing in anew and another language, and has a name.
    seller.goto("/seller?tab=goods")
    seller.locator("summary", has_text="Saring").click()
    seller.get_by_label("Alasan").select_option("wrong_size")
    seller.get_by_label("Nilai dari").fill("100rb")
    seller.get_by_role("button", name="Tampilkan").click()
    expect(seller).to_have_url(re.compile("tab=goods.*reason=wrong_size.*from=100rb"))
    looked_at = seller.url
    seller.get_by_role("link", name="English", exact=True).click()
    expect(seller).to_have_url(re.compile("tab=goods.*reason=wrong_size.*from=100rb.*lang=en"))
    seller.get_by_role("link", name="Indonesia", exact=True).click()
    seller.get_by_label("Simpan pencarian ini dengan nama").fill("Salah ukuran besar")
    seller.get_by_role("button", name="Simpan", exact=True).click()
    seller.context.clear_cookies(name="batal_session")
    seller.goto(looked_at)
    seller.get_by_role("button", name="Toko Baju").click()
    expect(seller.get_by_role("searchbox")).to_be_visible()  # the page itself, not the one that asks who we are
    assert seller.url == looked_at
    count = found.count()
    seller.goto("/seller")
    seller.get_by_role("link", name="Salah ukuran besar").click()
    assert count > 0
    expect(found).to_have_count(count)
    # A file for a spreadsheet, in which no name is a formula.
    seller.goto("/seller?q=batik")
    with seller.expect_download() as saved:
        seller.get_by_role("link", name="Unduh sebagai CSV").click()
    text = saved.value.path().read_text(encoding="utf-8-sig")
    assert "Ani Lestari" in text
    assert not re.search('(^|[,;])"?=', text, re.MULTILINE)


def test_a_seller_reads_figures_offers_from_the_mail_and_finds_what_cannot_be_sent(visit: Opener, address: str) -> None:
    seller = visit("Toko Baju", size=DESKTOP)
    seller.goto("/seller/figures")
    expect(seller.locator("main > p").first).to_contain_text(
        re.compile(r"dari \w+, \d+ \w+ \d{4} sampai .*Dibandingkan dengan")
    )
    expect(seller.locator(".legend li").first).to_be_visible()
    expect(seller.locator(".figure .before").first).to_contain_text("sebelumnya")
    seller.get_by_role("navigation").get_by_role("link", name="Pesanan toko").click()
    seller.get_by_role("link", name="Laporkan tidak bisa mengirim").first.click()
    expect(seller.get_by_role("heading", name="Tidak bisa mengirim pesanan")).to_be_in_viewport()
    # Behind the mail there is the same offer, with its slider.
    case_id = asked(address, an_order(address, "MAILED"))
    mail = visit(None)
    mail.goto(mailed_link(address, "MAILED"))
    expect(mail.get_by_text(case_id)).to_be_visible()
    mail.get_by_text("Beri tawaran").click()
    slide = mail.get_by_role("slider").first
    slide.focus()
    slide.press("End")
    expect(mail.locator("[data-slide=fee] output")).to_contain_text("Pembeli menerima Rp0")
    # The reason for saying no is chosen, not chosen already.
    expect(mail.locator("#reason")).to_have_value("")


def test_customer_service_takes_the_most_urgent_and_sees_all_that_is_known(visit: Opener, address: str) -> None:
    first, second = appealed(address, "URGENT"), appealed(address, "URGENT-2")
    sari, rini = visit("Sari", size=DESKTOP), visit("Rini", size=PHONE)
    taken = set[str]()
    while first not in taken:
        sari.goto("/support")
        sari.get_by_role("button", name="Ambil berikutnya").click()
        expect(sari.get_by_role("status").first).to_contain_text("Anda menangani permintaan ini.")
        taken.add(sari.url.partition("?")[0].rpartition("/")[2])
        assert second not in taken, "its deadline is the later one"
    expect(sari.get_by_role("region", name="Mengapa sebelumnya tidak disetujui")).to_contain_text(
        "Sudah dibungkus rapi"
    )
    expect(sari.get_by_role("region", name="Permintaan lain")).to_contain_text(re.compile(r"Dari pembeli ini: \d+"))
    expect(sari.get_by_role("region", name="Permintaan lain")).to_contain_text(re.compile(r"Di penjual ini: \d+"))
    sari.get_by_role("link", name="Lihat nomor telepon pembeli").click()
    expect(sari.get_by_role("link", name="+62 811 222 333")).to_be_visible()
    sari.locator("summary", has_text="Kirim ulang e-mail").click()
    sari.locator("#note-mail-again").fill("Pembeli tidak menemukannya")
    sari.get_by_role("button", name="Kirim ulang", exact=True).click()
    expect(sari.get_by_role("status").first).to_contain_text("E-mail akan dikirim ulang")
    sari.goto("/support?tab=mine")
    expect(sari.get_by_role("row").get_by_role("link", name="URGENT", exact=True)).to_be_visible()
    # Who comes later is told that it is somebody's, and decides nothing by accident.
    rini.goto(f"/cases/{first}")
    expect(rini.get_by_role("heading", name=re.compile("^sari mengerjakan ini sejak"))).to_be_visible()
    rini.locator("#note-approve").fill("Setuju")
    rini.get_by_role("button", name="Setujui").click()
    expect(rini.get_by_role("alert").first).to_be_visible()
    expect(rini.locator("#note-approve")).to_have_value("Setuju")
    expect(rini.locator("#status")).to_have_text("Menunggu layanan pelanggan")


def test_a_second_person_sees_one_choice(visit: Opener, address: str) -> None:
    case_id = appealed(address, "DEAR", **DEAR)
    say(address, "support", case_id, "approve", note="penjual setuju lewat telepon")
    rini = visit("Rini", size=PHONE)
    rini.goto("/support?tab=second")
    rini.get_by_role("row").get_by_role("link", name="DEAR").click()
    choice = rini.locator("form[action$='/confirm']")
    expect(choice).to_contain_text("sari sudah setuju mengembalikan Rp6.000.000")
    expect(choice).to_contain_text("penjual setuju lewat telepon")
    expect(rini.locator("form[action$='/approve']")).to_have_count(0)
    save_screenshot(rini, "second person")
    choice.get_by_label(re.compile("^Catatan")).fill("sudah dicek")
    choice.get_by_role("button").click()
    expect(rini.locator("#status")).to_have_text("Pesanan dibatalkan")


def is_within(page: Page) -> None:
    """Every number stays in its tile."""
    sticking_out = "each => each.scrollWidth > each.clientWidth + 1"
    assert page.evaluate(f"[...document.querySelectorAll('.tiles .number')].filter({sticking_out}).length") == 0


def test_operators_read_anew_and_every_sum_of_money_leads_to_its_refunds(visit: Opener, address: str) -> None:
    rich: dict[str, Any] = {
        "lines": [{"line_id": "1", "name": "Kapal", "quantity": 1, "unit_price": 60_000_000_000}],
        "tenders": [{"method": "card", "amount": 60_000_000_000}],
    }
    say(address, "seller", asked(address, an_order(address, "RICH", **rich)), "approve")
    omar = visit("Omar", size={"width": 320, "height": 720})
    omar.goto("/operations?days=7")
    is_within(omar)
    before = omar.locator(".read-at").inner_text()
    later(address, 120)
    omar.get_by_role("link", name="Tampilkan yang terbaru").click()
    expect(omar).to_have_url(re.compile("days=7"))
    expect(omar.locator(".read-at")).not_to_have_text(before)
    expect(omar.locator("main")).to_contain_text(re.compile(r"dari \w+, \d+ \w+ \d{4} sampai"))
    omar.goto("/finance")
    is_within(omar)
    for place in [each.get_attribute("href") or "" for each in omar.locator(".tiles a").all()]:
        omar.goto(place)
        expect(omar.locator("[data-listed], main code").first).to_be_visible()
    omar.goto("/finance?at=on_its_way&currency=IDR")
    expect(omar.locator("[data-listed]").first).to_be_visible()
    omar.get_by_role("link", name="Lihat semua").click()
    expect(omar).to_have_url(re.compile("/finance#refunds$"))


def test_what_could_not_be_sent_for_days_is_sent_again(browser: Browser) -> None:
    around = a_neighbourhood()
    held_after_days(around)
    with standing_in(around.ports), at_an_address() as place:
        looks = {"desk": True, "english": False, "dark": True, "scripts": True}
        with walking(browser, place, OPERATOR, **looks) as omar:
            omar.goto("/operations")
            omar.locator(".figure[data-figure=held] a").click()
            listed = omar.locator("[data-listed]")
            expect(listed.nth(1)).to_be_visible()
            listed.first.get_by_role("checkbox").check()
            omar.get_by_role("button", name="Kirim ulang yang dicentang").click()
            omar.locator("#note").fill("E-mail sudah pulih")
            omar.get_by_role("button", name="Kirim ulang yang dicentang").click()
            expect(omar.get_by_role("status")).to_contain_text("1 dikirim ulang.")
            expect(omar.locator("#note")).to_have_value("")  # what was done is not there to be sent again
            omar.locator("#note").fill("Semuanya sudah pulih")
            omar.get_by_role("button", name="Kirim ulang semuanya").click()
            expect(omar.locator("main")).to_contain_text("Semua sudah terkirim.")
