"""One past case under another policy: how it would have ended, and what that rests on.

Where rules decide, they are the rules of the service itself (cases/eligibility.py, money/quote.py), so the policy that
was in force comes to what happened. Where a person spoke in time, they are taken to have said the same at the same
moment. Where nobody knows what a person would have said, it is an estimate (estimate.py).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.cases.asking import fee_of, with_silence_of
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.cases.eligibility import Verdict, judge
from chalicelib.domain.money.quote import is_by_choice, quote
from chalicelib.domain.orders.statuses import ON_ITS_WAY
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learned import Heard
from chalicelib.domain.policies.policy import MoneyBack, ParcelMoves, Policy, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.spans import earlier, later
from chalicelib.domain.simulation.estimate import SURE, Likely, answers_to, yes
from chalicelib.domain.simulation.past import GRANTED, PastCase, Way

# Public holidays around a moment, of a country.
DaysOff = Callable[[datetime, str | None], Collection[date]]
# What became of requests like this one.
Hears = Callable[[PastCase], Heard]


class Basis(StrEnum):
    """What an ending rests on, the weakest of all that led to it."""

    RULES = "rules"  # rules alone
    TOLD = "told"  # what people said, taken to be said again, and at the same moment
    ESTIMATED = "estimated"  # people would have been asked who were not, or for longer, or would have had to hurry


class WhyChanged(StrEnum):
    """WhyChanged a case comes out otherwise than it did."""

    NOW_REFUSED = "now_refused"
    NOW_INSTANT = "now_instant"
    NOW_ASKED = "now_asked"  # the seller is asked who was not
    SILENCE = "silence"  # silence means something else
    SOONER = "sooner"  # it is silence that speaks first now
    LONGER = "longer"  # the seller has time for an answer
    PARCEL = "parcel"  # the parcel's move means something else
    MONEY = "money"  # it ends alike, with other amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One way in which a case may end, its chance, and what that rests on; `refund` and `fees` in minor units, `mails`
    to buyer and seller together. `if_sent`: its money goes once goods have come back, of which nobody knows."""

    way: Way
    share: Likely
    at: datetime
    basis: Basis = Basis.RULES
    refund: int = 0
    fees: int = 0
    mails: int = 0
    escalated: bool = False
    if_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How a case ends under a policy: the chances of `endings` come to 1. `exact_money` says that its amounts are
    reckoned to the unit; else something of what was known then is not known any more, or goods may not come back."""

    endings: tuple[Ending, ...]
    why: WhyChanged | None = None
    refusal: str | None = None
    exact_money: bool = True

    @property
    def basis(self) -> Basis:
        """What it rests on: the weakest of all that its endings do."""
        return max((each.basis for each in self.endings), key=list(Basis).index)


def replay(past: PastCase, draft: Policy, in_force: Policy | None, days_off: DaysOff, hears: Hears) -> Replay:
    """A past case under a draft; `in_force` is the policy that it lived by, where it is known."""
    return _Scene(past=past, policy=draft, in_force=in_force, days_off=days_off, hears=hears).played()


def looked_back(past: PastCase, in_force: Policy, days_off: DaysOff) -> tuple[Ending, tuple[str, ...]]:
    """How it ended, with the mails that the policy in force promises on that way; and what that policy does not bring
    about as it happened, by names of `Happened`: nothing where all is reproduced."""
    scene = _Scene(past=past, policy=in_force, in_force=in_force, days_off=days_off, hears=_nobody)
    happened = past.happened
    was = replace(scene.as_it_happened(), refund=happened.refund, fees=happened.fees)
    return was, tuple(scene.differences())


def reckons(past: PastCase, in_force: Policy, days_off: DaysOff) -> bool:
    """Whether the amounts that asking promised come out again where they are reckoned anew; where the order was told
    anew since, they may not."""
    happened = past.happened
    promised = _reckoned(past, in_force, days_off(past.asked_at, in_force.home))
    return promised == (happened.quoted_refund, happened.quoted_fees)


class _Unheard(Exception):
    """People would have been asked who were not."""


def _nobody(past: PastCase) -> Heard:
    raise _Unheard(past.case_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Money:
    refund: int
    fees: int
    exact: bool


def _reckoned(past: PastCase, policy: Policy, holidays: Collection[date]) -> tuple[int, int]:
    made = quote(
        past.order,
        policy,
        past.fault,
        past.asked_at,
        holidays,
        wanted=past.lines,
        fee=fee_of(past.kind, policy),
    )
    return made.refund_total, made.fees_total


def _money_rule(past: PastCase, policy: Policy, holidays: Collection[date]) -> tuple[object, ...]:
    """What of a policy the amounts of this case hang on."""
    order, fee = past.order, fee_of(past.kind, policy)
    choice = is_by_choice(order, policy, past.fault, past.asked_at, holidays, fee)
    rule = policy.fee_in(order.body.currency, fee or policy.fee_at(order.standing)) if choice else None
    lost = policy.lost_promotions if choice else None
    return rule, lost, policy.gifts if past.fault is Fault.BUYER else None, policy.refund_order


@dataclass(slots=True, kw_only=True)
class _Scene:
    """A past case on the stage of a policy."""

    past: PastCase
    policy: Policy
    in_force: Policy | None
    days_off: DaysOff
    hears: Hears
    holidays: Collection[date] = field(init=False)
    verdict: Verdict = field(init=False)
    _money: _Money | None = None

    def __post_init__(self) -> None:
        past, policy = self.past, self.policy
        self.holidays = self.days_off(past.asked_at, policy.home)
        whole = past.lines == past.order.remaining
        known = None if whole else past.lines
        verdict = judge(past.order, policy, past.kind, past.asked_at, self.holidays, known)
        self.verdict = with_silence_of(verdict, past.order, goods_come_back=past.goods_come_back)

    # --- amounts

    @property
    def money(self) -> _Money:
        """What asking promises under this policy, reckoned once it is needed."""
        if self._money is None:
            self._money = self._promised()
        return self._money

    def _promised(self) -> _Money:
        happened, before = self.past.happened, self.in_force
        known = happened.quoted_refund is not None and happened.quoted_fees is not None
        told = (happened.quoted_refund or 0, happened.quoted_fees or 0)
        if self.past.asked_by is Role.SELLER or (known and before and self._pays_as(before)):
            return _Money(refund=told[0], fees=told[1], exact=True)
        refund, fees = _reckoned(self.past, self.policy, self.holidays)
        if not known or before is None:
            return _Money(refund=refund, fees=fees, exact=False)
        was = _reckoned(self.past, before, self.days_off(self.past.asked_at, before.home))
        # As far off as the reckoning of what is known.
        return _Money(refund=max(0, told[0] + refund - was[0]), fees=max(0, told[1] + fees - was[1]), exact=was == told)

    def _pays_as(self, before: Policy) -> bool:
        """Whether the policy that was in force makes the same amounts of this case."""
        if before is self.policy:
            return True
        then = self.days_off(self.past.asked_at, before.home)
        return _money_rule(self.past, before, then) == _money_rule(self.past, self.policy, self.holidays)

    def _as_paid(self) -> tuple[int, int]:
        """What went back, and what was kept, of a request that was granted: as it happened, with the difference that
        the policy makes."""
        happened = self.past.happened
        if happened.way not in GRANTED or not (happened.refund or happened.fees):
            return happened.refund, happened.fees
        if happened.fault_turned or happened.quoted_refund is None or happened.quoted_fees is None:
            return happened.refund, happened.fees
        more = self.money.refund - happened.quoted_refund
        kept = self.money.fees - happened.quoted_fees
        return max(0, happened.refund + more), max(0, happened.fees + kept)

    # --- ways

    def played(self) -> Replay:
        """How it ends."""
        past, verdict = self.past, self.verdict
        if past.asked_by is Role.SELLER:
            return self._of((replace(self.as_it_happened(), basis=Basis.RULES),), None)
        if verdict.refusal:
            refused = Ending(way=Way.REFUSED, share=SURE, at=past.asked_at)
            return replace(self._of((refused,), WhyChanged.NOW_REFUSED), refusal=verdict.refusal)
        if not verdict.needs_seller or past.by_rule:
            way = Way.BY_RULE if verdict.needs_seller else Way.INSTANT
            return self._of((self._granted(way, past.asked_at),), WhyChanged.NOW_INSTANT)
        if past.happened.at_once:
            return self._of(self._asked_anew(0.0), WhyChanged.NOW_ASKED)
        return self._waited()

    def _waited(self) -> Replay:
        """The seller was asked, and is asked."""
        happened, until = self.past.happened, self._until()
        if self._parcel_differs(until):
            return self._of(self._at_parcel(), WhyChanged.PARCEL)
        if happened.left_by is Command.EXPIRE:
            had = happened.extended_to or happened.answer_by or happened.left_at or until
            if until > had:
                seconds = (had - self.past.asked_at).total_seconds()
                return self._of(self._asked_anew(seconds), WhyChanged.LONGER)
            return self._of(self._silence(until, SURE), WhyChanged.SILENCE)
        if happened.left_at is None or happened.left_at < until:
            return self._of((self.as_it_happened(),), None)
        if happened.left_as is not Role.SELLER:
            return self._of(self._silence(until, SURE), WhyChanged.SOONER)
        return self._of((*_uncertain(self._silence(until, _NOBODY_KNOWS)), self._hurried(until)), WhyChanged.SOONER)

    def _until(self) -> datetime:
        """Until when the seller may answer: what customer service allowed stays allowed."""
        until, more = self.verdict.answer_by, self.past.happened.extended_to
        if until is None:
            raise AssertionError(f"{self.past.case_id}: a seller who is asked has a deadline")
        return max(until, more) if more else until

    def as_it_happened(self) -> Ending:
        """How it ended, with the money that this policy makes of it."""
        happened = self.past.happened
        refund, fees = self._as_paid()
        left = happened.left_at or happened.at
        return Ending(
            way=happened.way,
            share=SURE,
            at=happened.at,
            basis=Basis.TOLD,
            refund=refund,
            fees=fees,
            mails=self._mails(happened.way, left, escalated=happened.support_at is not None),
            escalated=happened.support_at is not None,
        )

    def _hurried(self, until: datetime) -> Ending:
        """Whoever spoke later than they could now may have spoken just in time; nobody knows how many would."""
        return replace(self.as_it_happened(), share=_NOBODY_KNOWS.rest, at=until, basis=Basis.ESTIMATED)

    def _granted(self, way: Way, at: datetime, share: Likely = SURE, *, escalated: bool = False) -> Ending:
        return Ending(
            way=way,
            share=share,
            at=at,
            refund=self.money.refund,
            fees=self.money.fees,
            mails=self._mails(way, at, escalated=escalated),
            escalated=escalated,
            if_sent=way is not Way.INSTANT and self._goods_first(),
        )

    def _not_granted(self, way: Way, at: datetime, share: Likely, *, escalated: bool = False) -> Ending:
        mails = self._mails(way, at, escalated=escalated)
        return Ending(way=way, share=share, at=at, mails=mails, escalated=escalated)

    def _silence(self, at: datetime, share: Likely) -> tuple[Ending, ...]:
        """The seller's silence at its deadline."""
        past, means = self.past, self.verdict.if_silent
        moved = past.happened.moved_at
        if means is Silence.APPROVE and moved and moved < at and past.kind is Kind.CANCELLATION:
            means = Silence.ESCALATE
        if means is Silence.APPROVE:
            happened = past.happened
            if happened.way is Way.APPROVED_BY_SILENCE and happened.left_by is Command.EXPIRE:
                return (replace(self.as_it_happened(), share=share, at=at, basis=Basis.RULES),)
            return (self._granted(Way.APPROVED_BY_SILENCE, at, share),)
        if means is Silence.EXPIRE:
            return (self._not_granted(Way.EXPIRED, at, share),)
        return tuple(self._support(at, share))

    def _support(self, came: datetime, share: Likely) -> Iterator[Ending]:
        """Customer service, from the moment at which it is asked: as it decided, where it was; else by a chance."""
        past, within = self.past, self.policy.support.within
        happened = past.happened
        until = later(came, within, self.policy.zone, self.holidays)
        if happened.support_at is None:
            yield from self._decides(until, share)
            return
        left = happened.support_left_at
        took = left - happened.support_at if left else timedelta(0)
        as_it_did = replace(self.as_it_happened(), share=share, at=happened.at + (came - happened.support_at))
        if happened.support_left_by is Command.EXPIRE:
            if self.in_force and self.in_force.support == self.policy.support:
                yield as_it_did
            elif came + took < until:
                yield from _uncertain(self._support_silent(until, _NOBODY_KNOWS.of(share)))
                yield from self._decides(until, _NOBODY_KNOWS.rest.of(share))
            else:
                yield from self._support_silent(until, share)
        elif came + took < until:
            yield as_it_did
        else:
            yield from _uncertain(self._support_silent(until, _NOBODY_KNOWS.of(share)))
            hurried = self._hurried(until)
            yield replace(hurried, share=hurried.share.of(share))

    def _decides(self, until: datetime, share: Likely) -> Iterator[Ending]:
        """Customer service that nobody asked so far, or that has longer."""
        chance = yes(self.past, self.hears(self.past), self.policy.learning)
        endings = (
            self._granted(Way.APPROVED_BY_SUPPORT, until, chance.of(share), escalated=True),
            self._not_granted(Way.REJECTED_BY_SUPPORT, until, chance.rest.of(share), escalated=True),
        )
        yield from _uncertain(endings)

    def _support_silent(self, until: datetime, share: Likely) -> tuple[Ending, ...]:
        means = self.policy.support.if_silent
        if means is Silence.APPROVE:
            return (replace(self._granted(Way.APPROVED_BY_SILENCE, until, share, escalated=True), basis=Basis.TOLD),)
        if means is Silence.EXPIRE:
            return (replace(self._not_granted(Way.EXPIRED, until, share, escalated=True), basis=Basis.TOLD),)
        return tuple(self._decides(until, share))

    def _asked_anew(self, after: float) -> tuple[Ending, ...]:
        """Nobody knows what the seller would have said `after` so many seconds, until their deadline."""
        past, until = self.past, self._until()
        heard, within = self.hears(past), (until - past.asked_at).total_seconds()
        learning = self.policy.learning
        chance, answers = yes(past, heard, learning), answers_to(past, heard, learning)
        share, times = answers.within(within, after), answers.moments(within, after)
        found = list[Ending]()
        for seconds in times:
            one = share.of(Likely(mean=1 / len(times), low=1 / len(times), high=1 / len(times)))
            at = past.asked_at + timedelta(seconds=seconds)
            found.append(self._granted(Way.APPROVED, at, chance.of(one)))
            found.append(self._not_granted(Way.REJECTED, at, chance.rest.of(one)))
        return (*_uncertain(found), *_uncertain(self._silence(until, share.rest)))

    def _parcel_differs(self, until: datetime) -> bool:
        happened, before = self.past.happened, self.in_force
        moved = happened.moved_at is not None and happened.moved_at <= until
        return bool(
            moved
            and before
            and before.parcel_moves is not self.policy.parcel_moves
            and self.past.kind is Kind.CANCELLATION
        )

    def _at_parcel(self) -> tuple[Ending, ...]:
        moved = self.past.happened.moved_at or self.past.asked_at
        if self.policy.parcel_moves is ParcelMoves.END:
            return (replace(self._not_granted(Way.OVERTAKEN, moved, SURE), basis=Basis.TOLD),)
        if self.policy.parcel_moves is ParcelMoves.SUPPORT:
            return tuple(self._support(moved, SURE))
        return self._asked_anew((moved - self.past.asked_at).total_seconds())

    # --- mails

    def _mails(self, way: Way, left: datetime, *, escalated: bool) -> int:
        """What both are written on the way, as far as rules promise it: not what an offer or an appeal adds."""
        past, sent = self.past, 2
        if way in (Way.REFUSED, Way.INSTANT, Way.BY_RULE):
            return 0 if way is Way.REFUSED else sent
        until = self.verdict.answer_by
        if until is not None:
            sent += 2 + sum(past.asked_at < earlier(until, span) < left for span in self.policy.reminders)
        sent += 2 if way in GRANTED and self._goods_first() else 0
        return sent + (2 if escalated else 0)

    def _goods_first(self) -> bool:
        """Whether goods come back before the money goes."""
        called_back = self.policy.money_back is not MoneyBack.ON_APPROVAL and self.past.order.standing in ON_ITS_WAY
        return self.past.goods_come_back and (self.past.kind is Kind.RETURN or called_back)

    # --- together

    def differences(self) -> Iterator[str]:
        """What comes out otherwise than it happened."""
        happened, verdict, past = self.past.happened, self.verdict, self.past
        if past.asked_by is Role.SELLER:
            return
        asks = verdict.needs_seller and not past.by_rule
        if verdict.refusal:
            yield verdict.refusal
        elif asks is happened.at_once:
            yield "at_once"
        elif asks and happened.answer_by not in (None, verdict.answer_by):
            yield "answer_by"
        elif asks and happened.if_silent not in (None, verdict.if_silent):
            yield "if_silent"
        else:
            try:
                (ending,) = self.played().endings
            except _Unheard:
                yield "way"
                return
            if ending.way is not happened.way:
                yield "way"
            if (ending.refund, ending.fees) != (happened.refund, happened.fees):
                yield "refund"

    def _of(self, endings: tuple[Ending, ...], why: WhyChanged | None) -> Replay:
        happened = self.past.happened
        if all(each.way is happened.way for each in endings):
            same = all((each.refund, each.fees) == (happened.refund, happened.fees) for each in endings)
            why = None if same else WhyChanged.MONEY
        pays = any(each.way in GRANTED for each in endings)
        exact = not pays or (self.money.exact and not any(each.if_sent for each in endings))
        return Replay(endings=endings, why=why, exact_money=exact)


# Whether people who were silent, or slow, would have spoken: taken not to be, and it may be all of them.
_NOBODY_KNOWS = Likely(mean=1.0, low=0.0, high=1.0)


def _uncertain(endings: Iterable[Ending]) -> tuple[Ending, ...]:
    return tuple(replace(each, basis=Basis.ESTIMATED) for each in endings)
