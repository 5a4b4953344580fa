"""Reading the log: everything that was told, in one order, from any moment on."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from chalicelib.domain.cases.effects import effect_id, event_key
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.cases.log import Logged, Position
from chalicelib.domain.cases.timeline import logged_at
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.ports import LIST_BYTES, Event, Ports

READERS = frozenset({Role.SYSTEM, Role.OPERATOR})

# How many decisions are looked at for one page, however few of them tell what is wanted.
_LOOKED_AT = 1_000
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader of the log has not read yet: behind a position, of one type, of one order."""

    after: Position | None = None
    type: EventName | None = None
    order_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """Some events, the position up to which all was read, and whether more may lie behind it."""

    items: tuple[Event, ...]
    upto: Position
    more: bool


def feed(ports: Ports, actor: Actor, wanted: Wanted, limit: int) -> FeedPage:
    """The next events. A page ends at the horizon, early where few are wanted, and with the event that passes
    LIST_BYTES. Raises Forbidden."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "read_events")
    return of_order(ports, wanted, limit) if wanted.order_id is not None else of_all(ports, wanted, limit)


def of_all(ports: Ports, wanted: Wanted, limit: int) -> FeedPage:
    """The next events of all orders."""
    taken = _Taken(wanted, limit)
    looked_at = 0
    while True:
        page = ports.store.log(taken.upto, horizon=ports.horizon, limit=_AT_ONCE)
        for item in page.items:
            if not taken.all_of(item):
                return taken.page(more=True)
        looked_at += len(page.items)
        taken.upto = page.upto
        if not page.more or looked_at >= _LOOKED_AT:
            return taken.page(more=page.more)


def of_order(ports: Ports, wanted: Wanted, limit: int) -> FeedPage:
    """The next events of one order, from its cases: theirs lie in their order, so nothing can come between."""
    taken = _Taken(wanted, limit)
    order = ports.store.order(wanted.order_id or "")
    items = [item for case_id in order.cases for item in of_case(ports, case_id, order.order_id)] if order else []
    start = wanted.after or Position(pos=0)
    for item in sorted(items, key=lambda item: item.place.pos):
        if item.position > start and not taken.all_of(item):
            return taken.page(more=True)
    return taken.page(more=False)


def events_of(item: Logged) -> Iterator[tuple[Position, Event]]:
    """Every event of an item of the log, with the position behind it."""
    for behind, name, number, payload in item.told():
        event_id = effect_id(item.case_id, event_key(item.seq, name))
        yield (
            behind,
            Event(
                event_id=event_id,
                name=name,
                at=item.at,
                detail=payload,
                seq=number,
                correlation_id=item.correlation_id,
            ),
        )


def of_case(ports: Ports, case_id: str, order_id: str) -> Iterator[Logged]:
    """What a case told, as it lies in the log."""
    for entry in ports.store.timeline(case_id):
        if entry.log_place and entry.events:
            yield logged_at(entry.log_place, order_id, case_id, entry)


class _Taken:
    """What a page holds so far, and how far it was read."""

    def __init__(self, wanted: Wanted, limit: int) -> None:
        self.wanted, self.limit = wanted, limit
        self.upto = wanted.after
        self._events: list[Event] = []
        self._bytes = 0

    def all_of(self, item: Logged) -> bool:
        """Take what is wanted of an item; False where the page ended before its end."""
        start = self.upto or Position(pos=0)
        for behind, event in events_of(item):
            if behind <= start:
                continue
            if self.wanted.type in (None, event.name):
                if len(self._events) == self.limit or self._bytes >= LIST_BYTES:
                    return False
                self._events.append(event)
                self._bytes += len(msgspec.json.encode(event.detail))
            self.upto = behind
        return True

    def page(self, *, more: bool) -> FeedPage:
        """The page."""
        return FeedPage(items=tuple(self._events), upto=self.upto or Position(pos=0), more=more)
