"""Whoever the marketplace hands over arrives: opening signs nobody in, pressing the button does, once.

The address could be somebody else's, sent by mail or chat, so that its reader acts as them (login CSRF): the page says
who it is that goes on. Who comes from the marketplace's own site is led on without a press where scripts run.
"""

import time
from contextlib import suppress

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid, Refused
from chalicelib.domain.parties import Actor
from chalicelib.edge import hand_overs
from chalicelib.edge.cors import READ
from chalicelib.pages import origins, sessions
from chalicelib.pages.link_cookies import is_whole, put_away, token_behind
from chalicelib.pages.page import FORM, Visit, go, page

bp = Blueprint(__name__)

_PLACE = "/hand-over/{token}"


@bp.route(_PLACE, methods=READ)
@page(bp)
def arrive(visit: Visit, token: str) -> Response:
    """Who goes on, and the button. The address leaves the address bar first."""
    if is_whole(token):
        try:
            one = hand_overs.at_address(token)
        except Refused:
            told = hand_overs.said_at(token)
            if _is_in(visit, told.actor):
                return go(told.onward)  # there already: nothing is to be opened
            raise
        known = _is_in(visit, one.actor) or (
            visit.actor is None and origins.comes_from_us(visit.request.headers, wiring.settings())
        )
        here = hand_overs.opened(one, known=known)
        return put_away(visit, "/hand-over/{}", here, hand_overs.WAITS_FOR)
    one = hand_overs.held(token_behind(visit, token))
    other = None if _is_in(visit, one.actor) else visit.actor
    return visit.page("hand_over.html.j2", who=one.actor, other=other, at_once=one.known)


@bp.route(_PLACE, methods=["POST"], content_types=[FORM])
@page(bp)
def go_on(visit: Visit, token: str) -> Response:
    """Begin the session. Raises Invalid `link_invalid`, Refused `hand_over_used`, `hand_over_over`."""
    if is_whole(token):
        raise Invalid("link_invalid")
    one = hand_overs.held(token_behind(visit, token))
    if _is_in(visit, one.actor):
        # There already, or pressed once more after going back; it opens nothing any more in either case.
        with suppress(Refused):
            hand_overs.use(one)
        return go(one.onward)
    visit.form()
    hand_overs.use(one)
    settings = wiring.settings()
    return go(one.onward, sessions.begin(one.actor, settings, int(time.time()) + sessions.LONGEST))


def _is_in(visit: Visit, actor: Actor) -> bool:
    """Whether it is this very person who is signed in here."""
    here = visit.actor
    return here is not None and (here, here.person) == (actor, actor.person)
