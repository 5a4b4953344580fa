"""A case: one request to cancel (or to return) one order, from asking to its one outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.amounts import Money
from chalicelib.domain.cases.card_words import CardWords
from chalicelib.domain.cases.choices import Alternative, Channel, ParcelWay, ParcelWord
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.effects import Promise
from chalicelib.domain.cases.goods import Goods, WayBack
from chalicelib.domain.money.quote import Quote
from chalicelib.domain.money.refund import Refund
from chalicelib.domain.orders.methods import Method, PaidBackBy
from chalicelib.domain.orders.order import refund_id_of
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import ParcelMoves, Policy, Rating, Silence
from chalicelib.domain.policies.reasons import GivenFor, Kind


class State(StrEnum):
    """Whom a case waits for; `closed` waits for nobody."""

    AWAITING_SELLER = "awaiting_seller"
    AWAITING_BUYER = "awaiting_buyer"
    AWAITING_SUPPORT = "awaiting_support"
    AWAITING_GOODS = "awaiting_goods"
    REFUNDING = "refunding"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a closed case ended."""

    CANCELLED = "cancelled"
    RETURNED = "returned"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the buyer asked, and under which terms; of a correction nobody asked anything.

    often      their requests had become many by then
    by_rule    the seller's rule that granted it at once
    dry_rule   the seller's rule that would have granted it, were it not dry
    goods_come_back  whether by their reason there are goods that can come back
    """

    reason_code: str | None
    fault: Fault
    comment: str | None
    channel: Channel | None
    by: Actor
    terms_version: str | None
    on_behalf_of: str | None = None
    often: bool = False
    by_rule: str | None = None
    dry_rule: str | None = None
    goods_come_back: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided last in this run, by whom, and why."""

    command: Command
    by: Actor
    at: datetime
    reason_code: str | None = None
    comment: str | None = None
    note: str | None = None
    tracking_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMark:
    """Which version of which policy a case lives by, with the parts that are fixed when it begins."""

    name: str
    version: int
    parcel_moves: ParcelMoves
    rating: Rating = Rating.MARKETPLACE
    built_in_wallet: bool = True
    without_way_back: tuple[Method, ...] = ()

    def paid_back_by(self, method: Method) -> PaidBackBy:
        """Who gives the money of a method back: without the built-in wallet a provider does, as the marketplace's own
        wallet is one."""
        usual = method.paid_back_by
        return PaidBackBy.PROVIDER if usual is PaidBackBy.WALLET and not self.built_in_wallet else usual


def mark_of(policy: Policy) -> PolicyMark:
    """What a case keeps of the policy that it begins with."""
    return PolicyMark(
        name=policy.name,
        version=policy.version,
        parcel_moves=policy.parcel_moves,
        rating=policy.rating,
        built_in_wallet=policy.built_in_wallet,
        without_way_back=policy.without_way_back,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A seller's counter-proposal: cancel against a `fee` (minor units), an alternative instead of cancelling, or a
    `partial_refund` (minor units) for which the buyer keeps the goods and the order goes on.

    `accepted` stays None until the buyer has answered.
    """

    fee: int | None = None
    alternative: Alternative | None = None
    partial_refund: int | None = None
    comment: str | None = None
    by: Actor | None = None
    accepted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A promised effect that is not yet known to have happened."""

    tries: int = 0
    next_at: datetime | None = None
    held: bool = False


class Deliverer(StrEnum):
    """Who delivers what a row has promised: its own execution after a commit, or who took over (the sweep)."""

    EXECUTION = "execution"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The row that is the truth; everything else follows from it.

    display_id  the number that people know its order by, as known when it was asked for, where it is not its id
    reference   the number that it was given later, where it is from before ids were numbers
    run         rises when support or an appeal reopens, or a refund is recalled; one Step Functions execution each
    turn        rises with every new wait; an answer for an earlier turn is stale
    rev         rises with every write of the row; every write tests it
    entries, head   count and hash of the timeline's last entry
    rounds      offers made in this run
    goods       what must come back before the money goes (returns; parcels called back); `way_back`: how returns travel
    dismissed   pieces of a return that customer service does not count as returned
    lapsed      the seller let a deadline pass
    ran_out     the wait in which nobody said a word any more, where that ended the case
    agreed      both sides said yes, and what is left is for others to do: nobody's silence undoes it
    quoted_at   where its pieces stood by which its fee was quoted; None on rows from before it was kept
    amended     its order was told anew while it was open, and its money with it: withdrawing uses up no attempt
    holds_slot  whether nothing else may be asked of its order while it is open
    given_back  attempts that its end gave back to the buyer
    extensions  how often the deadline of this wait was made later
    quoted      the quote before an offer's fee, or what was deducted for the goods, came off it
    claimed_by, claimed_at  the support person who took the case, and when they last did something to it
    first_yes   the support person who approved first, where a second one must agree
    parcel      what the carrier or warehouse said about holding it
    appeals     how often the buyer appealed
    money_sent  the refund may have been handed to its provider; nothing can be recalled any more
    moved_to    where the parcel went after the case opened (I5)
    late_parcel where its parcel came to although the order had been cancelled; `late_parcel_way`: what becomes of it
    goes_on_in  the case of the same order in which its conversation goes on; None: in itself
    worth       the list price of all that is gone of the order once this is granted, which limits look at; None on rows
                from before it was kept
    rest        the pieces of the order that go on if this request is granted, by line id, as known when it was made
    words       what its card says of buyer and goods; None on rows from before there were cards
    preorder    whether it is about a pre-order, which may have answer times of its own
    outbox      effects promised and not yet known to have happened
    wake_at     when the sweep must look: the deadline with its grace, the next try, the end of the lease
    lease_until, leased_to   until when one deliverer alone has the outbox, and which
    """

    case_id: str
    kind: Kind
    order_id: str
    platform: str
    buyer_id: str
    seller_id: str
    state: State
    asked: Asked
    lines: Mapping[str, int]
    quote: Quote
    policy: PolicyMark
    attempt: int
    created_at: datetime
    updated_at: datetime
    order_status: OrderStatus
    display_id: str | None = None
    reference: str | None = None
    words: CardWords | None = None
    preorder: bool = False
    rest: Mapping[str, int] = field(default_factory=dict)
    worth: int | None = None
    outcome: Outcome | None = None
    deadline_at: datetime | None = None
    if_silent: Silence | None = None
    offer: Offer | None = None
    rounds: int = 0
    decision: Decision | None = None
    refund: Refund | None = None
    goods: Goods | None = None
    way_back: WayBack | None = None
    dismissed: Mapping[str, int] = field(default_factory=dict)
    lapsed: bool = False
    ran_out: State | None = None
    agreed: bool = False
    quoted_at: OrderStatus | None = None
    amended: bool = False
    holds_slot: bool = True
    given_back: int = 0
    extensions: int = 0
    quoted: Quote | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    first_yes: str | None = None
    parcel: ParcelWord | None = None
    appeals: int = 0
    money_sent: bool = False
    moved_to: OrderStatus | None = None
    late_parcel: OrderStatus | None = None
    late_parcel_way: ParcelWay | None = None
    goes_on_in: str | None = None
    closed_at: datetime | None = None
    run: int = 1
    turn: int = 1
    rev: int = 0
    entries: int = 0
    head: str = ""
    decision_id: str = ""
    outbox: Mapping[Promise, Pending] = field(default_factory=dict)
    wake_at: datetime | None = None
    leased_to: Deliverer = Deliverer.EXECUTION
    lease_until: datetime | None = None

    @property
    def name_for_people(self) -> str:
        """What people read instead of its order's id."""
        return (self.display_id or "").strip() or self.order_id

    @property
    def number(self) -> str:
        """What people read and say instead of its id: mostly the same."""
        return self.reference or self.case_id

    @property
    def tracking_numbers(self) -> frozenset[str]:
        """Of parcels that were named in the case itself: sent back, or said to have left already."""
        told = (self.goods and self.goods.tracking_number, self.decision and self.decision.tracking_number)
        return frozenset(number for number in told if number)

    @property
    def refund_id(self) -> str:
        """One refund per case, so one id (I4)."""
        return refund_id_of(self.case_id)

    @property
    def waiting_for(self) -> Role | None:
        """Whose move it is. Goods that were sent back, or called back on their way, are the seller's to confirm."""
        if self.state is State.AWAITING_GOODS and self.goods and (self.goods.sent_at or self.kind is not Kind.RETURN):
            return Role.SELLER
        return WAITING_FOR[self.state]

    @property
    def is_granted(self) -> bool:
        """Whether the request is granted, though the goods or the money may still be on their way."""
        return self.refund is not None or self.goods is not None

    @property
    def granted_lines(self) -> Mapping[str, int]:
        """The pieces that go once this is granted: those asked for, less what was dismissed; none where the buyer keeps
        them."""
        if self.keeps_goods:
            return {}
        left = {line_id: quantity - self.dismissed.get(line_id, 0) for line_id, quantity in self.lines.items()}
        return {line_id: quantity for line_id, quantity in left.items() if quantity}

    @property
    def list_price(self) -> Money:
        """What its pieces cost before anything came off: what limits of a day look at."""
        return Money(self.full_quote.list_price, self.quote.currency)

    @property
    def at_stake(self) -> Money:
        """The same with all that is gone of the order already: what limits of an order look at."""
        # Of rows from before it was kept: cash that was not collected yet brings no refund, and is no less worth.
        known = max(self.full_quote.refund_total, self.full_quote.list_price) if self.worth is None else self.worth
        return Money(known, self.quote.currency)

    @property
    def full_quote(self) -> Quote:
        """The quote before any offer's fee, and before anything was deducted or dismissed."""
        return self.quoted or self.quote

    @property
    def ending(self) -> str | None:
        """How it ended, as people are told: its outcome, whether a part goes on, whether goods came back, or whose
        silence ended it."""
        whose = {State.AWAITING_BUYER: "offer_lapsed", State.AWAITING_GOODS: "not_sent"}
        if self.outcome is Outcome.CANCELLED and self.is_of_some:
            return "cancelled_some"
        if self.outcome is Outcome.RETURNED and self.is_money_alone:
            return "money_alone"
        if self.outcome is not None and self.is_goodwill:
            return "goodwill"
        if self.outcome is not None and self.keeps_goods:
            return "kept_goods"
        return whose.get(self.ran_out, self.outcome) if self.ran_out else self.outcome

    @property
    def is_of_some(self) -> bool:
        """Whether it is to cancel a part of what the order still held, so that the rest of the order goes on."""
        return self.kind is Kind.CANCELLATION and bool(self.rest)

    @property
    def is_promised(self) -> bool:
        """Whether the buyer was promised their money: both sides agreed, or the goods were asked back for it."""
        # Of rows from before `agreed` was kept, what led to customer service tells.
        yes = self.decision is not None and self.decision.command in (Command.APPROVE, Command.ACCEPT_OFFER)
        by_both = yes and self.decision is not None and self.decision.by.role is not Role.SUPPORT
        return self.agreed or self.goods is not None or (self.state is State.AWAITING_SUPPORT and by_both)

    @property
    def is_money_alone(self) -> bool:
        """Whether it asks, after delivery, for money without that goods come back."""
        return self.kind is Kind.RETURN and not self.asked.goods_come_back

    @property
    def is_goodwill(self) -> bool:
        """Whether customer service gave money without a request: nothing of the order goes by it."""
        return self.kind is Kind.CORRECTION and self.asked.reason_code in frozenset(GivenFor)

    @property
    def partial_refund_agreed(self) -> int | None:
        """What goes back, in minor units, where the buyer agreed to keep the goods for it, though a second person may
        still have to agree."""
        return self.offer.partial_refund if self.offer and self.offer.accepted else None

    @property
    def keeps_goods(self) -> bool:
        """Whether the buyer keeps the goods and the order goes on, with a part of the money given back."""
        return self.partial_refund_agreed is not None and self.refund is not None

    @property
    def ends_as(self) -> Outcome:
        """The outcome of a request that is granted."""
        if self.is_goodwill or self.keeps_goods:
            return Outcome.SETTLED
        return Outcome.RETURNED if self.kind is Kind.RETURN else Outcome.CANCELLED

    @property
    def open(self) -> bool:
        """Whether the case still holds its order's slot."""
        return self.state is not State.CLOSED


WAITING_FOR: Mapping[State, Role | None] = {
    State.AWAITING_SELLER: Role.SELLER,
    State.AWAITING_BUYER: Role.BUYER,
    State.AWAITING_SUPPORT: Role.SUPPORT,
    State.AWAITING_GOODS: Role.BUYER,
    State.REFUNDING: Role.SYSTEM,
    State.CLOSED: None,
}
