"""What the log must hold of an order: every event that its entries froze, once, numbered without holes, in the order in
which they were decided, and the events that its readers get."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from chalicelib.domain.cases.log import Logged
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Store


def log_violations(
    store: Store, order: Order, timelines: dict[str, Sequence[Entry]], *, began_later: bool
) -> Iterator[str]:
    """Every way in which the log and the timelines of the order's cases disagree. `began_later`: the order's first
    decisions were made by a version that kept no log."""
    items = [item for item in whole_log(store) if item.order_id == order.order_id]
    if items != sorted(items, key=lambda item: item.place.pos):
        yield "I3: the log's items of an order do not lie in their order"
    expected = 1
    for item in items:
        if item.place.first != expected:
            yield f"I3: event {expected} of the order is followed by {item.place.first}"
        expected = item.place.first + len(item.events)
    told = {(item.case_id, item.seq): item for item in items}
    if len(told) != len(items):
        yield "I3: a decision is in the log twice"
    for case_id, entries in timelines.items():
        places = [entry.log_place.pos for entry in entries if entry.log_place]
        if places != sorted(places):
            yield f"I3: decisions of {case_id} lie in the log as they were not made"
        older = next((entry.seq for entry in entries if entry.log_place), len(entries) + 1) if began_later else 0
        for entry in entries:
            if entry.seq < older:
                continue
            found = told.pop((case_id, entry.seq), None)
            if (found.events if found else None) != (entry.events or None):
                yield f"I3: decision {entry.seq} of {case_id} tells what the log does not"
            if (found.place if found else None) != entry.log_place:
                yield f"I3: decision {entry.seq} of {case_id} lies elsewhere in the log"
    yield from (f"I3: the log tells of decision {seq} of {case_id}, which was none" for case_id, seq in told)


def whole_log(store: Store) -> list[Logged]:
    """All of it, as a reader gets it."""
    found: list[Logged] = []
    after = None
    while True:
        page = store.log(after, horizon=timedelta(), limit=100)
        found += page.items
        after = page.upto
        if not page.more:
            return found
