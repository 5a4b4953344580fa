"""What Batal expects, exported over HTTP, is what a settlement file is held against."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.money.refund import PartState
from chalicelib.domain.orders.body import Line, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.reconciliation.expected import Expected, ExpectedState, read_expected
from chalicelib.domain.reconciliation.expecting import settles
from chalicelib.domain.reconciliation.providers import LAYOUTS
from chalicelib.settings import PAYOUT_PROVIDERS
from infra import expected, pages, reconcile
from infra.sandbox import tokens
from infra.stages import ROOT
from tests.e2e.conftest import Marketplace

CARD = Tender(
    method=Method.CARD,
    amount=100_000,
    provider="midtrans",
    reference="t-4711",
    references={"transaction_id": "f45a", "order_id": "t-4711"},
)
OTHERS = (
    Tender(method=Method.QRIS, amount=20_000),
    Tender(method=Method.WALLET, amount=20_000, provider="midtrans"),
    Tender(method=Method.COINS, amount=10_000, provider="midtrans"),
)
STRANGE = "INV/2026 ü?#1"
HEADER = "Order ID,Transaction ID,Refund Key,Transaction Type,Amount,Transaction Time"


def refunded(market: Marketplace, order_id: str = STRANGE, **more: Any) -> str:
    """Rp150.000 go back, Rp100.000 of them by the card; gives the case."""
    case_id: str = market.ask(market.order(order_id, **{"tenders": (CARD, *OTHERS), **more}))["case_id"]
    market.say("seller", case_id, "approve")
    market.all_goes_out(case_id)
    return case_id


def told(market: Marketplace, case_id: str, state: str) -> None:
    """The provider says what became of the card's part."""
    at = market.world.clock().isoformat()
    body = {"event_id": f"{state}-{at}", "state": state, "amount": CARD.amount, "at": at, "reference": "r-9"}
    answer = market.oms("POST", f"/v1/refunds/rf_{case_id}/parts/1/events", body)
    assert answer.status == 200, answer


def script(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A plain script, with no library but Python's own and from a folder of no meaning."""
    command = [sys.executable, "-I", "-S", str(ROOT / "infra" / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", env=environment, check=False)


def exported(market: Marketplace) -> list[Expected]:
    """What the script writes, as reconciliation reads it."""
    token = tokens.token("omar", "operator", None)
    done = script("expected.py", f"http://127.0.0.1:{market.port}", BATAL_TOKEN=token)
    assert done.returncode == 0, done.stderr
    return [read_expected(line, number) for number, line in enumerate(done.stdout.splitlines(), start=1)]


def test_a_refund_that_is_exported_matches_its_line_in_the_settlement_file(
    market: Marketplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case_id = refunded(market)
    told(market, case_id, "succeeded")
    monkeypatch.setenv("BATAL_TOKEN", tokens.token("omar", "operator", None))
    assert expected.main([f"http://127.0.0.1:{market.port}"]) == 0
    written = capsys.readouterr()
    assert [line.split() for line in written.err.splitlines()] == [
        ["payment", "left", "out:", "names", "nobody", "1"],
        ["payment", "midtrans", "1"],
        ["refund", "left", "out:", "names", "nobody", "1"],
        ["refund", "midtrans", "1"],
    ]
    export, settled = tmp_path / "expected.jsonl", tmp_path / "settled.csv"
    export.write_text(written.out)
    at = f"{market.world.clock():%Y-%m-%d %H:%M:%S}"
    refund, payment = f",,rf_{case_id}-1-1,Refund,100000.00,{at}", f",f45a,,Payment,100000.00,{at}"
    until = (market.world.clock() + timedelta(days=1)).isoformat()
    command = ["--provider", "midtrans", "--expected", str(export), "--until", until, str(settled)]
    settled.write_text(f"{HEADER}\n{refund}\n{payment}")
    assert reconcile.main(command) == 0
    assert ["matched", "2", "IDR", "0", "0"] in [line.split() for line in capsys.readouterr().out.splitlines()]
    settled.write_text(f"{HEADER}\n{refund}")
    assert reconcile.main(command) == 1
    found = [line.split()[:4] for line in capsys.readouterr().out.splitlines()]
    assert ["matched", "1", "IDR", "-100,000"] in found
    assert ["missing", "1", "IDR", "0"] in found


def test_a_part_and_its_payment_are_told_by_all_that_a_provider_calls_them(market: Marketplace) -> None:
    case_id = refunded(market, payment_id="pay-1")
    told(market, case_id, "succeeded")
    payment, refund = exported(market)
    assert payment == Expected(
        id=f"{STRANGE}:card",
        kind=payment.kind,
        provider="midtrans",
        order_id=STRANGE,
        references=("t-4711", "f45a", "pay-1"),
        amount=100_000,
        currency="IDR",
        state=ExpectedState.COLLECTED,
        number=1,
    )
    assert (refund.id, refund.order_id, refund.state) == (f"rf_{case_id}:card", STRANGE, ExpectedState.SUCCEEDED)
    assert refund.references == (f"rf_{case_id}-1-1", "r-9", "t-4711", "f45a", "pay-1")
    part = market.support("GET", f"/v1/refunds/rf_{case_id}").json["parts"][0]
    assert refund.due_by
    assert refund.due_by.isoformat().replace("+00:00", "Z") == part["arrives_by"]


def test_what_goes_another_way_is_expected_of_nobody(open_marketplace: Any) -> None:
    market = open_marketplace(PROVIDERS="")
    case_id = refunded(market)
    told(market, case_id, "failed")
    assert [(each.kind, each.moves) for each in exported(market)] == [("payment", 100_000), ("refund", 0)]
    redirect = {"to": "wallet", "note": "the card is gone"}
    assert market.support("POST", f"/v1/refunds/rf_{case_id}/parts/1/redirect", redirect).status == 200
    assert [each.kind for each in exported(market)] == ["payment"]


def test_an_order_of_several_refunds_is_read_once_and_its_payment_told_once(market: Marketplace) -> None:
    shirts = (Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),)
    market.order("TWO-1", tenders=(CARD,), lines=shirts)
    for _ in range(2):
        case_id = market.ask("TWO-1", lines=[{"line_id": "1", "quantity": 1}])["case_id"]
        market.say("seller", case_id, "approve")
        market.all_goes_out(case_id)
        body = {"event_id": case_id, "status": "succeeded", "amount": 50_000, "at": market.world.clock().isoformat()}
        assert market.oms("POST", f"/v1/refunds/rf_{case_id}/events", body).status == 200
    fetch, asked = pages.fetcher(f"http://127.0.0.1:{market.port}", tokens.token("omar", "operator", None)), []

    def noted(path: str, query: Any) -> Any:
        asked.append(path)
        return fetch(path, query)

    lines = list(expected.lines(noted))
    assert sorted((line["kind"], line["amount"]) for line in lines) == [
        ("payment", 100_000),
        ("refund", 50_000),
        ("refund", 50_000),
    ]
    assert asked.count("/v1/orders/TWO-1") == 1


# --- by itself

PART = {
    "tender_id": "card",
    "method": "card",
    "amount": 5,
    "state": "due",
    "key": "rf_1-1-1",
    "reference": None,
    "arrives_by": "2026-11-20T00:00:00Z",
}


def an_order_of(**tenders: int) -> dict[str, Any]:
    """An order as the API gives it: what each method brought."""
    named = {"provider": "midtrans", "reference": None, "references": None}
    return {
        "order_id": "O-1",
        "currency": "IDR",
        "payment_id": None,
        "tenders": [{"tender_id": method, "method": method, **named} for method in tenders],
        "money": {"accounts": {method: {"collected": amount} for method, amount in tenders.items()}},
    }


def test_a_payment_is_expected_once_it_was_collected_by_somebody_who_settles() -> None:
    order = an_order_of(card=7, qris=0, wallet=7, cod=7, coins=7, voucher=7, store_credit=7)
    assert [line["id"] for line in expected.payments_of(order)] == ["O-1:card", "O-1:cod"]
    parts = [{**PART, "method": method, "tender_id": method} for method in ("card", "wallet", "cod", "coins")]
    refund = {"refund_id": "rf_1", "order_id": "O-1", "currency": "IDR", "parts": parts}
    assert [line["id"] for line in expected.parts_of(refund, expected.tenders_of(order))] == ["rf_1:card"]


def test_every_state_of_a_part_is_one_that_reconciliation_knows() -> None:
    for word in {state.word for state in PartState} - {"redirected", "charged_back"}:
        parts = [{**PART, "state": word}]
        refund = {"refund_id": "rf_1", "order_id": "O-1", "currency": "IDR", "parts": parts}
        (line,) = expected.parts_of(refund, {"card": ("midtrans", [])})
        stuck = word in ("failed", "reversed", "held", "needs_account")
        assert read_expected(json.dumps(line), 1).moves == (0 if stuck else -5), word


def test_a_refund_that_comes_again_while_the_list_is_read_is_told_once() -> None:
    refund = {"refund_id": "rf_1", "order_id": "O-1", "currency": "IDR", "parts": [PART]}
    order = an_order_of()
    first: dict[str, Any] = {"items": [refund], "next_cursor": "c"}

    def fetch(path: str, query: Any) -> Any:
        if path != "/v1/refunds":
            return order
        return {**first, "next_cursor": None} if "cursor" in query else first

    assert [line["id"] for line in expected.lines(fetch)] == ["rf_1:card"]


@pytest.mark.parametrize(
    ("name", "more"), [("expected.py", ()), ("ledger.py", ("--since", "2026-11-01T00:00:00Z", "--until", "x"))]
)
def test_as_plain_scripts_they_need_an_address_and_a_token(name: str, more: tuple[str, ...]) -> None:
    for url, told in (("file:///etc/passwd", "https://"), ("http://127.0.0.1:9", "BATAL_TOKEN")):
        refused = script(name, url, *more)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert told in refused.stderr


def test_whoever_may_not_see_all_refunds_gets_no_export(
    shared: Marketplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BATAL_TOKEN", tokens.token("budi", "buyer", None))
    with pytest.raises(SystemExit, match="403: "):
        expected.main([f"http://127.0.0.1:{shared.port}"])
    assert capsys.readouterr().out == ""


@pytest.fixture
def faltering(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[tuple[int, bytes, int]]]]:
    """A service that answers what stands in the list, one by one: status, body, and how long it says that one is."""
    answers: list[tuple[int, bytes, int]] = []

    class Faltering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, length = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    monkeypatch.setattr(pages, "pause", lambda _: None)
    server = http.server.HTTPServer(("127.0.0.1", 0), Faltering)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()


def test_what_fails_for_a_moment_is_tried_again(faltering: tuple[str, list[tuple[int, bytes, int]]]) -> None:
    url, answers = faltering
    answers += [(503, b"", 0), (200, b'{"half": ', 20), (429, b"", 0), (200, b'{"whole": 1}', 12)]
    assert pages.fetcher(url, "t")("/v1/ledger", {}) == {"whole": 1}
    assert answers == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((503, b'{"detail": "Come back later"}', 29), "503: Come back later"),
        ((200, b"<html>", 6), "does not answer in JSON"),
        ((200, b"{", 9), "does not answer: "),
    ],
)
def test_what_fails_for_good_ends_the_export_and_says_why(
    faltering: tuple[str, list[tuple[int, bytes, int]]], answer: tuple[int, bytes, int], told: str
) -> None:
    url, answers = faltering
    answers += [answer] * 4
    with pytest.raises(SystemExit, match=told):
        pages.fetcher(url, "t")("/v1/ledger", {})


def test_what_is_paid_out_to_an_account_is_settled_by_whoever_pays_it_out() -> None:
    refund = {"refund_id": "rf_1", "order_id": "O-1", "currency": "IDR"}
    tenders = {"card": ("midtrans", ["p-1"])}
    for payer, named in (("xendit_payouts", "xendit"), ("theirs", "theirs"), (None, None)):
        paid_out = {**PART, "method": "bank", "account_ending": "7890", "provider": payer}
        (line,) = expected.parts_of({**refund, "parts": [paid_out]}, tenders)
        assert (line["provider"], "p-1" in line["references"]) == (named, False)


def test_what_each_of_our_providers_of_payouts_pays_stands_in_a_file_that_can_be_read() -> None:
    assert [name for name in PAYOUT_PROVIDERS if settles(name) not in LAYOUTS] == []
