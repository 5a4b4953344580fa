"""Amounts have currencies: what names none is refused by name, what is in another is never automatic, and no page or
figure adds two of them."""

from typing import Any

import pytest

from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_limits import laptops
from tests.e2e.test_pages import Phone

POLICY, RULES = "/v1/policies/lazada", "/v1/sellers/toko-baju/policy"
RULE = {"name": "Murah", "at_most": 100_000, "currency": "IDR"}


def draft(market: Marketplace, **changes: Any) -> dict[str, Any]:
    current: dict[str, Any] = market.operator("GET", POLICY).json
    whole = current | {"version": current["version"] + 1} | changes
    return {name: value for name, value in whole.items() if value != "left out"}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"currency_of_figures": "left out"}, "currency_of_figures", "second_person_above"),
        (
            {"currency_of_figures": "left out", "second_person_above": None},
            "currency_of_figures",
            "fees.shipped.at_most",
        ),
        ({"currency_of_figures": "rupiah"}, "currency_of_figures", "ISO 4217"),
        ({"currency_of_figures": "USD", "link_at_most": "left out"}, "link_at_most", "USD"),
        ({"link_at_most": -1}, "link_at_most", "zero or more"),
    ],
)
def test_a_policy_with_an_amount_that_cannot_be_meant_is_refused_by_name_and_changes_nothing(
    market: Marketplace, changes: dict[str, Any], field: str, said: str
) -> None:
    body, before = draft(market, **changes), market.everything()
    answer = market.operator("PUT", POLICY, body)
    assert (answer.status, answer.json["code"]) == (422, "validation_failed")
    assert [(each["field"], said in each["message"]) for each in answer.json["errors"]] == [(field, True)]
    assert market.everything() == before
    assert market.operator("PUT", POLICY, draft(market)).status == 200


def test_the_page_of_a_policy_says_so_as_well(market: Marketplace) -> None:
    phone = Phone(market)
    phone.sign_in("omar", "operator")
    shown = phone.open("/operations/policies/lazada")
    form = next(form for form in forms_of(shown) if "source" in form.fields)
    source = form.fields["source"].replace('"currency_of_figures": "IDR",', "")
    refused = phone.submit(shown, form.action, source=source, what="keep")
    assert refused.status == 422
    assert "currency_of_figures: " in refused.text
    assert market.operator("GET", POLICY).json["version"] == 1


def test_three_parts_a_large_order_in_cash_and_dollars_meet_a_rule_of_rupiah(open_marketplace: Any) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, max_attempts=5))
    assert market.seller("PUT", RULES, {"rules": [RULE]}).status == 200
    market.order("PARTS", **laptops(3, 100_000))
    one = [{"line_id": "1", "quantity": 1}]
    assert market.ask("PARTS", lines=one)["outcome"] == "cancelled"
    for _ in range(2):
        case = market.ask("PARTS", lines=one)
        assert case["state"] == "awaiting_seller"
        market.say("seller", case["case_id"], "approve")
    market.order("CASH", **laptops(1, 50_000_000), tenders={"cod": 50_000_000}, paid=False)
    assert market.ask("CASH")["state"] == "awaiting_seller"
    market.order("USD", **laptops(1, 99_900), currency="USD")
    options = market.buyer("GET", "/v1/orders/USD/cancellation-options?reason_code=wrong_size").json
    assert options["needs"] == "seller"
    assert market.ask("USD")["state"] == "awaiting_seller"


def test_where_there_is_but_one_currency_nobody_is_asked_for_it(market: Marketplace) -> None:
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    rules = phone.open("/seller/rules")
    assert '<select id="currency"' not in rules.text
    phone.submit(rules, "/seller/rules", name="Murah", statuses="processing", at_most="100rb")
    (rule,) = market.seller("GET", RULES).json["rules"]
    assert (rule["at_most"], rule["currency"]) == (100_000, "IDR")


def test_a_seller_types_an_amount_in_a_currency_of_the_platforms(open_marketplace: Any) -> None:
    limits: dict[str, Any] = {"second_person_above": 30_000, "link_at_most": 10_000}
    market: Marketplace = open_marketplace(policy=a_policy("shopee", version=2, currency_of_figures="USD", **limits))
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    rules = phone.open("/seller/rules")
    assert '<select id="currency"' in rules.text
    drawn = next(form for form in forms_of(rules) if "at_most" in form.fields)
    assert drawn.fields["currency"] == "IDR"
    fields = {name: text for name, text in drawn.fields.items() if name != "dry"} | {"statuses": "processing"}
    typed = fields | {"name": "Own", "currency": "USD"}
    assert phone.press("/seller/rules", typed | {"at_most": "Rp100.000"}).status == 422
    shown = phone.press("/seller/rules", typed | {"at_most": "15,50"})
    assert "US$15,50" in shown.text.replace("\xa0", "")
    again = next(form for form in forms_of(shown) if "sure" in form.fields)
    assert "US$15,50" in phone.press("/seller/rules", again.fields).text.replace("\xa0", "")
    (rule,) = market.seller("GET", RULES).json["rules"]
    assert (rule["at_most"], rule["currency"]) == (1_550, "USD")
    for platform, currency, price, granted in (
        ("shopee", "USD", 1_550, True),
        ("shopee", "USD", 1_551, False),
        ("lazada", "IDR", 1_550, False),
    ):
        order = market.order(f"{platform}-{price}", platform=platform, currency=currency, **laptops(1, price))
        assert (market.ask(order)["outcome"] == "cancelled") is granted


def test_figures_of_two_currencies_stand_side_by_side(market: Marketplace) -> None:
    for order_id, currency, price in (("RP", "IDR", 150_000), ("US", "USD", 1_550), ("KW", "KWD", 1_500)):
        market.order(order_id, currency=currency, **laptops(1, price))
        market.say("seller", market.ask(order_id)["case_id"], "approve")
    sums = {"IDR": 150_000, "USD": 1_550, "KWD": 1_500}
    assert market.operator("GET", "/v1/metrics").json["refunded"] == sums
    assert market.seller("GET", "/v1/sellers/toko-baju/metrics").json["refunded"] == sums
    phone = Phone(market)
    phone.sign_in("omar", "operator")
    shown = phone.open("/operations").text.replace("\xa0", "")
    assert all(amount in shown for amount in ("Rp150.000", "US$15,50", "KWD1,500"))


def test_who_has_granted_enough_today_reads_it_before_saying_yes(open_marketplace: Any) -> None:
    market: Marketplace = open_marketplace(policy=a_policy(version=2, second_person_above_a_day=2_000_000))
    phone, told = Phone(market), "perlu persetujuan orang kedua"
    phone.sign_in("sari", "support")

    def may_approve(place: str) -> bool:
        return f"{place}/approve" in {form.action for form in forms_of(phone.open(place))}

    for number, needs in ((1, False), (2, True)):
        case_id = market.ask(market.order(f"DAY-{number}", **laptops(1, 1_500_000)))["case_id"]
        place = f"/cases/{case_id}"
        assert (told in phone.open(place).text) is needs
        assert may_approve(place)
        said = market.say("support", case_id, "approve", note="talked to both")
        assert said["needs_second_person"] is needs
        assert not may_approve(place)
