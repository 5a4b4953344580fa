"""People in charge find money that has not arrived, read why, and do something about it, on pages alone."""

from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone
from tests.e2e.test_parts_of_refunds import BANK, CARD, refund_of, refunding, states, told

__all__ = ["refunding"]


def looks(market: Marketplace, who: str, role: str) -> Phone:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone


def test_support_finds_a_part_that_failed_reads_why_and_sends_it_to_the_wallet(
    refunding: tuple[Marketplace, str],
) -> None:
    market, case_id = refunding
    told(market, case_id, "2", "succeeded", BANK)
    told(market, case_id, "1", "failed", CARD, code="account_closed")
    address = f"/cases/{case_id}"
    assert address in looks(market, "omar", "operator").open("/operations").text
    desk = looks(market, "rini", "support")
    page = desk.open(address)
    assert "account_closed" in page.text
    assert "Rp100.000" in page.text
    pressed = desk.submit(page, f"{address}/redirect-part", note="kartu ditutup")
    assert pressed.status == 303
    after = desk.open(pressed.headers["location"]).text
    assert "Dana akan dikirim lewat cara lain." in after
    assert "redirect-part" not in after
    assert states(refund_of(market, case_id)) == ["redirected", "succeeded", "sent", "succeeded"]
    seen = looks(market, "budi", "buyer").open(address).text
    assert "sudah masuk ke saldo Anda" in seen
    assert "account_closed" not in seen


def test_a_refund_that_came_back_is_on_the_operators_page_though_its_case_is_closed(
    refunding: tuple[Marketplace, str],
) -> None:
    market, case_id = refunding
    told(market, case_id, "1", "succeeded", CARD)
    told(market, case_id, "2", "succeeded", BANK)
    market.later(86_400)
    desk = looks(market, "omar", "operator")
    assert f"/cases/{case_id}" not in desk.open("/operations").text
    told(market, case_id, "2", "reversed", BANK)
    assert f"/cases/{case_id}" in desk.open("/operations").text
    page = desk.open(f"/cases/{case_id}")
    desk.submit(page, f"/cases/{case_id}/resolve-part", note="transfer", reference="TF-9")
    assert f"/cases/{case_id}" not in desk.open("/operations").text
    assert refund_of(market, case_id)["parts"][1]["reference"] == "TF-9"
