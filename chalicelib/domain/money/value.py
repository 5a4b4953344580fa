"""What the pieces of a request are worth, line by line, and what of that the buyer really paid and has not got back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.money.net_worth import Of, Share, Worth, cost_of, net_of, net_worth, shares_of
from chalicelib.domain.orders.body import KINDS_OF_CHARGES, Charge, Discount, Funding, OrderBody, TenderState
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import ARRIVED, OrderStatus


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
    """What the wanted pieces were worth, line by line; how much of that was never collected, and how much came back
    elsewhere; and what of it, discounts taken off, is shipping, service fee, or a charge that stays paid in any case.
    Amounts in minor units."""

    lines: list[QuoteLine]
    not_collected: int
    elsewhere: int
    shipping: int
    service_fee: int
    stays: int


def value_of(order: Order, wanted: Mapping[str, int]) -> Value:
    """The value of these pieces per line id, in the order as it is now."""
    body, worth = order.body, net_worth(order.body)
    before = dict(order.gone)
    after = {line_id: quantity + wanted.get(line_id, 0) for line_id, quantity in before.items()}
    lines = _lines_of(worth, shares_of(worth, before, after))

    whole = sum(line.amount for line in lines)
    whole_before = cost_of(worth, {}, before)
    paid_by = _paid_by(order)
    uncollected = body.paid - sum(paid_by.values())
    collected = max(0, whole_before + whole - uncollected) - max(0, whole_before - uncollected)
    paid = min(collected, sum(order.left_of_tenders.get(tender_id, 0) for tender_id in paid_by))
    given = max(_beyond_its_pieces(order, worth) - order.settled_elsewhere, paid - sum(collected_left(order).values()))

    def net(of: Of) -> int:
        return sum(
            net_of(worth, place, before, after) for place in worth.gross if place.of is of and worth.gross[place]
        )

    return Value(
        lines=lines,
        not_collected=whole - paid,
        elsewhere=min(paid, max(0, given)),
        shipping=net(Of.SHIPPING),
        service_fee=net(Of.SERVICE_FEE),
        stays=sum(net_of(worth, place, before, after) for place in worth.gross if not worth.goes_back(place)),
    )


def _beyond_its_pieces(order: Order, worth: Worth) -> int:
    """What went back elsewhere for no pieces that anybody named, or beyond what the named ones cost."""
    ours = order.given_back_for
    gone, refunded, beyond = dict(ours), dict[str, int](), 0
    for refund in sorted(order.refunds_elsewhere, key=lambda each: (each.at, each.refund_id)):
        for pieces in refund.lines:
            refunded[pieces.line_id] = refunded.get(pieces.line_id, 0) + pieces.quantity
        # They may be pieces that Batal gave the money of back already: then all of it is beyond.
        more = {line_id: max(count, refunded.get(line_id, 0)) for line_id, count in ours.items()}
        beyond += max(0, refund.amount - cost_of(worth, gone, more))
        gone = more
    told = sum(refund.amount for refund in order.refunds_elsewhere)
    return beyond + max(0, sum(order.given.values()) - told)


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


def collected_left(order: Order) -> Mapping[str, int]:
    """What was really paid and is still left, per tender id."""
    left = order.left_to_refund
    return {tender_id: min(amount, left.get(tender_id, 0)) for tender_id, amount in _paid_by(order).items()}


def _paid_by(order: Order) -> Mapping[str, int]:
    """What was really paid, per tender id: as each is told, and where it is not, as its order stands."""
    if order.standing is OrderStatus.UNPAID:
        return {}
    unpaid, handed_over = order.body.paid_at is None and _prepaid(order), order.standing in ARRIVED
    return {
        t.tender_id: t.amount
        for t in order.body.valid_tenders
        if (t.state is TenderState.COLLECTED if t.state else not unpaid and (t.method is not Method.COD or handed_over))
    }


def _prepaid(order: Order) -> bool:
    return any(tender.method is not Method.COD for tender in order.body.valid_tenders)
