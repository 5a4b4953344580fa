"""Money that does not simply go back: an account on a phone, a stuck refund, a transfer that bounced."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Opener, save_screenshot
from tests.browser.orders import an_order, as_, asked, say
from tests.sandbox.running import call

TWO_WAYS = pytest.mark.parametrize(("size", "scripts"), [(PHONE, True), (DESKTOP, False)], ids=["phone", "desk"])


def refund(address: str, order_id: str, method: str, **more: Any) -> str:
    """A granted request of an order that was paid so; its case's id."""
    case_id = asked(address, an_order(address, order_id, method=method, **more))
    say(address, "seller", case_id, "approve")
    return case_id


def told(address: str, case_id: str, event_id: str, state: str, code: str | None = None) -> None:
    """The marketplace says how the one part goes."""
    body = {"event_id": event_id, "state": state, "amount": 150_000, "at": datetime.now(UTC).isoformat(), "code": code}
    as_(address, "system", "oms", f"/v1/refunds/rf_{case_id}/parts/1/events", body)


# How often something is looked for that threads of the sandbox bring about, on a machine that does other things, too.
LOOKS = 400


def mail_of(address: str, case_id: str, kind: str) -> Any:
    for _ in range(LOOKS):
        for mail in call(address, "/sandbox/outbox?to=budi@example.com")[1]["items"]:
            if (mail["case_id"], mail["kind"]) == (case_id, kind):
                return mail
        call(address, "/sandbox/clock", {"advance_seconds": 1})
    raise AssertionError("no mail")


def paid_out(address: str, key: str) -> int:
    """What the provider of payouts was asked for under this key; the clock goes on until it was."""
    for _ in range(LOOKS):
        for payout in call(address, "/sandbox/providers/xendit_payouts")[1]["refunds"]:
            if payout["key"] == key:
                return int(payout["amount"])
        call(address, "/sandbox/clock", {"advance_seconds": 1})
    raise AssertionError("nobody was asked to pay")


def no_side_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@TWO_WAYS
def test_who_paid_by_virtual_account_says_in_three_steps_where_the_money_goes(
    visit: Opener, address: str, size: dict[str, int], *, scripts: bool
) -> None:
    order_id = f"PAYOUT-{size['width']}"
    tender = {
        "method": "virtual_account",
        "channel": "bca",
        "amount": 150_000,
        "provider": "midtrans",
        "references": {"order_id": order_id},
    }
    case_id = refund(address, order_id, "", tenders=[tender])
    # The provider says that it has no way back, and the buyer gets a mail.
    link = re.search(r"http://\S+/payout/\S+", mail_of(address, case_id, "account_wanted")["text"])
    assert link
    budi = visit(None, size=size, scripts=scripts)
    budi.goto(link[0])  # 1: open
    expect(budi.get_by_role("heading", level=1)).to_have_text("Ke mana dananya dikirim?")
    no_side_scroll(budi)
    save_screenshot(budi, f"payout-1-{size['width']}")
    budi.get_by_label("Bank", exact=True).fill("Bank BCA")
    number = budi.get_by_label("Nomor rekening")
    number.fill("12")
    budi.get_by_label("Nama pemilik").fill("Budi Santoso")
    budi.get_by_role("button", name="Lanjut").click()
    expect(number).to_have_accessible_description(re.compile("rekening"))
    expect(budi.get_by_label("Bank", exact=True)).to_have_value("Bank BCA")
    number.fill("123 456 7890")
    budi.get_by_label("Nama pemilik").fill("Budi Santoso")
    budi.get_by_role("button", name="Lanjut").click()  # 2: fill in
    expect(budi.get_by_text("1234567890")).to_be_visible()
    expect(budi.get_by_text("Rp150.000").first).to_be_visible()
    no_side_scroll(budi)
    save_screenshot(budi, f"payout-2-{size['width']}")
    budi.get_by_role("button", name="Ya, kirim ke sana").click()  # 3: check
    expect(budi.get_by_role("heading", level=1)).to_have_text("Terima kasih")
    expect(budi.get_by_text("nomor berakhir 7890").first).to_be_visible()
    assert "1234567890" not in budi.content()
    expect(budi.get_by_role("link", name="Lihat permintaan")).to_be_visible()
    save_screenshot(budi, f"payout-3-{size['width']}")
    budi.goto(link[0])
    expect(budi.get_by_role("button", name="Lanjut")).to_have_count(0)
    assert "7890" in mail_of(address, case_id, "account_set")["text"]
    assert paid_out(address, f"rf_{case_id}-2-1-1") == 150_000


@TWO_WAYS
def test_an_operator_finds_a_stuck_refund_reads_why_and_has_it_sent_again(
    visit: Opener, address: str, size: dict[str, int], *, scripts: bool
) -> None:
    case_id = refund(address, f"STUCK-{size['width']}", "card")
    told(address, case_id, "s1", "failed", "issuer_unavailable")
    operator = visit("Omar", size=size, scripts=scripts)
    operator.goto("/operations")
    no_side_scroll(operator)
    save_screenshot(operator, f"stuck-list-{size['width']}")
    operator.locator(f'a[href$="/cases/{case_id}"]').first.click()
    expect(operator.get_by_text("issuer_unavailable")).to_be_visible()
    no_side_scroll(operator)
    save_screenshot(operator, f"stuck-case-{size['width']}")
    operator.locator("summary", has_text="Minta dikirim lagi").click()
    operator.locator("details[open]").get_by_label("Catatan").fill("Bank sudah pulih")
    operator.get_by_role("button", name="Minta dikirim lagi").click()
    expect(operator.get_by_role("status").first).to_contain_text("Penyedia pembayaran diminta mengirim lagi.")
    answer = as_(address, "system", "oms", f"/v1/refunds/rf_{case_id}")
    assert (answer["parts"][0]["state"], answer["parts"][0]["tries"]) in (("due", 2), ("sent", 2))


@TWO_WAYS
def test_a_buyer_hears_kindly_that_a_transfer_came_back(
    visit: Opener, address: str, size: dict[str, int], *, scripts: bool
) -> None:
    case_id = refund(address, f"BOUNCE-{size['width']}", "bank")
    told(address, case_id, "b1", "succeeded")
    told(address, case_id, "b2", "reversed")
    words = mail_of(address, case_id, "money_bounced")["text"]
    for kind in ("Rp150.000", "tidak hilang", "tidak perlu"):
        assert kind in words
    budi = visit("Budi", size=size, scripts=scripts)
    budi.goto(f"/cases/{case_id}")
    expect(budi.get_by_text("dikembalikan oleh bank").first).to_be_visible()
    expect(budi.get_by_text("tidak hilang")).to_be_visible()
    expect(budi.get_by_text("Semua dana Anda sudah kembali")).to_have_count(0)
    no_side_scroll(budi)
    save_screenshot(budi, f"bounced-{size['width']}")
