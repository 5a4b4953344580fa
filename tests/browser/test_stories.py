"""The stories, clicked through as people do: with and without scripts, on a phone and on a desk."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener
from tests.browser.orders import an_order, asked, moved, say
from tests.sandbox.running import call

WAYS = [(PHONE, True), (DESKTOP, False), (PHONE, False), (DESKTOP, True)]
NAMES = ["phone", "desk without scripts", "phone without scripts", "desk"]
EVERY_WAY = pytest.mark.parametrize(("size", "scripts"), WAYS, ids=NAMES)
TWO_WAYS = pytest.mark.parametrize(("size", "scripts"), WAYS[:2], ids=NAMES[:2])


@pytest.fixture
def order_id(request: pytest.FixtureRequest) -> str:
    """An order number of the test's own."""
    return re.sub(r"[^A-Za-z0-9]+", "-", request.node.name)[-60:].strip("-")


def expect_status(page: Page, says: str) -> None:
    """What the case's page says how the case stands, once that page is there."""
    expect(page.locator("#status")).to_have_text(says)


def ask(page: Page, order_id: str, link: str = "Batalkan Pesanan", reason: str = "Salah ukuran") -> str:
    """The buyer's way from Pesanan Saya to the case; gives its path."""
    page.goto("/orders")
    page.get_by_role("link", name=order_id, exact=True).click()
    page.get_by_role("link", name=link).click()
    page.get_by_role("radio", name=re.compile(rf"^{re.escape(reason)}( ·|$)")).check()
    page.get_by_label("Saya sudah membaca").check()
    expect(page.locator("#quote")).not_to_have_attribute("aria-busy", "true")
    done, again = page.get_by_text("sudah kami terima"), page.get_by_text("Belum ada yang diajukan")
    sure = page.get_by_role("button", name="Ya, batalkan")
    page.locator("#press button").click()
    expect(done.or_(again).or_(sure).first).to_be_visible()
    if again.count():
        # Without scripts a reason that changes what was shown is shown first.
        page.locator("#press button").click()
        expect(done.or_(sure).first).to_be_visible()
    if sure.count():
        sure.click()
    expect(done).to_be_visible()
    # A reason that wants photos leads on to where they are sent.
    return page.url.partition("?")[0].removesuffix("/evidence")


def mailed_link(address: str, order_id: str) -> str:
    """The decision link of the mail that the seller got about this order."""
    for _ in range(100):
        for mail in call(address, "/sandbox/outbox?to=toko-baju@example.com")[1]["items"]:
            if mail["kind"] == "decision_needed" and order_id in mail["text"]:
                return str(re.search(r"http://\S+/d/\S+", mail["text"])[0])  # type: ignore[index]
    raise AssertionError("no mail")


@EVERY_WAY
def test_budi_cancels_and_the_seller_agrees_from_the_mail(
    visit: Opener, address: str, order_id: str, size: dict[str, int], *, scripts: bool
) -> None:
    an_order(address, order_id)
    budi = visit("Budi", size=size, scripts=scripts)
    case = ask(budi, order_id)
    expect_status(budi, "Menunggu jawaban penjual")
    seller = visit(None, size=size, scripts=scripts)
    seller.goto(mailed_link(address, order_id))
    expect(seller.get_by_text("Salah ukuran")).to_be_visible()
    seller.get_by_role("button", name="Setujui").click()
    expect(seller.get_by_text("Jawaban Anda sudah tercatat")).to_be_visible()
    budi.goto(case)
    expect_status(budi, "Pesanan dibatalkan")
    expect(budi.get_by_text("Rp150.000").first).to_be_visible()


@EVERY_WAY
def test_ani_is_refused_and_returns_the_goods(
    visit: Opener, address: str, order_id: str, size: dict[str, int], *, scripts: bool
) -> None:
    an_order(address, order_id, status="shipped")
    buyer, seller = visit("Budi", size=size, scripts=scripts), visit("Toko Baju", size=size, scripts=scripts)
    case = ask(buyer, order_id)
    seller.goto(case)
    seller.locator("summary", has_text="Tolak").click()
    seller.get_by_label("Alasan menolak").select_option(label="Paket sudah dikirim")
    seller.get_by_role("button", name="Tolak").click()
    expect(seller.get_by_role("alert")).to_contain_text("resi")
    seller.get_by_label("Alasan menolak").select_option(label="Paket sudah dikirim")
    seller.get_by_label(re.compile("^Nomor resi")).fill("JNE-881")
    seller.get_by_role("button", name="Tolak").click()
    expect(seller.get_by_role("status")).to_contain_text("Anda tolak")
    buyer.goto(case)
    expect_status(buyer, "Permintaan ditolak")
    expect(buyer.get_by_text("JNE-881").first).to_be_visible()
    moved(address, order_id, "delivered")

    back = ask(buyer, order_id, "Kembalikan barang", "Barangnya rusak")
    seller.goto(back)
    seller.get_by_role("button", name="Setujui").click()
    buyer.goto(back)
    buyer.get_by_label("Nomor resi").fill("JNT-7")
    buyer.get_by_role("button", name="Konfirmasi barang sudah dikirim").click()
    expect(buyer.get_by_role("status")).to_contain_text("dicatat")
    seller.goto(back)
    seller.get_by_role("button", name="Konfirmasi barang diterima dengan baik").click()
    buyer.goto(back)
    expect_status(buyer, "Barang dikembalikan")


@TWO_WAYS
def test_a_reason_changed_at_the_last_moment_is_worked_out_before_it_is_asked(
    visit: Opener, address: str, order_id: str, size: dict[str, int], *, scripts: bool
) -> None:
    an_order(address, order_id)
    budi, second_tab = (visit("Budi", size=size, scripts=scripts) for _ in range(2))
    for tab in (budi, second_tab):
        tab.goto(f"/orders/{order_id}/cancel?reason_code=wrong_size")
        tab.get_by_label("Saya sudah membaca").check()
    if scripts:
        # The quote never came, and the button was pressed all the same.
        budi.route("**/*part=quote*", lambda route: route.abort())
    budi.get_by_label("Berubah pikiran").check()
    budi.get_by_role("button", name="Ajukan pembatalan").click()
    expect(budi.get_by_role("alert")).to_contain_text("Belum ada yang diajukan")
    budi.get_by_role("button", name="Ajukan pembatalan").dblclick()
    expect(budi.get_by_text("sudah kami terima")).to_be_visible()
    expect(budi.get_by_text("Berubah pikiran").first).to_be_visible()
    second_tab.get_by_role("button", name="Ajukan pembatalan").click()
    expect(second_tab.get_by_role("alert")).to_contain_text("tidak terkirim")
    second_tab.get_by_role("link", name="Lihat permintaan yang berjalan").click()
    expect(second_tab).to_have_url(re.compile(re.escape(budi.url.partition("?")[0]) + r"(\?|$)"))


@TWO_WAYS
def test_a_fee_is_offered_and_accepted(
    visit: Opener, address: str, order_id: str, size: dict[str, int], *, scripts: bool
) -> None:
    case = f"/cases/{asked(address, an_order(address, order_id))}"
    seller, buyer = visit("Toko Baju", size=size, scripts=scripts), visit("Budi", size=size, scripts=scripts)
    seller.goto(case)
    seller.locator("summary", has_text="Beri tawaran").click()
    seller.get_by_label(re.compile("^Biaya")).fill("Rp20.000")
    seller.get_by_role("button", name="Kirim tawaran").click()
    expect(seller.get_by_text("Pembeli menerima Rp130.000")).to_be_visible()
    seller.get_by_role("button", name="Ya, benar").click()
    expect(seller.get_by_role("status")).to_contain_text("dikirim")
    buyer.goto(case)
    expect(buyer.get_by_text("Rp130.000").first).to_be_visible()
    buyer.get_by_role("button", name="Terima tawaran").click()
    expect_status(buyer, "Pesanan dibatalkan")


@TWO_WAYS
def test_an_appeal_is_decided_by_support_after_a_chat(
    visit: Opener, address: str, order_id: str, size: dict[str, int], *, scripts: bool
) -> None:
    case_id = asked(address, an_order(address, order_id))
    say(address, "seller", case_id, "reject", reason_code="already_packed")
    case = f"/cases/{case_id}"
    buyer, support = visit("Budi", size=size, scripts=scripts), visit("Sari", size=DESKTOP, scripts=scripts)
    buyer.goto(case)
    buyer.get_by_label("Mengapa perlu ditinjau ulang?").fill("Belum dikemas")
    buyer.get_by_role("button", name="Minta peninjauan ulang").click()
    expect_status(buyer, "Menunggu layanan pelanggan")

    support.goto("/support")
    support.get_by_role("link", name=order_id).click()
    support.get_by_label("Tulis pesan").fill("Halo Budi, saya cek dulu.")
    support.get_by_role("button", name="Kirim", exact=True).click()
    if scripts:
        # The page that was open all the while hears of it by itself.
        expect(buyer.get_by_text("Halo Budi, saya cek dulu.")).to_be_visible(timeout=6_000)
    else:
        buyer.get_by_role("link", name="Lihat pesan baru").click()
        expect(buyer.get_by_text("Halo Budi, saya cek dulu.")).to_be_visible()

    support.get_by_role("button", name="Ambil permintaan ini").click()
    expect(support.get_by_text("Anda mengerjakan ini sejak")).to_be_visible()
    support.get_by_label(re.compile("^Catatan")).locator("visible=true").first.fill("penjual setuju lewat telepon")
    support.get_by_role("button", name="Setujui").click()
    buyer.goto(case)
    expect_status(buyer, "Pesanan dibatalkan")
    expect(buyer.get_by_text("penjual setuju lewat telepon")).to_have_count(0)


@TWO_WAYS
def test_many_requests_are_answered_at_once(
    visit: Opener, address: str, order_id: str, size: dict[str, int], *, scripts: bool
) -> None:
    orders = [an_order(address, f"{order_id}-{number}"[-60:]) for number in range(3)]
    cases = [asked(address, each) for each in orders]
    seller = visit("Toko Baju", size=size, scripts=scripts)
    seller.goto("/seller")
    for each in orders[:2]:
        seller.get_by_label(f"Pilih permintaan {each}").check()
    seller.get_by_role("button", name="Setujui yang dipilih").click()
    expect(seller.get_by_role("heading", level=1)).to_have_text("Setujui 2 permintaan?")
    seller.get_by_role("button", name="Ya, setujui 2").click()
    expect(seller.get_by_text("2 dari 2 tercatat")).to_be_visible()
    for case_id, ended in zip(
        cases, ("Pesanan dibatalkan", "Pesanan dibatalkan", "Menunggu jawaban Anda"), strict=True
    ):
        seller.goto(f"/cases/{case_id}")
        expect_status(seller, ended)


@TWO_WAYS
def test_a_proof_is_uploaded_and_the_case_file_saved(
    visit: Opener, address: str, order_id: str, size: dict[str, int], *, scripts: bool
) -> None:
    case = f"/cases/{asked(address, an_order(address, order_id))}"
    buyer = visit("Budi", size=size, scripts=scripts)
    buyer.goto(case)
    buyer.get_by_role("button", name="Tambah berkas").click()
    buyer.get_by_label(re.compile("^Pilih foto")).set_input_files(
        {"name": "x.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(32)}
    )
    buyer.get_by_role("button", name="Unggah").click()
    expect(buyer.get_by_role("status")).to_contain_text("Berkas sudah diterima")
    expect(buyer.get_by_role("link", name="Dari pembeli.png")).to_be_visible()
    buyer.get_by_role("link", name="Simpan berkas permintaan").click()
    expect(buyer.get_by_text("Dari pembeli.png")).to_be_visible()
    with buyer.expect_download() as saved:
        buyer.get_by_role("link", name=re.compile("JSON")).click()
    assert saved.value.suggested_filename.endswith(".json")


def test_a_file_that_would_be_refused_is_said_to_be_before_it_travels(
    visit: Opener, address: str, order_id: str, tmp_path: Path
) -> None:
    case = asked(address, an_order(address, order_id))
    budi = visit("Budi")
    budi.goto(f"/cases/{case}")
    budi.get_by_role("button", name="Tambah berkas").click()
    choice = budi.locator("#file")
    for name, content, why in (
        ("gambar.svg", b"<svg/>", "foto atau PDF"),
        ("besar.png", b"0" * (10 * 1024 * 1024 + 1), "10 MB"),
        ("kosong.png", b"", "kosong"),
    ):
        (tmp_path / name).write_bytes(content)
        choice.set_input_files(tmp_path / name)
        assert why in choice.evaluate("input => input.validationMessage")


def test_a_deadline_ticks_where_scripts_run(visit: Opener, address: str, order_id: str) -> None:
    buyer = visit("Budi")
    buyer.goto(f"/cases/{asked(address, an_order(address, order_id, platform='shopee'))}")
    countdown = buyer.locator("[data-countdown]")
    expect(countdown).to_contain_text("23 jam")


def test_the_message_to_customer_service_is_written(visit: Opener, address: str, order_id: str) -> None:
    an_order(address, order_id)
    buyer = visit("Budi")
    buyer.goto(f"/orders/{order_id}/help")
    buyer.get_by_label("Alasan atau pertanyaan Anda").fill("salah ukuran")
    buyer.get_by_role("button", name="Tuliskan pesannya").click()
    expect(buyer.locator("#message-email")).to_have_value(re.compile(re.escape(order_id)))
    buyer.get_by_label("Tulis pesan").fill("Halo, bisa dibantu?")
    buyer.get_by_role("button", name="Kirim", exact=True).click()
    expect(buyer.get_by_text("Halo, bisa dibantu?")).to_be_visible()


def test_an_operator_changes_a_policy_after_seeing_the_difference(visit: Opener, address: str) -> None:
    omar = visit("Omar", size=DESKTOP)
    omar.goto("/operations/policies/tokopedia")
    expert = omar.locator("summary", has_text="Untuk ahli")
    expert.click()
    source = omar.locator("#source")
    text = source.input_value()
    source.fill(text.replace('"max_attempts"', '"max_atempts"'))
    omar.get_by_role("button", name="Lihat perbedaannya").click()
    expect(omar.get_by_role("alert")).to_contain_text("max_atempts")
    source.fill(re.sub(r'"max_attempts": \d+', '"max_attempts": 9', text, count=1))
    omar.get_by_role("button", name="Lihat perbedaannya").click()
    omar.get_by_label("Mengapa diubah?").fill("Ramai")
    omar.get_by_role("button", name=re.compile("^Simpan sebagai v2")).click()
    expect(omar.locator("ins").first).to_contain_text("mengajukan 9 kali")
    expect(omar.get_by_role("heading", name="Versi 2 · berlaku sekarang")).to_be_visible()


@TWO_WAYS
def test_a_seller_says_yes_in_advance(
    visit: Opener, address: str, order_id: str, size: dict[str, int], *, scripts: bool
) -> None:
    an_order(address, order_id, seller={"id": "toko-sepatu", "name": "Toko Sepatu", "email": "s@example.com"})
    seller = visit("Toko Sepatu", size=size, scripts=scripts)
    seller.goto("/seller/rules")
    seller.get_by_label("Nama").fill("Ukuran")
    seller.get_by_label("Salah ukuran").check()
    seller.get_by_label("paling banyak").fill("Rp200.000")
    seller.get_by_label("Uji coba").uncheck()
    seller.get_by_role("button", name="Tambah aturan").click()
    expect(seller.get_by_text("sampai Rp200.000. Sudah benar?")).to_be_visible()
    seller.get_by_role("button", name="Ya, simpan aturan ini").click()
    expect(seller.get_by_role("status")).to_contain_text("disimpan")
    expect(seller.get_by_text("sampai Rp200.000")).to_be_visible()
    budi = visit("Budi", size=size, scripts=scripts)
    ask(budi, order_id)
    expect_status(budi, "Pesanan dibatalkan")
    expect(budi.get_by_text("Otomatis disetujui oleh aturan penjual.")).to_be_visible()
    seller.goto("/seller/rules")
    seller.get_by_role("button", name="Hapus").click()
    expect(seller.get_by_text("Belum ada aturan")).to_be_visible()


def test_a_mail_that_comes_back_is_seen_answered_mails_are_read_and_operators_lift_the_stop(
    visit: Opener, address: str, order_id: str
) -> None:
    buyer = {"id": "budi", "name": "Budi", "email": f"{order_id}@example.com", "phone": "+62811222333", "locale": "id"}
    case = asked(address, an_order(address, order_id, buyer=buyer))
    post = visit(None, size=DESKTOP)
    mail = post.locator("article", has_text=f"To {order_id}@example.com").first
    for _ in range(100):
        post.goto("/sandbox/mails")
        if mail.count():
            break
    mail.get_by_text("What may come back").click()
    mail.get_by_label("Answer it").fill("Apakah sudah dilihat?")
    mail.get_by_role("button", name="Send").click()
    mail.get_by_text("What may come back").click()
    mail.get_by_role("button", name="It came back").click()
    sari = visit("Sari", size=DESKTOP)
    sari.goto(f"/cases/{case}")
    stopped = sari.locator(".note", has_text="E-mail ke pembeli tidak sampai.")
    expect(stopped).to_be_visible()
    expect(sari.get_by_text("Apakah sudah dilihat?", exact=True)).to_be_visible()
    stopped.get_by_role("link", name="Lihat nomor telepon pembeli").click()
    expect(sari.get_by_role("link", name="+62811222333")).to_be_visible()
    omar = visit("Omar", size=DESKTOP)
    omar.goto("/operations/lists/stopped")
    omar.get_by_role("button", name=f"Kirim e-mail lagi {order_id}@example.com").click()
    expect(omar.get_by_text(f"{order_id}@example.com")).to_have_count(0)
    sari.reload()
    expect(sari.get_by_text("tidak sampai")).to_have_count(0)
