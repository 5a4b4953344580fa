"""The log, in the table `cases`: an item for each decision that tells anything, by day and shard.

Its position is given right before it is sent, so that it becomes visible soon after it, or never; a reader who stays
behind by more than that (the horizon) reads on past nothing. An order's items have one shard, and rising positions.
"""

import heapq
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import msgspec
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.adapters.dynamodb.codec import SHARDS, dumped, loaded, shard
from chalicelib.adapters.dynamodb.packing import CASES, packed, unpacked
from chalicelib.adapters.dynamodb.settings import SettingsTable, translated
from chalicelib.adapters.dynamodb.tables import LogRow, OrderRow, Tables, log_key, log_place_key
from chalicelib.domain.cases.change import Change
from chalicelib.domain.cases.log import LOG_KEPT, Logged, LogPage, LogPlace, Position
from chalicelib.domain.cases.timeline import logged_at

# How many days of the log are looked through at most for one page.
_DAYS = 31


def clock() -> int:
    """Microseconds since 1970: the real time, whatever business time is."""
    return time.time_ns() // 1000


def logged(change: Change, head: Callable[[], OrderRow | None]) -> Logged | None:
    """What the log is to hold of a change, after what it holds of its order; None where there is nothing to tell.
    `head` reads the order's row; of an order that no table knows there is nothing to number by."""
    case, entry, push = change.case, change.entry, change.push
    if case is None or entry is None or not entry.events:
        return None
    found = None if push and push.before is None else head()
    if found is None and not push:
        return None
    known = (int(found.seq or 0), int(found.last_pos or 0)) if found else (0, 0)
    place = LogPlace(pos=max(clock(), known[1] + 1), first=known[0] + 1)
    return logged_at(place, case.order_id, case.case_id, entry)


def head_actions(row: type[OrderRow], item: Logged) -> tuple[list[Action], Condition]:
    """What an item writes to its order's row, and that no other has come between."""
    last = item.place.first + len(item.events) - 1
    before = item.place.first - 1
    untouched = row.seq == before if before else row.seq.does_not_exist()
    return [row.seq.set(last), row.last_pos.set(item.place.pos)], untouched


def log_row(tables: Tables, item: Logged) -> LogRow:
    """The row of an item."""
    expires = _moment(item.place.pos) + LOG_KEPT
    content = msgspec.to_builtins(item)
    if item.correlation_id is None:
        del content["correlation_id"]
    return tables.log(
        *place_of(item.place.pos, item.order_id),
        z=packed(dumped(content), CASES),
        expires=int(expires.timestamp()),
    )


def place_of(pos: int, order_id: str) -> tuple[str, str]:
    """The keys under which the item of an order at this position lies."""
    return log_key(_moment(pos).date(), shard(order_id)), log_place_key(pos, order_id)


def _moment(pos: int) -> datetime:
    return datetime.fromtimestamp(pos // 1_000_000, UTC)


class LogTable(SettingsTable):
    """The part of the store that reads the log."""

    def log_clock(self) -> int:
        """Where the log would be written now."""
        return clock()

    def log(self, after: Position | None, *, horizon: timedelta, limit: int) -> LogPage:
        """Items of the log behind a position, the oldest first, as far as the horizon."""
        now = clock()
        oldest = now - _micros(LOG_KEPT)
        start = after if after and after.pos >= oldest else Position(pos=oldest)
        end = now - _micros(horizon)
        if start.pos >= end:
            return LogPage(items=(), upto=start, more=False)
        day, last = _moment(start.pos).date(), _moment(end).date()
        look_until = min(last, day + timedelta(days=_DAYS))
        found: list[Logged] = []
        while day <= look_until and len(found) <= limit:
            found += self._of_day(day, start, end, limit + 1 - len(found))
            day += timedelta(days=1)
        if len(found) > limit:
            return LogPage(items=tuple(found[:limit]), upto=found[limit - 1].position, more=True)
        if look_until < last:
            midnight = datetime.combine(look_until + timedelta(days=1), datetime.min.time(), UTC)
            return LogPage(items=tuple(found), upto=Position(pos=int(midnight.timestamp()) * 1_000_000), more=True)
        return LogPage(items=tuple(found), upto=Position(pos=end), more=False)

    def _of_day(self, day: date, start: Position, end: int, most: int) -> Iterator[Logged]:
        row = self.tables.log
        between = row.sk.between(log_place_key(start.pos, start.order_id), log_place_key(end))
        with translated():
            shards = [
                row.query(log_key(day, number), between, consistent_read=True, limit=most + 1)
                for number in range(SHARDS)
            ]
            rows = heapq.merge(*shards, key=lambda each: each.sk)
            items = (loaded(unpacked(each.z), Logged) for each in rows)
            yield from islice((each for each in items if each.position > start), most)


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
