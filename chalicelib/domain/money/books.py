"""An order's books: what each tender still has to collect, what it owes, and how that changes with what is told.

Three things are remembered: the order as last told, the pieces that are gone, and per tender what was collected, taken
and kept (orders/books.py). Everything else is computed from them each time, so nothing can be stale. Amounts in minor
units, per tender id.
"""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.money import owing
from chalicelib.domain.money.dividing import fill, grow, so_far
from chalicelib.domain.money.net_worth import Of, Worth, net_worth
from chalicelib.domain.orders.body import Tender, TenderState
from chalicelib.domain.orders.books import Account, Books, Stays
from chalicelib.domain.orders.chargebacks import ChargebackState
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import ARRIVED, HELD_UP, OrderStatus

Gone = Mapping[str, int]
ByTender = dict[str, int]

# These prove no payment: nobody may have paid yet, or the order may have ended without it.
_PROVES_NOTHING = HELD_UP | {OrderStatus.UNPAID, OrderStatus.CANCELLED}
_STAYS: Mapping[Of, Stays] = {Of.SHIPPING: Stays.SHIPPING, Of.SERVICE_FEE: Stays.SERVICE_FEE}


def books_of(order: Order) -> Books:
    """The books of an order that has them (recording.py brings them up to date)."""
    return order.books or Books()


def wants_second_person(order: Order) -> bool:
    """Whether somebody said a first word about money of it that a second person has to say, too: goodwill, or what was
    really collected."""
    books = books_of(order)
    return books.wish is not None or bool(books.corrections)


def account_of(order: Order, tender_id: str) -> Account:
    """One tender's account; an empty one where nothing happened yet."""
    promo = any(tender.is_promo for tender in order.body.tenders if tender.tender_id == tender_id)
    return books_of(order).accounts.get(tender_id, Account(promo=promo))


def accounts_of(order: Order) -> dict[str, Account]:
    """The accounts of all tenders, old ones too, promo last: where somebody must go short it is not the money."""
    accounts = dict(books_of(order).accounts)
    for tender in order.body.valid_tenders:
        accounts.setdefault(tender.tender_id, Account(promo=tender.is_promo))
    return dict(sorted(accounts.items(), key=lambda item: item[1].promo))


def with_account(order: Order, tender_id: str, account: Account) -> Order:
    """The order with this as one tender's account."""
    books = books_of(order)
    return replace(order, books=replace(books, accounts={**books.accounts, tender_id: account}))


# --- what the gone pieces cost --------------------------------------------------------------------------------------


def cost_of_gone(order: Order, worth: Worth, gone: Gone, *, ended: bool | None = None) -> int:
    """What these gone pieces cost, discounts taken off: what may go back for them, as long as all of it was collected.

    It grows with every piece, whatever the order in which they go, but where a promotion was lost by it. What belongs
    to the order as a whole is in it once nothing stands; `ended` says so where other pieces are not listed any more.
    """
    books = books_of(order)
    refundable, whole = worth.refundable_of_lines, 0
    if all_gone(order, gone) if ended is None else ended:
        back = (place for place in worth.gross if place.line_id is None and worth.goes_back(place))
        whole = sum(worth.net(place) for place in back if _STAYS.get(place.of) not in books.stays)
    lines = sum(
        so_far(refundable[line.line_id], gone.get(line.line_id, 0), line.quantity)
        for line in order.body.lines
        if line.quantity
    )
    return max(0, whole + lines - books.shipping_kept - lost_promotions(order, worth, gone))


def gone_with(order: Order, gone: Gone, wanted: Gone) -> dict[str, int]:
    """The gone pieces of an order with more of them, never more than there are."""
    return {
        line.line_id: min(line.quantity, gone.get(line.line_id, 0) + wanted.get(line.line_id, 0))
        for line in order.body.lines
    }


def all_gone(order: Order, gone: Gone) -> bool:
    """Whether nothing stands any more of what the order lists."""
    return all(gone.get(line.line_id, 0) >= line.quantity for line in order.body.lines)


def lost_promotions(order: Order, worth: Worth, gone: Gone) -> int:
    """What the pieces that stand cost more, since promotions do not hold for them any more."""
    lost = {number for number, discount in enumerate(worth.discounts) if discount.code in books_of(order).lost}
    if not lost:
        return 0
    more = 0
    quantities = {line.line_id: line.quantity for line in order.body.lines}
    for place, lowered in worth.lowered.items():
        share = sum(amount for number, amount in lowered.items() if number in lost)
        if place.line_id is not None and share and quantities[place.line_id]:
            more += share - so_far(share, gone.get(place.line_id, 0), quantities[place.line_id])
    return more


def goods_of_gone(order: Order, worth: Worth, gone: Gone) -> int:
    """What of that is the price of goods, which percentages are taken of."""
    quantities = {line.line_id: line.quantity for line in order.body.lines}
    return sum(
        so_far(worth.net(place), gone.get(place.line_id, 0), quantities[place.line_id])
        for place in worth.gross
        if place.of is Of.GOODS and place.line_id is not None and quantities[place.line_id]
    )


def divided(order: Order, amount: int) -> ByTender:
    """An amount over all tenders, pending ones too, as if each could be divided: in proportion, or as policy fills
    them. No share ever falls when the amount grows."""
    tenders, order_of = order.body.valid_tenders, books_of(order).fill
    if order_of is None:
        shares = grow(amount, [tender.amount for tender in tenders])
        return {tender.tender_id: share for tender, share in zip(tenders, shares, strict=True)}
    place = {method: number for number, method in enumerate(order_of)}
    # Money that the order does not name goes back before what is none.
    first_promo = min((place[x] for x in Method if x.is_promo and x in place), default=len(place))

    def rank(tender: Tender) -> tuple[bool, int, bool, str, str]:
        unnamed = len(place) if tender.is_promo else first_promo
        named = place.get(tender.method)
        return tender.indivisible, unnamed if named is None else named, tender.is_promo, tender.method, tender.tender_id

    ranked = sorted(tenders, key=rank)
    shares = fill(amount, [tender.amount for tender in ranked])
    return {tender.tender_id: share for tender, share in zip(ranked, shares, strict=True)}


def spread(order: Order, worth: Worth, gone: Gone, *, ended: bool | None = None) -> ByTender:
    """What these gone pieces cost, by tender. A voucher that cannot be divided waits for the last piece, then it goes
    whole. `ended` as in cost_of_gone."""
    shares = divided(order, cost_of_gone(order, worth, gone, ended=ended))
    whole = all_gone(order, gone) if ended is None else ended
    for tender in order.body.valid_tenders:
        if tender.indivisible:
            shares[tender.tender_id] = tender.amount if whole else 0
    return shares


def due(order: Order, worth: Worth | None = None) -> ByTender:
    """What is to be paid, or stays paid, by each tender for the pieces that stand; of cash: what the courier takes."""
    gone = spread(order, worth or net_worth(order.body), order.gone)
    return {tender.tender_id: tender.amount - gone[tender.tender_id] for tender in order.body.valid_tenders}


# --- what is owed ---------------------------------------------------------------------------------------------------


def given_by(order: Order) -> ByTender:
    """What went back without Batal, or is the marketplace's to give back for pieces that went without it; and what
    banks took by chargebacks, as far as Batal has not promised it (money/chargebacks.py looks after the rest)."""
    found, took = given_without_banks(order), banks_took(order)
    if not took:
        return found
    rest = {name: account.collected - account.taken - found[name] for name, account in accounts_of(order).items()}
    return {name: amount + max(0, min(took.get(name, 0), rest[name])) for name, amount in found.items()}


def given_without_banks(order: Order) -> ByTender:
    """The same without what banks took."""
    told, found = dict(order.given_elsewhere), {}
    for tender_id, names in names_of(order).items():
        account = accounts_of(order)[tender_id]
        found[tender_id] = max(sum(told.get(name, 0) for name in names), account.elsewhere)
    return found


def banks_took(order: Order) -> ByTender:
    """What banks gave to the buyer by chargebacks that were lost, by tender, never more than was collected; tenders of
    which nothing was taken are left out."""
    lost = [each for each in books_of(order).chargebacks if each.state is ChargebackState.LOST]
    if not lost:
        return {}
    accounts, took = accounts_of(order), ByTender()
    for each in lost:
        if holder := holder_of(order, each.tender_id):
            took[holder] = min(took.get(holder, 0) + each.amount, accounts[holder].collected)
    return {tender_id: amount for tender_id, amount in took.items() if amount}


def holder_of(order: Order, tender_id: str) -> str | None:
    """Whose account has the money of a tender: its own, or that of the one that took its place; None of a tender that
    the order never had."""
    accounts = accounts_of(order)
    known = [name for name, names in names_of(order).items() if tender_id in names]
    return max(known, key=lambda name: (accounts[name].collected > 0, name == tender_id), default=None)


def names_of(order: Order) -> dict[str, frozenset[str]]:
    """All names under which others may speak of each account: its tender's, and those whose place it took. A tender
    that is listed again speaks for itself."""
    listed = {tender.tender_id for tender in order.body.valid_tenders}
    return {
        tender_id: frozenset({tender_id, *(name for name in account.formerly if name not in listed)})
        for tender_id, account in accounts_of(order).items()
    }


def entitled_by(order: Order, worth: Worth, gone: Gone) -> ByTender:
    """What goes back in all for these gone pieces, and for those that the order does not list any more."""
    shares, given = spread(order, worth, gone), given_by(order)
    amounts = {tender.tender_id: tender.amount for tender in order.body.valid_tenders}
    return {
        tender_id: owing.entitled(
            account.collected,
            given[tender_id],
            amounts.get(tender_id, 0) - shares.get(tender_id, 0),
            account.settled + shares.get(tender_id, 0),
        )
        for tender_id, account in accounts_of(order).items()
    }


def owed_by(
    order: Order, worth: Worth | None = None, gone: Gone | None = None, given: Mapping[str, int] | None = None
) -> ByTender:
    """What must go back now, by tender, if these pieces are gone (as they are, unless said) and this was given back
    elsewhere (what was, unless said). No piece comes back twice, not even where a tender took another's place; by one
    that the order does not list nothing can go back: a person looks at it."""
    worth = worth or net_worth(order.body)
    back = owed_apart(order, worth, gone, given)
    shares = spread(order, worth, order.gone if gone is None else gone)
    ceiling = sum(shares.values()) + sum(x.settled - x.taken - x.kept for x in accounts_of(order).values())
    for tender_id, amount in back.items():
        back[tender_id] = min(amount, max(0, ceiling))
        ceiling -= back[tender_id]
    return back


def owed_apart(
    order: Order, worth: Worth, gone: Gone | None = None, given: Mapping[str, int] | None = None
) -> ByTender:
    """The same, each tender looked at alone: what another gave back for the same pieces is not seen."""
    shares = spread(order, worth, order.gone if gone is None else gone)
    given = given_by(order) if given is None else given
    accounts = accounts_of(order)
    amounts = {tender.tender_id: tender.amount for tender in order.body.valid_tenders}
    return {
        tender_id: owing.owed(
            collected=account.collected,
            given=given.get(tender_id, 0),
            due=amounts[tender_id] - shares[tender_id],
            cost=account.settled + shares[tender_id],
            taken=account.taken,
            kept=account.kept,
        )
        for tender_id, account in accounts.items()
        if tender_id in amounts
    }


def unexplained(order: Order) -> ByTender:
    """What was collected for nothing that stands and nothing that went, by tender: a person looks at it."""
    worth = net_worth(order.body)
    stays, back, given = due(order, worth), owed_by(order, worth), given_by(order)
    found = {
        tender_id: owing.unexplained(
            collected=account.collected,
            given=given[tender_id],
            due=stays.get(tender_id, 0),
            taken=account.taken,
            kept=account.kept,
            owed=back.get(tender_id, 0),
        )
        for tender_id, account in accounts_of(order).items()
    }
    return {tender_id: amount for tender_id, amount in found.items() if amount}


def least_by(order: Order, tender_id: str) -> int:
    """What was collected by a tender at the least, since so much went back or was kept."""
    account, given = account_of(order, tender_id), order.given_elsewhere.get(tender_id, 0)
    by_bank = given_by(order).get(tender_id, 0) - given_without_banks(order).get(tender_id, 0)
    # What a bank takes it takes with whatever was kept as a fee.
    return account.taken + given + max(account.kept, by_bank)


def left_by(order: Order) -> ByTender:
    """The most that may still go back by each tender, whatever for: what was collected, less what went back already."""
    given = given_by(order)
    return {
        tender_id: max(0, account.collected - account.taken - given[tender_id])
        for tender_id, account in accounts_of(order).items()
    }


# --- what was collected, where nobody tells -------------------------------------------------------------------------


def proves_payment(order: Order) -> bool:
    """Whether the order ever stood where only a paid one stands, or somebody said when it was paid."""
    seen = {*order.moments, order.status, *([order.told] if order.told else [])}
    return order.body.paid_at is not None or bool(seen - _PROVES_NOTHING)


def awaits(order: Order, tender: Tender) -> bool:
    """Whether the order's system says that this tender's money is still to come, though the order goes on. Of an unpaid
    order `pending` says no more than that."""
    return tender.state is TenderState.PENDING and order.body.status is not OrderStatus.UNPAID


def is_cash(tender: Tender) -> bool:
    """Whether the money is handed over with the goods."""
    return tender.method is Method.COD


def arrived_or_gone(order: Order, gone: Gone) -> Gone:
    """Pieces per line id that are gone or have arrived: for all others cash is still to be taken."""
    found = dict(gone)
    for line_id, pools in order.pools_with(gone).items():
        found[line_id] = gone.get(line_id, 0) + sum(pool.count for pool in pools if pool.status in ARRIVED)
    return found


def never_back(order: Order, worth: Worth) -> ByTender:
    """What stays paid by each tender though nothing stands: charges that are not refundable. Of cash it is handed over
    with the first piece that arrives."""
    everything = spread(order, worth, {line.line_id: line.quantity for line in order.body.lines})
    return {tender.tender_id: tender.amount - everything[tender.tender_id] for tender in order.body.valid_tenders}
