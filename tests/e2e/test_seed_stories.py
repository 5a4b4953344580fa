"""What the business tells of itself (docs/rules.md), each a test through HTTP.

Budi and Ani are in test_stories.py, the agent's talk and the chat before a case (R40) in test_all_the_ways.py.
"""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.policies.policy import Fee, Frequent, Rating
from infra.sandbox.builders import a_policy
from tests.e2e.conftest import Marketplace
from tests.e2e.test_all_the_ways import kinds

OPTIONS = "/v1/orders/{}/cancellation-options"


def its_own_policy(market: Marketplace, name: str, **changes: Any) -> str:
    """An operator's own profile, like Lazada's but for the changes; gives its name, which is the platform's."""
    market.world.ports.store.put_policy(replace(a_policy("lazada"), name=name, **changes))
    return name


def options(market: Marketplace, order_id: str, query: str = "") -> Any:
    return market.buyer("GET", OPTIONS.format(order_id) + query).json


# --- R1: the chance by status


@pytest.mark.parametrize(
    ("status", "eligible", "level"),
    [
        ("unpaid", True, "very_high"),
        ("placed", True, "very_high"),
        ("processing", True, "high"),
        ("ready_to_ship", True, "low"),
        ("shipped", True, "medium"),
        ("delivered", False, "low"),
        ("completed", False, "none"),
        ("cancelled", False, "none"),
    ],
)
def test_the_buyer_sees_the_chance_before_asking(
    shared: Marketplace, status: str, *, eligible: bool, level: str
) -> None:
    order_id = shared.order(f"S1-{status}", status=status, paid=status != "unpaid")
    told = options(shared, order_id)
    assert (told["eligible"], told["odds"]["level"]) == (eligible, level)
    assert told["usual_time"]["text"]


# --- R28, R47, R13, R48: consequences, rating, terms


@pytest.mark.parametrize(("basis_points", "fee"), [(1_000, 15_000), (10_000, 150_000)], ids=["a part", "all of it"])
def test_a_processed_order_can_cost_a_fee_which_is_told_before_confirming(
    shared: Marketplace, basis_points: int, fee: int
) -> None:
    platform = its_own_policy(shared, f"fee{basis_points}", fees={"processing": Fee(basis_points=basis_points)})
    order_id = shared.order(f"F-{basis_points}", platform=platform)
    told = options(shared, order_id)
    assert (told["quote"]["fees_total"], told["quote"]["refund_total"]) == (fee, 150_000 - fee)
    assert "fee_is_kept" in [each["code"] for each in told["consequences"]]
    assert all(each["message"] for each in told["consequences"])
    assert shared.ask(order_id)["quote"]["refund_total"] == 150_000 - fee


@pytest.mark.parametrize(
    ("rating", "by_choice", "by_sellers_fault"),
    [(Rating.MARKETPLACE, False, True), (Rating.BUYER_PROTECTION, True, False)],
)
def test_what_counts_against_the_seller_depends_on_the_profile(
    shared: Marketplace, rating: Rating, *, by_choice: bool, by_sellers_fault: bool
) -> None:
    platform = its_own_policy(shared, rating.name.lower(), rating=rating)
    for reason, counts in (("changed_mind", by_choice), ("seller_asked_to_cancel", by_sellers_fault)):
        case_id = shared.ask(shared.order(f"R-{platform}-{reason}", platform=platform), reason_code=reason)["case_id"]
        assert shared.say("seller", case_id, "approve")["counts_against_seller"] is counts


def test_a_buyer_who_asks_often_is_flagged_and_asks_all_the_same(shared: Marketplace) -> None:
    platform = its_own_policy(shared, "frequent", frequent=Frequent(requests=2))

    def asks(order_id: str) -> Any:
        return shared.ask(shared.order(order_id, platform=platform, buyer="citra"), who="citra")

    assert [asks(f"O-{number}")["buyer_asks_often"] for number in range(4)] == [False, False, True, True]
    shared.world.clock.advance(91 * 86_400)
    assert asks("O-9")["buyer_asks_often"] is False, "what was long ago does not count"


def test_the_terms_that_were_accepted_stay_with_the_case(shared: Marketplace) -> None:
    order_id = shared.order("T-1")
    terms = options(shared, order_id)["terms"]
    assert "ditolak" in terms["text"]
    case = shared.ask(order_id)
    assert case["terms_version"] == terms["version"]
    timeline = shared.buyer("GET", f"/v1/cases/{case['case_id']}/timeline").json["items"]
    assert timeline[0]["facts"]["terms_version"] == terms["version"]


# --- R51: the platforms


@pytest.mark.parametrize(
    ("platform", "order", "needs"),
    [
        ("lazada", {"status": "placed"}, "none"),
        ("shopee", {"status": "placed"}, "none"),
        ("tokopedia", {"status": "placed"}, "none"),
        ("tokopedia", {"status": "ready_to_ship", "fulfilment": "platform"}, "none"),
        ("lazada", {"status": "processing"}, "seller"),
        ("shopee", {"status": "processing"}, "seller"),
        ("tokopedia", {"status": "processing"}, "seller"),
    ],
)
def test_unprocessed_orders_cancel_at_once_and_processed_ones_need_the_seller(
    shared: Marketplace, platform: str, order: dict[str, str], needs: str
) -> None:
    order_id = f"P-{platform}-{order['status']}"
    shared.order(order_id, platform=platform, placed_at=shared.world.clock() - timedelta(minutes=30), **order)
    assert options(shared, order_id)["needs"] == needs


@pytest.mark.parametrize(
    ("platform", "hours", "silence"),
    [("shopee", 24, "approve"), ("tokopedia", 48, "expire"), ("lazada", None, "escalate")],
)
def test_each_platform_gives_its_own_time_and_its_own_meaning_to_silence(
    shared: Marketplace, platform: str, hours: int | None, silence: str
) -> None:
    asked_at = shared.world.clock()
    case = shared.ask(shared.order(f"D-{platform}", platform=platform))
    assert case["if_silent"] == silence
    if hours:
        left = shared.row(case["case_id"]).deadline_at
        assert left
        assert timedelta(0) <= left - asked_at - timedelta(hours=hours) < timedelta(minutes=1)


def test_shopee_allows_one_request_per_order(shared: Marketplace) -> None:
    case_id = shared.ask(shared.order("A-1", platform="shopee"))["case_id"]
    shared.say("seller", case_id, "reject", reason_code="already_packed")
    assert options(shared, "A-1")["refusal"]["code"] == "attempts_used_up"


# --- R38, R44: customer service


def test_contacts_are_the_operators_dated_and_to_be_verified(shared: Marketplace) -> None:
    assert shared.call("GET", "/v1/support/contacts").json["items"] == [], "addresses are never invented"
    chat = {"channel": "chat", "address": "https://bantuan.example.com", "checked_at": "2026-11-01T00:00:00Z"}
    shared.as_("operator", "omar", "PUT", "/v1/support/contacts", {"items": [chat]})
    told = shared.call("GET", "/v1/support/contacts", headers={"Accept-Language": "en"}).json
    assert [(each["channel"], each["checked_at"]) for each in told["items"]] == [("chat", "2026-11-01T00:00:00Z")]
    assert "minutes" in told["items"][0]["usual_time"]
    assert "official site" in told["advice"]
    assert len(told["have_ready"]) == 3


def test_the_obstacle_is_explained_by_mail_when_the_news_is_bad(shared: Marketplace) -> None:
    shared.order("N-1")
    wish = {"reason_code": "wrong_size", "channel": "chat", "accept_terms": True, "on_behalf_of": "budi"}
    case_id = shared.support("POST", "/v1/orders/N-1/cancellations", wish).json["case_id"]
    shared.say("seller", case_id, "reject", reason_code="already_packed", comment="Sudah disegel")
    shared.ended(case_id)
    assert "rejected:budi" in kinds(shared, case_id)
    (mail,) = [
        each for each in shared.mails() if (each.case_id, each.kind, each.to[:4]) == (case_id, "rejected", "budi")
    ]
    assert re.search("dikemas", mail.text)
    assert "Sudah disegel" in mail.text
