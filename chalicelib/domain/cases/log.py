"""The log: what every decision tells integrators, in one order that all its readers share.

An item lies in it for each decision that tells anything, put there by the transaction of the decision itself. The
events of one order are numbered without holes, so that whoever reads them sees that none is missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# How long the log can be read; who reads it seldom reads the cases themselves.
LOG_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """Where a decision's item lies in the log.

    pos     microseconds since 1970 (UTC) by the clock of whoever wrote it, but always later than the order's last one:
            the items of one order lie in their order whatever the clocks say
    first   which event of its order the first of its events is, counted from 1
    """

    pos: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """A place between items of the log. Everything that lies at it, or before it, is read: of an item whose events are
    not all read, `read` says how many are."""

    pos: int
    order_id: str = ""
    read: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One item of the log: what the `seq`-th decision of a case told, by name. `at` is business time, which a sandbox
    may set; the place is not. `correlation_id` is the number of the request that it came of."""

    place: LogPlace
    order_id: str
    case_id: str
    seq: int
    at: datetime
    events: Mapping[str, Mapping[str, Any]]
    correlation_id: str | None = None

    @property
    def position(self) -> Position:
        """Right behind it."""
        return Position(pos=self.place.pos, order_id=self.order_id, read=len(self.events))

    def told(self) -> Iterator[tuple[Position, str, int, Mapping[str, Any]]]:
        """Each of its events: the position behind it, its name, its number within the order, and what it says."""
        for index, (name, payload) in enumerate(self.events.items()):
            behind = Position(pos=self.place.pos, order_id=self.order_id, read=index + 1)
            yield behind, name, self.place.first + index, payload


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Some items of the log after a position, and the position up to which it was read. `more`: it was not read up to
    the horizon, so that more may lie behind."""

    items: tuple[Logged, ...]
    upto: Position
    more: bool
