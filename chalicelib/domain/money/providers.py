"""Payment providers: what is asked of them for one part of a refund, and what they say. Pure words; an adapter speaks
them. Sending is planned in sending.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.money.payout import Account
from chalicelib.domain.orders.methods import Method

# What every provider takes as a key: letters, digits, dash, underscore.
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")

# In place of an amount that a provider should have told, and nobody can read. Parts are above zero: whatever compares
# amounts takes it for a wrong one.
UNREADABLE = -1


def key_of(part: str, number: int) -> str:
    """The key of a try: `<part>-<try>`. The same try has the same key however often it is sent.

    Raises ValueError where no provider would take it.
    """
    key = f"{part}-{number}"
    if number < 1 or not _KEY.fullmatch(key):
        raise ValueError(f"no provider takes the key {key!r}")
    return key


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRequest:
    """What a provider is asked: to give back `amount` (minor units) of one tender.

    key           of the try, see `key_of`
    references    by what the provider knows the payment, by name
    collected     what the tender collected in all, and when, where that is known (UTC)
    given_before  what went back of it before this part
    known_as      by what the provider knows this very refund, where it said so before
    account       where it is to be paid out to, where it does not go the way it came
    """

    key: str
    refund_id: str
    tender_id: str
    method: Method
    channel: str | None = None
    amount: int
    currency: str
    references: Mapping[str, str] = field(default_factory=dict)
    collected: int
    collected_at: datetime | None = None
    given_before: int = 0
    known_as: str | None = None
    account: Account | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what no provider may ever be asked. Raises ValueError."""
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"no provider takes the key {self.key!r}")
        if not 0 < self.amount <= self.collected - self.given_before:
            raise ValueError(f"{self.amount} of {self.collected}, of which {self.given_before} went back already")

    @property
    def is_whole(self) -> bool:
        """Whether all that the tender collected goes back at once."""
        return self.amount == self.collected


class Became(StrEnum):
    """What became of a refund that a provider was asked for."""

    PENDING = "pending"  # the provider took it, and will say more
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"  # nobody there knows this key: nothing was taken


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """What a provider answered about one key.

    reference   by what it knows the refund
    amount      what it says that goes back, in minor units; UNREADABLE; None: words of this kind tell none. Whatever
                tells of success tells an amount, or its adapter says what was asked for
    code        its own word for what is wrong
    is_final    a failure that no waiting mends: under this key nothing went, and nothing will
    again       of a final failure: the same may succeed under another key later, as when our balance there was empty
    wait        "not now": how long to leave it alone
    way_gone    of a final failure: what the payment was made with is there no more
    """

    became: Became
    reference: str | None = None
    amount: int | None = None
    code: str | None = None
    is_final: bool = False
    again: bool = False
    wait: timedelta | None = None
    way_gone: bool = False


def is_all_of(became: Became, told: int | None, amount: int) -> bool:
    """Whether what was told to have become of a refund speaks of this amount, in minor units. None has to be told of
    one that has not gone yet; that it went counts with its amount alone."""
    return told == amount or (told is None and became is not Became.SUCCEEDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a provider tells by itself about one refund; `at` in UTC.

    event_id   the same for a repetition of the same word
    key        ours, where it is told; `reference` is theirs
    again      of a failure: as of an answer, and so is `way_gone`
    amount     as of an answer
    vouched    the signature covers what is said. Otherwise it only says that it is time to ask
    currency   that the amount is in, where that is told
    """

    event_id: str
    key: str | None
    reference: str | None
    amount: int | None
    became: Became
    at: datetime
    code: str | None = None
    again: bool = False
    way_gone: bool = False
    vouched: bool = True
    currency: str | None = None


class Shut(StrEnum):
    """Why a provider cannot give money back the way it came."""

    WINDOW_SHUT = "window_shut"  # too long ago
    NO_WAY_BACK = "no_way_back"  # this method, channel or currency never
    WAY_GONE = "way_gone"  # the card or account that it came by is there no more
    NO_REFERENCE = "no_reference"  # nobody told by what the provider knows the payment
    PARTIAL_REFUSED = "partial_refused"  # all of it or nothing
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    TOO_MANY_PARTIALS = "too_many_partials"  # as often as it may be given back in parts
    ACCOUNT_GONE = "account_gone"  # it was to be paid out, and the account is kept no more


@dataclass(frozen=True, slots=True)
class May:
    """It can be sent now."""


@dataclass(frozen=True, slots=True)
class NotBefore:
    """It can be sent from this moment on (UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Never:
    """The way it came is shut."""

    why: Shut


Ability = May | NotBefore | Never


class AfterLoss(StrEnum):
    """How one learns what became of a key whose answer was lost."""

    ASK = "ask"  # it is asked about the key; where it does not know it, nothing was taken
    SEARCH = "search"  # it may find the key; where it does not, nobody knows, and the key is never sent again
    REPEAT = "repeat"  # the same request once more is not done twice, and answered as the first time


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a provider behaves, as far as sending has to know it.

    tells_failure   it says by itself that a refund failed. Otherwise it must be asked often
    after_loss      how a lost answer is found again
    key_lives       for how long a key protects, counted from when it was first sent; None: it always does
    takes_back      what succeeded may fail days later
    """

    tells_failure: bool
    after_loss: AfterLoss
    key_lives: timedelta | None = None
    takes_back: bool = False


class Provider(Protocol):
    """Somebody who took money and can be asked to give it back. Called outside any request of a person."""

    @property
    def name(self) -> str:
        """As a tender names it: `midtrans`."""

    @property
    def habits(self) -> Habits:
        """How it behaves."""

    def able(self, request: PartRequest, now: datetime) -> Ability:
        """Whether it can give this back, as far as is known without asking it."""

    def find(self, request: PartRequest) -> ProviderAnswer:
        """What became of this key. Asked before anything is sent again. Raises Unavailable where no answer came, or
        none from which one could tell."""

    def send(self, request: PartRequest) -> ProviderAnswer:
        """Ask for the money. Raises Unavailable where no answer came: it may have been taken, or not."""

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Sequence[Notification]:
        """What a notification says about refunds, verified by the provider's own signature on the raw bytes.

        Raises Invalid `unauthorized` where that is wrong, and Invalid `validation_failed` where nobody can read it.
        """
