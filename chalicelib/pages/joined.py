"""What a case's page shows of conversations that are joined with its own."""

from typing import Any

from chalicelib import wiring
from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.joining import joined_with, may_join
from chalicelib.domain.orders.order import Order
from chalicelib.domain.parties import Actor
from chalicelib.workflow.joining import JOINERS, beside


def joined_conversations(found: Case, order: Order, actor: Actor) -> dict[str, Any]:
    """Where its conversation goes on, whose goes on in it, and, for customer service, in which it may go on."""
    others = beside(wiring.ports(), found, order)
    joined = joined_with(found, others)
    return {
        "joined_ids": frozenset(each.case_id for each in joined),
        "leads_to": next((each for each in joined if each.case_id == found.goes_on_in), None),
        "led_here": [each for each in joined if each.goes_on_in == found.case_id],
        "may_join": [each for each in others if may_join(found, each, others)] if actor.role in JOINERS else [],
    }
