"""A photo that is chosen while asking comes to the case by itself, through whatever pages come between."""

import base64
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, save_screenshot
from tests.browser.orders import an_order, moved
from tests.browser.test_accessibility import found_in

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PHOTO: Any = {"name": "sobek.png", "mimeType": "image/png", "buffer": PNG}


def returning(visit: Opener, address: str, order_id: str, **how: Any) -> Page:
    """Before asking to give back what was delivered damaged."""
    an_order(address, order_id)
    moved(address, order_id, "delivered")
    page = visit("Budi", **how)
    page.goto(f"/orders/{order_id}/return")
    return page


def called(name: str) -> Any:
    """The same photo under another name."""
    return {**PHOTO, "name": name}


def send(page: Page) -> None:
    page.get_by_label("Saya sudah membaca").check()
    page.get_by_role("button", name="Ajukan pengembalian barang").click()


def test_a_photo_goes_with_the_request_in_one_press(visit: Opener, address: str) -> None:
    page = returning(visit, address, "PHOTO-1")
    photo = page.get_by_label("Foto barangnya")
    page.get_by_role("radio", name="Berubah pikiran").check()
    expect(photo).to_be_hidden()
    page.get_by_role("radio", name="Barangnya rusak").first.check()
    photo.set_input_files(PHOTO)
    save_screenshot(page, "asking with a photo")
    send(page)
    expect(page.get_by_text("Berkas sudah diterima.")).to_be_visible()
    expect(page.get_by_role("link", name="Dari pembeli.png").first).to_be_visible()
    # It was sent once: the next request begins without it.
    page.goto(f"{page.url.partition('?')[0]}/evidence")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tambah bukti")


def test_several_photos_go_one_after_the_other_and_one_is_taken_away_again(visit: Opener, address: str) -> None:
    page = returning(visit, address, "PHOTO-4")
    page.get_by_role("radio", name="Barangnya rusak").first.check()
    photos = page.get_by_label("Foto barangnya")
    photos.set_input_files([PHOTO, called("jahitan.png")])
    photos.set_input_files(called("salah.png"))  # a phone's camera brings one at a time
    photos.set_input_files(called("label.png"))
    page.get_by_role("button", name="Hapus salah.png").click()
    chosen = photos.evaluate("each => [...each.files].map(file => file.name)")
    assert chosen == ["sobek.png", "jahitan.png", "label.png"]
    assert found_in(page, Axe()) == []
    save_screenshot(page, "asking with three photos")
    send(page)
    expect(page.get_by_role("link", name="Dari pembeli.png")).to_have_count(3)
    page.reload()
    expect(page.get_by_role("link", name="Dari pembeli.png")).to_have_count(3)
    # Afterwards, too: the place of one file takes several.
    page.get_by_role("button", name="Tambah berkas").click()
    page.locator("#file").set_input_files([PHOTO, PHOTO])
    page.get_by_role("button", name="Unggah").click()
    expect(page.get_by_role("link", name="Dari pembeli.png")).to_have_count(5)


def test_a_photo_outlives_a_reload_and_another_page_before_the_request_is_sent(visit: Opener, address: str) -> None:
    page = returning(visit, address, "PHOTO-2")
    page.get_by_role("radio", name="Barangnya rusak").first.check()
    page.get_by_label("Foto barangnya").set_input_files(PHOTO)
    page.goto("/orders")
    page.goto("/orders/PHOTO-2/return?reason_code=damaged")
    expect(page.get_by_role("button", name="Hapus sobek.png")).to_be_visible()
    assert page.get_by_label("Foto barangnya").evaluate("each => each.files[0]?.name") == "sobek.png"
    send(page)
    expect(page.get_by_text("Berkas sudah diterima.")).to_be_visible()


def test_without_scripts_the_next_page_takes_it(visit: Opener, address: str) -> None:
    page = returning(visit, address, "PHOTO-3", scripts=False)
    expect(page.get_by_label("Foto barangnya")).to_be_hidden()
    page.get_by_role("radio", name="Barangnya rusak").first.check()
    page.get_by_role("button", name="Hitung ulang").click()
    send(page)
    expect(page.get_by_text("Tinggal fotonya")).to_be_visible()
    save_screenshot(page, "photos after asking")
    page.get_by_role("button", name="Pilih foto").click()
    page.locator("input[type=file]").set_input_files(PHOTO)
    page.get_by_role("button", name="Unggah").click()
    expect(page.get_by_text("Berkas sudah diterima.")).to_be_visible()
