"""Money that customer service gives back without a request: how much there is to give, by which ways, and the books
after it. Amounts in minor units of the order's currency.

No piece goes by it, so nothing is kept, and nothing becomes owed: it is taken from the accounts as any refund is, and
what later refunds bring is less by it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.books import account_of, books_of, given_by, with_account
from chalicelib.domain.money.dividing import apportion
from chalicelib.domain.money.quote import Quote, QuoteTender, arrival, id_of
from chalicelib.domain.money.value import QuoteLine
from chalicelib.domain.orders.books import Books, FirstWish
from chalicelib.domain.orders.order import Order
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.policies.reasons import GivenFor


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """What customer service wants to give: by one tender, or (`tender_id` is None) by all money that is left, in
    proportion. `note` says why, for staff alone."""

    amount: int
    reason: GivenFor
    note: str
    tender_id: str | None = None

    def first(self, person: str) -> FirstWish:
        """The same as one person's word, until a second one says it too."""
        return FirstWish(
            amount=self.amount, tender_id=self.tender_id, reason=self.reason.value, by=person, note=self.note
        )

    def is_what(self, first: FirstWish | None) -> bool:
        """Whether somebody said just this before, whatever they said why."""
        return first is not None and replace(first, note=self.note) == self.first(first.by)


def room_by(order: Order) -> dict[str, int]:
    """The most that may be given by each tender that the order lists: what it collected, less what went back already or
    was kept. Money alone: vouchers and coins never become any."""
    given, room = given_by(order), {}
    for tender in order.body.valid_tenders:
        account = account_of(order, tender.tender_id)
        if not (tender.is_promo or account.promo):
            left = account.collected - account.taken - given.get(tender.tender_id, 0) - account.kept
            room[tender.tender_id] = max(0, left)
    return room


def parts_of(order: Order, wish: Gesture) -> dict[str, int]:
    """What goes by each tender. Raises Invalid `validation_failed` where that is no tender of money, or more than is
    there."""
    room = room_by(order)
    if wish.tender_id is not None:
        if wish.tender_id not in room:
            raise _wrong("tender_id", "no such tender, or none of money")
        room = {wish.tender_id: room[wish.tender_id]}
    most = sum(room.values())
    if not 0 < wish.amount <= most:
        raise _wrong("amount", f"1 to {most}" if most else "nothing is left to give")
    shares = apportion(wish.amount, [*room.values()])
    return {tender_id: share for tender_id, share in zip(room, shares, strict=True) if share}


def goodwill_quote(
    order: Order,
    policy: Policy,
    wish: Gesture,
    parts: Mapping[str, int],
    now: datetime,
    holidays: Collection[date] = (),
    *,
    label: str | None = None,
) -> Quote:
    """The same as a quote: one line, which says what it is for (its reason, unless another label is given). How the
    order's books stand is not changed by it."""
    books, label = books_of(order), label or wish.reason.value
    made = Quote(
        quote_id="",
        currency=order.body.currency,
        paid=wish.amount,
        refund_total=wish.amount,
        fees_total=0,
        lines=(QuoteLine(label=label, amount=wish.amount, rule=f"{label}_given", detail=None),),
        tenders=tuple(
            QuoteTender(
                method=tender.method,
                amount=parts[tender.tender_id],
                arrives_by=arrival(policy, tender.method, now, holidays, tender.channel),
                tender_id=tender.tender_id,
                channel=tender.channel,
            )
            for tender in order.body.valid_tenders
            if parts.get(tender.tender_id)
        ),
        stays=tuple(sorted(books.stays)),
    )
    return replace(made, quote_id=id_of(made, f"{policy.name} v{policy.version}"))


def with_goodwill(order: Order, parts: Mapping[str, int]) -> Books:
    """The books after this was given. Raises ValueError above what is there (I4)."""
    room, after = room_by(order), order
    for tender_id, amount in parts.items():
        if amount > room.get(tender_id, 0):
            raise ValueError("above_collected")
        account = account_of(after, tender_id)
        after = with_account(after, tender_id, replace(account, taken=account.taken + amount))
    books = books_of(after)
    return replace(books, goodwill=books.goodwill + sum(parts.values()))


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("validation_failed", errors=[{"field": field, "message": message}])
