"""The sandbox's own pages, plain on purpose: nobody should take them for the product."""

from html import escape
from typing import Any

from chalice.app import Response

from chalicelib.pages.page import address

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1e24}"
    "iframe{width:100%;height:34rem;border:1px solid #d5d9e0;border-radius:6px}article{margin:0 0 2.5rem}"
    "button{font:inherit;padding:.7rem 1.2rem;margin:.3rem 0;min-width:16rem;text-align:left;cursor:pointer}"
    "pre{white-space:pre-wrap}h2{margin-bottom:0}textarea{display:block;width:100%;font:inherit}"
)


_PAGES = (("/", "Start"), ("/sandbox/people", "People"), ("/sandbox/mails", "Mails"), ("/sandbox/events", "Events"))


def html(title: str, body: str) -> Response:
    """One page."""
    links = " &middot; ".join(f'<a href="{address(path)}">{words}</a>' for path, words in _PAGES)
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><body><h1>{escape(title)}</h1>{body}"
        f"<p>{links}</p></body></html>"
    )
    headers: dict[str, Any] = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Response(body=page, headers=headers)
