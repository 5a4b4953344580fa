"""Warehouses ask before a parcel leaves, so that fewer cancelled parcels do."""

from collections.abc import Mapping

from chalicelib.domain.cases.case import Case, State
from chalicelib.domain.cases.change import Change, Push
from chalicelib.domain.cases.transitions import CaseRefused
from chalicelib.domain.errors import Conflict, Invalid, Refused
from chalicelib.domain.orders.order import Order, status_for
from chalicelib.domain.orders.parcels import Claim
from chalicelib.domain.orders.pushes import with_claim
from chalicelib.domain.orders.statuses import PARCEL_LEFT, OrderStatus
from chalicelib.domain.parties import Actor
from chalicelib.domain.policies.reasons import Kind
from chalicelib.domain.ports import Ports
from chalicelib.workflow.committing import ATTEMPTS
from chalicelib.workflow.orders import only_the_system


def claim(
    ports: Ports, order_id: str, event_id: str, package_id: str | None, actor: Actor
) -> tuple[Order, Mapping[str, int]]:
    """Let a parcel (of the whole order, without a package) leave: from then on its pieces stand as shipped, and no case
    is granted as if they did not. Gives the order, and the pieces per line id that may leave.

    Raises CaseRefused `case_open` where somebody asks for any of them, `case_granted` where all of them are cancelled,
    Refused `already_cancelled` where their platform cancelled them itself;
    Refused `order_unknown_yet`, Forbidden, Invalid for a package that nobody told of. The same word again is taken as
    before.
    """
    only_the_system(actor)
    for _ in range(ATTEMPTS):
        order = ports.store.order(order_id)
        if order is None:
            raise Refused("order_unknown_yet")
        pieces = _pieces_of(order, package_id)
        if any(known.event_id == event_id for known in order.claims):
            return order, pieces
        _refuse_where_asked(ports, order, package_id, pieces)
        after = with_claim(order, Claim(event_id=event_id, at=ports.now(), package_id=package_id))
        try:
            ports.store.commit(Change(push=Push(before=order, after=after)))
        except Conflict:
            continue
        return after, pieces
    raise Conflict("order")


def _pieces_of(order: Order, package_id: str | None) -> Mapping[str, int]:
    """What is still there of it, per line id."""
    if order.standing is OrderStatus.CANCELLED:
        return {}
    if package_id is None:
        return order.remaining
    if package_id not in {parcel.package_id for parcel in order.parcels}:
        raise Invalid("validation_failed", errors=[{"field": "package_id", "message": "nobody told of this package"}])
    found = {
        line_id: sum(pool.count for pool in mine if pool.package_id == package_id)
        for line_id, mine in order.pools.items()
    }
    return {line_id: count for line_id, count in found.items() if count}


def _refuse_where_asked(ports: Ports, order: Order, package_id: str | None, pieces: Mapping[str, int]) -> None:
    case = ports.store.case(order.open_case) if order.open_case else None
    meant = _lines_in(order, package_id)
    # What is granted is not among the pieces any more; of what has left somebody asks with open eyes.
    asks = case is not None and case.kind is not Kind.RETURN and case.state is not State.REFUNDING
    if case and asks and set(case.lines) & meant and status_for(order, case.lines) not in PARCEL_LEFT:
        raise CaseRefused("case_open", case)
    if not pieces:
        last = _last(ports, order)
        raise CaseRefused("case_granted", last) if last else Refused("already_cancelled")


def _lines_in(order: Order, package_id: str | None) -> set[str]:
    if package_id is None:
        return {line.line_id for line in order.body.lines}
    return {pieces.line_id for x in order.parcels if x.package_id == package_id for pieces in x.lines}


def _last(ports: Ports, order: Order) -> Case | None:
    return ports.store.case(order.cases[-1]) if order.cases else None
