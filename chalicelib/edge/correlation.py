"""One number per request, by which all that came of it is found: log lines, the answer, the entry of the timeline, the
mail, the event. The caller's own (`X-Request-Id`, else the trace of `traceparent`) where it is harmless, else one that
is made."""

import logging
import re
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from chalice.app import Request, Response

from chalicelib import wiring

HEADER = "X-Request-Id"

# What no log, mail or page could take for anything else: numbers of the usual makers have no other signs.
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
# W3C Trace Context: version, trace, parent, flags.
_TRACE = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


def carry_correlation(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """HTTP middleware, around all others: whatever is done for this request knows its number, and it is answered."""
    name_log_lines()
    number = id_of(event)
    with wiring.correlated(number):
        response = get_response(event)
    response.headers = {**response.headers, HEADER: number}
    return response


def id_of(request: Request) -> str:
    """The number of a request."""
    told = str(request.headers.get(HEADER.lower(), ""))
    if _HARMLESS.fullmatch(told):
        return told
    if trace := _TRACE.fullmatch(str(request.headers.get("traceparent", ""))):
        return trace[1]
    # API Gateway's own stands in its logs, too.
    ours = str((request.context or {}).get("requestId", ""))
    return ours if _HARMLESS.fullmatch(ours) else uuid.uuid4().hex


@cache
def name_log_lines() -> None:
    """From now on every log line of a request says its number, whoever writes it."""
    plain = logging.getLogRecordFactory()

    def named(*args: Any, **more: Any) -> logging.LogRecord:
        record = plain(*args, **more)
        if number := wiring.correlation_id():
            record.correlation_id = number
        return record

    logging.setLogRecordFactory(named)
