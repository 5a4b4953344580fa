"""What chargebacks mean for an order's money: which tenders' refunds wait, and what of them a bank gave back instead.

Nothing of it is copied to a refund or an account: the order's books say what the bank does, and everything is reckoned
from that whenever somebody asks. Amounts in minor units, per tender id. Orders have their books.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import owing
from chalicelib.domain.money.books import (
    ByTender,
    account_of,
    accounts_of,
    banks_took,
    books_of,
    due,
    given_without_banks,
    holder_of,
    names_of,
    spread,
    with_account,
)
from chalicelib.domain.money.net_worth import net_worth
from chalicelib.domain.money.refund import OPEN_PARTS, PartState, Refund, RefundPart
from chalicelib.domain.orders.chargebacks import Chargeback, ChargebackState, ChargebackWord, after_word
from chalicelib.domain.orders.methods import Method, PaidBackBy
from chalicelib.domain.orders.order import Order

# Why a part was not asked of its provider: a bank had given the money already.
STOPPED = "charged_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackOf:
    """A word, and which chargeback it is about: that of a tender, or (`chargeback_id`) one of several."""

    tender_id: str
    word: ChargebackWord
    chargeback_id: str | None = None


def with_chargeback(order: Order, told: ChargebackOf, *, built_in_wallet: bool) -> Order | None:
    """The order after that word; None where it was heard before.

    Raises Invalid `validation_failed` for a tender that the order never had or that no bank stands behind, and for more
    than was collected by it; Invalid `event_differs` where its event came with something else before.
    """
    tender_id, books = told.tender_id, books_of(order)
    holder = holder_of(order, tender_id)
    tender = next((each for each in order.body.tenders if each.tender_id == tender_id), None)
    if holder is None:
        raise _wrong("tender_id", "no such tender")
    account = account_of(order, holder)
    if account.promo or (tender and not _has_bank(tender.method, built_in_wallet=built_in_wallet)):
        raise _wrong("tender_id", "no bank stands behind this tender")
    named = (tender_id, told.chargeback_id)
    known = next((each for each in books.chargebacks if (each.tender_id, each.chargeback_id) == named), None)
    heard = [word for each in books.chargebacks for word in each.words if word.event_id == told.word.event_id]
    if heard:
        if not any(word.says_the_same(told.word) for word in (known.words if known else ()) if word in heard):
            raise Invalid("event_differs", amount=heard[0].amount, state=heard[0].state)
        return None
    if told.word.amount > max(account.collected, known.amount if known else 0):
        raise _wrong("amount", f"{account.collected} were collected")
    after = after_word(known, tender_id, told.chargeback_id, told.word)
    others = tuple(each for each in books.chargebacks if each is not known)
    return replace(order, books=replace(books, chargebacks=(*others, after)))


def _has_bank(method: Method, *, built_in_wallet: bool) -> bool:
    """Whether somebody outside the marketplace gave the buyer's money, and can take it back."""
    usual = method.paid_back_by
    return usual is PaidBackBy.PROVIDER or (method is Method.WALLET and not built_in_wallet)


def is_disputed(order: Order) -> bool:
    """Whether a bank asks about it, or disputes it, and has not decided."""
    return any(each.is_undecided for each in books_of(order).chargebacks)


def waits_for(order: Order) -> Mapping[str, Chargeback]:
    """The chargeback that refunds by a tender wait for, under every name of the tender: one that is open; or one that
    was lost, as long as refunds are promised of the money that the bank gave already."""
    chargebacks, found = books_of(order).chargebacks, dict[str, Chargeback]()
    if not chargebacks:
        return found
    names, beyond = names_of(order), paid_as_well(order)
    for each in sorted(chargebacks, key=lambda each: each.state is ChargebackState.OPENED):
        for holder, known_as in names.items():
            open_now = each.state is ChargebackState.OPENED
            if each.tender_id in known_as and (open_now or (each.state is ChargebackState.LOST and holder in beyond)):
                found |= dict.fromkeys(known_as, each)
    return found


def withheld(refund: Refund, waits: Collection[str]) -> Refund:
    """A refund of which nothing was sent, its parts by these tenders withheld: nobody is asked for them."""
    parts = (
        replace(part, withheld=True) if part.state is PartState.DUE and part.tender_id in waits else part
        for part in refund.parts
    )
    return replace(refund, parts=tuple(parts))


def paid_as_well(order: Order) -> ByTender:
    """What Batal promised, or paid, of money that a bank gave back by a chargeback, by tender; tenders without are left
    out. What of it has not been sent is taken off by `less_what_banks_took`; the rest is for a person, and is never
    paid again.

    The bank's money counts as any that was given back elsewhere: it lowers what gone pieces bring. What was promised
    beyond that without it, as goodwill is, only the ceiling lowers: never more than was collected.
    """
    took = banks_took(order)
    if not took:
        return {}
    worth = net_worth(order.body)
    shares, stays, given = spread(order, worth, order.gone), due(order, worth), given_without_banks(order)
    found = {}
    for tender_id, amount in took.items():
        account = accounts_of(order)[tender_id]
        cost, stands = account.settled + shares.get(tender_id, 0), stays.get(tender_id, 0)
        told, promised = given[tender_id], account.taken + account.charged_back
        without, with_it = (
            max(0, promised - max(0, owing.entitled(account.collected, given_back, stands, cost) - account.kept))
            for given_back in (told, told + amount)
        )
        above = account.taken + told + amount - account.collected
        found[tender_id] = min(amount, account.taken, max(with_it - without - account.charged_back, above, 0))
    return {tender_id: amount for tender_id, amount in found.items() if amount}


def less_what_banks_took(refund: Refund, order: Order) -> tuple[Refund, Order]:
    """The refund without what banks gave to the buyer already, and its order after that: parts that certainly did not
    go are made smaller, what was taken off standing beside them as a part of its own that does not go. Parts that may
    have been sent stand. The same two where there is nothing to take off."""
    for holder, left in paid_as_well(order).items():
        names, account = names_of(order)[holder], account_of(order, holder)
        still = left
        for name, part in refund.open_parts.items():
            less = min(still, part.amount) if part.tender_id in names and has_not_gone(part) else 0
            if less:
                refund, still = _lowered(refund, name, part, less), still - less
        if still < left:
            less = left - still
            lowered = replace(account, taken=account.taken - less, charged_back=account.charged_back + less)
            order = with_account(order, holder, lowered)
    return refund, order


def has_not_gone(part: RefundPart) -> bool:
    """Whether certainly nothing of an open part is on its way, or will be unless somebody asks anew."""
    nowhere = part.withheld or part.state is PartState.NEEDS_ACCOUNT or (part.is_stuck and not part.is_in_doubt)
    return nowhere and part.state in OPEN_PARTS


def _lowered(refund: Refund, name: str, part: RefundPart, less: int) -> Refund:
    """What a bank gave goes by no part any more."""
    taken_off = replace(part, amount=less, state=PartState.CHARGED_BACK, withheld=False, first_yes=None)
    if less == part.amount:
        changed = refund.with_part(name, taken_off)
    else:
        changed = refund.with_part(name, replace(part, amount=part.amount - less, first_yes=None))
        changed = replace(changed, parts=(*changed.parts, taken_off))
    return replace(changed, total=refund.total - less)


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("validation_failed", errors=[{"field": field, "message": message}])
