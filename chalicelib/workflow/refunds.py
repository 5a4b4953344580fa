"""Refunds as people in charge see them: which of them are open, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.events import EventName
from chalicelib.domain.errors import Forbidden, NotFound
from chalicelib.domain.money.outstanding import Outstanding, open_since, outstanding
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import SEES_ALL, Actor, Role
from chalicelib.domain.ports import ANY_REFUND, OPEN_REFUND, Filter, Page, Ports
from chalicelib.workflow import access
from chalicelib.workflow.figures import MOST, is_stuck, read_cases

# Who reads refunds, and who looks at all money that is open.
READERS = SEES_ALL | {Role.FINANCE}
OVERSEERS = frozenset({Role.OPERATOR, Role.FINANCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRefunds:
    """Refunds of which something has not gone: what they come to, those that are stuck and those on their way, each
    the oldest first. `more`: there are more of them than were read."""

    outstanding: Outstanding
    stuck: Sequence[Case]
    going: Sequence[Case]
    more: bool


def refunds(
    ports: Ports, actor: Actor, wanted: str | None, order_id: str | None, limit: int, cursor: str | None
) -> Page[Case]:
    """The cases whose refund stands there, or of which a part does (all that have one, unless said), in the order of
    their queue: those whose next look comes first. Raises Forbidden but for staff, finance
    and systems."""
    if actor.role not in READERS:
        raise Forbidden(actor.role, "list_refunds")
    return ports.store.cases(Filter(refund=wanted or ANY_REFUND, order_id=order_id), limit=limit, cursor=cursor)


def refund_for(ports: Ports, case_id: str, actor: Actor) -> tuple[Case, Order]:
    """The case whose refund is read, with its order: by its parties, and by whoever reads refunds. Raises NotFound."""
    if actor.role not in READERS:
        case = access.case_for(ports, case_id, actor)
        return case, access.order_for(ports, case.order_id, actor)
    found = ports.store.case(case_id)
    if found is None or found.refund is None or (order := ports.store.order(found.order_id)) is None:
        raise NotFound("refund")
    return found, order


def open_refunds(ports: Ports, actor: Actor, most: int = MOST) -> OpenRefunds:
    """What is open, of at most so many refunds. Raises Forbidden but for operators and finance."""
    if actor.role not in OVERSEERS:
        raise Forbidden(actor.role, "see_open_refunds")
    cases = sorted(read_cases(ports, Filter(refund=OPEN_REFUND), most), key=waiting_since)
    return OpenRefunds(
        outstanding=outstanding_of(cases),
        stuck=[case for case in cases if is_stuck(case)],
        going=[case for case in cases if not is_stuck(case)],
        more=len(cases) >= most,
    )


def outstanding_of(cases: Sequence[Case]) -> Outstanding:
    """What the refunds of these cases have open."""
    return outstanding((case.refund, promised_at(case)) for case in cases if case.refund)


def waiting_since(case: Case) -> datetime:
    """Since when money of the case's refund is open, where any is."""
    return open_since(case.refund, promised_at(case)) if case.refund else case.created_at


def promised_at(case: Case) -> datetime:
    """When the case's refund was promised."""
    # The decision that made the refund is the last of its run; corrections of old versions kept none.
    return case.decision.at if case.decision else case.created_at


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
