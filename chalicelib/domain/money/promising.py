"""An order's books after a refund was promised, and after a promise that was never sent is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.money.books import Gone, accounts_of, books_of, gone_with, left_by, owed_by, with_account
from chalicelib.domain.money.net_worth import net_worth
from chalicelib.domain.money.recording import cash_rebased
from chalicelib.domain.orders.books import Books, Stays
from chalicelib.domain.orders.order import Order


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
        after = with_account(after, tender_id, booked)
    after = cash_rebased(after, worth, before, gone)
    return Booked(books=books_of(after), kept={key: amount for key, amount in kept.items() if amount})


def unpromise(order: Order, wanted: Gone, promised: Promised, kept: Mapping[str, int]) -> Books:
    """The books after a refund that was never sent is taken back, and its pieces stand again."""
    worth, before = net_worth(order.body), order.gone
    gone = {line_id: max(0, count - wanted.get(line_id, 0)) for line_id, count in before.items()}
    books, after = books_of(order), order
    for tender_id in {**promised.parts, **kept}:
        after = _given_up(after, tender_id, promised.parts.get(tender_id, 0), kept.get(tender_id, 0))
    after = cash_rebased(after, worth, before, gone)
    return replace(
        books_of(after),
        stays=frozenset() if any(wanted.values()) else books.stays,
        shipping_kept=max(0, books.shipping_kept - promised.shipping_kept),
        lost=books.lost - promised.lost,
        fee_points=max(0, books.fee_points - promised.fee_points),
        fee_charged=max(0, books.fee_charged - promised.fee_charged),
    )


def _given_up(order: Order, tender_id: str, taken: int, kept: int) -> Order:
    """A tender's account takes and keeps so much less; what it does not have any more, the account of the tender does
    that took its place, or shares its money."""
    accounts = accounts_of(order)
    promo = accounts[tender_id].promo if tender_id in accounts else None

    def farther(name: str) -> tuple[bool, bool]:
        return name != tender_id, tender_id not in accounts[name].formerly

    for name in sorted((name for name, each in accounts.items() if each.promo is promo), key=farther):
        account = accounts[name]
        less, left = min(account.taken, taken), min(account.kept, kept)
        taken, kept = taken - less, kept - left
        order = with_account(order, name, replace(account, taken=account.taken - less, kept=account.kept - left))
    return order


def still_listed(order: Order, wanted: Gone) -> bool:
    """Whether the order still lists these gone pieces: what it acknowledged cannot stand again."""
    gone = order.gone
    return all(count <= gone.get(line_id, 0) for line_id, count in wanted.items())
