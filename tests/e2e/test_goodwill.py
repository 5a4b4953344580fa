"""Money that customer service gives back without a request: once, never more than is there, much by two persons."""

from typing import Any

import pytest

from chalicelib.domain.cases.soundness import Soundness, examine
from chalicelib.domain.orders.body import Line
from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Answer, Marketplace

TWO = (Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),)


def give(market: Marketplace, order_id: str, amount: int, *, who: str = "sari", **more: Any) -> Answer:
    body = {"amount": amount, "note": "the parcel came late", **more}
    return market.as_("support", who, "POST", f"/v1/orders/{order_id}/refunds", body)


def options(market: Marketplace, order_id: str) -> Any:
    return market.buyer("GET", f"/v1/orders/{order_id}/cancellation-options").json["quote"]


def delivered(market: Marketplace, order_id: str, tenders: dict[str, int] | None = None, **more: Any) -> str:
    return market.order(order_id, lines=TWO, status="delivered", tenders=tenders or {"card": 100_000}, **more)


def test_goodwill_goes_back_and_the_buyer_hears_that_nothing_else_changes(market: Marketplace) -> None:
    delivered(market, "W-1")
    answer = give(market, "W-1", 25_000)
    assert answer.status == 201
    refund = answer.json
    assert (refund["total"], refund["needs_second_person"], refund["order_id"]) == (25_000, False, "W-1")
    assert [(part["tender_id"], part["amount"], part["state"]) for part in refund["parts"]] == [("card", 25_000, "due")]
    case = market.case(refund["case_id"])
    assert (case["kind"], case["state"], case["reason"]["code"]) == ("correction", "refunding", "goodwill")
    market.all_goes_out(refund["case_id"])
    # Time that is moved by hand may have one sent twice: once for each promise.
    mails = list({each.effect_id: each for each in market.mails() if "W-1" in each.text}.values())
    assert [each.subject for each in mails] == [
        f"Sebagian dana Anda dikembalikan: 2x Kemeja, Rp25.000 · {mails[0].case_id}"
    ]
    assert "Rp25.000" in mails[0].text
    assert "Pesanan Anda tetap seperti semula" in mails[0].text
    assert "dibatalkan." not in mails[0].text.split("Jika nanti")[0]
    order = market.support("GET", "/v1/orders/W-1").json
    assert order["status"] == "delivered"
    assert [line["cancelled_quantity"] + line["returned_quantity"] for line in order["lines"]] == [0]


def test_what_was_given_is_not_given_again(market: Marketplace) -> None:
    market.order("W-2", lines=TWO, tenders={"card": 100_000})
    assert options(market, "W-2")["refund_total"] == 100_000
    assert give(market, "W-2", 30_000).status == 201
    assert options(market, "W-2")["refund_total"] == 70_000
    granted = market.say("seller", market.ask("W-2")["case_id"], "approve")
    assert granted["refund"]["total"] == 70_000
    refused = give(market, "W-2", 1)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "amount")


def test_a_request_that_is_open_is_quoted_anew(market: Marketplace) -> None:
    market.order("W-3", lines=TWO, tenders={"card": 100_000})
    asked = market.ask("W-3")
    assert give(market, "W-3", 30_000).status == 201
    assert market.case(asked["case_id"])["quote"]["refund_total"] == 70_000
    assert market.say("seller", asked["case_id"], "approve")["refund"]["total"] == 70_000


def test_money_of_several_tenders_goes_in_proportion_and_vouchers_never_become_money(market: Marketplace) -> None:
    delivered(market, "W-4", {"card": 45_000, "bank": 15_000, "voucher": 40_000})
    parts = give(market, "W-4", 20_000).json["parts"]
    assert {part["tender_id"]: part["amount"] for part in parts} == {"card": 15_000, "bank": 5_000}
    parts = give(market, "W-4", 10_000, tender_id="bank", reason="partial_keep").json["parts"]
    assert {part["tender_id"]: part["amount"] for part in parts} == {"bank": 10_000}
    for wrong in ({"tender_id": "voucher"}, {"tender_id": "nobody"}, {"tender_id": "bank"}):
        assert give(market, "W-4", 1, **wrong).status == 422
    assert give(market, "W-4", 30_001).status == 422
    assert give(market, "W-4", 30_000).status == 201


@pytest.mark.parametrize("limits", [{"second_person_above": 20_000}, {"currency_of_figures": "USD"}])
def test_a_large_sum_moves_once_a_second_person_says_the_same(open_marketplace: Any, limits: dict[str, Any]) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, **limits))
    delivered(market, "W-5")
    first = give(market, "W-5", 25_000, reason="partial_keep")
    assert (first.status, first.json["needs_second_person"]) == (202, True)
    wanted = {"amount": 25_000, "tender_id": None, "reason": "partial_keep"}
    wanted |= {"by": "sari", "note": "the parcel came late"}
    assert first.json["first_yes"] == wanted
    assert market.support("GET", "/v1/orders/W-5").json["goodwill_waits"] == wanted
    assert "goodwill_waits" not in market.seller("GET", "/v1/orders/W-5").json
    assert market.support("GET", "/v1/orders/W-5").json["cases"] == []
    assert give(market, "W-5", 25_000, reason="partial_keep").json["code"] == "same_person"
    assert give(market, "W-5", 26_000, reason="partial_keep", who="rini").status == 202
    assert give(market, "W-5", 26_000, reason="partial_keep", who="rini").json["code"] == "same_person"
    done = give(market, "W-5", 26_000, reason="partial_keep")
    assert (done.status, done.json["total"]) == (201, 26_000)
    assert market.case(done.json["case_id"])["first_yes"] == "rini"
    order = market.support("GET", "/v1/orders/W-5").json
    assert (order["goodwill_waits"], order["money"]["goodwill"]) == (None, 26_000)


@pytest.fixture
def given_by_two(open_marketplace: Any) -> tuple[Marketplace, str]:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, second_person_above=20_000))
    delivered(market, "X-1")
    give(market, "X-1", 25_000, who="rini", note="the collar is torn")
    given = give(market, "X-1", 25_000, note="seen on the photo")
    return market, given.json["case_id"]


def test_why_the_first_of_two_wanted_it_stays_among_staff(given_by_two: tuple[Marketplace, str]) -> None:
    market, case_id = given_by_two
    (entry,) = market.support("GET", f"/v1/cases/{case_id}/timeline").json["items"]
    assert (entry["note"], entry["facts"]["first_note"]) == ("seen on the photo", "the collar is torn")
    for reader in (market.buyer, market.seller):
        (entry,) = reader("GET", f"/v1/cases/{case_id}/timeline").json["items"]
        assert entry["note"] is None
        assert "first_note" not in entry["facts"]
        assert "collar" not in str(reader("GET", f"/v1/cases/{case_id}/file").json)
    row = market.row(case_id)
    sealed = examine(market.world.ports.store.timeline(case_id), row.entries, row.head)
    assert sealed.whole is Soundness.INTACT


@pytest.mark.parametrize("told", ["succeeded", "failed"])
def test_a_provider_says_how_goodwill_went(market: Marketplace, told: str) -> None:
    delivered(market, "X-2")
    given = give(market, "X-2", 25_000).json
    word = {"event_id": "e1", "status": told, "amount": 25_000, "at": market.world.clock().isoformat()}
    answer = market.oms("POST", f"/v1/refunds/{given['refund_id']}/events", word)
    assert (answer.status, answer.json["state"]) == (200, told)
    case = market.case(given["case_id"])
    assert (case["state"], case["outcome"]) == (("closed", "settled") if told == "succeeded" else ("refunding", None))


def test_small_sums_together_are_a_large_one(open_marketplace: Any) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, second_person_above=20_000))
    delivered(market, "W-6")
    assert [give(market, "W-6", 10_000).status for _ in range(3)] == [201, 201, 202]


def test_a_key_that_is_sent_again_gives_once(market: Marketplace) -> None:
    delivered(market, "W-7")
    body = {"amount": 10_000, "note": "sorry"}
    sent = [market.support("POST", "/v1/orders/W-7/refunds", body, **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert [each.status for each in sent] == [201, 201]
    assert sent[0].json == sent[1].json
    assert len(market.support("GET", "/v1/orders/W-7").json["cases"]) == 1


def test_what_nobody_paid_cannot_be_given_and_others_may_not_give(market: Marketplace) -> None:
    market.order("W-8", lines=TWO, status="unpaid", paid=False, tenders={"card": 100_000})
    assert give(market, "W-8", 1).json["errors"][0]["message"] == "nothing is left to give"
    assert give(market, "W-8", 0).status == 422
    assert give(market, "nobody", 1).status == 404
    path, body = "/v1/orders/W-8/refunds", {"amount": 1, "note": "x"}
    assert {call("POST", path, body).status for call in (market.buyer, market.seller, market.operator, market.oms)} == {
        403
    }


def test_a_wallet_has_it_at_once_and_the_page_says_what_it_was(market: Marketplace) -> None:
    delivered(market, "W-9", {"wallet": 100_000})
    refund = give(market, "W-9", 25_000).json
    assert [part["state"] for part in refund["parts"]] == ["succeeded"]
    case = market.case(refund["case_id"])
    assert (case["state"], case["outcome"]) == ("closed", "settled")
    assert case["decision"]["command"] == "correct"
    told = market.support("GET", f"/v1/refunds/{refund['refund_id']}").json["explanation"]
    assert any("25.000" in sentence for sentence in told)
    market.all_goes_out(refund["case_id"])
    leads = [each.text for each in market.mails() if "W-9" in each.text]
    assert not any("pesanan yang dibatalkan" in text for text in leads)
