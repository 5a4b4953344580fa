"""Customer service's walk on a phone and at a desk: search, take, compare, answer, decide; by keyboard, and for all
eyes."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, Opener, save_screenshot
from tests.browser.orders import an_order, asked, say
from tests.browser.test_accessibility import found_in

NARROW = {"width": 360, "height": 780}


@pytest.mark.parametrize(
    ("size", "scripts", "language"), [(NARROW, True, "id"), (DESKTOP, False, "en")], ids=["phone", "desk"]
)
def test_a_case_is_found_taken_compared_answered_and_decided(
    visit: Opener, address: str, size: dict[str, int], language: str, *, scripts: bool
) -> None:
    order_id = f"COCKPIT-{language}"
    case_id = asked(address, an_order(address, order_id))
    say(address, "seller", case_id, "reject", reason_code="already_packed", comment="Sudah dibungkus")
    say(address, "buyer", case_id, "appeal", comment="Baru lima menit")
    sari = visit("Sari", size=size, scripts=scripts, language=language)
    axe = Axe()
    sari.goto("/support")
    save_screenshot(sari, f"desk-{language}")
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    search = sari.get_by_role("searchbox")
    search.fill(order_id)
    search.press("Enter")
    sari.get_by_role("row").get_by_role("link", name=order_id).press("Enter")
    if scripts:
        assert found_in(sari, axe) == []
        assert not sari.evaluate(wide)
    sari.get_by_role("button", name=re.compile("Ambil permintaan ini|Take this request")).press("Enter")
    expect(sari.get_by_text(re.compile("Anda mengerjakan ini sejak|You are working on this since"))).to_be_visible()
    buyer, seller = sari.locator(".side.buyer"), sari.locator(".side.seller")
    expect(buyer.get_by_text("Baru lima menit")).to_be_visible()
    expect(seller.get_by_text("Sudah dibungkus")).to_be_visible()
    left, right = buyer.bounding_box(), seller.bounding_box()
    assert left
    assert right
    assert (left["y"] == right["y"]) is (size == DESKTOP)
    save_screenshot(sari, f"cockpit-{language}")

    summary = sari.locator("summary", has_text=re.compile("^(Tolak|Reject|Refuse|Say no|Keep)")).first
    summary.press("Enter")
    comment = sari.locator("#comment-reject")
    comment.fill("kata saya")
    if scripts:
        sari.on("dialog", lambda dialog: dialog.dismiss())
    refusing = sari.locator("form[action$='/reject']")
    refusing.locator("button[name=template][value=seller_right]").click()
    expect(comment).to_have_value("kata saya")
    if scripts:
        comment.fill("")
        refusing.locator("button[name=template][value=seller_right]").click()
    else:
        refusing.locator("button[name=replace]").click()
    expect(comment).to_have_value(re.compile("^Kami sudah memeriksa keterangan Anda"))
    if scripts:
        assert found_in(sari, axe) == []
    save_screenshot(sari, f"cockpit-answer-{language}")
    refusing.locator("select[name=reason_code]").select_option("policy")
    refusing.locator("textarea[name=note]").fill("dicek")
    refusing.locator("button.bad").click()
    expect(sari.locator("#status")).to_have_text(re.compile("ditolak|refused", re.IGNORECASE))


def test_two_conversations_about_one_order_become_one(visit: Opener, address: str) -> None:
    order_id = an_order(address, "JOINED")
    old = asked(address, order_id)
    say(address, "buyer", old, "messages", text="Kapan dananya kembali?")
    say(address, "buyer", old, "withdraw")
    new = asked(address, order_id)
    sari = visit("Sari", size=NARROW)
    sari.goto(f"/cases/{old}")
    sari.locator("summary", has_text="Gabungkan dengan percakapan lain").press("Enter")
    sari.locator("#note-join").fill("pesanan yang sama")
    save_screenshot(sari, "joining")
    assert found_in(sari, Axe()) == []
    sari.locator("form[action$='/join'] button").press("Enter")
    expect(sari.get_by_role("status").first).to_contain_text("Kedua percakapan sudah digabung")
    buyer = visit("Budi", size=NARROW)
    buyer.goto(f"/cases/{old}")
    buyer.locator("#messages").get_by_role("link", name=new).click()
    expect(buyer.locator("#messages")).to_contain_text(f"Termasuk pesan dari permintaan {old}")
    expect(buyer.get_by_role("log")).to_contain_text("Kapan dananya kembali?")
    save_screenshot(buyer, "joined")
    sari.locator("summary", has_text="Pisahkan percakapan").press("Enter")
    sari.locator("#note-separate").fill("ternyata lain hal")
    sari.locator("form[action$='/separate'] button").press("Enter")
    expect(sari.get_by_role("status").first).to_contain_text("sudah dipisah lagi")
