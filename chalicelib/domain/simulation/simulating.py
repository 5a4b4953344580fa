"""Past cases, one after the other, under a draft: what each policy in force needs is remembered, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.simulation.comparing import Outlook, unseen_changes
from chalicelib.domain.simulation.past import PastCase
from chalicelib.domain.simulation.replay import DaysOff, Ending, Hears, looked_back, replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What past cases are replayed with: the draft, the versions that were in force by their number, days off, and what
    was learned of sellers."""

    draft: Policy
    in_force: Mapping[int, Policy]
    days_off: DaysOff
    hears: Hears


def take_in(found: Outlook, past: PastCase | None, stage: Stage) -> Ending | None:
    """Add a past case to what was found; None: a request that is not decided, or not known. Gives how it ended,
    where it counts."""
    if past is None:
        found.undecided += 1
        return None
    if past.policy != stage.draft.name:
        found.elsewhere += 1
        return None
    in_force = stage.in_force.get(past.version)
    if in_force is not None:
        found.unseen |= unseen_changes(stage.draft, in_force)
    replayed = replay(past, stage.draft, in_force, stage.days_off, stage.hears)
    was, wrong = looked_back(past, in_force or stage.draft, stage.days_off)
    found.add(past, replayed, was=was, explained=in_force is not None and not wrong)
    return was
