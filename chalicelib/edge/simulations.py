"""What a simulation looks like in answers: the types of the contract, and what fills them. Amounts in minor units."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from chalicelib.domain.simulation.comparing import Endings, Estimate, Outlook, interval
from chalicelib.domain.simulation.jobs import Simulation
from chalicelib.domain.simulation.past import Way
from chalicelib.domain.simulation.replay import Basis, WhyChanged
from chalicelib.domain.simulation.suggesting import Lever, Step, Target, suggested

# Within which times it is told how many are decided, in hours.
HOURS = (1, 6, 12, 24, 48, 96)


class LikelyAnswer(TypedDict):
    """A sum of which a part may be estimated: what is expected, between what it lies nine times of ten, and whether
    nothing of it is estimated."""

    expected: int
    low: int
    high: int
    exact: bool


class SimulatedWayAnswer(TypedDict):
    """How many requests ended in one way, and would have."""

    way: Way
    before: int
    after: LikelyAnswer


class SimulatedSumAnswer(TypedDict):
    """What went back and what was kept in one currency, and would have."""

    currency: str
    refunds_before: int
    refunds_after: LikelyAnswer
    fees_before: int
    fees_after: LikelyAnswer


class DecidedWithinAnswer(TypedDict):
    """Which share (0 to 1) of requests was decided within so many hours, and would have been."""

    hours: int
    before: float
    after: float


class ChangedCaseAnswer(TypedDict):
    """A request that comes out otherwise: how it ended, and how it most likely would, by which chance (0 to 1)."""

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
    refusal: str | None


class ChangeAnswer(TypedDict):
    """How many requests change for one reason, with examples."""

    why: WhyChanged
    count: LikelyAnswer
    examples: Sequence[ChangedCaseAnswer]


class StepAnswer(TypedDict):
    """A step of the lever and what it comes to; `more_fees` is null where there were none."""

    hours: int
    decided: float
    more_fees: float | None
    unanswered: LikelyAnswer
    changed: LikelyAnswer
    reaches: bool


class SuggestionAnswer(TypedDict):
    """How a lever of the draft would have to stand so that a target is reached, with all its steps; `hours` is null
    where none reaches it."""

    lever: Lever
    decided: float
    within: int
    more_fees: float
    hours: int | None
    steps: Sequence[StepAnswer]


class OutlookAnswer(TypedDict):
    """What a draft would have changed, as far as it was tried. docs/simulator.md tells what is exact, what is told and
    what is estimated, and what is not looked at."""

    policy: str
    cases: int
    bases: Mapping[Basis, int]
    ways: Sequence[SimulatedWayAnswer]
    escalated_before: int
    escalated_after: LikelyAnswer
    mails_before: int
    mails_after: LikelyAnswer
    sums: Sequence[SimulatedSumAnswer]
    decided: Sequence[DecidedWithinAnswer]
    changes: Sequence[ChangeAnswer]
    unexplained: int
    unsure: int
    elsewhere: int
    undecided: int
    unseen: Sequence[str]
    suggestion: NotRequired[SuggestionAnswer]


def outlook_shape(job: Simulation) -> OutlookAnswer:
    """What was found of a draft."""
    answer = _found(job.draft.name, job.found)
    if job.target:
        answer["suggestion"] = _suggestion(job.target, job.steps)
    return answer


def _suggestion(target: Target, steps: Sequence[Step]) -> SuggestionAnswer:
    best = suggested(steps, target.lever)
    return {
        "lever": target.lever,
        "decided": target.share,
        "within": target.within,
        "more_fees": target.more_fees,
        "hours": best.hours if best else None,
        "steps": [
            {
                "hours": each.hours,
                "decided": round(each.decided, 4),
                "more_fees": None if each.more_fees is None else round(each.more_fees, 4),
                "unanswered": likely(each.unanswered),
                "changed": likely(each.changed),
                "reaches": each.reaches,
            }
            for each in steps
        ],
    }


def _found(policy: str, found: Outlook) -> OutlookAnswer:
    before, after = found.before, found.after
    return {
        "policy": policy,
        "cases": found.cases,
        "bases": {basis: found.bases.get(basis, 0) for basis in Basis},
        "ways": [
            {"way": way, "before": _count(before.ways.get(way)), "after": likely(after.ways.get(way))}
            for way in Way
            if way in before.ways or way in after.ways
        ],
        "escalated_before": _count(before.escalated),
        "escalated_after": likely(after.escalated),
        "mails_before": _count(before.mails),
        "mails_after": likely(after.mails),
        "sums": [_sum(currency, before, after) for currency in sorted({*before.refunds, *after.refunds})],
        "decided": [
            {
                "hours": hours,
                "before": round(before.decided_within(hours), 4),
                "after": round(after.decided_within(hours), 4),
            }
            for hours in HOURS
        ],
        "changes": [
            {
                "why": why,
                "count": likely(found.changed[why]),
                "examples": [
                    {
                        "case_id": each.case_id,
                        "order_id": each.order_id,
                        "was": each.was,
                        "becomes": each.becomes,
                        "chance": round(each.chance, 4),
                        "currency": each.currency,
                        "refund_was": each.refund_was,
                        "refund_becomes": each.refund_becomes,
                        "fees_was": each.fees_was,
                        "fees_becomes": each.fees_becomes,
                        "refusal": each.refusal,
                    }
                    for each in found.examples.get(why, ())
                ],
            }
            for why in WhyChanged
            if why in found.changed
        ],
        "unexplained": found.unexplained,
        "unsure": found.unsure,
        "elsewhere": found.elsewhere,
        "undecided": found.undecided,
        "unseen": sorted(found.unseen),
    }


def likely(found: Estimate | None) -> LikelyAnswer:
    """A sum in whole units, its bounds outwards."""
    told = found or Estimate()
    if told.exact:
        return {"expected": round(told.mean), "low": round(told.mean), "high": round(told.mean), "exact": True}
    low, high = interval(told)
    return {"expected": round(told.mean), "low": low, "high": high, "exact": False}


def _count(found: Estimate | None) -> int:
    return round(found.mean) if found else 0


def _sum(currency: str, before: Endings, after: Endings) -> SimulatedSumAnswer:
    return {
        "currency": currency,
        "refunds_before": _count(before.refunds.get(currency)),
        "refunds_after": likely(after.refunds.get(currency)),
        "fees_before": _count(before.fees.get(currency)),
        "fees_after": likely(after.fees.get(currency)),
    }
