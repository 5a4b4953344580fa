"""A case's page at the edges: money that arrived or is late, what was agreed, what is left to do; and the mark by which
an open page knows that it is out of date."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.cases.milestones import Standing, standing
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone


def page_of(market: Marketplace, case_id: str, who: str = "budi", role: str = "buyer") -> str:
    phone = Phone(market)
    phone.sign_in(who, role)
    return phone.open(f"/cases/{case_id}").text


def told(market: Marketplace, case_id: str, state: str, amount: int = 150_000) -> None:
    event = {"event_id": f"p-{state}", "state": state, "amount": amount, "at": market.world.clock().isoformat()}
    assert market.oms("POST", f"/v1/refunds/rf_{case_id}/parts/1/events", event).status == 200


def granted(market: Marketplace, order_id: str, method: str) -> str:
    case_id = str(market.ask(market.order(order_id, tenders={method: 150_000}))["case_id"])
    market.say("seller", case_id, "approve")
    market.money_is_sent(case_id)
    return case_id


def test_money_that_arrived_is_promised_for_no_day(market: Marketplace) -> None:
    case_id = granted(market, "ARRIVES", "virtual_account")
    assert "paling lambat" in page_of(market, case_id)
    told(market, case_id, "succeeded")
    page = page_of(market, case_id)
    assert "sudah masuk pada" in page
    assert "paling lambat" not in page


def test_money_on_a_card_is_said_to_be_sent_and_later_that_it_should_be_there(market: Marketplace) -> None:
    case_id = granted(market, "CARD", "card")
    told(market, case_id, "succeeded")
    assert "sudah dikirim, sampai paling lambat" in page_of(market, case_id)
    market.later(40 * 86_400)
    assert "sudah dikirim, seharusnya sudah sampai paling lambat" in page_of(market, case_id)


def test_money_that_is_late_is_said_to_be_late(market: Marketplace) -> None:
    case_id = granted(market, "LATE", "card")
    market.later(40 * 86_400)
    buyer = page_of(market, case_id)
    assert "butuh waktu lebih lama dan sedang kami tanyakan; perkiraan baru paling lambat" in buyer
    assert "sampai paling lambat" not in buyer
    assert "perkiraan baru sampai ke pembeli paling lambat" in page_of(market, case_id, "rini", "support")
    row = market.row(case_id)
    assert row.refund
    (part,) = row.refund.parts
    # Before the schedule comes by, too.
    fresh = replace(row, refund=replace(row.refund, overdue=False))
    assert standing(fresh, part, now=part.arrives_by) is Standing.LATE
    assert standing(fresh, part, now=part.arrives_by - timedelta(seconds=1)) is Standing.DUE


def test_what_was_agreed_is_said_where_a_request_was_settled(market: Marketplace) -> None:
    case_id = str(market.ask(market.order("SETTLED"))["case_id"])
    market.say("seller", case_id, "offer", alternative="change_address")
    market.say("buyer", case_id, "accept-offer")
    for who, role in (("budi", "buyer"), ("toko-baju", "seller"), ("rini", "support")):
        assert "Disepakati: " in page_of(market, case_id, who, role)


def test_who_was_refused_sees_until_when_they_may_appeal_and_where(market: Marketplace) -> None:
    case_id = str(market.ask(market.order("REFUSED"))["case_id"])
    market.say("seller", case_id, "reject", reason_code="already_packed")
    page = page_of(market, case_id)
    assert 'href="#appeal"' in page
    assert 'id="appeal"' in page
    assert "/orders/REFUSED/help" in page
    market.later(4 * 86_400)
    assert 'href="#appeal"' not in page_of(market, case_id), "the time to appeal is over"
    assert "Mohon lanjutkan pesanan ini seperti biasa." in page_of(market, case_id, "toko-baju", "seller")


def now(phone: Phone, case_id: str, mark: str = "") -> Any:
    return phone.open(f"/cases/{case_id}/now", **{"If-None-Match": mark})


def test_an_open_page_learns_that_it_is_out_of_date(market: Marketplace) -> None:
    case_id = str(market.ask(market.order("LOOKS"))["case_id"])
    market.all_goes_out(case_id)
    phone = Phone(market)
    phone.sign_in()
    first = now(phone, case_id)
    mark = first.headers["etag"]
    assert f'data-mark="{mark.strip(chr(34))}"' in phone.open(f"/cases/{case_id}").text
    assert (now(phone, case_id, mark).status, now(phone, case_id, mark).text) == (304, "")
    market.say("seller", case_id, "offer", fee=10_000)
    assert now(phone, case_id, mark).status == 200
    offered = now(phone, case_id).headers["etag"]
    deadline = market.row(case_id).deadline_at
    assert deadline
    market.world.clock.advance(1 + round((deadline - market.world.clock()) / timedelta(seconds=1)))
    assert now(phone, case_id, offered).status == 200, "a deadline passes although nothing is written"


def test_the_mark_is_of_one_reader(market: Marketplace) -> None:
    case_id = str(market.ask(market.order("READERS"))["case_id"])
    market.all_goes_out(case_id)
    marks = set()
    for who, role in (("budi", "buyer"), ("toko-baju", "seller"), ("rini", "support")):
        phone = Phone(market)
        phone.sign_in(who, role)
        marks |= {now(phone, case_id).headers["etag"], phone.open(f"/cases/{case_id}/now?lang=en").headers["etag"]}
    assert len(marks) == 6
    stranger = Phone(market)
    stranger.sign_in("ani")
    assert now(stranger, case_id).status == 404
    assert now(Phone(market), case_id).status == 303


def test_sellers_are_not_said_to_have_asked_what_their_buyer_asked(market: Marketplace) -> None:
    """A step's words for one viewer must not be another step's words."""
    case_id = str(market.ask(market.order("WHO-ASKED"))["case_id"])
    page = page_of(market, case_id, "toko-baju", "seller")
    assert "Permintaan diajukan" in page
    assert "Penjual tidak bisa mengirim" not in page
