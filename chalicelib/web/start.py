"""The start page, signing in and out, the style sheet."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.case import Role
from chalicelib.domain.errors import NotFound
from chalicelib.handlers.auth import actor_of_bearer
from chalicelib.handlers.cors import READ
from chalicelib.web import sessions
from chalicelib.web.pages import FORM, Visit, asset, go, home_of, page

bp = Blueprint(__name__)


@bp.route("/", methods=READ)
@page(bp)
def start(visit: Visit) -> Response:
    """Where everybody arrives."""
    if visit.actor and visit.actor.role is Role.BUYER:
        return go("/orders")
    return visit.page("start.html.j2", home=home_of(visit.actor))


@bp.route("/sign-in", methods=READ)
@page(bp)
def sign_in_page(visit: Visit) -> Response:
    """How to sign in."""
    return visit.page("sign_in.html.j2", onward=_local(visit.query.get("next")))


@bp.route("/sign-in", methods=["POST"], content_types=[FORM])
@page(bp)
def sign_in(visit: Visit) -> Response:
    """Begin a session with a bearer token of the marketplace. Raises Invalid `unauthorized`."""
    fields = visit.form(ours=False)
    actor = actor_of_bearer(f"Bearer {fields.get('token', '')}", wiring.settings())
    return go(_local(fields.get("next")), sessions.begin(actor, wiring.settings()))


@bp.route("/sign-out", methods=["POST"], content_types=[FORM])
@page(bp)
def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.form()
    return go("/", sessions.end(wiring.settings()))


@bp.route("/static/{name}", methods=READ)
@page(bp)
def static(visit: Visit, name: str) -> Response:
    """Style sheet and script; their addresses change with their content, so they may be kept for a year."""
    if name not in _TYPES:
        raise NotFound("page")
    headers: dict[str, str | list[str]] = {
        "Content-Type": _TYPES[name],
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body=asset(name), headers=headers)


_TYPES = {"batal.css": "text/css; charset=utf-8", "batal.js": "text/javascript; charset=utf-8"}


def _local(path: str | None) -> str:
    """Only a path of ours; never another host's address."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable():
        return path
    return "/"
