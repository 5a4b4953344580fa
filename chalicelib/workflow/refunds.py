"""Refunds as people in charge see them: which of them are open, and what became of each."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.parties import SEES_ALL, Actor
from chalicelib.domain.ports import ANY_REFUND, Filter, Page, Ports

READERS = SEES_ALL


def refunds(
    ports: Ports, actor: Actor, wanted: str | None, order_id: str | None, limit: int, cursor: str | None
) -> Page[Case]:
    """The cases whose refund stands there, or of which a part does (all that have one, unless said), in the order of
    their queue: those whose next look comes first. Raises Forbidden but for staff and systems."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "list_refunds")
    return ports.store.cases(Filter(refund=wanted or ANY_REFUND, order_id=order_id), limit=limit, cursor=cursor)


def booked(ports: Ports, case: Case, actor: Actor) -> Mapping[str, Any] | None:
    """What others must book for this refund, as its event said it; None to buyers and sellers, and of refunds from
    before events said so."""
    if actor.role not in READERS:
        return None
    booked_by = (EventName.ORDER_CANCELLED, EventName.ORDER_RETURNED, EventName.CASE_PARTIAL_REFUND_AGREED)
    names = [str(each) for each in booked_by]
    for entry in reversed(ports.store.timeline(case.case_id)):
        for name in names:
            told = (entry.events or {}).get(name)
            if told is not None:
                found: Mapping[str, Any] | None = told.get("to_book")
                return found
    return None
