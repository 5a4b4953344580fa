"""What the things of an order are worth to its buyer: each discount, each tax and each charge has a place that it falls
on, fixed once for a version of the order.

What a line says of itself stands. Everything else is spread over what is *left* of the prices, the narrowest discount
first, by largest remainder; what exceeds its place flows on. So nothing is ever worth less than nothing, and all places
together are what was paid. Pieces of a line are worth differences of one cumulative floor: never below zero, and the
whole at the end. Amounts in minor units.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from chalicelib.domain.money.dividing import apportion, grow, so_far
from chalicelib.domain.orders.body import Charge, Discount, Line, OrderBody, Scope
from chalicelib.domain.orders.sums import added_tax, discounts_of, shipping_of, untold_tax


class Of(StrEnum):
    """What a place is the price of."""

    GOODS = "goods"
    TAX = "tax"
    SHIPPING = "shipping"
    SERVICE_FEE = "service_fee"
    CHARGE = "charge"


class Place(NamedTuple):
    """One price, of a line or (without one) of the order as a whole; of charges, which one.

    A tuple, since places are keys: of a hundred lines some ten thousand are looked up for one quote.
    """

    of: Of
    line_id: str | None = None
    charge: int | None = None


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What each place costs before discounts, and what of each discount (by its number) falls on it. What follows from
    that is worked out when it is first asked for."""

    body: OrderBody
    discounts: tuple[Discount, ...]
    gross: Mapping[Place, int]
    lowered: Mapping[Place, Mapping[int, int]]

    def net(self, place: Place) -> int:
        """What a place is worth, in minor units."""
        return self._nets[place]

    @cached_property
    def _nets(self) -> Mapping[Place, int]:
        return {place: price - sum(self.lowered[place].values()) for place, price in self.gross.items()}

    def charge_at(self, place: Place) -> Charge | None:
        """The charge of a place that is one's."""
        return None if place.charge is None else self.body.charges[place.charge]

    def goes_back(self, place: Place) -> bool:
        """Whether what was paid there may go back at all."""
        charge = self.charge_at(place)
        return charge is None or charge.refundable

    @cached_property
    def refundable_of_lines(self) -> Mapping[str, int]:
        """Per line id: what of all that was paid for the line may go back, discounts taken off."""
        found = dict.fromkeys((line.line_id for line in self.body.lines), 0)
        for place in self.gross:
            if place.line_id is not None and self.goes_back(place):
                found[place.line_id] += self.net(place)
        return found

    @cached_property
    def of_whole(self) -> Sequence[Place]:
        """The places of the order as a whole."""
        return [place for place in self.gross if place.line_id is None]

    @cached_property
    def of_line(self) -> Mapping[str, Sequence[Place]]:
        """The places of each line, by its id."""
        found: dict[str, list[Place]] = {line.line_id: [] for line in self.body.lines}
        for place in self.gross:
            if place.line_id is not None:
                found[place.line_id].append(place)
        return found


def net_worth(body: OrderBody) -> Worth:
    """The worth of everything in an order whose parts do not contradict each other (orders/sums.py)."""
    gross = _prices(body)
    discounts = discounts_of(body)
    lowered: dict[Place, dict[int, int]] = {place: {} for place in gross}
    left = dict(gross)
    untold = _told_first(body, discounts, left, lowered)
    for number in sorted(range(len(discounts)), key=lambda n: (_NARROW[discounts[n].scope], discounts[n].code, n)):
        rest = untold[number]
        for places in _flow(discounts[number], left):
            rest -= _lower(number, min(rest, sum(left[x] for x in places)), places, left, lowered)
    return Worth(body=body, discounts=discounts, gross=gross, lowered=lowered)


_NARROW = {Scope.LINES: 0, Scope.SHIPPING: 1, Scope.ORDER: 2}


def _prices(body: OrderBody) -> dict[Place, int]:
    goods = {Place(of=Of.GOODS, line_id=line.line_id): line.amount for line in body.lines}
    taxes = dict(zip((line.line_id for line in body.lines), _taxes(body), strict=True))
    told_shipping = {line.line_id: line.shipping or 0 for line in body.lines}
    prices = {
        **goods,
        **{Place(of=Of.TAX, line_id=line_id): tax for line_id, tax in taxes.items()},
        **{Place(of=Of.SHIPPING, line_id=line_id): amount for line_id, amount in told_shipping.items()},
        Place(of=Of.SHIPPING): shipping_of(body) - sum(told_shipping.values()),
        Place(of=Of.SERVICE_FEE): body.service_fee,
    }
    charged = {
        Place(of=Of.CHARGE, line_id=charge.line_id, charge=number): charge.amount
        for number, charge in enumerate(body.charges)
    }
    return prices | charged


def _taxes(body: OrderBody) -> list[int]:
    """Per line: what it says, and of what no line says its share by list price; by pieces where all cost nothing."""
    silent = [line for line in body.lines if line.tax is None] or list(body.lines)
    weights = [line.amount for line in silent]
    spread = apportion(untold_tax(body), weights if any(weights) else [line.quantity for line in silent])
    shares = {line.line_id: share for line, share in zip(silent, spread, strict=True)}
    return [added_tax(line, body) + shares.get(line.line_id, 0) for line in body.lines]


def _told_first(
    body: OrderBody, discounts: Sequence[Discount], left: dict[Place, int], lowered: dict[Place, dict[int, int]]
) -> list[int]:
    """What lines say of discounts, where they say; gives back what of each discount no line speaks of."""
    untold = [discount.amount for discount in discounts]
    numbers: dict[str, list[int]] = {}
    for number, discount in enumerate(discounts):
        numbers.setdefault(discount.code, []).append(number)
    for line in (line for line in body.lines if line.discounts):
        own = [Place(of=of, line_id=line.line_id) for of in (Of.GOODS, Of.SHIPPING, Of.TAX)]
        for told in line.discounts:
            rest = told.amount
            # Two discounts of one code are one to whoever speaks of the code.
            for number in numbers[told.code]:
                part = min(rest, untold[number])
                untold[number] -= part
                rest -= part
                for place in own:
                    part -= _lower(number, min(part, left[place]), [place], left, lowered)
    return untold


def _flow(discount: Discount, left: Iterable[Place]) -> list[list[Place]]:
    """Where a discount falls, and where what exceeds it flows."""
    places = list(left)
    goods = [x for x in places if x.of is Of.GOODS]
    shipping = [x for x in places if x.of is Of.SHIPPING]
    fee = [x for x in places if x.of is Of.SERVICE_FEE]
    rest = [[x for x in places if x.of is Of.TAX], [x for x in places if x.of is Of.CHARGE]]
    match discount.scope:
        case Scope.LINES:
            return [[x for x in goods if x.line_id in discount.line_ids], goods, shipping, fee, *rest]
        case Scope.SHIPPING:
            return [shipping, fee, goods, *rest]
        case Scope.ORDER:
            return [goods, shipping, fee, *rest]


def _lower(
    number: int, amount: int, places: Sequence[Place], left: dict[Place, int], lowered: dict[Place, dict[int, int]]
) -> int:
    for place, share in zip(places, apportion(amount, [left[x] for x in places]), strict=True):
        if share:
            left[place] -= share
            lowered[place][number] = lowered[place].get(number, 0) + share
    return amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What of one price, or of one discount (by its number, below zero), falls on some pieces."""

    amount: int
    place: Place | None = None
    discount: int | None = None


def shares_of(worth: Worth, before: Mapping[str, int], after: Mapping[str, int]) -> list[Share]:
    """What goes with the pieces (per line id) between two states of an order, price by price and discount by discount.

    What belongs to the order as a whole goes with its last piece. Discounts are below zero.
    """
    shares: list[Share] = []
    lowered: dict[int, int] = {}
    for line in worth.body.lines:
        gone, goes = before.get(line.line_id, 0), after.get(line.line_id, 0)
        if gone == goes:
            continue
        for share in _shares_of_line(worth, line, worth.of_line[line.line_id], gone, goes):
            if share.discount is None:
                shares.append(share)
            else:
                lowered[share.discount] = lowered.get(share.discount, 0) + share.amount
    for share in whole_shares(worth, before, after):
        if share.discount is None:
            shares.append(share)
        else:
            lowered[share.discount] = lowered.get(share.discount, 0) + share.amount
    return [*shares, *(Share(amount=lowered[number], discount=number) for number in sorted(lowered))]


def shares_by_line(worth: Worth, line: Line, before: int, after: int) -> list[Share]:
    """The same for the pieces of one line."""
    return _shares_of_line(worth, line, worth.of_line[line.line_id], before, after) if before != after else []


def whole_shares(worth: Worth, before: Mapping[str, int], after: Mapping[str, int]) -> list[Share]:
    """The same for what belongs to the order as a whole, where its last piece goes."""
    if not is_last(worth.body, before, after):
        return []
    shares, lowered = [], dict[int, int]()
    for place in worth.of_whole:
        back = worth.goes_back(place)
        shares.append(Share(amount=worth.gross[place] if back else worth.net(place), place=place))
        for number, amount in worth.lowered[place].items() if back else ():
            lowered[number] = lowered.get(number, 0) - amount
    return [*shares, *(Share(amount=amount, discount=number) for number, amount in sorted(lowered.items()))]


def cost_of(worth: Worth, before: Mapping[str, int], after: Mapping[str, int]) -> int:
    """What the pieces between two states of an order cost all told, discounts taken off, in minor units."""
    return sum(share.amount for share in shares_of(worth, before, after))


def is_last(body: OrderBody, before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    """Whether the order's last piece goes between these states of it."""
    all_gone = [all(gone.get(x.line_id, 0) >= x.quantity for x in body.lines) for gone in (before, after)]
    return all_gone == [False, True]


def _shares_of_line(worth: Worth, line: Line, places: Sequence[Place], gone: int, goes: int) -> list[Share]:
    """Cut so that any pieces are worth the difference of one floor over all that may go back, and that of each price
    and of each discount never less falls on more pieces. What stays paid in any case has floors of its own, so that it
    moves none of that."""
    back = [place for place in places if worth.goes_back(place)]
    off: dict[int, int] = {}
    for place in back:
        for number, amount in worth.lowered[place].items():
            off[number] = off.get(number, 0) + amount
    prices, discounts = [worth.gross[place] for place in back], list(off.values())
    lowered = sum(discounts)

    def cut(pieces: int) -> list[int]:
        """What of each price and, below zero, of each discount falls on the first pieces."""
        # Rounded against each other: so a price that divides evenly is seen to, whatever is taken off it.
        saved = -so_far(-lowered, pieces, line.quantity)
        paid = so_far(sum(prices) - lowered, pieces, line.quantity)
        return [*grow(paid + saved, prices), *(-amount for amount in grow(saved, discounts))]

    def between(amount: int) -> int:
        return so_far(amount, goes, line.quantity) - so_far(amount, gone, line.quantity)

    shares = [becomes - was for was, becomes in zip(cut(gone), cut(goes), strict=True)]
    return [
        *(Share(amount=amount, place=place) for amount, place in zip(shares, back, strict=False)),
        *(Share(amount=amount, discount=number) for amount, number in zip(shares[len(back) :], off, strict=True)),
        *(Share(amount=between(worth.net(place)), place=place) for place in places if place not in back),
    ]
