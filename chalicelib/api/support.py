"""Help: how to reach customer service, and the message to it, written for the buyer (docs/rules.md R38, R39)."""

from typing import Any

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Forbidden
from chalicelib.domain.parties import Role
from chalicelib.domain.ports import Ports
from chalicelib.edge.answer_types import ContactsAnswer
from chalicelib.edge.authorizer import authorize
from chalicelib.edge.bodies import ContactsPut, HelpPost
from chalicelib.edge.boundary import answer_json, boundary, call
from chalicelib.edge.cors import CORS, READ
from chalicelib.locales import known, say
from chalicelib.mail.to_support import write

bp = Blueprint(__name__)

_CONTACTS = "support_contacts"


@bp.route("/v1/support/contacts", methods=READ, cors=CORS)
@boundary
def get_contacts() -> Response:
    """The directory: what the operator configured, each with the day it was last checked, and the advice to verify."""
    return answer_json(200, contacts(wiring.ports(), call(bp.current_request).locale))


def contacts(ports: Ports, locale: str) -> ContactsAnswer:
    """The directory in one language."""
    kept = ports.store.setting(_CONTACTS) or {"items": []}
    return {
        "items": [
            contact | {"usual_time": say(f"help.usual_time.{contact['channel']}", locale)} for contact in kept["items"]
        ],
        "advice": say("help.verify", locale),
        "have_ready": [say(f"help.ready.{each}", locale) for each in ("order_number", "product", "reason")],
        "next_cursor": None,
    }


@bp.route("/v1/support/contacts", methods=["PUT"], authorizer=authorize, cors=CORS)
@boundary
def put_contacts() -> Response:
    """The operator keeps the directory."""
    this = call(bp.current_request)
    actor = this.actor()
    if actor.role is not Role.OPERATOR:
        raise Forbidden(actor.role, "keep_contacts")
    kept: dict[str, Any] = msgspec.to_builtins(this.read(ContactsPut))
    wiring.ports().store.put_setting(_CONTACTS, kept)
    return answer_json(200, kept)


@bp.route("/v1/support/messages", methods=["POST"], authorizer=authorize, cors=CORS)
@boundary
def post_help_message() -> Response:
    """The message to customer service, ready to copy. Refused while order number or reason is missing."""
    this = call(bp.current_request)
    this.actor()
    given = this.read(HelpPost)
    written = write(
        given.channel,
        order_id=given.order_id,
        reason=given.reason,
        name=given.name,
        phone=given.phone,
        locale=known(given.locale),
    )
    return answer_json(200, written)
