"""An offer's fee as the seller types it on the page: understood or refused, and shown before it counts."""

import pytest

from chalicelib.domain.cases.case import State
from tests.e2e.conftest import Marketplace
from tests.e2e.forms import forms_of
from tests.e2e.test_pages import Phone


@pytest.fixture
def asked(market: Marketplace) -> tuple[Phone, str]:
    market.push("LZD-1001")
    case_id: str = market.ask("LZD-1001")["case_id"]
    market.waits_in(case_id)
    phone = Phone(market)
    phone.sign_in("toko-baju", "seller")
    return phone, case_id


@pytest.mark.parametrize("typed", ["Rp20.000,00", "20rb", "20.000", "Rp 20.000,-"])
def test_an_amount_is_shown_as_it_was_understood_and_counts_when_said_again(
    market: Marketplace, asked: tuple[Phone, str], typed: str
) -> None:
    phone, case_id = asked
    place = f"/cases/{case_id}"
    shown = phone.submit(phone.open(place), f"{place}/offer", what="fee", fee=typed, comment="Sudah dibungkus")
    assert shown.status == 200
    assert "Rp20.000" in shown.text
    assert "Rp143.000" in shown.text, "what the buyer gets back"
    assert market.row(case_id).offer is None, "nothing counts yet"
    assert phone.submit(shown, f"{place}/offer").status == 303
    row = market.row(case_id)
    assert row.state is State.AWAITING_BUYER
    assert row.offer
    assert (row.offer.fee, row.offer.comment) == (20_000, "Sudah dibungkus")


@pytest.mark.parametrize("typed", ["seratus ribu", "1.5", "20,00", "", "1.250 jt", "20.000 - 25.000"])
def test_an_amount_that_is_not_clear_is_refused_with_an_example(
    market: Marketplace, asked: tuple[Phone, str], typed: str
) -> None:
    phone, case_id = asked
    place = f"/cases/{case_id}"
    refused = phone.submit(phone.open(place), f"{place}/offer", what="fee", fee=typed)
    assert refused.status == 422
    assert "20.000, 20rb, atau 1,5 jt" in refused.text
    assert market.row(case_id).offer is None


def test_a_rules_amount_that_is_not_clear_is_refused_with_an_example(asked: tuple[Phone, str]) -> None:
    phone, _ = asked
    rules = phone.open("/seller/rules")
    refused = phone.submit(rules, "/seller/rules", name="Murah", statuses="processing", at_most="seratus ribu")
    assert refused.status == 422
    assert "20.000, 20rb, atau 1,5 jt" in refused.text
    taken = phone.submit(rules, "/seller/rules", name="Murah", statuses="processing", at_most="100.000,00")
    assert taken.status == 200
    assert "Rp100.000<" in taken.text or "Rp100.000 " in taken.text or "Rp100.000." in taken.text


def test_a_rule_that_counts_says_first_how_its_amount_was_understood(
    market: Marketplace, asked: tuple[Phone, str]
) -> None:
    phone, _ = asked
    rules = phone.open("/seller/rules")
    drawn = next(form for form in forms_of(rules) if "at_most" in form.fields)
    fields = {name: text for name, text in drawn.fields.items() if name != "dry"} | {"statuses": "processing"}
    shown = phone.press("/seller/rules", fields | {"name": "Murah", "at_most": "1,5jt"})
    assert "sampai Rp1.500.000. Sudah benar?" in shown.text
    assert market.seller("GET", "/v1/sellers/toko-baju/policy").json["rules"] == [], "nothing counts yet"
    assert (
        phone.press("/seller/rules", next(form for form in forms_of(shown) if "sure" in form.fields).fields).status
        == 200
    )
    (rule,) = market.seller("GET", "/v1/sellers/toko-baju/policy").json["rules"]
    assert (rule["name"], rule["at_most"], rule["dry"], rule["statuses"]) == ("Murah", 1_500_000, False, ["processing"])


def test_what_was_typed_beside_an_amount_that_is_not_clear_stays(asked: tuple[Phone, str]) -> None:
    phone, case_id = asked
    place = f"/cases/{case_id}"
    refused = phone.submit(phone.open(place), f"{place}/offer", what="fee", fee="sedikit", comment="Sudah dibungkus")
    drawn = next(form for form in forms_of(refused) if form.action == f"{place}/offer")
    assert (drawn.fields["fee"], drawn.fields["comment"]) == ("sedikit", "Sudah dibungkus")
    assert '<details class="choice" open>\n<summary>Beri tawaran' in refused.text


def test_a_refusal_without_its_tracking_number_keeps_reason_and_words(asked: tuple[Phone, str]) -> None:
    phone, case_id = asked
    place = f"/cases/{case_id}"
    filled = {"reason_code": "already_shipped", "comment": "Sudah di jalan"}
    refused = phone.submit(phone.open(place), f"{place}/reject", **filled)
    assert refused.status == 422
    drawn = next(form for form in forms_of(refused) if form.action == f"{place}/reject")
    assert {name: drawn.fields[name] for name in filled} == filled
