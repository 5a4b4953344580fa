"""What requests may carry: types that parse, bound and document (openapi.py reads them). Unknown fields are refused."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from chalicelib.domain import ids
from chalicelib.domain.amounts import CURRENCY
from chalicelib.domain.cases.choices import Channel, GoodsFault, ParcelWay, ParcelWord
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.cases.webhooks import EVERY, OVERLAP
from chalicelib.domain.money.payout import LONGEST_NAME as LONGEST_HOLDER
from chalicelib.domain.money.refund import Instead, Told
from chalicelib.domain.policies.days_off import MOST_DAYS_OFF
from chalicelib.domain.policies.reasons import GivenFor
from chalicelib.domain.policies.rhythms import Rhythm
from chalicelib.domain.policies.seller_rules import MOST_RULES, SellerRule
from chalicelib.edge.limits import (
    LONGEST_ADDRESS,
    LONGEST_LINE,
    LONGEST_LINK,
    LONGEST_MESSAGE,
    LONGEST_NAME,
    LONGEST_OWN_ID,
    LONGEST_TYPED_ID,
    LONGEST_WORDS,
    MOST_AT_ONCE,
    MOST_ITEMS,
    MOST_LINES,
    MOST_PIECES,
    OWN_ID,
)

# In Python `$` is also before a last new line; the contract leaves this out, where `$` means the end.
END = r"$(?!\n)"
# An id of the marketplace's: composed and checked once it is read (reading.py), which the mark in `extra` asks for.
Id = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_TYPED_ID,
        description=ids.WHAT_IS_ONE,
        extra={"is_id": True},
        extra_json_schema={"pattern": ids.PATTERN},
    ),
]
# An id that Batal made itself, or a code of its catalogues.
OwnId = Annotated[str, Meta(pattern=rf"^{OWN_ID}{END}")]
Text = Annotated[str, Meta(min_length=1, max_length=LONGEST_LINE)]
Words = Annotated[str, Meta(max_length=LONGEST_WORDS)]
# Words that must be said: not empty, not blank.
Said = Annotated[str, Meta(max_length=LONGEST_WORDS, pattern=r"\S")]
Note = Annotated[str, Meta(max_length=LONGEST_WORDS, description="For staff alone; customer service must give one")]
Platform = Annotated[str, Meta(pattern=rf"^[a-z][a-z0-9_]{{0,31}}{END}")]
Currency = Annotated[str, Meta(pattern=rf"^{CURRENCY}{END}", description="ISO 4217")]
Pieces = Annotated[int, Meta(ge=1, le=MOST_PIECES)]
Phone = Annotated[str, Meta(max_length=32)]
# Where goods go, on as many lines as people write it; what a counter or a courier asks for.
Address = Annotated[str, Meta(min_length=1, max_length=LONGEST_ADDRESS)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]
SupportChannel = Literal["email", "chat", "phone"]
# Whose settlement files can be read.
SettledBy = Literal["midtrans", "xendit", "stripe", "dana", "oms"]
# Far above any order, far below what JSON numbers lose precision at.
_MOST_MONEY = 10**13
Amount = Annotated[int, Meta(ge=0, le=_MOST_MONEY)]
SomeAmount = Annotated[int, Meta(ge=1, le=_MOST_MONEY)]
Version = Annotated[int, Meta(ge=1, le=2**53)]
A_MOMENT = "2026-11-22T10:00:00+07:00"
# A moment far from our own time is a broken clock or a unit mistaken; calendars and zones end there, too.
OUR_TIME = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
MOMENT_SAYS = f"RFC 3339 with a zone, such as `{A_MOMENT}`, in 2000 to 2099"
Moment = Annotated[datetime, Meta(tz=True, description=MOMENT_SAYS)]

# RFC 5321 without its quoted forms; domains may be international, as people write them.
_LABEL = r"[A-Za-z0-9\u00a1-\uffff](?:[A-Za-z0-9\u00a1-\uffff-]*[A-Za-z0-9\u00a1-\uffff])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
EMAIL = re.compile(rf"^{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*{END}")
# RFC 6531: an address whose name is of another script. SES delivers to none.
_WIDE_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\u1fff\u2c00-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\U00010000-\U000dffff-]+"
WIDE_EMAIL = re.compile(rf"^{_WIDE_ATOM}(?:\.{_WIDE_ATOM})*@{_LABEL}(?:\.{_LABEL})*{END}")
# As BCP 47, POSIX or Java write it. No order is worth refusing for the language of its mails.
Locale = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9_.@-]*{END}", max_length=35)]


_EVENT_TYPES = (EVERY, *map(str, EventName))
EventType = Annotated[str, Meta(min_length=1, max_length=64, extra_json_schema={"enum": list(_EVENT_TYPES)})]

EventId = Annotated[str, Meta(min_length=1, max_length=128)]

# `1`, `2`, ...: the parts of a refund in their order.
PartName = Annotated[str, Meta(pattern=rf"^[1-9][0-9]{{0,2}}{END}")]
Reference = Annotated[str, Meta(max_length=256)]

# `<case id>:<what it promised>`, as lists of held effects name it.
EffectId = Annotated[str, Meta(min_length=1, max_length=200)]
EffectKind = Annotated[
    str, Meta(min_length=1, max_length=64, description="`mail`, `event`, `wake_up`, a kind of mail or an event's name")
]


class LineWish(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A line and how much of it."""

    line_id: Id
    quantity: Pieces


class AskPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A buyer's request. `lines` left out means the whole order."""

    channel: Channel
    accept_terms: bool = False
    reason_code: OwnId | None = None
    comment: Words | None = None
    lines: Annotated[tuple[LineWish, ...], Meta(min_length=1, max_length=MOST_LINES)] | None = None
    quote_id: Annotated[str, Meta(max_length=LONGEST_OWN_ID)] | None = None
    on_behalf_of: Id | None = None


class RemarkPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """That the goods are back: nothing but what one would add."""

    comment: Words | None = None
    note: Note | None = None


class ApprovePost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A yes; with a reason of the seller's where they cannot deliver, which turns the fault around; to a return, with
    where the goods go.

    Of goods that are back, customer service may keep a `deduction` in minor units, and name as `lines` the pieces that
    count as returned: the others are dismissed. It may take less of a cancellation `fee` than was quoted, or none.
    """

    reason_code: OwnId | None = None
    return_address: Address | None = None
    pickup_code: Code | None = None
    deduction: Amount | None = None
    lines: Annotated[tuple[LineWish, ...], Meta(min_length=1, max_length=MOST_LINES)] | None = None
    fee: Amount | None = None
    comment: Words | None = None
    note: Note | None = None


class RejectPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A no, with its reason."""

    reason_code: OwnId
    comment: Words | None = None
    tracking_number: Text | None = None
    note: Note | None = None


class OfferPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A counter-proposal: a `fee` in minor units, an alternative to cancelling, or a `partial_refund` in minor units
    for which the buyer keeps the goods and the order goes on. Exactly one of them."""

    fee: Amount | None = None
    alternative: OwnId | None = None
    partial_refund: Amount | None = None
    comment: Words | None = None
    note: Note | None = None


class CommentPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The buyer answers an offer, or takes the request back."""

    comment: Words | None = None


class AppealPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The buyer asks customer service to look again, and says why."""

    comment: Said


class NotePost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Customer service says why it claims, confirms or reopens."""

    note: Said


class ExtendPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """More time, until when."""

    until: Moment
    note: Said


class ShippedBackPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The buyer sent the goods back."""

    tracking_number: Text
    carrier: Text | None = None


class ContestGoodsPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is wrong with goods that came back, or did not; with which pieces, if not with all. Photos go to the case's
    evidence."""

    fault: GoodsFault
    comment: Words | None = None
    lines: Annotated[tuple[LineWish, ...], Meta(min_length=1, max_length=MOST_LINES)] | None = None
    note: Note | None = None


class ReturnLabelPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What the buyer needs to send goods back; what is left out stays as it was. Who signs says `case_id` as well."""

    label_url: Annotated[str, Meta(pattern=rf"^https://[^\s\"<>\\]+{END}", max_length=2_000)] | None = None
    pickup_code: Code | None = None
    address: Address | None = None
    carrier: Text | None = None
    case_id: OwnId | None = None


class ParcelPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What warehouse or carrier say: about holding the parcel (`held`, `too_late`, `intercepted`), or of goods on their
    way back (`picked_up`: the carrier has them; `delivered`: they are with the seller), at which time of their own. Who
    signs says `case_id` as well."""

    word: ParcelWord = field(name="result")
    at: Moment | None = None
    comment: Words | None = None
    case_id: OwnId | None = None


class SettleParcelPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What becomes of a parcel that left after the cancellation."""

    way: ParcelWay
    note: Said


class GoodwillPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Money that goes back without a request, in minor units: by the tender named, else by all money that is left, in
    proportion. `partial_keep`: the buyer keeps goods that are faulty. Above the policy's limit it moves once a second
    person has said the same `amount`, `tender_id` and `reason`."""

    amount: SomeAmount
    note: Said
    tender_id: Id | None = None
    reason: GivenFor = GivenFor.GOODWILL


class BulkDecision(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One of many decisions, with what its own call would take."""

    case_id: OwnId
    action: Literal["approve", "reject", "offer"]
    reason_code: OwnId | None = None
    comment: Words | None = None
    tracking_number: Text | None = None
    fee: Amount | None = None
    alternative: OwnId | None = None
    partial_refund: Amount | None = None
    return_address: Address | None = None
    pickup_code: Code | None = None
    deduction: Amount | None = None
    lines: Annotated[tuple[LineWish, ...], Meta(min_length=1, max_length=MOST_LINES)] | None = None
    note: Note | None = None


class BulkPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Many decisions at once."""

    decisions: Annotated[tuple[BulkDecision, ...], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class MessagePost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A message."""

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_MESSAGE, pattern=r"\S")]


class EvidencePost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A file that is about to be uploaded; `size` in bytes."""

    filename: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^/\\\x00-\x1f\x7f]+$")]
    content_type: Annotated[str, Meta(max_length=100)]
    size: Annotated[int, Meta(ge=0, le=2**40)]


class ReconciliationPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A settlement file that is about to be uploaded: whose it is, what it is called, and of which period. `zone` is
    that of moments in it that name none, where it is not the provider's own."""

    provider: SettledBy
    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^/\\\x00-\x1f\x7f]+$")]
    since: Moment | None = None
    until: Moment | None = None
    zone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class ContactBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One way to reach customer service, and when somebody last made sure of it."""

    channel: SupportChannel
    address: Text
    checked_at: Moment
    platform: Platform | None = None
    hours: Text | None = None


class DayOffBody(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A day that is no working day."""

    day: Annotated[date, Meta(description="YYYY-MM-DD, in the calendar of every zone")]
    name: Text
    note: Annotated[str, Meta(max_length=LONGEST_WORDS, description="On what it rests")] | None = None


class DaysOffPut(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """All days that the operator adds to the public ones."""

    items: Annotated[tuple[DayOffBody, ...], Meta(max_length=MOST_DAYS_OFF)]


class DeliverHeldPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Which held effects go out again: those of these ids, of a kind, or held `since` and before `until`; and why."""

    note: Said
    ids: Annotated[tuple[EffectId, ...], Meta(min_length=1, max_length=MOST_ITEMS)] | None = None
    kind: EffectKind | None = None
    since: Moment | None = None
    until: Moment | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where nothing says which."""
        if self.ids is None and self.kind is None and self.since is None and self.until is None:
            raise ValueError("ids, kind, since or until: say which")


class WebhookPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Where events are posted to, which types of them (`*`: all), and whom a mail tells should the receiver be switched
    off."""

    url: Annotated[str, Meta(min_length=1, max_length=LONGEST_LINK)]
    types: Annotated[tuple[EventType, ...], Meta(min_length=1, max_length=MOST_ITEMS)] = (EVERY,)
    contact: Annotated[str, Meta(max_length=254, pattern=EMAIL.pattern)] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a type that there is not."""
        if unknown := [each for each in self.types if each not in _EVENT_TYPES]:
            known = ", ".join(sorted(_EVENT_TYPES))
            raise ValueError(f"types: there are no events {', '.join(unknown)}; there are {known}")


class RotatePost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """For how many seconds the secret before counts beside the new one."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=30 * 86400)] = int(OVERLAP.total_seconds())


class ReplayPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is told once more: everything since a moment, everything from an event on, or with `only` that event
    alone."""

    since: Moment | None = None
    event_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_LINE)] | None = None
    only: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError where it is not said from where on."""
        if (self.since is None) == (self.event_id is None):
            raise ValueError("since or event_id: say one of them")
        if self.only and self.event_id is None:
            raise ValueError("only: say which event")


class ContactsPut(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The whole directory."""

    items: Annotated[tuple[ContactBody, ...], Meta(max_length=50)]


class HelpPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What a message to customer service is about."""

    channel: SupportChannel
    order_id: Annotated[str, Meta(max_length=LONGEST_TYPED_ID)] | None = None
    reason: Annotated[str, Meta(max_length=500)] | None = None
    name: Annotated[str, Meta(max_length=LONGEST_NAME)] | None = None
    phone: Phone | None = None
    locale: Annotated[str, Meta(max_length=35)] = "id"


class RefundEventPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A payment provider's word about a refund; `amount` in minor units. Who signs says `refund_id` as well."""

    event_id: EventId
    status: Literal["succeeded", "failed"]
    amount: Amount
    at: Moment
    refund_id: Id | None = None


class PartEventPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A word of whoever pays a part of a refund: how it goes, `amount` in minor units, since when; `reference` is what
    they call it, `code` why it failed. A signature does not cover the address: who signs says `refund_id` and `part`
    as well."""

    event_id: EventId
    state: Told
    amount: Amount
    at: Moment
    reference: Reference | None = None
    code: Annotated[str, Meta(max_length=128)] | None = None
    refund_id: Id | None = None
    part: PartName | None = None


class PartNotePost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Which part of a refund a form is about, and why."""

    part: PartName
    note: Said


class PartElsewherePost(PartNotePost, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The same, and where it goes instead."""

    to: Instead = Instead.WALLET


class PartWentPost(PartNotePost, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The same, and under which reference it went."""

    reference: Annotated[Reference, Meta(min_length=1)]


class RedirectPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Where a part that failed goes instead, and why: `payout` asks the buyer for an account."""

    to: Instead
    note: Said


# As accounts are typed: what domain/money/payout.py takes, told by the contract.
_BLANKS = r"[\s.()-]*"
HolderName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_LINE,
        description="In whose name it is: a name has a letter",
        extra_json_schema={"maxLength": LONGEST_HOLDER},
    ),
]
AccountNumber = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_LINE,
        description="5 to 20 digits; blanks, dots and dashes between them do not count",
        extra_json_schema={"pattern": rf"^{_BLANKS}(?:[0-9]{_BLANKS}){{5,20}}$"},
    ),
]
AccountPhone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_LINE,
        description="8 to 15 digits, with `+` or `00` before them or not",
        extra_json_schema={"pattern": rf"^{_BLANKS}\+?{_BLANKS}(?:[0-9]{_BLANKS}){{8,17}}$"},
    ),
]


class EwalletOfPayout(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """An e-wallet: its brand, and the phone number that it belongs to."""

    channel: Text
    phone: AccountPhone


class PayoutAccountPut(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Where money goes that cannot go the way it came: a bank account, an e-wallet, or `wallet` to have it as credit in
    the marketplace's own; one of the three. Whoever names it for the buyer says why in `note`."""

    bank: Text | None = None
    account_number: AccountNumber | None = None
    ewallet: EwalletOfPayout | None = None
    holder: HolderName | None = None
    wallet: Literal[True] | None = None
    note: Said | None = None


class ResolvePost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Under which reference a part went by hand, and why."""

    reference: Annotated[Reference, Meta(min_length=1)]
    note: Said


class DebitPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What the marketplace takes out of a buyer's built-in wallet, in minor units, and why. Once per `event_id`, wallet
    and currency. A signature does not cover the address: who signs says `buyer_id` as well."""

    event_id: EventId
    currency: Currency
    amount: SomeAmount
    reason: Text
    buyer_id: Id | None = None


class SellerRulesPut(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """All rules of a seller, tried in this order, and where returned goods come to: left out it stays, empty it
    goes. `digest` is how often one mail tells all that waits, or `single`; left out it stays."""

    rules: Annotated[tuple[SellerRule, ...], Meta(max_length=MOST_RULES)]
    return_address: Annotated[str, Meta(max_length=LONGEST_ADDRESS)] | None = None
    digest: Rhythm | None = None


class HandOverPost(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Whom the marketplace brings into our pages, and where to. For a seller `seller_id` is who speaks, and `sub` which
    of their staff it is; `name` is what pages call them."""

    role: Literal["buyer", "seller"]
    sub: Id
    seller_id: Id | None = None
    name: Text | None = None
    next: Annotated[str, Meta(min_length=1, max_length=LONGEST_LINK, description="A path of our pages")] = "/"
