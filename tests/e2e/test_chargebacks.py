"""Chargebacks over HTTP: told by the marketplace's systems, seen by people in charge, and what buyers read."""

from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.conftest import Answer, Marketplace
from tests.e2e.test_stuck_money_page import looks

CARD, BANK = 100_000, 50_000
DUE_BY = "2026-12-03T10:00:00Z"


def tell(market: Marketplace, order_id: str, state: str, amount: int = CARD, **more: Any) -> Answer:
    body = {"event_id": f"{state}-{amount}", "tender_id": "card", "state": state, "amount": amount, **more}
    return market.oms("POST", f"/v1/orders/{order_id}/chargebacks", body)


def granted(market: Marketplace, order_id: str) -> str:
    case_id = str(market.ask(order_id)["case_id"])
    market.say("seller", case_id, "approve")
    return case_id


def parts(market: Marketplace, case_id: str, who: str = "support") -> list[Any]:
    ask = market.support if who == "support" else market.buyer
    return list(ask("GET", f"/v1/refunds/rf_{case_id}").json["parts"])


@pytest.fixture
def disputed(market: Marketplace) -> tuple[Marketplace, str]:
    """An order paid by card and bank, disputed by the card's bank, of which all was granted after that."""
    market.order("CB-1", tenders={"card": CARD, "bank": BANK})
    assert tell(market, "CB-1", "opened", due_by=DUE_BY).json["applied"]
    case_id = granted(market, "CB-1")
    market.all_goes_out(case_id)
    return market, case_id


def test_a_part_that_waits_says_for_what_and_by_when_the_bank_wants_an_answer(
    disputed: tuple[Marketplace, str],
) -> None:
    market, case_id = disputed
    card, bank = parts(market, case_id)
    assert (card["state"], card["frozen"]) == ("due", {"state": "opened", "due_by": DUE_BY})
    assert (bank["state"], bank["frozen"]) == ("sent", None)
    assert parts(market, case_id, "buyer")[0]["frozen"] == {"state": "opened", "due_by": None}
    assert market.case(case_id)["refund"]["parts"][0]["frozen"]["state"] == "opened"
    for way, more in (("retry", {}), ("redirect", {"to": "wallet"})):
        refused = market.support("POST", f"/v1/refunds/rf_{case_id}/parts/1/{way}", {"note": "x", **more})
        assert (refused.status, refused.json["code"]) == (409, "part_frozen")
    done = market.support("POST", f"/v1/refunds/rf_{case_id}/parts/1/resolve", {"note": "x", "reference": "TF-1"})
    assert done.json["parts"][0]["state"] == "succeeded"


def test_the_buyer_reads_what_waits_and_nothing_that_is_not_so(disputed: tuple[Marketplace, str]) -> None:
    market, case_id = disputed
    approved, *_ = [mail for mail in market.mails() if mail.kind == "approved" and "budi" in mail.to]
    assert "ditahan sampai bank Anda selesai memeriksa pembayaran ini" in approved.text
    market.later(40 * 86_400)
    market.expire(case_id)
    market.all_goes_out(case_id)
    assert parts(market, case_id)[0]["state"] == "due"


def test_what_was_won_goes_on_and_what_was_lost_closes_the_case(market: Marketplace) -> None:
    for order_id, ends in (("CB-2", "won"), ("CB-3", "lost")):
        market.order(order_id, tenders={"card": CARD, "bank": BANK})
        tell(market, order_id, "opened", due_by=DUE_BY)
        case_id = granted(market, order_id)
        market.all_goes_out(case_id)
        said = {"event_id": "b", "state": "succeeded", "amount": BANK, "at": market.world.clock().isoformat()}
        market.oms("POST", f"/v1/refunds/rf_{case_id}/parts/2/events", said)
        assert market.case(case_id)["state"] == "refunding"
        told = tell(market, order_id, ends).json["order"]
        market.all_goes_out(case_id)
        (known,) = market.support("GET", f"/v1/orders/{order_id}").json["chargebacks"]
        assert known == told["chargebacks"][0]
        assert (known["state"], known["paid_as_well"], [word["state"] for word in known["words"]]) == (
            ends,
            0,
            ["opened", ends],
        )
        if ends == "won":
            assert (parts(market, case_id)[0]["state"], parts(market, case_id)[0]["frozen"]) == ("sent", None)
            continue
        case = market.case(case_id)
        assert (case["state"], case["refund"]["total"]) == ("closed", BANK)
        assert [part["state"] for part in case["refund"]["parts"]] == ["charged_back", "succeeded"]
        assert market.support("GET", f"/v1/orders/{order_id}").json["money"]["accounts"]["card"] == {
            "collected": CARD,
            "due": 0,
            "taken": 0,
            "given": CARD,
            "kept": 0,
        }
        refund = market.buyer("GET", f"/v1/refunds/rf_{case_id}").json
        assert any("bank" in each.lower() for each in refund["explanation"])
        mail, *_ = [each for each in market.mails() if order_id in each.text and "Rp50.000" in each.subject]
        assert "Rp150.000" not in mail.subject
        assert "Bank sudah mengembalikan dana ini" in mail.text


def test_what_is_wrong_is_refused_and_changes_nothing(market: Marketplace) -> None:
    market.order("CB-4", tenders={"card": CARD, "wallet": BANK})
    opened: dict[str, Any] = {"event_id": "x", "tender_id": "card", "state": "opened", "amount": CARD}
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"tender_id": "moon"}, "tender_id"),
        ({"tender_id": "wallet", "amount": 1}, "tender_id"),
        ({"amount": CARD + 1}, "amount"),
        ({"amount": 0}, "amount"),
        ({"state": "maybe"}, "state"),
        ({"order_id": "CB-5"}, "order_id"),
    )
    for body, field in wrong:
        refused = market.oms("POST", "/v1/orders/CB-4/chargebacks", {**opened, **body})
        assert (refused.status, refused.json["code"]) == (422, "validation_failed")
        assert [each["field"] for each in refused.json["errors"]] == [field]
    assert market.oms("POST", "/v1/orders/CB-9/chargebacks", {**opened, "order_id": "CB-9"}).status == 409
    for role, who in (("buyer", "budi"), ("seller", "toko-baju"), ("support", "rini"), ("operator", "omar")):
        assert market.as_(role, who, "POST", "/v1/orders/CB-4/chargebacks", opened).status == 403
    assert market.support("GET", "/v1/orders/CB-4").json["chargebacks"] == []


def test_an_event_counts_once_and_with_something_else_it_is_a_conflict(market: Marketplace) -> None:
    market.order("CB-6", tenders={"card": CARD, "bank": BANK})
    assert tell(market, "CB-6", "opened", event_id="e1").json["applied"]
    assert tell(market, "CB-6", "opened", event_id="e1").json == {"applied": False}
    other = tell(market, "CB-6", "opened", 1, event_id="e1")
    assert (other.status, other.json["code"]) == (422, "event_differs")
    keyed = {"Idempotency-Key": "k1"}
    body = {"event_id": "e2", "tender_id": "card", "state": "won", "amount": CARD}
    first, again = (market.oms("POST", "/v1/orders/CB-6/chargebacks", body, **keyed) for _ in range(2))
    assert first.json == again.json
    assert tell(market, "CB-6", "opened", event_id="late").json["applied"], "it is kept"
    (known,) = market.support("GET", "/v1/orders/CB-6").json["chargebacks"]
    assert (known["state"], [word["taken"] for word in known["words"]]) == ("won", [True, True, False])


def test_only_staff_and_systems_read_of_chargebacks(market: Marketplace) -> None:
    market.order("CB-7", tenders={"card": CARD, "bank": BANK})
    tell(market, "CB-7", "opened", due_by=DUE_BY)
    for read in (market.buyer, market.seller):
        assert "chargebacks" not in read("GET", "/v1/orders/CB-7").json
    case_id = market.ask("CB-7")["case_id"]
    for role, who, sees in (("support", "rini", True), ("operator", "omar", True), ("buyer", "budi", False)):
        file = market.as_(role, who, "GET", f"/v1/cases/{case_id}/file").json
        assert ("chargebacks" in file["order"]) is sees
        assert not sees or file["order"]["chargebacks"][0]["due_by"] == DUE_BY


def test_people_in_charge_see_the_deadline_and_the_case_file_on_their_pages(market: Marketplace) -> None:
    for number, day in ((1, "2026-12-20T10:00:00Z"), (2, DUE_BY)):
        market.order(f"CB-8-{number}", tenders={"card": CARD, "bank": BANK})
        tell(market, f"CB-8-{number}", "opened", due_by=day)
    case_id = granted(market, "CB-8-2")
    staff = looks(market, "rini", "support")
    page = staff.open(f"/cases/{case_id}").text
    assert "Batas waktu menjawab bank" in page
    assert f"/cases/{case_id}/file" in page
    assert "Dana ini menunggu keputusan bank" in page
    assert "retry-part" not in page.split("refund-parts")[1].split('name="part" value="2"')[0]
    assert "digugat lewat bank" in staff.open(f"/cases/{case_id}/file").text
    buyer = looks(market, "budi", "buyer").open(f"/cases/{case_id}").text
    assert "Batas waktu menjawab bank" not in buyer
    assert "ditahan sampai bank Anda" in buyer
    operations = looks(market, "omar", "operator").open("/operations/lists/disputed").text
    assert operations.index("CB-8-2") < operations.index("CB-8-1")


def test_money_that_went_twice_is_said_to_people(market: Marketplace) -> None:
    market.order("CB-10", tenders={"card": CARD, "bank": BANK})
    case_id = granted(market, "CB-10")
    market.all_goes_out(case_id)
    for part, amount in (("1", CARD), ("2", BANK)):
        at = (market.world.clock() + timedelta(seconds=int(part))).isoformat()
        said = {"event_id": part, "state": "succeeded", "amount": amount, "at": at}
        market.oms("POST", f"/v1/refunds/rf_{case_id}/parts/{part}/events", said)
    tell(market, "CB-10", "lost")
    (known,) = market.support("GET", "/v1/orders/CB-10").json["chargebacks"]
    assert known["paid_as_well"] == CARD
    page = looks(market, "rini", "support").open(f"/cases/{case_id}").text
    assert "Rp100.000 dari yang diberikan bank" in page
