"""Events in the order in which they happened, each of them once, and the gaps in them.

`seq` counts the events of an order from 1, without holes. Posts come twice, late and in any order, and a server of ours
may lose what it said it had: the numbers tell all of it. Nothing is acted upon that comes early, or acting on
"released" before "held" would keep a parcel for ever.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

Event = Mapping[str, Any]


class InOrder:
    """Hears events as they come, and hands them on as they happened."""

    def __init__(self, act: Callable[[Event], None]) -> None:
        self._act = act
        self._early: dict[str, dict[int, Event]] = defaultdict(dict)
        self._unnumbered: set[str] = set()
        # Up to which number each order's events were acted upon.
        self.done: dict[str, int] = defaultdict(int)
        self.twice = 0

    def hears(self, event: Event) -> None:
        """One event, however it came: by post, or from the log."""
        order_id, seq = str(event["order_id"]), event["seq"]
        if seq is None:
            # Only what is written when it goes out (`person.tell`) has no number. Its id says whether it is known.
            if event["id"] in self._unnumbered:
                self.twice += 1
                return
            self._unnumbered.add(event["id"])
            self._act(event)
            return
        early = self._early[order_id]
        if seq <= self.done[order_id] or seq in early:
            self.twice += 1
            return
        early[seq] = event
        while (following := self.done[order_id] + 1) in early:
            # First acted upon, then done: in a database both are one transaction.
            self._act(early[following])
            self.done[order_id] = following
            del early[following]

    def gaps(self) -> list[str]:
        """The orders of which an event is missing that must lie before one that came. Ask the log for it; what is only
        late comes as well, and is known then."""
        return [order_id for order_id, early in self._early.items() if early]
