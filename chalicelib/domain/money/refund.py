"""A refund, part by part: what goes back of which tender, how far it has come, and what was told of it.

A part is told of by whoever pays it. What is told late, twice, out of order, or of another amount changes no money, and
is kept where people see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.money.payout import AccountKept
from chalicelib.domain.money.providers import Shut
from chalicelib.domain.orders.methods import Method

# Why a part did not go that no further try mends: it needs another way. A payment that nobody named can still be named.
SHUT = frozenset(Shut) - {Shut.NO_REFERENCE, Shut.ACCOUNT_GONE}
# How often a part is asked for by itself; then a person has to look at it.
MOST_TRIES = 3
# How many reports are remembered: of those taken in their ids, of the others all that they said.
_REMEMBERED = 20


class PartState(StrEnum):
    """How far one part of a refund has come."""

    DUE = "due"  # a payment provider is to be asked, or was asked and has not answered
    SENT = "sent"  # the provider has it
    PENDING = "pending"  # the provider is at it
    PAID = "paid"  # it went, or was credited to the built-in wallet by the deciding transaction itself
    GIVEN_BACK = "given_back"  # vouchers, coins, store credit: the marketplace is told to give them back
    FAILED = "failed"  # the provider could not
    REVERSED = "reversed"  # it went, and came back
    HELD = "held"  # failed too often: a person decides
    REDIRECTED = "redirected"  # another part goes instead
    NEEDS_ACCOUNT = "needs_account"  # its way is shut: the buyer was asked where it should go
    CHARGED_BACK = "charged_back"  # the buyer's bank gave it back instead

    @property
    def word(self) -> str:
        """What others are told; what is kept is called as in the first version."""
        return {PartState.PAID: "succeeded", PartState.GIVEN_BACK: "sent"}.get(self, self.value)


# What keeps a refund from being done.
OPEN_PARTS = frozenset(
    {
        PartState.DUE,
        PartState.SENT,
        PartState.PENDING,
        PartState.FAILED,
        PartState.REVERSED,
        PartState.HELD,
        PartState.NEEDS_ACCOUNT,
    }
)
# What waits for a provider's word.
AWAITED_PARTS = frozenset({PartState.DUE, PartState.SENT, PartState.PENDING})
# What goes another way, or went without Batal.
_GO_NO_MORE = frozenset({PartState.REDIRECTED, PartState.CHARGED_BACK})
# What did not go, and does not by itself.
STUCK_PARTS = frozenset({PartState.FAILED, PartState.REVERSED, PartState.HELD})


class Told(StrEnum):
    """What may be told of a part."""

    SENT = "sent"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVERSED = "reversed"
    HELD = "held"  # nobody knows how it went: a person has to look


class NotTaken(StrEnum):
    """Why a report changed nothing."""

    AMOUNT_DIFFERS = "amount_differs"
    OLDER = "older_than_what_is_known"
    OTHER_TRY = "about_another_try"
    REDIRECTED = "went_another_way"
    CHARGED_BACK = "given_back_by_bank"
    PAID_BY_US = "paid_by_batal"
    ASKED_BY_BATAL = "asked_by_batal"
    NOTHING_NEW = "nothing_new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody told of a part under an id of their own: `amount` in minor units, `at` when it was so, `reference`
    what their provider calls it, `code` why it failed; `not_taken` why it changed nothing."""

    event_id: str
    part: str
    told: Told
    amount: int
    at: datetime
    reference: str | None = None
    code: str | None = None
    not_taken: NotTaken | None = None


class WayOn(StrEnum):
    """What people in charge may do with a part that is stuck."""

    RETRY = "retry"
    REDIRECT = "redirect"
    RESOLVE = "resolve"
    PAY_OUT = "pay_out"


class Instead(StrEnum):
    """Where a part may go instead of the way that its money came by."""

    WALLET = "wallet"
    PAYOUT = "payout"  # to an account, which the buyer is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstYes:
    """What a first person wants done with a part, until a second one says the same; `reference` under which it went, or
    the fingerprint of the account that it is to go to."""

    way: WayOn
    by: str
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPart:
    """What goes back by one tender, in minor units, and by when the buyer has it.

    channel    its brand or bank
    tries      which try this is; it rises only once a try has failed for good
    asked_at   when this try began; None: with the refund
    report     the last word on it that counted
    reference  what the provider calls the refund
    provider   who is asked for it by Batal itself; None: the marketplace is told to
    instead_of the part in whose place it goes
    first_yes  what one person wants done with it, where a second one must agree
    asked      how often the buyer was asked for an account to send it to
    account    where it is paid out to, where it does not go the way it came
    withheld   nobody was asked for it at this try, as a chargeback about its tender was open
    """

    method: Method
    amount: int
    state: PartState
    arrives_by: datetime
    tender_id: str = ""
    channel: str | None = None
    tries: int = 1
    asked_at: datetime | None = None
    report: Report | None = None
    reference: str | None = None
    provider: str | None = None
    instead_of: str | None = None
    first_yes: FirstYes | None = None
    asked: int = 0
    account: AccountKept | None = None
    withheld: bool = False

    @property
    def surely_did_not_go(self) -> bool:
        """Whether it certainly does not go the way it was sent."""
        return (self.is_stuck and not self.is_in_doubt) or self.state is PartState.NEEDS_ACCOUNT

    @property
    def may_go_elsewhere(self) -> bool:
        """The same, of what is money: vouchers and coins go no other way at all."""
        return self.surely_did_not_go and not self.method.is_promo

    @property
    def is_in_doubt(self) -> bool:
        """Whether nobody knows if it went: it may be asked for under its key alone, and go no other way."""
        return self.state is PartState.HELD and self.report is not None and self.report.told is Told.HELD

    @property
    def is_stuck(self) -> bool:
        """Whether it did not go, and does not by itself."""
        return self.state in STUCK_PARTS

    def __post_init__(self) -> None:
        """Where several tenders cannot share a method, the method is its name."""
        if not self.tender_id:
            object.__setattr__(self, "tender_id", self.method.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """The one refund of a case; `events` are the provider's event ids already taken in. `kept` is what each tender
    keeps by it, in minor units per tender id: fees, deductions, what was agreed. `in_ledger`: the ledger knows where
    its parts are, as it does not of refunds from before there was one. `not_taken`: reports that changed nothing."""

    refund_id: str
    currency: str
    total: int
    parts: tuple[RefundPart, ...]
    overdue: bool = False
    events: tuple[str, ...] = ()
    kept: Mapping[str, int] = field(default_factory=dict)
    in_ledger: bool = False
    not_taken: tuple[Report, ...] = ()

    @property
    def state(self) -> str:
        """`failed` while a part is stuck, `pending` while a provider or the buyer has to answer, else `succeeded`."""
        states = {part.state for part in self.parts}
        if states & STUCK_PARTS:
            return "failed"
        return "pending" if states & OPEN_PARTS else "succeeded"

    @property
    def word(self) -> str:
        """The same, or `stuck` where what was asked for has not come in its time."""
        return "stuck" if self.overdue else self.state

    def stands(self, word: str) -> bool:
        """Whether this is how it stands, or one of its parts does."""
        return word == self.word or any(word == part.state.word for part in self.parts)

    @property
    def due(self) -> int:
        """What has not gone yet, in minor units."""
        return sum(part.amount for part in self.open_parts.values())

    @property
    def going(self) -> tuple[RefundPart, ...]:
        """The parts that go, or went: together the total."""
        return tuple(part for part in self.parts if part.state not in _GO_NO_MORE)

    @property
    def charged_back(self) -> int:
        """What a bank gave to the buyer instead, in minor units."""
        return sum(part.amount for part in self.parts if part.state is PartState.CHARGED_BACK)

    @property
    def open_parts(self) -> Mapping[str, RefundPart]:
        """Those that have not gone yet, by their names."""
        return {name: part for name, part in self.by_name.items() if part.state in OPEN_PARTS}

    @property
    def without_way(self) -> Mapping[str, RefundPart]:
        """Those that may go elsewhere, by their names."""
        return {name: part for name, part in self.by_name.items() if part.may_go_elsewhere}

    @property
    def wants_account(self) -> bool:
        """Whether the buyer is asked where some of it should go."""
        return any(part.state is PartState.NEEDS_ACCOUNT for part in self.parts)

    @property
    def turn(self) -> int:
        """How often parts went another way: a link that asks for an account is for one turn."""
        return len(self.parts) - len(self.going)

    @property
    def by_name(self) -> Mapping[str, RefundPart]:
        """The parts by their names: `1`, `2`, ..."""
        return {str(number): part for number, part in enumerate(self.parts, start=1)}

    def knows(self, event_id: str) -> bool:
        """Whether a report of this id was heard before."""
        return event_id in self.events or any(report.event_id == event_id for report in self.not_taken)

    def with_part(self, name: str, part: RefundPart) -> "Refund":
        """The refund with this as the part of that name."""
        return replace(self, parts=tuple(part if each == name else one for each, one in self.by_name.items()))

    def key_of(self, name: str) -> str:
        """Under which a provider is asked for the try that a part is at: the same for as long as nobody knows that the
        try failed. Letters, digits, dash and underscore."""
        return f"{self.refund_id}-{name}-{self.by_name[name].tries}"


def heard(refund: Refund, report: Report, *, by_batal: bool, by_provider: bool = False) -> Refund:
    """The refund once this was told of one of its parts, which it has; `by_batal`: the built-in wallet paid it;
    `by_provider`: it is what the provider said that Batal asked itself."""
    part = refund.by_name[report.part]
    state, why = _judged(part, report, by_batal=by_batal)
    if part.provider and not by_provider and _asked_for_still(part, report):
        why = why or NotTaken.ASKED_BY_BATAL
    if why is not None:
        return replace(refund, not_taken=(*refund.not_taken, replace(report, not_taken=why))[-_REMEMBERED:])
    heard_of = replace(part, state=state, report=report, reference=report.reference or part.reference)
    heard_of = replace(heard_of, first_yes=None, withheld=False)
    if heard_of.may_go_elsewhere and report.code in SHUT and part.account is None:
        heard_of = wants_account(heard_of)
    events = (*refund.events, report.event_id)[-_REMEMBERED:]
    changed = replace(refund.with_part(report.part, heard_of), events=events)
    return changed if changed.due else replace(changed, overdue=False)


def _asked_for_still(part: RefundPart, report: Report) -> bool:
    """Whether it is said to have failed while its provider may yet do it: another way would be a second payment."""
    return part.state in AWAITED_PARTS and report.told in (Told.FAILED, Told.REVERSED)


_UNDER_WAY = {Told.SENT: PartState.SENT, Told.PENDING: PartState.PENDING}
_RANK = {PartState.DUE: 0, PartState.SENT: 1, PartState.PENDING: 2}


def _judged(part: RefundPart, report: Report, *, by_batal: bool) -> tuple[PartState, NotTaken | None]:
    """What a part becomes by a report, or why it stays as it is."""
    was, told, known = part.state, report.told, part.report
    if by_batal:
        return was, NotTaken.PAID_BY_US
    if was in _GO_NO_MORE:
        return was, NotTaken.REDIRECTED if was is PartState.REDIRECTED else NotTaken.CHARGED_BACK
    if report.amount != part.amount:
        return was, NotTaken.AMOUNT_DIFFERS
    if told is not Told.SUCCEEDED and part.asked_at is not None and report.at < part.asked_at:
        return was, NotTaken.OTHER_TRY
    if known is not None and report.at < known.at:
        return was, NotTaken.OLDER
    if was is PartState.PAID:
        return _after_success(part, report)
    match told:
        case Told.SUCCEEDED:
            return PartState.PAID, None
        case _ if was is PartState.NEEDS_ACCOUNT:
            # It was known already not to go this way.
            return was, NotTaken.NOTHING_NEW
        case Told.HELD:
            return PartState.HELD, None
        case Told.FAILED | Told.REVERSED:
            # A reversal of what nobody said had gone comes to the same: the money is not there.
            return PartState.FAILED, None
        case _:
            further = _RANK.get(_UNDER_WAY[told], 0) > _RANK.get(was, len(_RANK))
            return (_UNDER_WAY[told], None) if further else (was, NotTaken.NOTHING_NEW)


def _after_success(part: RefundPart, report: Report) -> tuple[PartState, NotTaken | None]:
    """Money that went may come back days later; what another try says of itself is none of that."""
    if report.told is Told.REVERSED:
        return PartState.REVERSED, None
    if report.told is not Told.FAILED:
        return part.state, NotTaken.NOTHING_NEW
    if part.report is not None and report.at <= part.report.at:
        # Of two words of one moment the good one counts.
        return part.state, NotTaken.OLDER
    same = report.reference == part.reference if report.reference and part.reference else part.tries == 1
    return (PartState.REVERSED, None) if same else (part.state, NotTaken.OTHER_TRY)


def wants_account(part: RefundPart) -> RefundPart:
    """The part once its buyer is asked, or reminded, where it should go."""
    return replace(part, state=PartState.NEEDS_ACCOUNT, asked=part.asked + 1, first_yes=None)


def asked_again(part: RefundPart, now: datetime, arrives_by: datetime) -> RefundPart:
    """The part at a further try, after one that failed."""
    return replace(
        part,
        state=PartState.DUE,
        tries=part.tries + 1,
        asked_at=now,
        arrives_by=arrives_by,
        report=None,
        first_yes=None,
        withheld=False,
    )
