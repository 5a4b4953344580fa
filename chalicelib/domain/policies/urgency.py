"""How whoever is waited for is urged, ever more: a plan of a policy, in place of plain reminders."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# How often one and the same wait may urge at most.
MOST_URGES = 6
_WHOLE = 10_000


class UrgeBy(StrEnum):
    """By which way somebody is urged."""

    MAIL = "mail"
    MARKETPLACE = "marketplace"  # however the marketplace reaches its people: in its app, by phone, by chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Urge:
    """One step of the plan, for whoever has not acted by then: once so much of the wait is over (`basis_points`, in
    hundredths of a percent), by this way."""

    basis_points: int
    by: UrgeBy = UrgeBy.MAIL

    def __post_init__(self) -> None:
        """Refuse what is no moment within a wait. Raises ValueError."""
        if not 0 < self.basis_points < _WHOLE:
            raise ValueError("whoever is waited for is urged after 1 to 9999 basis points of the wait")

    def moment(self, began: datetime, deadline: datetime) -> datetime:
        """When that is, of a wait from then to then (UTC)."""
        return began + (deadline - began) * self.basis_points / _WHOLE
