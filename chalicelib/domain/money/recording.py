"""How an order's books come about: opened, told of payments, told anew; what was collected where nobody tells."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.money.amending import amended
from chalicelib.domain.money.books import (
    Gone,
    account_of,
    accounts_of,
    arrived_or_gone,
    awaits,
    books_of,
    entitled_by,
    is_cash,
    least_by,
    never_back,
    owed_by,
    proves_payment,
    spread,
    with_account,
)
from chalicelib.domain.money.net_worth import Worth, net_worth
from chalicelib.domain.orders.body import TenderState
from chalicelib.domain.orders.books import Account, Books
from chalicelib.domain.orders.order import Order

Fill = tuple[str, ...] | None

# In which order refunds filled the ways of payment before they went in proportion. Orders of which a part had gone back
# then go on so: what was promised by one way is not promised again by another.
FILLED_BEFORE: Fill = ("card", "bank", "virtual_account", "paylater", "wallet", "cod", "coins", "voucher")


def with_books(order: Order, fill: Fill) -> Order:
    """The order with its books brought up to what it says by now. `fill` is the order of methods in which refunds of a
    new order are filled; None: in proportion."""
    return _with_elsewhere(_inferred(order if order.books else _opened(order, fill)))


def told_anew(before: Order | None, after: Order, fill: Fill) -> Order:
    """The order after a push, with its books carried on from what it was.

    A smaller quantity first acknowledges pieces that are gone; only the rest is the order's own. What a tender of
    another name takes the place of hands its account on, unless it was told: such money stays where it is.
    """
    if before is None:
        return kept_short(with_books(after, fill), fill)
    known = with_books(before, fill)
    # Where the word was about money the order has it in its books already.
    books = known.books if after.books == before.books else after.books
    carried = replace(after, books=books, left=None)
    if carried.body.lines != known.body.lines or carried.body.tenders != known.body.tenders:
        carried = amended(known, carried)
    before_it = _collected_tenders(known)
    news = {name: amount for name, amount in _collected_tenders(carried).items() if before_it.get(name) != amount}
    carried = _told_by_tenders(carried, news)
    return kept_short(with_books(carried, fill), fill)


def kept_short(order: Order, fill: Fill) -> Order:
    """The order without its books, where they follow from what it says and nothing need be remembered."""
    if order.cases or order.left is not None:
        return order
    derived = with_books(replace(order, books=None), fill)
    return replace(order, books=None) if derived.books == order.books else order


def collected(order: Order, tender_id: str, amount: int) -> Order:
    """A fact: so much was collected by this tender, in all. It replaces what was inferred; the largest one told
    stays."""
    account = account_of(order, tender_id)
    known = max(amount, account.collected if account.told else least_by(order, tender_id))
    return with_account(order, tender_id, replace(account, collected=known, told=True, basis=None))


def corrected(order: Order, tender_id: str, amount: int) -> Order:
    """What was collected in truth, less or more than it was told; never below what went back or was kept already."""
    account = account_of(order, tender_id)
    known = max(amount, least_by(order, tender_id))
    return with_account(order, tender_id, replace(account, collected=known, told=True, basis=None))


def voided(order: Order, tender_id: str) -> Order:
    """Nothing was collected by this tender, and nothing will be; what was told or went back stays."""
    account = account_of(order, tender_id)
    if account.told:
        return order
    known = replace(account, collected=least_by(order, tender_id), told=True, basis=None)
    return with_account(order, tender_id, known)


def _opened(order: Order, fill: Fill) -> Order:
    """The order with its first books. Of one from before there were any what was promised is known by what was left,
    what was collected by how it stands; what its earlier refunds did not give was meant to stay behind."""
    left = order.left
    fresh = Books(fill=fill if left is None else FILLED_BEFORE)
    accounts = {
        tender.tender_id: Account(
            promo=tender.is_promo,
            taken=0 if left is None else max(0, tender.amount - left.get(tender.tender_id, tender.amount)),
        )
        for tender in order.body.valid_tenders
    }
    opened = replace(order, books=replace(fresh, accounts=accounts), left=None)
    opened = _told_by_tenders(opened, _collected_tenders(order))
    if left is None:
        return opened
    # Money that went back for lines which the order does not list any more had been collected, too.
    settled = _inferred(opened, whole=any(account.taken for account in accounts.values()))
    listed = {line.line_id for line in order.body.lines}
    for refund in order.refunds_elsewhere:
        if refund.tender_id and refund.lines and not any(x.line_id in listed for x in refund.lines):
            account = account_of(settled, refund.tender_id)
            settled = with_account(
                settled, refund.tender_id, replace(account, collected=account.collected + refund.amount)
            )
    for tender_id, account in accounts_of(settled).items():
        # Nothing went back that had not come.
        settled = with_account(settled, tender_id, replace(account, collected=max(account.collected, account.taken)))
    settled = _with_elsewhere(settled)
    for tender_id, amount in owed_by(settled).items():
        account = accounts_of(settled)[tender_id]
        settled = with_account(settled, tender_id, replace(account, kept=account.kept + amount))
    return settled


def _collected_tenders(order: Order) -> dict[str, int]:
    """What the order itself tells as collected, per tender id."""
    return {x.tender_id: x.amount for x in order.body.tenders if x.state is TenderState.COLLECTED}


def _told_by_tenders(order: Order, told: Mapping[str, int]) -> Order:
    for tender_id, amount in told.items():
        order = collected(order, tender_id, amount)
    return order


def _inferred(order: Order, *, whole: bool = False) -> Order:
    """What was collected where nobody tells: all that a tender still had to collect, once the order stood where only a
    paid one stands; of cash what belongs to pieces that arrived. Once, and never taken back: later only what exceeds
    the highest amount so far. `whole`: also for the pieces that are gone by now."""
    worth, gone = net_worth(order.body), order.gone_with(books_of(order).elsewhere)
    shares, paid = spread(order, worth, gone), proves_payment(order)
    there = arrived_or_gone(order, gone)
    handed_over = spread(order, worth, there)
    if any(there[line_id] > count for line_id, count in gone.items()):
        stays = never_back(order, worth)
        handed_over = {tender_id: level + stays[tender_id] for tender_id, level in handed_over.items()}
    if whole:
        # What was sent back had arrived, and was paid for.
        back = {line_id: max(0, count - order.returned.get(line_id, 0)) for line_id, count in gone.items()}
        shares = spread(order, worth, back)
    for tender in order.body.valid_tenders:
        account = accounts_of(order)[tender.tender_id]
        if account.told or awaits(order, tender):
            continue
        if is_cash(tender):
            level = handed_over[tender.tender_id]
            basis = shares[tender.tender_id] if account.basis is None else account.basis
            if level > basis or (account.basis is None and level):
                more = replace(account, collected=account.collected + max(0, level - basis), basis=max(level, basis))
                order = with_account(order, tender.tender_id, more)
        elif paid and (account.basis is None or account.basis < tender.amount):
            stands = tender.amount - (0 if whole else shares[tender.tender_id])
            more_money = stands if account.basis is None else tender.amount - account.basis
            grown = replace(account, collected=account.collected + more_money, basis=tender.amount)
            order = with_account(order, tender.tender_id, grown)
    return order


def _with_elsewhere(order: Order) -> Order:
    """Pieces that went without Batal, and what they are worth: that is the marketplace's to give back."""
    books, now = books_of(order), order.gone_elsewhere
    more = {line_id: count for line_id, count in now.items() if count > books.elsewhere.get(line_id, 0)}
    if not more:
        return order
    worth = net_worth(order.body)
    before, after = order.gone_with(books.elsewhere), order.gone_with({**books.elsewhere, **more})
    nothing_given = replace(order, given={}, body=replace(order.body, refunds=()), books=_without_elsewhere(books))
    was, becomes = (entitled_by(nothing_given, worth, gone) for gone in (before, after))
    for tender_id, account in accounts_of(order).items():
        worth_back = max(0, becomes[tender_id] - was[tender_id])
        order = with_account(order, tender_id, replace(account, elsewhere=account.elsewhere + worth_back))
    order = replace(order, books=replace(books_of(order), elsewhere={**books.elsewhere, **more}))
    return cash_rebased(order, worth, before, after)


def _without_elsewhere(books: Books) -> Books:
    accounts = {tender_id: replace(account, elsewhere=0) for tender_id, account in books.accounts.items()}
    return replace(books, accounts=accounts, chargebacks=())


def cash_rebased(order: Order, worth: Worth, before: Gone, after: Gone) -> Order:
    """Cash for pieces that went before they arrived was not collected, and never will be."""
    levels = [spread(order, worth, arrived_or_gone(order, gone)) for gone in (before, after)]
    for tender in order.body.valid_tenders:
        account = accounts_of(order)[tender.tender_id]
        if not is_cash(tender) or account.told:
            continue
        moved = levels[1][tender.tender_id] - levels[0][tender.tender_id]
        basis = spread(order, worth, before)[tender.tender_id] if account.basis is None else account.basis
        if moved or account.basis is None:
            order = with_account(order, tender.tender_id, replace(account, basis=max(0, basis + moved)))
    return order
