"""Where a part of a refund that Batal asks a provider for belongs, and how far asking has come (sending.py)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.money.sending import Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchId:
    """One try of one part of a case's refund: `part` by its name (`1`, `2`, ...), `tries` as the part counts them."""

    case_id: str
    part: str
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A try that a provider is asked for.

    told      what of it the case has heard: the last event id, so that a crash in between tells it once more
    next_at   when to look at it next (UTC); None: it is done, or waits for a person
    rev       rises with every write; every write tests it
    """

    id: DispatchId
    provider: str
    sending: Sending
    told: str | None = None
    next_at: datetime | None = None
    rev: int = 1
