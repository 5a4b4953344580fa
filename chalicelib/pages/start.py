"""The start page, signing in and out, the style sheet."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.parties import Role
from chalicelib.domain.people.uses import Counted
from chalicelib.edge.auth import actor_of_token
from chalicelib.edge.cors import READ
from chalicelib.edge.problems import PROBLEMS
from chalicelib.edge.quotas import count_bad
from chalicelib.links import is_ours
from chalicelib.pages import contract, oidc, origins, sessions
from chalicelib.pages.page import FORM, Visit, assets, away, go, go_instead, home_of, page

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
    """How to sign in: at the OpenID Connect provider where there is one."""
    onward, settings = _local(visit.query.get("next")), wiring.settings()
    if settings.oidc_issuer:
        departure = oidc.depart(settings, onward)
        return away(departure.location, sessions.signed_cookie(oidc.COOKIE, departure.cookie, settings, oidc.SECONDS))
    return visit.page("sign_in.html.j2", onward=onward, refused=False)


@bp.route(oidc.CALLBACK, methods=READ)
@page(bp)
def signed_in_elsewhere(visit: Visit) -> Response:
    """Back from the provider. Raises Invalid `unauthorized`, Unavailable."""
    settings = wiring.settings()
    if not settings.oidc_issuer:
        raise NotFound("page")
    actor, until, onward = oidc.arrive(settings, visit.query, sessions.cookie(visit.request.headers, oidc.COOKIE))
    return go(_local(onward), sessions.begin(actor, settings, until))


@bp.route("/sign-in", methods=["POST"], content_types=[FORM])
@page(bp)
def sign_in(visit: Visit) -> Response:
    """Begin a session with a bearer token of the marketplace. One that does not hold is not shown again. Raises Invalid
    `forbidden` where a page of somebody else's sent it: nobody is signed in as another without knowing."""
    fields, settings = visit.form(ours=False), wiring.settings()
    if not origins.may_sign_in(visit.request.headers, settings):
        raise Invalid("forbidden")
    onward = _local(fields.get("next"))
    try:
        actor, until = actor_of_token(fields.get("token", ""), settings)
    except Invalid as refused:
        count_bad(Counted.BAD_TOKENS, visit.request)
        return visit.page("sign_in.html.j2", PROBLEMS[refused.code][0], onward=onward, refused=True)
    return go(onward, sessions.begin(actor, settings, until))


@bp.route("/sign-in/done", methods=READ)
@page(bp)
def signed_in(visit: Visit) -> Response:
    """For who signed in beside a page that waits for them."""
    return visit.page("signed_in.html.j2", home=home_of(visit.signed_in()))


@bp.route("/sign-out", methods=["POST"], content_types=[FORM])
@page(bp)
def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.form()
    sessions.keep_ended(visit.request.headers, wiring.ports())
    return go("/", sessions.end(wiring.settings()))


@bp.route("/sign-out", methods=READ)
@page(bp)
def not_signed_out(visit: Visit) -> Response:
    """Opening it ends nothing."""
    return go_instead(visit, "/")


@bp.route("/static/{name}", methods=READ)
@page(bp)
def static(visit: Visit, name: str) -> Response:
    """Style sheets and scripts; their addresses change with their content, so they may be kept for a year."""
    text = contract.unpacked(name) if name in contract.FILES else assets().get(name)
    if text is None:
        raise NotFound("page")
    headers: dict[str, str | list[str]] = {
        "Content-Type": _TYPES[name.rpartition(".")[2]],
        "Cache-Control": "public, max-age=31536000, immutable",
    }
    return Response(body=text, headers=headers)


_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


def _local(place: str | None) -> str:
    """Only a path of ours; the start page instead of anything else."""
    return place if place and is_ours(place) else "/"
