"""Customer service's desk: queues with counts, one button for the next case, filters, pages of fifty."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from chalicelib.domain.orders.body import Line
from chalicelib.pages.desk_filter import DeskFilter, rows_of
from infra.sandbox.builders import a_case, a_policy
from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_chargebacks import DUE_BY, tell
from tests.e2e.test_goodwill_page import delivered
from tests.e2e.test_one_press import phone_of
from tests.e2e.test_parts_of_refunds import CARD, refunding, told
from tests.e2e.test_payouts import refund_without_way

__all__ = ["refunding"]

SHIRT = (Line(line_id="1", name="Kemeja", quantity=1, unit_price=50_000),)


def escalated(market: Marketplace, order_id: str, **more: object) -> str:
    """A case that waits for customer service: the seller refused, and the buyer appealed."""
    case_id: str = market.ask(market.order(order_id, lines=SHIRT, **more))["case_id"]
    market.say("seller", case_id, "reject", reason_code="policy", comment="Bukan kesalahan toko")
    market.say("buyer", case_id, "appeal", comment="Saya salah pilih ukuran")
    return case_id


def next_form(page: Answer) -> dict[str, str]:
    return next(form.fields for form in forms_of(page) if form.action == "/support/next")


def test_the_next_case_is_the_most_urgent_that_nobody_has(market: Marketplace) -> None:
    second, first = escalated(market, "N-1"), escalated(market, "N-2")
    deadline = market.row(second).deadline_at
    assert deadline
    market.say("support", second, "extend", until=(deadline + timedelta(days=1)).isoformat(), note="x")
    sari, rini = phone_of(market, "sari", "support"), phone_of(market, "rini", "support")
    page = sari.open("/support")
    assert "2 permintaan menunggu" in page.text
    taken = sari.press("/support/next", next_form(page))
    assert taken.headers["location"].startswith(f"/cases/{first}?")
    again = sari.press("/support/next", next_form(page))
    assert again.headers["location"] == taken.headers["location"], "the same press takes the same case"
    assert "Anda menangani" in sari.open(taken.headers["location"]).text
    other = rini.press("/support/next", next_form(rini.open("/support")))
    assert other.headers["location"].startswith(f"/cases/{second}?")
    assert (market.row(first).claimed_by, market.row(second).claimed_by) == ("sari", "rini")
    page = rini.open("/support")
    assert "Semua permintaan sudah ada yang menangani" in page.text
    assert not [form for form in forms_of(page) if form.action == "/support/next"]
    mine = rini.open("/support?tab=mine").text
    assert f"/cases/{second}" in mine
    assert f"/cases/{first}" not in mine


def test_two_who_press_at_once_get_two_cases(market: Marketplace) -> None:
    cases = {escalated(market, f"R-{number}") for number in range(4)}
    phones = [phone_of(market, who, "support") for who in ("sari", "rini", "tono", "wati")]
    forms = [next_form(phone.open("/support")) for phone in phones]

    def press(number: int) -> str:
        return phones[number].press("/support/next", forms[number]).headers["location"]

    with ThreadPoolExecutor(4) as pool:
        led_to = list(pool.map(press, range(4)))
    assert {place.partition("?")[0].removeprefix("/cases/") for place in led_to} == cases
    assert sorted(market.row(case_id).claimed_by or "" for case_id in cases) == ["rini", "sari", "tono", "wati"]


def test_a_press_that_finds_nothing_says_so(market: Marketplace) -> None:
    escalated(market, "E-1")
    sari, rini = phone_of(market, "sari", "support"), phone_of(market, "rini", "support")
    late = next_form(rini.open("/support"))
    sari.press("/support/next", next_form(sari.open("/support")))
    nothing = rini.press("/support/next", late)
    assert nothing.headers["location"] == "/support?next=none"
    assert "Semua permintaan sudah ada yang menangani" in rini.open("/support?next=none").text


def test_a_claim_lapses_after_two_hours_without_an_act(market: Marketplace) -> None:
    case_id = escalated(market, "L-1")
    sari, rini = phone_of(market, "sari", "support"), phone_of(market, "rini", "support")
    sari.press("/support/next", next_form(sari.open("/support")))
    assert "sari" in rini.open("/support").text
    market.later(2 * 3600)
    page = rini.open("/support")
    assert "1 permintaan menunggu" in page.text
    assert f"/cases/{case_id}" not in sari.open("/support?tab=mine").text
    rini.press("/support/next", next_form(page))
    assert market.row(case_id).claimed_by == "rini"


def test_what_is_chosen_stays_in_the_address(market: Marketplace) -> None:
    case_id = escalated(market, "F-1")
    sari = phone_of(market, "sari", "support")
    page = sari.open("/support?tab=ours&amount=60rb&kind=cancellation")
    assert "Tidak ada yang cocok" in page.text
    assert "kind=cancellation" in page.text
    assert "amount=60rb" in page.text
    assert f"/cases/{case_id}" in sari.open("/support?tab=ours&amount=50rb&reason=wrong_size").text
    assert f"/cases/{case_id}" not in sari.open("/support?platform=elsewhere").text
    wrong = sari.open("/support?amount=banyak")
    assert 'aria-invalid="true"' in wrong.text
    assert f"/cases/{case_id}" in wrong.text


def test_a_page_has_fifty_rows_and_leads_both_ways() -> None:
    cases = [a_case(case_id=f"c{number:03}") for number in range(120)]
    middle = rows_of(cases, DeskFilter(), "2")
    assert (middle.number, middle.pages, middle.found) == (2, 3, 120)
    assert [case.case_id for case in middle.cases] == [f"c{number:03}" for number in range(50, 100)]
    assert [rows_of(cases, DeskFilter(), typed).number for typed in ("", "0", "99", "-1", "x", "9" * 9)] == [
        *(1, 1, 3, 1, 1, 1)
    ]
    assert rows_of([], DeskFilter(kind="return"), "1").pages == 1


def test_goodwill_that_waits_for_a_second_person_lies_in_a_queue(open_marketplace: Callable[..., Marketplace]) -> None:
    market = open_marketplace(policy=a_policy(version=2, second_person_above=20_000))
    delivered(market, "G-1")
    wish = {"amount": 25_000, "note": "kerahnya sobek", "reason": "goodwill"}
    assert market.support("POST", "/v1/orders/G-1/refunds", wish).status == 202
    sari, rini = phone_of(market, "sari", "support"), phone_of(market, "rini", "support")
    assert "(dari Anda, orang lain yang harus setuju)" in sari.open("/support?tab=second").text
    page = rini.open("/support?tab=second").text
    assert "sari ingin mengembalikan Rp25.000" in page
    assert "/orders/G-1/goodwill" in page
    rini_agrees = market.as_("support", "rini", "POST", "/v1/orders/G-1/refunds", wish)
    assert rini_agrees.status == 201, rini_agrees
    assert "/orders/G-1/goodwill" not in rini.open("/support?tab=second").text


def test_a_correction_that_waits_for_a_second_person_lies_in_the_same_queue(market: Marketplace) -> None:
    market.order("K-1", lines=SHIRT)
    word = {
        "event_id": "e1",
        "tender_id": market.world.ports.store.order("K-1").body.tenders[0].tender_id,  # type: ignore[union-attr]
        "state": "corrected",
        "amount": 40_000,
        "at": market.world.clock().isoformat(),
        "note": "transfer kurang",
    }
    assert market.operator("POST", "/v1/orders/K-1/payments", word).status == 200
    page = phone_of(market, "rini", "support").open("/support?tab=second").text
    assert "transfer kurang" in page
    assert "Rp40.000" in page
    agreed = market.support("POST", "/v1/orders/K-1/payments", {**word, "event_id": "e2"})
    assert agreed.status == 200
    assert "transfer kurang" not in phone_of(market, "rini", "support").open("/support?tab=second").text


def test_money_that_is_stuck_lies_on_the_desk_with_the_way_to_its_forms(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    told(market, case_id, "1", "failed", CARD, code="account_closed")
    rini = phone_of(market, "rini", "support")
    page = rini.open("/support?tab=stuck")
    assert f"/cases/{case_id}#refund-parts" in page.text
    assert 'id="refund-parts"' in rini.open(f"/cases/{case_id}").text


def test_a_refund_that_wants_an_account_leads_to_its_form(market: Marketplace) -> None:
    case_id = refund_without_way(market)
    page = phone_of(market, "rini", "support").open("/support?tab=stuck")
    assert f'href="/cases/{case_id}/payout"' in page.text


def test_what_banks_want_answered_lies_on_the_desk_by_its_day(market: Marketplace) -> None:
    market.order("CB-1", tenders={"card": 150_000})
    assert tell(market, "CB-1", "opened", due_by=DUE_BY).json["applied"]
    page = phone_of(market, "rini", "support").open("/support?tab=chargebacks")
    assert "/orders/CB-1" in page.text
    assert "Batas waktu menjawab bank" in page.text


def test_nobody_but_staff_sees_the_desk(market: Marketplace) -> None:
    for who, role in (("budi", "buyer"), ("toko-baju", "seller"), ("fina", "finance")):
        assert phone_of(market, who, role).open("/support").status == 403
    page = phone_of(market, "omar", "operator").open("/support")
    assert page.status == 200
    assert not [form for form in forms_of(page) if form.action == "/support/next"]
