"""Chalice's own refusals (an address that nobody knows, 405, 415, a body it cannot read) as problem documents like all
others; its 500, too, which it says where not even the page about a failure could be made."""

from collections.abc import Callable
from typing import Any

from chalice.app import Request, Response

from chalicelib.edge.boundary import UNKNOWN, answer_problem, path_of

# Under which addresses machines alone are at home.
_MACHINES = ("/v1/", "/health", "/openapi.json")
_CODES = {
    400: "malformed_json",
    404: "not_found",
    405: "method_not_allowed",
    415: "unsupported_media_type",
    500: "internal_error",
}


def speak_problem_json(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """HTTP middleware: views answer for themselves; only what Chalice itself refused is rewritten."""
    response = get_response(event)
    if code := code_of(event, response):
        mended = answer_problem(code)
        # Of an address that nobody knows no method is allowed.
        without = ("content-type", "allow") if code == "not_found" else ("content-type",)
        kept = {name: value for name, value in response.headers.items() if name.lower() not in without}
        mended.headers = {**kept, **mended.headers}
        return mended
    return response


def code_of(request: Request, response: Response) -> str | None:
    """The code of what Chalice itself refused; None for answers of ours."""
    if response.status_code not in _CODES or not isinstance(response.body, dict) or "Code" not in response.body:
        return None
    return "not_found" if request.path == UNKNOWN else _CODES[response.status_code]


def speaks_html(request: Request) -> bool:
    """Whether a browser asks for a page."""
    place = path_of(request)
    if any(place == each.rstrip("/") or place.startswith(each) for each in _MACHINES):
        return False
    return "text/html" in str(request.headers.get("accept", ""))
