"""What every fake provider has: payments, refunds on their way, money that really went, and a mood."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count


class Behaviour(StrEnum):
    """How a provider treats what it is asked next."""

    NORMAL = "normal"
    SLOW = "slow"  # it says nothing, and only later does what it was asked
    FAIL = "fail"  # it takes the refund, which then fails
    LOSE_ANSWER = "lose_answer"  # it does what it was asked, and its answer is lost
    DOUBLE = "double"  # it tells everything twice
    LATE = "late"  # the end comes hours later
    REFUSE = "refuse"  # it refuses at once, for reasons of its own
    REVERSE = "reverse"  # the money goes, and comes back days later; only where that is documented
    BUSY = "busy"  # too many requests, or a failure of its own: nothing is done


# The key of what went back because its whole payment was cancelled, by whomever.
CANCELLED = "cancelled"
# How long a slow request is on its way.
SLOWNESS = timedelta(seconds=40)
# One for good, and one that passes: what our account held there was too little.
FAILURES = ("refused_by_issuer", "insufficient_funds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment that was made; `names` are all by which it is known here, the first its own. Amounts in minor units."""

    names: tuple[str, ...]
    amount: int
    currency: str = "IDR"
    kind: str = "credit_card"
    at: datetime


@dataclass(slots=True, kw_only=True)
class Given:
    """A refund that was asked for. `ends` is when it comes to its end, and `fails` how."""

    number: int
    key: str
    paid: Paid
    amount: int
    made: datetime
    ends: datetime
    fails: str | None = None
    reverses: datetime | None = None
    came_back: bool = False
    copies: int = 1
    late: bool = False
    silent: bool = False
    state: str = "pending"
    changed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the ledger: money that went (`+`) or came back (`-`), in minor units."""

    payment: str
    key: str
    refund: int
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notification that goes out when its moment comes."""

    at: datetime
    headers: Mapping[str, str]
    raw: bytes


@dataclass(slots=True, kw_only=True)
class Till:
    """Payments, refunds and the ledger. Time is handed in and does not run while nothing is asked."""

    now: Callable[[], datetime]
    behaviour: Behaviour = Behaviour.NORMAL
    silent: bool = False  # successes are told to nobody
    payments: dict[str, Paid] = field(default_factory=dict)
    refunds: list[Given] = field(default_factory=list)
    ledger: list[Line] = field(default_factory=list)
    outgoing: list[Told] = field(default_factory=list)
    delayed: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def shown(self) -> dict[str, object]:
        """Everything that people want to see of it, as JSON has it."""
        return {
            "behaviour": self.behaviour,
            "ledger": [{**asdict(each), "at": each.at.isoformat()} for each in self.ledger],
            "refunds": [
                {"refund": each.number, "key": each.key, "amount": each.amount, "state": each.state}
                for each in self.refunds
            ],
        }

    def pay(self, paid: Paid) -> Paid:
        """A payment arrives."""
        self.payments.update(dict.fromkeys(paid.names, paid))
        return paid

    def left_of(self, paid: Paid) -> int:
        """What can still be given back of it: what is on its way counts as given."""
        return paid.amount - sum(
            each.amount for each in self.refunds if each.paid is paid and each.state in ("pending", "succeeded")
        )

    def pending_of(self, paid: Paid) -> bool:
        """Whether a refund of it is on its way."""
        return any(each.paid is paid and each.state == "pending" for each in self.refunds)

    def take(self, paid: Paid, key: str, amount: int, *, at_once: bool, reverses: bool = False) -> Given:
        """A refund begins, in the present mood."""
        now, number = self.now(), next(self.numbers)
        wait = timedelta(hours=5) if self.behaviour is Behaviour.LATE else timedelta(minutes=2)
        given = Given(
            number=number,
            key=key,
            paid=paid,
            amount=amount,
            made=now,
            changed=now,
            ends=now if at_once and self.behaviour is not Behaviour.LATE else now + wait,
            fails=FAILURES[number % 2] if self.behaviour is Behaviour.FAIL else None,
            reverses=now + timedelta(days=3) if reverses and self.behaviour is Behaviour.REVERSE else None,
            copies=2 if self.behaviour is Behaviour.DOUBLE else 1,
            late=self.behaviour is Behaviour.LATE,
            silent=self.silent,
        )
        if given.fails is not None:
            given.ends = now + wait
        self.refunds.append(given)
        return given

    def went(self, given: Given, sign: int) -> None:
        """The one place where money moves."""
        self.ledger.append(
            Line(
                payment=given.paid.names[0],
                key=given.key,
                refund=given.number,
                amount=sign * given.amount,
                at=self.now(),
            )
        )

    def changes(self) -> list[Given]:
        """Refunds that came to their end by now, or back from it; their money moves here. Oldest first."""
        now, found = self.now(), []
        for given in self.refunds:
            if given.state == "pending" and given.ends <= now:
                given.state, given.changed = ("failed" if given.fails else "succeeded"), given.ends
                if given.state == "succeeded":
                    self.went(given, +1)
                found.append(given)
            if given.state == "succeeded" and given.reverses is not None and given.reverses <= now:
                given.state, given.changed = "failed", given.reverses
                given.fails, given.reverses, given.came_back = "expired_or_canceled_card", None, True
                self.went(given, -1)
                found.append(given)
        return found

    def tell(self, given: Given, headers: Mapping[str, str], raw: bytes, after: timedelta = timedelta()) -> None:
        """A notification is on its way from the refund's last change on, as often and as late as its mood was."""
        if given.silent and given.state != "failed":
            return
        late = timedelta(hours=30) if given.late else timedelta()
        for copy in range(given.copies):
            at = given.changed + after + late + timedelta(hours=copy)
            self.outgoing.append(Told(at=at, headers=headers, raw=raw))

    def due(self) -> list[Told]:
        """Notifications whose moment has come, once each; the first to come is the last that was written, as nobody
        promises an order."""
        now = self.now()
        found = [each for each in self.outgoing if each.at <= now]
        self.outgoing = [each for each in self.outgoing if each.at > now]
        return found[::-1]

    def later(self, do: Callable[[], object]) -> None:
        """A slow request is done when its moment comes."""
        self.delayed.append((self.now() + SLOWNESS, do))

    def catch_up(self) -> None:
        """Do what was slow and is due."""
        now = self.now()
        due = [do for at, do in self.delayed if at <= now]
        self.delayed = [(at, do) for at, do in self.delayed if at > now]
        for do in due:
            do()
