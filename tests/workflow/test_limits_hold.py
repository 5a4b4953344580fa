"""Whatever is asked, amended and granted in whatever order and currency, a plain sum says what was within a limit."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.case import Case, Outcome
from chalicelib.domain.cases.commands import AcceptOffer, Confirm, MakeOffer, Reject
from chalicelib.domain.orders.body import Line
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.policy import Offers
from chalicelib.domain.policies.reasons import RefusingReason
from chalicelib.locales.formats import _EXPONENTS, digits_of
from chalicelib.workflow import access, decisions
from infra.sandbox.builders import BUDI, SELLER, SUPPORT
from tests.proofs.figures import FULL
from tests.workflow.test_limits import NOTE, RINI, Town

# Every currency whose minor unit is not a hundredth, and some whose it is.
REGISTRY = [*sorted(_EXPONENTS), "EUR", "MYR", "SGD", "USD"]
CURRENCIES = st.sampled_from(REGISTRY)
SUPPORTERS = (SUPPORT, RINI)


def test_the_registry_has_every_exponent() -> None:
    assert {digits_of(currency) for currency in REGISTRY} >= {0, 2, 3}


@dataclass
class Told:
    """An order as it was last told, and the sum of what went of it, each piece at its price of then."""

    currency: str
    lines: dict[str, tuple[int, int]]
    in_cash: bool
    version: int = 1
    gone: int = 0

    def price_of(self, wanted: Mapping[str, int]) -> int:
        return sum(self.lines[line_id][1] * count for line_id, count in wanted.items())


@dataclass
class Story:
    """Orders in a town; each step is drawn, and what became of it is held against plain sums."""

    town: Town
    data: st.DataObject
    orders: dict[str, Told] = field(default_factory=dict)

    def draw(self, what: st.SearchStrategy[Any]) -> Any:
        return self.data.draw(what)

    def tell(self, order_id: str, told: Told) -> None:
        lines = [Line(line_id=x, name=x, quantity=count, unit_price=price) for x, (count, price) in told.lines.items()]
        tenders = {"cod" if told.in_cash else "wallet": sum(line.amount for line in lines)}
        self.town.push(order_id, version=told.version, lines=tuple(lines), currency=told.currency, tenders=tenders)
        self.orders[order_id] = told

    def begin(self, order_id: str, currency: str) -> None:
        self.tell(order_id, Told(currency=currency, lines=self.draw(LINES), in_cash=self.draw(st.booleans())))

    def amend(self, order_id: str) -> None:
        """Lines are left out, other ones come, prices and quantities change."""
        told = self.orders[order_id]
        told.lines = (told.lines if self.draw(st.booleans()) else {}) | self.draw(LINES)
        told.version += 1
        self.tell(order_id, told)

    def wanted(self, order_id: str) -> dict[str, int]:
        """Some of what is still there; nothing where nothing is."""
        order = self.town.around.store.order(order_id)
        assert order
        if order.fully_cancelled:
            return {}
        line_id = self.draw(st.sampled_from(sorted(order.remaining)))
        most = order.remaining[line_id]
        return (
            dict(order.remaining) if self.draw(st.integers(0, 4)) == 0 else {line_id: self.draw(st.integers(1, most))}
        )

    def gone(self, order_id: str) -> int:
        """What went of an order: at the prices of then, or of now where that is more."""
        order = self.town.around.store.order(order_id)
        assert order
        return max(self.orders[order_id].gone, order.body.goods_of(order.gone))

    def went(self, order_id: str, case: Case, wanted: Mapping[str, int]) -> None:
        assert case.refund
        self.orders[order_id].gone += self.orders[order_id].price_of(wanted)


PRICES = st.sampled_from([1_000, 0, 1, 99, 40_000, 50_000, 99_999, 100_000])
LINES = st.dictionaries(st.sampled_from("ABC"), st.tuples(st.integers(1, 3), PRICES), min_size=1)
POLICY: dict[str, Any] = {"reminders": ()}


@settings(max_examples=150 if FULL else 15)
@given(st.data(), CURRENCIES, CURRENCIES, st.sampled_from([0, 100, 100_000, 250_000]))
def test_a_rule_grants_an_order_up_to_its_amount_and_no_piece_more(
    data: st.DataObject, paid_in: str, own: str, most: int
) -> None:
    story = Story(Town(**POLICY), data)
    currency = story.draw(st.sampled_from([paid_in, own]))
    story.town.rules({"name": "Murah", "at_most": most, "currency": currency})
    story.begin("O", paid_in)
    by_rule = 0
    for step in story.draw(st.lists(st.sampled_from(["ask", "ask", "amend"]), min_size=1, max_size=8)):
        if step == "amend":
            story.amend("O")
            continue
        if not (wanted := story.wanted("O")):
            continue
        told = story.orders["O"]
        gone, price = story.gone("O"), told.price_of(wanted)
        case = story.town.ask(wanted)
        within = currency == paid_in and gone + price <= most
        assert (case.asked.by_rule == "Murah") is within
        assert case.at_stake == Money(gone + price, paid_in)
        by_link = paid_in == "IDR" and gone + price <= 1_000_000
        assert access.above_link(story.town.around.ports, case) is not by_link
        if within:
            by_rule += price
        elif story.draw(st.booleans()):
            no = Reject(reason_code=RefusingReason.ALREADY_PACKED)
            decisions.say(story.town.around.ports, case.case_id, no, SELLER)
            continue
        else:
            case = story.town.yes(case, SELLER)
        story.went("O", case, wanted)
        assert by_rule <= most


@settings(max_examples=150 if FULL else 15)
@given(st.data(), st.lists(CURRENCIES, min_size=1, max_size=3), st.sampled_from([0, 100_000, 250_000]))
def test_one_person_grants_so_much_of_an_order_and_so_much_on_a_day(
    data: st.DataObject, currencies: list[str], a_day: int
) -> None:
    """By yes or by an offer that is accepted; currencies never add, and neither do people or days."""
    figures = currencies[0]
    limits: dict[str, Any] = {"second_person_above": 150_000, "second_person_above_a_day": a_day}
    story = Story(Town(**POLICY, **limits, currency_of_figures=figures, offers=Offers(rounds=99)), data)
    sums: Counter[tuple[Actor, date, str]] = Counter()
    for number, currency in enumerate([*currencies, figures]):
        story.begin(str(number), currency)
    for _ in range(story.draw(st.integers(1, 8))):
        order_id = story.draw(st.sampled_from(sorted(story.orders)))
        told, ports = story.orders[order_id], story.town.around.ports
        if story.draw(st.integers(0, 5)) == 0:
            story.amend(order_id)
        if story.draw(st.integers(0, 3)) == 0:
            story.town.around.clock.advance(story.draw(st.sampled_from([3600, 86_400])))
        if not (wanted := story.wanted(order_id)):
            continue
        who, price = story.draw(st.sampled_from(SUPPORTERS)), told.price_of(wanted)
        gone, day = story.gone(order_id), story.town.around.clock().date()
        case = story.town.ask(wanted, order_id)
        alone = told.currency == figures and gone + price <= 150_000 and sums[who, day, told.currency] + price <= a_day
        if case.quote.refund_total and story.draw(st.booleans()):
            decisions.say(ports, case.case_id, MakeOffer(fee=1, note=NOTE), who)
            said = decisions.say(ports, case.case_id, AcceptOffer(), BUDI)
        else:
            said = story.town.yes(case, who)
        assert (said.outcome is Outcome.CANCELLED) is alone, (told, price, sums)
        if not alone:
            assert said.first_yes == who.id
            who = next(each for each in SUPPORTERS if each is not who)
            said = decisions.say(ports, case.case_id, Confirm(note=NOTE), who)
        sums[who, day, told.currency] += price
        story.went(order_id, said, wanted)
    for (who, day, currency), total in sums.items():
        assert who.role is Role.SUPPORT
        known = story.town.around.store.granted(who.id, day)
        assert known.so_far(currency) == Money(total, currency)
