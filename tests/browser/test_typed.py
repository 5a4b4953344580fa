"""What people typed is there again after Back, another language and a refusal, and gone once it was sent."""

from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.orders import an_order, asked

WORDS = "Maaf, saya salah pilih ukuran.\nMohon dibantu."


def test_what_was_typed_outlives_back_and_another_language_until_it_is_sent(visit: Opener, address: str) -> None:
    case_id = asked(address, an_order(address, "TYPED"))
    page = visit("Budi")
    page.goto(f"/cases/{case_id}")
    page.get_by_label("Tulis pesan").fill(WORDS)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#text")).to_have_value(WORDS)
    page.goto("/orders")
    page.go_back()
    expect(page.locator("#text")).to_have_value(WORDS)
    page.locator("#text").locator("xpath=ancestor::form").get_by_role("button").click()
    expect(page.locator(".said")).to_contain_text("salah pilih ukuran")
    expect(page.locator("#text")).to_have_value("")
    page.reload()
    expect(page.locator("#text")).to_have_value("")


def test_a_session_that_ends_while_somebody_writes_loses_nothing(visit: Opener, address: str) -> None:
    case_id = asked(address, an_order(address, "ENDED"))
    page = visit("Budi")
    page.goto(f"/cases/{case_id}")
    page.locator("#text").fill(WORDS)
    page.context.clear_cookies(name="batal_session")
    page.locator("#text").locator("xpath=ancestor::form").get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("masih ada di sini")
    expect(page.locator("form textarea").first).to_be_hidden()  # what is carried on is no field to read
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Masuk (di tab baru)").click()
    opened.value.get_by_role("button", name="Budi").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Anda sudah masuk")
    opened.value.close()
    page.get_by_role("button", name="Kirim, saya sudah masuk").click()
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.locator(".said .words")).to_have_text(WORDS)
