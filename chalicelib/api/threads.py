"""Messages about orders and on cases, and evidence files."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.threads import Message
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.bodies import MessagePost
from chalicelib.edge.boundary import answer_json, boundary, call, once
from chalicelib.edge.cors import CORS, READ
from chalicelib.edge.shapes import message_shape
from chalicelib.workflow import threads

bp = Blueprint(__name__)


@bp.route("/v1/orders/{order_id}/messages", methods=[*READ, "POST"], authorizer=authorize, cors=CORS)
@boundary
def order_messages(order_id: str) -> Response:
    """A chat of buyer and customer service about an order; a case adopts it."""
    this = call(bp.current_request)
    actor = this.actor()
    if this.request.method != "POST":
        return _thread(threads.order_thread(wiring.ports(), order_id, actor))
    text = this.read(MessagePost).text
    return once(
        this,
        actor,
        lambda remember: threads.write_on_order(wiring.ports(), order_id, text, actor, remember),
        lambda message: (201, message_shape(message)),
    )


@bp.route("/v1/cases/{case_id}/messages", methods=[*READ, "POST"], authorizer=authorize, cors=CORS)
@boundary
def case_messages(case_id: str) -> Response:
    """The thread of a case."""
    this = call(bp.current_request)
    actor = this.actor()
    if this.request.method != "POST":
        return _thread(threads.case_thread(wiring.ports(), case_id, actor))
    text = this.read(MessagePost).text
    return once(
        this,
        actor,
        lambda remember: threads.write_on_case(wiring.ports(), case_id, text, actor, remember),
        lambda message: (201, message_shape(message)),
    )


def _thread(messages: Any) -> Response:
    found: list[Message] = list(messages)
    return answer_json(200, {"items": [message_shape(message) for message in found], "next_cursor": None})
