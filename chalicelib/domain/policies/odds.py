"""The chance to cancel and the usual wait, by the table of docs/rules.md R1, until a seller's own history says more."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.orders.statuses import ARRIVED, NOT_BEGUN, PARCEL_LEFT
from chalicelib.domain.orders.statuses import OrderStatus as S


class Level(StrEnum):
    """The chance in words."""

    VERY_HIGH = "very_high"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


class OddsScope(StrEnum):
    """What a chance rests on: what became of requests to this seller, of those on the platform, or the table alone."""

    SELLER = "seller"
    PLATFORM = "platform"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """The chance of a yes. `probability` (0 to 1), and `low` and `high` between which it lies nine times of ten, stay
    None until at least 30 answers carry them; `yes` of `cases` answers are what it rests on, in `scope`."""

    level: Level
    probability: float | None = None
    low: float | None = None
    high: float | None = None
    yes: int = 0
    cases: int = 0
    scope: OddsScope = OddsScope.DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualTime:
    """How long an answer usually takes: half no longer than `p50_seconds`, nine of ten no longer than `p90_seconds`;
    `text` is a text key, which takes both as lengths of time."""

    text: str
    p50_seconds: int | None
    p90_seconds: int | None


# "Low to medium" for a packed parcel is told as low: a buyer is better surprised by a yes than by a no.
_LEVELS = {
    S.UNPAID: Level.VERY_HIGH,
    S.PLACED: Level.VERY_HIGH,
    S.PAYMENT_REVIEW: Level.VERY_HIGH,
    S.ON_HOLD: Level.VERY_HIGH,
    S.PROCESSING: Level.HIGH,
    S.READY_TO_SHIP: Level.LOW,
    S.PARTLY_SHIPPED: Level.MEDIUM,
    S.SHIPPED: Level.MEDIUM,
    S.FAILED_DELIVERY: Level.MEDIUM,
    S.RETURNING_TO_SELLER: Level.HIGH,
    S.RETURNED_TO_SELLER: Level.VERY_HIGH,
    S.LOST: Level.VERY_HIGH,
    S.DELIVERED: Level.LOW,
    S.COMPLETED: Level.NONE,
    S.CANCELLED: Level.NONE,
}

_HOUR, _DAY = 3600, 86400
_AT_ONCE = UsualTime(text="usual_time.at_once", p50_seconds=0, p90_seconds=0)
_WITHIN_A_DAY = UsualTime(text="usual_time.within_a_day", p50_seconds=4 * _HOUR, p90_seconds=_DAY)
_DAYS = UsualTime(text="usual_time.one_to_three_days", p50_seconds=_DAY, p90_seconds=3 * _DAY)
_NEVER = UsualTime(text="usual_time.does_not_apply", p50_seconds=None, p90_seconds=None)


def odds(status: S, *, instant: bool, returning: bool = False) -> Odds:
    """The chance at this status when nothing is known of the seller; where nobody need agree it is very high.

    Of returns the business gives no table: asked in time, with a reason, the chance is told as medium.
    """
    if returning:
        return Odds(level=Level.MEDIUM)
    return Odds(level=Level.VERY_HIGH if instant else _LEVELS[status])


def usual_time(status: S, *, instant: bool, returning: bool = False) -> UsualTime:
    """The usual wait at this status."""
    if instant:
        return _AT_ONCE
    if status in (NOT_BEGUN | {S.PROCESSING, S.READY_TO_SHIP}) - {S.UNPAID}:
        return _WITHIN_A_DAY
    return _DAYS if status in PARCEL_LEFT - ARRIVED or returning else _NEVER
