"""Customer service: more time, a second person, appeals, reopening, sellers who cannot deliver, what counts."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import (
    Appeal,
    Approve,
    Claim,
    Confirm,
    Expire,
    Extend,
    GoodsReceived,
    OrderMoved,
    ParcelAnswered,
    Reopen,
    Said,
    Withdraw,
)
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import BatalError, Forbidden, Invalid, Refused
from chalicelib.domain.figures.rating import counts_against_seller
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Policy, Rating, Silence
from chalicelib.domain.policies.reasons import Kind
from infra.sandbox.builders import (
    BUDI,
    NO,
    NOW,
    SELLER,
    SUPPORT,
    SYSTEM,
    a_case,
    a_context,
    a_policy,
    an_act,
    an_asking,
    an_order,
    outbox_of,
    refunded,
)

RINI = Actor(role=Role.SUPPORT, id="rini")
SMALL = a_policy(second_person_above=100_000)


def said(
    case: Case,
    what: Said,
    actor: Actor = SUPPORT,
    policy: Policy | None = None,
    now: datetime = NOW,
    order: Order | None = None,
) -> Case:
    after = advance(case, an_act(what, actor, now=now), a_context(policy, order=order)).case
    assert after
    return after


def code_of(*args: Any, **more: Any) -> str:
    with pytest.raises(BatalError) as error:
        said(*args, **more)
    return error.value.code


def waiting(**more: Any) -> Case:
    return a_case(state=State.AWAITING_SUPPORT, if_silent=Silence.EXPIRE, **more)


# --- more time


def test_support_gives_more_time_and_everyone_hears_of_it() -> None:
    case = a_case()
    assert case.deadline_at
    until = case.deadline_at + timedelta(days=1)
    later = said(case, Extend(until=until))
    assert (later.deadline_at, later.turn) == (until, case.turn)
    assert {key for key in outbox_of(later) if "deadline_extended" in key} == {
        "2:mail:deadline_extended:buyer",
        "2:mail:deadline_extended:seller",
    }


@pytest.mark.parametrize("until", [NOW - timedelta(days=1), NOW + timedelta(hours=1), NOW + timedelta(days=15)])
def test_a_deadline_only_moves_later_and_not_beyond_policy(until: datetime) -> None:
    assert code_of(a_case(), Extend(until=until)) == "until_not_allowed"


def test_reminders_follow_a_deadline_that_moved() -> None:
    case = a_case()
    assert case.deadline_at
    before = {key: pending.next_at for key, pending in outbox_of(case).items() if "reminder" in key}
    assert before == {"1:mail:reminder:seller:1": case.deadline_at - timedelta(hours=4)}
    later = said(case, Extend(until=case.deadline_at + timedelta(days=1)))
    after = {key: pending.next_at for key, pending in outbox_of(later).items() if "reminder" in key}
    assert after == {"2:mail:reminder:seller:1": case.deadline_at + timedelta(hours=20)}


def test_nobody_is_reminded_of_what_is_decided() -> None:
    decided = said(a_case(), NO, SELLER)
    assert not [key for key in outbox_of(decided) if "reminder" in key]


# --- a second person


def test_a_large_refund_needs_two_people_of_support() -> None:
    first = said(waiting(), Approve(), SUPPORT, SMALL)
    assert (first.state, first.first_yes, first.refund) == (State.AWAITING_SUPPORT, SUPPORT.id, None)
    assert code_of(first, Approve(), SUPPORT, SMALL) == "same_person"
    assert code_of(first, Confirm(), SUPPORT, SMALL) == "same_person"
    assert said(first, Confirm(), RINI, SMALL).outcome is Outcome.CANCELLED
    assert said(first, Approve(), RINI, SMALL).outcome is Outcome.CANCELLED


def test_a_seller_gives_back_their_own_money_alone() -> None:
    assert said(a_case(), Approve(), SELLER, SMALL).outcome is Outcome.CANCELLED


def test_there_must_be_a_first_yes_to_confirm() -> None:
    assert code_of(waiting(), Confirm()) == "nothing_to_confirm"


def test_support_that_steps_in_early_takes_the_case_over_for_the_second_person() -> None:
    first = said(a_case(), Approve(), SUPPORT, SMALL)
    assert (first.state, first.first_yes) == (State.AWAITING_SUPPORT, SUPPORT.id)


def test_goods_that_support_says_arrived_need_two_people_as_well() -> None:
    order = replace(an_order(status="delivered"), status_at=NOW)
    case = an_asking(order, kind=Kind.RETURN, reason_code="damaged", policy=SMALL).case
    assert case
    agreed = said(case, Approve(), SELLER, SMALL)
    first = said(agreed, GoodsReceived(), SUPPORT, SMALL)
    assert (first.state, first.first_yes) == (State.AWAITING_SUPPORT, SUPPORT.id)
    assert said(first, Confirm(), RINI, SMALL).outcome is Outcome.RETURNED


def test_a_case_is_claimed_by_one_and_then_by_another() -> None:
    taken = said(said(waiting(), Claim()), Claim(), RINI)
    assert taken.claimed_by == "rini"


# --- appeals and reopening


def refused(**more: Any) -> Case:
    return replace(said(a_case(), NO, SELLER), **more)


def own(**guard: Any) -> Order:
    return an_order(guard={"cases": ("c1",), "attempts": 1, **guard})


def test_an_appeal_begins_a_new_run_before_support() -> None:
    again = said(refused(), Appeal(comment="it is not packed yet"), BUDI, order=own())
    assert (again.state, again.run, again.turn, again.outcome) == (State.AWAITING_SUPPORT, 2, 1, None)
    assert "3:start" in outbox_of(again)
    assert "3:resume" not in outbox_of(again)


@pytest.mark.parametrize("comment", ["", "  "])
def test_an_appeal_says_why(comment: str) -> None:
    assert code_of(refused(), Appeal(comment=comment), BUDI, order=own()) == "comment_required"


def test_an_appeal_is_heard_once_and_in_time() -> None:
    assert code_of(refused(appeals=1), Appeal(comment="again"), BUDI, order=own()) == "not_appealable"
    late = NOW + timedelta(days=3)
    assert code_of(refused(), Appeal(comment="late"), BUDI, now=late, order=own()) == "appeal_too_late"


def test_a_withdrawn_request_is_not_appealed_but_support_may_reopen_it() -> None:
    withdrawn = said(a_case(), Withdraw(), BUDI)
    assert code_of(withdrawn, Appeal(comment="sorry"), BUDI, order=own()) == "not_appealable"
    assert said(withdrawn, Reopen(), order=own()).run == 2


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (own(open_case="c2", cases=("c1", "c2")), "case_open"),
        (own(cases=("c1", "c2")), "superseded"),
        (an_order(status="cancelled", guard={"cases": ("c1",)}), "already_cancelled"),
    ],
)
def test_only_the_orders_last_case_comes_back_and_only_while_there_is_something_to_decide(
    order: Order, code: str
) -> None:
    assert code_of(refused(), Reopen(), order=order) == code


def test_what_was_refunded_stays_decided() -> None:
    paid = said(a_case(), Approve(), SELLER)
    assert code_of(paid, Reopen(), order=own()) == "already_decided"


def test_a_reopened_case_knows_that_its_parcel_left_meanwhile() -> None:
    order = replace(own(), status=an_order(status="shipped").status)
    again = said(refused(), Reopen(), order=order)
    assert again.moved_to == "shipped"
    assert not any(key.startswith("3:") and "hold_shipment" in key for key in outbox_of(again))


# --- sellers who cannot deliver


def test_a_seller_who_cannot_deliver_cancels_alone_and_everything_goes_back() -> None:
    order = an_order(status="ready_to_ship")
    change = an_asking(order, actor=SELLER, reason_code="out_of_stock", accept_terms=False)
    assert change.case
    assert change.case.refund
    assert (change.case.outcome, change.case.refund.total, change.case.asked.fault) == (
        Outcome.CANCELLED,
        150_000,
        "seller",
    )
    assert change.slot
    assert change.slot.attempts == 0, "the buyer asked for nothing"


@pytest.mark.parametrize("reason", ["wrong_size", "changed_mind", "seller_slow"])
def test_a_seller_gives_a_sellers_reason(reason: str) -> None:
    with pytest.raises(Invalid) as invalid:
        an_asking(actor=SELLER, reason_code=reason)
    assert invalid.value.code == "reason_not_allowed"


def test_a_seller_cannot_cancel_what_has_left_nor_ask_for_a_return() -> None:
    with pytest.raises(Refused) as error:
        an_asking(an_order(status="shipped"), actor=SELLER, reason_code="out_of_stock")
    assert error.value.code == "already_shipped"
    with pytest.raises(Forbidden):
        an_asking(an_order(status="delivered"), actor=SELLER, kind=Kind.RETURN, reason_code="damaged")


@pytest.mark.parametrize(
    ("rating", "fault", "outcome", "lapsed", "status", "counts"),
    [
        ("marketplace", "seller", "cancelled", False, "processing", True),
        ("marketplace", "buyer", "cancelled", False, "processing", False),
        ("marketplace", "buyer", "expired", True, "processing", True),
        ("marketplace", "seller", "rejected", False, "processing", False),
        ("buyer-protection", "buyer", "cancelled", False, "processing", True),
        ("buyer-protection", "buyer", "cancelled", False, "placed", False),
        ("buyer-protection", "seller", "cancelled", False, "processing", False),
        ("buyer-protection", "buyer", "expired", True, "processing", False),
    ],
)
def test_what_counts_against_a_seller_is_the_policys_reading(
    rating: str, fault: str, outcome: str, lapsed: bool, status: str, counts: bool
) -> None:
    case = a_case(state=State.CLOSED, outcome=Outcome(outcome), lapsed=lapsed, order_status=OrderStatus(status))
    policy = replace(case.policy, rating=Rating(rating))
    case = replace(case, asked=replace(case.asked, fault=Fault(fault)), policy=policy)
    assert counts_against_seller(case) is counts


def test_a_lapsed_answer_is_remembered() -> None:
    case = a_case(if_silent=Silence.EXPIRE)
    assert case.deadline_at
    assert said(case, Expire(), SYSTEM, now=case.deadline_at).lapsed


# --- attempts


@pytest.mark.parametrize(("counts", "delta"), [(True, 0), (False, -1)])
def test_by_policy_a_withdrawn_request_gives_its_attempt_back(counts: bool, delta: int) -> None:
    policy = a_policy(withdrawal_counts=counts)
    change = advance(a_case(), an_act(Withdraw(), BUDI), a_context(policy))
    assert change.slot
    assert change.slot.attempts == delta


# --- a parcel that moves between the approval and the payment


BY_CARD = an_order(tenders={"card": 150_000})


def approved_by_card() -> Case:
    return said(a_case(BY_CARD), Approve(), SELLER, order=BY_CARD)


def test_before_any_money_was_sent_a_parcel_that_moves_takes_the_approval_back() -> None:
    case = approved_by_card()
    paid = replace(refunded(BY_CARD, case.quote, case.lines), open_case=case.case_id)
    moved = OrderMoved(order_status=OrderStatus.SHIPPED)
    change = advance(case, an_act(moved, SYSTEM), a_context(order=paid))
    assert change.case
    assert change.case.quote == case.quote
    assert (change.case.state, change.case.refund) == (State.AWAITING_SUPPORT, None)
    assert (change.case.run, change.case.turn) == (2, 1), "AwaitRefund leads only to the end"
    assert change.slot
    assert change.slot.books
    assert (change.slot.books.accounts["card"].taken, change.slot.cancelled) == (0, {"1": -1})
    promised = {key.partition(":")[2] for key in outbox_of(change.case)}
    assert not promised & {"mail:approved:buyer", "event:refund.requested", "event:order.cancelled"}


def test_once_money_may_have_been_sent_a_move_only_leaves_its_mark() -> None:
    for case in (replace(approved_by_card(), money_sent=True), replace(approved_by_card(), outbox={})):
        change = advance(case, an_act(OrderMoved(order_status=OrderStatus.SHIPPED), SYSTEM), a_context())
        assert change.case
        assert (change.case.state, change.case.moved_to) == (State.REFUNDING, "shipped")
        assert change.slot is None


def test_too_late_to_hold_is_a_parcel_that_moved() -> None:
    heard = said(a_case(), ParcelAnswered(word=ParcelWord.TOO_LATE), SYSTEM)
    assert heard.moved_to == "shipped"
    assert said(heard, Approve(), SELLER).state is State.AWAITING_SUPPORT
    held = said(a_case(), ParcelAnswered(word=ParcelWord.HELD), SYSTEM)
    assert (held.parcel, held.moved_to) == ("held", None)
