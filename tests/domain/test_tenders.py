"""Tenders of an order: told apart by their ids, checked, kept as they were told, and given back one by one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.books import left_by
from chalicelib.domain.money.quote import Quote, QuoteTender, less_elsewhere, quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import PartState, RefundPart
from chalicelib.domain.orders.body import RefundElsewhere, Tender, TenderState
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import GivenBack, with_body, with_given_back
from chalicelib.domain.orders.sums import check_body
from chalicelib.domain.policies.fault import Fault
from infra.sandbox.builders import NOW, a_body, a_case, a_context, a_policy, an_act, an_order

VISA = Tender(method=Method.CARD, amount=100_000, tender_id="pay-1", channel="visa", provider="midtrans")
OTHER = Tender(method=Method.CARD, amount=50_000, tender_id="pay-2", channel="jcb")


def tender(method: str = "wallet", amount: int = 150_000, **more: Any) -> Tender:
    return Tender(method=Method(method), amount=amount, **more)


def void(amount: int = 70_000, **more: Any) -> Tender:
    return tender("qris", amount, state=TenderState.VOID, **more)


def errors_of(refused: Invalid) -> list[dict[str, str]]:
    """What is wrong, field by field."""
    errors: Any = refused.details["errors"]
    return list(errors)


def quoted(order: Order, **policy: Any) -> Quote:
    return quote(order, a_policy(fees={}, instant=(), **policy), Fault.SELLER, NOW)


# --- what is checked


def test_two_cards_are_two_tenders() -> None:
    check_body(a_body(tenders=(VISA, OTHER)))


@pytest.mark.parametrize(
    "tenders",
    [
        (tender("card", 100_000), tender("card", 50_000)),
        (VISA, replace(OTHER, tender_id="pay-1")),
        (tender("card", 100_000), tender("bank", 50_000, tender_id="card")),
    ],
    ids=["unnamed", "named alike", "named as another method"],
)
def test_two_tenders_of_one_name_are_refused(tenders: tuple[Tender, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        check_body(a_body(tenders=tenders))
    (error,) = errors_of(refused.value)
    assert (error["field"], error["message"]) == ("tenders", "tender_id must be unique")


def test_a_void_tender_is_no_part_of_the_sum() -> None:
    check_body(a_body(tenders=(tender(), void())))
    with pytest.raises(Invalid, match="amounts_do_not_add_up") as refused:
        check_body(a_body(tenders=(tender(amount=80_000), void())))
    assert refused.value.details == {"tenders": 80_000, "order": 150_000}


def test_an_order_all_of_whose_tenders_are_void_adds_up_to_nothing() -> None:
    with pytest.raises(Invalid, match="amounts_do_not_add_up"):
        check_body(a_body(tenders=(void(150_000),)))


def test_a_tender_of_nothing_is_taken() -> None:
    body = a_body(tenders=(tender(), tender("coins", 0)))
    check_body(body)
    assert [each.method for each in quoted(an_order(tenders=body.tenders)).tenders] == [Method.WALLET]


@pytest.mark.parametrize("state", [None, TenderState.PENDING, TenderState.VOID])
def test_what_was_not_collected_has_no_moment_for_it(state: TenderState | None) -> None:
    wrong = tender(state=state, collected_at=NOW)
    with pytest.raises(Invalid) as refused:
        check_body(a_body(tenders=(wrong, tender("bank")) if state is TenderState.VOID else (wrong,)))
    assert errors_of(refused.value)[0]["field"] == "tenders.collected_at"


def test_what_was_collected_may_have_a_moment() -> None:
    check_body(a_body(tenders=(tender(state=TenderState.COLLECTED, collected_at=NOW),)))


@pytest.mark.parametrize("method", Method)
def test_only_what_is_no_money_can_be_indivisible(method: Method) -> None:
    body = a_body(tenders=(tender(method, indivisible=True),))
    if method.is_promo:
        check_body(body)
        return
    with pytest.raises(Invalid) as refused:
        check_body(body)
    assert errors_of(refused.value)[0]["field"] == "tenders.indivisible"


@pytest.mark.parametrize(("named", "taken"), [("pay-2", True), ("card", False)])
def test_a_refund_elsewhere_names_a_tender_by_its_id(named: str, taken: bool) -> None:
    refund = RefundElsewhere(refund_id="r", amount=10_000, at=NOW, tender_id=named)
    body = a_body(tenders=(VISA, OTHER), refunds=(refund,))
    if taken:
        check_body(body)
        return
    with pytest.raises(Invalid) as refused:
        check_body(body)
    assert errors_of(refused.value)[0]["field"] == "refunds.tender_id"


# --- what goes back


@pytest.mark.parametrize("made", [QuoteTender, RefundPart])
def test_what_was_kept_without_a_name_is_named_by_its_method(made: Any) -> None:
    more = {"state": PartState.DUE} if made is RefundPart else {}
    assert made(method=Method.CARD, amount=1, arrives_by=NOW, **more).tender_id == "card"


def test_of_two_cards_each_gets_back_what_it_paid() -> None:
    told = quoted(an_order(tenders=(VISA, OTHER)))
    assert [(each.tender_id, each.channel, each.amount) for each in told.tenders] == [
        ("pay-1", "visa", 100_000),
        ("pay-2", "jcb", 50_000),
    ]
    assert told.refund_total == 150_000


def test_money_told_as_given_back_by_one_card_leaves_the_other() -> None:
    order = with_given_back(an_order(tenders=(VISA, OTHER)), GivenBack(tender_id="pay-2", amount=50_000))
    assert order
    assert left_by(with_books(order, None)) == {"pay-1": 100_000, "pay-2": 0}
    with pytest.raises(Invalid):
        with_given_back(order, GivenBack(tender_id="card", amount=1))


def test_a_quote_that_shrinks_keeps_within_what_is_left_of_each_tender() -> None:
    told = quoted(an_order(tenders=(VISA, OTHER)))
    less = less_elsewhere(told, {"pay-1": 60_000, "pay-2": 50_000})
    assert [(each.tender_id, each.amount) for each in less.tenders] == [("pay-1", 60_000), ("pay-2", 50_000)]


def test_a_void_tender_brings_nothing_back() -> None:
    told = quoted(an_order(tenders=(tender(), void())))
    assert [(each.method, each.amount) for each in told.tenders] == [(Method.WALLET, 150_000)]
    assert told.paid == 150_000


def test_a_pending_tender_brings_nothing_back_and_a_collected_one_whatever_the_order_says() -> None:
    pending, collected = TenderState.PENDING, TenderState.COLLECTED
    half = (tender("card", 100_000, state=collected), tender("qris", 50_000, state=pending))
    assert [(each.method, each.amount) for each in quoted(an_order(tenders=half)).tenders] == [(Method.CARD, 100_000)]
    cash = (tender("cod", state=collected),)
    assert quoted(an_order(tenders=cash, paid=False)).refund_total == 150_000


def test_a_granted_request_takes_from_each_tender_and_tells_providers_which() -> None:
    order = an_order(tenders=(VISA, replace(OTHER, method=Method.EWALLET, channel="gopay")))
    change = advance(a_case(order), an_act(Approve()), a_context(order=order))
    assert change.slot
    assert change.slot.books
    taken = {name: account.taken for name, account in change.slot.books.accounts.items()}
    assert taken == {"pay-1": 100_000, "pay-2": 50_000}
    assert change.case
    assert change.case.refund
    assert [(part.tender_id, part.channel) for part in change.case.refund.parts] == [
        ("pay-1", "visa"),
        ("pay-2", "gopay"),
    ]
    assert change.entry
    assert change.entry.events
    assert change.entry.events["refund.requested"]["parts"] == [
        {
            "method": "card",
            "amount": 100_000,
            "tender_id": "pay-1",
            "channel": "visa",
            "part": "1",
            "key": "rf_c1-1-1",
            "account_ending": None,
        },
        {
            "method": "ewallet",
            "amount": 50_000,
            "tender_id": "pay-2",
            "channel": "gopay",
            "part": "2",
            "key": "rf_c1-2-1",
            "account_ending": None,
        },
    ]


def test_two_wallets_are_credited_apart() -> None:
    order = an_order(tenders=(tender(amount=100_000), tender(amount=50_000, tender_id="second")))
    change = advance(a_case(order), an_act(Approve()), a_context(order=order))
    assert [(each.part, each.amount) for each in change.credits] == [("wallet", 100_000), ("second", 50_000)]


@pytest.mark.parametrize(
    ("method", "state"),
    [
        ("wallet", PartState.PAID),
        ("cod", PartState.PAID),
        ("card", PartState.DUE),
        ("qris", PartState.DUE),
        ("ewallet", PartState.DUE),
        ("store_credit", PartState.GIVEN_BACK),
        ("coins", PartState.GIVEN_BACK),
    ],
)
def test_who_pays_a_part_back_is_what_is_known_of_its_method(method: str, state: PartState) -> None:
    order = an_order(tenders=(tender(method, state=TenderState.COLLECTED),))
    change = advance(a_case(order), an_act(Approve()), a_context(order=order))
    assert change.case
    assert change.case.refund
    assert [part.state for part in change.case.refund.parts] == [state]


def test_a_part_arrives_when_its_channel_says() -> None:
    wallets = (tender("ewallet", 100_000, channel="GoPay"), tender("ewallet", 50_000, channel="linkaja", tender_id="b"))
    gopay, linkaja = quoted(an_order(tenders=wallets)).tenders
    assert gopay.arrives_by == NOW + timedelta(days=2)
    assert linkaja.arrives_by == NOW + timedelta(days=7)


def test_a_quote_of_one_tender_a_method_has_the_id_it_had_before_tenders_had_names() -> None:
    # Whoever sees a page while a new version is deployed presses its button afterwards.
    assert quoted(an_order()).quote_id == "q_a40865428ebf44786e6e"


@given(st.data())
def test_parts_add_up_and_stay_within_each_tender_however_many_share_a_method(data: st.DataObject) -> None:
    amounts = data.draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
    methods = data.draw(st.lists(st.sampled_from(Method), min_size=len(amounts), max_size=len(amounts)))
    states = data.draw(st.lists(st.sampled_from([None, *TenderState]), min_size=len(amounts), max_size=len(amounts)))
    made = tuple(
        Tender(method=method, amount=amount, tender_id=f"t{number}", state=state)
        for number, (method, amount, state) in enumerate(zip(methods, amounts, states, strict=True))
    )
    due = sum(each.amount for each in made if each.state is not TenderState.VOID)
    line = replace(a_body().lines[0], unit_price=due)
    body = a_body(lines=(line,), tenders=made)
    check_body(body)
    told = quoted(an_order(lines=(line,), tenders=made))
    by_id = {each.tender_id: each for each in made}
    assert sum(each.amount for each in told.tenders) == told.refund_total <= due
    assert len({each.tender_id for each in told.tenders}) == len(told.tenders)
    for part in told.tenders:
        assert 0 < part.amount <= by_id[part.tender_id].amount
        assert by_id[part.tender_id].state not in (TenderState.VOID, TenderState.PENDING)


# --- what stays known


def pushed_again(before: Tender, now: Tender) -> Tender:
    order = an_order(tenders=(before,))
    after = with_body(order, a_body(version=2, tenders=(now,)), NOW)
    assert after
    (kept,) = after.body.tenders
    return kept


TOLD = tender("card", channel="visa", provider="midtrans", reference="tx-1", references={"a": "b"})


def test_a_push_that_is_silent_about_a_payment_takes_nothing_from_it() -> None:
    assert pushed_again(TOLD, tender("card")) == TOLD


def test_what_is_told_anew_of_a_payment_counts() -> None:
    now = tender("card", channel="jcb", reference="tx-2")
    assert pushed_again(TOLD, now) == replace(TOLD, channel="jcb", reference="tx-2")


@pytest.mark.parametrize("now", [tender("card", provider="xendit"), tender("bank", tender_id="card")])
def test_what_one_provider_calls_a_payment_is_not_said_of_another(now: Tender) -> None:
    assert pushed_again(TOLD, now) == now
