"""How buyers reach customer service."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to reach customer service (`phone`, `chat`, `email`), and when somebody last made sure of it; for one
    platform where it names one."""

    channel: str
    address: str
    checked_at: datetime
    platform: str | None = None
    hours: str | None = None
