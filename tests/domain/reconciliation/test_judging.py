"""Each kind of finding, by the least that makes one."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.reconciliation.expected import Expected, ExpectedState
from chalicelib.domain.reconciliation.findings import Aside, Period, Tally
from chalicelib.domain.reconciliation.judging import judge
from chalicelib.domain.reconciliation.settled import SettledKind, SettledLine
from tests.domain.reconciliation.sides import (
    DUE,
    IN_TIME,
    NOVEMBER,
    NOW,
    TOO_LATE,
    a_line,
    a_payment,
    a_refund,
    judged,
)
from tests.proofs.figures import FULL

PAYMENT = SettledKind.PAYMENT


def test_one_line_that_is_the_whole_matches() -> None:
    assert judged([a_line(1, -100)], [a_refund(100)]) == [("matched", -100, (1,))]
    assert judged([a_line(1, 100, "t-1", kind=PAYMENT)], [a_payment(100)]) == [("matched", 100, (1,))]


def test_a_refund_sent_in_several_lines_matches() -> None:
    lines = [a_line(1, -40), a_line(2, -60)]
    assert judged(lines, [a_refund(100)]) == [("matched", -100, (1, 2))]


def test_orders_that_were_paid_together_share_one_line() -> None:
    both = [a_payment(70, "pay-9", id="a", order_id="O-1"), a_payment(30, "pay-9", id="b", order_id="O-2")]
    line = a_line(7, 100, "pay-9", kind=PAYMENT)
    assert judged([line], both) == [("matched", 70, (7,)), ("matched", 30, (7,))] or judged([line], both) == [
        ("matched", 30, (7,)),
        ("matched", 70, (7,)),
    ]


def test_the_whole_after_the_last_moment_is_late() -> None:
    assert judged([a_line(1, -100, at=DUE)], [a_refund(100)]) == [("matched", -100, (1,))]
    assert judged([a_line(1, -100, at=TOO_LATE)], [a_refund(100)]) == [("late", -100, (1,))]
    split = [a_line(1, -40), a_line(2, -60, at=TOO_LATE)]
    assert judged(split, [a_refund(100)]) == [("late", -100, (1, 2))]


def test_nothing_where_something_was_due_is_missing() -> None:
    assert judged([], [a_refund(100)]) == [("missing", None, ())]
    assert judged([], [a_payment(100)]) == [("missing", None, ())]


@pytest.mark.parametrize(
    ("period", "why"),
    [
        (Period(until=IN_TIME), Aside.NOT_DUE_YET),
        (Period(since=TOO_LATE, until=NOW), Aside.DUE_BEFORE),
    ],
)
def test_nothing_where_another_period_would_have_it_is_set_aside(period: Period, why: Aside) -> None:
    (finding,) = judge([], [a_refund(100)], period)
    assert (finding.kind, finding.why) == ("aside", why)


def test_less_or_more_is_a_wrong_amount() -> None:
    assert judged([a_line(1, -90)], [a_refund(100)]) == [("wrong_amount", -90, (1,))]
    assert judged([a_line(1, -110)], [a_refund(100)]) == [("wrong_amount", -110, (1,))]
    assert judged([a_line(1, -40), a_line(2, -50)], [a_refund(100)]) == [("wrong_amount", -90, (1, 2))]


def test_a_refund_that_came_instead_of_going_is_a_wrong_amount() -> None:
    (finding,) = judge([a_line(1, 100)], [a_refund(100)], NOVEMBER)
    assert (finding.kind, finding.settled, finding.difference) == ("wrong_amount", 100, 200)


def test_money_of_another_currency_is_neither_compared_nor_added() -> None:
    (finding,) = judge([a_line(1, -100, currency="USD")], [a_refund(100)], NOVEMBER)
    assert (finding.kind, finding.currency, finding.difference) == ("wrong_currency", "USD", None)
    tally = Tally()
    tally.add(finding)
    assert tally.settled["wrong_currency", "USD"] == -100  # type: ignore[index]
    assert tally.expected["wrong_currency", "IDR"] == -100  # type: ignore[index]


def test_the_whole_again_is_doubled() -> None:
    assert judged([a_line(1, -100), a_line(2, -100)], [a_refund(100)]) == [
        ("matched", -100, (1,)),
        ("doubled", -100, (2,)),
    ]


def test_the_whole_again_in_parts_is_doubled_and_so_is_a_part() -> None:
    again = [a_line(1, -100), a_line(2, -40), a_line(3, -60)]
    assert [each[0] for each in judged(again, [a_refund(100)])] == ["matched", "doubled", "doubled"]
    part = [a_line(1, -40), a_line(2, -60), a_line(3, -60)]
    assert [each[0] for each in judged(part, [a_refund(100)])] == ["matched", "doubled"]


def test_a_line_that_names_nothing_expected_is_unknown() -> None:
    assert judged([a_line(1, -100, "k-9"), a_line(2, -100)], [a_refund(100)]) == [
        ("unknown", -100, (1,)),
        ("matched", -100, (2,)),
    ]


def test_what_moved_and_came_back_is_taken_back() -> None:
    lines = [a_line(1, -100), a_line(2, 100, at=TOO_LATE)]
    assert judged(lines, [a_refund(100)]) == [("taken_back", 0, (1, 2))]


def test_what_came_back_and_was_sent_again_matches() -> None:
    lines = [a_line(1, -100), a_line(2, 100), a_line(3, -100)]
    assert judged(lines, [a_refund(100)]) == [("matched", -100, (1, 2, 3))]


@pytest.mark.parametrize("state", [ExpectedState.FAILED, ExpectedState.REVERSED, ExpectedState.VOID])
def test_what_batal_holds_for_failed_should_not_move(state: ExpectedState) -> None:
    failed = a_refund(100, state=state)
    assert judged([a_line(1, -100)], [failed]) == [("contradicted", -100, (1,))]
    assert judged([a_line(1, -100), a_line(2, 100)], [failed]) == [("matched", 0, (1, 2))]
    again = [a_line(1, -100), a_line(2, 100), a_line(3, -100)]
    assert judged(again, [failed]) == [("contradicted", -100, (1, 2, 3))]
    (finding,) = judge([], [failed], NOVEMBER)
    assert (finding.kind, finding.why) == ("aside", Aside.NOTHING_MOVES)


def test_contradicting_money_of_two_currencies_is_never_one_sum() -> None:
    lines = [a_line(1, -100), a_line(2, -5, currency="USD"), a_line(3, -7)]
    found = judge(lines, [a_refund(100, state=ExpectedState.FAILED)], NOVEMBER)
    assert {(each.kind.value, each.settled, each.currency) for each in found} == {
        ("contradicted", -107, "IDR"),
        ("doubled", -5, "USD"),
    }


def test_a_refunds_own_key_decides_before_the_order_that_it_shares() -> None:
    one, other = a_refund(100, "k-1"), a_refund(100, "k-2", id="rf_2:card")
    lines = [a_line(1, -100, "k-2", "O-1"), a_line(2, -100, "k-2", "O-1")]
    found = {(each.kind.value, each.expected and each.expected.id) for each in judge(lines, [one, other], NOVEMBER)}
    assert found == {("missing", "rf_1:card"), ("matched", "rf_2:card"), ("doubled", "rf_2:card")}


def test_lines_that_name_the_order_alone_find_the_part_of_their_amount() -> None:
    parts = [a_refund(100), a_refund(30, "k-2", id="rf_2:card")]
    lines = [a_line(1, -30, "O-1"), a_line(2, -100, "O-1")]
    found = {(each.expected and each.expected.id, each.numbers) for each in judge(lines, parts, NOVEMBER)}
    assert found == {("rf_1:card", (2,)), ("rf_2:card", (1,))}


def test_very_many_lines_of_one_reference_are_judged_soon() -> None:
    lines = [a_line(number, -1 if number % 2 else -2) for number in range(3000)]
    found = judged(lines, [a_refund(4500)])
    assert [(kind, settled) for kind, settled, _ in found] == [("matched", -4500)]
    doubled = judged([replace(line, amount=-4500) for line in lines], [a_refund(4500)])
    assert len(doubled) == 3000


def test_more_lines_fill_a_movement_up_and_what_goes_beyond_came_again() -> None:
    lines = [a_line(1, -40), a_line(2, -50), a_line(3, -70)]
    assert judged(lines, [a_refund(100)]) == [("wrong_amount", -90, (1, 2)), ("doubled", -70, (3,))]


def test_a_line_that_names_one_movement_alone_chooses_before_one_that_could_mean_several() -> None:
    parts = [a_refund(100), a_refund(100, "k-2", id="rf_2:card")]
    lines = [a_line(1, -100, "O-1"), a_line(2, -100, "k-1", "O-1")]
    assert [kind for kind, *_ in judged(lines, parts)] == ["matched", "matched"]


def test_what_came_back_beside_money_of_another_currency_is_told_apart() -> None:
    lines = [a_line(1, -100), a_line(2, 100), a_line(3, -5, currency="USD")]
    assert judged(lines, [a_refund(100, state=ExpectedState.FAILED)]) == [("matched", 0, (1, 2)), ("doubled", -5, (3,))]


def test_what_was_due_at_the_first_moment_of_a_period_belongs_to_it() -> None:
    assert judged([], [a_refund(100)], Period(since=DUE, until=NOW)) == [("missing", None, ())]


few = st.integers(0, 3)


@st.composite
def a_tangle(draw: st.DrawFn) -> tuple[list[SettledLine], list[Expected]]:
    """Lines and movements that share few names and few amounts, so that everything meets everything."""
    currencies, states = st.sampled_from(("IDR", "USD")), st.sampled_from(tuple(ExpectedState))
    names = st.lists(few.map("k-{}".format), min_size=1, max_size=2, unique=True)
    lines = [
        a_line(number, draw(st.integers(-3, 3)) * 10, *draw(names), currency=draw(currencies))
        for number in range(draw(st.integers(0, 7)))
    ]
    expected = [
        a_refund(
            draw(st.integers(1, 4)) * 10,
            *draw(names),
            id=f"rf_{number}",
            number=number,
            currency=draw(currencies),
            state=draw(states),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    return lines, expected


@settings(max_examples=500 if FULL else 60, deadline=None)
@given(a_tangle())
def test_whatever_meets_every_line_and_every_movement_is_in_one_finding(
    tangle: tuple[list[SettledLine], list[Expected]],
) -> None:
    lines, expected = tangle
    found = list(judge(lines, expected, NOVEMBER))
    assert Counter(each.expects.id for each in found if each.expects) == Counter(each.id for each in expected)
    assert {number for each in found for number in each.numbers} == {line.number for line in lines}
    money = Counter[str]()
    for line in lines:
        money[line.currency] += line.amount
    for each in found:
        money[each.currency] -= each.settled or 0
    assert set(money.values()) <= {0}
    by_number = {line.number: line for line in lines}
    assert all({by_number[number].currency for number in each.numbers} <= {each.currency} for each in found)
    matched = [each for each in found if each.kind == "matched"]
    assert all(each.difference == 0 for each in matched)
    # Who expected nothing to be there is never told that all matched where money moved.
    assert all(each.settled == 0 for each in matched if each.expects and not each.expects.moves)
