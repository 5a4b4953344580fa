"""Links from mails leave the address bar: what a signed link says lies in a cookie of that one page, whose address is a
digest that opens nothing by itself. So the link is in no history, no screenshot and no address that somebody copies."""

import hashlib
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib import wiring
from chalicelib.domain.errors import Invalid
from chalicelib.pages import sessions
from chalicelib.pages.page import Visit, address, away

COOKIE = "batal_link"
_SECONDS = 12 * 3600


def is_whole(token: str) -> bool:
    """Whether this is a signed link's token, as mails carry it; else it is the name of one."""
    return "." in token


def name_of(token: str) -> str:
    """What stands in the address instead of a token."""
    return hashlib.sha256(f"link|{token}".encode()).hexdigest()[:20]


def put_away(visit: Visit, pattern: str, token: str, seconds: int = _SECONDS) -> Response:
    """On from a mail's link to the page's own address. Changes nothing, and works as often as the mail is opened."""
    clean, told = address(pattern, name_of(token)), visit.request.query_params
    asked = urlencode([(name, value) for name in told or () for value in told.getlist(name)]) if told else ""
    cookie = sessions.signed_cookie(COOKIE, token, wiring.settings(), seconds, path=clean)
    return away(f"{clean}?{asked}" if asked else clean, cookie)


def token_behind(visit: Visit, given: str) -> str:
    """The token of a page's address: itself where it came whole (pages drawn before the address was cleaned), else what
    this browser keeps for it. Raises Invalid `link_invalid` where it keeps none."""
    if is_whole(given):
        return given
    kept = sessions.cookie(visit.request.headers, COOKIE) or ""
    if name_of(kept) != given:
        raise Invalid("link_invalid")
    return kept
