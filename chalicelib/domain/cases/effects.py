"""What a step promises the world, as types; and the one place that knows their form as text.

A promise is kept under `<seq>:<effect>`, where seq is the timeline entry that made it, so that no two are alike and
striking an old one cannot strike a newer one:

    start                       start this run's execution
    resume                      tell the waiting execution that the row has moved on
    mail:<kind>:<role>          one mail; mail:<kind>:<role>:<n> where one wait promises several of a kind
    refund:<part>               ask the payment provider of a part for it, at the try that it is at
    clues                       note by what a caller may say that the case is found
    event:<name>                one event; what it says lies in the timeline entry
"""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.cases.events import Event, EventName
from chalicelib.domain.parties import Role


class MailKind(StrEnum):
    """What a mail is about."""

    REQUEST_RECEIVED = "request_received"
    DECISION_NEEDED = "decision_needed"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ESCALATED = "escalated"
    OVERTAKEN = "overtaken"
    OFFER_MADE = "offer_made"
    OFFER_DECLINED = "offer_declined"
    SETTLED = "settled"
    GOODS_AWAITED = "goods_awaited"
    GOODS_SENT = "goods_sent"
    GOODS_ARRIVED = "goods_arrived"
    RETURN_LABEL = "return_label"
    REMINDER = "reminder"
    DEADLINE_EXTENDED = "deadline_extended"
    AMENDED = "amended"
    REOPENED = "reopened"
    MESSAGE = "message"
    MONEY_RETURNED = "money_returned"
    MONEY_DELAYED = "money_delayed"
    MONEY_BOUNCED = "money_bounced"
    ACCOUNT_WANTED = "account_wanted"
    ACCOUNT_SET = "account_set"
    LATE_PARCEL = "late_parcel"
    PARCEL_SETTLED = "parcel_settled"


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a row has promised to do to the world: one of those below."""


@dataclass(frozen=True, slots=True)
class Mail(Effect):
    """One mail to one party; `n` tells apart several of a kind that one wait promises."""

    kind: MailKind
    to: Role
    n: int = 0


@dataclass(frozen=True, slots=True)
class Start(Effect):
    """Start this run's execution."""


@dataclass(frozen=True, slots=True)
class Resume(Effect):
    """Tell the waiting execution that the row has moved on."""


@dataclass(frozen=True, slots=True)
class Announcement(Effect):
    """Publish the event of this name that the timeline entry holds."""

    name: EventName


@dataclass(frozen=True, slots=True)
class RefundCall(Effect):
    """Have a payment provider asked for this part of the refund."""

    part: str


@dataclass(frozen=True, slots=True)
class NoteClues(Effect):
    """Have the case found by what a caller may say of it, as its order and its parcels are now."""


@dataclass(frozen=True, slots=True)
class Strange(Effect):
    """What a later version promised and this one does not know: carried along, never struck, seen where it is held."""

    text: str


# What a step may promise: an event with all that it says becomes an announcement in the outbox.
Promised = Mail | Start | Resume | RefundCall | NoteClues | Event


@dataclass(frozen=True, slots=True)
class Promise:
    """An effect, and the timeline entry that promised it."""

    seq: int
    effect: Effect

    @property
    def wakes(self) -> bool:
        """Whether it only starts or resumes the execution."""
        return isinstance(self.effect, (Start, Resume))


def to_both(kind: MailKind) -> tuple[Mail, Mail]:
    """A mail of this kind to the buyer and one to the seller."""
    return Mail(kind, Role.BUYER), Mail(kind, Role.SELLER)


def effect_of(promised: Promised) -> Effect:
    """What the outbox holds of something promised."""
    return Announcement(promised.name) if isinstance(promised, Event) else promised


def encode(promise: Promise) -> str:
    """The promise as text: its key in the row, its id wherever it leaves us."""
    return f"{promise.seq}:{_encoded(promise.effect)}"


def effect_id(case_id: str, key: str) -> str:
    """How a promised effect is named outside of its row, by its key: the id of an event, of a held mail."""
    return f"{case_id}:{key}"


def case_of(effect_id: str) -> str:
    """The case of such a name; of any other text something that is no case."""
    return effect_id.partition(":")[0]


def event_key(seq: int, name: str) -> str:
    """The promise of an event as text, also of one that only a later version knows by name."""
    return f"{seq}:event:{name}"


def decode(text: str) -> Promise:
    """The promise of a key. What is not known is Strange. Raises ValueError where no entry made it."""
    seq, _, what = text.partition(":")
    return Promise(int(seq), _decoded(what))


def mail_of(text: str) -> Promise | None:
    """The promise of a mail by its key, as the mail itself carries it; None where it is none."""
    try:
        promise = decode(text)
    except ValueError:
        return None
    return promise if isinstance(promise.effect, Mail) else None


def _encoded(effect: Effect) -> str:
    match effect:
        case Start():
            return "start"
        case Resume():
            return "resume"
        case Announcement(name):
            return f"event:{name}"
        case Mail(kind, to, n):
            return f"mail:{kind}:{to}:{n}" if n else f"mail:{kind}:{to}"
        case RefundCall(part):
            return f"refund:{part}"
        case NoteClues():
            return "clues"
        case Strange(text):
            return text
        case _:
            raise AssertionError(f"{effect} has no form as text")


def _decoded(what: str) -> Effect:
    try:
        match what.split(":"):
            case ["start"]:
                return Start()
            case ["resume"]:
                return Resume()
            case ["clues"]:
                return NoteClues()
            case ["refund", part]:
                return RefundCall(part)
            case ["event", name]:
                return Announcement(EventName(name))
            case ["mail", kind, to]:
                return Mail(MailKind(kind), Role(to))
            case ["mail", kind, to, n] if int(n) > 0 and n == str(int(n)):
                return Mail(MailKind(kind), Role(to), int(n))
    except ValueError:
        pass
    return Strange(what)
