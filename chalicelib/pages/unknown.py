"""Addresses that nobody knows, and what Chalice itself refuses: a page for people, a problem document for machines."""

from collections.abc import Callable
from typing import Any

from chalice.app import Response

from chalicelib.edge.chalice_errors import code_of, speaks_html
from chalicelib.pages.page import Visit, refusal_page


def speak_to_people(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """HTTP middleware: what Chalice refuses is a page of ours where a browser asks for one, outside the API."""
    response = get_response(event)
    code = code_of(event, response)
    if code is None or not speaks_html(event):
        return response
    page = refusal_page(Visit(event), code)
    if code == "method_not_allowed":
        page.headers = {**page.headers, "Allow": response.headers["Allow"]}
    return page
