"""What providers write, as their documentation shows it and no fake of ours made it, read by the adapters."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.domain.money.payout import Account
from chalicelib.domain.money.providers import Became, PartRequest, Provider
from chalicelib.domain.orders.methods import Method
from infra.sandbox.providers.serving import Say, served
from tests.fakes.provider_halls import SECRETS, Hands, adapter

WORDS = Path(__file__).parent / "provider_words"
ASKED = PartRequest(
    key="rf_1-card-1",
    refund_id="rf_1",
    tender_id="card",
    method=Method.CARD,
    amount=40_000,
    currency="IDR",
    references={"order_id": "LZD-1", "payment_id": "py-1", "charge": "ch_1"},
    collected=163_000,
)


class Recording:
    """Answers one thing, and keeps what it was asked."""

    def __init__(self, name: str) -> None:
        self.says = (WORDS / f"{name}.json").read_bytes()
        self.asked: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Say:
        self.asked.append((method, path, headers, body))
        return Say(200, self.says)


@contextmanager
def saying(provider: str, words: str) -> Iterator[tuple[Provider, Recording]]:
    recording = Recording(words)
    with served(recording) as address:
        yield adapter(provider, Hands(), address), recording


def test_a_denial_of_midtrans_looks_well_and_is_none() -> None:
    with saying("midtrans", "midtrans_denied") as (midtrans, recording):
        answer = midtrans.send(ASKED)
    assert (answer.became, answer.code, answer.reference, answer.is_final) == (Became.FAILED, "202", "51", True)
    # How a payment by card stands is asked first.
    (_, path, _, _), (method, *_) = recording.asked
    assert path == "/v2/LZD-1/status"
    _, path, headers, body = recording.asked[1]
    assert (method, path) == ("POST", "/v2/LZD-1/refund")
    assert json.loads(body) == {"refund_key": "rf_1-card-1", "amount": 40_000, "reason": "order refund rf_1"}
    assert headers["authorization"] == "Basic dGVzdC1taWR0cmFucy1zZXJ2ZXIta2V5Og=="


def test_midtranss_list_says_what_became_of_each() -> None:
    with saying("midtrans", "midtrans_status") as (midtrans, _):
        waiting, gone = midtrans.find(ASKED), midtrans.find(replace(ASKED, key="rf_0-card-1"))
        assert midtrans.find(replace(ASKED, key="rf_0-card-2")).became is Became.UNKNOWN
    assert (waiting.became, waiting.amount) == (Became.PENDING, 40_000)
    assert (gone.became, gone.amount) == (Became.SUCCEEDED, 23_000)


def test_a_refund_that_xendit_cancelled_failed() -> None:
    with saying("xendit", "xendit_refund") as (xendit, recording):
        answer = xendit.send(ASKED)
    assert (answer.became, answer.code, answer.again, answer.amount) == (Became.FAILED, "CANCELLED", False, 40_000)
    ((method, path, headers, body),) = recording.asked
    assert (method, path, headers["api-version"]) == ("POST", "/v3/refunds", "2024-11-11")
    sent = json.loads(body)
    assert (sent["reference_id"], sent["payment_id"], sent["amount"]) == ("rf_1-card-1", "py-1", 40_000)


def test_xendits_event_within_an_event_is_read_in_the_units_of_its_currency() -> None:
    xendit = adapter("xendit", Hands(), "https://x")
    headers = {"X-Callback-Token": SECRETS["xendit"]["callback_token"]}
    (heard,) = xendit.heard(headers, (WORDS / "xendit_webhook_old.json").read_bytes())
    assert (heard.key, heard.reference, heard.became) == ("rf_1-card-1", "rfd-1", Became.FAILED)
    assert (heard.amount, heard.code) == (1_000_000, "INSUFFICIENT_BALANCE")
    assert heard.at == datetime(2026, 11, 25, 9, 12, 33, 1000, tzinfo=UTC)


def test_a_refund_that_asks_for_something_at_stripe_is_pending() -> None:
    with saying("stripe", "stripe_refund") as (stripe, recording):
        answer = stripe.send(replace(ASKED, amount=1_000, currency="USD"))
    assert (answer.became, answer.reference, answer.amount) == (Became.PENDING, "re_9", 1_000)
    ((_, path, headers, body),) = recording.asked
    assert (path, headers["idempotency-key"]) == ("/v1/refunds", "rf_1-card-1")
    assert b"charge=ch_1&amount=1000&" in body


def test_a_payout_is_asked_of_xendit_as_its_pages_have_it() -> None:
    account = Account(method=Method.EWALLET, channel="gopay", number="+6281234567890", holder="Michael Chen")
    with saying("xendit_payouts", "xendit_payout") as (payouts, recording):
        answer = payouts.send(replace(ASKED, account=account))
    assert (answer.became, answer.amount) == (Became.PENDING, 40_000)
    assert answer.reference == "disb-571f3644d2b4edf0745e9703"
    ((method, path, headers, body),) = recording.asked
    assert (method, path, headers["idempotency-key"]) == ("POST", "/v2/payouts", "rf_1-card-1")
    sent = json.loads(body)
    assert (sent["reference_id"], sent["channel_code"], sent["amount"]) == ("rf_1-card-1", "ID_GOPAY", 40_000)
    assert sent["channel_properties"] == {"account_number": "081234567890", "account_holder_name": "Michael Chen"}
    assert (sent["currency"], len(sent["description"]) <= 100) == ("IDR", True)


def test_xendits_word_of_a_payout_is_heard_and_that_of_its_newer_interface_is_none_of_ours() -> None:
    payouts = adapter("xendit_payouts", Hands(), "https://x")
    headers = {"X-Callback-Token": SECRETS["xendit_payouts"]["callback_token"]}
    raw = (WORDS / "xendit_payout_webhook.json").read_bytes()
    (heard,) = payouts.heard(headers, raw)
    assert (heard.key, heard.became, heard.amount) == ("rf_1-card-1", Became.SUCCEEDED, 40_000)
    assert heard.at == datetime(2024, 12, 31, 23, 53, 59, tzinfo=UTC)
    assert payouts.heard(headers, raw.replace(b"payout.succeeded", b"v3_payout.succeeded")) == []
