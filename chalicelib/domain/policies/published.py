"""Who made a version of a policy the current one, when, and why."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Known of versions that operators kept since this is kept: `by` is the operator's id; `note` is why, which who
    changes a policy by a program may leave out."""

    by: str
    at: datetime
    note: str | None = None
