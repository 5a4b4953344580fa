"""What a case knows stays true when it changes hands: to support, to a second person, to a new run, to a later day."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case, Offer, Outcome, State
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import (
    Appeal,
    Approve,
    Confirm,
    DeclineOffer,
    Expire,
    GoodsReceived,
    MakeOffer,
    OrderMoved,
    ParcelAnswered,
    Reopen,
    ShippedBack,
    Withdraw,
)
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Refused
from chalicelib.domain.money.quote import quote
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import StatusPush, with_status
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import MoneyBack, ParcelMoves, Policy, Silence
from chalicelib.domain.policies.reasons import Kind
from infra.sandbox.builders import (
    BUDI,
    NO,
    NOW,
    SUPPORT,
    SYSTEM,
    a_case,
    a_context,
    a_policy,
    an_act,
    an_asking,
    an_order,
    outbox_of,
)
from infra.sandbox.specimens import said as after

RINI = Actor(role=Role.SUPPORT, id="rini")
LATE = NOW + timedelta(days=60)


def a_return(policy: Policy) -> Case:
    delivered = replace(an_order(status="delivered"), status_at=NOW)
    case = an_asking(delivered, kind=Kind.RETURN, reason_code="damaged", policy=policy).case
    assert case is not None
    return case


def sent_back(policy: Policy) -> Case:
    agreed = after(a_return(policy), Approve(), by=a_context(policy))
    return after(agreed, ShippedBack(tracking_number="JNE-1"), BUDI, by=a_context(policy))


# --- support's silence takes nothing back


def test_goods_that_are_back_are_paid_or_decided_never_lost_to_supports_silence() -> None:
    policy = a_policy(second_person_above=0)
    waiting = after(sent_back(policy), GoodsReceived(), SUPPORT, by=a_context(policy))
    assert (waiting.state, waiting.if_silent) == (State.AWAITING_SUPPORT, Silence.ESCALATE)
    again = after(waiting, Expire(), SYSTEM, by=a_context(policy), now=LATE)
    assert (again.state, again.first_yes) == (State.AWAITING_SUPPORT, "sari")
    paid = after(again, Confirm(), RINI, by=a_context(policy), now=LATE)
    assert paid.outcome is Outcome.RETURNED


def test_a_first_yes_is_not_undone_by_silence_and_the_second_person_has_time() -> None:
    policy = a_policy("shopee", second_person_above=0)
    silent = a_policy("lazada", second_person_above=0)
    asked = a_case(policy=silent)
    assert asked.deadline_at
    escalated = after(asked, Expire(), SYSTEM, by=a_context(silent), now=asked.deadline_at)
    assert escalated.deadline_at
    last_minute = escalated.deadline_at - timedelta(minutes=1)
    first = after(escalated, Approve(), SUPPORT, by=a_context(silent), now=last_minute)
    assert first.deadline_at
    assert first.deadline_at > last_minute + timedelta(days=1)
    assert first.if_silent is Silence.ESCALATE
    assert after(a_case(policy=policy), Approve(), SUPPORT, by=a_context(policy)).if_silent is Silence.ESCALATE


def test_without_anybodys_yes_supports_silence_still_ends_the_case() -> None:
    policy = a_policy("lazada")
    asked = a_case(policy=policy)
    escalated = after(asked, Expire(), SYSTEM, by=a_context(policy), now=asked.deadline_at or NOW)
    assert escalated.if_silent is Silence.EXPIRE


# --- a new run


def test_a_parcel_that_left_before_an_appeal_is_called_back_before_the_money_goes() -> None:
    policy = a_policy(money_back=MoneyBack.ON_INTERCEPTION)
    refused = after(a_case(policy=policy), NO, by=a_context(policy))
    shipped = an_order(status="shipped", guard={"cases": ("c1",)})
    heard = after(refused, Appeal(comment="Belum dikirim"), BUDI, by=a_context(policy), order=shipped)
    granted = after(heard, Approve(), SUPPORT, by=a_context(policy))
    assert granted.state is State.AWAITING_GOODS
    assert any("order.recall_shipment" in effect for effect in outbox_of(granted))


def test_goods_that_were_sent_back_need_not_be_sent_again_after_an_appeal() -> None:
    policy = a_policy()
    refused = after(sent_back(policy), NO, SUPPORT, by=a_context(policy))
    delivered = replace(an_order(status="delivered", guard={"cases": ("c1",)}), status_at=NOW)
    heard = after(refused, Appeal(comment="Sudah dikirim"), BUDI, by=a_context(policy), order=delivered)
    assert after(heard, Approve(), SUPPORT, by=a_context(policy)).outcome is Outcome.RETURNED


# --- cash on delivery


def cash_order(**more: Any) -> Order:
    return an_order(tenders={"cod": 150_000}, **{"status": "shipped", **more})


@pytest.mark.parametrize("moves", list(ParcelMoves))
def test_cash_that_is_handed_over_meanwhile_ends_the_request_so_that_a_return_can_ask_for_it(
    moves: ParcelMoves,
) -> None:
    policy = a_policy(parcel_moves=moves, money_back=MoneyBack.ON_APPROVAL)
    asked = a_case(cash_order(), policy=policy)
    assert asked.quote.refund_total == 0
    moved = after(asked, OrderMoved(order_status=OrderStatus.DELIVERED), SYSTEM, by=a_context(policy))
    assert moved.outcome is Outcome.OVERTAKEN
    assert moved.refund is None


def test_an_appeal_after_the_cash_was_handed_over_leads_to_a_return_too() -> None:
    policy = a_policy()
    refused = after(a_case(cash_order(), policy=policy), replace(NO, tracking_number="JNE-1"), by=a_context(policy))
    delivered = cash_order(status="delivered", guard={"cases": ("c1",)})
    with pytest.raises(Refused) as said:
        after(refused, Appeal(comment="Tolong"), BUDI, by=a_context(policy), order=delivered)
    assert said.value.code == "not_appealable"


# --- money and time


def test_an_order_that_leaves_unpaid_by_a_mere_status_has_been_paid() -> None:
    unpaid = an_order(status="unpaid")
    unpaid = replace(unpaid, body=replace(unpaid.body, paid_at=None))
    placed = with_status(unpaid, StatusPush(status=OrderStatus.PLACED, version=2, at=NOW), NOW)
    assert placed is not None
    assert quote(placed, a_policy(), Fault.SELLER, NOW).refund_total == 150_000
    gone = with_status(unpaid, StatusPush(status=OrderStatus.CANCELLED, version=2, at=NOW), NOW)
    assert gone is not None
    assert gone.body.paid_at is None


def test_when_money_arrives_is_counted_from_the_yes_not_from_the_asking() -> None:
    policy = a_policy("shopee")
    asked = a_case(policy=policy)
    yes = NOW + timedelta(hours=23)
    granted = after(asked, Approve(), by=a_context(policy), now=yes)
    assert granted.refund is not None
    assert [part.arrives_by for part in granted.refund.parts] == [yes + timedelta(hours=24)]


# --- words that come early, twice or from the other side


def test_a_carrier_that_was_quicker_than_the_yes_is_remembered() -> None:
    policy = a_policy(money_back=MoneyBack.ON_INTERCEPTION, parcel_moves=ParcelMoves.CONTINUE)
    asked = a_case(an_order(status="shipped"), policy=policy)
    heard = after(asked, ParcelAnswered(word=ParcelWord.INTERCEPTED), SYSTEM, by=a_context(policy))
    assert after(heard, Approve(), by=a_context(policy)).outcome is Outcome.CANCELLED


def test_the_orders_system_repeating_our_own_cancellation_is_no_parcel_that_moved() -> None:
    order = an_order(tenders={"card": 150_000})
    granted = after(a_case(order), Approve(), order=order)
    told = after(granted, OrderMoved(order_status=OrderStatus.CANCELLED), SYSTEM, by=a_context())
    assert (told.state, told.moved_to) == (State.REFUNDING, None)
    assert not any("parcel_moved" in effect for effect in outbox_of(told))


def test_what_customer_service_offered_comes_back_to_customer_service() -> None:
    policy = a_policy("lazada")
    asked = a_case(policy=policy)
    now = asked.deadline_at or NOW
    escalated = after(asked, Expire(), SYSTEM, by=a_context(policy), now=now)
    offered = after(escalated, MakeOffer(fee=10_000), SUPPORT, by=a_context(policy), now=now)
    assert after(offered, DeclineOffer(), BUDI, by=a_context(policy), now=now).state is State.AWAITING_SUPPORT


def test_goods_on_their_way_cannot_be_kept_by_withdrawing_during_an_offer() -> None:
    policy = a_policy(second_person_above=0)
    waiting = after(sent_back(policy), GoodsReceived(), SUPPORT, by=a_context(policy))
    # As 0.2.0 let it come to.
    offered = replace(waiting, state=State.AWAITING_BUYER, offer=Offer(fee=10_000, by=SUPPORT))
    with pytest.raises(Refused) as said:
        after(offered, Withdraw(), BUDI, by=a_context(policy))
    assert said.value.code == "not_now"


def test_an_attempt_is_given_back_once_however_often_a_case_is_reopened() -> None:
    policy = a_policy(withdrawal_counts=False)
    withdrawn = advance(a_case(policy=policy), an_act(Withdraw(), BUDI), a_context(policy))
    order = an_order(guard={"cases": ("c1",)})
    assert withdrawn.case
    reopened = advance(withdrawn.case, an_act(Reopen(), SUPPORT), a_context(policy, order=order))
    assert (withdrawn.slot and withdrawn.slot.attempts, reopened.slot and reopened.slot.attempts) == (-1, 1)


def test_a_return_has_no_parcel_to_release() -> None:
    policy = a_policy()
    refused = after(a_return(policy), NO, by=a_context(policy))
    assert not any("release_shipment" in effect for effect in outbox_of(refused))


def test_a_return_of_one_line_is_not_refused_for_another_lines_category() -> None:
    policy = a_policy(excluded_categories=("voucher",))
    lines = (
        Line(line_id="1", name="Kemeja", quantity=1, unit_price=150_000, category="fashion"),
        Line(line_id="2", name="Pulsa", quantity=1, unit_price=50_000, category="voucher"),
    )
    delivered = replace(an_order(status="delivered", lines=lines), status_at=NOW)
    assert an_asking(delivered, kind=Kind.RETURN, reason_code="damaged", policy=policy, lines={"1": 1}).case
    with pytest.raises(Refused) as said:
        an_asking(delivered, kind=Kind.RETURN, reason_code="damaged", policy=policy, lines={"2": 1})
    assert said.value.code == "policy_forbids"
