"""Who of customer service has a case: one person, until they decide, hand it on, or leave it lying."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.parties import Actor, Role

# How long a claim lasts without an act of whoever made it: longer than a lunch, shorter than a shift.
CLAIM_LASTS = timedelta(hours=2)


def claimed_since(case: Case) -> datetime:
    """Since when whoever took the case has it. Rows from before that was kept say when they were last written."""
    return case.claimed_at or case.updated_at


def holder(case: Case, now: datetime) -> str | None:
    """Who has the case right now. Nobody where the claim lapsed (CLAIM_LASTS), where the case waits for somebody else,
    and where whoever took it has said the first of two yeses: then anybody else may be the second."""
    if case.state is not State.AWAITING_SUPPORT or case.claimed_by in (None, case.first_yes):
        return None
    return case.claimed_by if now < claimed_since(case) + CLAIM_LASTS else None


def still_on_it(case: Case, actor: Actor, now: datetime) -> Case:
    """The case after somebody did something to it: who took it has it for as long again."""
    mine = actor.role is Role.SUPPORT and case.claimed_by == actor.id and case.state is State.AWAITING_SUPPORT
    return replace(case, claimed_at=now) if mine else case
