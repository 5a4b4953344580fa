"""What can be said to a case: one dataclass per command, with exactly what belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, get_args

from chalicelib.domain.cases.choices import Alternative, Channel, GoodsFault, ParcelWay, ParcelWord
from chalicelib.domain.cases.events import Piece
from chalicelib.domain.money.chargebacks import ChargebackOf
from chalicelib.domain.money.payout import AccountKept
from chalicelib.domain.money.quote import Quote
from chalicelib.domain.money.refund import Instead, Report, Told
from chalicelib.domain.orders.chargebacks import ChargebackState, ChargebackWord
from chalicelib.domain.orders.methods import Method
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.reasons import Kind, RefusingReason


class Command(StrEnum):
    """Everything that can be said to a case. Outside the table are ASK (asking.py) and CORRECT (corrections.py), which
    open one, and what decides nothing: DELIVER_AGAIN (held.py), JOIN and SEPARATE (joining.py)."""

    ASK = "ask"
    APPROVE = "approve"
    REJECT = "reject"
    OFFER = "offer"
    ACCEPT_OFFER = "accept_offer"
    DECLINE_OFFER = "decline_offer"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    ORDER_MOVED = "order_moved"
    PARCEL_ANSWERED = "parcel_answered"
    EXTEND = "extend"
    CLAIM = "claim"
    CONFIRM = "confirm"
    APPEAL = "appeal"
    REOPEN = "reopen"
    SHIPPED_BACK = "shipped_back"
    GOODS_RECEIVED = "goods_received"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_FAILED = "refund_failed"
    DELIVER_AGAIN = "deliver_again"
    SETTLE_PARCEL = "settle_parcel"
    CONTEST_GOODS = "contest_goods"
    RETURN_LABEL = "return_label"
    AMENDED = "amended"
    CORRECT = "correct"
    PART_TOLD = "part_told"
    RETRY_PART = "retry_part"
    REDIRECT_PART = "redirect_part"
    RESOLVE_PART = "resolve_part"
    PAY_OUT = "pay_out"
    CHARGEBACK_TOLD = "chargeback_told"
    JOIN = "join"
    SEPARATE = "separate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The buyer (or support for them, or a seller who cannot deliver) asks.

    lines          quantities per line id; None: all that is left
    quote_id       the quote that was shown
    on_behalf_of   the buyer for whom somebody else asks
    """

    command: ClassVar[Command] = Command.ASK
    reason_code: str | None
    channel: Channel
    accept_terms: bool
    comment: str | None = None
    lines: Mapping[str, int] | None = None
    quote_id: str | None = None
    on_behalf_of: str | None = None
    kind: Kind = Kind.CANCELLATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """A yes; customer service says why in its note, here as in all that it says.

    A seller who says yes since they cannot deliver names a reason of theirs: then it is they who are at fault. With
    their yes to a return goes where the goods go. Customer service, deciding on goods that are back, may keep a
    `deduction` (minor units), and name the pieces that count as returned, the others being dismissed. It may also take
    less of a `fee` (minor units) than was quoted, or none.
    """

    command: ClassVar[Command] = Command.APPROVE
    reason_code: str | None = None
    return_address: str | None = None
    pickup_code: str | None = None
    deduction: int | None = None
    lines: tuple[Piece, ...] | None = None
    fee: int | None = None
    comment: str | None = None
    note: str | None = None

    @property
    def reckons(self) -> bool:
        """Whether it grants less, or says anew how much, for goods that are back."""
        return self.deduction is not None or self.lines is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A no, and why. Who says that the parcel has left gives its tracking number."""

    command: ClassVar[Command] = Command.REJECT
    reason_code: RefusingReason
    comment: str | None = None
    tracking_number: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer:
    """Exactly one of a `fee` (minor units) against which to cancel, another way than cancelling, and a
    `partial_refund` (minor units) for which the buyer keeps the goods."""

    command: ClassVar[Command] = Command.OFFER
    fee: int | None = None
    alternative: Alternative | None = None
    partial_refund: int | None = None
    comment: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOffer:
    """The buyer agrees to what was offered."""

    command: ClassVar[Command] = Command.ACCEPT_OFFER
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOffer:
    """The buyer does not agree to what was offered."""

    command: ClassVar[Command] = Command.DECLINE_OFFER
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """The buyer takes the request back."""

    command: ClassVar[Command] = Command.WITHDRAW
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """Silence speaks: the deadline has come and nobody answered."""

    command: ClassVar[Command] = Command.EXPIRE


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """The order was told anew while the case was open: what the same request would have brought `before`, and what it
    brings `after`."""

    command: ClassVar[Command] = Command.AMENDED
    before: Quote
    after: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All pieces of an order that are still there, by line id, and the money that goes back for them."""

    lines: Mapping[str, int]
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct:
    """Money goes back without a request: the platform cancelled an order by itself, money came late, or customer
    service gives some as goodwill. `reason` is the platform's own word, or a code; customer service says why in its
    `note`."""

    command: ClassVar[Command] = Command.CORRECT
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMoved:
    """The order went to another status while the case was open, and its money may have changed along.
    `whole`: its platform cancelled it, and the money of all of it goes back through Batal."""

    command: ClassVar[Command] = Command.ORDER_MOVED
    order_status: OrderStatus
    tracking_number: str | None = None
    amended: Amended | None = None
    whole: Whole | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelAnswered:
    """Warehouse or carrier answer the request to hold the parcel, or say how far goods on their way back have come;
    `at` is their own time, UTC."""

    command: ClassVar[Command] = Command.PARCEL_ANSWERED
    word: ParcelWord
    at: datetime | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """A later deadline, UTC."""

    command: ClassVar[Command] = Command.EXTEND
    until: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One of customer service takes the case."""

    command: ClassVar[Command] = Command.CLAIM
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """The second person of customer service agrees."""

    command: ClassVar[Command] = Command.CONFIRM
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """The buyer asks customer service to look again, and says why."""

    command: ClassVar[Command] = Command.APPEAL
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """Customer service looks again by itself."""

    command: ClassVar[Command] = Command.REOPEN
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedBack:
    """The buyer sent the goods back; said again it corrects the numbers."""

    command: ClassVar[Command] = Command.SHIPPED_BACK
    tracking_number: str
    carrier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceived:
    """The goods are back."""

    command: ClassVar[Command] = Command.GOODS_RECEIVED
    comment: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestGoods:
    """Something is wrong with goods that came back, or they did not come; `lines`: with these pieces, or with all."""

    command: ClassVar[Command] = Command.CONTEST_GOODS
    fault: GoodsFault
    comment: str | None = None
    lines: tuple[Piece, ...] | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLabel:
    """The marketplace's systems give the buyer what they need to send goods back; what is None stays as it was."""

    command: ClassVar[Command] = Command.RETURN_LABEL
    label_url: str | None = None
    pickup_code: str | None = None
    address: str | None = None
    carrier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSucceeded:
    """A payment provider says, under an id of its own, that `amount` (minor units) has gone: all that was open."""

    command: ClassVar[Command] = Command.REFUND_SUCCEEDED
    event_id: str
    amount: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed:
    """A payment provider says, under an id of its own, that `amount` (minor units) did not go, or came back: all that
    was open, or all that had gone."""

    command: ClassVar[Command] = Command.REFUND_FAILED
    event_id: str
    amount: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTold:
    """Whoever pays a part of a refund says how it goes; `by_provider`: whom Batal asked for it itself."""

    command: ClassVar[Command] = Command.PART_TOLD
    report: Report
    by_provider: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackTold:
    """A word about a chargeback, which the order has taken in already, is heard by a case whose refund it concerns."""

    command: ClassVar[Command] = Command.CHARGEBACK_TOLD
    told: ChargebackOf


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPart:
    """A person has a part of a refund asked for again."""

    command: ClassVar[Command] = Command.RETRY_PART
    part: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectPart:
    """A person has a part of a refund that failed go to the buyer's wallet instead, or to an account that the buyer is
    asked for."""

    command: ClassVar[Command] = Command.REDIRECT_PART
    part: str
    note: str
    to: Instead = Instead.WALLET


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvePart:
    """A person says that a part of a refund went by hand, and under which reference."""

    command: ClassVar[Command] = Command.RESOLVE_PART
    part: str
    reference: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayOut:
    """The buyer, or customer service for them, says where money goes that cannot go the way it came; without an
    account it goes into the wallet."""

    command: ClassVar[Command] = Command.PAY_OUT
    account: AccountKept | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleParcel:
    """Customer service says what becomes of a parcel that left after the cancellation."""

    command: ClassVar[Command] = Command.SETTLE_PARCEL
    way: ParcelWay
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverAgain:
    """An operator lets go out what was held, or customer service sends a mail once more, and says why in the note."""

    command: ClassVar[Command] = Command.DELIVER_AGAIN
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Customer service lets the conversation of a case go on in another case of its order, whose id is `into`."""

    command: ClassVar[Command] = Command.JOIN
    into: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Separate:
    """Customer service lets a joined conversation go on by itself again."""

    command: ClassVar[Command] = Command.SEPARATE
    note: str


Said = (
    Ask
    | Approve
    | Reject
    | MakeOffer
    | AcceptOffer
    | DeclineOffer
    | Withdraw
    | Expire
    | OrderMoved
    | ParcelAnswered
    | Extend
    | Claim
    | Confirm
    | Appeal
    | Reopen
    | ShippedBack
    | GoodsReceived
    | RefundSucceeded
    | RefundFailed
    | SettleParcel
    | DeliverAgain
    | ContestGoods
    | ReturnLabel
    | Amended
    | Correct
    | PartTold
    | RetryPart
    | RedirectPart
    | ResolvePart
    | PayOut
    | ChargebackTold
    | Join
    | Separate
)
# What is said, by its command.
SAYINGS: Mapping[Command, type[Said]] = {kind.command: kind for kind in get_args(Said)}


_NO_CHARGEBACK = ChargebackOf(tender_id="?", word=ChargebackWord(event_id="?", state=ChargebackState.INQUIRY, amount=1))
_NO_MONEY = Quote(quote_id="?", currency="?", paid=0, refund_total=0, fees_total=0, lines=(), tenders=())


_AN_ACCOUNT = AccountKept(account_id="?", method=Method.BANK, channel="?", ending="?", initials="?", fingerprint="?")


def examples(now: datetime) -> tuple[Said, ...]:
    """One of each that can be said to a case, as plain as it can be: what is tried to find out what may be said."""
    return (
        Approve(note="?"),
        Reject(reason_code=RefusingReason.OTHER, note="?"),
        MakeOffer(fee=1, note="?"),
        AcceptOffer(),
        DeclineOffer(),
        Withdraw(),
        Expire(),
        OrderMoved(order_status=OrderStatus.SHIPPED),
        ParcelAnswered(word=ParcelWord.HELD),
        Extend(until=now, note="?"),
        Claim(note="?"),
        Confirm(note="?"),
        Appeal(comment="?"),
        Reopen(note="?"),
        ShippedBack(tracking_number="?"),
        GoodsReceived(note="?"),
        RefundSucceeded(event_id="?", amount=1),
        RefundFailed(event_id="?", amount=1),
        SettleParcel(way=ParcelWay.RECALL, note="?"),
        ContestGoods(fault=GoodsFault.NOT_ARRIVED, note="?"),
        ReturnLabel(pickup_code="?"),
        Amended(before=_NO_MONEY, after=_NO_MONEY),
        PartTold(report=Report(event_id="?", part="1", told=Told.PENDING, amount=1, at=now)),
        RetryPart(part="1", note="?"),
        RedirectPart(part="1", note="?"),
        ResolvePart(part="1", reference="?", note="?"),
        PayOut(account=_AN_ACCOUNT, note="?"),
        ChargebackTold(told=_NO_CHARGEBACK),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people may say along with any command, as the case's decision and its timeline keep it."""

    reason_code: str | None = None
    comment: str | None = None
    note: str | None = None
    tracking_number: str | None = None


def words_of(said: Said) -> Words:
    """The words of a command; None for those that do not belong to it."""
    return Words(**{name: getattr(said, name, None) for name in Words.__slots__})
