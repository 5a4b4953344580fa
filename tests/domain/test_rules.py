"""The rules the business gives (docs/rules.md), one test each."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.policies import shipped
from chalicelib.domain.cases import asking
from chalicelib.domain.cases.asking import options
from chalicelib.domain.cases.case import Outcome, Pending, State
from chalicelib.domain.cases.commands import OrderMoved
from chalicelib.domain.cases.eligibility import judge
from chalicelib.domain.cases.outbox import Pace, after_failure
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.orders.pushes import StatusPush, with_body, with_status
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.orders.sums import check_body
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import InstantWindow, Policy
from chalicelib.domain.policies.reasons import ASKING, Kind
from chalicelib.domain.policies.seller_rules import SellerRule
from chalicelib.domain.policies.spans import Span, later, seconds_until
from chalicelib.domain.zones import Zone
from infra.sandbox.builders import (
    BUDI,
    NOW,
    OPERATOR,
    SUPPORT,
    SYSTEM,
    a_body,
    a_case,
    a_context,
    a_policy,
    an_act,
    an_ask,
    an_asking,
    an_order,
    outbox_now,
    outbox_of,
)

WIB = Zone.WIB.clock


def seen(status: str, platform: str = "lazada", **order: Any) -> asking.Options:
    return options(an_order(status=status, platform=platform, **order), a_policy(platform), Kind.CANCELLATION, NOW)


# --- R1, R2: order status and the chance to cancel ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "eligible", "needs_seller", "odds", "usual"),
    [
        ("unpaid", True, False, "very_high", "usual_time.at_once"),
        ("placed", True, True, "very_high", "usual_time.within_a_day"),
        ("processing", True, True, "high", "usual_time.within_a_day"),
        ("ready_to_ship", True, True, "low", "usual_time.within_a_day"),
        ("shipped", True, True, "medium", "usual_time.one_to_three_days"),
        ("delivered", False, False, "low", "usual_time.does_not_apply"),
        ("completed", False, False, "none", "usual_time.does_not_apply"),
        ("cancelled", False, False, "none", "usual_time.does_not_apply"),
    ],
)
def test_the_status_decides_chance_wait_and_who_must_agree(
    status: str, eligible: bool, needs_seller: bool, odds: str, usual: str
) -> None:
    found = seen(status)
    assert (found.verdict.eligible, found.verdict.needs_seller) == (eligible, needs_seller)
    assert (found.odds.level, found.usual_time.text) == (odds, usual)
    assert found.odds.probability is None


@pytest.mark.parametrize(
    ("status", "code", "alternative"),
    [
        ("delivered", "already_delivered", "return"),
        ("completed", "order_completed", "contact_support"),
        ("cancelled", "already_cancelled", None),
    ],
)
def test_what_cannot_be_cancelled_says_why_and_what_instead(status: str, code: str, alternative: str | None) -> None:
    verdict = seen(status).verdict
    assert verdict.refusal == code
    assert list(verdict.alternatives) == ([alternative] if alternative else [])


def test_excluded_goods_cannot_be_cancelled() -> None:
    policy = a_policy(excluded_categories=("perishable",))
    found = options(an_order(category="perishable"), policy, Kind.CANCELLATION, NOW)
    assert found.verdict.refusal == "policy_forbids"


# --- R51: platforms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["lazada", "shopee", "tokopedia"])
@pytest.mark.parametrize(("minutes", "at_once"), [(0, True), (59, True), (60, False), (600, False)])
def test_a_fresh_order_is_cancelled_at_once_for_an_hour_after_payment(
    platform: str, minutes: int, at_once: bool
) -> None:
    paid_at = NOW - timedelta(minutes=minutes)
    found = seen("placed", platform, placed_at=NOW - timedelta(days=2), paid_at=paid_at)
    assert found.verdict.needs_seller is not at_once


@pytest.mark.parametrize(("status", "at_once"), [("processing", True), ("ready_to_ship", True), ("shipped", False)])
def test_tokopedia_cancels_what_it_ships_itself_until_the_parcel_moves(status: str, at_once: bool) -> None:
    found = seen(status, "tokopedia", fulfilment="platform")
    assert found.verdict.needs_seller is not at_once
    assert seen(status, "tokopedia", fulfilment="seller").verdict.needs_seller


@pytest.mark.parametrize(
    ("platform", "status", "hours", "silence"),
    [
        ("lazada", "processing", 24, "escalate"),
        ("lazada", "shipped", 72, "escalate"),
        ("shopee", "processing", 24, "approve"),
        ("tokopedia", "processing", 48, "expire"),
    ],
)
def test_each_platform_has_its_answer_time_and_its_meaning_of_silence(
    platform: str, status: str, hours: int, silence: str
) -> None:
    verdict = seen(status, platform).verdict
    assert (verdict.answer_by, verdict.if_silent) == (NOW + timedelta(hours=hours), silence)


@pytest.mark.parametrize("name", ["lazada", "shopee", "tokopedia"])
def test_a_shipped_profile_holds_nothing_that_is_not_understood(name: str) -> None:
    policy = shipped(name)
    assert policy
    raw = msgspec.to_builtins(policy)
    assert msgspec.convert(raw, Policy) == policy
    assert policy.name == name
    assert set(policy.sources) >= {"answers", "instant", "fees"}


def test_an_unknown_platform_has_no_profile() -> None:
    assert shipped("nowhere") is None
    assert shipped("../lazada") is None


def test_shopee_allows_one_request_per_order() -> None:
    asked_once = an_order(platform="shopee", guard={"attempts": 1})
    assert options(asked_once, a_policy("shopee"), Kind.CANCELLATION, NOW).verdict.refusal == "attempts_used_up"


# --- asking ----------------------------------------------------------------------------------------------------------


def test_the_terms_must_be_accepted() -> None:
    with pytest.raises(Invalid) as invalid:
        an_asking(accept_terms=False)
    assert invalid.value.code == "terms_not_accepted"


def test_the_accepted_terms_and_the_policys_version_stay_with_the_case() -> None:
    case = a_case()
    assert (case.asked.terms_version, case.policy.name, case.policy.version) == ("2026-11", "lazada", 1)


@pytest.mark.parametrize("code", ["bored", "delivery_late", None])
def test_only_a_reason_of_the_catalogue_for_this_status_counts(code: str | None) -> None:
    with pytest.raises(Invalid) as invalid:
        an_asking(reason_code=code)
    assert invalid.value.code == "reason_not_allowed"


def test_a_policy_may_do_without_a_reason() -> None:
    case = an_asking(policy=a_policy(reason_required=False), reason_code=None).case
    assert case
    assert case.asked.fault == Fault.BUYER


def test_every_reason_names_the_party_at_fault() -> None:
    assert {reason.fault for reason in ASKING} >= {Fault.BUYER, Fault.SELLER, Fault.CARRIER}


def test_a_quote_that_changed_since_it_was_shown_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        an_asking(quote_id="q_old")
    assert refused.value.code == "quote_changed"


def test_an_operator_never_asks() -> None:
    with pytest.raises(Forbidden):
        an_asking(actor=OPERATOR)


def test_support_may_ask_on_the_buyers_behalf() -> None:
    case = an_asking(actor=SUPPORT, on_behalf_of="budi").case
    assert case
    assert (case.buyer_id, case.asked.by.role, case.asked.on_behalf_of) == ("budi", "support", "budi")


def test_an_instant_cancellation_is_closed_when_it_is_asked() -> None:
    case = an_asking(an_order(status="placed", placed_at=NOW - timedelta(minutes=1))).case
    assert case
    assert (case.state, case.outcome, case.deadline_at) == (State.CLOSED, Outcome.CANCELLED, None)


def test_an_unpaid_order_is_cancelled_freely_and_nothing_is_refunded() -> None:
    change = an_asking(an_order(status="unpaid", paid=False))
    assert change.case
    assert change.case.outcome is Outcome.CANCELLED
    assert change.credits == ()
    assert not any("money_returned" in effect for effect in outbox_of(change.case))


# --- deadlines -------------------------------------------------------------------------------------------------------


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of November 2026 in Jakarta; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=WIB).astimezone(UTC)


ONE_DAY, THREE_DAYS = Span(amount=1, unit="working_days"), Span(amount=3, unit="working_days")


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        (at(23, 15), ONE_DAY, at(24, 15)),
        (at(27, 15), ONE_DAY, at(30, 15)),  # Friday to Monday
        (at(26, 9), THREE_DAYS, datetime(2026, 12, 1, 9, tzinfo=WIB)),
        (at(28, 12), ONE_DAY, datetime(2026, 12, 1, tzinfo=WIB)),  # Saturday: the end of Monday
        (at(29, 23, 59), ONE_DAY, datetime(2026, 12, 1, tzinfo=WIB)),
        (at(23), ONE_DAY, at(24)),
        (at(27), ONE_DAY, at(28)),  # the whole of Friday
    ],
)
def test_working_days_leave_out_the_weekend(start: datetime, span: Span, end: datetime) -> None:
    assert later(start, span, Zone.WIB, ()) == end


def test_a_public_holiday_is_no_working_day() -> None:
    assert later(at(23, 15), ONE_DAY, Zone.WIB, {date(2026, 11, 24)}) == at(25, 15)


def test_the_same_moment_may_be_another_day_in_another_zone() -> None:
    friday_evening = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)  # 23.30 WIB, 00.30 WITA on Saturday
    assert later(friday_evening, ONE_DAY, Zone.WIB, ()) == datetime(2026, 11, 30, 16, 30, tzinfo=UTC)
    assert later(friday_evening, ONE_DAY, Zone.WITA, ()) == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)


@given(
    st.integers(0, 2 * 365 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.integers(1, 20),
    st.sets(st.dates(date(2026, 1, 1), date(2028, 2, 1)), max_size=30),
    st.sampled_from(Zone),
)
def test_working_days_grow_and_never_end_on_a_day_off(start: datetime, days: int, off: set[date], zone: Zone) -> None:
    end, one_more = (later(start, Span(amount=n, unit="working_days"), zone, off) for n in (days, days + 1))
    assert start < end < one_more
    local = end.astimezone(zone.clock)
    # Midnight belongs to the day that it ends.
    day = (local - timedelta(microseconds=1)).date()
    assert day.weekday() < 5
    assert day not in off


def test_a_timer_never_fires_before_its_deadline() -> None:
    for seconds, expected in ((10, 12), (0.2, 3), (0, 2), (-50, 1)):
        assert seconds_until(NOW + timedelta(seconds=seconds), NOW) == expected


def test_a_deadline_is_fixed_when_the_case_opens() -> None:
    case = a_case()
    assert case.deadline_at == NOW + timedelta(days=1)
    act = an_act(OrderMoved(order_status=OrderStatus.SHIPPED), SYSTEM, now=NOW + timedelta(hours=3))
    moved = advance(case, act, a_context()).case
    assert moved
    assert moved.deadline_at == case.deadline_at


# --- orders ----------------------------------------------------------------------------------------------------------


def test_body_and_status_are_ordered_apart() -> None:
    order = an_order(version=1)
    shipped_order = with_status(order, StatusPush(status=OrderStatus.SHIPPED, version=5, at=NOW), NOW)
    assert shipped_order
    late_body = with_body(shipped_order, a_body(version=3, status="processing"), NOW)
    assert late_body
    assert (late_body.body.version, late_body.status, late_body.status_version) == (3, OrderStatus.SHIPPED, 5)
    assert with_body(late_body, a_body(version=3, status="processing"), NOW) is None
    assert with_body(late_body, a_body(version=2), NOW) is None
    assert with_status(late_body, StatusPush(status=OrderStatus.SHIPPED, version=5, at=NOW), NOW) is None
    assert with_status(late_body, StatusPush(status=OrderStatus.PROCESSING, version=4, at=NOW), NOW) is None


def test_one_version_says_one_thing() -> None:
    order = an_order(version=1)
    shipped = with_status(order, StatusPush(status=OrderStatus.SHIPPED, version=5, at=NOW), NOW)
    assert shipped
    with pytest.raises(Refused, match="version_taken"):
        with_status(shipped, StatusPush(status=OrderStatus.DELIVERED, version=5, at=NOW), NOW)
    pushed = with_body(order, a_body(version=2), NOW)
    assert pushed
    with pytest.raises(Refused, match="version_taken"):
        with_body(pushed, a_body(version=2, shipping_fee=1), NOW)
    # Rows of before 0.8.0 do not know what was told.
    older = replace(pushed, body_told=None, status_told=None)
    assert with_body(older, a_body(version=2, shipping_fee=1), NOW) is None


def test_what_was_paid_must_be_what_the_order_adds_up_to() -> None:
    with pytest.raises(Invalid) as invalid:
        check_body(a_body(tenders={"wallet": 149_999}))
    assert invalid.value.code == "amounts_do_not_add_up"


def test_an_order_never_changes_hands() -> None:
    with pytest.raises(Invalid) as invalid:
        with_body(an_order(), a_body(version=2, seller="somebody-else"), NOW)
    assert invalid.value.code == "identity_changed"


# --- what is promised ------------------------------------------------------------------------------------------------


def test_a_failing_effect_waits_twice_as_long_each_time_up_to_an_hour_and_is_then_held() -> None:
    pace, pending, now, waits = Pace(), Pending(), NOW, []
    while not pending.held:
        pending = after_failure(pending, now, pace)
        if pending.next_at:
            waits.append((pending.next_at - now).total_seconds())
            now = pending.next_at
    assert waits[:9] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert set(waits[8:]) == {3600}
    assert (pending.tries, pending.next_at) == (pace.max_tries, None)
    assert now - NOW >= timedelta(days=3)


def test_a_try_ahead_of_its_time_does_not_count() -> None:
    waiting = Pending(tries=79, next_at=NOW + timedelta(minutes=40))
    assert after_failure(waiting, NOW, Pace()) == waiting


def test_an_effects_id_carries_the_entry_that_promised_it() -> None:
    case = an_asking().case
    assert case
    assert set(outbox_now(case)) == {
        "1:start",
        "1:clues",
        "1:mail:request_received:buyer",
        "1:mail:decision_needed:seller",
        "1:event:case.opened",
        "1:event:order.hold_shipment",
    }
    assert case.wake_at == NOW + timedelta(seconds=90)


def test_the_buyers_own_words_are_kept() -> None:
    case = an_asking(comment="Maaf").case
    assert case
    assert (case.asked.comment, case.asked.by, an_ask().channel) == ("Maaf", BUDI, case.asked.channel)


def test_an_instant_window_in_working_days_leaves_out_days_off() -> None:
    window = InstantWindow(statuses=(OrderStatus.PLACED,), span=ONE_DAY)
    policy, order = a_policy(instant=(window,)), an_order(status="placed", placed_at=at(23, 15))
    off = {date(2026, 11, 24)}
    assert policy.instant_until(order, at(24, 20), off) == at(25, 15)
    assert judge(order, policy, Kind.CANCELLATION, at(24, 20), off).needs_seller is False
    assert judge(order, policy, Kind.CANCELLATION, at(24, 20), ()).needs_seller is True


def test_a_sellers_rule_in_working_days_leaves_out_days_off() -> None:
    rule, order = SellerRule(name="a", within=ONE_DAY), an_order(placed_at=at(23, 15))
    assert rule.holds(order, order.remaining, "wrong_size", at(24, 20), {date(2026, 11, 24)}, Zone.WIB, "IDR")
    assert not rule.holds(order, order.remaining, "wrong_size", at(24, 20), (), Zone.WIB, "IDR")
