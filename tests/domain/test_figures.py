"""Figures of several currencies stand beside each other: nothing adds them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.commands import Approve
from chalicelib.domain.cases.transitions import advance
from chalicelib.domain.figures.comparison import compared
from chalicelib.domain.figures.figures import DAYS, figures
from chalicelib.domain.orders.body import Line
from chalicelib.domain.zones import Zone
from infra.sandbox.builders import NOW, SELLER, a_case, a_context, an_act, an_order


def refunded(currency: str, amount: int) -> Case:
    line = Line(line_id="1", name="Kaus", quantity=1, unit_price=amount)
    case = advance(a_case(an_order(lines=(line,), currency=currency)), an_act(Approve(), SELLER), a_context()).case
    assert case
    return case


SAMPLES = {currency: refunded(currency, 1) for currency in ("IDR", "JPY", "USD", "KWD")}


def with_total(currency: str, total: int) -> Case:
    case = SAMPLES[currency]
    assert case.refund
    (part,) = case.refund.parts
    return replace(case, refund=replace(case.refund, total=total, parts=(replace(part, amount=total),)))


@given(st.lists(st.tuples(st.sampled_from(sorted(SAMPLES)), st.integers(0, 10**9))))
def test_what_went_back_is_summed_for_each_currency_alone(told: list[tuple[str, int]]) -> None:
    sums: Mapping[str, int] = figures([with_total(*each) for each in told], NOW).refunded
    assert set(sums) == {currency for currency, _ in told}
    for currency, total in sums.items():
        assert total == sum(amount for each, amount in told if each == currency)


def test_a_request_that_brought_nothing_back_is_of_no_currency() -> None:
    assert figures([a_case(an_order(currency="USD"))], NOW).refunded == {}


def test_the_last_days_stand_beside_as_many_before_and_no_request_is_in_both() -> None:
    made = [replace(a_case(), created_at=NOW - timedelta(days=day)) for day in range(40)]
    told = compared(made, NOW, Zone.WIB, all_known=True)
    assert told.before
    assert (told.figures.asked, told.before.asked) == (DAYS, DAYS)
    assert told.end - told.since == told.since - told.earlier


def test_what_is_not_all_known_is_compared_with_nothing() -> None:
    assert compared([a_case()], NOW, Zone.WIB, all_known=False).before is None
