"""Goods that come back: what the carrier says of them, what the seller does, and what customer service makes of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.asking import options
from chalicelib.domain.cases.case import Case, Offer, Outcome, State
from chalicelib.domain.cases.choices import GoodsFault, ParcelWord
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Appeal,
    Approve,
    Confirm,
    ContestGoods,
    Expire,
    GoodsReceived,
    MakeOffer,
    ParcelAnswered,
    Reject,
    ReturnLabel,
    Said,
    ShippedBack,
)
from chalicelib.domain.cases.events import Piece
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Forbidden, Invalid, Refused
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.orders.body import Line
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.policy import MoneyBack, Payer, Policy, Returns, Silence
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.policies.seller_rules import SellerRules
from infra.sandbox.builders import (
    BUDI,
    NOW,
    SELLER,
    SUPPORT,
    SYSTEM,
    a_context,
    a_policy,
    an_act,
    an_asking,
    an_order,
    outbox_of,
)

RINI = Actor(role=Role.SUPPORT, id="rini")
HOUR = timedelta(hours=1)
SHIRTS = (
    Line(line_id="1", name="Kemeja", quantity=2, unit_price=100_000),
    Line(line_id="2", name="Topi", quantity=1, unit_price=50_000),
)
DELIVERED = ParcelAnswered(word=ParcelWord.DELIVERED)
PICKED_UP = ParcelAnswered(word=ParcelWord.PICKED_UP)
BROKEN = ContestGoods(fault=GoodsFault.DAMAGED, comment="Kancingnya lepas")
NOT_THERE = ContestGoods(fault=GoodsFault.NOT_ARRIVED)


def an_order_of_shirts(**more: Any) -> Order:
    order = an_order(status="delivered", lines=SHIRTS, shipping_fee=12_000, **more)
    return replace(order, status_at=NOW - timedelta(days=1))


class Return:
    """A return as it is told step by step, under one policy."""

    def __init__(self, policy: Policy | None = None, order: Order | None = None, reason_code: str = "damaged") -> None:
        self.policy = policy or a_policy()
        self.order = order or an_order_of_shirts()
        asked = an_asking(self.order, kind=Kind.RETURN, reason_code=reason_code, policy=self.policy).case
        assert asked
        self.case: Case = asked

    def say(self, what: Said, actor: Actor = SELLER, now: datetime = NOW) -> Case:
        context = a_context(self.policy, order=self.order)
        after = advance(self.case, an_act(what, actor, now=now), context).case
        assert after
        self.case = after
        return after

    def sent(self) -> "Return":
        self.say(Approve())
        self.say(ShippedBack(tracking_number="JNE-9"), BUDI)
        return self

    def silence(self) -> Case:
        assert self.case.deadline_at
        return self.say(Expire(), SYSTEM, now=self.case.deadline_at)


def promised(case: Case) -> set[str]:
    """What the row has promised, by whatever entry."""
    return {key.partition(":")[2] for key in outbox_of(case)}


def with_returns(**more: Any) -> Policy:
    policy = a_policy()
    assert policy.returns
    return replace(policy, returns=replace(policy.returns, **more))


# --- a number typed by the buyer proves nothing


def test_a_tracking_number_and_silence_move_no_money() -> None:
    sent = Return().sent()
    ended = sent.silence()
    assert (ended.state, ended.refund, ended.if_silent) == (State.AWAITING_SUPPORT, None, Silence.ESCALATE)
    assert (sent.silence().state, sent.case.refund) == (State.AWAITING_SUPPORT, None)


def test_a_policy_may_trust_the_number() -> None:
    assert Return(with_returns(if_unseen=Silence.APPROVE)).sent().silence().outcome is Outcome.RETURNED


def test_goods_that_were_sent_are_never_lost_to_silence() -> None:
    with pytest.raises(ValueError, match="never lost to silence"):
        Returns(if_unseen=Silence.EXPIRE)


# --- the seller's time to look begins with the delivery


def test_the_time_to_look_counts_from_the_goods_own_delivery() -> None:
    sent = Return().sent()
    arrived = NOW + timedelta(days=4)
    looking = sent.say(replace(DELIVERED, at=arrived), SYSTEM, now=arrived + HOUR)
    receipt = a_policy().returns
    assert receipt
    assert looking.deadline_at == a_context().after(arrived, receipt.receipt)
    assert (looking.waiting_for, looking.if_silent) == (Role.SELLER, Silence.APPROVE)
    assert looking.goods
    assert looking.goods.arrived_at == arrived
    assert {"mail:goods_arrived:seller", "mail:goods_arrived:buyer"} <= promised(looking)
    assert sent.silence().outcome is Outcome.RETURNED


def test_the_first_delivery_counts() -> None:
    sent = Return().sent()
    first = sent.say(DELIVERED, SYSTEM, now=NOW + HOUR)
    again = sent.say(DELIVERED, SYSTEM, now=NOW + 48 * HOUR)
    assert (again.goods, again.deadline_at, again.turn) == (first.goods, first.deadline_at, first.turn)


def test_a_word_that_comes_late_leaves_the_seller_a_day_to_look() -> None:
    sent = Return().sent()
    now = NOW + timedelta(days=13)
    looking = sent.say(replace(DELIVERED, at=NOW + HOUR), SYSTEM, now=now)
    assert looking.deadline_at
    assert looking.deadline_at >= now + timedelta(days=1)


def test_a_word_from_the_future_is_heard_as_now() -> None:
    looking = Return().sent().say(replace(DELIVERED, at=NOW + timedelta(days=400)), SYSTEM)
    assert looking.goods
    assert looking.goods.arrived_at == NOW


def test_goods_that_arrive_unannounced_were_sent() -> None:
    story = Return()
    story.say(Approve())
    looking = story.say(DELIVERED, SYSTEM)
    assert looking.goods
    assert (looking.goods.sent_at, looking.goods.tracking_number) == (NOW, None)
    assert looking.waiting_for is Role.SELLER


def test_goods_that_nobody_saw_leave_support_when_they_arrive() -> None:
    sent = Return().sent()
    asked = sent.silence()
    now = asked.updated_at + HOUR
    looking = sent.say(DELIVERED, SYSTEM, now=now)
    assert (looking.state, looking.waiting_for) == (State.AWAITING_GOODS, Role.SELLER)


def test_a_contest_stays_with_support_when_the_carrier_says_delivered() -> None:
    sent = Return().sent()
    sent.say(NOT_THERE)
    heard = sent.say(DELIVERED, SYSTEM)
    assert heard.goods
    assert (heard.state, heard.goods.arrived_at) == (State.AWAITING_SUPPORT, NOW)


def test_a_word_about_goods_that_nobody_sends_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        Return().say(DELIVERED, SYSTEM)
    assert refused.value.code == "not_now"


def test_a_parcel_called_back_that_is_delivered_to_the_seller_is_looked_at_too() -> None:
    policy = a_policy(money_back=MoneyBack.ON_RECEIPT)
    case = an_asking(an_order(status="shipped"), policy=policy).case
    assert case
    by = a_context(policy)
    waiting = advance(case, an_act(Approve()), by).case
    assert waiting
    looking = advance(waiting, an_act(DELIVERED, SYSTEM), by).case
    assert looking
    assert (looking.state, looking.if_silent) == (State.AWAITING_GOODS, Silence.APPROVE)
    assert looking.goods
    assert looking.goods.arrived_at == NOW


# --- a quick refund is policy


def test_money_goes_with_the_pick_up_where_policy_says_so() -> None:
    quick = Return(with_returns(quick_at_most=250_000)).sent()
    paid = quick.say(PICKED_UP, SYSTEM)
    assert (paid.outcome, paid.refund and paid.refund.total) == (Outcome.RETURNED, 262_000)


@pytest.mark.parametrize("most", [0, 249_999])
def test_otherwise_a_pick_up_is_only_noted(most: int) -> None:
    slow = Return(with_returns(quick_at_most=most)).sent()
    before = slow.case
    noted = slow.say(PICKED_UP, SYSTEM, now=NOW + HOUR)
    assert noted.goods
    assert (noted.goods.picked_up_at, noted.refund, noted.deadline_at) == (NOW + HOUR, None, before.deadline_at)


def test_a_pick_up_that_the_buyer_did_not_announce_sends_the_goods_on_their_way() -> None:
    story = Return()
    story.say(Approve())
    sent = story.say(PICKED_UP, SYSTEM)
    assert (sent.waiting_for, sent.if_silent) == (Role.SELLER, Silence.ESCALATE)


def test_a_buyer_who_asks_often_waits_for_the_goods() -> None:
    story = Return(with_returns(quick_at_most=10**9))
    story.case = replace(story.case, asked=replace(story.case.asked, often=True))
    assert story.sent().say(PICKED_UP, SYSTEM).refund is None


# --- the seller contests


@pytest.mark.parametrize("fault", list(GoodsFault))
def test_what_the_seller_says_of_the_goods_brings_support_in(fault: GoodsFault) -> None:
    sent = Return().sent()
    contested = sent.say(ContestGoods(fault=fault, comment="lihat foto", lines=(Piece(line_id="1", quantity=1),)))
    assert (contested.state, contested.if_silent) == (State.AWAITING_SUPPORT, Silence.ESCALATE)
    assert contested.goods
    assert contested.goods.contested
    assert (contested.goods.contested.fault, contested.goods.contested.lines) == (fault, {"1": 1})
    assert {"mail:escalated:buyer", "mail:escalated:seller", "event:return.contested"} <= promised(contested)
    assert sent.silence().refund is None


def test_who_contests_says_what_is_wrong() -> None:
    sent = Return().sent()
    with pytest.raises(Invalid) as refused:
        sent.say(ContestGoods(fault=GoodsFault.DAMAGED, comment="  "))
    assert refused.value.code == "comment_required"


@pytest.mark.parametrize(
    "lines", [((("9", 1)),), (("1", 3),), (("1", 1), ("1", 1))], ids=["not of the case", "too many", "twice"]
)
def test_who_contests_names_pieces_of_the_case(lines: tuple[tuple[str, int], ...]) -> None:
    named = tuple(Piece(line_id=line_id, quantity=quantity) for line_id, quantity in lines)
    sent = Return().sent()
    with pytest.raises(Invalid) as refused:
        sent.say(replace(BROKEN, lines=named))
    assert refused.value.code == "validation_failed"


def test_nobody_contests_goods_that_are_still_with_the_buyer() -> None:
    story = Return()
    story.say(Approve())
    with pytest.raises(Refused) as refused:
        story.say(NOT_THERE)
    assert refused.value.code == "not_now"


def test_contesting_again_corrects_the_words_and_moves_nothing() -> None:
    sent = Return().sent()
    first = sent.say(NOT_THERE)
    again = sent.say(BROKEN, now=NOW + HOUR)
    assert again.goods
    assert again.goods.contested
    assert (again.goods.contested.fault, again.deadline_at) == (GoodsFault.DAMAGED, first.deadline_at)


def test_a_seller_who_finds_the_goods_after_all_ends_it() -> None:
    sent = Return().sent()
    sent.say(NOT_THERE)
    assert sent.say(GoodsReceived()).outcome is Outcome.RETURNED


# --- what customer service makes of it


def contested(policy: Policy | None = None) -> Return:
    story = Return(policy).sent()
    story.say(BROKEN)
    return story


def test_support_may_keep_a_deduction() -> None:
    paid = contested().say(Approve(deduction=62_000, note="kancing"), SUPPORT)
    assert paid.refund
    assert (paid.outcome, paid.refund.total, paid.quote.fees_total) == (Outcome.RETURNED, 200_000, 62_000)
    assert [line.rule for line in paid.quote.lines][-1] == "deducted_for_goods"


def test_support_may_dismiss_pieces() -> None:
    story = contested()
    change = advance(
        story.case,
        an_act(Approve(lines=(Piece(line_id="1", quantity=1),), note="satu saja"), SUPPORT),
        a_context(story.policy, order=story.order),
    )
    paid, slot = change.case, change.slot
    assert paid
    assert paid.refund
    assert slot
    # The shipping comes back with the last piece alone.
    assert (paid.refund.total, paid.dismissed, slot.returned) == (100_000, {"1": 1, "2": 1}, {"1": 1})
    assert paid.granted_lines == {"1": 1}


def test_support_may_still_grant_all_or_nothing() -> None:
    whole = contested().say(Approve(note="tidak terbukti"), SUPPORT)
    assert whole.refund
    assert whole.refund.total == 262_000
    nothing = contested().say(Reject(reason_code=RefusingReason.USED_OR_INCOMPLETE, note="terbukti"), SUPPORT)
    assert nothing.outcome is Outcome.REJECTED


def test_a_deduction_is_at_most_what_would_go_back() -> None:
    with pytest.raises(Invalid) as refused:
        contested().say(Approve(deduction=262_001, note="?"), SUPPORT)
    assert (refused.value.code, refused.value.details["at_most"]) == ("deduction_too_high", 262_000)


def test_sellers_deduct_nothing_and_nobody_before_the_goods_are_on_their_way() -> None:
    with pytest.raises(Invalid) as refused:
        Return().say(Approve(deduction=1_000))
    assert refused.value.code == "deduction_not_allowed"
    with pytest.raises(Invalid) as refused:
        Return().say(Approve(deduction=1_000, note="?"), SUPPORT)
    assert refused.value.code == "deduction_not_allowed"


def test_on_other_terms_a_second_person_looks_again() -> None:
    story = contested(a_policy(second_person_above=0))
    story.say(Approve(deduction=62_000, note="kancing"), SUPPORT)
    other = story.say(Approve(deduction=12_000, note="lebih ringan"), RINI)
    assert (other.state, other.first_yes, other.quote.refund_total) == (State.AWAITING_SUPPORT, "rini", 250_000)
    paid = story.say(Confirm(note="setuju"), SUPPORT)
    assert paid.refund
    assert paid.refund.total == 250_000


def test_a_seller_cannot_pass_a_first_yes_by() -> None:
    story = contested(a_policy(second_person_above=0))
    story.say(Approve(deduction=62_000, note="kancing"), SUPPORT)
    with pytest.raises(Refused) as refused:
        story.say(GoodsReceived())
    assert refused.value.code == "not_now"


def test_what_was_reckoned_ends_with_its_run() -> None:
    story = contested(a_policy(second_person_above=0))
    story.say(Approve(deduction=62_000, lines=(Piece(line_id="1", quantity=2),), note="?"), SUPPORT)
    story.say(Reject(reason_code=RefusingReason.OTHER, note="?"), SUPPORT)
    story.order = replace(story.order, cases=(story.case.case_id,))
    again = story.say(Appeal(comment="mohon dicek lagi"), BUDI, now=NOW + HOUR)
    assert (again.quote.refund_total, dict(again.dismissed)) == (262_000, {})


@given(
    shirts=st.integers(0, 2),
    caps=st.integers(0, 1),
    deduction=st.integers(1, 300_000),
    reason_code=st.sampled_from(["damaged", "wrong_size"]),
)
def test_whatever_support_reckons_adds_up_and_never_pays_more(
    shirts: int, caps: int, deduction: int, reason_code: str
) -> None:
    story = Return(reason_code=reason_code).sent()
    story.say(BROKEN)
    full = story.case.quote
    lines = tuple(Piece(line_id=x, quantity=n) for x, n in (("1", shirts), ("2", caps)) if n)
    try:
        paid = story.say(Approve(deduction=deduction, lines=lines or None, note="?"), SUPPORT)
    except Invalid as refused:
        assume(refused.code != "deduction_too_high")
        raise
    assert paid.refund
    assert 0 <= paid.refund.total <= full.refund_total - deduction
    assert paid.refund.total == sum(part.amount for part in paid.refund.parts) == paid.quote.refund_total
    assert paid.quote.paid == paid.quote.refund_total + paid.quote.fees_total
    assert sum(line.amount for line in paid.quote.lines) == paid.quote.refund_total
    assert paid.quote.paid <= full.paid


# --- where the goods go, and who pays for it


@pytest.mark.parametrize(
    ("reason_code", "payer"),
    [("wrong_size", Payer.BUYER), ("damaged", Payer.SELLER), ("damaged_in_transit", Payer.PLATFORM)],
)
def test_who_is_at_fault_pays_the_way_back_and_it_is_said_before(reason_code: str, payer: Payer) -> None:
    case = Return(reason_code=reason_code).case
    assert case.way_back
    assert case.way_back.paid_by is payer
    told = options(an_order_of_shirts(), a_policy(), Kind.RETURN, NOW, reason_code=reason_code)
    assert f"way_back_paid_by_{payer}" in told.consequences


def test_a_policy_may_say_who_pays() -> None:
    case = Return(with_returns(way_back=Payer.PLATFORM), reason_code="wrong_size").case
    assert case.way_back
    assert case.way_back.paid_by is Payer.PLATFORM


def test_the_order_says_where_goods_go_then_the_seller_then_the_yes() -> None:
    order = an_order_of_shirts()
    seller = SellerRules(return_address="Gudang Toko, Bandung")
    asked = an_asking(order, kind=Kind.RETURN, reason_code="damaged", seller=seller).case
    assert asked
    assert asked.way_back
    assert asked.way_back.address == "Gudang Toko, Bandung"
    told = replace(order, body=replace(order.body, seller=replace(order.body.seller, return_address="Jl. Melati 1")))
    asked = an_asking(told, kind=Kind.RETURN, reason_code="damaged", seller=seller).case
    assert asked
    assert asked.way_back
    assert asked.way_back.address == "Jl. Melati 1"
    agreed = advance(asked, an_act(Approve(return_address="Jl. Mawar 2", pickup_code="X7")), a_context()).case
    assert agreed
    assert agreed.way_back
    assert (agreed.way_back.address, agreed.way_back.pickup_code) == ("Jl. Mawar 2", "X7")


def test_a_cancellation_has_no_way_back() -> None:
    case = an_asking(an_order(status="processing")).case
    assert case
    assert case.way_back is None
    with pytest.raises(Invalid) as refused:
        advance(case, an_act(Approve(return_address="Jl. Mawar 2")), a_context())
    assert refused.value.code == "return_address_not_allowed"


def test_a_label_comes_from_the_marketplaces_systems_and_gives_the_whole_time_to_send() -> None:
    story = Return()
    agreed = story.say(Approve())
    assert agreed.deadline_at
    later = NOW + timedelta(days=3)
    label = ReturnLabel(label_url="https://labels.example/1.pdf", pickup_code="JNE-77")
    with pytest.raises(Forbidden):
        story.say(label, SELLER)
    labelled = story.say(label, SYSTEM, now=later)
    assert labelled.deadline_at
    assert labelled.deadline_at > agreed.deadline_at
    assert "mail:return_label:buyer" in promised(labelled)
    corrected = story.say(replace(label, pickup_code="JNE-78"), SYSTEM, now=later + HOUR)
    assert corrected.deadline_at == labelled.deadline_at


def test_a_label_that_says_nothing_new_is_refused() -> None:
    story = Return()
    story.say(Approve())
    with pytest.raises(Invalid) as refused:
        story.say(ReturnLabel(), SYSTEM)
    assert refused.value.code == "label_empty"


# --- neighbours: found by reading against the rules


def test_nothing_is_offered_for_goods_on_their_way_back() -> None:
    story = contested(a_policy(second_person_above=0))
    story.say(Approve(deduction=261_999, note="?"), SUPPORT)
    with pytest.raises(Refused) as refused:
        story.say(MakeOffer(fee=1_000, note="?"), RINI)
    assert refused.value.code == "not_now"


@pytest.mark.parametrize("profile", ["lazada", "shopee", "tokopedia"])
def test_an_offer_that_an_earlier_version_let_be_made_for_goods_never_ends_the_return(profile: str) -> None:
    story = contested(a_policy(profile))
    story.case = replace(
        story.case, state=State.AWAITING_BUYER, if_silent=Silence.EXPIRE, offer=Offer(fee=1_000, by=SUPPORT)
    )
    assert story.silence().state is State.AWAITING_SUPPORT


def test_a_deduction_of_nothing_is_a_word_about_all_the_money() -> None:
    story = contested(a_policy(second_person_above=0))
    story.say(Approve(deduction=261_999, note="?"), SUPPORT)
    other = story.say(Approve(deduction=0, note="tidak terbukti"), RINI)
    assert (other.first_yes, other.quote.refund_total) == ("rini", 262_000)


def test_a_refusal_is_not_undone_by_silence_and_a_late_word() -> None:
    story = Return().sent()
    story.say(ContestGoods(fault=GoodsFault.NOT_ARRIVED))
    story.case = replace(story.case, goods=replace(story.case.goods, contested=None) if story.case.goods else None)
    story.say(Reject(reason_code=RefusingReason.OTHER, note="?"), SUPPORT)
    story.order = replace(story.order, cases=(story.case.case_id,))
    story.say(Appeal(comment="mohon dicek lagi"), BUDI, now=NOW + HOUR)
    assert story.case.if_silent is Silence.ESCALATE
    asked = story.silence()
    heard = story.say(DELIVERED, SYSTEM, now=asked.updated_at + HOUR)
    assert (heard.state, heard.refund) == (State.AWAITING_SUPPORT, None)


@pytest.mark.parametrize("word", [ParcelWord.DELIVERED, ParcelWord.PICKED_UP])
def test_a_word_from_before_the_agreement_speaks_of_another_parcel(word: ParcelWord) -> None:
    story = Return(with_returns(quick_at_most=10**9))
    agreed = story.say(Approve())
    heard = story.say(ParcelAnswered(word=word, at=NOW - timedelta(days=1)), SYSTEM)
    assert (heard.goods, heard.if_silent, heard.refund) == (agreed.goods, agreed.if_silent, None)


def test_pieces_of_an_order_that_its_system_cancelled_since_are_worth_what_was_paid() -> None:
    story = Return(order=an_order_of_shirts(tenders={"cod": 262_000})).sent()
    story.say(BROKEN)
    story.order = replace(with_books(story.order, None), status=OrderStatus.CANCELLED)
    paid = story.say(Approve(lines=(Piece(line_id="1", quantity=2),), note="?"), SUPPORT)
    assert paid.refund
    assert paid.refund.total == 200_000


def test_an_agreed_fee_stays_agreed_when_a_part_is_deducted() -> None:
    story = Return()
    story.say(MakeOffer(fee=50_000))
    story.say(AcceptOffer(), BUDI)
    story.say(ShippedBack(tracking_number="JNE-9"), BUDI)
    story.say(BROKEN)
    paid = story.say(Approve(deduction=10_000, note="?"), SUPPORT)
    assert paid.refund
    assert paid.refund.total == 202_000


def test_what_support_grants_for_goods_counts_among_what_they_grant_in_a_day() -> None:
    story = contested()
    change = advance(story.case, an_act(Approve(note="?"), SUPPORT), a_context(order=story.order))
    assert change.granted
    assert change.granted.worth == Money(250_000, "IDR")
    theirs = Return()
    theirs.say(Approve(note="?"), SUPPORT)
    theirs.say(ShippedBack(tracking_number="JNE-9"), BUDI)
    change = advance(theirs.case, an_act(GoodsReceived(note="?"), SUPPORT), a_context(order=theirs.order))
    assert change.granted is None


def test_a_corrected_tracking_number_is_told_to_whoever_follows_the_goods() -> None:
    sent = Return().sent()
    again = sent.say(ShippedBack(tracking_number="JNE-10"), BUDI, now=NOW + HOUR)
    assert "4:event:return.shipped" in outbox_of(again)
    asked = sent.silence()
    corrected = sent.say(ShippedBack(tracking_number="JNE-11"), BUDI, now=asked.updated_at + HOUR)
    assert corrected.goods
    assert (corrected.state, corrected.goods.tracking_number) == (State.AWAITING_SUPPORT, "JNE-11")


def test_who_agreed_first_had_not_heard_of_the_contest() -> None:
    sent = Return(a_policy(second_person_above=0)).sent()
    sent.say(GoodsReceived(note="kata kurir"), SUPPORT)
    assert sent.say(BROKEN).first_yes is None


def test_a_quick_refund_says_in_the_timeline_how_much_went() -> None:
    quick = Return(with_returns(quick_at_most=250_000)).sent()
    change = advance(quick.case, an_act(PICKED_UP, SYSTEM), a_context(quick.policy, order=quick.order))
    assert change.entry
    assert change.entry.facts
    assert change.entry.facts["refund_total"] == 262_000
