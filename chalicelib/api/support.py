"""Help: how to reach customer service, and the message to it, written for the buyer (docs/rules.md R38, R39)."""

import msgspec
from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import as_id
from chalicelib.domain.parties import SEES_ORDERS
from chalicelib.domain.people.contacts import Contact
from chalicelib.domain.people.help import Wanted
from chalicelib.edge.answer_types import ContactsAnswer, HelpAnswer
from chalicelib.edge.bodies import ContactsPut, HelpPost
from chalicelib.edge.route import Call, route
from chalicelib.edge.shapes import contacts_shape
from chalicelib.locales import known
from chalicelib.mail.to_support import write
from chalicelib.workflow import support
from chalicelib.workflow.access import order_for

bp = Blueprint(__name__)


@route(bp, "GET", "/v1/support/contacts")
def get_contacts(call: Call) -> ContactsAnswer:
    """How to reach customer service, each way with the day it was last checked, and the advice to verify it."""
    return contacts_shape(support.contacts(wiring.ports()), call.locale)


@route(bp, "PUT", "/v1/support/contacts", roles=support.WRITERS)
def put_contacts(call: Call, body: ContactsPut) -> ContactsAnswer:
    """Keep the whole directory."""
    contacts = msgspec.convert(body.items, list[Contact], from_attributes=True)
    return contacts_shape(support.save_contacts(wiring.ports(), call.actor, contacts), call.locale)


@route(bp, "POST", "/v1/support/messages", roles=SEES_ORDERS)
def post_help_message(call: Call, body: HelpPost) -> HelpAnswer:
    """The message to customer service, ready to copy, for what the order's state suggests. Refused while order number
    or reason is missing."""
    wanted, number = _help_for(call, body.order_id)
    written = write(
        body.channel,
        wanted=wanted,
        number=number,
        order_id=body.order_id,
        reason=body.reason,
        name=body.name,
        phone=body.phone,
        locale=known(body.locale),
    )
    return {"channel": written["channel"], "subject": written["subject"], "text": written["text"]}


def _help_for(call: Call, typed: str | None) -> tuple[Wanted, str | None]:
    """What is wanted for the order that was typed. Somebody else's, or none at all, is as if nothing were known."""
    order_id = as_id(typed or "")
    try:
        order = order_for(wiring.ports(), order_id, call.actor) if order_id else None
    except NotFound:
        order = None
    return support.help_for(wiring.ports(), order) if order else (Wanted.CANCELLATION, None)
