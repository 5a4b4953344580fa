"""What a case teaches of the odds: whether a request like it is granted, and how long its seller takes to answer."""

from dataclasses import dataclass

from chalicelib.domain.cases.case import Case, Decision, Outcome, State
from chalicelib.domain.cases.commands import Command
from chalicelib.domain.parties import Role
from chalicelib.domain.policies.fault import Fault
from chalicelib.domain.policies.learned import Month, Situation, hour_of, month_of
from chalicelib.domain.waits import bucket_of

_GRANTED = frozenset({Outcome.CANCELLED, Outcome.RETURNED})
# Settled is what was agreed instead of what had been asked for.
_NOT_GRANTED = frozenset({Outcome.REJECTED, Outcome.EXPIRED, Outcome.SETTLED})
_AT_ONCE = frozenset({Command.ASK, Command.CORRECT})
# Nobody said yes or no, and nobody will.
_MOOT = frozenset({Outcome.WITHDRAWN, Outcome.OVERTAKEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one case teaches: of requests in a situation, by a group of reasons, made in a month."""

    situation: Situation
    fault: Fault
    month: int
    told: Month


def lesson_of(case: Case) -> Lesson | None:
    """What a case teaches as it stands; None where no seller was to answer it, or nobody knows yet what comes of it.

    A yes is what was granted in the end, by the seller, by customer service or by silence: that is what buyers want to
    know. The wait is the seller's own answer's; of requests that they left unanswered, or that were taken back before,
    it is known to be longer.
    """
    if not _was_for_seller(case):
        return None
    granted, waits = _granted(case), case.state is State.AWAITING_SELLER and not case.lapsed
    if granted is None and not waits and case.outcome not in _MOOT and case.ran_out is None:
        return None
    at, answer = case.created_at, _answer(case)
    heard, ended = answer.at if answer else None, case.decision.at if case.decision else case.closed_at
    unheard = ended if heard is None and (case.lapsed or case.outcome in _MOOT) else None
    told = Month(
        yes=int(granted is True),
        no=int(granted is False),
        answered={bucket_of(int((heard - at).total_seconds())): 1} if heard else {},
        cut_off={bucket_of(int((unheard - at).total_seconds())): 1} if unheard else {},
        waiting={hour_of(at): 1} if waits else {},
    )
    if told == Month():
        return None
    situation = Situation(kind=case.kind, status=case.quoted_at or case.order_status)
    return Lesson(situation=situation, fault=case.asked.fault, month=month_of(at), told=told)


def _was_for_seller(case: Case) -> bool:
    """Whether a buyer's request waited for its seller: not where a rule or the policy granted it in the asking, the
    seller asked for it, or nobody did (of a correction)."""
    at_once = case.decision is not None and case.decision.command in _AT_ONCE
    return not (at_once or case.asked.by_rule or case.asked.by.role is Role.SELLER)


def _granted(case: Case) -> bool | None:
    if case.ran_out is State.AWAITING_BUYER:
        # They let an offer lapse: what the seller would have said to their request nobody knows.
        return None
    if case.ran_out is State.AWAITING_GOODS:
        return True
    if case.outcome in _NOT_GRANTED:
        return False
    return True if case.outcome in _GRANTED or (case.outcome is None and case.is_granted) else None


def _answer(case: Case) -> Decision | None:
    """The seller's own answer, where it is what was decided last."""
    return case.decision if case.decision and case.decision.by.role is Role.SELLER and not case.lapsed else None
