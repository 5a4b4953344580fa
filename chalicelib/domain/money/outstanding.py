"""Money that was promised to buyers and has not gone, added up: where it hangs, and for how long the oldest of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.money.refund import PartState, Refund


class Hangs(StrEnum):
    """Where money that has not gone is."""

    ON_ITS_WAY = "on_its_way"  # somebody is asked for it, or is about to be
    FAILED = "failed"  # it did not go, or came back
    HELD = "held"  # a person has to look
    NEEDS_ACCOUNT = "needs_account"  # the buyer was asked where it should go


_WHERE: Mapping[PartState, Hangs] = {
    PartState.FAILED: Hangs.FAILED,
    PartState.REVERSED: Hangs.FAILED,
    PartState.HELD: Hangs.HELD,
    PartState.NEEDS_ACCOUNT: Hangs.NEEDS_ACCOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """Open refunds together: their `sums` in minor units by currency and where the money is, how many they are, and
    since when the oldest of it has waited. Two currencies are never added."""

    sums: Mapping[tuple[str, Hangs], int] = field(default_factory=dict)
    refunds: int = 0
    since: datetime | None = None


def outstanding(refunds: Iterable[tuple[Refund, datetime]]) -> Outstanding:
    """What refunds, each with the moment of its promise, have open."""
    sums, count, since = Counter[tuple[str, Hangs]](), 0, list[datetime]()
    for refund, promised_at in refunds:
        if not refund.open_parts:
            continue
        count += 1
        since.append(open_since(refund, promised_at))
        for place, amount in hanging(refund).items():
            sums[refund.currency, place] += amount
    return Outstanding(sums=sums, refunds=count, since=min(since, default=None))


def hanging(refund: Refund) -> Mapping[Hangs, int]:
    """What of a refund has not gone, in minor units, by where it is."""
    found = Counter[Hangs]()
    for part in refund.open_parts.values():
        found[_WHERE.get(part.state, Hangs.ON_ITS_WAY)] += part.amount
    return found


def open_since(refund: Refund, promised_at: datetime) -> datetime:
    """Since when money of a refund has been open, for as long as any is: what went and came back waits from its coming
    back, all else from the promise, however often it was tried since."""
    returned = [
        part.report.at if part.state is PartState.REVERSED and part.report else promised_at
        for part in refund.open_parts.values()
    ]
    return min(returned, default=promised_at)
