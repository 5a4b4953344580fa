"""What people write to each other: the conversations of cases, the chat with customer service, help."""

from typing import Any, get_args

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.threads import Message
from chalicelib.domain.errors import Forbidden, Invalid
from chalicelib.domain.parties import Actor, Role
from chalicelib.domain.people.uses import Counted
from chalicelib.domain.ports import Page
from chalicelib.edge.bodies import SupportChannel
from chalicelib.edge.cors import READ
from chalicelib.edge.limits import LONGEST_LINE, LONGEST_MESSAGE
from chalicelib.edge.quotas import counting
from chalicelib.edge.shapes import contacts_shape
from chalicelib.links import path
from chalicelib.mail.to_support import write
from chalicelib.pages.cases import show
from chalicelib.pages.page import FORM, Form, Visit, go_instead, page
from chalicelib.pages.pressing import act_once, words_of
from chalicelib.workflow import access, support, threads

bp = Blueprint(__name__)

_CHANNELS: tuple[SupportChannel, ...] = get_args(SupportChannel)


@bp.route("/cases/{case_id}/messages", methods=["POST"], content_types=[FORM])
@page(bp)
def write_on_case(visit: Visit, case_id: str) -> Response:
    """Say something to the other parties."""
    actor = visit.signed_in()
    form = visit.form()
    try:
        text = form.text("text", LONGEST_MESSAGE)
    except Invalid as refused:
        found = access.case_for(wiring.ports(), case_id, actor)
        return show(visit, actor, found, refused=refused, status=422, typed=form, pressed="messages")
    if not text or text.isspace():
        found = access.case_for(wiring.ports(), case_id, actor)
        return show(visit, actor, found, status=422, typed=form, pressed="messages")
    return act_once(
        words_of(visit, form, actor),
        counting(
            Counted.MESSAGES, actor, lambda keep: threads.write_on_case(wiring.ports(), case_id, text, actor, keep)
        ),
        lambda message: f"/cases/{case_id}?did={message.message_id}#messages",
    )


@bp.route("/cases/{case_id}/messages", methods=READ)
@page(bp)
def earlier_on_case(visit: Visit, case_id: str) -> Response:
    """What was written before that which the case's page shows; with no such moment it is that page, where also leads
    on what was posted here."""
    actor, before = visit.signed_in(), visit.query.get("before")
    if before is None:
        return go_instead(visit, f"/cases/{case_id}")
    found = _latest(case_id, actor, before)
    return visit.page("earlier.html.j2", path=f"/cases/{case_id}", part="messages", messages=found)


@bp.route("/cases/{case_id}/timeline", methods=READ)
@page(bp)
def earlier_entries(visit: Visit, case_id: str) -> Response:
    """What happened before that which the case's page shows."""
    actor = visit.signed_in()
    found = access.latest_entries(wiring.ports(), case_id, actor, visit.query.get("before"))
    return visit.page("earlier.html.j2", path=f"/cases/{case_id}", part="timeline", entries=found)


@bp.route("/orders/{order_id}/messages", methods=READ)
@page(bp)
def earlier_on_order(visit: Visit, order_id: str) -> Response:
    """What was written before that which the page of help shows; with no such moment it is that page."""
    actor, before = visit.signed_in(), visit.query.get("before")
    if before is None:
        return go_instead(visit, path("/orders/{}/help", order_id))
    found = threads.latest_on_order(wiring.ports(), order_id, actor, before)
    return visit.page("earlier.html.j2", path=path("/orders/{}", order_id), part="messages", messages=found)


def _latest(case_id: str, actor: Actor, before: str | None = None) -> Page[Message]:
    ports = wiring.ports()
    return threads.latest_on_case(ports, access.case_for(ports, case_id, actor), actor, before)


@bp.route("/cases/{case_id}/thread", methods=READ)
@page(bp)
def case_thread(visit: Visit, case_id: str) -> Response:
    """The conversation alone, for a page that looks every two seconds."""
    actor = visit.signed_in()
    return visit.page("thread.html.j2", messages=_latest(case_id, actor).items)


@bp.route("/orders/{order_id}/thread", methods=READ)
@page(bp)
def order_thread(visit: Visit, order_id: str) -> Response:
    """The same for the chat about an order."""
    actor = visit.signed_in()
    return visit.page("thread.html.j2", messages=threads.latest_on_order(wiring.ports(), order_id, actor).items)


@bp.route("/orders/{order_id}/help", methods=READ)
@page(bp)
def get_help(visit: Visit, order_id: str) -> Response:
    """How to reach customer service: the chat, the directory, and the message written for the buyer."""
    return _help(visit, visit.signed_in(), order_id)


def _help(visit: Visit, actor: Actor, order_id: str, refused: Form | None = None, *, unsaid: bool = False) -> Response:
    if actor.role is Role.SELLER:
        raise Forbidden(actor.role, "order_messages")
    order = access.order_for(wiring.ports(), order_id, actor)
    reason = visit.query.get("reason", "")[:LONGEST_LINE].strip()
    wanted, number = support.help_for(wiring.ports(), order)
    about: dict[str, Any] = {
        "wanted": wanted,
        "number": number,
        "order_id": order.name_for_people,
        "reason": reason,
        "name": order.body.buyer.name,
        "phone": order.body.buyer.phone,
    }
    written = [write(channel, **about, locale=visit.locale) for channel in _CHANNELS] if reason else []
    return visit.page(
        "help.html.j2",
        422 if refused or unsaid else 200,
        order=order,
        messages=threads.latest_on_order(wiring.ports(), order_id, actor),
        directory=contacts_shape(support.contacts(wiring.ports()), visit.locale),
        reason=reason,
        written=written,
        too_long=refused.get("text", "") if refused else None,
        unsaid=unsaid,
    )


@bp.route("/orders/{order_id}/messages", methods=["POST"], content_types=[FORM])
@page(bp)
def write_on_order(visit: Visit, order_id: str) -> Response:
    """Ask customer service about an order."""
    actor = visit.signed_in()
    form = visit.form()
    back = path("/orders/{}/help", order_id) + "#messages"
    try:
        text = form.text("text", LONGEST_MESSAGE)
    except Invalid:
        return _help(visit, actor, order_id, form)
    if not text or text.isspace():
        return _help(visit, actor, order_id, unsaid=True)
    return act_once(
        words_of(visit, form, actor),
        counting(
            Counted.MESSAGES, actor, lambda keep: threads.write_on_order(wiring.ports(), order_id, text, actor, keep)
        ),
        lambda message: back,
    )
