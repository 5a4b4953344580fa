"""What was told, for machines that read instead of being told."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.ports import Event
from chalicelib.edge.answer_types import EventAnswer, EventsAnswer
from chalicelib.edge.cursors import cursor_of, position_in
from chalicelib.edge.queries import EventsQuery
from chalicelib.edge.route import Call, route
from chalicelib.workflow import feed

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/events", roles=feed.READERS)
def list_events(call: Call, query: EventsQuery) -> EventsAnswer:
    """What was told, in one order that all readers share: the events of an order as they happened, numbered without
    holes. Read on with `next_cursor`, which is always there; keep it once its page is worked on. The log is kept for 90
    days, and what was decided in the last minute may not be read yet."""
    wanted = feed.Wanted(after=position_in(query.after), type=query.type, order_id=query.order_id)
    page = feed.feed(wiring.ports(), call.actor, wanted, query.limit)
    return {
        "items": [_shape(each) for each in page.items],
        "next_cursor": cursor_of(page.upto),
        "has_more": page.more,
    }


def _shape(event: Event) -> EventAnswer:
    return event.envelope  # type: ignore[return-value]
