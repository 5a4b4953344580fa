"""What a policy would have to say to reach a target: one lever is tried in steps, over all past cases, and of the steps
that reach it the one is suggested that changes the fewest cases. The trade-off is in the steps themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chalicelib.domain.policies.policy import Anchor, InstantWindow, Policy
from chalicelib.domain.policies.spans import Span
from chalicelib.domain.simulation.comparing import Endings, Estimate, differs
from chalicelib.domain.simulation.past import PastCase, Way
from chalicelib.domain.simulation.replay import Ending, replay
from chalicelib.domain.simulation.simulating import Stage


class Lever(StrEnum):
    """What of a policy is moved."""

    ANSWER_TIME = "answer_time"  # how long sellers may take, at every status
    INSTANT_WINDOW = "instant_window"  # for how long after payment nobody has to agree


# The steps of both, in hours.
STEPS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is to be reached by moving a lever: so large a share (0 to 1) of requests decided within so many hours,
    while fees grow by no more than this share of what they were."""

    lever: Lever
    share: float = 0.9
    within: int = 12
    more_fees: float = 0.02


@dataclass(slots=True, kw_only=True)
class Tried:
    """A step of the lever, in hours, with how requests would have ended; `changed`: how many of them otherwise."""

    hours: int
    after: Endings = field(default_factory=Endings)
    changed: Estimate = field(default_factory=Estimate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step comes to: the share decided in time; how fees change in the policy's currency (0.02: two percent
    more, None: there were none); how many requests end without an answer, and how many end otherwise than they did.
    `reaches`: whether that is the target."""

    hours: int
    decided: float
    more_fees: float | None
    unanswered: Estimate
    changed: Estimate
    reaches: bool


def drafts(draft: Policy, lever: Lever) -> Mapping[int, Policy]:
    """The draft with the lever at each of its steps."""
    return {hours: _moved(draft, lever, hours) for hours in STEPS}


def _moved(draft: Policy, lever: Lever, hours: int) -> Policy:
    span = Span(amount=hours, unit="hours")
    if lever is Lever.ANSWER_TIME:
        answers = {status: replace(answer, within=span) for status, answer in draft.answers.items()}
        before = {status: replace(answer, within=span) for status, answer in draft.preorder_answers.items()}
        return replace(draft, answers=answers, preorder_answers=before)
    windows = tuple(replace(each, span=span) for each in draft.instant if each.span is not None)
    whole = tuple(each for each in draft.instant if each.span is None)
    wanted = windows or (InstantWindow(statuses=tuple(draft.answers)[:1], anchor=Anchor.PAID, span=span),)
    return replace(draft, instant=(*whole, *wanted))


def try_all(tried: Sequence[Tried], past: PastCase, was: Ending, stage: Stage, moved: Mapping[int, Policy]) -> None:
    """Add a past case to every step."""
    in_force = stage.in_force.get(past.version)
    for each in tried:
        for ending in replay(past, moved[each.hours], in_force, stage.days_off, stage.hears).endings:
            each.after.add(past, ending)
            if differs(ending, was):
                each.changed.add(1, ending.share)


def steps(before: Endings, tried: Sequence[Tried], target: Target, currency: str) -> tuple[Step, ...]:
    """What each step comes to."""
    return tuple(_step(before, each, target, currency) for each in tried)


def _step(before: Endings, tried: Tried, target: Target, currency: str) -> Step:
    was, becomes = (each.fees.get(currency, Estimate()).mean for each in (before, tried.after))
    more = (becomes - was) / was if was else None
    decided = tried.after.decided_within(target.within)
    dearer = becomes > was * (1 + target.more_fees)
    return Step(
        hours=tried.hours,
        decided=decided,
        more_fees=more,
        unanswered=tried.after.ways.get(Way.EXPIRED, Estimate()),
        changed=tried.changed,
        reaches=decided >= target.share and not dearer,
    )


def suggested(found: Sequence[Step], lever: Lever) -> Step | None:
    """Of the steps that reach the target the one that changes the fewest requests; of several, the one that leaves
    sellers most to say. None where none does."""
    sign = -1 if lever is Lever.ANSWER_TIME else 1
    reach = [each for each in found if each.reaches]
    return min(reach, key=lambda each: (each.changed.mean, sign * each.hours), default=None)
