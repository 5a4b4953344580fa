"""What happens to an order's money, act by act, as the workflow brings it about; and what must hold after each.

An act that Batal takes is asked for by a quote and booked as its refund is. What others tell comes as they tell it:
late, again, out of order, wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.books import (
    account_of,
    accounts_of,
    books_of,
    due,
    given_by,
    left_by,
    owed_by,
    spread,
    unexplained,
)
from chalicelib.domain.money.chargebacks import ChargebackOf, with_chargeback
from chalicelib.domain.money.goodwill import Gesture, goodwill_quote, parts_of, room_by, with_goodwill
from chalicelib.domain.money.net_worth import Of, Worth, net_worth
from chalicelib.domain.money.payments import Payment, PaymentTold, with_payment
from chalicelib.domain.money.promising import promise, still_listed, unpromise
from chalicelib.domain.money.quote import Quote, less_deduction, less_elsewhere, less_fee, quote
from chalicelib.domain.money.recording import told_anew, with_books
from chalicelib.domain.orders.body import Charge, Funding, Line, LineDiscount, OrderBody, Pieces, RefundElsewhere
from chalicelib.domain.orders.chargebacks import ChargebackState, ChargebackWord
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.pushes import StatusPush, with_body, with_status
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.orders.sums import check_body, due_of
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Fee, Policy
from chalicelib.domain.policies.reasons import GivenFor
from infra.sandbox.builders import NOW, a_policy

Amounts = Mapping[str, int]
FREE = a_policy(fees={}, instant=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A refund: for which pieces, by which quote, and what each tender kept by it."""

    wanted: Amounts
    quote: Quote
    kept: Amounts
    returned: bool = False

    @property
    def parts(self) -> Amounts:
        """What goes back by each tender."""
        return {tender.tender_id: tender.amount for tender in self.quote.tenders}


@dataclass
class Life:
    """One order and what happened to its money; `order` is as it is stored, `told` as its newest version said it."""

    policy: Policy
    order: Order
    told: OrderBody
    given: list[Given] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    number: int = 0
    freely: Amounts = field(default_factory=dict)
    _brought_up: tuple[Order, Order] | None = field(default=None, repr=False)

    @classmethod
    def begun(cls, body: OrderBody, policy: Policy = FREE) -> "Life":
        check_body(body)
        new = with_body(None, body, NOW)
        assert new
        order = told_anew(None, new, policy.refund_order)
        return cls(policy=policy, order=order, told=body, acts=[f"begun {policy.refund_order} {in_short(body)}"])

    @property
    def known(self) -> Order:
        """The order with its books."""
        if self._brought_up is None or self._brought_up[0] is not self.order:
            self._brought_up = (self.order, with_books(self.order, self.policy.refund_order))
        return self._brought_up[1]

    @property
    def given_back(self) -> dict[str, int]:
        """What Batal gave back in all, by tender."""
        return added(*(each.parts for each in self.given))

    @property
    def fees(self) -> int:
        """What was kept of it as a fee in all."""
        return sum(each.quote.fees_total for each in self.given)

    # --- what is told -----------------------------------------------------------------------------------------------

    def _told(self, act: str, after: Order | None) -> bool:
        self.acts.append(act)
        if after is None:
            return False
        self.order = told_anew(self.order, after, self.policy.refund_order)
        return True

    def push(self, body: OrderBody, version: int | None = None) -> bool:
        """The whole order again, newer than all before unless said; whether it was news."""
        # What Batal wrote down of a payment it is not told back.
        body = replace(body, tenders=tuple(replace(each, collected_at=None) for each in body.tenders))
        check_body(body)
        told = replace(body, version=self.order.body.version + 1 if version is None else version)
        news = self._told(f"push {in_short(told)}", with_body(self.order, told, NOW))
        if news:
            self.told = told
        return news

    def moves(self, status: OrderStatus) -> None:
        """A change of status, which the order follows where it can."""
        push = StatusPush(status=status, version=self.order.status_version + 1, at=NOW)
        self._told(f"is {status}", with_status(self.order, push, NOW))

    def pays(self, tender_id: str, payment: Payment, amount: int = 0) -> None:
        """What became of a tender's money, in all: told by the marketplace, or corrected by two persons. What it may
        not tell is refused and changes nothing."""
        for person in ("rini", "tuti"):
            note = "seen" if payment is Payment.CORRECTED else None
            told = PaymentTold(tender_id=tender_id, payment=payment, amount=amount, at=NOW, note=note)
            try:
                after = with_payment(self.known, told, person)
            except Invalid:
                self.acts.append(f"may not tell {payment} {tender_id} {amount}")
                return
            self._told(f"{payment} {tender_id} {amount}", after)

    def collects(self, tender_id: str, amount: int) -> None:
        """A fact: so much was collected by a tender in all."""
        self.pays(tender_id, Payment.COLLECTED, amount)

    def gave(self, tender_id: str, amount: int) -> None:
        """The marketplace tells what it gave back itself by a tender in all."""
        self.pays(tender_id, Payment.REFUNDED, amount)

    def disputes(self, tender_id: str, state: ChargebackState, amount: int, chargeback_id: str | None = None) -> bool:
        """What a bank disputes of a tender; whether it was news. What may not be told is refused and changes
        nothing."""
        self.number += 1
        word = ChargebackWord(event_id=f"bank-{self.number}", state=state, amount=amount, at=NOW)
        told = ChargebackOf(tender_id=tender_id, chargeback_id=chargeback_id, word=word)
        try:
            after = with_chargeback(self.known, told, built_in_wallet=False)
        except Invalid:
            self.acts.append(f"may not tell {state} {tender_id} {amount}")
            return False
        return self._told(f"{state} {tender_id} {amount}", after)

    def refunded_elsewhere(self, amount: int, tender_id: str | None, pieces: Amounts) -> None:
        """The same, in a whole push, and for which pieces."""
        self.number += 1
        lines = tuple(Pieces(line_id=line_id, quantity=count) for line_id, count in pieces.items())
        refund = RefundElsewhere(
            refund_id=f"elsewhere-{self.number}", amount=amount, at=NOW, tender_id=tender_id, lines=lines
        )
        self.push(replace(self.order.body, refunds=(refund,)))

    # --- what Batal does --------------------------------------------------------------------------------------------

    def asks(self, wanted: Amounts, fee: Fee | None = None) -> Quote:
        """What these pieces would bring: by the buyer's choice at this fee, or by nobody's fault."""
        fault = Fault.BUYER if fee else Fault.SELLER
        made = quote(self.known, self.policy, fault, NOW, wanted=wanted, fee=fee)
        check_quote(made)
        return made

    def gives(self, wanted: Amounts, made: Quote, *, returned: bool = False) -> Given:
        """These pieces go, and their money as quoted, as far as it is there still."""
        known = self.known
        made = less_elsewhere(made, left_by(known))
        check_quote(made)
        booked = promise(known, wanted, made.promised)
        gone = dict(known.returned if returned else known.cancelled)
        for line_id, count in wanted.items():
            gone[line_id] = gone.get(line_id, 0) + count
        self.number += 1
        named = replace(known, books=booked.books, cases=(*known.cases, f"c{self.number}"))
        self.order = replace(named, returned=gone) if returned else replace(named, cancelled=gone)
        self.given.append(Given(wanted=dict(wanted), quote=made, kept=booked.kept, returned=returned))
        self.acts.append(f"gives {dict(wanted)} {self.given[-1].parts}, fees {made.fees_total}, kept {booked.kept}")
        for tender_id, amount in self.given[-1].parts.items():
            account, given = account_of(self.order, tender_id), given_by(self.order)[tender_id]
            assert amount > 0
            assert account.taken + given + account.kept <= account.collected, f"{tender_id} gives more than it got"
        return self.given[-1]

    def cancels(
        self,
        wanted: Amounts,
        fee: Fee | None = None,
        *,
        agreed: int = 0,
        deducted: int = 0,
        returned: bool = False,
    ) -> Given:
        """A part, with what was agreed in an offer and what is kept for the state of goods."""
        made = self.asks(wanted, fee)
        if agreed:
            made = less_fee(made, agreed)
        if deducted and made.refund_total:
            made = less_deduction(made, min(deducted, made.refund_total))
        return self.gives(wanted, made, returned=returned)

    def settles(self) -> Amounts:
        """Money that came for pieces which were gone goes back; what it was, by tender."""
        late = quote(self.known, self.policy, Fault.PLATFORM, NOW, wanted={})
        check_quote(late)
        owed = {name: amount for name, amount in owed_by(self.known).items() if amount}
        told = {tender.tender_id: tender.amount for tender in late.tenders}
        assert {name: told.get(name) for name in told} == {name: owed[name] for name in told}
        if late.refund_total:
            self.gives({}, late)
        assert late.fees_total == 0
        return told

    def gives_freely(self, amount: int, tender_id: str | None = None) -> Amounts:
        """Customer service gives so much without a request, or what is there; what it was, by tender."""
        known, order = room_by(self.known), self.known
        most = sum(known.values()) if tender_id is None else known.get(tender_id, 0)
        if not min(amount, most):
            self.acts.append(f"has nothing to give {tender_id or 'by any'}")
            return {}
        wish = Gesture(amount=min(amount, most), tender_id=tender_id, reason=GivenFor.GOODWILL, note="sorry")
        parts = parts_of(order, wish)
        made = goodwill_quote(order, self.policy, wish, parts, NOW)
        check_quote(made)
        owed, odd = owed_by(order), unexplained(order)
        self.number += 1
        self.order = replace(order, books=with_goodwill(order, parts), cases=(*order.cases, f"c{self.number}"))
        self.acts.append(f"gives freely {parts}")
        for name, account in accounts_of(self.known).items():
            assert owed_by(self.known).get(name, 0) <= owed.get(name, 0), "goodwill makes nothing owed"
            assert account.kept == accounts_of(order)[name].kept
            assert not (account.promo and parts.get(name)), "promo never becomes money"
            assert unexplained(self.known).get(name, 0) <= odd.get(name, 0) + owed.get(name, 0)
        self.freely = added(self.freely, parts)
        return parts

    def recalls(self) -> bool:
        """The last refund, which was not sent, is taken back, and its pieces stand again; not where the order does not
        list them any more."""
        if not self.given or not still_listed(self.known, self.given[-1].wanted):
            return False
        last = self.given.pop()
        known = self.known
        books = unpromise(known, last.wanted, last.quote.promised, last.kept)
        gone = dict(known.returned if last.returned else known.cancelled)
        for line_id, count in last.wanted.items():
            gone[line_id] -= count
        named = replace(known, books=books)
        self.order = replace(named, returned=gone) if last.returned else replace(named, cancelled=gone)
        self.acts.append(f"recalls {last.parts}")
        return True

    # --- what holds -------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Whatever happened: nothing is negative, nothing is lost, everything is itself."""
        order = self.known
        assert with_books(self.order, self.policy.refund_order).books == order.books
        worth, given = net_worth(order.body), given_by(order)
        stays, shares, back, odd = (
            due(order, worth),
            spread(order, worth, order.gone),
            owed_by(order),
            unexplained(order),
        )
        paid = {tender.tender_id: tender for tender in order.body.valid_tenders}
        assert all(0 <= order.gone[line.line_id] <= line.quantity for line in order.body.lines)
        for tender_id, tender in paid.items():
            assert stays[tender_id] + shares[tender_id] == tender.amount
            assert min(stays[tender_id], shares[tender_id]) >= 0, f"{tender_id} is to pay {stays[tender_id]}"
        for tender_id, account in accounts_of(order).items():
            figures = (account.collected, account.taken, account.kept, account.settled, account.elsewhere)
            assert min(figures) >= 0, f"{tender_id}: {figures}"
            assert account.basis is None or account.basis >= 0
            assert account.taken + account.kept <= account.collected, f"{tender_id} gives more than it got: {account}"
            assert tender_id not in paid or paid[tender_id].is_promo is account.promo, f"{tender_id} is of both kinds"
            assert given[tender_id] >= 0
            rest = account.collected - stays.get(tender_id, 0) - account.taken - given[tender_id] - account.kept
            assert back.get(tender_id, 0) + odd.get(tender_id, 0) == max(0, rest), f"{tender_id}: {rest} is nowhere"
            if back.get(tender_id):
                assert account.taken + given[tender_id] + account.kept + back[tender_id] <= account.collected
        books = books_of(order)
        assert min(books.shipping_kept, books.fee_points, books.fee_charged) >= 0

    def family(self, *, promo: bool) -> tuple[int, int]:
        """What was collected, and what Batal gave back, of money or of what is none."""
        found = [account for account in accounts_of(self.known).values() if account.promo is promo]
        return sum(account.collected for account in found), sum(account.taken for account in found)


def in_short(told: Any) -> str:
    """What differs from the plain, for whoever reads a counterexample."""
    hidden = ("order_id", "platform", "version", "buyer", "seller", "placed_at", "name", "funded_by", "at", "paid_at")
    if isinstance(told, tuple):
        return f"[{', '.join(map(in_short, told))}]"
    if not hasattr(told, "__dataclass_fields__"):
        return str(told)
    plain = {x.name: x.default for x in fields(told)}
    there = [(x, getattr(told, x)) for x in plain if x not in hidden]
    return f"({' '.join(f'{name}={in_short(value)}' for name, value in there if value != plain[name])})"


def acknowledging(order: Order, gone: Amounts | None = None) -> OrderBody:
    """The order as a marketplace tells it that has taken in these gone pieces, all of them unless said: the pieces that
    stand, at what they cost."""
    gone = order.gone if gone is None else gone
    body, worth = order.body, net_worth(order.body)
    # What a fee keeps stays with the marketplace, and is no part of what the pieces that stand cost.
    plain = replace(books_of(order), shipping_kept=0, stays=frozenset(), lost=frozenset())
    shares = spread(replace(order, books=plain), worth, gone)
    lines = tuple(
        _what_stands(line, worth, gone[line.line_id]) for line in body.lines if gone[line.line_id] < line.quantity
    )

    def whole(of: Of) -> int:
        return sum(worth.net(place) for place in worth.gross if place.of is of and place.line_id is None)

    charged = [(worth.charge_at(place), worth.net(place)) for place in worth.gross]
    told = replace(
        body,
        lines=lines,
        # What is refundable of a line goes with its pieces, and is a part of their price here.
        charges=tuple(
            Charge(kind=charge.kind, amount=net, refundable=charge.refundable)
            for charge, net in charged
            if charge and net and not (charge.refundable and charge.line_id)
        ),
        discounts=(),
        tax=0,
        tax_included=False,
        shipping_fee=whole(Of.SHIPPING) + sum(line.shipping or 0 for line in lines),
        service_fee=whole(Of.SERVICE_FEE),
        refunds=(),
        tenders=tuple(replace(x, amount=x.amount - shares[x.tender_id]) for x in body.valid_tenders),
    )
    # What a lost promotion costs on the pieces that stand is charged by its marketplace, too.
    if (charged_more := told.paid - due_of(told)) and order.books and order.books.lost:
        told = replace(told, charges=(*told.charges, Charge(kind="promotion", amount=charged_more)))
    assert due_of(told) == told.paid
    return told


def _what_stands(line: Line, worth: Worth, gone: int) -> Line:
    back = sum(worth.net(x) for x in worth.gross if x.line_id == line.line_id and worth.goes_back(x))
    told = Line(line_id=line.line_id, name=line.name, quantity=line.quantity - gone, unit_price=line.unit_price)
    off = told.amount - (back - back * gone // line.quantity)
    if off <= 0:
        return replace(told, shipping=-off)
    return replace(told, discounts=(LineDiscount(code=f"of-{line.line_id}", amount=off, funded_by=Funding.SELLER),))


def check_quote(made: Quote) -> None:
    """A quote adds up, and none of it is below nothing."""
    assert sum(line.amount for line in made.lines) == made.refund_total, f"{made}"
    assert sum(tender.amount for tender in made.tenders) == made.refund_total
    assert all(tender.amount > 0 for tender in made.tenders)
    assert made.refund_total >= 0
    assert made.fees_total >= 0, f"{made}"
    assert made.paid == made.refund_total + made.fees_total


def added(*amounts: Amounts) -> dict[str, int]:
    """Amounts by tender, together; nothing is left out."""
    found: dict[str, int] = {}
    for each in amounts:
        for tender_id, amount in each.items():
            found[tender_id] = found.get(tender_id, 0) + amount
    return {tender_id: amount for tender_id, amount in found.items() if amount}
