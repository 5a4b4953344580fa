"""Tenders over HTTP: all that is told of them is shown to who may read it, said in words, and given back one by one."""

from collections.abc import Iterator
from typing import Any

import boto3
import msgspec
import pytest

from chalicelib.domain.orders.body import Tender, TenderState
from chalicelib.domain.orders.methods import Method
from chalicelib.edge.limits import MOST_TENDERS
from infra.sandbox.builders import NOW, a_body
from tests.e2e.conftest import Answer, Marketplace, marketplace, until
from tests.e2e.test_pages import Phone

GOPAY = Tender(
    method=Method.EWALLET,
    amount=100_000,
    tender_id="pay-1",
    provider="midtrans",
    channel="gopay",
    reference="reference-4811",
    references={"transaction_id": "reference-4812"},
    state=TenderState.COLLECTED,
    collected_at=NOW,
)
BCA = Tender(method=Method.VIRTUAL_ACCOUNT, amount=50_000, tender_id="pay-2", channel="bca")
NOTHING = {"method": "card", "amount": 0}
VOID = Tender(method=Method.CARD, amount=150_000, channel="visa", state=TenderState.VOID)


@pytest.fixture(scope="module")
def market() -> Iterator[Marketplace]:
    """One for all of these; each test brings its own order."""
    with marketplace() as made:
        yield made


def pushed(market: Marketplace, order_id: str, *tenders: Any, version: int = 1) -> Answer:
    body = msgspec.to_builtins(a_body(order_id=order_id, version=version))
    return market.oms("PUT", f"/v1/orders/{order_id}", {**body, "tenders": msgspec.to_builtins(tenders)})


def test_all_that_was_told_of_a_tender_is_shown(market: Marketplace) -> None:
    assert pushed(market, "TEN-1", GOPAY, BCA, VOID).status == 201
    told = msgspec.to_builtins((GOPAY, BCA, VOID))
    for reader in (market.support, market.buyer):
        shown = reader("GET", "/v1/orders/TEN-1").json["tenders"]
        assert msgspec.convert(shown, tuple[Tender, ...]) == msgspec.convert(told, tuple[Tender, ...])


def test_a_seller_reads_how_it_was_paid_and_not_by_what_the_provider_knows_it(market: Marketplace) -> None:
    pushed(market, "TEN-2", GOPAY, BCA)
    answer = market.seller("GET", "/v1/orders/TEN-2")
    assert [(each["method"], each["channel"]) for each in answer.json["tenders"]] == [
        ("ewallet", "gopay"),
        ("virtual_account", "bca"),
    ]
    case_id = market.ask("TEN-2")["case_id"]
    file = market.seller("GET", f"/v1/cases/{case_id}/file")
    assert file.status == 200
    for text in (answer.text, file.text):
        assert "reference-48" not in text


def test_no_reference_reaches_the_log(market: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="chalicelib")
    assert pushed(market, "TEN-3", GOPAY, BCA).status == 201
    wrong = msgspec.to_builtins(GOPAY) | {"state": "paid"}
    assert pushed(market, "TEN-3", wrong, BCA).status == 422
    assert pushed(market, "TEN-3", GOPAY).status == 422
    boto3.client("sesv2").delete_email_identity(EmailIdentity="batal@example.com")
    case_id = market.ask("TEN-3")["case_id"]
    market.later(100)
    until(lambda: [each for each in caplog.records if each.name.startswith("chalicelib")], 15)
    boto3.client("sesv2").create_email_identity(EmailIdentity="batal@example.com")
    market.say("seller", case_id, "approve")
    ours = [each for each in caplog.records if each.name.startswith("chalicelib")]
    assert ours
    assert "reference-48" not in "\n".join(f"{each.getMessage()} {each.__dict__}" for each in ours)


def test_each_tender_is_given_back_by_its_own_name_and_in_words(market: Marketplace) -> None:
    pushed(market, "TEN-4", GOPAY, BCA, VOID)
    phone = Phone(market)
    phone.sign_in()
    order = phone.open("/orders/TEN-4").text
    assert "Dibayar dengan: GoPay, Virtual account BCA</p>" in order
    asking = phone.open("/orders/TEN-4/cancel?reason_code=wrong_size").text
    assert "Virtual account BCA: Rp50.000" in asking
    assert "GoPay: Rp100.000" in asking
    case_id = market.ask("TEN-4")["case_id"]
    assert "<li>GoPay: Rp100.000</li>" in phone.open(f"/cases/{case_id}").text
    granted = market.say("seller", case_id, "approve")
    parts = {part["tender_id"]: part for part in granted["refund"]["parts"]}
    assert {name: (part["method"], part["channel"], part["amount"]) for name, part in parts.items()} == {
        "pay-1": ("ewallet", "gopay", 100_000),
        "pay-2": ("virtual_account", "bca", 50_000),
    }
    assert [each["tender_id"] for each in granted["quote"]["tenders"]] == ["pay-1", "pay-2"]
    market.money_is_sent(case_id)
    body = {"event_id": "e1", "status": "succeeded", "amount": 150_000, "at": "2026-11-23T10:00:00Z"}
    assert market.oms("POST", f"/v1/refunds/rf_{case_id}/events", body).status == 200
    market.all_goes_out(case_id)
    # It may come twice where the sweep is sooner than the execution.
    mail = next(each for each in market.mails() if each.kind == "money_returned" and "TEN-4" in each.text)
    assert "GoPay: Rp100.000" in mail.text
    assert "Virtual account BCA: Rp50.000" in mail.text


@pytest.mark.parametrize(
    ("tenders", "code"),
    [
        ((VOID,), "amounts_do_not_add_up"),
        ((GOPAY, GOPAY), "validation_failed"),
        (({"method": "cheque", "amount": 150_000},), "validation_failed"),
        (({"method": "card", "amount": 150_000, "indivisible": True},), "validation_failed"),
        (({"method": "card", "amount": 150_000, "collected_at": NOW},), "validation_failed"),
        (tuple({**NOTHING, "tender_id": str(number)} for number in range(MOST_TENDERS + 1)), "validation_failed"),
    ],
    ids=["all void", "one name twice", "unknown method", "indivisible money", "collected, not told so", "too many"],
)
def test_tenders_that_cannot_be_refuse_the_order_and_change_nothing(
    market: Marketplace, tenders: Any, code: str
) -> None:
    pushed(market, "TEN-5", GOPAY, BCA)
    before = market.support("GET", "/v1/orders/TEN-5").json
    answer = pushed(market, "TEN-5", *tenders, version=2)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert market.support("GET", "/v1/orders/TEN-5").json == before


def test_as_many_tenders_as_are_taken_are_given_back(market: Marketplace) -> None:
    many = [
        Tender(method=method, amount=7_500, tender_id=f"{number:02}" + "x" * 126, channel="gopay")
        for number, method in zip(range(MOST_TENDERS), list(Method) * 2, strict=False)
    ]
    assert pushed(market, "TEN-6", *many).status == 201
    case_id = market.ask("TEN-6")["case_id"]
    granted = market.say("seller", case_id, "approve")
    assert sum(part["amount"] for part in granted["refund"]["parts"]) == granted["refund"]["total"]
    # Cash is not there before the parcel is.
    cash = sum(each.amount for each in many if each.method is Method.COD)
    assert granted["refund"]["total"] == 150_000 - cash


def test_an_operator_learns_which_payment_nobody_knows(market: Marketplace) -> None:
    policy = {**market.operator("GET", "/v1/policies/lazada").json, "version": 2}

    def put(channel: str) -> Answer:
        times = {"ewallet": {"amount": 1, "unit": "days", "channels": {channel: {"amount": 2, "unit": "hours"}}}}
        return market.operator("PUT", "/v1/policies/lazada", {**policy, "refund_times": times})

    refused = put("gopya")
    assert (refused.status, refused.json["code"]) == (422, "validation_failed")
    assert refused.json["errors"][0]["field"] == "refund_times.ewallet.channels.gopya"
    kept = put("gopay")
    assert kept.status == 200
    assert kept.json["refund_order"] is None
    shown = market.operator("GET", "/v1/policies/lazada").json
    assert (shown["version"], shown["refund_times"]) == (2, kept.json["refund_times"])
