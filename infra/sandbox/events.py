"""What integrators were told, for people: the latest first, each as it was told."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from chalice.app import Response

from infra.sandbox.page import html


def shown(events: Sequence[Mapping[str, Any]]) -> Response:
    """The page."""
    return html("What integrators were told", "".join(map(_card, reversed(events))) or "<p>Nothing yet.</p>")


def _card(event: Mapping[str, Any]) -> str:
    number = f"event {event['seq']} of its order" if event["seq"] else "not numbered"
    where = f"order {event['order_id']}, case {event['case_id']}, {number}, {event['time']}"
    told = json.dumps(event, indent=1, ensure_ascii=False)
    return (
        f"<article><h2>{escape(event['type'])}</h2><p>{escape(where)}</p>"
        f"<details><summary>All of it</summary><pre>{escape(told)}</pre></details></article>"
    )
