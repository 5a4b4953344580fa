"""The inbox with scripts: a keyboard that can be switched off, what is selected and its sum, many sent in pieces."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot
from tests.browser.orders import an_order, asked, say


@pytest.fixture(scope="module")
def seven(address: str) -> list[str]:
    made = [an_order(address, f"KEYS-{number}") for number in range(7)]
    for order in made:
        asked(address, order)
    return made


def ticked(page: Page) -> Locator:
    return page.locator("[name=case_id]:checked")


@pytest.mark.usefixtures("seven")
def test_the_inbox_is_worked_through_with_a_keyboard_and_many_are_sent_in_pieces(visit: Opener) -> None:
    seller = visit("Toko Baju", size=DESKTOP)
    wrong: list[str] = []
    seller.on("pageerror", lambda error: wrong.append(str(error)))
    seller.goto("/seller?q=KEYS")
    seller.goto("/seller")
    seller.keyboard.press("j")
    seller.keyboard.press("x")
    seller.keyboard.press("j")
    seller.keyboard.press("x")
    expect(seller.locator("[data-selected]")).to_have_text("2 dipilih · Rp300.000")
    seller.keyboard.press("k")
    seller.keyboard.press("x")
    expect(ticked(seller)).to_have_count(1)
    seller.get_by_label("Semua di halaman ini").check()
    count = seller.locator("[name=case_id]").count()
    expect(ticked(seller)).to_have_count(count)

    seller.get_by_label(re.compile("^Cari nomor")).press_sequentially("jxar?")
    expect(ticked(seller), "letters that are typed are letters").to_have_count(count)
    seller.locator("h1").click()
    seller.keyboard.press("?")
    expect(seller.get_by_role("dialog")).to_be_visible()
    seller.get_by_label("Pakai pintasan").uncheck()
    seller.keyboard.press("Escape")
    seller.keyboard.press("r")
    expect(seller).to_have_url(re.compile(r"/seller$"))

    seller.get_by_role("button", name="Lihat pintasan papan ketik").click()
    seller.get_by_label("Pakai pintasan").check()
    seller.get_by_role("button", name="Tutup").click()
    seller.locator("h1").click()
    seller.keyboard.press("r")
    expect(seller.get_by_role("heading", level=1)).to_have_text(f"Tolak {count} permintaan?")
    press = seller.get_by_role("button", name=f"Ya, tolak {count}")
    press.click()
    expect(press).to_be_visible()  # a reason is required before anything is sent
    seller.get_by_label("Alasan menolak").select_option(index=1)
    press.click()
    expect(seller.get_by_role("status")).to_have_text(f"{count} dari {count} tercatat.")
    seller.get_by_role("link", name="Kembali ke daftar permintaan").click()
    expect(seller.get_by_text("Tidak ada permintaan di sini")).to_be_visible()
    assert wrong == []


def test_an_offer_slides_and_says_what_the_buyer_gets(visit: Opener, address: str) -> None:
    case = f"/cases/{asked(address, an_order(address, 'SLIDE-1'))}"
    seller = visit("Toko Baju", size=PHONE)
    seller.goto(case)
    seller.get_by_text("Beri tawaran").click()
    slide = seller.get_by_role("slider").first
    slide.focus()
    slide.press("Home")
    slide.press("ArrowRight")
    expect(seller.locator("[data-slide=fee] output")).to_have_text("Biaya Rp2.000. Pembeli menerima Rp148.000.")
    expect(seller.locator("#fee")).to_have_value("2000")
    slide.press("End")
    expect(seller.locator("#fee")).to_have_value("150000")
    seller.locator("#fee").fill("20000")
    expect(seller.locator("[data-slide=fee] output")).to_have_text("Biaya Rp20.000. Pembeli menerima Rp130.000.")
    plain = visit("Toko Baju", scripts=False)
    plain.goto(case)
    plain.get_by_text("Beri tawaran").click()
    expect(plain.get_by_role("slider")).to_have_count(0)
    plain.locator("#fee").fill("20rb")
    plain.get_by_role("button", name="Kirim tawaran").click()
    expect(plain.get_by_role("alert")).to_contain_text("Rp130.000")


def test_what_fails_among_many_is_told_line_by_line_and_leads_to_its_request(visit: Opener, address: str) -> None:
    made = {order: asked(address, an_order(address, order)) for order in ("SOME-1", "SOME-2", "SOME-3")}
    seller = visit("Toko Baju", size=PHONE)
    seller.goto("/seller")
    for order in made:
        seller.get_by_label(f"Pilih permintaan {order}").check()
    seller.get_by_role("button", name="Setujui yang dipilih").click()
    expect(seller.get_by_role("heading", level=1)).to_have_text("Setujui 3 permintaan?")
    say(address, "buyer", made["SOME-2"], "withdraw")
    seller.get_by_role("button", name="Ya, setujui 3").click()
    expect(seller.get_by_role("status")).to_have_text("2 dari 3 tercatat.")
    (line,) = seller.locator("[data-outcome] li").all()
    expect(line).to_have_text(re.compile("^SOME-2: Permintaan ini sudah dijawab. Buka untuk melihat statusnya"))
    save_screenshot(seller, "inbox some failed")
    line.get_by_role("link", name="SOME-2").click()
    expect(seller.locator("#status")).to_have_text("Permintaan ditarik kembali")
