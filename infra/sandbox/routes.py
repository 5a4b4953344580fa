"""Routes that only the sandbox has: tokens, the outbox, events, outages, the clock, a new beginning, people to be."""

from collections.abc import Callable
from dataclasses import asdict
from html import escape
from typing import Annotated
from urllib.parse import parse_qs

import msgspec
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.cases.webhooks import EVERY
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.parties import Actor, Role
from chalicelib.edge.boundary import answer_json, boundary, received
from chalicelib.edge.limits import LONGEST_TYPED_ID
from chalicelib.edge.moving import workers
from chalicelib.edge.signatures import Sender, secrets_of
from chalicelib.pages.page import address
from chalicelib.workflow import counting, rounds, webhooks
from chalicelib.workflow.sweeping import sweep
from infra.sandbox import tokens
from infra.sandbox.aws import outbox
from infra.sandbox.clock import SandboxClock
from infra.sandbox.design import design
from infra.sandbox.events import forwarded, shown
from infra.sandbox.history import Made, said_of, shops_to_be
from infra.sandbox.outage import Service, events, outage
from infra.sandbox.page import html
from infra.sandbox.providers.street import House, calls_go_out, street
from infra.sandbox.providers.till import Behaviour
from infra.sandbox.seed import PEOPLE
from infra.sandbox.telling import tell_webhooks

# A year at most in one go: nobody waits longer for a seller.
_FARTHEST = 366 * 86400
# Who has events forwarded to an address that was typed on the page.
_FORWARDER = Actor(role=Role.OPERATOR, id="omar")


class TokenPost(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Whom the token speaks for."""

    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TYPED_ID)]
    role: Role
    seller_id: str | None = None


class ClockPost(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How far to move the clock, in seconds."""

    advance_seconds: Annotated[int, msgspec.Meta(ge=0, le=_FARTHEST)]


class OutagePost(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which services go away, or come back; no service and `down: false` brings all of them back."""

    services: tuple[Service, ...] = ()
    down: bool

    def __post_init__(self) -> None:
        """Raises ValueError where no service is named that could go away."""
        if self.down and not self.services:
            raise ValueError("services: say which go away")


class ProviderPost(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How a fake provider behaves from now on."""

    behaviour: Behaviour


def sandbox_routes(clock: SandboxClock, begin_anew: Callable[[], None], make_history: Callable[[], Made]) -> Blueprint:
    """The blueprint for one sandbox."""
    bp = Blueprint("infra.sandbox.routes")

    @bp.route("/sandbox/token", methods=["POST"])
    @boundary
    def post_token() -> Response:
        given = received(bp.current_request).read(TokenPost)
        if given.role is Role.SELLER and not given.seller_id:
            raise Invalid("validation_failed", errors=[{"field": "seller_id", "message": "a seller's token needs it"}])
        return answer_json(201, {"token": tokens.token(given.sub, given.role, given.seller_id)})

    @bp.route("/sandbox/outbox", methods=["GET"])
    @boundary
    def get_outbox() -> Response:
        wanted = received(bp.current_request).query.get("to")
        return answer_json(200, {"items": [asdict(mail) for mail in outbox() if wanted in (None, mail.to)]})

    @bp.route("/sandbox/clock", methods=["GET"])
    @boundary
    def get_clock() -> Response:
        return answer_json(200, {"now": clock()})

    @bp.route("/sandbox/clock", methods=["POST"])
    @boundary
    def post_clock() -> Response:
        clock.advance(received(bp.current_request).read(ClockPost).advance_seconds)
        swept = sweep(wiring.ports())
        calls_go_out(wiring.ports())
        tell_webhooks(wiring.ports())
        counting.catch_up(wiring.ports())
        rounds.go_on(wiring.ports(), workers())
        return answer_json(200, {"now": clock(), "swept": asdict(swept)})

    @bp.route("/sandbox/outage", methods=["POST"])
    @boundary
    def post_outage() -> Response:
        given = received(bp.current_request).read(OutagePost)
        return answer_json(200, {"down": sorted(outage(given.services, down=given.down))})

    @bp.route("/sandbox/events", methods=["GET"])
    @boundary
    def get_events() -> Response:
        wants_page = "text/html" in str(bp.current_request.headers.get("accept", ""))
        return shown(events()) if wants_page else answer_json(200, {"items": events()})

    @bp.route("/sandbox/forward", methods=["POST"], content_types=["application/x-www-form-urlencoded"])
    @boundary
    def post_forward() -> Response:
        form = bp.current_request.raw_body
        given = parse_qs(form if isinstance(form, str) else form.decode())
        url = given.get("url", [""])[0]
        made = webhooks.create(wiring.ports(), _FORWARDER, url, (EVERY,))
        return forwarded(made.url, webhooks.secret(wiring.ports(), made))

    @bp.route("/sandbox/secrets", methods=["GET"])
    @boundary
    def get_secrets() -> Response:
        settings = wiring.settings()
        return answer_json(200, {sender: secrets_of(sender, settings)[0] for sender in Sender})

    @bp.route("/sandbox/providers/{name}", methods=["GET"])
    @boundary
    def get_provider(name: str) -> Response:
        return answer_json(200, _house(name).fake.till.shown())

    @bp.route("/sandbox/providers/{name}", methods=["POST"])
    @boundary
    def post_provider(name: str) -> Response:
        till = _house(name).fake.till
        till.behaviour = received(bp.current_request).read(ProviderPost).behaviour
        return answer_json(200, till.shown())

    @bp.route("/sandbox/reset", methods=["POST"])
    @boundary
    def post_reset() -> Response:
        begin_anew()
        return answer_json(200, {"now": clock()})

    @bp.route("/sandbox/history", methods=["POST"])
    @boundary
    def post_history() -> Response:
        made = make_history()
        return answer_json(200, {"ended": made.ended, "waiting": made.waiting, "said": said_of(made)})

    @bp.route("/sandbox/people", methods=["GET"])
    @boundary
    def get_people() -> Response:
        onward = received(bp.current_request).query.get("next", "/")
        known = {sub for sub, _, _ in PEOPLE}
        shops = [(shop.seller_id, shop.name, kind) for kind, shop in shops_to_be(wiring.ports())]
        more = [(sub, Role.SELLER, f"{name}, {kind}") for sub, name, kind in shops if sub not in known]
        return html("Who do you want to be?", "".join(_person_form(*person, onward) for person in (*PEOPLE, *more)))

    @bp.route("/sandbox/design", methods=["GET"])
    @boundary
    def get_design() -> Response:
        return design()

    return bp


def _house(name: str) -> House:
    house = street().get(name)
    if house is None:
        raise NotFound("provider")
    return house


def _person_form(sub: str, role: str, name: str, onward: str) -> str:
    token = tokens.token(sub, role, sub if role == Role.SELLER else None, {"name": name})
    return (
        f'<form method="post" action="{address("/sign-in")}"><input type="hidden" name="token" value="{token}">'
        f'<input type="hidden" name="next" value="{escape(onward)}">'
        f"<button>{escape(name)} <small>{role}</small></button></form>"
    )
