"""Events for integrators, through EventBridge."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws import Clients, unavailable
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.ports import Event

# PutEvents takes no more at once: so many events, so many bytes.
_AT_ONCE, _BYTES = 10, 256 * 1024

# What of the envelope stands beside what an event says.
_BESIDE = ("seq", "prev_seq", "occurred_at", "correlationid")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBridge:
    """Publishes to one bus; the detail carries our event id, since EventBridge makes a new one each time."""

    clients: Clients
    bus: str

    def publish(self, events: Sequence[Event]) -> Collection[str]:
        """Hand events over, as many at once as may be; gives the ids of those that were not taken. Raises Unavailable
        where none was.

        After a call in which something was not taken no other is made: what would follow waits behind it.
        """
        client: Any = self.clients("events")
        taken: set[str] = set()
        for some in _calls([(event, self._entry(event)) for event in events]):
            try:
                with unavailable("events"):
                    answer = client.put_events(Entries=[entry for _, entry in some])
            except Unavailable:
                if not taken:
                    raise
                break
            entries = zip(some, answer["Entries"], strict=True)
            taken |= {event.event_id for (event, _), entry in entries if not entry.get("ErrorCode")}
            if answer["FailedEntryCount"]:
                break
        return {event.event_id for event in events} - taken

    def _entry(self, event: Event) -> dict[str, Any]:
        envelope = event.envelope
        beside = {name: envelope[name] for name in _BESIDE if name in envelope}
        detail = {"event_id": event.event_id, **beside, **event.detail}
        return {
            "EventBusName": self.bus,
            "Source": "batal",
            "DetailType": event.name,
            "Time": event.at,
            "Detail": json.dumps(detail),
        }


def _calls(entries: Sequence[tuple[Event, dict[str, Any]]]) -> Iterator[list[tuple[Event, dict[str, Any]]]]:
    """The entries in their order, parted into calls."""
    some: list[tuple[Event, dict[str, Any]]] = []
    size = 0
    for each in entries:
        more = _size(each[1])
        if some and (len(some) == _AT_ONCE or size + more > _BYTES):
            yield some
            some, size = [], 0
        some.append(each)
        size += more
    if some:
        yield some


def _size(entry: dict[str, Any]) -> int:
    """What EventBridge counts of an entry: its time as fourteen bytes, source, type and detail."""
    return 14 + sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
