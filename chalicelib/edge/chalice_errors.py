"""Chalice's own refusals (405, 415, a body it cannot read) as problem documents like all others; its 500, too, which it
says where not even the page about a failure could be made."""

from collections.abc import Callable
from typing import Any

from chalice.app import Response

from chalicelib.edge.boundary import answer_problem

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
    if response.status_code in _CODES and isinstance(response.body, dict) and "Code" in response.body:
        mended = answer_problem(_CODES[response.status_code])
        kept = {name: value for name, value in response.headers.items() if name.lower() != "content-type"}
        mended.headers = {**kept, **mended.headers}
        return mended
    return response
