"""What became of the mail that asks whoever a case waits for, as the mail service tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.effects import Mail, MailKind, Promise

# The mails that somebody is waited for after.
ASKING: Mapping[State, tuple[MailKind, ...]] = {
    State.AWAITING_SELLER: (MailKind.DECISION_NEEDED, MailKind.OFFER_DECLINED),
    State.AWAITING_BUYER: (MailKind.OFFER_MADE,),
}


class Fate(StrEnum):
    """How far a mail came: its reader's mail server took it; it is late; it was sent back."""

    DELIVERED = "delivered"
    LATE = "late"
    CAME_BACK = "came_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFate:
    """What was told last of the mail that asks in one wait: `run` and `turn` say in which. `handed_at` is when the mail
    service took it, `at` when it says that this became of it."""

    run: int
    turn: int
    fate: Fate
    at: datetime
    handed_at: datetime | None = None

    def is_about(self, case: Case) -> bool:
        """Whether it is about the wait that the case is in."""
        return (self.run, self.turn) == (case.run, case.turn)


def may_ask(promise: Promise) -> bool:
    """Whether it is a mail of a kind that asks somebody, in whatever case."""
    return isinstance(promise.effect, Mail) and any(promise.effect.kind in kinds for kinds in ASKING.values())


def asks(promise: Promise, case: Case) -> bool:
    """Whether this is the mail, or a later copy of it, that asks whom the case waits for now."""
    mail = promise.effect
    return isinstance(mail, Mail) and mail.to is case.waiting_for and mail.kind in ASKING.get(case.state, ())
