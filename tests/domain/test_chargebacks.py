"""Chargebacks and an order's money: what may be told, what follows from it, and what holds whatever is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.books_rows import pack_books, unpack_books
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.books import accounts_of, books_of, given_by, owed_by, unexplained
from chalicelib.domain.money.chargebacks import (
    ChargebackOf,
    less_what_banks_took,
    paid_as_well,
    waits_for,
    with_chargeback,
)
from chalicelib.domain.money.payments import Payment
from chalicelib.domain.money.refund import PartState, Refund, RefundPart
from chalicelib.domain.orders.body import Line, OrderBody
from chalicelib.domain.orders.chargebacks import MOVES, ChargebackState, ChargebackWord
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from infra.sandbox.builders import NOW, a_body
from tests.domain.money_lives import Life, check_quote
from tests.domain.money_orders import MANY, bodies, counts, part_of

TWO = (Line(line_id="1", name="Kemeja", quantity=2, unit_price=50_000),)
INQUIRY, OPENED, WON, LOST, WITHDRAWN = ChargebackState

# Typed by hand: what a word makes of what is known (across: inquiry, opened, won, lost, withdrawn).
BECOMES = {
    INQUIRY: (INQUIRY, OPENED, WON, LOST, WITHDRAWN),
    OPENED: (OPENED, OPENED, WON, LOST, WITHDRAWN),
    WON: (WON, WON, WON, LOST, WON),
    LOST: (LOST, LOST, LOST, LOST, LOST),
    WITHDRAWN: (WITHDRAWN, WITHDRAWN, WITHDRAWN, LOST, WITHDRAWN),
}


def by_card(**more: object) -> Life:
    """Two pieces, paid 100,000 by card."""
    tenders = more.pop("tenders", {"card": 100_000})
    return Life.begun(a_body(lines=TWO, tenders=tenders, **more))  # type: ignore[arg-type]


def word(event_id: str = "e1", state: ChargebackState = OPENED, amount: int = 100_000, **more: object) -> ChargebackOf:
    tender_id, named = str(more.pop("tender_id", "card")), more.pop("chargeback_id", None)
    told = ChargebackWord(event_id=event_id, state=state, amount=amount, **more)  # type: ignore[arg-type]
    return ChargebackOf(tender_id=tender_id, chargeback_id=str(named) if named else None, word=told)


def heard(order: Order, *told: ChargebackOf) -> Order:
    for each in told:
        order = with_chargeback(order, each, built_in_wallet=True) or order
    return order


def states(order: Order) -> list[str]:
    return [each.state for each in books_of(order).chargebacks]


@pytest.mark.parametrize("before", ChargebackState)
@pytest.mark.parametrize("said", ChargebackState)
def test_a_word_makes_of_a_chargeback_what_the_table_says(before: ChargebackState, said: ChargebackState) -> None:
    order = heard(by_card().known, word("e1", before), word("e2", said))
    becomes = BECOMES[before][list(ChargebackState).index(said)]
    assert states(order) == [becomes]
    assert (said in MOVES[before]) is (becomes is not before)
    (known,) = books_of(order).chargebacks
    assert [each.event_id for each in known.words] == ["e1", "e2"], "what changes nothing is kept as a fact"
    assert known.words[1].taken is (becomes is not before)


def test_an_event_counts_once_and_with_something_else_it_is_refused() -> None:
    order = heard(by_card().known, word("e1"))
    assert with_chargeback(order, word("e1"), built_in_wallet=True) is None
    for other in (word("e1", amount=99), word("e1", WON), word("e1", due_by=NOW), word("e1", chargeback_id="dp_2")):
        with pytest.raises(Invalid) as refused:
            with_chargeback(order, other, built_in_wallet=True)
        assert refused.value.code == "event_differs"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (word(tender_id="moon"), "tender_id"),
        (word(tender_id="coins", amount=1), "tender_id"),
        (word(tender_id="wallet", amount=1), "tender_id"),
        (word(tender_id="cod", amount=1), "tender_id"),
        (word(amount=70_001), "amount"),
    ],
)
def test_what_no_bank_can_take_is_refused(told: ChargebackOf, field: str) -> None:
    tenders = {"card": 70_000, "coins": 10_000, "wallet": 10_000, "cod": 10_000}
    with pytest.raises(Invalid) as refused:
        heard(by_card(tenders=tenders).known, told)
    assert f"'field': '{field}'" in str(refused.value.details["errors"])


def test_money_that_nobody_collected_cannot_be_taken_back() -> None:
    with pytest.raises(Invalid):
        heard(by_card(status="unpaid", paid=False).known, word())


def test_what_ends_a_chargeback_may_be_said_though_less_is_known_to_be_collected_by_now() -> None:
    life = by_card()
    assert life.disputes("card", OPENED, 100_000)
    life.pays("card", Payment.CORRECTED, 40_000)
    assert accounts_of(life.known)["card"].collected == 40_000
    assert life.disputes("card", WON, 100_000)
    assert states(life.known) == ["won"]


def test_an_inquiry_freezes_nothing_and_an_open_chargeback_its_tender_alone() -> None:
    order = by_card(tenders={"card": 60_000, "bank": 40_000}).known
    assert waits_for(heard(order, word(state=INQUIRY, amount=60_000))) == {}
    assert list(waits_for(heard(order, word(amount=60_000)))) == ["card"]
    for ended in (WON, WITHDRAWN):
        assert waits_for(heard(order, word(amount=60_000), word("e2", ended, 60_000))) == {}


def test_a_new_day_or_amount_of_an_open_chargeback_counts_and_a_silent_word_takes_the_day_from_nobody() -> None:
    day = NOW + timedelta(days=7)
    order = heard(by_card().known, word("e1", due_by=day), word("e2", amount=80_000))
    (known,) = books_of(order).chargebacks
    assert (known.amount, known.due_by) == (80_000, day)


def test_several_chargebacks_of_one_tender_go_by_their_own_names() -> None:
    order = heard(
        by_card().known,
        word("e1", LOST, 30_000, chargeback_id="dp_1"),
        word("e2", OPENED, 20_000, chargeback_id="dp_2"),
        word("e3", WON, 20_000, chargeback_id="dp_2"),
    )
    assert states(order) == ["lost", "won"]
    assert given_by(order)["card"] == 30_000


def test_what_a_bank_took_is_given_and_lowers_what_gone_pieces_bring() -> None:
    life = by_card()
    life.disputes("card", LOST, 100_000)
    assert given_by(life.known) == {"card": 100_000}
    assert life.asks({"1": 2}).refund_total == 0
    life = by_card()
    life.disputes("card", LOST, 30_000)
    # As with what the marketplace gave: what stands is paid for first.
    assert [life.asks({"1": count}).refund_total for count in (1, 2)] == [20_000, 70_000]
    check_quote(life.asks({"1": 2}))


def test_a_tender_that_took_anothers_place_is_disputed_under_either_name() -> None:
    life = by_card()
    life.push(a_body(lines=TWO, tenders={"bank": 100_000}))
    old, new = (heard(life.known, word(tender_id=name)) for name in ("card", "bank"))
    assert set(waits_for(old)) == set(waits_for(new)) == {"card", "bank"}
    lost = heard(life.known, word(state=LOST))
    assert given_by(lost)["bank"] == 100_000


def refund_of(*parts: RefundPart) -> Refund:
    return Refund(refund_id="rf_c1", currency="IDR", total=sum(part.amount for part in parts), parts=parts)


def part(amount: int, state: PartState = PartState.FAILED, **more: object) -> RefundPart:
    return RefundPart(method=Method.CARD, amount=amount, state=state, arrives_by=NOW, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lost", "left", "beyond"),
    [(100_000, [], 0), (60_000, [40_000], 0), (1, [99_999], 0)],
)
def test_parts_that_did_not_go_are_made_smaller_by_what_the_bank_gave(lost: int, left: list[int], beyond: int) -> None:
    life = by_card()
    life.cancels({"1": 2})
    life.disputes("card", LOST, lost)
    assert paid_as_well(life.known) == {"card": lost}
    for unsent in (part(100_000), part(100_000, PartState.DUE, withheld=True), part(100_000, PartState.HELD)):
        refund, order = less_what_banks_took(refund_of(unsent), life.known)
        assert [each.amount for each in refund.open_parts.values()] == left
        assert (refund.total, refund.charged_back) == (sum(left), lost)
        assert accounts_of(order)["card"].taken == sum(left)
        assert given_by(order) == {"card": lost}
        assert paid_as_well(order) == ({"card": beyond} if beyond else {})


def test_parts_that_may_have_gone_stand_and_a_person_sees_what_went_twice() -> None:
    life = by_card()
    life.cancels({"1": 2})
    life.disputes("card", LOST, 100_000)
    for sent in (part(100_000, PartState.DUE), part(100_000, PartState.PENDING), part(100_000, PartState.PAID)):
        refund, order = less_what_banks_took(refund_of(sent), life.known)
        assert refund == refund_of(sent)
        assert order is life.known or order == life.known
    assert paid_as_well(life.known) == {"card": 100_000}
    assert given_by(life.known) == {"card": 0}, "taken and given are never more than was collected"
    assert list(waits_for(life.known)) == ["card"], "it is not asked for again"


def test_a_fee_that_was_kept_is_no_money_that_went() -> None:
    life = by_card()
    made = life.asks({"1": 2})
    life.gives({"1": 2}, replace(made, tenders=(replace(made.tenders[0], amount=90_000),)))
    life.disputes("card", LOST, 100_000)
    refund, order = less_what_banks_took(refund_of(part(90_000)), life.known)
    assert (refund.total, given_by(order), paid_as_well(order)) == (0, {"card": 100_000}, {})


def test_goodwill_is_lowered_by_the_ceiling_alone() -> None:
    life = by_card()
    life.gives_freely(30_000)
    life.disputes("card", LOST, 10_000)
    assert paid_as_well(life.known) == {}
    life.disputes("card", LOST, 100_000)
    assert paid_as_well(life.known) == {"card": 30_000}


def test_books_with_chargebacks_are_stored_and_read_back() -> None:
    order = heard(by_card().known, word(due_by=NOW, at=NOW), word("e2", LOST, 50_000, chargeback_id="dp_2"))
    books = books_of(order)
    assert unpack_books(pack_books(books, {}, None), order.body, None) == books


@MANY
@given(bodies(sizes=(1, 1, 2, 2, 3)), st.data())
def test_whatever_banks_take_nothing_is_given_beyond_what_was_collected(body: OrderBody, data: st.DataObject) -> None:
    """Among payments, cancellations, goodwill and pushes: taken and given stay within what was collected wherever they
    did before, nothing is owed beyond it, and what does not go of a refund is what the bank gave, no more."""
    life = Life.begun(replace(body, status=OrderStatus.DELIVERED))
    tenders = [tender.tender_id for tender in body.valid_tenders]
    for act in data.draw(st.lists(st.sampled_from(("bank", "bank", "part", "pay", "goodwill", "settle")), max_size=9)):
        tender_id = data.draw(st.sampled_from(tenders)) if tenders else None
        amount = data.draw(part_of(body.paid))
        if act == "bank" and tender_id:
            state = data.draw(st.sampled_from(ChargebackState))
            life.disputes(tender_id, state, max(1, amount), data.draw(st.sampled_from((None, "dp_1"))))
        elif act == "part" and life.order.remaining:
            life.cancels(data.draw(st.composite(counts)(life.order.remaining)))
        elif act == "pay" and tender_id:
            life.collects(tender_id, amount)
        elif act == "goodwill":
            life.gives_freely(amount)
        elif act == "settle":
            life.settles()
        life.check()
        _within(life)
    note("\n".join(life.acts))
    for holder, amount in paid_as_well(life.known).items():
        left = RefundPart(
            method=Method.CARD,
            tender_id=holder,
            amount=accounts_of(life.known)[holder].taken,
            state=PartState.FAILED,
            arrives_by=NOW,
        )
        refund, order = less_what_banks_took(refund_of(left), life.known)
        life.order = order
        assert refund.charged_back == amount
        assert holder not in paid_as_well(order)
        life.check()
        _within(life)


def _within(life: Life) -> None:
    given, owed, odd = given_by(life.known), owed_by(life.known), unexplained(life.known)
    for tender_id, account in accounts_of(life.known).items():
        assert account.taken + given[tender_id] <= account.collected, f"{tender_id} gives more than it got"
        rest = account.collected - account.taken - given[tender_id]
        assert owed.get(tender_id, 0) + odd.get(tender_id, 0) <= rest
