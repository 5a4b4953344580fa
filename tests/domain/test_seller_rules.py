"""A seller's rule grants what fits all that it names, at once; it never refuses, and a dry one only notes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.cases.asking import options
from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.orders.body import Discount, Funding, Line
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.seller_rules import MOST_RULES, SellerRule, SellerRules
from chalicelib.domain.policies.spans import Span
from infra.sandbox.builders import NOW, a_policy, an_asking, an_order


def a_rule(**more: Any) -> SellerRule:
    return SellerRule(**{"name": "salah ukuran", **more})


def asked(order: Order, *given: SellerRule, **more: Any) -> Case:
    case = an_asking(order, seller=SellerRules(rules=given), **more).case
    assert case is not None
    return case


HOLDS: dict[str, dict[str, Any]] = {
    "names nothing": {},
    "the reason": {"reasons": ("wrong_size", "ordered_twice")},
    "the status": {"statuses": (OrderStatus.PROCESSING,)},
    "the category": {"categories": ("fashion",)},
    "the amount": {"at_most": 10**9},
    "the age": {"within": Span(amount=365, unit="days")},
}
FAILS: dict[str, dict[str, Any]] = {
    "the reason": {"reasons": ("ordered_twice",)},
    "the status": {"statuses": (OrderStatus.PLACED,)},
    "the category": {"categories": ("food",)},
    "the amount": {"at_most": 1},
    "the age": {"within": Span(amount=1, unit="hours")},
    "it is dry": {"dry": True},
}


def an_old_order(**more: Any) -> Order:
    return an_order(placed_at=NOW - timedelta(days=2), **more)


@pytest.mark.parametrize("what", HOLDS)
def test_a_rule_that_fits_grants_at_once(what: str) -> None:
    case = asked(an_old_order(), a_rule(**HOLDS[what]))
    assert (case.outcome, case.asked.by_rule, case.deadline_at) == (Outcome.CANCELLED, "salah ukuran", None)


@pytest.mark.parametrize("what", FAILS)
def test_a_rule_that_does_not_fit_leaves_the_request_to_the_seller(what: str) -> None:
    case = asked(an_old_order(), a_rule(**FAILS[what]))
    assert (case.state, case.asked.by_rule) == (State.AWAITING_SELLER, None)
    assert case.asked.dry_rule == ("salah ukuran" if FAILS[what].get("dry") else None)


def test_the_first_rule_that_fits_grants_and_is_named_on_the_timeline() -> None:
    own = SellerRules(rules=(a_rule(at_most=1), a_rule(name="semua"), a_rule(name="lagi")))
    change = an_asking(an_old_order(), seller=own)
    assert change.entry is not None
    assert change.entry.facts is not None
    assert change.entry.facts["seller_rule"] == "semua"


def test_parcels_that_left_and_returns_are_always_looked_at() -> None:
    assert asked(an_old_order(status="shipped"), a_rule()).state is State.AWAITING_SELLER
    delivered = replace(an_order(status="delivered"), status_at=NOW)
    assert asked(delivered, a_rule(), kind=Kind.RETURN, reason_code="damaged").state is State.AWAITING_SELLER


def test_the_options_say_before_asking_that_it_is_granted_at_once() -> None:
    own = SellerRules(rules=(a_rule(reasons=("wrong_size",)),))

    def told(reason: str | None) -> bool:
        found = options(an_old_order(), a_policy(), Kind.CANCELLATION, NOW, reason_code=reason, seller=own)
        return found.verdict.needs_seller

    assert (told(None), told("wrong_size"), told("changed_mind")) == (True, False, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"statuses": ()},
        {"statuses": (OrderStatus.SHIPPED,)},
        {"reasons": ("nothing",)},
        {"at_most": -1},
    ],
)
def test_a_rule_that_could_never_hold_or_holds_too_far_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        a_rule(**wrong)


def test_nobody_keeps_more_rules_than_can_be_overseen() -> None:
    with pytest.raises(ValueError, match="at most"):
        SellerRules(rules=tuple(a_rule() for _ in range(MOST_RULES + 1)))


def test_a_rules_amount_is_the_list_price_with_all_that_is_gone() -> None:
    rule = a_rule(at_most=100_000)
    cheap = an_old_order(lines=(Line(line_id="1", name="Kaus", quantity=3, unit_price=50_000),))
    assert asked(cheap, rule, lines={"1": 2}).outcome is Outcome.CANCELLED
    gone = replace(cheap, cancelled={"1": 1})
    assert asked(gone, rule, lines={"1": 1}).outcome is Outcome.CANCELLED
    assert asked(gone, rule, lines={"1": 2}).state is State.AWAITING_SELLER
    discounted = an_old_order(discounts=(Discount(code="X", amount=100_000, funded_by=Funding.SELLER),))
    assert asked(discounted, rule).state is State.AWAITING_SELLER, "a discount makes nothing cheaper to give away"


def test_in_another_currency_no_rule_grants() -> None:
    assert asked(an_old_order(currency="USD"), a_rule()).state is State.AWAITING_SELLER
