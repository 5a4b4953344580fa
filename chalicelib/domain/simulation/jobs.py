"""A simulation as long work: every past case under a draft."""

from dataclasses import dataclass, field

from chalicelib.domain.jobs import Job, JobKind
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.simulation.comparing import Outlook
from chalicelib.domain.simulation.suggesting import Step, Target, Tried, steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation(Job):
    """A draft tried on past cases, with what was found so far. `done` counts the cases that were looked at. Where a
    `target` is to be reached, `tried` are the steps of its lever."""

    draft: Policy
    kind: JobKind = JobKind.SIMULATION
    found: Outlook = field(default_factory=Outlook)
    target: Target | None = None
    tried: tuple[Tried, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """What each step comes to."""
        if self.target is None:
            return ()
        return steps(self.found.before, self.tried, self.target, self.draft.currency_of_figures)
