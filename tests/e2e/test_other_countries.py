"""A stage of a marketplace in another country; and one stage takes no other marketplace's orders."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chalicelib import wiring
from chalicelib.domain.zones import Zone
from chalicelib.settings import read
from infra.sandbox.builders import a_body, a_policy
from tests.e2e.conftest import Marketplace
from tests.e2e.test_pages import Phone


@pytest.fixture
def thai(open_marketplace: Callable[..., Marketplace]) -> Marketplace:
    policy = a_policy("shopee", version=2, zone=Zone("Asia/Bangkok"), country="TH", instant=())
    return open_marketplace(policy=policy, MARKETPLACE="toko-th", ZONE="Asia/Bangkok", COUNTRY="TH")


def body(market: Marketplace, order_id: str, **more: object) -> Any:
    return {**msgspec.to_builtins(a_body(order_id=order_id, placed_at=market.world.clock())), **more}


def zones_offered(page: str) -> list[str]:
    return re.findall(r"<a href=\"[^\"]*zone=[^\"]*\"[^>]*>([^<]+)</a>", page)


def test_people_read_the_marketplaces_time_until_they_choose_their_own(thai: Marketplace) -> None:
    thai.order("C-1", platform="shopee")
    case_id = thai.ask("C-1")["case_id"]
    phone = Phone(thai)
    phone.sign_in("budi")
    page = phone.open(f"/cases/{case_id}").text
    assert zones_offered(page) == ["Asia/Bangkok"]
    assert " UTC+7" in page
    assert " WIB" not in page
    page = phone.open(f"/cases/{case_id}?zone=Australia/Sydney").text
    assert zones_offered(page) == ["Asia/Bangkok", "Australia/Sydney"]
    assert " AEDT" in page
    # It is remembered; what is no zone changes nothing.
    for asked in ("", "?zone=../etc/passwd", "?zone=Asia/jakarta", "?zone="):
        assert " AEDT" in phone.open(f"/cases/{case_id}{asked}").text, asked
    assert zones_offered(phone.open(f"/cases/{case_id}?zone=Asia/Makassar").text) == ["Asia/Bangkok", "WITA"]


def test_mails_tell_the_marketplaces_time_to_whom_nobody_gave_another(thai: Marketplace) -> None:
    thai.order("C-2", platform="shopee")
    case_id = thai.ask("C-2")["case_id"]
    thai.waits_in(case_id)
    told = [mail.text for mail in thai.mails()]
    assert told
    assert all(" UTC+7" in text and " WIB" not in text for text in told)


def test_operators_are_shown_their_own_countrys_days(thai: Marketplace) -> None:
    phone = Phone(thai)
    phone.sign_in("omar", "operator")
    page = phone.open(f"/operations/days-off?year={thai.world.clock().year + 1}&lang=en").text
    assert "Songkran" in page
    assert "Nyepi" not in page


def test_deadlines_leave_out_the_holidays_of_the_policys_country(thai: Marketplace) -> None:
    ports = thai.world.ports
    songkran = thai.world.clock().replace(year=2027, month=4, day=14).date()
    assert songkran in ports.calendar.holidays(thai.world.clock(), ports.policies.current("shopee").home)
    assert songkran not in ports.calendar.holidays(thai.world.clock(), ports.policies.current("lazada").home)


def test_an_order_of_another_marketplace_is_refused_and_changes_nothing(thai: Marketplace) -> None:
    refused = thai.oms("PUT", "/v1/orders/M-1", body(thai, "M-1", marketplace="toko-my"))
    assert (refused.status, refused.json["code"]) == (422, "other_marketplace")
    assert thai.support("GET", "/v1/orders/M-1").status == 404
    told = body(thai, "M-1")
    for named in ({"marketplace": "toko-th"}, {}, {"marketplace": None}):
        answer = thai.oms("PUT", "/v1/orders/M-1", {**told, **named})
        assert answer.status in (200, 201), answer
    # Nor does it change one that is there, whatever version it claims.
    seen = thai.support("GET", "/v1/orders/M-1").json
    again = body(thai, "M-1", marketplace="TOKO-TH", version=9, status="shipped")
    assert thai.oms("PUT", "/v1/orders/M-1", again).json["code"] == "other_marketplace"
    assert thai.support("GET", "/v1/orders/M-1").json == seen


def test_neither_a_batch_nor_an_import_lets_one_in(thai: Marketplace) -> None:
    ours, theirs = body(thai, "M-2", marketplace="toko-th"), body(thai, "M-3", marketplace="toko-my")
    lines = b"\n".join(msgspec.json.encode(each) for each in (theirs, ours))
    answer = thai.oms("POST", "/v1/orders/batch", lines, Content_Type="application/x-ndjson")
    assert [item["status"] for item in answer.json["items"]] == [422, 201]
    assert answer.json["items"][0]["problem"]["code"] == "other_marketplace"
    told = {"kind": "orders", "source": "inline", "rows": [msgspec.to_builtins(theirs, builtin_types=())]}
    thai.oms("POST", "/v1/imports", msgspec.json.encode(told))
    thai.later(60)
    assert thai.support("GET", "/v1/orders/M-3").status == 404


@pytest.mark.parametrize("named", ["", "x" * 65, 7, "a\0"])
def test_what_is_no_name_of_a_marketplace_is_refused(thai: Marketplace, named: object) -> None:
    refused = thai.oms("PUT", "/v1/orders/M-4", body(thai, "M-4", marketplace=named))
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "marketplace")


def test_a_stage_without_a_name_takes_whatever_is_named(market: Marketplace) -> None:
    assert wiring.settings().marketplace == ""
    assert market.oms("PUT", "/v1/orders/M-5", body(market, "M-5", marketplace="toko-my")).status == 201


@pytest.mark.parametrize(
    "wrong", [{"ZONE": "Asia/jakarta"}, {"ZONE": "../etc/passwd"}, {"COUNTRY": "id"}, {"MARKETPLACE": "a,b"}], ids=str
)
def test_a_stage_does_not_start_with_what_cannot_be_meant(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        read(wrong)
