"""Why a refund comes to its total, as facts to be put into words (locales/explanations.py): what counts, what does not,
by which ways of payment it comes back, and what is worth knowing of that. Computed whenever somebody asks, never kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.money.books import accounts_of
from chalicelib.domain.money.quote import Quote
from chalicelib.domain.money.recording import with_books
from chalicelib.domain.money.refund import Refund
from chalicelib.domain.money.value import QuoteLine
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order

# So many articles are named; of more all but the last of these, and the others as one sum: nobody listens to 500.
MOST_GOODS = 8


class Remark(StrEnum):
    """What is worth knowing of how a refund is divided over the ways of payment."""

    DIVIDED = "divided"  # in proportion to what was paid each way
    FEE_OF_MONEY = "fee_of_money"  # fees lessen money alone
    PROMO_STAYS = "promo_stays"  # vouchers and coins never become money
    CASH_TO_WALLET = "cash_to_wallet"  # nobody hands coins back at a door


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What comes back by one way of payment, in minor units; `paid` is what was paid by it in all, where that is known
    and more."""

    method: Method
    channel: str | None
    amount: int
    paid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The lines lead to the total, and the ways of payment share it; signed amounts in minor units of `currency`.

    Whether they really add up is for the reader of the words to check: nothing here makes it so.
    """

    currency: str
    lines: Sequence[QuoteLine]
    total: int
    ways: Sequence[Way]
    remarks: Sequence[Remark]


def paid_by(order: Order) -> dict[str, int]:
    """What was collected by each tender of an order, in minor units, as far as it is known by now."""
    known = order if order.books else with_books(order, None)
    return {tender_id: account.collected for tender_id, account in accounts_of(known).items() if account.collected}


def explanation(quote: Quote, paid: Mapping[str, int], refund: Refund | None = None) -> Explanation:
    """Why the quote comes to its total, or the `refund` that was made of it. `paid` is what `paid_by` found, per tender
    id; empty where nobody knows."""
    parts = refund.going if refund else quote.tenders
    ways = [
        Way(
            method=part.method,
            channel=part.channel,
            amount=part.amount,
            paid=paid[part.tender_id] if paid.get(part.tender_id, 0) > part.amount else None,
        )
        for part in parts
    ]
    return Explanation(
        currency=quote.currency,
        lines=[*_few_goods(quote.lines), *_charged_back(refund)],
        total=refund.total if refund else quote.refund_total,
        ways=ways,
        remarks=_remarks(quote, ways, {part.tender_id: part.amount for part in parts}, paid),
    )


def _charged_back(refund: Refund | None) -> list[QuoteLine]:
    """What does not go any more, since a bank gave it to the buyer already."""
    amount = refund.charged_back if refund else 0
    return [QuoteLine(label="charged_back", amount=-amount, rule="charged_back", detail=None)] if amount else []


def _few_goods(lines: Sequence[QuoteLine]) -> list[QuoteLine]:
    goods = [line for line in lines if line.label == "goods"]
    if len(goods) <= MOST_GOODS:
        return list(lines)
    named, others = goods[: MOST_GOODS - 1], goods[MOST_GOODS - 1 :]
    together = QuoteLine(
        label="goods_more", detail=str(len(others)), amount=sum(line.amount for line in others), rule=others[0].rule
    )
    return [*named, together, *(line for line in lines if line.label != "goods")]


def _remarks(quote: Quote, ways: Sequence[Way], back: Mapping[str, int], paid: Mapping[str, int]) -> list[Remark]:
    promo = any(way.method.is_promo for way in ways)
    fee = any(line.label in ("cancellation_fee", "offered_fee") for line in quote.lines)
    remarks = {
        Remark.DIVIDED: len(ways) > 1 and any(way.paid for way in ways) and _in_proportion(back, paid),
        Remark.FEE_OF_MONEY: fee and promo,
        Remark.PROMO_STAYS: promo,
        Remark.CASH_TO_WALLET: any(way.method is Method.COD for way in ways),
    }
    return [remark for remark, holds in remarks.items() if holds]


def _in_proportion(back: Mapping[str, int], paid: Mapping[str, int]) -> bool:
    """Whether each gives its share of what was paid, but for rounding. It is looked at rather than known: fees, late
    money, an order of methods or an order told anew may all have made it otherwise."""
    whole, total = sum(paid.values()), sum(back.values())
    within = len(paid) * whole
    return back.keys() <= paid.keys() and all(
        abs(back.get(tender_id, 0) * whole - total * amount) <= within for tender_id, amount in paid.items()
    )
