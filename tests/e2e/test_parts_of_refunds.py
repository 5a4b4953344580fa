"""Each part of a refund has a life of its own: its payer tells of it, people look after it, and the buyer is told."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.orders.body import Line
from tests.e2e.conftest import Answer, Marketplace

CARD, BANK, COINS = 100_000, 30_000, 20_000
DEAR = Line(line_id="1", name="Laptop", quantity=1, unit_price=9_000_000)
NOTE = {"note": "asked the bank"}


@pytest.fixture
def refunding(market: Marketplace) -> tuple[Marketplace, str]:
    """An order paid by card, bank and coins, of which all goes back."""
    market.order("PART-1", tenders={"card": CARD, "bank": BANK, "coins": COINS})
    case_id = market.ask("PART-1")["case_id"]
    market.say("seller", case_id, "approve")
    market.all_goes_out(case_id)
    return market, case_id


def told(market: Marketplace, case_id: str, part: str, state: str, amount: int, **more: Any) -> Answer:
    at = more.pop("at", market.world.clock().isoformat())
    body = {"event_id": f"{part}-{state}-{at}", "state": state, "amount": amount, "at": at, **more}
    return market.oms("POST", f"/v1/refunds/rf_{case_id}/parts/{part}/events", body)


def steered(market: Marketplace, case_id: str, part: str, way: str, who: str = "rini", **said: Any) -> Answer:
    return market.as_("support", who, "POST", f"/v1/refunds/rf_{case_id}/parts/{part}/{way}", {**NOTE, **said})


def refund_of(market: Marketplace, case_id: str) -> Any:
    return market.support("GET", f"/v1/refunds/rf_{case_id}").json


def states(refund: Any) -> list[str]:
    return [part["state"] for part in refund["parts"]]


def test_a_card_and_a_bank_each_tell_their_own_share(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    assert states(refund_of(market, case_id)) == ["sent", "sent", "sent"]
    assert told(market, case_id, "1", "succeeded", CARD, reference="c-9").json["state"] == "pending"
    assert market.case(case_id)["state"] == "refunding"
    done = told(market, case_id, "2", "succeeded", BANK).json
    assert (done["state"], states(done)) == ("succeeded", ["succeeded", "succeeded", "sent"])
    assert market.case(case_id)["state"] == "closed"
    # Coins keep no case open, and are found until the marketplace says that they are back.
    assert [each["case_id"] for each in market.support("GET", "/v1/refunds?state=sent").json["items"]] == [case_id]
    assert states(told(market, case_id, "3", "succeeded", COINS).json) == ["succeeded"] * 3
    assert market.support("GET", "/v1/refunds?state=sent").json["items"] == []
    assert done["parts"][0]["reference"] == "c-9"


def test_words_about_the_whole_refund_may_mean_the_part_of_that_amount(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    answers = []
    for number, amount in enumerate((CARD, BANK)):
        body = {"event_id": f"e{number}", "status": "succeeded", "amount": amount, "at": "2026-11-23T10:00:00Z"}
        answers.append(market.oms("POST", f"/v1/refunds/rf_{case_id}/events", body).json["state"])
    assert answers == ["pending", "succeeded"]


def test_what_is_wrong_late_or_doubled_moves_no_money_and_is_seen(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    now = market.world.clock()
    assert told(market, case_id, "9", "succeeded", CARD).status == 404
    told(market, case_id, "1", "failed", CARD, at=now.isoformat(), code="account_closed")
    told(market, case_id, "1", "failed", CARD, at=now.isoformat(), code="account_closed")
    told(market, case_id, "1", "succeeded", CARD, at=(now - timedelta(hours=1)).isoformat())
    answer = told(market, case_id, "1", "succeeded", CARD - 1).json
    assert states(answer) == ["failed", "sent", "sent"]
    assert [each["not_taken"] for each in answer["not_taken"]] == ["older_than_what_is_known", "amount_differs"]
    assert answer["parts"][0]["last_answer"]["code"] == "account_closed"


def test_a_failed_part_is_retried_once_by_a_further_try(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    key = refund_of(market, case_id)["parts"][0]["key"]
    told(market, case_id, "1", "failed", CARD)
    market.all_goes_out(case_id)
    assert ("budi", "money_delayed") in market.kinds_mailed()
    market.later(3600)
    again = steered(market, case_id, "1", "retry").json["parts"][0]
    assert (again["tries"], again["key"] == key) == (2, False)
    market.all_goes_out(case_id)
    assert states(refund_of(market, case_id))[0] == "sent"
    late = told(market, case_id, "1", "failed", CARD, at=(market.world.clock() - timedelta(minutes=30)).isoformat())
    assert late.json["not_taken"][-1]["not_taken"] == "about_another_try"
    assert states(told(market, case_id, "1", "succeeded", CARD).json)[0] == "succeeded"


def test_coins_that_failed_are_asked_for_by_a_further_try_as_money_is(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    key = refund_of(market, case_id)["parts"][2]["key"]
    told(market, case_id, "3", "failed", COINS)
    again = steered(market, case_id, "3", "retry").json["parts"][2]
    assert (again["state"], again["tries"], again["key"] == key) == ("due", 2, False)


def test_a_part_that_failed_goes_to_the_wallet_and_only_once(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    assert steered(market, case_id, "1", "redirect", to="wallet").json["code"] == "part_not_stuck"
    told(market, case_id, "1", "failed", CARD)
    moved = steered(market, case_id, "1", "redirect", to="wallet").json
    assert states(moved) == ["redirected", "sent", "sent", "succeeded"]
    assert moved["parts"][3]["instead_of"] == "1"
    wallet = market.buyer("GET", "/v1/wallets/budi?currency=IDR").json
    assert wallet["balance"] == CARD
    assert steered(market, case_id, "1", "redirect", to="wallet").json["code"] == "part_is_done"
    # The card's word comes all the same: nobody pays twice, and people see it.
    assert told(market, case_id, "1", "succeeded", CARD).json["not_taken"][-1]["not_taken"] == "went_another_way"
    assert market.buyer("GET", "/v1/wallets/budi?currency=IDR").json["balance"] == CARD
    told(market, case_id, "3", "failed", COINS)
    assert steered(market, case_id, "3", "redirect", to="wallet").json["code"] == "part_is_no_money"


def test_money_that_bounces_after_it_went_opens_the_refund_again(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    told(market, case_id, "1", "succeeded", CARD)
    told(market, case_id, "2", "succeeded", BANK)
    market.later(72 * 3600)
    bounced = told(market, case_id, "2", "reversed", BANK, code="account_closed").json
    assert (bounced["state"], states(bounced)[1]) == ("failed", "reversed")
    assert market.case(case_id)["state"] == "closed"
    market.all_goes_out(case_id)
    assert ("budi", "money_bounced") in market.kinds_mailed()
    listed = market.support("GET", "/v1/refunds?state=reversed").json["items"]
    assert [each["refund_id"] for each in listed] == [f"rf_{case_id}"]
    done = steered(market, case_id, "2", "resolve", reference="TF-77").json
    assert (done["state"], done["parts"][1]["reference"]) == ("succeeded", "TF-77")
    assert market.support("GET", "/v1/refunds?state=failed").json["items"] == []


def test_above_the_limit_two_people_agree_on_what_becomes_of_a_part(market: Marketplace) -> None:
    market.order("PART-2", tenders={"card": 9_000_000}, lines=(DEAR,))
    case_id = market.ask("PART-2")["case_id"]
    market.say("seller", case_id, "approve")
    market.all_goes_out(case_id)
    told(market, case_id, "1", "failed", 9_000_000)
    first = steered(market, case_id, "1", "redirect", to="wallet").json
    assert (states(first), first["parts"][0]["first_yes"]["by"]) == (["failed"], "rini")
    assert steered(market, case_id, "1", "redirect", to="wallet").json["code"] == "same_person"
    second = steered(market, case_id, "1", "redirect", who="tuti", to="wallet").json
    assert states(second) == ["redirected", "succeeded"]


def test_what_never_comes_is_asked_for_again_and_then_held(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    told(market, case_id, "2", "succeeded", BANK)
    for tries in (2, 3):
        told(market, case_id, "1", "failed", CARD)
        market.expire(case_id)
        part = refund_of(market, case_id)["parts"][0]
        assert (part["tries"], refund_of(market, case_id)["state"]) == (tries, "stuck")
    told(market, case_id, "1", "failed", CARD)
    market.expire(case_id)
    assert refund_of(market, case_id)["parts"][0]["state"] == "held"


def test_a_refund_says_what_others_must_book(refunding: tuple[Marketplace, str]) -> None:
    market, case_id = refunding
    assert refund_of(market, case_id)["to_book"]["lines"]
    assert "to_book" not in market.buyer("GET", f"/v1/refunds/rf_{case_id}").json
