"""A marketplace with real money: it takes it once, acknowledges, repeats, goes stale, renames tenders and forgets.

However it tells of that, Batal never promises more than was there; of one that tells the truth all of it goes back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from hypothesis import given, note
from hypothesis import strategies as st

from chalicelib.domain.money.books import books_of, due
from chalicelib.domain.money.net_worth import net_worth
from chalicelib.domain.orders.body import OrderBody, Tender
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.policy import Policy
from tests.domain.money_lives import Life, acknowledging
from tests.domain.money_orders import MANY, bodies, counts, fees, policies

HONEST = ("cancel", "cancel", "acknowledge", "acknowledge_some", "repeat", "rename", "split", "merge", "status", "tell")
ANY = (*HONEST, "stale", "forget")


@dataclass
class Market:
    """What the marketplace has: the order as it told it, each time, and the money as it took it, once."""

    life: Life
    data: st.DataObject
    told: list[OrderBody] = field(default_factory=list)
    took: dict[str, int] = field(default_factory=dict)
    renamed: int = 0
    honest: bool = False

    @property
    def real(self) -> dict[bool, int]:
        """What it took of money (False) and of what is none (True)."""
        promo = {x.tender_id: x.is_promo for x in self.told[0].tenders}
        return {kind: sum(n for name, n in self.took.items() if promo[name] is kind) for kind in (False, True)}

    def push(self, body: OrderBody) -> None:
        self.told.append(body)
        self.life.push(body)

    def cancel(self, *, fee: bool = False) -> None:
        wanted = self.data.draw(st.composite(counts)(self.life.order.remaining))
        self.life.cancels(wanted, self.data.draw(st.none() | fees()) if fee else None)

    def acknowledge(self) -> None:
        """All that is gone."""
        self._acknowledge(self.life.known.gone)

    def acknowledge_some(self) -> None:
        """Some of what is gone: of what tenders of few units cost, a unit may then be told by the other."""
        self._acknowledge({x: self.data.draw(st.integers(0, count)) for x, count in self.life.known.gone.items()})

    def _acknowledge(self, gone: Mapping[str, int]) -> None:
        if any(gone[line.line_id] < line.quantity for line in self.life.order.body.lines):
            self.push(acknowledging(self.life.known, gone))

    def repeat(self) -> None:
        self.push(self.told[-1])

    def stale(self) -> None:
        self.push(self.data.draw(st.sampled_from(self.told)))

    def rename(self) -> None:
        """One tender under another name, and by another method of its kind."""
        body = replace(self.life.order.body, refunds=())
        place = self.data.draw(st.integers(0, len(body.tenders) - 1))
        self.renamed += 1
        self.push(replace(body, tenders=tuple(self._another(x, x is body.tenders[place]) for x in body.tenders)))

    @property
    def must_tell(self) -> bool:
        """Whether a marketplace that tells the truth would have to tell payments anew: what it told of one tender is
        never moved to another."""
        return self.honest and any(account.told for account in books_of(self.life.known).accounts.values())

    def merge(self) -> None:
        """All money of a kind by one tender."""
        if self.must_tell:
            return
        body = replace(self.life.order.body, refunds=())
        found: dict[bool, Tender] = {}
        for tender in body.tenders:
            known = found.get(tender.is_promo)
            found[tender.is_promo] = replace(known, amount=known.amount + tender.amount) if known else tender
        self.push(replace(body, tenders=tuple(found.values())))

    def split(self) -> None:
        """A part of what was by one tender by another, one that is new or one that there is."""
        if self.must_tell:
            return
        body = replace(self.life.order.body, refunds=())
        one = self.data.draw(st.sampled_from(body.tenders))
        part = self.data.draw(st.integers(0, one.amount))
        self.renamed += 1
        others = [x for x in body.tenders if x.is_promo is one.is_promo and x is not one]
        other = self.data.draw(st.sampled_from([*others, replace(one, tender_id=f"new-{self.renamed}", amount=0)]))
        told = {x.tender_id: x for x in (*body.tenders, other)}
        told[one.tender_id] = replace(one, amount=one.amount - part)
        told[other.tender_id] = replace(other, amount=other.amount + part)
        self.push(replace(body, tenders=tuple(told.values())))

    def _another(self, tender: Tender, other: bool) -> Tender:
        if not other:
            return tender
        method = self.data.draw(st.sampled_from([x for x in Method if x.is_promo is tender.is_promo and x != "cod"]))
        return Tender(method=method, amount=tender.amount, tender_id=f"{method}-new-{self.renamed}")

    def forget(self) -> None:
        """A line that stands is left out, with what it costs."""
        order = self.life.known
        line_id = self.data.draw(st.sampled_from([line.line_id for line in order.body.lines]))
        without = {line.line_id: line.quantity if line.line_id == line_id else 0 for line in order.body.lines}
        if len(order.body.lines) > 1:
            self.push(acknowledging(order, without))

    def status(self) -> None:
        self.life.moves(self.data.draw(st.sampled_from([OrderStatus.SHIPPED, OrderStatus.DELIVERED])))

    def tell(self) -> None:
        """What was collected by a tender that still has its first name, as it was."""
        names = {tender.tender_id for tender in self.told[-1].tenders}
        there = sorted(name for name in self.took if name in names and self.told[-1] is self.told[0])
        if there:
            name = self.data.draw(st.sampled_from(there))
            self.life.collects(name, self.took[name])

    def check(self) -> None:
        self.life.check()
        self.life.settles()
        for promo, real in self.real.items():
            taken = self.life.family(promo=promo)[1]
            assert taken <= real, f"{taken} of {real}, {'promo' if promo else 'money'}"


ACTS: Mapping[str, Callable[[Market], None]] = {
    name: getattr(Market, name)
    for name in (
        "cancel",
        "acknowledge",
        "acknowledge_some",
        "repeat",
        "stale",
        "rename",
        "merge",
        "split",
        "forget",
        "status",
        "tell",
    )
}


def opened(data: st.DataObject, body: OrderBody, policy: Policy, *, honest: bool = False) -> Market:
    """The order at its checkout: paid, and all of it is there; cash with the goods."""
    tenders = tuple(
        replace(x, state=None, method=Method.CARD if x.method is Method.COD else x.method) for x in body.valid_tenders
    )
    body = replace(body, tenders=tenders, status=OrderStatus.PROCESSING)
    took = {tender.tender_id: tender.amount for tender in tenders}
    return Market(life=Life.begun(body, policy), data=data, told=[body], took=took, honest=honest)


@MANY
@given(bodies(ids="AB", indivisible=False), policies(), st.data())
def test_batal_never_promises_more_than_a_marketplace_took_whatever_it_tells(
    body: OrderBody, policy: Policy, data: st.DataObject
) -> None:
    market = opened(data, body, policy)
    try:
        for _ in range(data.draw(st.integers(1, 8))):
            name = data.draw(st.sampled_from(ANY))
            market.cancel(fee=True) if name == "cancel" else ACTS[name](market)
            market.check()
        market.life.cancels(market.life.order.remaining)
        market.check()
    except AssertionError:
        note("\n".join(market.life.acts))
        raise


@MANY
@given(bodies(ids="AB", indivisible=False), policies(charging=False), st.data())
def test_of_a_marketplace_that_tells_the_truth_all_comes_back(
    body: OrderBody, policy: Policy, data: st.DataObject
) -> None:
    market = opened(data, body, policy, honest=True)
    never = due_when_all_is_gone(market)
    try:
        for _ in range(data.draw(st.integers(1, 8))):
            ACTS[data.draw(st.sampled_from(HONEST))](market)
            market.check()
        market.life.cancels(market.life.order.remaining)
        market.check()
        back = {promo: market.life.family(promo=promo)[1] for promo in market.real}
        owed = {promo: real - never[promo] for promo, real in market.real.items()}
        assert sum(back.values()) == sum(owed.values())
        # What never goes back stays paid by every tender in its part, rounded anew for what the order lists now.
        assert back == owed or not all(charge.refundable for charge in body.charges)
    except AssertionError:
        note("\n".join(market.life.acts))
        raise


def due_when_all_is_gone(market: Market) -> dict[bool, int]:
    """What stays paid in any case: charges that are not refundable, by every tender in its part."""
    once = Life(policy=market.life.policy, order=market.life.order, told=market.life.told)
    once.cancels(once.order.remaining)
    stays, promo = (
        due(once.known, net_worth(once.order.body)),
        {x.tender_id: x.is_promo for x in market.told[0].tenders},
    )
    return {kind: sum(n for name, n in stays.items() if promo[name] is kind) for kind in (False, True)}
