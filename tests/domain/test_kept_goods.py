"""A part of the money back for goods that the buyer keeps: offered, agreed to, given once, and the order goes on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.change import Change, GrantedToday
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Approve,
    Confirm,
    DeclineOffer,
    Expire,
    MakeOffer,
    OrderMoved,
    ParcelAnswered,
    RefundSucceeded,
    Reopen,
    Said,
)
from chalicelib.domain.cases.events import CasePartialRefundAgreed
from chalicelib.domain.cases.step import StepContext
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.books import account_of
from chalicelib.domain.money.goodwill import room_by
from chalicelib.domain.money.quote import quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import NOT_BEGUN, OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Policy
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
    an_order,
    outbox_of,
    refunded,
)

ANOTHER = Actor(role=Role.SUPPORT, id="rini")
TWO = (Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),)


def the_order(**more: Any) -> Order:
    return an_order(**{"lines": TWO, "guard": {"cases": ("c1",)}, **more})


def said(case: Case, what: Said, actor: Actor = BUDI, **more: Any) -> Change:
    order, policy = more.pop("order", None) or the_order(), more.pop("policy", None)
    today = more.pop("today", None)
    context: StepContext = a_context(policy, order=order)
    return advance(case, an_act(what, actor, **more), replace(context, granted_today=today) if today else context)


def after(change: Change) -> Case:
    assert change.case
    return change.case


def offered(amount: int = 30_000, actor: Actor = SELLER, **more: Any) -> Case:
    order = more.get("order") or the_order()
    case = more.pop("case", None) or a_case(order)
    return after(said(case, MakeOffer(partial_refund=amount), actor, **{"order": order, **more}))


def given_books(order: Order, change: Change) -> Order:
    assert change.slot
    assert change.slot.books
    return replace(order, books=change.slot.books)


def test_the_buyer_keeps_the_goods_and_the_order_goes_on() -> None:
    order = the_order()
    change = said(offered(), AcceptOffer(), order=order)
    case = after(change)
    assert (case.state, case.outcome, case.ending) == (State.CLOSED, Outcome.SETTLED, "kept_goods")
    assert case.refund
    assert (case.refund.refund_id, case.refund.total, case.refund.kept) == ("rf_c1", 30_000, {})
    assert [credit.amount for credit in change.credits] == [30_000]
    assert change.slot
    assert (change.slot.releases, change.slot.cancelled, change.slot.returned, change.slot.worth) == (True, {}, {}, 0)
    known = given_books(order, change)
    assert (account_of(known, "wallet").taken, known.books and known.books.goodwill) == (30_000, 30_000)
    promised = {key.split(":", 1)[1] for key in outbox_of(case)}
    assert {"mail:settled:buyer", "mail:settled:seller"} <= promised
    assert "mail:money_returned:buyer" not in promised
    assert {"event:case.partial_refund_agreed", "event:order.release_shipment", "event:case.closed"} <= promised
    assert not any("order.cancelled" in each or "change_agreed" in each for each in promised)


def test_money_by_a_card_is_on_its_way_and_the_order_is_free_for_another_request() -> None:
    order = the_order(tenders={"card": 100_000})
    change = said(offered(order=order), AcceptOffer(), order=order)
    case = after(change)
    assert change.slot
    assert (case.state, case.holds_slot, change.slot.releases) == (State.REFUNDING, False, True)
    done = said(case, RefundSucceeded(event_id="e1", amount=30_000), SYSTEM, order=order)
    assert (after(done).outcome, done.slot) == (Outcome.SETTLED, None)


@pytest.mark.parametrize("status", ["shipped", "delivered", "cancelled"])
def test_a_parcel_that_moves_while_the_money_is_on_its_way_takes_nothing_back(status: str) -> None:
    order = the_order(tenders={"card": 100_000})
    case = after(said(offered(order=order), AcceptOffer(), order=order))
    for what in (OrderMoved(order_status=OrderStatus(status)), ParcelAnswered(word=ParcelWord.TOO_LATE)):
        moved = said(case, what, SYSTEM, order=order)
        assert (after(moved).state, after(moved).refund, moved.slot) == (State.REFUNDING, case.refund, None)


def test_a_parcel_that_left_before_the_buyer_agreed_changes_nothing() -> None:
    moved = after(said(offered(), OrderMoved(order_status=OrderStatus.SHIPPED), SYSTEM))
    assert moved.state is State.AWAITING_BUYER
    assert after(said(moved, AcceptOffer())).outcome is Outcome.SETTLED


@pytest.mark.parametrize("amount", [0, -1, 100_001])
def test_an_amount_is_above_nothing_and_never_above_what_is_left(amount: int) -> None:
    with pytest.raises(Invalid) as invalid:
        offered(amount)
    assert invalid.value.code == "partial_refund_too_high"
    assert invalid.value.details["at_most"] == 100_000


def test_vouchers_never_become_money() -> None:
    order = the_order(tenders={"card": 60_000, "voucher": 40_000})
    with pytest.raises(Invalid):
        offered(60_001, order=order)
    case = after(said(offered(60_000, order=order), AcceptOffer(), order=order))
    assert case.refund
    assert [(part.tender_id, part.amount) for part in case.refund.parts] == [("card", 60_000)]


@pytest.mark.parametrize("status", [*sorted(NOT_BEGUN), OrderStatus.LOST, OrderStatus.RETURNED_TO_SELLER])
def test_goods_that_nobody_has_begun_with_or_that_do_not_come_are_not_kept(status: OrderStatus) -> None:
    with pytest.raises(Invalid) as invalid:
        offered(case=a_case(the_order(), order_status=status))
    assert invalid.value.code == "partial_refund_not_allowed"


@pytest.mark.parametrize("reason", ["parcel_lost", "not_received"])
def test_who_never_had_the_goods_is_not_offered_to_keep_them(reason: str) -> None:
    case = a_case(the_order())
    with pytest.raises(Invalid) as invalid:
        offered(case=replace(case, asked=replace(case.asked, reason_code=reason, goods_come_back=False)))
    assert invalid.value.code == "partial_refund_not_allowed"


@pytest.mark.parametrize("more", [{}, {"fee": 1}, {"alternative": "change_address"}])
def test_an_offer_is_one_thing(more: dict[str, Any]) -> None:
    offer = MakeOffer(partial_refund=1, **more) if more else MakeOffer()
    with pytest.raises(Invalid) as invalid:
        said(a_case(the_order()), offer, SELLER)
    assert invalid.value.code == "offer_needs_one"


def test_a_return_may_end_so_too_and_the_goods_stay_with_the_buyer() -> None:
    order = the_order(status="delivered")
    case = a_case(the_order(), kind=Kind.RETURN, order_status=OrderStatus.DELIVERED)
    done = after(said(offered(case=case, order=order), AcceptOffer(), order=order))
    assert (done.outcome, done.goods) == (Outcome.SETTLED, None)
    assert not any("release_shipment" in key for key in outbox_of(done))


def test_a_no_and_silence_mean_what_they_mean_for_any_offer() -> None:
    policy = a_policy()
    declined = after(said(offered(), DeclineOffer(), policy=policy))
    plain = after(said(after(said(a_case(the_order()), MakeOffer(fee=1), SELLER)), DeclineOffer(), policy=policy))
    assert (declined.state, declined.outcome) == (plain.state, plain.outcome)
    assert declined.refund is None
    silent = after(said(offered(), Expire(), SYSTEM, now=NOW + timedelta(days=30)))
    assert silent.refund is None
    assert silent.outcome in (None, Outcome.EXPIRED)


def test_what_was_given_elsewhere_meanwhile_is_not_given_again() -> None:
    order = the_order()
    case = offered(80_000, order=order)
    with pytest.raises(Refused) as refused:
        said(case, AcceptOffer(), order=replace(order, given={"wallet": 30_000}))
    assert (refused.value.code, refused.value.details["at_most"]) == ("offer_superseded", 70_000)


def test_the_seller_who_approves_instead_cancels_as_asked() -> None:
    case = after(said(offered(), Approve(), SELLER))
    assert (case.outcome, case.keeps_goods) == (Outcome.CANCELLED, False)
    assert case.refund
    assert case.refund.total == 100_000


def test_events_say_who_offered_it_and_what_the_sellers_payout_loses() -> None:
    for who, loses in ((SELLER, 30_000), (SUPPORT, 0)):
        change = said(offered(actor=who), AcceptOffer(), policy=a_policy(second_person_above=None))
        assert change.entry
        assert change.entry.events
        told = change.entry.events[str(CasePartialRefundAgreed.name)]
        assert (told["partial_refund"], told["refund_id"], told["currency"]) == (30_000, "rf_c1", "IDR")
        assert (told["offered_by"], told["to_book"]["payout_reversal"]) == (who.role, loses)
        assert change.entry.facts
        assert change.entry.facts["partial_refund"] == 30_000


# --- limits of customer service ---------------------------------------------------------------------------------------


def by_support(policy: Policy, amount: int = 30_000, **more: Any) -> Case:
    return after(said(offered(amount, SUPPORT, policy=policy), AcceptOffer(), policy=policy, **more))


CAREFUL = a_policy(second_person_above=20_000)


def test_a_large_sum_that_customer_service_offered_waits_for_a_second_person() -> None:
    waiting = by_support(CAREFUL)
    assert (waiting.state, waiting.first_yes, waiting.refund) == (State.AWAITING_SUPPORT, SUPPORT.id, None)
    assert waiting.quote.refund_total == 100_000, "the request's own money, should it come to that"
    for again in (Approve(), Confirm()):
        with pytest.raises(Refused) as refused:
            said(waiting, again, SUPPORT, policy=CAREFUL)
        assert refused.value.code == "same_person"
        change = said(waiting, again, ANOTHER, policy=CAREFUL)
        assert after(change).outcome is Outcome.SETTLED
        assert change.granted
        assert (change.granted.person, change.granted.worth) == (ANOTHER.id, Money(30_000, "IDR"))


def test_what_one_person_gave_today_counts_with_it() -> None:
    policy = a_policy(second_person_above_a_day=50_000)
    today = GrantedToday(sums={"IDR": 20_001}, told=20_001)
    assert by_support(policy, today=today).first_yes == SUPPORT.id
    assert by_support(policy).outcome is Outcome.SETTLED


def test_a_seller_gives_their_own_money_alone() -> None:
    case = after(said(offered(), AcceptOffer(), policy=CAREFUL))
    assert case.outcome is Outcome.SETTLED


def test_what_the_second_person_refuses_is_agreed_no_more() -> None:
    refused = after(said(by_support(CAREFUL), NO, ANOTHER, policy=CAREFUL))
    assert (refused.outcome, refused.ending, refused.keeps_goods) == (Outcome.REJECTED, "rejected", False)
    again = after(said(refused, Reopen(), ANOTHER, policy=CAREFUL))
    assert again.offer is None
    granted = after(said(again, Approve(), ANOTHER, policy=a_policy(second_person_above=None)))
    assert granted.outcome is Outcome.CANCELLED
    assert granted.refund
    assert granted.refund.total == 100_000


def test_while_a_second_person_is_waited_for_a_parcel_may_go_on_and_an_order_may_end() -> None:
    waiting = by_support(CAREFUL)
    moved = after(said(waiting, OrderMoved(order_status=OrderStatus.SHIPPED), SYSTEM))
    assert after(said(moved, Confirm(), ANOTHER, policy=CAREFUL)).outcome is Outcome.SETTLED
    ended = after(said(waiting, OrderMoved(order_status=OrderStatus.CANCELLED), SYSTEM))
    assert (ended.outcome, ended.refund) == (Outcome.OVERTAKEN, None)


def test_less_of_a_fee_has_no_place_in_it() -> None:
    with pytest.raises(Invalid) as invalid:
        said(by_support(CAREFUL), Approve(fee=0), ANOTHER, policy=CAREFUL)
    assert invalid.value.code == "fee_not_allowed"


# --- together with everything else that goes back ---------------------------------------------------------------------


@given(data=st.data())
def test_whatever_is_agreed_and_cancelled_afterwards_is_paid_once(data: st.DataObject) -> None:
    """Offers that are accepted one after the other, and pieces that go between and after them: by no tender more than
    was collected, nothing twice, and in the end what would have gone back without them, or what was given if more."""
    card, voucher = data.draw(st.integers(0, 300)), data.draw(st.integers(0, 100))
    wallet = 400 - card - voucher
    tenders = {name: amount for name, amount in (("wallet", wallet), ("card", card), ("voucher", voucher)) if amount}
    lines = (Line(line_id="1", name="Kemeja", quantity=4, unit_price=100),)
    order, sent = an_order(lines=lines, tenders=tenders, guard={"cases": ("c1",)}), 0
    policy = a_policy(fees={}, second_person_above=None)
    for act in data.draw(st.lists(st.sampled_from(["keep", "cancel"]), max_size=5)):
        known = with_books(order, policy.refund_order)
        if act == "cancel" and known.remaining:
            money = quote(known, policy, Fault.SELLER, NOW, wanted={"1": 1})
            order = refunded(known, money, {"1": 1})
            sent += money.refund_total
            continue
        most = sum(room_by(known).values())
        if not most or not known.remaining:
            continue
        amount = data.draw(st.integers(1, most))
        context = a_context(policy, order=known)
        asked = a_case(known)
        case = after(advance(asked, an_act(MakeOffer(partial_refund=amount)), context))
        change = advance(case, an_act(AcceptOffer(), BUDI), context)
        refund = after(change).refund
        assert refund
        assert sum(part.amount for part in refund.parts) == refund.total == amount
        assert not any(part.method.is_promo for part in refund.parts)
        order = given_books(known, change)
        sent += amount
        with pytest.raises(Refused):
            advance(after(change), an_act(AcceptOffer(), BUDI), a_context(policy, order=order))
    for tender_id, paid in tenders.items():
        assert account_of(with_books(order, None), tender_id).taken <= paid
    rest = quote(with_books(order, None), policy, Fault.SELLER, NOW)
    assert sum(line.amount for line in rest.lines) == rest.refund_total
    assert sent + rest.refund_total == max(400, sent)
