"""Any order that a marketplace may push, with all that it may say of money: strategies for properties.

Amounts are drawn small as often as large: roundings are where something goes wrong. Orders of many lines repeat a few
kinds of lines, so that an example is quickly drawn and quickly shrunk.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from babel.numbers import list_currencies
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from chalicelib.domain.orders.body import (
    Charge,
    Discount,
    Funding,
    Line,
    LineDiscount,
    OrderBody,
    Scope,
    Tender,
    TenderState,
)
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.sums import due_of, holds_tax
from chalicelib.domain.policies.policy import Fee, LostPromotions, Policy
from infra.sandbox.builders import a_body, a_policy
from tests.proofs.figures import FULL

# All there are; more often those that are used, and one of each number of digits after the comma.
CURRENCIES = ("IDR", "IDR", "JPY", "USD", "EUR", "KWD", "CLF")
ALL_CURRENCIES = sorted(list_currencies())
EXAMPLES = int(os.environ.get("BATAL_EXAMPLES", "20000" if FULL else "10"))
# Orders are large, and drawing one is what takes the time.
MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
SCALES = (3, 60, 1_000, 50_000, 10**8)
SIZES = (*(1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 12) * 8, 30, 100)
PREPAID = tuple(method for method in Method if method is not Method.COD)


def part_of(most: int) -> st.SearchStrategy[int]:
    """Some of an amount; none and all of it more often than chance would."""
    return st.one_of(st.integers(0, most), st.sampled_from((0, most)))


def counts(draw: st.DrawFn, most: Mapping[str, int]) -> dict[str, int]:
    """Some pieces per line id, some of them of several lines."""
    there = sorted(line_id for line_id, count in most.items() if count)
    named = draw(st.lists(st.sampled_from(there), unique=True, min_size=1, max_size=6)) if there else []
    if draw(st.booleans()):
        named = there if draw(st.booleans()) else named[:1]
    return {line_id: draw(st.integers(1, most[line_id])) if len(named) < 9 else most[line_id] for line_id in named}


@st.composite
def lines_of(draw: st.DrawFn, ids: Sequence[str], scale: int, codes: Sequence[str]) -> tuple[Line, ...]:
    """Lines of these ids, with or without facts of their own."""
    kinds = [draw(kinds_of_lines(scale, codes)) for _ in range(min(len(ids), 8))]
    return tuple(replace(kinds[place % len(kinds)], line_id=name, name=name) for place, name in enumerate(ids))


@st.composite
def kinds_of_lines(draw: st.DrawFn, scale: int, codes: Sequence[str]) -> Line:
    """One line."""
    made = Line(line_id="", name="", quantity=draw(st.integers(1, 5)), unit_price=draw(part_of(scale)))
    if not draw(st.booleans()):
        return made
    return draw(with_facts(made, scale, codes))


@st.composite
def with_facts(draw: st.DrawFn, line: Line, scale: int, codes: Sequence[str]) -> Line:
    """The line with tax, shipping and discounts as its platform tells them."""
    included = draw(st.sampled_from((None, None, True, False)))
    tax = draw(st.none() | part_of(min(scale, line.amount) if included is not False else scale))
    told = replace(line, tax=tax, shipping=draw(st.none() | part_of(scale)), tax_included=included)
    # What comes on top is not known here where the order says so: this is the least of it.
    worth = told.amount + (told.shipping or 0) + (told.tax or 0 if included is False else 0)
    found, names = [], draw(st.lists(st.sampled_from(codes), unique=True, max_size=2))
    for code in names:
        found.append(LineDiscount(code=code, amount=draw(part_of(worth)), funded_by=Funding.SELLER))
        worth -= found[-1].amount
    return replace(told, discounts=tuple(found))


@st.composite
def bodies(
    draw: st.DrawFn, /, *, ids: Sequence[str] = (), sizes: Sequence[int] = SIZES, indivisible: bool = True, **more: Any
) -> OrderBody:
    """An order of these lines (of any number of them unless said), whose sums are right."""
    scale = draw(st.sampled_from(SCALES))
    ids = ids or [f"L{number}" for number in range(draw(st.sampled_from(sizes)))]
    codes = ("D0", "D1", "X", "Y")
    lines = draw(lines_of(ids, scale, codes))
    told_tax, told_shipping = (sum(getattr(line, name) or 0 for line in lines) for name in ("tax", "shipping"))
    body = a_body(
        currency=more.pop("currency", None) or draw(st.sampled_from(CURRENCIES) | st.sampled_from(ALL_CURRENCIES)),
        lines=lines,
        shipping_fee=draw(st.sampled_from((0, told_shipping + draw(st.integers(0, scale))))),
        service_fee=draw(part_of(scale)),
        tax=draw(st.sampled_from((0, told_tax + draw(st.integers(0, scale))))),
        tax_included=draw(st.sampled_from((False, False, True))),
        charges=tuple(draw(charges_of(ids, scale)) for _ in range(draw(st.sampled_from((0, 0, 1, 2))))),
        tenders=(Tender(method=Method.CARD, amount=0),),
        paid=False,
        **more,
    )
    body = replace(body, lines=tuple(_held_in_its_price(line, body) for line in body.lines))
    body = replace(body, discounts=draw(discounts_of_all(body)))
    return replace(body, tenders=draw(tenders_of(due_of(body), indivisible=indivisible)))


def _held_in_its_price(line: Line, body: OrderBody) -> Line:
    """A price that holds its tax is no smaller than that; one that does not is worth no less than its discounts."""
    return replace(line, tax=min(line.tax, line.amount)) if line.tax and holds_tax(line, body) else line


@st.composite
def charges_of(draw: st.DrawFn, ids: Sequence[str], scale: int) -> Charge:
    """One charge, of the order or of a line."""
    return Charge(
        kind=draw(st.sampled_from(("tip", "cod_fee", "insurance"))),
        amount=draw(part_of(scale)),
        line_id=draw(st.sampled_from((None, ids[0]))),
        refundable=draw(st.booleans()),
    )


@st.composite
def discounts_of_all(draw: st.DrawFn, body: OrderBody) -> tuple[Discount, ...]:
    """Up to six discounts, each at least what lines say of it, all together at most what there is to pay."""
    told: dict[str, int] = {}
    for line in body.lines:
        for each in line.discounts:
            told[each.code] = told.get(each.code, 0) + each.amount
    found: list[Discount] = []
    left, goods = due_of(body), body.goods
    for _ in range(draw(st.sampled_from((0, 1, 1, 2, 2, 3, 4, 6)))):
        code = draw(st.sampled_from(("D0", "D1", "D2", "D3")))
        beyond = draw(st.one_of(st.integers(0, left), st.sampled_from((0, left, min(goods, left)))))
        left -= beyond
        scope = draw(st.sampled_from(Scope))
        named = draw(st.lists(st.sampled_from([x.line_id for x in body.lines]), unique=True, min_size=1, max_size=3))
        found.append(
            Discount(
                code=code,
                amount=beyond + told.pop(code, 0),
                funded_by=Funding.PLATFORM,
                scope=scope,
                line_ids=tuple(named) if scope is Scope.LINES else (),
                min_spend=draw(st.sampled_from((0, 0, goods // 2, goods))),
            )
        )
    return tuple(found)


@st.composite
def tenders_of(draw: st.DrawFn, amount: int, *, indivisible: bool = True, states: bool = True) -> tuple[Tender, ...]:
    """One to six tenders that come to an amount; several may share a method. Now and then one that was voided."""
    number, found = draw(st.sampled_from((1, 1, 2, 2, 2, 3, 4, 6))), list[Tender]()
    for place in range(number):
        method = draw(st.sampled_from(Method))
        part = amount if place == number - 1 else draw(part_of(amount))
        amount -= part
        taken = method.value in {tender.tender_id for tender in found}
        found.append(
            Tender(
                method=method,
                amount=part,
                tender_id=f"{method}-{place}" if taken else "",
                state=draw(st.sampled_from((None,) * 6 + tuple(TenderState)[:2])) if states else None,
                indivisible=indivisible and method.is_promo and draw(st.booleans()),
            )
        )
    if states and draw(st.integers(0, 9)) == 0:
        found.append(Tender(method=Method.BANK, amount=draw(st.integers(0, 99)), tender_id="v", state=TenderState.VOID))
    return tuple(found)


@st.composite
def changed(draw: st.DrawFn, body: OrderBody, ids: Sequence[str]) -> OrderBody:
    """The same order told anew: other quantities and prices, lines gone and back, other discounts, other tenders."""
    lines = {line.line_id: line for line in body.lines}
    named = draw(st.lists(st.sampled_from([*ids]), unique=True, max_size=3))
    for line_id in named:
        if line_id in lines and len(lines) > 1 and draw(st.integers(0, 3)) == 0:
            del lines[line_id]
            continue
        known = lines.get(line_id) or Line(
            line_id=line_id, name=line_id, quantity=1, unit_price=draw(st.integers(0, 60))
        )
        quantity = draw(st.integers(1, known.quantity + 2))
        price = known.unit_price if draw(st.booleans()) else draw(part_of(known.unit_price * 2))
        lines[line_id] = replace(known, quantity=quantity, unit_price=price, discounts=(), tax=None, quantities=None)
    there = tuple(lines[line_id] for line_id in ids if line_id in lines)
    told = replace(
        body,
        lines=there,
        charges=tuple(charge for charge in body.charges if charge.line_id in (None, *lines)),
        discounts=(),
        refunds=(),
        tax=max(body.tax, sum(line.tax or 0 for line in there)) if body.tax else 0,
        shipping_fee=max(body.shipping_fee, sum(line.shipping or 0 for line in there)) if body.shipping_fee else 0,
    )
    told = replace(
        told, discounts=_still(body.discounts, told) if draw(st.booleans()) else draw(discounts_of_all(told))
    )
    return replace(told, tenders=draw(paid_anew(body.tenders, due_of(told))))


def _still(discounts: Sequence[Discount], told: OrderBody) -> tuple[Discount, ...]:
    """The discounts that there were, as far as they fit what is told now."""
    lines = {line.line_id for line in told.lines}
    of_lines: dict[str, int] = {}
    for line in told.lines:
        for each in line.discounts:
            of_lines[each.code] = of_lines.get(each.code, 0) + each.amount
    found, left = list[Discount](), due_of(told)
    for discount in discounts:
        named = tuple(line_id for line_id in discount.line_ids if line_id in lines)
        if discount.scope is Scope.LINES and not named:
            continue
        said = of_lines.pop(discount.code, 0)
        beyond = min(left, max(0, discount.amount - said))
        left -= beyond
        found.append(replace(discount, amount=said + beyond, line_ids=named))
    return tuple(found)


@st.composite
def paid_anew(draw: st.DrawFn, tenders: Sequence[Tender], amount: int) -> tuple[Tender, ...]:
    """The tenders under a new sum: the first that can takes the difference, or one is another, or all are."""
    kind = draw(st.sampled_from(("same", "same", "same", "renamed", "anew")))
    if kind == "anew":
        return draw(tenders_of(amount))
    found = [tender for tender in tenders if tender.state is not TenderState.VOID]
    if kind == "renamed" and found:
        place, method = draw(st.integers(0, len(found) - 1)), draw(st.sampled_from(Method))
        names = {tender.tender_id for tender in found} | {"v"}
        name = next(name for name in (method.value, f"{method}+", f"{method}++") if name not in names)
        found[place] = Tender(method=method, amount=found[place].amount, tender_id=name)
    more = amount - sum(tender.amount for tender in found)
    for place, tender in enumerate(found):
        part = max(more, -tender.amount)
        found[place] = replace(tender, amount=tender.amount + part)
        more -= part
    return tuple(found)


@st.composite
def fees(draw: st.DrawFn) -> Fee:
    """Any fee that a policy may take of a buyer who cancels by choice."""
    return Fee(
        basis_points=draw(st.sampled_from((0, 200, 333, 5_000, 9_999, 10_000))),
        flat=draw(st.sampled_from((0, 0, 7, 30, 5_000))),
        at_most=draw(st.sampled_from((None, None, 0, 10, 40, 10_000))),
        keep_shipping=draw(st.booleans()),
        keep_service_fee=draw(st.booleans()),
    )


@st.composite
def policies(draw: st.DrawFn, *, charging: bool = True) -> Policy:
    """How an operator may set what bears on money."""
    fill = draw(st.none() | st.permutations(["card", "wallet", "cod", "coins", "voucher", "bank"]).map(tuple))
    lost = draw(st.sampled_from(LostPromotions)) if charging else LostPromotions.KEEP
    return a_policy(fees={}, instant=(), refund_order=fill, lost_promotions=lost)
