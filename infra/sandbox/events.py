"""What integrators were told, for people: the latest first, each as it was told."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from chalice.app import Response

from infra.sandbox.page import html


def shown(events: Sequence[Mapping[str, Any]]) -> Response:
    """The page."""
    told = "".join(map(_card, reversed(events))) or "<p>Nothing yet.</p>"
    return html("What integrators were told", _FORWARD + told)


def forwarded(url: str, secret: str) -> Response:
    """What was done with an address that was typed there."""
    said = (
        f"<p>Everything from now on goes to <code>{escape(url)}</code>, signed with <code>{escape(secret)}</code>. "
        "How it goes, and telling things again: <a href='/operations/webhooks'>webhooks</a>, as Omar the operator.</p>"
    )
    return html("Events are forwarded", said)


_FORWARD = (
    '<form method="post" action="/sandbox/forward"><label>Forward all that comes to a server of yours '
    '<input type="url" name="url" required placeholder="http://127.0.0.1:9000/hooks"></label> '
    "<button>Forward</button></form>"
)


def _card(event: Mapping[str, Any]) -> str:
    number = f"event {event['seq']} of its order" if event["seq"] else "not numbered"
    where = f"order {event['order_id']}, case {event['case_id']}, {number}, {event['time']}"
    told = json.dumps(event, indent=1, ensure_ascii=False)
    return (
        f"<article><h2>{escape(event['type'])}</h2><p>{escape(where)}</p>"
        f"<details><summary>All of it</summary><pre>{escape(told)}</pre></details></article>"
    )
