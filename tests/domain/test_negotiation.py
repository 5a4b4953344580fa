"""Offers: a fee or another way than cancelling, so many rounds, and what the buyer's answer or silence means."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.case import Case, Offer, Outcome, State
from chalicelib.domain.cases.choices import Alternative
from chalicelib.domain.cases.commands import AcceptOffer, Approve, Confirm, DeclineOffer, Expire, MakeOffer, Said
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.money.quote import less_fee
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import Answer, Declined, Offers, Policy, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.spans import Span
from infra.sandbox.builders import (
    BUDI,
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
)


def bargaining(**offers: Any) -> Policy:
    return a_policy(offers=Offers(**offers))


def offered(policy: Policy | None = None, case: Case | None = None, **offer: Any) -> Case:
    act = an_act(MakeOffer(**(offer or {"fee": 20_000}), comment="packed already"))
    after = advance(case or a_case(), act, a_context(policy or bargaining())).case
    assert after
    return after


def said(case: Case, what: Said, policy: Policy | None = None, **more: Any) -> Case:
    actor = more.pop("actor", BUDI)
    after = advance(case, an_act(what, actor, **more), a_context(policy or bargaining())).case
    assert after
    return after


def test_an_offer_gives_the_buyer_a_deadline_of_their_own() -> None:
    policy = bargaining(answer=Answer(within=Span(amount=6, unit="hours"), if_silent=Silence.EXPIRE))
    case = offered(policy)
    assert (case.state, case.waiting_for, case.rounds) == (State.AWAITING_BUYER, "buyer", 1)
    assert (case.deadline_at, case.if_silent) == (NOW + timedelta(hours=6), Silence.EXPIRE)
    assert case.offer == Offer(fee=20_000, by=SELLER, comment="packed already")


@pytest.mark.parametrize("fee", [0, -1, 150_001])
def test_a_fee_is_above_nothing_and_never_above_what_is_due(fee: int) -> None:
    with pytest.raises(Invalid) as invalid:
        offered(fee=fee)
    assert invalid.value.code == "fee_too_high"


def test_all_of_it_may_be_asked() -> None:
    accepted = said(offered(fee=150_000), AcceptOffer())
    assert accepted.outcome is Outcome.CANCELLED
    assert accepted.refund
    assert (accepted.refund.total, accepted.refund.parts) == (0, ())


@pytest.mark.parametrize("offer", [{}, {"fee": 5, "alternative": Alternative.CHANGE_ADDRESS}])
def test_an_offer_is_one_thing(offer: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as invalid:
        advance(a_case(), an_act(MakeOffer(**offer)), a_context())
    assert invalid.value.code == "offer_needs_one"


def test_a_return_is_not_bargained_into_something_else() -> None:
    with pytest.raises(Invalid) as invalid:
        offered(case=a_case(kind=Kind.RETURN), alternative=Alternative.CHANGE_ADDRESS)
    assert invalid.value.code == "alternative_not_allowed"


def test_an_accepted_fee_is_kept_and_the_rest_goes_back() -> None:
    case = offered(fee=20_000)
    change = advance(case, an_act(AcceptOffer(), BUDI), a_context(bargaining()))
    accepted = change.case
    assert accepted
    assert accepted.refund
    assert (accepted.outcome, accepted.refund.total, accepted.quote.fees_total) == (Outcome.CANCELLED, 130_000, 20_000)
    assert [credit.amount for credit in change.credits] == [130_000]
    assert change.slot
    assert change.slot.books
    account = change.slot.books.accounts["wallet"]
    assert (account.taken, account.kept) == (130_000, 20_000)
    assert accepted.quote.quote_id != case.quote.quote_id
    assert accepted.offer
    assert accepted.offer.accepted is True


def test_an_accepted_alternative_settles_the_case_and_the_order_goes_on() -> None:
    change = advance(offered(alternative="change_address"), an_act(AcceptOffer(), BUDI), a_context(bargaining()))
    settled = change.case
    assert settled
    assert (settled.outcome, settled.refund) == (Outcome.SETTLED, None)
    assert change.credits == ()
    assert any(key.endswith("event:order.change_agreed") for key in outbox_of(settled))
    assert any(key.endswith("event:order.release_shipment") for key in outbox_of(settled))


@pytest.mark.parametrize(
    ("declined", "place"),
    [
        (Declined.SELLER, State.AWAITING_SELLER),
        (Declined.SUPPORT, State.AWAITING_SUPPORT),
        (Declined.END, Outcome.REJECTED),
    ],
)
def test_declining_leads_where_the_policy_says(declined: Declined, place: State | Outcome) -> None:
    policy = bargaining(declined=declined)
    after = said(offered(policy), DeclineOffer(), policy)
    assert (after.outcome or after.state) == place
    assert after.offer
    assert after.offer.accepted is False


def test_after_so_many_rounds_the_seller_must_answer() -> None:
    policy = bargaining(rounds=2, declined=Declined.SELLER)
    case = said(offered(policy), DeclineOffer(), policy)
    case = said(offered(policy, case, fee=10_000), DeclineOffer(), policy)
    with pytest.raises(Refused) as refused:
        offered(policy, case, fee=5_000)
    assert refused.value.code == "offers_used_up"
    assert said(case, Approve(), policy, actor=SELLER).outcome is Outcome.CANCELLED


@pytest.mark.parametrize(
    ("silence", "place"), [(Silence.EXPIRE, Outcome.EXPIRED), (Silence.ESCALATE, State.AWAITING_SUPPORT)]
)
def test_a_buyers_silence_ends_or_escalates(silence: Silence, place: State | Outcome) -> None:
    policy = bargaining(answer=Answer(within=Span(amount=6, unit="hours"), if_silent=silence))
    after = said(offered(policy), Expire(), policy, actor=SYSTEM, now=NOW + timedelta(hours=6))
    assert (after.outcome or after.state) == place
    assert not after.lapsed, "the seller was not silent"


def test_a_buyers_silence_can_never_be_made_to_cost_money() -> None:
    with pytest.raises(ValueError, match="silence"):
        Offers(answer=Answer(within=Span(amount=6, unit="hours"), if_silent=Silence.APPROVE))


def test_a_parcel_that_moved_beats_an_accepted_offer_too() -> None:
    case = replace(offered(), moved_to=OrderStatus.SHIPPED)
    after = said(case, AcceptOffer())
    assert (after.state, after.refund) == (State.AWAITING_SUPPORT, None)


def test_a_large_refund_that_support_offered_still_needs_a_second_person() -> None:
    policy = replace(bargaining(), second_person_above=100_000)
    waiting = a_case(state=State.AWAITING_SUPPORT, if_silent=Silence.EXPIRE)
    act = an_act(MakeOffer(fee=10_000), SUPPORT)
    case = advance(waiting, act, a_context(policy)).case
    assert case
    after = said(case, AcceptOffer(), policy)
    assert (after.state, after.first_yes) == (State.AWAITING_SUPPORT, SUPPORT.id)
    with pytest.raises(Refused) as refused:
        said(after, Confirm(), policy, actor=SUPPORT)
    assert refused.value.code == "same_person"


@given(fee=st.integers(1, 150_000), wallet=st.integers(0, 150_000))
def test_a_quote_less_a_fee_still_adds_up(fee: int, wallet: int) -> None:
    tenders = {"wallet": wallet, "card": 150_000 - wallet}
    quote = less_fee(a_case(an_order(tenders=tenders)).quote, fee)
    assert sum(line.amount for line in quote.lines) == quote.refund_total == 150_000 - fee
    assert sum(tender.amount for tender in quote.tenders) == quote.refund_total
    assert quote.paid == quote.refund_total + quote.fees_total
    assert all(0 < tender.amount <= tenders[tender.method] for tender in quote.tenders)
