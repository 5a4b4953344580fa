"""Events for integrators, through EventBridge."""

import json
from collections.abc import Sequence
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

    def publish(self, events: Sequence[Event]) -> None:
        """Hand events over. Raises Unavailable where any of them was not taken; all of them then come again."""
        client: Any = self.clients("events")
        for start in range(0, len(events), _AT_ONCE):
            with unavailable("events"):
                answer = client.put_events(Entries=[self._entry(event) for event in events[start : start + _AT_ONCE]])
            if answer["FailedEntryCount"]:
                raise Unavailable("events")

    def _entry(self, event: Event) -> dict[str, Any]:
        detail = {"event_id": event.event_id, **event.detail}
        return {
            "EventBusName": self.bus,
            "Source": "batal",
            "DetailType": event.name,
            "Time": event.at,
            "Detail": json.dumps(detail),
        }
