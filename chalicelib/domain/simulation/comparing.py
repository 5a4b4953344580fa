"""What a draft changes, over all past cases: sums before and after, which cases, why, with examples. However many cases
there are, it stays as small: numbers alone, and a few examples of each kind. Amounts in minor units, by currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import ceil, sqrt

from chalicelib.domain.policies.learned import NINE_OF_TEN
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.simulation.estimate import SURE, Likely
from chalicelib.domain.simulation.past import PastCase, Way
from chalicelib.domain.simulation.replay import Basis, Ending, Replay, WhyChanged

# Of each reason why cases change, as many are shown.
MOST_EXAMPLES = 5
# What takes more than ten days is not told apart.
_LONGER = 241

# What of a policy a simulation does not look at: what follows once a request was granted, offered something else or
# appealed, and what is of the service's own running.
NOT_LOOKED_AT = frozenset(
    {
        "offers",
        "refund_check",
        "interception",
        "appeal_within",
        "extend_at_most",
        "extensions",
        "agreed_if_silent",
        "withdrawal_counts",
        "second_person_above",
        "second_person_above_a_day",
        "link_at_most",
        "cancelled_elsewhere",
        "built_in_wallet",
        "without_way_back",
        "rating",
        "frequent",
        "reason_required",
        "refund_times",
    }
)


@dataclass(slots=True, kw_only=True)
class Estimate:
    """A sum of which a part may be estimated: `mean`, how far below and above it the estimates may lie together, and
    the `spread` (variance) of what falls out by chance."""

    mean: float = 0.0
    below: float = 0.0
    above: float = 0.0
    spread: float = 0.0

    def add(self, value: float, share: Likely = SURE) -> None:
        """Add a value that is so likely."""
        self.mean += value * share.mean
        self.below += value * (share.mean - share.low)
        self.above += value * (share.high - share.mean)
        self.spread += value * value * share.mean * (1 - share.mean)

    @property
    def low(self) -> float:
        """What it is more than, nine times of ten."""
        return max(0.0, self.mean - self._off(self.below))

    @property
    def high(self) -> float:
        """What it is less than, nine times of ten."""
        return self.mean + self._off(self.above)

    @property
    def exact(self) -> bool:
        """Whether nothing of it is estimated."""
        return not (self.below or self.above or self.spread)

    def _off(self, bound: float) -> float:
        # What is wrong of what was learned is wrong in the same direction for all; chance evens out.
        return sqrt(bound * bound + NINE_OF_TEN**2 * max(0.0, self.spread))


@dataclass(slots=True, kw_only=True)
class Endings:
    """How requests ended: how many by each way, what went back and what was kept, by currency; `waits` are requests by
    the hours, begun ones counted, until they were decided; those that nobody could make are left out."""

    ways: dict[Way, Estimate] = field(default_factory=dict)
    refunds: dict[str, Estimate] = field(default_factory=dict)
    fees: dict[str, Estimate] = field(default_factory=dict)
    escalated: Estimate = field(default_factory=Estimate)
    mails: Estimate = field(default_factory=Estimate)
    waits: dict[int, float] = field(default_factory=dict)

    def add(self, past: PastCase, ending: Ending) -> None:
        """Add one way in which a case ends."""
        currency, share = past.order.body.currency, ending.share
        self.ways.setdefault(ending.way, Estimate()).add(1, share)
        paid = Likely(mean=share.mean, low=0.0, high=share.high) if ending.if_sent else share
        self.refunds.setdefault(currency, Estimate()).add(ending.refund, paid)
        self.fees.setdefault(currency, Estimate()).add(ending.fees, paid)
        if ending.escalated:
            self.escalated.add(1, share)
        self.mails.add(ending.mails, share)
        if ending.way is not Way.REFUSED:
            hours = min(ceil((ending.at - past.asked_at).total_seconds() / 3600), _LONGER)
            self.waits[hours] = self.waits.get(hours, 0.0) + share.mean

    def decided_within(self, hours: int) -> float:
        """The share (0 to 1) of requests that are decided within so many hours, at most ten days; 0 where there are
        none."""
        total = sum(self.waits.values())
        return sum(count for begun, count in self.waits.items() if begun <= hours) / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCase:
    """A case that comes out otherwise: how it ended, how it most likely would (`chance`, 0 to 1), and the amounts."""

    case_id: str
    order_id: str
    was: Way
    becomes: Way
    chance: float
    currency: str
    refund_was: int
    refund_becomes: int
    fees_was: int
    fees_becomes: int
    refusal: str | None = None


@dataclass(slots=True, kw_only=True)
class Outlook:
    """What was, and what would have been.

    cases        how many were replayed; by what they rest on: `bases`
    changed      how many come out otherwise, by why; `moves`: from which way to which
    unexplained  cases that the policy which was in force does not bring about as they happened: what they would have
                 come to under another one is as doubtful
    unsure       cases whose amounts are not exact to the unit
    elsewhere    cases of other policies, left out
    undecided    requests that were not decided yet or that nothing is known of, left out
    unseen       what the draft changes that a simulation does not look at
    """

    cases: int = 0
    bases: dict[Basis, int] = field(default_factory=dict)
    before: Endings = field(default_factory=Endings)
    after: Endings = field(default_factory=Endings)
    changed: dict[WhyChanged, Estimate] = field(default_factory=dict)
    moves: dict[Way, dict[Way, Estimate]] = field(default_factory=dict)
    examples: dict[WhyChanged, list[ChangedCase]] = field(default_factory=dict)
    unexplained: int = 0
    unsure: int = 0
    elsewhere: int = 0
    undecided: int = 0
    unseen: set[str] = field(default_factory=set)

    def add(self, past: PastCase, found: Replay, *, was: Ending, explained: bool) -> None:
        """Take in a case: as it happened, and as it would have."""
        self.cases += 1
        self.bases[found.basis] = self.bases.get(found.basis, 0) + 1
        self.unexplained += not explained
        self.unsure += not found.exact_money
        self.before.add(past, was)
        for ending in found.endings:
            self.after.add(past, ending)
            if ending.way is not was.way:
                self.moves.setdefault(was.way, {}).setdefault(ending.way, Estimate()).add(1, ending.share)
            if found.why and differs(ending, was):
                self.changed.setdefault(found.why, Estimate()).add(1, ending.share)
        if found.why:
            self._show(past, found, was)

    def _show(self, past: PastCase, found: Replay, was: Ending) -> None:
        if found.why is None:
            return
        shown = self.examples.setdefault(found.why, [])
        if len(shown) >= MOST_EXAMPLES:
            return
        chances: dict[Way, float] = {}
        for each in found.endings:
            chances[each.way] = chances.get(each.way, 0.0) + each.share.mean
        way = max(chances, key=lambda each: chances[each])
        ending = next(each for each in found.endings if each.way is way)
        shown.append(
            ChangedCase(
                case_id=past.case_id,
                order_id=past.order.order_id,
                was=was.way,
                becomes=way,
                chance=chances[way],
                currency=past.order.body.currency,
                refund_was=was.refund,
                refund_becomes=ending.refund,
                fees_was=was.fees,
                fees_becomes=ending.fees,
                refusal=found.refusal,
            )
        )


def differs(ending: Ending, was: Ending) -> bool:
    """Whether it is another end, or other amounts."""
    return (ending.way, ending.refund, ending.fees) != (was.way, was.refund, was.fees)


def unseen_changes(draft: Policy, in_force: Policy) -> frozenset[str]:
    """What a draft changes that a simulation does not look at."""
    names = {each.name for each in fields(Policy)} & NOT_LOOKED_AT
    found = {name for name in names if getattr(draft, name) != getattr(in_force, name)}
    if draft.returns and in_force.returns:
        of_returns = ("ship_back", "transit", "if_unseen", "receipt", "quick_at_most", "way_back")
        found |= {f"returns.{x}" for x in of_returns if getattr(draft.returns, x) != getattr(in_force.returns, x)}
    return frozenset(found)


def interval(found: Estimate) -> tuple[int, int]:
    """The bounds of a sum in whole units, outwards."""
    return int(found.low), -int(-found.high // 1)


def total(sums: Mapping[Way, Estimate], ways: frozenset[Way]) -> Estimate:
    """Several ways as one."""
    found = Estimate()
    for way in ways & sums.keys():
        each = sums[way]
        found.mean += each.mean
        found.below += each.below
        found.above += each.above
        found.spread += each.spread
    return found
