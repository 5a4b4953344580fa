"""Events for integrators: what happened, with ids and money, never with addresses or words people wrote."""

from typing import Any

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.outbox import what_of
from chalicelib.domain.money.refund import PartState
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Event

# Which refund parts an event speaks of: the provider's, or the marketplace's own vouchers and coins.
_PARTS = {
    "refund.requested": (PartState.DUE, PartState.FAILED),
    "refund.overdue": (PartState.DUE, PartState.FAILED),
    "refund.failed": (PartState.FAILED,),
    "refund.give_back": (PartState.GIVEN_BACK,),
}


def event_of(effect_id: str, case: Case, order: Order | None) -> Event:
    """The event that an effect promises. Its id is the effect's, so a repetition is known for one."""
    name = what_of(effect_id).partition(":")[2]
    return Event(
        event_id=f"{case.case_id}:{effect_id}", name=name, at=case.updated_at, detail=_detail(name, case, order)
    )


def _detail(name: str, case: Case, order: Order | None) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "case_id": case.case_id,
        "kind": case.kind,
        "order_id": case.order_id,
        "platform": case.platform,
        "buyer_id": case.buyer_id,
        "seller_id": case.seller_id,
        "state": case.state,
        "outcome": case.outcome,
        "sequence": case.entries,
    }
    if name == "order.cancelled":
        detail["lines"] = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in case.lines.items()]
    if name == "case.parcel_moved":
        detail["order_status"] = case.moved_to
        detail["tracking_number"] = order.tracking_number if order else None
    if name in _PARTS and case.refund:
        detail["refund_id"] = case.refund.refund_id
        detail["currency"] = case.refund.currency
        detail["parts"] = [
            {"method": part.method, "amount": part.amount} for part in case.refund.parts if part.state in _PARTS[name]
        ]
    return detail
