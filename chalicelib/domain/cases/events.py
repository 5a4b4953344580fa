"""Events for integrators: what happened, with ids and money, never with addresses or words people wrote. `person.tell`
alone holds a mail's text, and is published when that mail would have gone.

One class per event. It is built by the step that promises it and frozen in the same transaction: whenever it is
delivered, it says what was true at the decision. To its own fields every event adds those of its case (`EventHead`).
docs/events.md is made from these docstrings.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from chalicelib.domain.money.booking import ToBook

# Who tells events, in CloudEvents' word; and the version of what all of them say, which rises where a field changes its
# meaning or goes.
SOURCE = "/batal"
_SCHEMA_VERSION = 1


class EventName(StrEnum):
    """What is published under which name."""

    CASE_OPENED = "case.opened"
    CASE_CLOSED = "case.closed"
    CASE_ESCALATED = "case.escalated"
    CASE_REOPENED = "case.reopened"
    CASE_OFFER_MADE = "case.offer_made"
    CASE_OFFER_DECLINED = "case.offer_declined"
    CASE_PARTIAL_REFUND_AGREED = "case.partial_refund_agreed"
    CASE_AMENDED = "case.amended"
    CASE_PARCEL_MOVED = "case.parcel_moved"
    ORDER_HOLD_SHIPMENT = "order.hold_shipment"
    ORDER_RELEASE_SHIPMENT = "order.release_shipment"
    ORDER_RECALL_SHIPMENT = "order.recall_shipment"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_RETURNED = "order.returned"
    ORDER_SHIPPED_AFTER_CANCELLATION = "order.shipped_after_cancellation"
    ORDER_LATE_PARCEL_SETTLED = "order.late_parcel_settled"
    ORDER_CHANGE_AGREED = "order.change_agreed"
    ORDER_CHARGEBACK = "order.chargeback"
    RETURN_APPROVED = "return.approved"
    RETURN_SHIPPED = "return.shipped"
    RETURN_CONTESTED = "return.contested"
    REFUND_REQUESTED = "refund.requested"
    REFUND_OVERDUE = "refund.overdue"
    REFUND_FAILED = "refund.failed"
    REFUND_GIVE_BACK = "refund.give_back"
    REFUND_PART_CHANGED = "refund.part_changed"
    PERSON_TELL = "person.tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """So many of a line."""

    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfRefund:
    """What goes back of one tender, in minor units: its id and channel as the order told them. `part` is its name in
    the refund; `key` stands for this try and no other: whoever is asked twice under one key pays once. With
    `account_ending` it does not go back the way it came, but to an account of the buyer's with these last digits:
    `GET /v1/refunds/{refund_id}/payout-account` gives it to whoever has to pay it."""

    method: str
    amount: int
    tender_id: str
    channel: str | None = None
    part: str | None = None
    key: str | None = None
    account_ending: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventHead:
    """What every event says of its case, as the decision left it. `sequence` counts the case's decisions."""

    case_id: str
    kind: str
    order_id: str
    platform: str
    buyer_id: str
    seller_id: str
    state: str
    outcome: str | None
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; `name` is what it is published under."""

    name: ClassVar[EventName]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A buyer asked to cancel or to return these pieces, or a seller cannot deliver them. Nothing need be done yet."""

    name: ClassVar[EventName] = EventName.CASE_OPENED
    lines: Sequence[Piece]
    answer_by: datetime | None = None
    if_silent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """The case has its outcome; nobody waits for anything any more."""

    name: ClassVar[EventName] = EventName.CASE_CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEscalated(Event):
    """Customer service decides now, by `decide_by`."""

    name: ClassVar[EventName] = EventName.CASE_ESCALATED
    decide_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(Event):
    """Customer service looks again at a closed case, after an appeal or by itself, until `decide_by`."""

    name: ClassVar[EventName] = EventName.CASE_REOPENED
    decide_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOfferMade(Event):
    """An offer lies before the buyer: to cancel against a `fee`, another way, or to keep the goods and get a
    `partial_refund` back (minor units). They answer by `answer_by`."""

    name: ClassVar[EventName] = EventName.CASE_OFFER_MADE
    fee: int | None = None
    partial_refund: int | None = None
    currency: str
    alternative: str | None = None
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOfferDeclined(Event):
    """The buyer declined the offer; the seller answers once more, by `answer_by`."""

    name: ClassVar[EventName] = EventName.CASE_OFFER_DECLINED
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePartialRefundAgreed(Event):
    """The buyer keeps these pieces and gets `partial_refund` (minor units) back under `refund_id`: the order goes on as
    it is, and nothing of it is cancelled. `offered_by` is `seller` or `support`; `to_book` says what the seller's
    payout loses by it: all of it where the seller offered it, else nothing."""

    name: ClassVar[EventName] = EventName.CASE_PARTIAL_REFUND_AGREED
    lines: Sequence[Piece]
    currency: str
    partial_refund: int
    refund_id: str
    offered_by: str
    to_book: ToBook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseParcelMoved(Event):
    """The order moved on while its case was open; where to, and under which tracking number if it is known."""

    name: ClassVar[EventName] = EventName.CASE_PARCEL_MOVED
    order_status: str
    tracking_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAmended(Event):
    """The order was told anew while its case was open, and the money of the request with it: `refund_total` goes back
    where it is granted, `refund_before` was said until now. Money in minor units."""

    name: ClassVar[EventName] = EventName.CASE_AMENDED
    currency: str
    refund_total: int
    refund_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldShipment(Event):
    """Do not ship these pieces while the request is open; `until` is the present deadline, and later ones may follow.
    It ends with `order.release_shipment` or `order.cancelled`."""

    name: ClassVar[EventName] = EventName.ORDER_HOLD_SHIPMENT
    lines: Sequence[Piece]
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReleaseShipment(Event):
    """These pieces may go on: the request ended without cancelling them, or cancelled others of the order."""

    name: ClassVar[EventName] = EventName.ORDER_RELEASE_SHIPMENT
    lines: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecallShipment(Event):
    """The request is granted, but these pieces have left: call them back. The money waits for them; customer service
    looks at `until`."""

    name: ClassVar[EventName] = EventName.ORDER_RECALL_SHIPMENT
    lines: Sequence[Piece]
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    """These pieces are cancelled: take them out of the order, and put them back on sale. Money in minor units:
    `refund_total` goes back, `fees_total` was kept; `fault` names who caused it, and `to_book` says what accounts and
    payouts need: the lines of a credit note, who had paid for discounts, what the seller's payout loses, what stays
    behind, and what is to be collected now (nothing: release the payment)."""

    name: ClassVar[EventName] = EventName.ORDER_CANCELLED
    lines: Sequence[Piece]
    fault: str
    currency: str
    refund_total: int
    fees_total: int
    to_book: ToBook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturned(Event):
    """These pieces came back, and their money goes back. Money and `to_book` as in `order.cancelled`; the way back was
    paid by `way_back_paid_by`. Where `goods_came_back` is false the buyer never had them: the money goes back, and
    there is nothing to put on sale."""

    name: ClassVar[EventName] = EventName.ORDER_RETURNED
    lines: Sequence[Piece]
    fault: str
    currency: str
    refund_total: int
    fees_total: int
    goods_came_back: bool = True
    to_book: ToBook | None = None
    way_back_paid_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShippedAfterCancellation(Event):
    """A parcel left, or arrived, although its order had been cancelled and `refund_total` promised or sent.

    Stop it if you can. Customer service decides what becomes of it: `order.late_parcel_settled`.
    """

    name: ClassVar[EventName] = EventName.ORDER_SHIPPED_AFTER_CANCELLATION
    order_status: str
    tracking_number: str | None
    lines: Sequence[Piece]
    currency: str
    refund_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLateParcelSettled(Event):
    """What becomes of a parcel that left after the cancellation: `recall` it; the buyer `keeps` the goods and pays
    `amount` again; or the buyer `returns` them at the platform's cost."""

    name: ClassVar[EventName] = EventName.ORDER_LATE_PARCEL_SETTLED
    way: str
    lines: Sequence[Piece]
    currency: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChangeAgreed(Event):
    """Instead of cancelling, buyer and seller agreed on `alternative` for these pieces: `change_address`,
    `change_variant` or `change_payment`. Make the change, then let the order go on."""

    name: ClassVar[EventName] = EventName.ORDER_CHANGE_AGREED
    lines: Sequence[Piece]
    alternative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChargeback(Event):
    """What you told of a chargeback about this tender, and what becomes of the refund that it concerns: its `parts` are
    those by that tender that have not gone. Where they wait (`waits`), do not pay those that you have not paid yet:
    they are asked for again, by `refund.requested`, once they may go. `charged_back` is what of the refund does not go
    any more, in minor units, since the bank gave it; the bank wants its answer by `due_by`."""

    name: ClassVar[EventName] = EventName.ORDER_CHARGEBACK
    tender_id: str
    chargeback_id: str | None
    chargeback_state: str
    amount: int
    due_by: datetime | None
    refund_id: str
    currency: str
    waits: bool
    charged_back: int
    parts: Sequence[PartOfRefund]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnApproved(Event):
    """The buyer may send these pieces back, by `send_by`: give them a label, a code or an address
    (`POST /v1/cases/{id}/return-label`), at the cost of `way_back_paid_by`: buyer, seller or platform."""

    name: ClassVar[EventName] = EventName.RETURN_APPROVED
    lines: Sequence[Piece]
    send_by: datetime | None = None
    way_back_paid_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnShipped(Event):
    """The buyer sent these pieces back. Follow them, and tell when the carrier has them (`picked_up`) and when they are
    with the seller (`delivered`): `POST /v1/cases/{id}/parcel`. Where nobody has said by `confirm_by` that they
    arrived, `if_silent` happens: `escalate`, customer service looks; or `approve`, the money goes."""

    name: ClassVar[EventName] = EventName.RETURN_SHIPPED
    lines: Sequence[Piece]
    tracking_number: str
    carrier: str | None = None
    confirm_by: datetime | None = None
    if_silent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnContested(Event):
    """The seller says that something is wrong with these pieces: `not_arrived`, `damaged`, `not_as_sent` or
    `incomplete`. Customer service decides, and the money waits."""

    name: ClassVar[EventName] = EventName.RETURN_CONTESTED
    fault: str
    lines: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(Event):
    """Pay these parts back by their methods, once per `refund_id`, and tell how it went."""

    name: ClassVar[EventName] = EventName.REFUND_REQUESTED
    refund_id: str
    currency: str
    parts: Sequence[PartOfRefund]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOverdue(Event):
    """Nobody has told how these parts went; they were asked for again. Look after them."""

    name: ClassVar[EventName] = EventName.REFUND_OVERDUE
    refund_id: str
    currency: str
    parts: Sequence[PartOfRefund]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(Event):
    """These parts could not be paid back and stay due."""

    name: ClassVar[EventName] = EventName.REFUND_FAILED
    refund_id: str
    currency: str
    parts: Sequence[PartOfRefund]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundGiveBack(Event):
    """Give these vouchers and coins back to the buyer, once per `refund_id`, and tell of each part how that went
    (`/v1/refunds/{refund_id}/parts/{part}/events`)."""

    name: ClassVar[EventName] = EventName.REFUND_GIVE_BACK
    refund_id: str
    currency: str
    parts: Sequence[PartOfRefund]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPartChanged(Event):
    """How far one part has come by now, as it was told or a person decided: `due` (asked for again), `sent`,
    `pending`, `succeeded`, `failed`, `reversed` (it went, and came back), `held` (a person has to look),
    `needs_account` (do not pay it: the buyer was asked where it should go), `redirected` (do not pay it any more:
    another part goes instead)."""

    name: ClassVar[EventName] = EventName.REFUND_PART_CHANGED
    refund_id: str
    currency: str
    part: PartOfRefund
    part_state: str
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTell(Event):
    """Tell this person what stands in `text`, by your own app or chat: no mail of ours can reach them. It comes instead
    of one mail of this `mail_kind`, in its language (`locale`), in the order in which mails would have come, and is
    written when it goes out. `link` leads to the case; of a seller who is asked to decide it is the signed link that
    lets whoever holds it decide, so hand it to nobody else. Text and link are for `role` and `person_id` alone."""

    name: ClassVar[EventName] = EventName.PERSON_TELL
    role: str
    person_id: str
    mail_kind: str
    locale: str
    subject: str
    text: str
    link: str


def frozen(event: Event, head: EventHead) -> dict[str, Any]:
    """The event as it is kept and published: plain JSON values, what is unknown as null."""
    return {name: _plain(value) for name, value in {**asdict(head), **asdict(event)}.items()}


def stamp(at: datetime) -> str:
    """A moment as events tell it: RFC 3339, UTC."""
    return at.isoformat().replace("+00:00", "Z")


def schema_id(name: str) -> str:
    """The name of the JSON Schema of what an event of this name says (docs/events)."""
    return f"urn:batal:event:{name}:{_SCHEMA_VERSION}"


def digest_of(payload: Mapping[str, Any]) -> str:
    """SHA-256 over a payload in canonical JSON: sorted keys, no spaces."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value
