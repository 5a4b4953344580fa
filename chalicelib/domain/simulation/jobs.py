"""A simulation as long work: every past case under a draft."""

from dataclasses import dataclass, field

from chalicelib.domain.jobs import Job, JobKind
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.simulation.comparing import Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation(Job):
    """A draft tried on past cases, with what was found so far. `done` counts the cases that were looked at."""

    draft: Policy
    kind: JobKind = JobKind.SIMULATION
    found: Outlook = field(default_factory=Outlook)
