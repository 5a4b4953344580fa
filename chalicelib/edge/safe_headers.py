"""What every answer carries, whoever gives it: nobody on the way keeps it or takes it for another kind, and browsers
come back over https alone."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Response

# A year. Not of other hosts below ours, which are the marketplace's.
SAFE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


def carry_safe_headers(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """HTTP middleware, around all others. What an answer says by itself counts: style sheets are kept for a year."""
    response = get_response(event)
    said = {name.lower() for name in response.headers}
    missing = {name: value for name, value in SAFE_HEADERS.items() if name.lower() not in said}
    response.headers = {**response.headers, **missing}
    return response
