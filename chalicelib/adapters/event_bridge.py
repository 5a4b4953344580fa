"""Events for integrators, through EventBridge."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws import Clients, unavailable
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.ports import Event

# PutEvents takes no more at once.
_AT_ONCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBridge:
    """Publishes to one bus; the detail carries our event id, since EventBridge makes a new one each time."""

    clients: Clients
    bus: str

    def publish(self, events: Sequence[Event]) -> Collection[str]:
        """Hand events over, ten at once; gives the ids of those that were not taken. Raises Unavailable where none was.

        After a call in which something was not taken no other is made: what would follow waits behind it.
        """
        client: Any = self.clients("events")
        taken: set[str] = set()
        for start in range(0, len(events), _AT_ONCE):
            some = events[start : start + _AT_ONCE]
            try:
                with unavailable("events"):
                    answer = client.put_events(Entries=[self._entry(event) for event in some])
            except Unavailable:
                if not taken:
                    raise
                break
            entries = zip(some, answer["Entries"], strict=True)
            taken |= {event.event_id for event, entry in entries if not entry.get("ErrorCode")}
            if answer["FailedEntryCount"]:
                break
        return {event.event_id for event in events} - taken

    def _entry(self, event: Event) -> dict[str, Any]:
        detail = {"event_id": event.event_id, **event.detail}
        return {
            "EventBusName": self.bus,
            "Source": "batal",
            "DetailType": event.name,
            "Time": event.at,
            "Detail": json.dumps(detail),
        }
