"""Limits look at list price, with all that is gone of an order already; by day and person where they say so; and in no
other currency than their own is anything automatic."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.cases.case import Case, Outcome, State
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.choices import ParcelWord
from chalicelib.domain.cases.commands import (
    AcceptOffer,
    Approve,
    Confirm,
    MakeOffer,
    ParcelAnswered,
    Reject,
    Reopen,
)
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.orders.body import Line
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.policy import MoneyBack, Returns
from chalicelib.domain.policies.reasons import Kind, RefusingReason
from chalicelib.domain.policies.seller_rules import SellerRule, SellerRules
from chalicelib.workflow import access, decisions, orders, seller_rules
from chalicelib.workflow.asking import ask
from infra.sandbox.builders import BUDI, SELLER, SUPPORT, SYSTEM, a_body, a_policy, an_ask
from tests.fakes.ports import Neighbourhood, a_neighbourhood

RINI = Actor(role=Role.SUPPORT, id="rini")
NOTE = "talked to both"
UP_TO_100_000 = {"name": "Murah", "at_most": 100_000, "currency": "IDR"}


class Town:
    """One house in which orders are pushed and parts of them asked for; Sari of customer service says yes."""

    def __init__(self, **policy: Any) -> None:
        self.around: Neighbourhood = a_neighbourhood()
        self.around.store.put_policy(a_policy(version=2, max_attempts=99, **policy))

    def rules(self, *given: dict[str, Any]) -> None:
        seller_rules.save_seller_rules(self.around.ports, SELLER, SELLER.id, [SellerRule(**each) for each in given])

    def push(self, order_id: str = "O", *, version: int = 1, price: int = 100_000, count: int = 3, **body: Any) -> None:
        lines = body.pop("lines", None) or (Line(line_id="1", name="Kaus", quantity=count, unit_price=price),)
        body = {"paid": "cod" not in body.get("tenders", {}), **body}
        orders.upsert(self.around.ports, a_body(order_id=order_id, version=version, lines=lines, **body), SYSTEM)

    def ask(self, lines: dict[str, int] | None = None, order_id: str = "O", **more: Any) -> Case:
        return ask(self.around.ports, order_id, an_ask(lines=lines, **more), BUDI)

    def yes(self, case: Case, who: Actor = SUPPORT) -> Case:
        return decisions.say(self.around.ports, case.case_id, Approve(note=NOTE), who)

    def granted(self, *parts: dict[str, int] | None, order_id: str = "O") -> list[bool]:
        """Whether Sari alone grants each of these in turn; Rini is the second person where there must be one."""
        return [self._alone(self.ask(lines, order_id)) for lines in parts]

    def _alone(self, case: Case) -> bool:
        said = self.yes(case)
        if said.refund is None:
            decisions.say(self.around.ports, case.case_id, Confirm(note=NOTE), RINI)
        return said.refund is not None


# --- by order


def test_parts_of_an_order_are_granted_by_a_rule_until_together_they_are_above_its_amount() -> None:
    town = Town()
    town.rules(UP_TO_100_000)
    town.push()
    first = town.ask({"1": 1})
    assert (first.outcome, first.asked.by_rule) == (Outcome.CANCELLED, "Murah")
    second = town.ask({"1": 1})
    assert (second.state, second.asked.by_rule) == (State.AWAITING_SELLER, None)
    town.yes(second, SELLER)
    assert town.ask({"1": 1}).state is State.AWAITING_SELLER


def test_cash_that_nobody_collected_yet_is_no_less_worth() -> None:
    town = Town()
    town.rules(UP_TO_100_000)
    town.push(price=50_000_000, count=1, tenders={"cod": 50_000_000})
    case = town.ask()
    assert (case.quote.refund_total, case.state) == (0, State.AWAITING_SELLER)
    assert access.above_link(town.around.ports, case)
    assert town.yes(case).first_yes == SUPPORT.id


def _left_out(town: Town, price: int) -> None:
    line = Line(line_id="2", name="Topi", quantity=1, unit_price=price)
    town.push(version=2, lines=(line,))


def _told_cheaper(town: Town, price: int) -> None:
    lines = [Line(line_id=name, name="Kaus", quantity=1, unit_price=worth) for name, worth in (("1", 1), ("2", price))]
    town.push(version=2, lines=tuple(lines))


@pytest.mark.parametrize("amended", [_left_out, _told_cheaper])
def test_what_is_gone_counts_though_the_order_is_told_without_it(amended: Callable[[Town, int], None]) -> None:
    def a_town(**policy: Any) -> Town:
        town = Town(**policy)
        lines = [Line(line_id=name, name="Kaus", quantity=1, unit_price=100_000) for name in "12"]
        town.push(lines=tuple(lines))
        return town

    town = a_town()
    town.rules(UP_TO_100_000)
    assert town.ask({"1": 1}).outcome is Outcome.CANCELLED
    amended(town, 99_999)
    assert town.ask({"2": 1}).state is State.AWAITING_SELLER
    town = a_town(second_person_above=150_000, link_at_most=150_000)
    assert town.granted({"1": 1}) == [True]
    amended(town, 60_000)
    case = town.ask({"2": 1})
    assert access.above_link(town.around.ports, case)
    assert town.yes(case).first_yes == SUPPORT.id


def test_what_a_recall_takes_back_is_not_gone() -> None:
    town = Town(second_person_above=300_000, money_back=MoneyBack.ON_APPROVAL)
    town.push(tenders={"card": 300_000})
    case = town.yes(town.ask({"1": 2}))
    assert case.state is State.REFUNDING
    decisions.say(town.around.ports, case.case_id, ParcelAnswered(word=ParcelWord.TOO_LATE), SYSTEM)
    assert town.around.case(case.case_id).refund is None
    order = town.around.store.order("O")
    assert order
    assert order.worth({"1": 2}).amount == 200_000


def test_what_is_told_dearer_meanwhile_is_looked_at_when_a_case_is_opened_again() -> None:
    town = Town(second_person_above=150_000)
    town.push(count=1)
    case = town.ask()
    decisions.say(town.around.ports, case.case_id, Reject(reason_code=RefusingReason.ALREADY_PACKED), SELLER)
    town.push(version=2, count=1, price=200_000)
    decisions.say(town.around.ports, case.case_id, Reopen(note=NOTE), SUPPORT)
    assert town.yes(case).first_yes == SUPPORT.id


@pytest.mark.parametrize("paid_by", ["cod", "wallet"])
def test_what_is_told_dearer_while_it_is_asked_for_is_looked_at_as_it_is_now(paid_by: str) -> None:
    town = Town(second_person_above=1_000_000)
    town.push(count=1, tenders={paid_by: 100_000})
    case = town.ask()
    assert not access.above_link(town.around.ports, case)
    town.push(version=2, count=1, price=50_000_000, tenders={paid_by: 50_000_000})
    assert access.above_link(town.around.ports, case)
    assert town.yes(case).first_yes == SUPPORT.id


def test_a_return_is_quick_by_what_the_order_is_told_to_cost_by_now() -> None:
    town = Town(returns=Returns(quick_at_most=100_000))
    town.push(count=1, status="delivered", delivered_at=town.around.clock())
    case = town.ask(kind=Kind.RETURN, reason_code="damaged")
    decisions.say(town.around.ports, case.case_id, Approve(), SELLER)
    town.push(version=2, count=1, price=100_001, status="delivered", delivered_at=town.around.clock())
    assert decisions.say(town.around.ports, case.case_id, ParcelAnswered(word=ParcelWord.PICKED_UP), SYSTEM).open


@pytest.mark.parametrize("most", [0, 250_000])
def test_a_quick_refund_never_goes_where_it_is_switched_off(most: int) -> None:
    town = Town(returns=Returns(quick_at_most=most))
    # The goods were a gift; what goes back is their shipping.
    town.push(price=0, count=1, status="delivered", shipping_fee=20_000, delivered_at=town.around.clock())
    case = town.ask(kind=Kind.RETURN, reason_code="damaged")
    decisions.say(town.around.ports, case.case_id, Approve(), SELLER)
    picked_up = decisions.say(town.around.ports, case.case_id, ParcelAnswered(word=ParcelWord.PICKED_UP), SYSTEM)
    assert (picked_up.refund is not None) is (most > 0)


# --- by currency


@pytest.mark.parametrize(("currency", "amount"), [("USD", 99_900), ("JPY", 1), ("KWD", 999), ("IDR", 100_001)])
def test_in_another_currency_and_above_it_nothing_is_automatic(currency: str, amount: int) -> None:
    town = Town()
    town.rules(UP_TO_100_000, {"name": "Semua", "categories": ("fashion",)})
    line = Line(line_id="1", name="Shirt", quantity=1, unit_price=amount, category="food")
    town.push(lines=(line,), currency=currency)
    assert town.ask().state is State.AWAITING_SELLER


@pytest.mark.parametrize(("currency", "within"), [("USD", 99_900), ("JPY", 15_000), ("KWD", 1_500)])
def test_a_rule_may_be_for_orders_in_a_currency_of_its_own(currency: str, within: int) -> None:
    town = Town()
    town.rules({"name": "Own", "at_most": within, "currency": currency})
    for number, (amount, granted) in enumerate(((within, True), (within + 1, False))):
        town.push(f"O-{number}", price=amount, count=1, currency=currency)
        assert (town.ask(order_id=f"O-{number}").outcome is Outcome.CANCELLED) is granted
    town.push("O-IDR", price=1, count=1)
    assert town.ask(order_id="O-IDR").state is State.AWAITING_SELLER, "not even the smallest amount of another one"


def test_a_rule_that_names_a_currency_and_no_amount_is_for_orders_in_it() -> None:
    town = Town()
    town.rules({"name": "Own", "currency": "USD"})
    for currency, granted in (("USD", True), ("IDR", False)):
        town.push(currency, count=1, currency=currency)
        assert (town.ask(order_id=currency).outcome is Outcome.CANCELLED) is granted


@pytest.mark.parametrize("currency", ["USD", "JPY", "BHD"])
def test_in_another_currency_two_persons_look_and_links_lead_to_signing_in(currency: str) -> None:
    town = Town(second_person_above=10**9, returns=Returns(quick_at_most=10**9))
    town.push(price=1, count=1, currency=currency)
    case = town.ask()
    assert access.above_link(town.around.ports, case)
    assert town.yes(case).first_yes == SUPPORT.id
    town.push("BACK", price=1, count=1, currency=currency, status="delivered", delivered_at=town.around.clock())
    back = town.ask(order_id="BACK", kind=Kind.RETURN, reason_code="damaged")
    decisions.say(town.around.ports, back.case_id, Approve(), SELLER)
    assert decisions.say(town.around.ports, back.case_id, ParcelAnswered(word=ParcelWord.PICKED_UP), SYSTEM).open


@pytest.mark.parametrize("currency", ["USD", "JPY", "BHD"])
def test_a_policy_in_another_currency_than_rupiah_limits_that_one_alone(currency: str) -> None:
    town = Town(currency_of_figures=currency, second_person_above=100, link_at_most=50)
    for amount, alone, by_link in ((50, True, True), (51, True, False), (101, False, False)):
        town.push(f"O-{amount}", price=amount, count=1, currency=currency)
        case = town.ask(order_id=f"O-{amount}")
        assert access.above_link(town.around.ports, case) is not by_link
        assert (town.yes(case).refund is not None) is alone
    town.push("O-IDR", price=1, count=1)
    assert town.yes(town.ask(order_id="O-IDR")).first_yes == SUPPORT.id


# --- by day and person


def a_day(**policy: Any) -> Town:
    return Town(second_person_above=5_000_000, second_person_above_a_day=250_000, **policy)


def test_what_one_grants_in_one_currency_says_nothing_of_another() -> None:
    town = a_day()
    town.push("USD", price=300_000, count=1, currency="USD")
    dollars = town.ask(order_id="USD")
    town.yes(dollars, RINI)
    town.yes(dollars)
    town.push()
    assert town.granted({"1": 2}) == [True], "two hundred thousand rupiah are all that Sari granted of rupiah"


def test_what_the_buyer_accepts_counts_for_who_offered_it() -> None:
    town = a_day(offers=a_policy().offers)
    alone = []
    for number in range(2):
        town.push(f"O-{number}", count=2)
        case = town.ask(order_id=f"O-{number}")
        decisions.say(town.around.ports, case.case_id, MakeOffer(fee=1, note=NOTE), SUPPORT)
        accepted = decisions.say(town.around.ports, case.case_id, AcceptOffer(), BUDI)
        alone.append(accepted.refund is not None)
        assert accepted.first_yes == (None if alone[-1] else SUPPORT.id)
    assert alone == [True, False]
    town.push("O-2", count=1)
    assert town.granted(None, order_id="O-2") == [False]


def test_parts_of_one_order_count_once_each_into_a_day() -> None:
    town = a_day()
    town.push(price=80_000)
    assert town.granted({"1": 1}, {"1": 1}, {"1": 1}) == [True, True, True], "240,000 of 250,000"
    town.push("NEXT", price=10_001, count=1)
    assert town.granted(None, order_id="NEXT") == [False]


def test_two_yeses_at_once_do_not_both_fit_into_one_day() -> None:
    town = a_day()
    for name in ("A", "B"):
        town.push(name, count=2)
    first, second = (town.ask(order_id=name) for name in ("A", "B"))
    store, commit = town.around.store, town.around.store.commit

    def meanwhile(change: Change) -> None:
        store.commit = commit  # type: ignore[method-assign]
        assert town.yes(second).refund
        commit(change)

    store.commit = meanwhile  # type: ignore[method-assign]
    assert town.yes(first).first_yes == SUPPORT.id


def test_the_next_day_and_the_next_person_begin_anew() -> None:
    town = a_day()
    for name in ("A", "B", "C"):
        town.push(name, count=2)
    assert town.granted(None, order_id="A") == [True]
    assert town.yes(town.ask(order_id="B"), RINI).refund
    town.around.clock.advance(86_400)
    assert town.granted(None, order_id="C") == [True]


@pytest.mark.parametrize("currency", ["IDR", "USD"])
def test_where_a_policy_wants_no_second_person_nobody_needs_one(currency: str) -> None:
    town = Town(second_person_above=None, second_person_above_a_day=1)
    town.push(currency=currency)
    assert town.granted({"1": 1}, {"1": 1}) == [True, True]


# --- amounts without a currency


def test_a_rule_that_names_an_amount_names_its_currency() -> None:
    town = Town()
    with pytest.raises(Invalid) as refused:
        town.rules({"name": "Semua"}, {"name": "Murah", "at_most": 100_000})
    errors: Any = refused.value.details["errors"]
    assert [each["field"] for each in errors] == ["rules[1].currency"]
    assert town.around.store.seller_rules(SELLER.id).rules == ()


def test_a_rule_from_before_there_were_currencies_goes_on_in_that_of_its_platform() -> None:
    for currency, other in (("IDR", "USD"), ("USD", "IDR")):
        town = Town(currency_of_figures=currency)
        old = SellerRules(version=1, rules=(SellerRule(name="Murah", at_most=100_000),))
        town.around.store.put_seller_rules(SELLER.id, old)
        for number, (paid_in, price, granted) in enumerate(
            ((currency, 100_000, True), (currency, 100_001, False), (other, 1, False))
        ):
            town.push(f"O-{number}", price=price, count=1, currency=paid_in)
            assert (town.ask(order_id=f"O-{number}").outcome is Outcome.CANCELLED) is granted
        # It is kept as it is beside a new one, and changed no more without its currency.
        town.rules({"name": "Murah", "at_most": 100_000}, UP_TO_100_000 | {"name": "Baru"})
        with pytest.raises(Invalid):
            town.rules({"name": "Murah", "at_most": 100_001})


def test_refusals_of_one_person_stay_refusals_whatever_the_currency() -> None:
    town = Town()
    town.push(count=1, currency="USD")
    case = town.ask()
    town.yes(case)
    with pytest.raises(Refused) as refused:
        town.yes(case)
    assert refused.value.code == "same_person"
    assert town.yes(case, RINI).refund
