"""Wrong words about wallets and the ledger change nothing and are told what is wrong; no exported cell is a formula."""

from typing import Any

import pytest

from chalicelib.adapters.dynamodb.lists import cursor_of
from chalicelib.domain.reconciliation.report import cell
from infra import ledger
from infra.sandbox import tokens
from tests.e2e.conftest import Marketplace
from tests.e2e.test_wallets import DEBITS, said

pytestmark = pytest.mark.dynamodb


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 1.5},
        {"amount": "40000"},
        {"amount": True},
        {"amount": 10**13 + 1},
        {"currency": "idr"},
        {"currency": ""},
        {"event_id": ""},
        {"event_id": "x" * 129},
        {"reason": ""},
        {"reason": "x" * 201},
        {"buyer_id": "ani"},
        {"note": "unknown"},
    ],
    ids=str,
)
def test_wrong_input_takes_nothing(shared: Marketplace, wrong: dict[str, Any]) -> None:
    before = shared.everything()
    answer = shared.oms("POST", DEBITS, said(**wrong))
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")
    assert [error["field"] for error in answer.json["errors"]] == list(wrong)
    assert shared.everything() == before


@pytest.mark.parametrize("missing", ["event_id", "currency", "amount", "reason"])
def test_everything_about_a_debit_must_be_said(shared: Marketplace, missing: str) -> None:
    body = {name: value for name, value in said().items() if name != missing}
    answer = shared.oms("POST", DEBITS, body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, missing)


def test_the_ledger_is_for_operators_and_finance_alone(shared: Marketplace) -> None:
    for role, who in (("buyer", "budi"), ("seller", "toko-baju"), ("support", "sari"), ("system", "oms")):
        answer = shared.as_(role, who, "GET", "/v1/ledger?since=2026-11-01T00:00:00Z")
        assert (answer.status, answer.json["code"]) == (403, "forbidden")
    for role, who in (
        ("buyer", "budi"),
        ("seller", "toko-baju"),
        ("support", "sari"),
        ("operator", "omar"),
        ("finance", "fitri"),
    ):
        assert shared.as_(role, who, "POST", DEBITS, said()).status == 403


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("since=yesterday", "validation_failed"),
        ("since=2026-11-01T00:00:00", "validation_failed"),
        ("since=2026-11-01T00:00:00Z&currency=rupiah", "validation_failed"),
        ("since=2026-11-01T00:00:00Z&format=xml", "validation_failed"),
        ("since=2026-11-01T00:00:00Z&limit=101", "validation_failed"),
        ("since=2026-11-01T00:00:00Z&cursor=nonsense", "bad_cursor"),
        (f"since=2026-11-01T00:00:00Z&cursor={cursor_of({'of': 'IDR', 'place': 'x'})}", "bad_cursor"),
        (
            f"since=2026-11-01T00:00:00Z&cursor={cursor_of({'of': 'USD', 'place': '2026-11-01T00:00:00Z'})}",
            "bad_cursor",
        ),
    ],
)
def test_a_wrong_question_to_the_ledger_is_refused(shared: Marketplace, query: str, code: str) -> None:
    answer = shared.operator("GET", f"/v1/ledger?{query}")
    assert answer.json["code"] == code


@pytest.mark.parametrize("place", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z#x", "2026-11-23"])
def test_a_cursor_of_any_moment_leads_somewhere(shared: Marketplace, place: str) -> None:
    answer = shared.operator("GET", f"/v1/ledger?cursor={cursor_of({'of': 'IDR', 'place': place})}")
    assert answer.status == 200


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+62811", "'+62811"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1+1", "a;'=1+1"),
        ("LZD-1", "LZD-1"),
        ("INV/20170720/XVII/12", "INV/20170720/XVII/12"),
        (-150_000, -150_000),
        (None, ""),
    ],
)
def test_no_cell_is_a_formula(value: object, shown: object) -> None:
    assert cell(value) == shown


def test_an_export_that_is_not_allowed_says_why(
    shared: Marketplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [f"http://127.0.0.1:{shared.port}", "--since", "2026-11-01T00:00:00Z", "--until", "2026-12-01T00:00:00Z"]
    monkeypatch.delenv("BATAL_TOKEN", raising=False)
    with pytest.raises(SystemExit) as ended:
        ledger.main(said)
    assert ended.value.code == 2
    assert "BATAL_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("BATAL_TOKEN", tokens.token("budi", "buyer", None))
    with pytest.raises(SystemExit, match="403: Your role may never do this"):
        ledger.main(said)
    with pytest.raises(SystemExit):
        ledger.main(["file:///etc/passwd", *said[1:]])
    assert "https://" in capsys.readouterr().err
