"""Where a part of a refund that Batal asks a provider for belongs, and how far asking has come (sending.py)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.money.sending import Sending
from chalicelib.domain.orders.order import REFUND


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchId:
    """One try of one part of a case's refund: `part` by its name (`1`, `2`, ...), `tries` as the part counts them."""

    case_id: str
    part: str
    tries: int


def id_in(key: str) -> DispatchId | None:
    """The try that a key of ours was made for, `rf_<case>-<part>-<tries>-<number>`; None for any other text."""
    words = key.removeprefix(REFUND).rsplit("-", 3)
    if len(words) != 4 or not words[2].isdigit():
        return None
    return DispatchId(case_id=words[0], part=words[1], tries=int(words[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A try that a provider is asked for.

    next_at   when to look at it next (UTC); None: it is done, or waits for a person
    rev       rises with every write; every write tests it
    """

    id: DispatchId
    provider: str
    sending: Sending
    next_at: datetime | None = None
    rev: int = 1
