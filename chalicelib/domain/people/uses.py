"""How often one caller may do something within an hour, so that nobody wears the service out, or guesses for long.

Hours are whole hours in UTC, so that a caller may come twice as often within sixty minutes that lie in two of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Refused

WINDOW = timedelta(hours=1)


class Counted(StrEnum):
    """What is counted: of a buyer what they ask, of a person what they write and how often they are brought here, of a
    source address tokens, signatures and links that do not hold."""

    ASKS = "asks"
    MESSAGES = "messages"
    BAD_TOKENS = "bad_tokens"
    BAD_LINKS = "bad_links"
    HAND_OVERS = "hand_overs"


# How many there may be within WINDOW, unless a deployment says otherwise. Many people share an address.
USUAL: Mapping[Counted, int] = {
    Counted.ASKS: 30,
    Counted.MESSAGES: 60,
    Counted.BAD_TOKENS: 300,
    Counted.BAD_LINKS: 100,
    Counted.HAND_OVERS: 60,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One of the `most` that a caller has within a window. `key` says of what, whose and which window; `again_at` is
    when the next window begins."""

    counted: Counted
    key: str
    most: int
    again_at: datetime

    def used_up(self) -> Refused:
        """The refusal to raise where none is left."""
        return Refused("too_many_requests", counted=self.counted, at_most=self.most, again_at=self.again_at)


def use_of(counted: Counted, caller: str, most: int, now: datetime) -> Use:
    """One more of this caller's, now; `caller` tells nobody who it is."""
    number = int(now.timestamp() // WINDOW.total_seconds())
    again_at = datetime.fromtimestamp((number + 1) * WINDOW.total_seconds(), now.tzinfo)
    return Use(counted=counted, key=f"quota#{counted}#{caller}#{number}", most=most, again_at=again_at)
