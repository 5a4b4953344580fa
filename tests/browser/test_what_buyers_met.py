"""What buyers met that was untrue, lost, or led nowhere: each of it walked once more through one marketplace."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, PICTURES, Opener
from tests.browser.orders import an_order, asked, say
from tests.browser.test_photos import PNG
from tests.sandbox.running import call

SHIRTS = [
    {
        "line_id": "1",
        "name": "Kemeja",
        "quantity": 3,
        "unit_price": 50_000,
        "variant": "Biru, M",
        "image_url": f"https://{PICTURES}/kemeja.png",
    }
]
SHOP = {"id": "toko-baju", "name": "PT Baju Indah", "shop_name": "Toko Baju Indah", "email": "toko-baju@example.com"}
WORDS = "Maaf, saya salah pilih.\nMohon dibantu."


@pytest.fixture(scope="module")
def address(peopled: tuple[str, dict[str, str]]) -> str:
    return peopled[0]


@pytest.fixture(scope="module")
def cases(peopled: tuple[str, dict[str, str]]) -> dict[str, str]:
    return peopled[1]


def seen(page: Page) -> str:
    return page.locator("main").inner_text()


def test_what_ended_promises_nothing_and_says_what_is_left_to_do(
    visit: Opener, address: str, cases: dict[str, str]
) -> None:
    """Rejected, expired, withdrawn, overtaken and settled: no money comes; what arrived is not still to come."""
    budi, seller, sari = visit("Budi"), visit("Toko Baju"), visit("Sari", size=DESKTOP)
    for name in ("rejected", "expired", "withdrawn", "overtaken", "settled"):
        budi.goto(f"/cases/{cases[name]}")
        words = seen(budi)
        assert "Tidak ada dana yang dikembalikan lewat permintaan ini." in words, name
        assert "Dana yang dikembalikan jika disetujui" not in words, name
        assert not re.search("dikembalikan.*paling lambat", words), name
        expect(budi.locator(".tracker .done").filter(has_text="Dana")).to_have_count(0)
        # Each side hears what it can still do, until when, and where.
        left = budi.get_by_role("region", name="Yang masih bisa Anda lakukan")
        left.get_by_role("link", name="Hubungi layanan pelanggan").click()
        expect(budi.get_by_role("heading", level=1)).to_contain_text("Bantuan untuk pesanan")
    budi.goto(f"/cases/{cases['settled']}")
    expect(budi.locator(".status")).to_contain_text("Disepakati: alamat pengiriman diubah")
    budi.goto(f"/cases/{cases['expired']}")
    expect(budi.locator(".tracker .missed").first).to_contain_text("Penjual tidak menjawab sampai batas waktu")
    expect(budi.locator(".tracker .done")).to_have_count(1)
    budi.goto(f"/cases/{cases['rejected']}")
    left = budi.get_by_role("region", name="Yang masih bisa Anda lakukan")
    expect(left).to_contain_text(re.compile(r"Satu kali, sampai \w+, \d+ \w+ \d+"))
    left.get_by_role("link", name="Minta peninjauan ulang").click()
    expect(budi.get_by_label("Mengapa perlu ditinjau ulang?")).to_be_in_viewport()
    for name in ("cancelled", "returned"):
        budi.goto(f"/cases/{cases[name]}")
        shown = budi.locator("main")
        expect(shown).to_contain_text("Semua dana Anda sudah kembali.")
        expect(shown).to_contain_text("sudah masuk ke saldo Anda")
        expect(shown, name).not_to_contain_text("paling lambat")
    for page, told in ((seller, "Mohon lanjutkan pesanan ini seperti biasa."), (sari, "Buka kembali permintaan")):
        page.goto(f"/cases/{cases['rejected']}")
        expect(page.get_by_role("region", name="Yang masih bisa Anda lakukan")).to_contain_text(told)
    # A return is called so, never a cancellation.
    for name in ("awaiting_goods", "goods_contested", "returned"):
        budi.goto(f"/cases/{cases[name]}")
        expect(budi.locator("#status")).to_be_visible()
        expect(budi.locator("main"), name).not_to_contain_text("embatal", use_inner_text=True)


def test_what_was_typed_and_chosen_outlives_a_language_a_zone_a_refusal_and_a_wrong_file(
    visit: Opener, address: str
) -> None:
    order_id = an_order(address, "KEPT", lines=SHIRTS)
    budi = visit("Budi")
    budi.goto(f"/orders/{order_id}/cancel")
    budi.get_by_label("Salah ukuran").check()
    budi.get_by_role("button", name="Kurangi Kemeja").click()
    budi.get_by_label("Pesan untuk penjual").fill(WORDS)
    for link in ("English", "WITA"):
        budi.get_by_role("link", name=link, exact=True).click()
        expect(budi.locator("[name=reason_code]:checked")).to_have_value("wrong_size")
        expect(budi.locator("input[type=number]")).to_have_value("2")
        expect(budi.locator("#comment")).to_have_value(WORDS)
        expect(budi.locator("#press")).to_contain_text("100.000")
    budi.get_by_role("link", name="Indonesia", exact=True).click()
    # A message without a word is said to be so, a file that is no picture as well: on pages of ours.
    case_id = asked(address, an_order(address, "KEPT-2"))
    budi.goto(f"/cases/{case_id}")
    words = budi.get_by_label("Tulis pesan")
    words.fill("  ")
    budi.get_by_role("button", name="Kirim", exact=True).click()
    expect(budi.get_by_role("alert")).to_have_text("Tulis pesannya dulu. Belum ada yang terkirim.")
    expect(words).to_be_focused()
    words.fill(WORDS)
    budi.get_by_role("link", name="WIT", exact=True).click()
    assert budi.url.partition("?")[0].endswith(f"/cases/{case_id}"), "the page, not what was posted to"
    expect(words).to_have_value(WORDS)
    budi.get_by_role("button", name="Tambah berkas").click()
    budi.locator("#file").set_input_files({"name": "surat.png", "mimeType": "image/png", "buffer": b"bukan gambar"})
    budi.get_by_role("button", name="Unggah").click()
    expect(budi.get_by_role("alert")).to_contain_text("bukan foto atau PDF")
    expect(words).to_have_value(WORDS)
    # Addresses that nobody knows and such as are only posted to are pages for people.
    for nowhere in ("/tidak/ada", "/orders/nothing-here"):
        budi.goto(nowhere)
        expect(budi.get_by_role("heading", level=1)).to_have_text("Tidak ditemukan")
        budi.get_by_role("link", name="Kembali ke awal").click()
        expect(budi.get_by_role("heading", level=1)).to_have_text("Pesanan Saya")
    budi.goto(f"/cases/{case_id}/withdraw")
    expect(budi.get_by_role("heading", level=1)).to_have_text("Permintaan pembatalan")


def test_asking_shows_what_one_bought_what_it_brings_and_what_else_would_help(visit: Opener, address: str) -> None:
    order_id = an_order(address, "SHOWN", lines=SHIRTS, seller=SHOP)
    budi = visit("Budi", size=DESKTOP)
    budi.route(f"https://{PICTURES}/*", lambda route: route.fulfill(body=PNG, content_type="image/png"))
    for path in ("/orders", f"/orders/{order_id}", f"/orders/{order_id}/cancel"):
        budi.goto(path)
        picture = budi.locator(f"img[src='https://{PICTURES}/kemeja.png']").first
        expect(picture).to_be_visible()
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 1)
        expect(budi.get_by_text("Biru, M" if path != "/orders" else "Toko Baju Indah").first).to_be_visible()
    budi.get_by_label("Salah ukuran").check()
    expect(budi.locator("#quote .instead")).to_be_visible()
    quote = budi.locator("#quote")
    for told in ("Peluang disetujui", "Waktu jawaban", "Penjual menjawab paling lambat", "Penjual boleh menolak"):
        expect(quote).to_contain_text(told)
    quote.locator(".instead").get_by_role("link").click()
    expect(budi.get_by_role("heading", level=1)).to_contain_text("Bantuan untuk pesanan")


def test_the_tracker_tells_parts_and_mails_and_is_followed_by_all_three(visit: Opener, address: str) -> None:
    tenders = [{"method": "wallet", "amount": 50_000}, {"method": "card", "amount": 100_000}]
    case_id = asked(address, an_order(address, "PARTS", tenders=tenders))
    pages = [visit("Budi", size=PHONE), visit("Toko Baju"), visit("Sari", size=DESKTOP)]
    with pages[0].expect_response(lambda answer: answer.url.endswith("/now") and answer.status == 304):
        for page in pages:
            page.goto(f"/cases/{case_id}")
            page.evaluate("window.here = true")
    expect(pages[0].locator(".tracker [aria-current=step]")).to_contain_text(
        re.compile("E-mail (sudah dikirim|sampai)")
    )
    say(address, "seller", case_id, "approve")
    for page in pages:
        expect(page.locator("#status")).to_have_text("Dana sedang dikembalikan", timeout=20_000)
        expect(page).to_have_title(re.compile("^Dana sedang dikembalikan"))
        assert page.evaluate("window.here"), "nothing was loaded anew"
        way = page.locator(".tracker")
        expect(way).to_contain_text("Saldo: Rp50.000")
        expect(way).to_contain_text("Kartu: Rp100.000")
        expect(way.locator(".done time").first).to_contain_text(re.compile(r"\d\d[.]\d\d WI"))
    plain = visit("Budi", scripts=False)
    plain.goto(f"/cases/{case_id}")
    expect(plain.locator("#status")).to_have_text("Dana sedang dikembalikan")


def test_the_short_number_stands_everywhere_and_is_taken_in_any_spelling(visit: Opener, address: str) -> None:
    case_id = asked(address, an_order(address, "NUMBER"))
    assert re.fullmatch("BTL-[A-Z0-9]{9}", case_id)
    letters = case_id.removeprefix("BTL-").lower()
    spelled = f"btl {letters[:3]} {letters[3:6]}-{letters[6:]}"
    budi, ani, sari = visit("Budi"), visit("Ani"), visit("Sari", size=DESKTOP)
    budi.goto(f"/cases/{spelled}")
    expect(budi.locator("code").first).to_have_text(case_id)
    budi.get_by_role("link", name="Simpan berkas permintaan").click()
    expect(budi.get_by_role("heading", level=1)).to_contain_text(case_id)
    ani.goto(f"/cases/{spelled}")
    expect(ani.get_by_role("heading", level=1)).to_have_text("Tidak ditemukan")
    sari.goto("/support")
    sari.get_by_role("searchbox").fill(spelled)
    sari.get_by_role("searchbox").press("Enter")
    expect(sari.get_by_role("link", name="NUMBER").first).to_be_visible()
    mails = [mail for mail in call(address, "/sandbox/outbox")[1]["items"] if mail["case_id"] == case_id]
    assert all(case_id in mail["text"] for mail in mails)


def test_a_page_welcomes_once_names_its_reader_and_prints_what_matters(visit: Opener, address: str) -> None:
    case_id = asked(address, an_order(address, "PRINTED"))
    budi = visit("Budi")
    budi.goto("/orders")
    tour = budi.get_by_role("region", name="Selamat datang di Batal")
    expect(tour.get_by_role("listitem")).to_have_count(3)
    tour.get_by_role("link", name="Tutup perkenalan").click()
    expect(tour).to_have_count(0)
    budi.goto("/orders?status=delivered")
    expect(tour).to_have_count(0)
    expect(budi.get_by_role("link", name="Perkenalan singkat")).to_be_visible()
    expect(budi.get_by_role("banner")).to_contain_text("Budi")
    seller = visit("Toko Baju")
    expect(seller.get_by_role("banner")).to_contain_text("Toko Baju")
    budi.goto(f"/cases/{case_id}/file")
    budi.emulate_media(media="print")
    expect(budi.get_by_role("banner")).to_be_hidden()
    expect(budi.get_by_role("contentinfo")).to_be_hidden()
    expect(budi.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_what_is_sent_to_an_address_that_takes_nothing_is_answered_by_a_page(visit: Opener, *, scripts: bool) -> None:
    budi = visit("Budi", size=PHONE, scripts=scripts)
    budi.goto("/orders")
    budi.set_content('<form method="post" action="/orders"><button>Kirim</button></form>')
    with budi.expect_response(lambda answer: answer.status == 405):
        budi.get_by_role("button", name="Kirim").click()
    expect(budi.locator("main")).to_contain_text("Halaman ini hanya bisa dibuka")
    expect(budi.locator("main")).to_contain_text("Tidak ada yang berubah.")
    budi.locator("main").get_by_role("link").first.click()
    expect(budi.get_by_role("heading", level=1)).to_have_text("Pesanan Saya")
