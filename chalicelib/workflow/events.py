"""From what a decision promised to what is published."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.effects import Promise, effect_id, encode
from chalicelib.domain.cases.events import EventName, PersonTell, frozen
from chalicelib.domain.cases.timeline import Entry
from chalicelib.domain.cases.transitions import head_of
from chalicelib.domain.money.chargebacks import waits_for
from chalicelib.domain.money.refund import PartState
from chalicelib.domain.orders.order import Order
from chalicelib.domain.ports import Event


def event_of(promise: Promise, name: EventName, case: Case, order: Order | None, entry: Entry | None) -> Event:
    """The event of a promise, as its entry froze it. Its id is the promise's, so a repetition is known for one."""
    event_id = effect_id(case.case_id, encode(promise))
    if entry is not None and entry.events and name in entry.events:
        return Event(
            event_id=event_id,
            name=name,
            at=entry.at,
            detail=entry.events[name],
            seq=_number(entry, name),
            correlation_id=entry.correlation_id,
        )
    return Event(event_id=event_id, name=name, at=case.updated_at, detail=_of_0_1_0(name, case, order))


def _number(entry: Entry, name: EventName) -> int | None:
    """Which event of its order it is; None where it is not in the log."""
    return entry.log_place.first + list(entry.events or ()).index(name) if entry.log_place else None


def still_to_ask(event: Event, order: Order | None) -> Event | None:
    """The event as it may go out now: nobody is asked for parts that wait for a chargeback, which may have been opened
    since they were promised. They are asked for anew once they may go. None where nothing is left of it."""
    waits = waits_for(order) if order and event.name == EventName.REFUND_REQUESTED else {}
    if not waits:
        return event
    parts = [part for part in event.detail["parts"] if part.get("tender_id") not in waits]
    return replace(event, detail={**event.detail, "parts": parts}) if parts else None


def instead_of_mail(promise: Promise, case: Case, told: PersonTell, entry: Entry | None) -> Event:
    """The event that asks the marketplace to tell somebody what no mail can. Its id is that of the promised mail."""
    return Event(
        event_id=effect_id(case.case_id, encode(promise)),
        name=told.name,
        at=case.updated_at,
        detail=frozen(told, head_of(case, case.entries)),
        correlation_id=entry.correlation_id if entry else None,
    )


# Which refund parts an event speaks of: the provider's, or the marketplace's own vouchers and coins.
_PARTS = {
    EventName.REFUND_REQUESTED: (PartState.DUE, PartState.FAILED),
    EventName.REFUND_OVERDUE: (PartState.DUE, PartState.FAILED),
    EventName.REFUND_FAILED: (PartState.FAILED,),
    EventName.REFUND_GIVE_BACK: (PartState.GIVEN_BACK,),
}


def _of_0_1_0(name: EventName, case: Case, order: Order | None) -> dict[str, Any]:
    """What version 0.1.0 would have said: its entries hold no events, so the row is asked as it is now."""
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
    if name is EventName.ORDER_CANCELLED:
        detail["lines"] = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in case.lines.items()]
    if name is EventName.CASE_PARCEL_MOVED:
        detail["order_status"] = case.moved_to
        detail["tracking_number"] = order.tracking_number if order else None
    if name in _PARTS and case.refund:
        detail["refund_id"] = case.refund.refund_id
        detail["currency"] = case.refund.currency
        detail["parts"] = [
            {"method": part.method, "amount": part.amount} for part in case.refund.parts if part.state in _PARTS[name]
        ]
    return detail
