"""Messages about orders and on cases."""

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.parties import TALKS
from chalicelib.domain.people.uses import Counted
from chalicelib.edge.answer_types import Listed, MessageAnswer
from chalicelib.edge.bodies import MessagePost
from chalicelib.edge.queries import PageQuery
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import message_shape, page_shape
from chalicelib.workflow import threads

bp = Blueprint(__name__)

_OF_ORDER, _OF_CASE = "/v1/orders/{order_id}/messages", "/v1/cases/{case_id}/messages"


@route(bp, "GET", _OF_ORDER, roles=threads.TALKS_OF_ORDERS)
def list_order_messages(call: Call, order_id: str, query: PageQuery) -> Listed[MessageAnswer]:
    """The chat of buyer and customer service about an order, with what was written on its cases; oldest first."""
    page = threads.order_thread_page(wiring.ports(), order_id, call.actor, query.limit, query.cursor)
    return page_shape(page, message_shape)


@route(bp, "POST", _OF_ORDER, roles=threads.TALKS_OF_ORDERS, status=201, counted=Counted.MESSAGES, made_at=_OF_ORDER)
def post_order_message(call: Call, order_id: str, body: MessagePost) -> MessageAnswer:
    """Write about an order; a case adopts it."""
    return call.once(
        lambda keep: threads.write_on_order(wiring.ports(), order_id, body.text, call.actor, keep), message_shape
    )


@route(bp, "GET", _OF_CASE, roles=TALKS)
def list_case_messages(call: Call, case_id: str, query: PageQuery) -> Listed[MessageAnswer]:
    """The thread of a case, oldest first."""
    page = threads.case_thread_page(wiring.ports(), case_id, call.actor, query.limit, query.cursor)
    return page_shape(page, message_shape)


@route(bp, "POST", _OF_CASE, roles=TALKS, status=201, counted=Counted.MESSAGES, made_at=_OF_CASE)
def post_case_message(call: Call, case_id: str, body: MessagePost) -> MessageAnswer:
    """Write on a case."""
    return call.once(
        lambda keep: threads.write_on_case(wiring.ports(), case_id, body.text, call.actor, keep), message_shape
    )
