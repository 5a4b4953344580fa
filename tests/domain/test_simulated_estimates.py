"""Where people decide, a simulation estimates: the interval holds what really comes of it, nine times of ten.

Made-up sellers of whom all is known, the answers that nobody waited for too, live under one policy; what the simulation
says of another is held against what they would have done.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest

from chalicelib.domain.cases.commands import Command
from chalicelib.domain.money.quote import quote
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.policy import Answer, InstantWindow, Policy, Silence
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.simulation.comparing import Endings, Estimate, Outlook
from chalicelib.domain.simulation.hearing import Hearing
from chalicelib.domain.simulation.past import GRANTED, Happened, PastCase, Way
from chalicelib.domain.simulation.simulating import Stage, take_in
from infra.sandbox.builders import NOW, a_policy, an_order
from tests.proofs.figures import FULL, figure

WORLDS = 200 if FULL else 4
CASES = 80
# As many could still cancel without anybody's yes.
SHARE_INSTANT = 0.25


def a_plain_policy(hours: int, silence: Silence, version: int, instant: tuple[InstantWindow, ...] = ()) -> Policy:
    plain = a_policy(version=version, fees={})
    answer = Answer(within=Span(amount=hours, unit="hours"), if_silent=silence)
    return replace(plain, answers=dict.fromkeys(plain.answers, answer), instant=instant)


WINDOW = (InstantWindow(statuses=(an_order().status,), span=Span(amount=1, unit="hours")),)


FRESH, OLDER = (
    an_order(paid_at=NOW - timedelta(minutes=minutes), placed_at=NOW - timedelta(minutes=minutes))
    for minutes in (10, 600)
)
PAID = quote(OLDER, a_plain_policy(24, Silence.EXPIRE, 9), Fault.BUYER, NOW)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A request, and what its seller would say to it, however long that takes."""

    number: int
    fresh: bool
    hours: float
    yes: bool

    @property
    def order(self) -> Order:
        return FRESH if self.fresh else OLDER


def wishes(dice: random.Random) -> Iterator[Wish]:
    chance, typical, spread = dice.uniform(0.3, 0.9), dice.uniform(3, 20), dice.uniform(0.5, 1.2)
    for number in range(CASES):
        hours = typical * dice.lognormvariate(0, spread)
        yield Wish(number=number, fresh=dice.random() < SHARE_INSTANT, hours=hours, yes=dice.random() < chance)


def no_days_off(at: datetime, country: str | None) -> tuple[date, ...]:
    return ()


def lived(wish: Wish, policy: Policy) -> PastCase:
    """What comes of a request under a policy, whose silence approves or ends it."""
    order = wish.order
    answer = policy.answers[order.status]
    until = NOW + timedelta(hours=answer.within.amount)
    if policy.instant_until(order, NOW, ()):
        way, at, left = Way.INSTANT, NOW, None
    elif wish.hours < answer.within.amount:
        at = NOW + timedelta(hours=wish.hours)
        way, left = Way.APPROVED if wish.yes else Way.REJECTED, (Command.APPROVE, Role.SELLER)
    else:
        at, left = until, (Command.EXPIRE, Role.SYSTEM)
        way = Way.APPROVED_BY_SILENCE if answer.if_silent is Silence.APPROVE else Way.EXPIRED
    happened = Happened(
        way=way,
        at=at,
        at_once=left is None,
        answer_by=until if left else None,
        if_silent=answer.if_silent if left else None,
        left_at=at if left else None,
        left_by=left[0] if left else None,
        left_as=left[1] if left else None,
        quoted_refund=PAID.refund_total,
        quoted_fees=PAID.fees_total,
        refund=PAID.refund_total if way in GRANTED else 0,
        fees=PAID.fees_total if way in GRANTED else 0,
    )
    return PastCase(
        case_id=f"c{wish.number}",
        policy=policy.name,
        version=policy.version,
        kind=Kind.CANCELLATION,
        asked_at=NOW,
        order=order,
        lines=dict(order.remaining),
        happened=happened,
    )


def foretold(pasts: Sequence[PastCase], was: Policy, draft: Policy) -> Outlook:
    hearing, found = Hearing(), Outlook()
    for past in pasts:
        hearing.note(past)
    stage = Stage(draft=draft, in_force={was.version: was}, days_off=no_days_off, hears=hearing.heard)
    for past in pasts:
        take_in(found, past, stage)
    assert found.unexplained == found.unsure == 0
    return found


CHANGES: Mapping[str, tuple[Policy, Policy]] = {
    "longer": (a_plain_policy(12, Silence.EXPIRE, 9), a_plain_policy(24, Silence.EXPIRE, 10)),
    "shorter": (a_plain_policy(24, Silence.EXPIRE, 9), a_plain_policy(8, Silence.APPROVE, 10)),
    "asked": (a_plain_policy(24, Silence.EXPIRE, 9, WINDOW), a_plain_policy(24, Silence.EXPIRE, 10)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_interval_holds_what_comes_nine_times_of_ten(change: str) -> None:
    was, draft = CHANGES[change]
    held = counted = 0
    off = 0.0
    for world in range(WORLDS):
        made = list(wishes(random.Random(f"{change}-{world}")))
        after = foretold([lived(wish, was) for wish in made], was, draft).after
        truth = Endings()
        for wish in made:
            past = lived(wish, draft)
            truth.ways.setdefault(past.happened.way, Estimate()).add(1)
        for way in {*after.ways, *truth.ways}:
            said, really = after.ways.get(way, Estimate()), truth.ways.get(way, Estimate()).mean
            counted += 1
            held += said.low - 1 <= really <= said.high + 1
            off += abs(said.mean - really)
    figure(
        "simulation",
        f"{change}: {WORLDS} worlds of {CASES} requests; the interval held {held} of {counted} counts, "
        f"which were {off / counted:.1f} off on average",
    )
    assert held / counted > 0.85
