"""Money that has not gone, added up by currency and place, and for how long the oldest of it has waited."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.money.outstanding import Hangs, open_since, outstanding
from chalicelib.domain.money.refund import PartState, Refund, RefundPart, Report, Told
from chalicelib.domain.orders.methods import Method
from infra.sandbox.builders import NOW

DAY = timedelta(days=1)


def a_part(state: PartState, amount: int, **more: object) -> RefundPart:
    part = RefundPart(method=Method.CARD, amount=amount, state=state, arrives_by=NOW + 14 * DAY)
    return replace(part, **more)  # type: ignore[arg-type]


def a_refund(*parts: RefundPart, currency: str = "IDR") -> Refund:
    return Refund(refund_id="rf_1", currency=currency, total=sum(part.amount for part in parts), parts=parts)


def test_money_is_added_up_by_currency_and_place_and_two_currencies_never_meet() -> None:
    waiting = a_refund(a_part(PartState.DUE, 1), a_part(PartState.SENT, 2), a_part(PartState.PENDING, 4))
    stuck = a_refund(a_part(PartState.FAILED, 8), a_part(PartState.REVERSED, 16), a_part(PartState.HELD, 32))
    asked = a_refund(a_part(PartState.NEEDS_ACCOUNT, 128))
    dollars = a_refund(a_part(PartState.SENT, 64), currency="USD")
    found = outstanding([(waiting, NOW), (stuck, NOW), (asked, NOW), (dollars, NOW)])
    assert dict(found.sums) == {
        ("IDR", Hangs.ON_ITS_WAY): 7,
        ("IDR", Hangs.FAILED): 24,
        ("IDR", Hangs.HELD): 32,
        ("IDR", Hangs.NEEDS_ACCOUNT): 128,
        ("USD", Hangs.ON_ITS_WAY): 64,
    }
    assert found.refunds == 4


def test_what_went_or_goes_another_way_is_not_open() -> None:
    done = a_refund(a_part(PartState.PAID, 1), a_part(PartState.GIVEN_BACK, 2), a_part(PartState.REDIRECTED, 4))
    found = outstanding([(done, NOW)])
    assert (dict(found.sums), found.refunds, found.since) == ({}, 0, None)


def test_the_oldest_counts_from_its_promise_however_often_it_was_tried_since() -> None:
    tried = a_refund(a_part(PartState.SENT, 1, tries=3, asked_at=NOW - DAY))
    young = a_refund(a_part(PartState.DUE, 1))
    assert outstanding([(young, NOW), (tried, NOW - 9 * DAY)]).since == NOW - 9 * DAY


def test_money_that_came_back_waits_from_its_coming_back_unless_more_of_it_is_open_for_longer() -> None:
    word = Report(event_id="r", part="1", told=Told.REVERSED, amount=1, at=NOW - DAY)
    back = a_part(PartState.REVERSED, 1, report=word)
    assert open_since(a_refund(back, a_part(PartState.PAID, 1)), NOW - 60 * DAY) == NOW - DAY
    assert open_since(a_refund(back, a_part(PartState.SENT, 1)), NOW - 60 * DAY) == NOW - 60 * DAY
