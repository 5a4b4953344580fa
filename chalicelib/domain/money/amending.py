"""An order's books under new terms: what was acknowledged, and which tender took the place of which."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.money.books import (
    accounts_of,
    all_gone,
    arrived_or_gone,
    books_of,
    is_cash,
    never_back,
    spread,
    with_account,
)
from chalicelib.domain.money.net_worth import net_worth
from chalicelib.domain.orders.body import Tender
from chalicelib.domain.orders.books import Account
from chalicelib.domain.orders.order import Order

# What of a piece is rounded by itself: goods with their discounts, tax, shipping.
_ROUNDINGS = 3


def amended(before: Order, after: Order) -> Order:
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
    settled = {tender_id: max(0, amount - is_now[tender_id]) for tender_id, amount in was.items()}
    # Which tender paid for what is not listed any more is told by the tenders themselves, where that adds up. Nobody
    # says which pieces of a line those were: each may differ by a unit of goods, tax and shipping.
    listed = {tender.tender_id: tender.amount for tender in after.body.valid_tenders}
    fell = {x.tender_id: x.amount - listed.get(x.tender_id, 0) for x in before.body.valid_tenders}
    unsure = _ROUNDINGS * (sum(seen.values()) - sum(books_of(before).acknowledged.values()))
    if abs(sum(fell.values()) - sum(settled.values())) <= unsure and min(fell.values(), default=0) >= 0:
        settled = fell
    accounts = {
        tender_id: _settled(account, settled.get(tender_id, 0), listed.get(tender_id))
        for tender_id, account in {**accounts_of(before), **books_of(after).accounts}.items()
    }
    accounts = _told_apart(_handed_on(accounts, before, after), after)
    books = replace(books_of(after), accounts=accounts, acknowledged=seen)
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
            amended = with_account(amended, tender.tender_id, replace(account, basis=basis))
    return amended


def _settled(account: Account, more: int, listed: int | None) -> Account:
    """The account once so much more of it is about pieces that are not listed any more. Where what it has was inferred,
    that is never more than its tender fell by: what a tender still asks for is about pieces that are."""
    if listed is not None and not account.told and account.basis is not None:
        more = min(more, max(0, account.basis - listed - account.settled))
    return replace(account, settled=account.settled + more)


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
    if heir is None:
        return replace(old, formerly=(*old.formerly, tender_id))
    return replace(_added(heir, old, 1), formerly=(*heir.formerly, *old.formerly, tender_id))


def _added(account: Account, other: Account, sign: int) -> Account:
    """The account with the figures of another added, or taken off."""
    basis = account.basis if other.basis is None else (account.basis or 0) + sign * other.basis
    return replace(
        account,
        collected=account.collected + sign * other.collected,
        basis=basis,
        taken=account.taken + sign * other.taken,
        kept=account.kept + sign * other.kept,
        settled=account.settled + sign * other.settled,
        elsewhere=account.elsewhere + sign * other.elsewhere,
        charged_back=account.charged_back + sign * other.charged_back,
    )


def _told_apart(accounts: Mapping[str, Account], after: Order) -> dict[str, Account]:
    """The accounts where tenders share anew what they were inferred to have collected: who asks for more than it has
    takes over what others of its kind have and do not ask for any more. That money was paid once."""
    found, listed = dict(accounts), {tender.tender_id: tender for tender in after.body.valid_tenders}
    for tender_id, tender in listed.items():
        for other_id, other in listed.items():
            own = found.get(tender_id, Account(promo=tender.is_promo))
            giver = found.get(other_id, Account(promo=other.is_promo))
            if tender_id != other_id and _share_money(own, tender, giver, other):
                found[tender_id], found[other_id] = _moved(tender, own, giver, other.amount)
    return found


def _share_money(own: Account, tender: Tender, giver: Account, other: Tender) -> bool:
    """Whether what the one has may be the other's: neither was told, both are money or neither is, both are cash or
    neither is."""
    return not own.told and not giver.told and own.promo is giver.promo and is_cash(tender) is is_cash(other)


def _moved(tender: Tender, own: Account, giver: Account, asked: int) -> tuple[Account, Account]:
    """A tender's account and the one that gives to it, of which the order asks `asked`. Of what the order does not list
    any more nothing moves, but where a tender is back whose place was taken: it is as before then."""
    back = tender.tender_id in giver.formerly
    if back:
        giver = replace(giver, formerly=tuple(x for x in giver.formerly if x != tender.tender_id))
    settled = Account() if back else _settled_of(giver)
    whole = (giver.basis or 0) - settled.collected
    amount = min(tender.amount - ((own.basis or 0) - _settled_of(own).collected), whole - asked)
    if amount <= 0:
        return own, giver
    taken = (giver.taken - settled.taken) * amount // whole
    kept = (giver.kept - settled.kept) * amount // whole
    collected = min(
        max(0, giver.collected - settled.collected) * amount // whole,
        giver.collected - (giver.taken - taken) - (giver.kept - kept),
    )
    more = Account(
        promo=own.promo,
        collected=collected,
        basis=amount,
        taken=taken,
        kept=kept,
        settled=giver.settled * amount // whole if back else 0,
        elsewhere=giver.elsewhere * amount // whole,
    )
    return _added(own, more, 1), _added(giver, more, -1)


def _settled_of(account: Account) -> Account:
    """What of an account is about pieces which the order does not list any more."""
    taken = min(account.taken, account.settled)
    return Account(collected=account.settled, taken=taken, kept=min(account.kept, account.settled - taken))
