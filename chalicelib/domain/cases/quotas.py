"""How much one party may write and announce, so that none can bury the others, or a case's page, under it.

Days are calendar days in UTC. Customer service is not limited in what it writes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.errors import Refused
from chalicelib.domain.parties import SEES_ALL, Actor

# Messages of one party about one order, and forms for files of one party on one case, in a day. Of files that were
# really uploaded a case takes MOST_FILES of each party; forms that were not used give their place back.
MESSAGES_A_DAY = 50
FORMS_A_DAY = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One place out of the `most` that there are under this name; taken in the transaction of what takes it.

    `code` is the refusal where none is left, `again_at` when there are new ones.
    """

    order_id: str
    name: str
    most: int
    code: str
    again_at: datetime

    def used_up(self) -> Refused:
        """The refusal to raise where no place is left."""
        return Refused(self.code, at_most=self.most, again_at=self.again_at)


def of_messages(order_id: str, actor: Actor, now: datetime) -> Quota | None:
    """One more message about an order today; None for staff."""
    if actor.role in SEES_ALL:
        return None
    return _today(order_id, f"messages#{actor.role}", MESSAGES_A_DAY, "too_many_messages", now)


def of_forms(order_id: str, case_id: str, actor: Actor, now: datetime) -> Quota:
    """One more form for a file today."""
    return _today(order_id, f"forms#{case_id}#{actor.role}", FORMS_A_DAY, "too_many_files", now)


def _today(order_id: str, name: str, most: int, code: str, now: datetime) -> Quota:
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    again_at = day + timedelta(days=1)
    return Quota(order_id=order_id, name=f"{name}#{day.date()}", most=most, code=code, again_at=again_at)
