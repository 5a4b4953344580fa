"""What answers hold, as types: mypy checks shapes.py against them, and openapi.py documents them.

Amounts are in the currency's minor unit; times are RFC 3339, UTC.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Generic, Literal, NotRequired, TypedDict, TypeVar, get_args

from msgspec import Meta

from chalicelib.domain.cases.case import Outcome, State
from chalicelib.domain.cases.choices import Alternative, Channel, GoodsFault, ParcelWay, ParcelWord
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.cases.goods import WayBack
from chalicelib.domain.money.quote import QuoteTender
from chalicelib.domain.orders.body import (
    Charge,
    Discount,
    Fulfilment,
    LineDiscount,
    Package,
    Preorder,
    Presentment,
    Quantities,
    Reach,
    RefundElsewhere,
    Relation,
    Tender,
)
from chalicelib.domain.orders.chargebacks import ChargebackState
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Role
from chalicelib.domain.people.mail_stops import Why
from chalicelib.domain.policies.days_off import DayOff
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.odds import Level, OddsScope
from chalicelib.domain.policies.policy import Rating, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.zones import Zone
from chalicelib.edge.bodies import SupportChannel
from chalicelib.edge.moments import Moment
from chalicelib.edge.refunds import FirstWishAnswer, RefundAnswer

A = TypeVar("A")

# Ways to reach customer service (bodies.SupportChannel), as they are kept.
HelpChannel = Annotated[str, Meta(extra_json_schema={"enum": list(get_args(SupportChannel))})]


class Listed(TypedDict, Generic[A]):
    """A list, and the cursor of what follows; null at its end."""

    items: Sequence[A]
    next_cursor: str | None


class Explained(TypedDict):
    """A stable code and its text in the caller's language."""

    code: str
    message: str


class PolicyNamed(TypedDict):
    """A version of a policy."""

    name: str
    version: int


class PersonAnswer(TypedDict):
    """A buyer or seller; neither sees a way to reach the other."""

    id: str
    name: str
    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    locale: NotRequired[str]
    contact: NotRequired[Reach]
    zone: NotRequired[Zone | None]
    shop_name: NotRequired[str | None]


class OrderLineAnswer(TypedDict):
    """An article, and how much of it was cancelled or returned."""

    line_id: str
    sku: str | None
    name: str
    category: str | None
    quantity: int
    cancelled_quantity: int
    returned_quantity: int
    unit_price: int
    package: str | None
    discounts: Sequence[LineDiscount]
    tax: int | None
    shipping: int | None
    tax_included: bool | None
    parent_line_id: str | None
    relation: Relation | None
    quantities: Quantities | None
    variant: str | None
    image_url: str | None


class AccountAnswer(TypedDict):
    """The money of one tender, in minor units: what arrived, what is to be paid for what stands, what Batal
    promised back, what went back elsewhere, and what stays behind as a fee."""

    collected: int
    due: int
    taken: int
    given: int
    kept: int


class MoneyAnswer(TypedDict):
    """The money of an order, per tender id: `unexplained` was collected for nothing, and waits for a person. `goodwill`
    went back though no piece did."""

    accounts: Mapping[str, AccountAnswer]
    unexplained: Mapping[str, int]
    goodwill: int


class ChargebackWordAnswer(TypedDict):
    """What was told of a chargeback, and when; what was not `taken` changed nothing."""

    event_id: str
    state: ChargebackState
    amount: int
    due_by: Moment | None
    at: Moment | None
    taken: bool


class ChargebackAnswer(TypedDict):
    """What a bank disputes, or disputed, of a tender, and by when it wants an answer. `paid_as_well` is what Batal
    promised or paid by that tender of the money that the bank gave, too: a person looks at it."""

    tender_id: str
    chargeback_id: str | None
    state: ChargebackState
    amount: int
    due_by: Moment | None
    paid_as_well: int
    words: Sequence[ChargebackWordAnswer]


class OrderAnswer(TypedDict):
    """An order: what the OMS said, with the status Batal knows and what it did to it. `chargebacks` are for staff and
    systems. `goodwill_waits`, for staff where one order is read: what one of customer service wants to give, until a
    second one says the same."""

    order_id: str
    platform: str
    version: int
    status: OrderStatus
    status_version: int
    buyer: PersonAnswer
    seller: PersonAnswer
    placed_at: Moment
    paid_at: Moment | None
    delivered_at: Moment | None
    shipped_after_cancellation: bool
    currency: str
    lines: Sequence[OrderLineAnswer]
    shipping_fee: int
    service_fee: int
    tax: int
    discounts: Sequence[Discount]
    tenders: Sequence[Tender]
    fulfilment: Fulfilment
    display_id: str | None
    payment_id: str | None
    tax_included: bool
    charges: Sequence[Charge]
    packages: Sequence[Package]
    refunds: Sequence[RefundElsewhere]
    given_elsewhere: Mapping[str, int]
    money: MoneyAnswer
    cancel_reason: str | None
    shipping_service: str | None
    shipment_arranged_at: Moment | None
    preorder: Preorder | None
    presentment: Presentment | None
    tracking_number: str | None
    carrier: str | None
    open_case: str | None
    cases: Sequence[str]
    attempts: int
    goodwill_waits: NotRequired[FirstWishAnswer | None]
    chargebacks: NotRequired[Sequence[ChargebackAnswer]]


class ClaimAnswer(TypedDict):
    """That a parcel may leave, and with which pieces."""

    claimed: bool
    order_id: str
    package_id: str | None
    lines: Sequence["LineAnswer"]


class AppliedAnswer(TypedDict):
    """Whether a push was news, and the order as it is now where it was."""

    applied: bool
    order: NotRequired[OrderAnswer]


class BasedOn(TypedDict):
    """What the chance rests on."""

    cases: int
    granted: int
    scope: OddsScope


# The chance lies between these nine times of ten.
IntervalAnswer = TypedDict("IntervalAnswer", {"from": float, "to": float})


class OddsAnswer(TypedDict):
    """The chance; a probability, and the interval in which it lies nine times of ten, only from 30 answers on."""

    level: Level
    probability: float | None
    interval: IntervalAnswer | None
    based_on: BasedOn
    text: str


class UsualTimeAnswer(TypedDict):
    """How long an answer usually takes, in words and in seconds."""

    text: str
    p50_seconds: int | None
    p90_seconds: int | None


class QuoteLineAnswer(TypedDict):
    """One line of the money, with the rule that made it and that rule in words."""

    label: str
    amount: int
    rule: str
    why: str


class QuoteAnswer(TypedDict):
    """What goes back: the lines add up to `refund_total`, and the tenders do, too. `explanation` says so in sentences,
    in the options and where one case is read."""

    quote_id: str
    currency: str
    paid: int
    refund_total: int
    fees_total: int
    lines: Sequence[QuoteLineAnswer]
    tenders: Sequence[QuoteTender]
    explanation: NotRequired[Sequence[str]]


class ReasonAnswer(TypedDict):
    """A reason to choose, whose fault it names, whether photos are wanted along with it, and whether there are goods
    that can come back: else a yes pays at once."""

    code: str
    label: str
    fault: Fault
    evidence: bool
    goods_come_back: bool
    kind: NotRequired[Kind]
    role: NotRequired[Role]
    statuses: NotRequired[Sequence[OrderStatus]]


class Labelled(TypedDict):
    """A stable code and its label."""

    code: str
    label: str


class ReasonsAnswer(TypedDict):
    """The catalogue of reasons."""

    version: str
    items: Sequence[ReasonAnswer]
    refusing: Sequence[Labelled]
    next_cursor: None


class TermsAnswer(TypedDict):
    """The terms to accept."""

    version: str
    text: str


class GroupAnswer(TypedDict):
    """Pieces that stand alike, and can be asked for together."""

    status: OrderStatus
    lines: Sequence["LineAnswer"]


class OptionsAnswer(TypedDict):
    """All that a buyer should know before asking."""

    order_id: str
    kind: Kind
    eligible: bool
    refusal: Explained | None
    needs: Literal["seller", "none"]
    answer_by: Moment | None
    if_silent: Silence | None
    ships_by: Moment | None
    odds: OddsAnswer
    usual_time: UsualTimeAnswer
    steps: Sequence[str]
    consequences: Sequence[Explained]
    quote: QuoteAnswer
    reasons: Sequence[ReasonAnswer]
    alternatives: Sequence[Explained]
    warnings: Sequence[Explained]
    groups: Sequence[GroupAnswer]
    terms: TermsAnswer
    policy: PolicyNamed


class LineAnswer(TypedDict):
    """A line and how much of it."""

    line_id: str
    quantity: int


class ReasonGiven(TypedDict):
    """Why the buyer asked, whether photos are wanted, and whether there are goods that can come back."""

    code: str | None
    fault: Fault
    comment: str | None
    evidence: bool
    goods_come_back: bool


class OfferAnswer(TypedDict):
    """A counter-proposal; `accepted` is null until the buyer has answered."""

    fee: int | None
    alternative: Alternative | None
    partial_refund: int | None
    comment: str | None
    by: Role | None
    accepted: bool | None


class DecisionAnswer(TypedDict):
    """What was decided last, by which party, and why."""

    command: Command
    by: Role
    at: Moment
    reason_code: str | None
    comment: str | None
    tracking_number: str | None


class TimelineMark(TypedDict):
    """How many entries the timeline has, and the hash of the last."""

    count: int
    head: str


class LateParcelAnswer(TypedDict):
    """Where a parcel came to although its order had been cancelled, and what becomes of it, once somebody said so."""

    status: OrderStatus
    way: ParcelWay | None


class ContestAnswer(TypedDict):
    """What the seller says is wrong with the goods, and with which pieces; all of them where none is named."""

    fault: GoodsFault
    at: Moment
    lines: Sequence[LineAnswer]
    comment: str | None


class GoodsAnswer(TypedDict):
    """Goods that come back before the money goes, and what was heard of them."""

    agreed_at: Moment
    sent_at: Moment | None
    tracking_number: str | None
    carrier: str | None
    picked_up_at: Moment | None
    arrived_at: Moment | None
    contested: ContestAnswer | None


class ActionAnswer(TypedDict):
    """What the caller may say to a case right now: the last word of its address, until when they are waited for, and
    which fields its body needs."""

    action: str
    by: Role
    until: Moment | None
    needs: Sequence[str]


class CaseAnswer(TypedDict):
    """A case, as every party may see it; three fields for staff alone, the last of them where one case is read.
    `reference` is what people say for its id, which it mostly is."""

    case_id: str
    reference: str
    kind: Kind
    order_id: str
    display_id: str | None
    platform: str
    buyer_id: str
    seller_id: str
    state: State
    outcome: Outcome | None
    waiting_for: Role | None
    deadline_at: Moment | None
    if_silent: Silence | None
    reason: ReasonGiven
    lines: Sequence[LineAnswer]
    channel: Channel | None
    terms_version: str | None
    quote: QuoteAnswer
    offer: OfferAnswer | None
    decision: DecisionAnswer | None
    refund: RefundAnswer | None
    goods: GoodsAnswer | None
    way_back: WayBack | None
    dismissed: Sequence[LineAnswer]
    parcel: ParcelWord | None
    late_parcel: LateParcelAnswer | None
    needs_second_person: bool
    buyer_asks_often: bool
    counts_against_seller: bool
    on_behalf_of: str | None
    policy: PolicyNamed
    attempt: int
    run: int
    version: int
    created_at: Moment
    updated_at: Moment
    closed_at: Moment | None
    timeline: TimelineMark
    claimed_by: NotRequired[str | None]
    first_yes: NotRequired[str | None]
    mail_stopped: NotRequired[Sequence[Role]]
    available_actions: NotRequired[Sequence[ActionAnswer]]


class MailStopAnswer(TypedDict):
    """An address that gets no mail, why, since when, and the case whose mail it was."""

    stop_id: str
    address: str
    why: Why
    at: Moment
    case_id: str | None


class EventAnswer(TypedDict):
    """An event in CloudEvents 1.0. `seq` is its number among the events of its order, `prev_seq` that of the one before
    (null for the first): whoever holds less than `prev_seq` has missed one. `correlationid` is the
    X-Request-Id of the request that made it, where one did. `data` is what docs/events.md says."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: EventName
    time: Moment
    subject: str
    datacontenttype: Literal["application/json"]
    dataschema: str
    occurred_at: Moment
    case_id: str
    order_id: str
    seq: int | None
    prev_seq: int | None
    correlationid: NotRequired[str]
    data: Mapping[str, Any]


class EventsAnswer(TypedDict):
    """Some events, and the cursor of what follows: also where nothing does yet (`has_more` false)."""

    items: Sequence[EventAnswer]
    next_cursor: str
    has_more: bool


class LetterAnswer(TypedDict):
    """An event that waits for another attempt, how many it had, and when the next one is."""

    event_id: str
    type: str
    attempts: int
    next_at: Moment


class WebhookAnswer(TypedDict):
    """A receiver of events. `state`: `on`, `away` (it did not answer for a while: one event at a time finds out whether
    it is back) or `off` (nothing is posted until it is enabled). `has_all_up_to`: what was decided until then it has,
    but for what waits and for `dead_letters`, which go out again by themselves once it answers. `secret` is told when
    it is made, and when it is changed; the one before counts until `former_secret_until`."""

    webhook_id: str
    url: str
    types: Sequence[str]
    contact: str | None
    state: Literal["on", "away", "off"]
    off_why: str | None
    off_since: Moment | None
    failing_since: Moment | None
    has_all_up_to: Moment
    waiting: Sequence[LetterAnswer]
    dead_letters: int
    former_secret_until: Moment | None
    created_at: Moment
    secret: NotRequired[str]


class DeliveryAnswer(TypedDict):
    """An attempt: the `attempt`-th for its event. `status` and the first 500 signs of `answer` are the receiver's;
    `problem` says why there was none: `not_reached`, `no_such_host`, `timeout`, `certificate`, `private_address`,
    `no_address`."""

    event_id: str
    type: str
    at: Moment
    attempt: int
    taken: bool
    status: int | None
    answer: str
    problem: str | None
    milliseconds: int


class RemovedAnswer(TypedDict):
    """It is there no more."""

    webhook_id: str


class LiftedAnswer(TypedDict):
    """The address gets mail again."""

    stop_id: str


class HeldAnswer(TypedDict):
    """An effect that waits for a person: a `mail` of this kind and its reader, an `event` of this name, a `wake_up`.
    `helps`: whether delivering it still does, as the case stands now."""

    id: str
    effect: Annotated[str, Meta(extra_json_schema={"enum": ["mail", "event", "wake_up", "unknown"]})]
    kind: str
    to: Role | None
    case_id: str
    order_id: str
    state: State
    outcome: Outcome | None
    held_since: Moment
    tries: int
    helps: bool


class ReleasedAnswer(TypedDict):
    """The ids of what goes out within a minute, and of what was dropped since it no longer helps. `more`: there is
    more of what was meant than one call takes."""

    delivering: Sequence[str]
    no_longer_help: Sequence[str]
    more: bool


class ActorAnswer(TypedDict):
    """Who it was; people of customer service stay nameless."""

    role: Role
    id: NotRequired[str | None]


# Names that Python keeps for itself need this form.
EntryAnswer = TypedDict(
    "EntryAnswer",
    {
        "seq": int,
        "at": Moment,
        "actor": ActorAnswer,
        "command": Command,
        "from": State | None,
        "state": State,
        "outcome": Outcome | None,
        "policy": str,
        "reason_code": str | None,
        "comment": str | None,
        "tracking_number": str | None,
        "facts": Mapping[str, Any] | None,
        "note": str | None,
        "erased": Sequence[str],
        "correlation_id": NotRequired[str],
    },
)


class MessageAnswer(TypedDict):
    """A message of a thread."""

    message_id: str
    at: Moment
    by: ActorAnswer
    text: str


class UploadAnswer(TypedDict):
    """Where to post the file as a multipart form: these fields first, then `file`."""

    method: Literal["POST"]
    url: str
    fields: Mapping[str, str]
    expires_at: Moment


class EvidenceAnswer(TypedDict):
    """A file: `upload` where it was just announced, `url` where it can be opened, `refused` (a code) where it never
    can. `size`, `content_type` and `sha256` are those of its bytes from `seen_at` on, and as announced before."""

    evidence_id: str
    at: Moment
    by: ActorAnswer
    filename: str
    content_type: str
    size: int
    seen_at: NotRequired[Moment]
    sha256: NotRequired[str]
    refused: NotRequired[str]
    url: NotRequired[str]
    upload: NotRequired[UploadAnswer]


class BulkItem(TypedDict):
    """What became of one of many decisions: the case, or the problem."""

    case_id: str
    action: Literal["approve", "reject", "offer"]
    status: int
    case: NotRequired[CaseAnswer]
    problem: NotRequired[Mapping[str, Any]]


class ContactAnswer(TypedDict):
    """A way to reach customer service, and when somebody last made sure of it."""

    channel: HelpChannel
    address: str
    checked_at: Moment
    platform: NotRequired[str | None]
    hours: NotRequired[str | None]
    usual_time: NotRequired[str]


class DaysOffAnswer(TypedDict):
    """Days that are no working days, by the calendar."""

    items: Sequence[DayOff]
    next_cursor: str | None


class ContactsAnswer(TypedDict):
    """The directory, with the advice to verify it."""

    items: Sequence[ContactAnswer]
    advice: str
    have_ready: Sequence[str]
    next_cursor: None


class HelpAnswer(TypedDict):
    """A message to customer service, ready to copy; only an e-mail has a subject."""

    channel: HelpChannel
    subject: str | None
    text: str


class Took(TypedDict):
    """Seconds from asking to a decision; null below two decided cases."""

    p50: int | None
    p90: int | None


class DayAnswer(TypedDict):
    """How many cases ended how on one day, in the marketplace's zone."""

    day: date
    outcomes: Mapping[str, int]


class ReadingAnswer(TypedDict):
    """What counts against sellers by one of the two readings of the business, also as a share of what has ended."""

    reading: Rating
    cases: int
    rate: float | None


class FiguresAnswer(TypedDict):
    """Counts of cases; `refunded` in minor units per currency; the last two only of the whole service."""

    asked: int
    open: int
    closed: int
    outcomes: Mapping[str, int]
    by_day: Sequence[DayAnswer]
    seconds_to_decision: Took
    lapsed: int
    counts_against_seller: int
    rating: Sequence[ReadingAnswer]
    refunded: Mapping[str, int]
    open_by_state: NotRequired[Mapping[str, int]]
    stuck: NotRequired[int]


class FiguresFileAnswer(TypedDict):
    """Figures of a range of days for a spreadsheet: a row for each number, with how it is counted. `csv` begins with a
    mark that it is UTF-8, and no cell of it is a formula."""

    filename: str
    csv: str


class HealthAnswer(TypedDict):
    """The API answers."""

    status: Literal["ok"]


class HandOverAnswer(TypedDict):
    """Where to send the browser, and until when this opens."""

    url: str
    expires_at: Moment


class CaseFileAnswer(TypedDict):
    """Everything about a case, hash-chained and sealed; see infra/verify_case_file.py.

    Long ones are cut: `messages_earlier` is the cursor of the part with earlier messages, `timeline.left_out` how many
    entries lie before the first. `timeline.soundness` is how far the timeline can be verified, as Batal finds itself:
    `intact`; `erased` (words of people are gone, the rest holds); `order_only` (words are gone from an entry whose hash
    covers them, so that only its place is verified); `tampered`.
    """

    format: str
    exported_at: Moment
    exported_for: Mapping[str, str]
    case: CaseAnswer
    order: OrderAnswer
    timeline: Mapping[str, Any]
    messages: Sequence[MessageAnswer]
    messages_earlier: str | None
    evidence: Sequence[EvidenceAnswer]
    seal: str
