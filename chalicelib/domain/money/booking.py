"""What others must book when pieces go: a credit note's lines, who paid for discounts, what the seller's payout loses,
what stays behind, and what is still to be collected. Amounts in minor units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.money.books import accounts_of, due
from chalicelib.domain.money.dividing import apportion
from chalicelib.domain.money.net_worth import Of, Share, Worth, net_worth, shares_by_line, whole_shares
from chalicelib.domain.money.quote import KEPT, Quote
from chalicelib.domain.orders.body import FundedBy, Funding
from chalicelib.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountBooked:
    """What of a discount goes with pieces, and who had paid for it: shares of several add up to the amount."""

    code: str
    amount: int
    funded_by: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBooked:
    """So many pieces of a line (of the order as a whole: none, and no id), by list price; `net` is what they cost the
    buyer all told. `tax` comes on top of prices, where prices do not hold it."""

    line_id: str | None
    quantity: int
    goods: int = 0
    tax: int = 0
    shipping: int = 0
    service_fee: int = 0
    charges: int = 0
    discounts: Sequence[DiscountBooked] = ()
    net: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBooked:
    """What stays behind of the buyer's money, by what for (`cancellation_fee`, `shipping_kept`, ...)."""

    what: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCollect:
    """What a tender is still to bring in all for the pieces that stand: of cash, what the courier takes now."""

    tender_id: str
    method: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToBook:
    """What a cancellation or a return means for the books of others.

    lines           a credit note's lines; what belongs to the order as a whole comes last, without an id
    payout_reversal what the seller's payout loses: goods and their tax less what the seller had paid of discounts; a
                    commission on it goes back in proportion
    kept            what stays behind, out of the buyer's money
    to_collect      per tender that is not yet collected in full: what is to be taken now, nothing where it is released
    """

    lines: Sequence[LineBooked]
    payout_reversal: int
    kept: Sequence[KeptBooked]
    to_collect: Sequence[ToCollect]


def to_book(before: Order, after: Order, money: Quote) -> ToBook:
    """What others must book between these two states of an order, of which `money` went back."""
    worth, was, becomes = net_worth(before.body), before.gone, after.gone
    lines = [
        _line(worth, line.line_id, becomes[line.line_id] - was[line.line_id], shares)
        for line in before.body.lines
        if (shares := shares_by_line(worth, line, was[line.line_id], becomes[line.line_id]))
    ]
    if whole := whole_shares(worth, was, becomes):
        lines.append(_line(worth, None, 0, whole))
    sellers = sum(each.funded_by.get(Funding.SELLER, 0) for line in lines for each in line.discounts)
    goods = sum(line.goods + line.tax for line in lines)
    return ToBook(
        lines=lines,
        payout_reversal=max(0, goods - sellers),
        kept=[KeptBooked(what=x.label, amount=-x.amount) for x in money.lines if x.label in KEPT],
        to_collect=_to_collect(before, after),
    )


def _line(worth: Worth, line_id: str | None, quantity: int, shares: Sequence[Share]) -> LineBooked:
    amounts = dict.fromkeys(Of, 0)
    discounts = []
    for share in shares:
        if share.place:
            amounts[share.place.of] += share.amount
        elif share.discount is not None and share.amount:
            discount = worth.discounts[share.discount]
            funded_by = _payers(discount.funded_by, -share.amount)
            discounts.append(DiscountBooked(code=discount.code, amount=-share.amount, funded_by=funded_by))
    return LineBooked(
        line_id=line_id,
        quantity=quantity,
        goods=amounts[Of.GOODS],
        tax=amounts[Of.TAX],
        shipping=amounts[Of.SHIPPING],
        service_fee=amounts[Of.SERVICE_FEE],
        charges=amounts[Of.CHARGE],
        discounts=discounts,
        net=sum(share.amount for share in shares),
    )


def _payers(funded_by: FundedBy, amount: int) -> dict[str, int]:
    """Who had paid for so much of a discount; several in proportion."""
    if isinstance(funded_by, Funding):
        return {funded_by.value: amount}
    shares = apportion(amount, [*funded_by.values()])
    return {who.value: share for who, share in zip(funded_by, shares, strict=True)}


def _to_collect(before: Order, after: Order) -> list[ToCollect]:
    """Tenders that were to bring more than they brought, and what they are to bring now."""
    was, is_now = due(before), due(after)
    accounts = accounts_of(after)
    return [
        ToCollect(tender_id=x.tender_id, method=x.method.value, amount=is_now[x.tender_id])
        for x in after.body.valid_tenders
        if accounts[x.tender_id].collected == 0 and was[x.tender_id] != is_now[x.tender_id]
    ]
