"""How an order's books change: opened, told of payments, told anew, and after a refund was promised or taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.money.books import (
    Gone,
    account_of,
    accounts_of,
    all_gone,
    arrived_or_gone,
    awaits,
    books_of,
    entitled_by,
    is_cash,
    left_by,
    never_back,
    owed_by,
    proves_payment,
    spread,
)
from chalicelib.domain.money.net_worth import Worth, net_worth
from chalicelib.domain.orders.body import TenderState
from chalicelib.domain.orders.books import Account, Books, Stays
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
        carried = _amended(known, carried)
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
    least = account.taken + account.kept + order.given_elsewhere.get(tender_id, 0)
    known = max(amount, account.collected) if account.told else max(amount, least)
    return _with_account(order, tender_id, replace(account, collected=known, told=True, basis=None))


def corrected(order: Order, tender_id: str, amount: int) -> Order:
    """What was collected in truth, less or more than it was told; never below what went back or was kept already."""
    account = account_of(order, tender_id)
    least = account.taken + account.kept + order.given_elsewhere.get(tender_id, 0)
    return _with_account(order, tender_id, replace(account, collected=max(amount, least), told=True, basis=None))


def voided(order: Order, tender_id: str) -> Order:
    """Nothing was collected by this tender, and nothing will be; what was told or went back stays."""
    account = account_of(order, tender_id)
    if account.told:
        return order
    least = account.taken + account.kept + order.given_elsewhere.get(tender_id, 0)
    return _with_account(order, tender_id, replace(account, collected=least, told=True, basis=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What a refund promises and what it leaves behind.

    parts        what goes back, per tender id
    stays        what of the whole order stays paid
    shipping_kept   shipping of single lines that stays paid
    lost         promotions that the act ended
    fee_points, fee_charged   how far the order's fees have come by it
    """

    parts: Mapping[str, int]
    stays: frozenset[Stays] = frozenset()
    shipping_kept: int = 0
    lost: frozenset[str] = frozenset()
    fee_points: int = 0
    fee_charged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The books after a refund was promised; `kept` is what each tender keeps by it, in minor units."""

    books: Books
    kept: Mapping[str, int] = field(default_factory=dict)


def promise(order: Order, wanted: Gone, promised: Promised) -> Booked:
    """The books after these pieces went and this was promised for them. What they would have brought beyond it stays
    behind: a fee, a deduction, what was agreed. Raises ValueError above what was collected (I4)."""
    room = left_by(order)
    if any(part > room.get(tender_id, 0) for tender_id, part in promised.parts.items()):
        raise ValueError("above_collected")
    worth, before = net_worth(order.body), order.gone
    books = books_of(order)
    gone = gone_with(order, before, wanted)
    after = replace(
        order,
        books=replace(
            books,
            stays=promised.stays,
            shipping_kept=books.shipping_kept + promised.shipping_kept,
            lost=books.lost | promised.lost,
            fee_points=books.fee_points + promised.fee_points,
            fee_charged=books.fee_charged + promised.fee_charged,
        ),
    )
    back = owed_by(after, worth, gone)
    kept = {tender_id: max(0, amount - promised.parts.get(tender_id, 0)) for tender_id, amount in back.items()}
    for tender_id, account in accounts_of(after).items():
        booked = replace(
            account, taken=account.taken + promised.parts.get(tender_id, 0), kept=account.kept + kept.get(tender_id, 0)
        )
        after = _with_account(after, tender_id, booked)
    after = _cash_rebased(after, worth, before, gone)
    return Booked(books=books_of(after), kept={key: amount for key, amount in kept.items() if amount})


def unpromise(order: Order, wanted: Gone, promised: Promised, kept: Mapping[str, int]) -> Books:
    """The books after a refund that was never sent is taken back, and its pieces stand again."""
    worth, before = net_worth(order.body), order.gone
    gone = {line_id: max(0, count - wanted.get(line_id, 0)) for line_id, count in before.items()}
    books, after = books_of(order), order
    for tender_id, account in accounts_of(order).items():
        booked = replace(
            account,
            taken=max(0, account.taken - promised.parts.get(tender_id, 0)),
            kept=max(0, account.kept - kept.get(tender_id, 0)),
        )
        after = _with_account(after, tender_id, booked)
    after = _cash_rebased(after, worth, before, gone)
    return replace(
        books_of(after),
        stays=frozenset() if any(wanted.values()) else books.stays,
        shipping_kept=max(0, books.shipping_kept - promised.shipping_kept),
        lost=books.lost - promised.lost,
        fee_points=max(0, books.fee_points - promised.fee_points),
        fee_charged=max(0, books.fee_charged - promised.fee_charged),
    )


def still_listed(order: Order, wanted: Gone) -> bool:
    """Whether the order still lists these gone pieces: what it acknowledged cannot stand again."""
    gone = order.gone
    return all(count <= gone.get(line_id, 0) for line_id, count in wanted.items())


def gone_with(order: Order, gone: Gone, wanted: Gone) -> dict[str, int]:
    """The gone pieces of an order with more of them, never more than there are."""
    return {
        line.line_id: min(line.quantity, gone.get(line.line_id, 0) + wanted.get(line.line_id, 0))
        for line in order.body.lines
    }


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
            settled = _with_account(
                settled, refund.tender_id, replace(account, collected=account.collected + refund.amount)
            )
    for tender_id, account in accounts_of(settled).items():
        # Nothing went back that had not come.
        settled = _with_account(settled, tender_id, replace(account, collected=max(account.collected, account.taken)))
    settled = _with_elsewhere(settled)
    for tender_id, amount in owed_by(settled).items():
        account = accounts_of(settled)[tender_id]
        settled = _with_account(settled, tender_id, replace(account, kept=account.kept + amount))
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
                order = _with_account(order, tender.tender_id, more)
        elif paid and (account.basis is None or account.basis < tender.amount):
            stands = tender.amount - (0 if whole else shares[tender.tender_id])
            more_money = stands if account.basis is None else tender.amount - account.basis
            grown = replace(account, collected=account.collected + more_money, basis=tender.amount)
            order = _with_account(order, tender.tender_id, grown)
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
        order = _with_account(order, tender_id, replace(account, elsewhere=account.elsewhere + worth_back))
    order = replace(order, books=replace(books_of(order), elsewhere={**books.elsewhere, **more}))
    return _cash_rebased(order, worth, before, after)


def _without_elsewhere(books: Books) -> Books:
    return replace(
        books, accounts={tender_id: replace(account, elsewhere=0) for tender_id, account in books.accounts.items()}
    )


def _cash_rebased(order: Order, worth: Worth, before: Gone, after: Gone) -> Order:
    """Cash for pieces that went before they arrived was not collected, and never will be."""
    levels = [spread(order, worth, arrived_or_gone(order, gone)) for gone in (before, after)]
    for tender in order.body.valid_tenders:
        account = accounts_of(order)[tender.tender_id]
        if not is_cash(tender) or account.told:
            continue
        moved = levels[1][tender.tender_id] - levels[0][tender.tender_id]
        basis = spread(order, worth, before)[tender.tender_id] if account.basis is None else account.basis
        if moved or account.basis is None:
            order = _with_account(order, tender.tender_id, replace(account, basis=max(0, basis + moved)))
    return order


def _amended(before: Order, after: Order) -> Order:
    """The books under the order's new terms."""
    worth, gone = net_worth(before.body), before.gone
    still, seen = dict(gone), dict(books_of(before).acknowledged)
    quantities = {line.line_id: line.quantity for line in after.body.lines}
    for line in before.body.lines:
        quantity, ours = quantities.get(line.line_id, 0), gone[line.line_id]
        if quantity < line.quantity:
            still[line.line_id] = quantity - min(quantity, line.quantity - ours)
            if ours > still[line.line_id]:
                seen[line.line_id] = seen.get(line.line_id, 0) + ours - still[line.line_id]
    # Where nothing stands before and after, what belongs to the whole order is not settled: it is gone with the rest.
    ended = all_gone(before, gone) and all_gone(after, still)
    was, is_now = spread(before, worth, gone), spread(before, worth, still, ended=ended or None)
    accounts = {
        tender_id: replace(account, settled=account.settled + max(0, was.get(tender_id, 0) - is_now.get(tender_id, 0)))
        for tender_id, account in {**accounts_of(before), **books_of(after).accounts}.items()
    }
    books = replace(books_of(after), accounts=_handed_on(accounts, before, after), acknowledged=seen)
    amended = replace(after, books=books)
    # Cash is taken at the door by what the order said then: new terms by themselves collect nothing.
    there = replace(before, body=replace(before.body, lines=after.body.lines), books=books)
    worth_now, stands_before = net_worth(amended.body), spread(before, worth, arrived_or_gone(before, gone))
    levels = spread(amended, worth_now, arrived_or_gone(there, amended.gone_with(books.elsewhere)))
    for tender in amended.body.valid_tenders:
        account = accounts_of(amended)[tender.tender_id]
        if is_cash(tender) and account.basis is not None and not account.told:
            # What never goes back was handed over along with the first piece, and is not again.
            with_it = account.basis > stands_before.get(tender.tender_id, account.basis)
            basis = levels[tender.tender_id] + (never_back(amended, worth_now)[tender.tender_id] if with_it else 0)
            amended = _with_account(amended, tender.tender_id, replace(account, basis=basis))
    return amended


def _handed_on(accounts: Mapping[str, Account], before: Order, after: Order) -> dict[str, Account]:
    """The accounts, each of a tender that is gone with the one that took its place: one that was not there before and
    is nobody else's heir, of the amount that is nearest."""
    found, taken = dict(accounts), {tender.tender_id for tender in before.body.valid_tenders}
    amounts = {tender.tender_id: tender.amount for tender in before.body.valid_tenders}
    listed = {tender.tender_id: tender for tender in after.body.valid_tenders}
    for tender_id, account in accounts.items():
        heirs = [
            each
            for each in listed.values()
            if each.is_promo is account.promo and not (each.tender_id in found and found[each.tender_id].told)
        ]
        if tender_id in listed or account.told or account == Account(promo=account.promo) or not heirs:
            continue
        was = amounts.get(tender_id, account.collected)
        heir = min((each.tender_id in taken, abs(each.amount - was), each.tender_id) for each in heirs)[-1]
        taken.add(heir)
        found[heir] = _joined(tender_id, account, found.get(heir))
        found[tender_id] = Account(promo=account.promo)
    return found


def _joined(tender_id: str, old: Account, heir: Account | None) -> Account:
    formerly = (*old.formerly, tender_id)
    if heir is None:
        return replace(old, formerly=formerly)
    basis = None if heir.basis is None and old.basis is None else (heir.basis or 0) + (old.basis or 0)
    return replace(
        heir,
        collected=heir.collected + old.collected,
        basis=basis,
        taken=heir.taken + old.taken,
        kept=heir.kept + old.kept,
        settled=heir.settled + old.settled,
        elsewhere=heir.elsewhere + old.elsewhere,
        formerly=(*heir.formerly, *formerly),
    )


def _with_account(order: Order, tender_id: str, account: Account) -> Order:
    books = books_of(order)
    return replace(order, books=replace(books, accounts={**books.accounts, tender_id: account}))
