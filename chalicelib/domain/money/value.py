"""What the pieces of a request are worth, line by line, and what of that the buyer really paid and has not got back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.money.books import (
    Gone,
    accounts_of,
    books_of,
    cost_of_gone,
    divided,
    entitled_by,
    gone_with,
    goods_of_gone,
    owed_apart,
    owed_by,
    spread,
)
from chalicelib.domain.money.dividing import grow, so_far
from chalicelib.domain.money.net_worth import (
    Of,
    Place,
    Share,
    Worth,
    is_last,
    net_worth,
    shares_of,
)
from chalicelib.domain.orders.body import KINDS_OF_CHARGES, Charge, Discount, Funding, OrderBody
from chalicelib.domain.orders.order import Order

ELSEWHERE, GIVEN_ALREADY = "refunded_elsewhere", "refunded_elsewhere_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One signed amount in minor units. `label` is a text key, `detail` what it speaks of (an article, a code)."""

    label: str
    amount: int
    rule: str
    detail: str | None = None


def line_of(label: str, amount: int, rule: str, detail: str | None = None) -> list[QuoteLine]:
    """A line of the quote, where it is about any money."""
    return [QuoteLine(label=label, amount=amount, rule=rule, detail=detail)] if amount else []


# How a line of the quote is called that stands for a price, and the rule that it follows.
_OF: Mapping[Of, tuple[str, str]] = {
    Of.TAX: ("tax", "tax_paid"),
    Of.SHIPPING: ("shipping", "shipping_paid"),
    Of.SERVICE_FEE: ("service_fee", "service_fee_paid"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What the wanted pieces were worth, line by line, and what that means by each tender. Amounts in minor units.

    lines       prices and discounts of the pieces, and what of that does not come back, with the rule that says so;
                together what `back` is, fees not yet kept
    back        what is to go back, per tender id, before any fee
    shipping, service_fee   what of the pieces is the order's shipping and its service fee, discounts taken off
    line_shipping   the same of shipping that single lines tell of
    stays       what stays paid in any case: charges that are not refundable
    goods_sent  what of the money that goes back is for goods
    """

    lines: list[QuoteLine]
    back: Mapping[str, int]
    shipping: int
    line_shipping: int
    service_fee: int
    stays: int
    goods_sent: int


def value_of(order: Order, wanted: Mapping[str, int]) -> Value:
    """The value of these pieces per line id, in the order as it is now; it has its books."""
    worth = net_worth(order.body)
    before = dict(order.gone)
    after = gone_with(order, before, wanted)
    shares = shares_of(worth, before, after)
    lines = _lines_of(worth, shares)
    stays = sum(x.amount for x in shares if x.place and not worth.goes_back(x.place))
    if not any(account.collected for account in accounts_of(order).values()):
        # Of what nobody paid nothing stays paid.
        lines += line_of("not_collected", -stays, "only_what_was_collected")
        stays = 0
    cost = cost_of_gone(order, worth, after) - cost_of_gone(order, worth, before)
    price = sum(x.amount for x in shares if not (x.place and not worth.goes_back(x.place)))
    lines += line_of("promotion_charged", cost - price, "promotion_charged_before")
    back, beside = _back(order, worth, before, after, cost)
    lines += beside

    def of_the_whole(of: Of) -> int:
        last = is_last(worth.body, before, after)
        return sum(worth.net(place) for place in worth.gross if place.of is of and place.line_id is None and last)

    return Value(
        lines=_joined(lines),
        back=back,
        shipping=of_the_whole(Of.SHIPPING),
        line_shipping=_shipping_of_lines(worth, before, after),
        service_fee=of_the_whole(Of.SERVICE_FEE),
        stays=stays,
        goods_sent=_goods_sent(order, worth, before, after),
    )


def _back(
    order: Order, worth: Worth, before: Mapping[str, int], after: Mapping[str, int], cost: int
) -> tuple[Mapping[str, int], list[QuoteLine]]:
    """What goes back by each tender, and the lines that lead there from what the pieces `cost`."""
    was, becomes = spread(order, worth, before), spread(order, worth, after)
    accounts = accounts_of(order)
    # What went without Batal is the marketplace's to give back: only what it gave beyond that lowers anything.
    theirs = {tender_id: account.elsewhere for tender_id, account in accounts.items()}
    without_given, back = owed_by(order, worth, after, theirs), owed_by(order, worth, after)
    apart = owed_apart(order, worth, after, theirs)
    late = not_collected = earlier = 0
    for tender_id in back:
        account = accounts[tender_id]
        cost_here = becomes.get(tender_id, 0) - was.get(tender_id, 0)
        open_before = was.get(tender_id, 0) + account.settled - account.taken - account.kept - account.elsewhere
        less = max(min(0, open_before), -cost_here)
        earlier += less
        difference = apart[tender_id] - cost_here - less
        late += max(0, difference)
        not_collected += min(0, difference)
    waits = sum(becomes.values()) - sum(was.values()) - cost
    given = sum(back.values()) - sum(without_given.values())
    # What one tender brought for pieces of another's money looks late by that one, and doubled by this one: it is
    # neither.
    by_another = sum(apart.values()) - sum(without_given.values())
    either = min(late, by_another - earlier, by_another + books_of(order).goodwill)
    went = by_another - earlier - either
    goodwill = min(went, _not_counted(order, was))
    return back, [
        *line_of("voucher_waits" if waits < 0 else "voucher_whole", waits, "voucher_is_indivisible"),
        *line_of("goodwill_before", -goodwill, "goodwill_counts"),
        *line_of("refunded_before", goodwill - went, "never_twice"),
        *line_of("not_collected", not_collected, "only_what_was_collected"),
        *line_of("late_money", late - either, "late_money_goes_back"),
        *line_of(ELSEWHERE, given, GIVEN_ALREADY),
    ]


def _not_counted(order: Order, was: Mapping[str, int]) -> int:
    """What of the goodwill given so far no gone piece has brought less for yet; `was` is what these cost by tender."""
    beyond = (
        x.taken + x.kept + x.elsewhere - x.settled - was.get(tender_id, 0)
        for tender_id, x in accounts_of(order).items()
    )
    return min(books_of(order).goodwill, sum(max(0, amount) for amount in beyond))


def _goods_sent(order: Order, worth: Worth, before: Mapping[str, int], after: Mapping[str, int]) -> int:
    """What these pieces bring back of money that was collected for goods. It is a difference of two states of the
    order, so that it is the same however a request is cut."""

    def so_far(gone: Mapping[str, int]) -> int:
        goods, entitled = divided(order, goods_of_gone(order, worth, gone)), entitled_by(order, worth, gone)
        return sum(
            min(goods.get(tender_id, 0) + account.settled, entitled[tender_id])
            for tender_id, account in accounts_of(order).items()
            if not account.promo
        )

    return max(0, so_far(after) - so_far(before))


def _shipping_of_lines(worth: Worth, before: Gone, after: Gone) -> int:
    """What these pieces bring less where shipping that lines tell of stays paid. It is dealt out of what the pieces
    are worth as these grow, so that neither it nor what is left of them is ever less for more pieces, and it is the
    same however a request is cut."""
    found, refundable = 0, worth.refundable_of_lines
    for line in worth.body.lines:
        shipping = worth.net(Place(of=Of.SHIPPING, line_id=line.line_id))
        if shipping and line.quantity:
            back = refundable[line.line_id]
            becomes, was = (
                grow(so_far(back, gone.get(line.line_id, 0), line.quantity), (shipping, back - shipping))[0]
                for gone in (after, before)
            )
            found += becomes - was
    return found


def _joined(lines: Sequence[QuoteLine]) -> list[QuoteLine]:
    """The lines, those of one label and rule added up but for goods."""
    found: list[QuoteLine] = []
    for line in lines:
        same = next((x for x in found if (x.label, x.rule, x.detail) == (line.label, line.rule, line.detail)), None)
        if same is None or line.label == "goods":
            found.append(line)
        else:
            found[found.index(same)] = replace(same, amount=same.amount + line.amount)
    return [line for line in found if line.amount or line.label == "goods"]


def prices_of(body: OrderBody) -> list[QuoteLine]:
    """What was paid for beside the goods, and what was not paid, as an order shows it."""
    worth = net_worth(body)
    everything = {line.line_id: line.quantity for line in body.lines}
    return [line for line in _lines_of(worth, shares_of(worth, {}, everything)) if line.label != "goods"]


def _lines_of(worth: Worth, shares: Sequence[Share]) -> list[QuoteLine]:
    names = {line.line_id: line.name for line in worth.body.lines}
    lines: list[QuoteLine] = []
    sums: dict[tuple[str, str, str | None], int] = {}
    for share in shares:
        if share.place and share.place.of is Of.GOODS and share.place.line_id:
            name = names[share.place.line_id]
            lines.append(QuoteLine(label="goods", detail=name, amount=share.amount, rule="goods_paid"))
        elif share.place:
            charge = worth.charge_at(share.place)
            label, rule = _OF[share.place.of] if charge is None else (_charge_label(charge), "charge_paid")
            key = (label, rule, charge.kind if charge and label == "charge" else None)
            sums[key] = sums.get(key, 0) + share.amount
        elif share.discount is not None:
            discount = worth.discounts[share.discount]
            key = (_discount_label(discount), "discount_was_not_paid", discount.code)
            sums[key] = sums.get(key, 0) + share.amount
    for (label, rule, detail), amount in sorted(sums.items(), key=lambda item: _place_of(item[0][0])):
        lines += line_of(label, amount, rule, detail)
    return lines


# In which order lines of a quote stand: what was paid for, then what was not paid.
_ORDER = ("shipping", "service_fee", "tax")


def _place_of(label: str) -> int:
    if label in _ORDER:
        return _ORDER.index(label)
    return len(_ORDER) + label.endswith("_discount")


def _charge_label(charge: Charge) -> str:
    return f"charge_{charge.kind}" if charge.kind in KINDS_OF_CHARGES else "charge"


def _discount_label(discount: Discount) -> str:
    return f"{discount.funded_by}_discount" if isinstance(discount.funded_by, Funding) else "shared_discount"
