"""What the marketplace takes out of wallets, the ledger of all money that moved, and its export."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from standardwebhooks.webhooks import Webhook

from infra import ledger
from infra.sandbox import tokens
from infra.sandbox.builders import a_policy
from infra.sandbox.world import SECRETS
from tests.e2e.conftest import Answer, Marketplace

WALLET, DEBITS = "/v1/wallets/budi", "/v1/wallets/budi/debits"


def refunded(market: Marketplace, order_id: str = "W-1", **order: Any) -> str:
    """Rp150.000 go back to Budi; gives the case."""
    case_id: str = market.ask(market.order(order_id, **order))["case_id"]
    if market.say("seller", case_id, "approve")["outcome"]:
        market.ended(case_id)
    return case_id


def debit(market: Marketplace, amount: Any = 40_000, event_id: str = "e1", **more: Any) -> Answer:
    body = {"event_id": event_id, "currency": "IDR", "amount": amount, "reason": "order LZD-9", **more}
    return market.oms("POST", DEBITS, body)


def wallet(market: Marketplace, query: str = "") -> Any:
    return market.buyer("GET", f"{WALLET}{query}").json


def period(market: Marketplace) -> dict[str, str]:
    """All days around now, as a query."""
    now = market.world.clock()
    return {"since": (now - timedelta(days=40)).isoformat(), "until": (now + timedelta(days=40)).isoformat()}


def booked(market: Marketplace, **query: str) -> list[Any]:
    """Every entry of the ledger, page by page."""

    def fetch(path: str, asked: Any) -> Any:
        answer = market.operator("GET", f"{path}?{urlencode({**asked, **query})}")
        assert answer.status == 200, answer
        return answer.json

    return list(ledger.entries(fetch, "IDR", **period(market)))


# --- debits


def test_a_debit_takes_money_out_of_a_wallet_and_the_buyer_sees_it(market: Marketplace) -> None:
    case_id = refunded(market)
    answer = debit(market, 40_000)
    assert answer.status == 201
    assert {
        name: answer.json[name] for name in ("buyer_id", "currency", "direction", "amount", "event_id", "reason")
    } == {
        "buyer_id": "budi",
        "currency": "IDR",
        "direction": "debit",
        "amount": 40_000,
        "event_id": "e1",
        "reason": "order LZD-9",
    }
    seen = wallet(market)
    assert seen["balance"] == 110_000
    assert [(entry["direction"], entry["amount"]) for entry in seen["entries"]] == [
        ("debit", 40_000),
        ("credit", 150_000),
    ]
    assert seen["entries"][1]["case_id"] == case_id
    assert "case_id" not in seen["entries"][0]


def test_the_same_event_counts_once_and_is_answered_the_same(market: Marketplace) -> None:
    refunded(market)
    first = debit(market)
    market.world.clock.advance(3_600)
    again = debit(market, reason="told in other words")
    assert (again.status, again.json) == (first.status, first.json)
    assert wallet(market)["balance"] == 110_000
    keyed = market.oms("POST", DEBITS, {**said(), "event_id": "e1"}, Idempotency_Key="k")
    replayed = market.oms("POST", DEBITS, {**said(), "event_id": "e1"}, Idempotency_Key="k")
    assert keyed.json == replayed.json == first.json
    assert replayed.headers["idempotent-replayed"] == "true"
    assert wallet(market)["balance"] == 110_000


def said(**more: Any) -> dict[str, Any]:
    return {"event_id": "e2", "currency": "IDR", "amount": 40_000, "reason": "order LZD-9", **more}


def test_a_key_replays_a_debit_that_was_made_and_not_one_that_was_refused(market: Marketplace) -> None:
    assert market.oms("POST", DEBITS, said(), Idempotency_Key="k").json["code"] == "balance_too_low"
    refunded(market)
    first = market.oms("POST", DEBITS, said(), Idempotency_Key="k")
    again = market.oms("POST", DEBITS, said(), Idempotency_Key="k")
    assert (first.status, again.json) == (201, first.json)
    assert wallet(market)["balance"] == 110_000


def test_an_event_that_comes_with_another_amount_is_refused_with_the_first_one(market: Marketplace) -> None:
    refunded(market)
    debit(market, 40_000)
    before = market.everything()
    for amount in (39_999, 40_001, 1_000_000):
        answer = debit(market, amount)
        assert (answer.status, answer.json["code"], answer.json["amount"]) == (422, "event_differs", 40_000)
    assert market.everything() == before


def test_nobody_spends_what_is_not_there_and_the_refusal_says_how_much_is(market: Marketplace) -> None:
    refunded(market)
    debit(market, 100_000)
    before = market.everything()
    answer = debit(market, 50_001, "e2")
    assert (answer.status, answer.json["code"]) == (409, "balance_too_low")
    assert (answer.json["balance"], answer.json["currency"]) == (50_000, "IDR")
    nobody = market.oms("POST", "/v1/wallets/nobody/debits", said(amount=1))
    assert (nobody.status, nobody.json["balance"]) == (409, 0)
    dollars = market.oms("POST", DEBITS, said(currency="USD", amount=1))
    assert (dollars.status, dollars.json["balance"]) == (409, 0)
    assert market.everything() == before
    assert debit(market, 50_000, "e2").status == 201
    assert wallet(market)["balance"] == 0


def test_a_signed_debit_names_the_wallet_that_it_is_meant_for(market: Marketplace) -> None:
    refunded(market)
    body, now = json.dumps(said(buyer_id="budi")), datetime.now(UTC)
    signature = Webhook(SECRETS["PAYMENTS_SECRET"]).sign("m1", now, body)
    headers = {"webhook-id": "m1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    elsewhere = market.call("POST", "/v1/wallets/ani/debits", body, headers=headers)
    assert (elsewhere.status, elsewhere.json["code"]) == (422, "validation_failed")
    assert market.call("POST", DEBITS, body, headers=headers).status == 201


def test_a_wallet_is_read_page_by_page(market: Marketplace) -> None:
    refunded(market)
    for number in range(4):
        market.world.clock.advance(60)
        debit(market, 1_000, f"e{number}")
    read, cursor = [], ""
    while True:
        page = wallet(market, f"?limit=2{cursor}")
        assert page["balance"] == 146_000
        read += [entry.get("event_id") for entry in page["entries"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert read == ["e3", "e2", "e1", "e0", None]


# --- the ledger


def test_the_ledger_adds_up_to_the_wallet_and_says_where_all_money_is(market: Marketplace) -> None:
    case_id = refunded(market, tenders={"card": 60_000, "wallet": 50_000, "coins": 40_000})
    debit(market, 20_000)
    granted, spent = booked(market)
    assert (granted["what"], granted["order_id"], granted["case_id"]) == ("refund_granted", "W-1", case_id)
    assert (spent["what"], spent["event_id"], spent["case_id"]) == ("wallet_debited", "e1", None)
    assert {
        (leg["account"], leg["owner"], leg["part"]): leg["amount"] for leg in granted["legs"] if leg["amount"] > 0
    } == {
        ("providers_in_transit", "card", "card"): 60_000,
        ("buyer_wallet", "budi", "wallet"): 50_000,
        ("promotions", "coins", "coins"): 40_000,
    }
    assert all(sum(leg["amount"] for leg in entry["legs"]) == 0 for entry in (granted, spent))
    body = {"event_id": "p1", "status": "succeeded", "amount": 60_000, "at": "2026-11-23T10:00:00Z"}
    assert market.oms("POST", f"/v1/refunds/rf_{case_id}/events", body).status == 200
    sums = ledger.write((row for entry in booked(market) for row in ledger.rows_of(entry)), "jsonl", io.StringIO())
    assert sums == {
        "seller_reversals": -150_000,
        "buyer_wallet": 30_000,
        "wallet_debits": 20_000,
        "promotions": 40_000,
        "providers_in_transit": 0,
        "providers_paid": 60_000,
    }
    assert wallet(market)["balance"] == 30_000


def test_unless_said_it_is_the_ledger_of_the_last_days(market: Marketplace) -> None:
    refunded(market)
    market.world.clock.advance(60)
    assert len(market.operator("GET", "/v1/ledger").json["items"]) == 1
    market.world.clock.advance(31 * 86_400)
    assert market.operator("GET", "/v1/ledger").json["items"] == []


def test_nothing_is_in_the_ledger_of_another_time_or_currency(market: Marketplace) -> None:
    refunded(market)
    assert market.operator("GET", "/v1/ledger?since=2001-01-01T00:00:00Z&until=2001-02-01T00:00:00Z").json == {
        "items": [],
        "next_cursor": None,
    }
    assert len(booked(market)) == 1
    assert booked(market, currency="USD") == []


# --- the export


def exported(market: Marketplace, form: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> tuple[str, str]:
    """What the command writes, and what it tells."""
    monkeypatch.setenv("BATAL_TOKEN", tokens.token("omar", "operator", None))
    asked = period(market)
    arguments = [f"http://127.0.0.1:{market.port}", "--since", asked["since"], "--until", asked["until"]]
    assert ledger.main([*arguments, "--format", form]) == 0
    written = capsys.readouterr()
    return written.out, written.err


def test_the_export_adds_up_to_the_balances_in_both_forms(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        refunded(market, f"W-{number}")
        debit(market, 30_000, f"e{number}")
    sheet, told = exported(market, "csv", monkeypatch, capsys)
    rows = list(csv.DictReader(io.StringIO(sheet)))
    lines = [json.loads(line) for line in exported(market, "jsonl", monkeypatch, capsys)[0].splitlines()]
    assert tuple(rows[0]) == tuple(lines[0]) == ledger.COLUMNS
    assert [{name: str(value or "") for name, value in line.items()} for line in lines] == rows
    assert len(rows) == 3 * (2 + 2)
    in_wallet = sum(int(row["amount"]) for row in rows if (row["account"], row["owner"]) == ("buyer_wallet", "budi"))
    assert in_wallet == wallet(market)["balance"] == 3 * 120_000
    assert sum(int(row["amount"]) for row in rows) == 0
    assert "buyer_wallet" in told
    assert told.splitlines()[-1].split() == ["together", "0", "IDR"]


def test_ids_that_look_like_formulas_are_text_in_the_sheet_and_themselves_in_json_lines(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    refunded(market, evil)
    rows = list(csv.DictReader(io.StringIO(exported(market, "csv", monkeypatch, capsys)[0])))
    assert {row["order_id"] for row in rows} == {f"'{evil}"}
    lines = exported(market, "jsonl", monkeypatch, capsys)[0].splitlines()
    assert {json.loads(line)["order_id"] for line in lines} == {evil}


# --- a marketplace with a wallet of its own


def test_without_the_built_in_wallet_the_marketplace_is_asked_to_pay_into_its_own(open_marketplace: Any) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, built_in_wallet=False))
    case_id = refunded(market)
    case = market.case(case_id)
    assert case["state"] == "refunding"
    assert [part["state"] for part in case["refund"]["parts"]] in (["due"], ["sent"]), "whoever delivers may be quicker"
    assert wallet(market)["balance"] == 0
    body = {"event_id": "p1", "status": "succeeded", "amount": 150_000, "at": "2026-11-23T10:00:00Z"}
    assert market.oms("POST", f"/v1/refunds/rf_{case_id}/events", body).json["state"] == "succeeded"
    assert market.case(case_id)["outcome"] == "cancelled"
    assert wallet(market) == {
        "buyer_id": "budi",
        "currency": "IDR",
        "balance": 0,
        "entries": [],
        "next_cursor": None,
    }
    assert [entry["what"] for entry in booked(market)] == ["refund_granted", "refund_moved"]


def test_an_operator_switches_the_built_in_wallet_off_with_a_policy(market: Marketplace) -> None:
    policy = market.operator("GET", "/v1/policies/lazada").json
    assert policy["built_in_wallet"] is True
    wrong = market.operator("PUT", "/v1/policies/lazada", {**policy, "version": 2, "built_in_wallet": "no"})
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "built_in_wallet")
    answer = market.operator("PUT", "/v1/policies/lazada", {**policy, "version": 2, "built_in_wallet": False})
    assert answer.status == 200
    assert market.case(refunded(market))["state"] == "refunding"
