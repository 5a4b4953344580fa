"""What a mail tells that neither its case nor its order holds: found when it is written."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.cases.threads import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """`appeal_until`: until when its buyer may ask for a second look; None where they may not. `message`: the latest
    that somebody else wrote to its reader."""

    appeal_until: datetime | None = None
    message: Message | None = None


NOTHING_BESIDE = Beside()
