"""A seller's own rules, through HTTP: kept, tried out, in force, and nobody else's."""

from typing import Any

import pytest

from tests.e2e.conftest import Marketplace

PATH = "/v1/sellers/toko-baju/policy"
UP_TO = {"at_most": 10_000_000, "currency": "IDR"}
RULE = {"name": "salah ukuran", "reasons": ["wrong_size"], "statuses": ["processing"], **UP_TO}


def put_rules(market: Marketplace, *rules: dict[str, Any]) -> Any:
    answer = market.seller("PUT", PATH, {"rules": rules})
    assert answer.status == 200, answer
    return answer.json


def test_a_rule_grants_at_once_and_says_so_to_everyone(market: Marketplace) -> None:
    market.push("LZD-1001")
    assert put_rules(market, RULE)["version"] == 1
    options = market.buyer("GET", "/v1/orders/LZD-1001/cancellation-options?reason_code=wrong_size").json
    assert options["needs"] == "none"
    case = market.ask("LZD-1001")
    assert case["outcome"] == "cancelled"
    market.ended(case["case_id"])
    entry = market.seller("GET", f"/v1/cases/{case['case_id']}/timeline").json["items"][0]
    assert entry["facts"]["seller_rule"] == "salah ukuran"
    (told,) = [mail for mail in market.mails() if mail.to.startswith("toko-baju")]
    assert "Salah satu aturan otomatis Anda" in told.text


def test_a_dry_rule_only_notes(market: Marketplace) -> None:
    market.push("LZD-1001")
    put_rules(market, RULE | {"dry": True})
    case = market.ask("LZD-1001")
    assert case["state"] == "awaiting_seller"
    entry = market.seller("GET", f"/v1/cases/{case['case_id']}/timeline").json["items"][0]
    assert entry["facts"]["seller_rule_dry"] == "salah ukuran"


def test_rules_are_their_sellers_own(market: Marketplace) -> None:
    put_rules(market, RULE)
    assert market.seller("GET", PATH, who="toko-sepatu").status == 404
    assert market.seller("PUT", PATH, {"rules": []}, who="toko-sepatu").status == 404
    assert market.buyer("GET", PATH).status == 403
    assert market.support("PUT", PATH, {"rules": []}).status == 403
    assert market.support("GET", PATH).json["rules"][0]["name"] == "salah ukuran"


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (RULE | {"statuses": ["shipped"]}, "rules"),
        (RULE | {"reasons": ["nothing"]}, "rules"),
        (RULE | {"at_most": 1.5}, "rules"),
        (RULE | {"currency": None}, "rules[0].currency"),
        (RULE | {"currency": "rupiah"}, "rules"),
        (RULE | {"refuses": True}, "refuses"),
        ({}, "rules"),
    ],
)
def test_a_wrong_rule_is_refused_by_name_and_changes_nothing(market: Marketplace, rule: Any, field: str) -> None:
    before = market.everything()
    answer = market.seller("PUT", PATH, {"rules": [rule]})
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")
    assert field in answer.json["errors"][0]["field"]
    assert market.everything() == before
