"""Digests: one mail with all that waits for a seller, in the rhythm that they chose, in place of a mail about each
thing.

What a case promised to tell is *noted* for the next digest, and struck from its outbox. The digest is written when it
goes out, from the cases as they are then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.cases.awaited import Awaited, awaited_of
from chalicelib.domain.cases.beside import Beside
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Mail, MailKind
from chalicelib.domain.orders.body import Person
from chalicelib.domain.orders.order import Order
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.parties import Role

# Whoever reads of a deadline in a digest has at least so long to answer.
ROOM = timedelta(hours=1)
# For how long a deliverer keeps others from a digest; longer than writing and sending one takes.
LEASE = timedelta(seconds=90)
# For how long what was told is known, so that whoever died before noting so tells it to no other digest.
TOLD_KEPT = timedelta(days=3)
# For how long the page behind a digest's link says what became of its requests.
ASKS_KEPT = timedelta(days=30)
# How many requests, and how many pieces of news, one mail lists: Gmail cuts what is longer than 102 KB.
MOST_LISTED = 100
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestNote:
    """A mail that is told in the next digest: the case that promised it, and the promise as text."""

    case_id: str
    effect: str

    @property
    def key(self) -> str:
        """What it is known by: noted twice, it is told once."""
        return f"{self.case_id}:{self.effect}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest that is due at a moment (UTC), or on its way.

    rev     0 while notes may still join it; rises with every write
    told    the keys of the notes that went out with it; None until then
    """

    seller_id: str
    at: datetime
    rev: int = 0
    tries: int = 0
    next_at: datetime | None = None
    told: tuple[str, ...] | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether nobody else is at it, and it is time."""
        return self.at <= now and (self.next_at is None or self.next_at <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that a digest asks about, and the wait that it was in then."""

    case_id: str
    run: int
    turn: int

    def is_open(self, case: Case, now: datetime) -> bool:
        """Whether the case still is in that wait, and may be answered."""
        same = (case.case_id, case.run, case.turn) == (self.case_id, self.run, self.turn)
        return same and awaits_seller(case, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestAsks:
    """What the page behind the link in a digest may show: what it asked about, and nothing that came later."""

    seller_id: str
    at: datetime
    asked: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A mail that was promised, as a digest tells it."""

    mail: Mail
    case: Case
    order: Order
    beside: Beside


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTold:
    """What a digest says: which cases wait for its reader, the most urgent first, and what else happened. `more` is how
    much it does not list."""

    reader: Person
    seller_id: str
    at: datetime
    waiting: Sequence[tuple[Case, Order]] = ()
    news: Sequence[News] = ()
    more: int = 0


def awaits_seller(case: Case, now: datetime) -> bool:
    """Whether the seller has something to do, and still may."""
    return awaited_of(case, Role.SELLER) is not None and case.deadline_at is not None and now < case.deadline_at


def may_wait(mail: Mail, case: Case, until: datetime) -> bool:
    """Whether a mail to the seller may be told by a digest at that moment: not where it keeps goods from leaving, and
    not where what it asks for would lapse before it, or soon after."""
    if mail.to is not Role.SELLER or _keeps_goods_here(mail, case):
        return False
    if awaited_of(case, mail.to) is None or case.deadline_at is None:
        return True
    return case.deadline_at - until >= ROOM


def _keeps_goods_here(mail: Mail, case: Case) -> bool:
    """Whether its reader might send goods for want of it."""
    if mail.kind is MailKind.APPROVED:
        # Who said yes themselves knows.
        return case.decision is None or case.decision.by.role is not Role.SELLER
    if mail.kind is MailKind.OVERTAKEN:
        return case.moved_to == OrderStatus.CANCELLED
    return mail.kind is MailKind.LATE_PARCEL or awaited_of(case, mail.to) is Awaited.CALL_BACK


def is_news(mail: Mail, waits: bool) -> bool:
    """Whether it is told by itself, of a case that waits for its reader or not: what is awaited is told once, as it is
    by now."""
    return not waits or mail.kind is MailKind.MESSAGE


def after_failure(digest: Digest, now: datetime) -> Digest:
    """The digest after a try that failed: doubling waits from 30 seconds to an hour, for as long as it takes."""
    wait = min(_LONGEST_WAIT, timedelta(seconds=15 * 2 ** min(digest.tries + 1, 8)))
    return Digest(
        seller_id=digest.seller_id, at=digest.at, rev=digest.rev + 1, tries=digest.tries + 1, next_at=now + wait
    )
