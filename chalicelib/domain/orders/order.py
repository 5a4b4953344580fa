"""An order as the OMS tells it, and what Batal itself keeps about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.amounts import Money
from chalicelib.domain.orders.body import OrderBody, Package, Quantities, RefundElsewhere
from chalicelib.domain.orders.books import Account, Books
from chalicelib.domain.orders.parcels import Claim, Group, Pools, all_claimed, claimed, groups_of, pools
from chalicelib.domain.orders.statuses import ARRIVED, PARCEL_LEFT, OrderStatus, place_of
from chalicelib.domain.orders.sums import pieces_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The OMS's order beside Batal's own guard fields, which no push ever writes (I7).

    open_case   the case that holds the order's slot (I1)
    cases       every case the order ever had, oldest first
    attempts    how often the buyer asked to cancel; return_attempts: to return
    books       what is remembered of its money; None where all of it follows from what the order says
    left        on rows from before there were books: what was left to refund per tender, in minor units, after the
                first case
    given       what the marketplace says that it gave back itself, all told, per tender
    cancelled   quantities cancelled by Batal, per line id; returned: sent back after delivery
    granted_worth   the list price of all pieces that Batal granted, each as it was then, in minor units: no push that
                leaves them out or tells them cheaper makes it less
    told        the status that the OMS told last, where it is not one that the order could move to
    late_parcel where a parcel of it came to after it was cancelled
    parcels     the parcels that were told of, each where it stands by the newest word
    claims      which of them a warehouse said that it is about to hand over
    body_told   a digest of the newest version as it was told, and status_told the status that came with the newest
                version of the status: that the same version says nothing else. None on rows from before 0.8.0
    moments     when the order first came to a status, by the OMS's clock, never later than we heard of it
    """

    body: OrderBody
    status: OrderStatus
    status_version: int
    status_at: datetime
    rev: int = 1
    tracking_number: str | None = None
    carrier: str | None = None
    open_case: str | None = None
    cases: tuple[str, ...] = ()
    attempts: int = 0
    return_attempts: int = 0
    books: Books | None = None
    left: Mapping[str, int] | None = None
    given: Mapping[str, int] = field(default_factory=dict)
    granted_worth: int = 0
    cancelled: Mapping[str, int] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)
    told: OrderStatus | None = None
    late_parcel: OrderStatus | None = None
    parcels: tuple[Package, ...] = ()
    claims: tuple[Claim, ...] = ()
    moments: Mapping[OrderStatus, datetime] = field(default_factory=dict)
    body_told: str | None = None
    status_told: OrderStatus | None = None

    @property
    def delivered_at(self) -> datetime | None:
        """When it was first delivered; None where it was not."""
        # Rows from before moments were kept know only of their last change.
        known = self.status_at if self.status is OrderStatus.DELIVERED else None
        return self.moments.get(OrderStatus.DELIVERED, known)

    @property
    def order_id(self) -> str:
        """The OMS's id of the order."""
        return self.body.order_id

    @property
    def name_for_people(self) -> str:
        """What people read instead of its id."""
        return self.body.name_for_people

    @property
    def fully_cancelled(self) -> bool:
        """Whether every piece that it lists was cancelled through Batal."""
        seen = self.books.acknowledged if self.books else {}
        return all(
            self.cancelled.get(line.line_id, 0) - seen.get(line.line_id, 0) >= line.quantity for line in self.body.lines
        )

    @property
    def gone(self) -> Mapping[str, int]:
        """Quantities of what it lists that were cancelled or returned, here or elsewhere, per line id."""
        return self.gone_with(self.gone_elsewhere)

    def gone_with(self, elsewhere: Mapping[str, int]) -> Mapping[str, int]:
        """The same, if these are the pieces that went elsewhere."""
        seen, here = self.books.acknowledged if self.books else {}, self.given_back_for
        gone = {x.line_id: here[x.line_id] + elsewhere.get(x.line_id, 0) for x in self.body.lines}
        return {x.line_id: min(x.quantity, max(0, gone[x.line_id] - seen.get(x.line_id, 0))) for x in self.body.lines}

    @property
    def gone_elsewhere(self) -> Mapping[str, int]:
        """Quantities that went without Batal, per line id, whether or not the order still lists them.

        What the order's system calls cancelled, rejected, returned or refunded may be what Batal cancelled, told back
        to it: only what goes beyond that went elsewhere. While a request is open it may be what is being asked for.
        """
        known = self.books.elsewhere if self.books else {}
        if self.books and self.open_case:
            return {line.line_id: known.get(line.line_id, 0) for line in self.body.lines}
        refunded = pieces_in(refund.lines for refund in self.refunds_elsewhere)
        cancelled = pieces_in(each.lines for each in self.parcels if each.status is OrderStatus.CANCELLED)
        here, gone = self.given_back_for, {}
        for line in self.body.lines:
            said = line.quantities or Quantities()
            told = max(refunded[line.line_id], cancelled[line.line_id], said.rejected + said.returned)
            gone[line.line_id] = max(known.get(line.line_id, 0), told - here[line.line_id], 0)
        return gone

    @property
    def given_back_for(self) -> Mapping[str, int]:
        """Quantities that were cancelled or returned here, per line id of all its lines."""
        ids = [line.line_id for line in self.body.lines]
        return {line_id: self.cancelled.get(line_id, 0) + self.returned.get(line_id, 0) for line_id in ids}

    @property
    def is_split(self) -> bool:
        """Whether its pieces may stand differently."""
        return bool(self.parcels or self.claims or any(line.quantities for line in self.body.lines))

    @property
    def base(self) -> OrderStatus:
        """Where pieces stand that are in no parcel: where the order does, or did before a parcel of it left."""
        if self.status is not OrderStatus.PARTLY_SHIPPED or not self.is_split:
            return self.status
        here = [status for status in self.moments if status not in PARCEL_LEFT]
        return max(here, key=place_of, default=OrderStatus.PROCESSING)

    @property
    def pools(self) -> Pools:
        """Where its pieces stand that are still there; what a warehouse has claimed stands as shipped."""
        return self.pools_with(self.gone)

    def pools_with(self, gone: Mapping[str, int]) -> Pools:
        """The same, if these pieces are gone."""
        back = {
            line.line_id: max(self.returned.get(line.line_id, 0), (line.quantities or Quantities()).returned)
            for line in self.body.lines
        }
        parcels, leaving = claimed(self.parcels, self.claims), all_claimed(self.claims)
        return pools(parcels, self.body, self.base, gone, back, leaving=leaving)

    @property
    def remaining(self) -> Mapping[str, int]:
        """Quantities that are neither cancelled nor returned, per line id; lines that are gone whole are left out."""
        gone = self.gone
        rest = {line.line_id: line.quantity - gone[line.line_id] for line in self.body.lines}
        return {line_id: quantity for line_id, quantity in rest.items() if quantity > 0}

    def worth(self, wanted: Mapping[str, int]) -> Money:
        """The list price of these quantities with all that is gone already, then or now, whichever is more: what limits
        look at."""
        known = self.granted_worth + self.body.goods_of(self.gone_elsewhere)
        gone_worth = max(known, self.body.goods_of(self.gone))
        return Money(gone_worth + self.body.goods_of(wanted), self.body.currency)

    @property
    def standing(self) -> OrderStatus:
        """The status to show and to decide on: what Batal cancelled stays cancelled whatever the OMS still says."""
        return OrderStatus.CANCELLED if self.fully_cancelled else self.status

    @property
    def own_refund_ids(self) -> frozenset[str]:
        """What Batal's own refunds of this order are called, where somebody tells them back."""
        return frozenset(refund_id_of(case_id) for case_id in self.cases)

    @property
    def refunds_elsewhere(self) -> tuple[RefundElsewhere, ...]:
        """Refunds that the order's system tells of and that are none of Batal's own, told back to it."""
        ours = self.own_refund_ids
        return tuple(refund for refund in self.body.refunds if refund.refund_id not in ours)

    @property
    def given_elsewhere(self) -> Mapping[str, int]:
        """What went back without Batal, in minor units per tender id; money told in two ways counts once."""
        by_refund = dict.fromkeys((*(tender.tender_id for tender in self.body.tenders), *self.given), 0)
        unsaid = 0
        for refund in self.refunds_elsewhere:
            if refund.tender_id:
                by_refund[refund.tender_id] = by_refund.get(refund.tender_id, 0) + refund.amount
            else:
                unsaid += refund.amount
        given = {tender_id: max(amount, self.given.get(tender_id, 0)) for tender_id, amount in by_refund.items()}
        # What only payments tell of is what refunds that name no way may be.
        unsaid = max(0, unsaid - (sum(given.values()) - sum(by_refund.values())))
        # Where nobody says by which way: money first, in the order in which it was paid.
        accounts = self.books.accounts if self.books else {}
        for tender in sorted(self.body.valid_tenders, key=lambda each: each.is_promo):
            room = max(tender.amount, accounts.get(tender.tender_id, Account()).collected) - given[tender.tender_id]
            part = min(unsaid, max(0, room))
            given[tender.tender_id] += part
            unsaid -= part
        return given


# What the id of a case's one refund begins with.
REFUND = "rf_"


def refund_id_of(case_id: str) -> str:
    """The id of the one refund of a case."""
    return f"{REFUND}{case_id}"


def seen_for(order: Order, wanted: Mapping[str, int], *, returning: bool = False) -> tuple[Order, tuple[Group, ...]]:
    """The order as it is for these pieces per line id, which is where they stand; and the groups that they make, where
    they do not stand alike (then the order is as it is for everybody). `returning` means pieces that have arrived."""
    if not order.is_split:
        return order, ()
    groups = groups_of(order.pools, wanted, arrived_first=returning)
    if len(groups) != 1:
        return order, groups
    (group,) = groups
    moments = dict(order.moments)
    if group.status in ARRIVED and OrderStatus.DELIVERED not in moments:
        arrived = [each.at for each in order.parcels if each.status in ARRIVED and each.at]
        moments[OrderStatus.DELIVERED] = max(arrived, default=order.status_at)
    return replace(order, status=group.status, moments=moments), ()


def status_for(order: Order, lines: Mapping[str, int], *, returning: bool = False) -> OrderStatus:
    """Where the most advanced of these pieces stands, as a case about them sees it."""
    if not order.is_split or order.status is OrderStatus.CANCELLED:
        return order.status
    groups = groups_of(order.pools, lines, arrived_first=returning)
    return groups[-1].status if groups else order.status


def left_too_many(order: Order) -> frozenset[str]:
    """Lines of which more pieces are in parcels that left than were not cancelled; what was cancelled and is not listed
    any more is no piece of the order."""
    left = pieces_in(each.lines for each in order.parcels if each.status in PARCEL_LEFT)
    seen = order.books.acknowledged if order.books else {}
    return frozenset(
        line.line_id
        for line in order.body.lines
        if left[line.line_id] > line.quantity - max(0, order.cancelled.get(line.line_id, 0) - seen.get(line.line_id, 0))
    )


def in_money_alone(order: Order) -> Order:
    """The order as if its platform had told of money alone: pieces that it calls cancelled, rejected or returned are
    still there, as long as no refund names them."""
    parcels = tuple(replace(x, status=order.base) if x.status is OrderStatus.CANCELLED else x for x in order.parcels)
    lines = tuple(replace(line, quantities=None) for line in order.body.lines)
    books = order.books
    if books:
        refunded, here = pieces_in(refund.lines for refund in order.refunds_elsewhere), order.given_back_for
        named = {line_id: max(0, refunded[line_id] - count) for line_id, count in here.items()}
        accounts = {tender_id: replace(account, elsewhere=0) for tender_id, account in books.accounts.items()}
        books = replace(books, elsewhere=named, accounts=accounts)
    return replace(order, parcels=parcels, body=replace(order.body, lines=lines), books=books)
